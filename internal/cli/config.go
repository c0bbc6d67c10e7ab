package cli

import (
	"log/slog"

	"oasis/internal/config"
)

type configCommand struct {
	Check configCheckCommand `cmd:"" help:"Read the configuration and tell everything that is wrong with it."`
	Show  configShowCommand  `cmd:"" help:"Print the options in force and where each comes from. Secrets are hidden."`
}

type configCheckCommand struct{ place }

// Run checks the configuration; the exit status is 2 when the server would not start.
func (c *configCheckCommand) Run(r *run) error {
	opts, err := c.options(r)
	if err != nil {
		return err
	}
	if err := config.Check(r.streams.Out, opts); err != nil {
		return &silent{err}
	}
	return nil
}

// silent is an error that has been printed already.
type silent struct{ err error }

func (s *silent) Error() string { return s.err.Error() }

type configShowCommand struct {
	place
	Section []string `arg:"" optional:"" help:"Only these sections."`
}

// Run shows the configuration.
func (c *configShowCommand) Run(r *run) error {
	cfg, _, err := c.load(r, slog.New(slog.NewTextHandler(r.streams.Err, nil)))
	if err != nil {
		return err
	}
	return cfg.Show(r.streams.Out, c.Section...)
}
