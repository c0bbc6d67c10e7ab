// Package cli is the command line: one file per verb. Commands that administer
// talk to the running server of the data directory, or open the directory
// themselves when no server runs.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"

	"github.com/alecthomas/kong"

	"oasis/internal/app"
	"oasis/internal/config"
)

// Streams are the standard streams of a command.
type Streams struct {
	In  io.Reader
	Out io.Writer
	Err io.Writer
}

// The exit statuses that scripts rely on.
const (
	exitOK      = 0
	exitFault   = 1 // something went wrong
	exitUsage   = 2 // the command line or the configuration is wrong
	exitRefused = 3 // understood, and not possible as asked
)

// commands is the whole command line.
type commands struct {
	Serve    serveCommand    `cmd:"" help:"Run the server."`
	User     userCommand     `cmd:"" help:"Manage accounts."`
	Token    tokenCommand    `cmd:"" help:"Manage personal access tokens."`
	Key      keyCommand      `cmd:"" help:"Manage the keys that sign access tokens."`
	Login    loginCommand    `cmd:"" help:"Sign in to a server from this computer; somebody agrees in a browser."`
	Logout   logoutCommand   `cmd:"" help:"End the sign-in to a server."`
	Whoami   whoamiCommand   `cmd:"" help:"Print who you are at a server."`
	Upload   uploadCommand   `cmd:"" help:"Send files and folders to an upload; goes on after a break."`
	Audit    auditCommand    `cmd:"" help:"Show who did what, newest first."`
	Explain  explainCommand  `cmd:"" help:"Tell why somebody may or may not do something."`
	Config   configCommand   `cmd:"" help:"Check or show the configuration."`
	Doctor   doctorCommand   `cmd:"" help:"Look for what is wrong, or soon will be, whether the server runs or not."`
	Demo     demoCommand     `cmd:"" help:"Load the example data as uploads of a user."`
	Scopes   scopesCommand   `cmd:"" help:"List the scopes and what each allows."`
	Licenses licensesCommand `cmd:"" help:"Print the licenses of the software inside."`
	Version  versionCommand  `cmd:"" help:"Print the version."`
}

// run is what every command gets.
type run struct {
	ctx     context.Context
	env     []string
	streams Streams
}

// Main runs one command and gives its exit status.
func Main(ctx context.Context, args, env []string, streams Streams) int {
	var c commands
	exited := -1
	parser, err := kong.New(&c,
		kong.Name("oasis"),
		kong.Description("A self-hosted research-data server that speaks the API of NOMAD Oasis 2.0."),
		kong.Writers(streams.Out, streams.Err),
		kong.Exit(func(code int) { exited = code }),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
		kong.UsageOnError(),
	)
	if err != nil {
		return report(streams, fmt.Errorf("set up the command line: %w", err))
	}
	if len(args) == 0 {
		args = []string{"--help"}
	}
	parsed, err := parser.Parse(args)
	if exited >= 0 { // --help has been printed
		return exited
	}
	if err != nil {
		fmt.Fprintf(streams.Err, "oasis: %s\nTry: oasis --help\n", err)
		return exitUsage
	}
	return report(streams, parsed.Run(&run{ctx: ctx, env: env, streams: streams}))
}

// report prints an error as a person can use it and gives the exit status.
func report(streams Streams, err error) int {
	var problems config.Problems
	var refusal *app.RefusalError
	var printed *silent
	var found *diagnosis
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &found):
		return found.status
	case errors.As(err, &printed):
		return exitUsage
	case errors.As(err, &problems):
		fmt.Fprintf(streams.Err, "%s\n", problems)
		return exitUsage
	case errors.As(err, &refusal):
		fmt.Fprintf(streams.Err, "oasis: %s\n", refusal.Text)
		return exitRefused
	default:
		fmt.Fprintf(streams.Err, "oasis: %s\n", err)
		return exitFault
	}
}

// place are the flags that say where the server keeps its things.
type place struct {
	Data   string   `help:"Folder that holds everything the server keeps." default:"./data" type:"path" placeholder:"DIR"`
	Config []string `help:"Configuration file; may be repeated, later ones win. Default: nomad.yaml in the working directory, else in the data folder." type:"path" placeholder:"FILE"`
}

// options says where the configuration is.
func (p *place) options(r *run) (config.Options, error) {
	wd, err := os.Getwd()
	if err != nil {
		return config.Options{}, fmt.Errorf("find the working directory: %w", err)
	}
	return config.Options{Files: p.Config, DataDir: p.Data, WorkDir: wd, Env: r.env}, nil
}

// load reads the configuration and tells where it came from; notices go to the log.
func (p *place) load(r *run, log *slog.Logger) (*config.Config, config.Options, error) {
	opts, err := p.options(r)
	if err != nil {
		return nil, opts, err
	}
	cfg, notices, err := config.Load(opts)
	for _, n := range notices {
		log.Log(r.ctx, n.Level, n.Text)
	}
	return cfg, opts, err
}

// call does an administrative verb, in the server or, when none runs, here.
func (p *place) call(r *run, verb string, in, out any) error {
	log := slog.New(slog.NewTextHandler(r.streams.Err, &slog.HandlerOptions{Level: slog.LevelWarn}))
	cfg, sources, err := p.load(r, log)
	if err != nil {
		return err
	}
	opts := app.Options{Config: cfg, Sources: sources, DataDir: p.Data, Log: log, Version: version()}
	return app.Call(r.ctx, opts, verb, in, out)
}
