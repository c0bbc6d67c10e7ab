package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"oasis/internal/access"
	"oasis/internal/access/audit"
	"oasis/internal/config"
	"oasis/internal/problem"
)

// settings is the configuration in force with the policy made of it. Both are
// replaced as wholes; who reads them once sees one state.
type settings struct {
	dir     *DataDir
	sources config.Options
	log     *slog.Logger
	now     func() time.Time
	state   atomic.Pointer[settingsState]
	audit   audit.Recorder
	// tell lets other servers read the settings again; nil = there are none.
	tell func(context.Context)

	mu   sync.Mutex // one change at a time
	seen fingerprint
	lost bool // a file in seen is gone
}

type settingsState struct {
	config *config.Config
	policy *access.Policy
	// publicURL is config.PublicURL(), which every request asks for.
	publicURL string
	// since is when the files were read that are in force.
	since time.Time
	// reload tells how the last reading went.
	reload reload
}

// reload is how a reading of the configuration files went.
type reload struct {
	at time.Time
	// trouble is nil when what was read is in force.
	trouble error
	// restart lists options that have changed and wait for the next start.
	restart []string
}

func newSettings(dir *DataDir, opts Options) (*settings, error) {
	s := &settings{dir: dir, sources: opts.Sources, log: opts.Log, now: opts.Now, audit: audit.Nowhere{}}
	s.seen = s.look()
	next, err := s.stateOf(opts.Config)
	if err != nil {
		return nil, err
	}
	s.state.Store(next)
	return s, nil
}

// stateOf makes the state of a configuration that has just been read.
func (s *settings) stateOf(cfg *config.Config) (*settingsState, error) {
	policy, err := policyOf(cfg)
	if err != nil {
		return nil, err
	}
	at := s.now()
	return &settingsState{config: cfg, policy: policy, publicURL: cfg.PublicURL(), since: at, reload: reload{at: at}}, nil
}

func (s *settings) config() *config.Config { return s.state.Load().config }
func (s *settings) policy() *access.Policy { return s.state.Load().policy }
func (s *settings) publicURL() string      { return s.state.Load().publicURL }

// listening tells the address that was opened, on which links fall back (see
// [config.Config.PublicURL]). It is called once, before there are requests.
func (s *settings) listening(address string) {
	s.config().Listen = address
	next := *s.state.Load()
	next.publicURL = next.config.PublicURL()
	s.state.Store(&next)
}

// draft reads the configuration as it would be with some options, by their dotted
// keys, set on a page, and gives the settings file that says so. Options that a
// file or the environment sets are a 409 that says where; the error for other
// things that are not possible wraps config.Problems. Nothing is changed. The
// caller holds mu.
func (s *settings) draft(options map[string]any) (*settingsState, []byte, error) {
	before := s.config()
	for key := range options {
		if before.Locked(key) {
			return nil, nil, problem.Clash("%s is set in %s; change it there.", key, before.Origin(key))
		}
	}
	if s.seen.emptied(s.look()) { // what is gone would open the server
		return nil, nil, problem.Clash("Nothing can be changed here: a configuration file is gone or empty. Put it back, or restart the server.")
	}
	old, err := os.ReadFile(s.dir.Join(config.SettingsFile))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, nil, fmt.Errorf("read settings: %w", err)
	}
	text, err := config.EditSettings(old, options)
	if err != nil {
		return nil, nil, err
	}
	sources := s.sources
	sources.Settings = text
	cfg, _, err := config.Load(sources)
	if err != nil {
		return nil, nil, s.impossible(err)
	}
	restart := cfg.KeepUntilRestart(before)
	next, err := s.stateOf(cfg)
	if err != nil {
		return nil, nil, s.impossible(err)
	}
	next.reload.restart = restart
	return next, text, nil
}

// impossible is the refusal of settings that cannot be read. A file that is broken
// anyway is told apart: what was chosen on the page may be right.
func (s *settings) impossible(err error) error {
	var wrong config.Problems
	if errors.As(err, &wrong) {
		for _, p := range wrong {
			if p.Source != s.sources.SettingsPath() {
				return problem.Clash("Nothing can be changed here until the configuration is repaired. %s", firstLine(p)).Because(err)
			}
		}
	}
	return problem.Bad("These settings are not possible. Nothing was changed.").Because(err)
}

// save writes options (by dotted key) that were chosen on a page into the
// settings file and puts them in force for the next request. Nothing is written
// that the configuration refuses.
func (s *settings) save(ctx context.Context, options map[string]any) error {
	return s.saveIf(ctx, func(*settingsState) (map[string]any, error) { return options, nil }, nil)
}

// saveIf is save for options that depend on those in force, and a state that mayBe
// can refuse before anything is written.
func (s *settings) saveIf(
	ctx context.Context, choose func(*settingsState) (map[string]any, error), mayBe func(*settingsState) error,
) error {
	if s.tell != nil { // another server may be changing them
		release, err := s.dir.lockSettings()
		if err != nil {
			return err
		}
		defer release()
		s.reread(ctx, false)
		defer s.tell(ctx)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	options, err := choose(s.state.Load())
	if err != nil || len(options) == 0 {
		return err
	}
	next, text, err := s.draft(options)
	if err != nil {
		return err
	}
	if mayBe != nil {
		if err := mayBe(next); err != nil {
			return err
		}
	}
	if err := config.ReplaceFile(s.dir.Join(config.SettingsFile), text); err != nil {
		return err
	}
	s.seen = s.look()
	s.state.Store(next)
	s.recordChange(ctx, next.config, options)
	return nil
}
