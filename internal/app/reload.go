package app

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"slices"
	"strings"
	"time"

	"oasis/internal/access/audit"
	"oasis/internal/config"
)

// fingerprint tells the configuration files apart from what they were before, by path.
type fingerprint map[string]fileState

// fileState is a file at one moment.
type fileState struct {
	// found is false for a file that is not there or cannot be read.
	found bool
	empty bool
	sum   [sha256.Size]byte
}

func (f fingerprint) same(other fingerprint) bool {
	if len(f) != len(other) {
		return false
	}
	for path, state := range f {
		if was, ok := other[path]; !ok || was != state {
			return false
		}
	}
	return true
}

// look reads the files that the configuration is made of.
func (s *settings) look() fingerprint {
	now := fingerprint{}
	for _, path := range s.sources.Paths() {
		text, err := os.ReadFile(path)
		if err == nil || errors.Is(err, fs.ErrNotExist) {
			now[path] = fileState{found: err == nil, empty: len(text) == 0, sum: sha256.Sum256(text)}
		} else {
			now[path] = fileState{sum: sha256.Sum256([]byte(err.Error()))}
		}
	}
	return now
}

// missing gives a file that was read before and is gone, or "".
func (f fingerprint) missing(now fingerprint) string {
	for _, path := range slices.Sorted(keysOf(f)) {
		if f[path].found && !now[path].found {
			return path
		}
	}
	return ""
}

// emptied tells whether a file has lost all its content: editors that write in
// place leave it like that for a moment.
func (f fingerprint) emptied(now fingerprint) bool {
	for path, was := range f {
		if is := now[path]; was.found && !was.empty && (!is.found || is.empty) {
			return true
		}
	}
	return false
}

func keysOf(f fingerprint) func(func(string) bool) {
	return func(yield func(string) bool) {
		for path := range f {
			if !yield(path) {
				return
			}
		}
	}
}

// reread puts the configuration files in force if they have changed. A file that
// cannot be used changes nothing: the configuration in force stays, the log says
// why, and so does the administrator's page. patient is true while a file that is
// gone or empty may be on its way back; doubt then tells to look again later.
func (s *settings) reread(ctx context.Context, patient bool) (doubt bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.look()
	if now.same(s.seen) && !s.lost {
		return false
	}
	if patient && s.seen.emptied(now) {
		return true
	}
	before := s.state.Load()
	gone := s.seen.missing(now)
	if s.lost = gone != ""; s.lost {
		// Nobody meant to open the server by losing its configuration; s.seen keeps the file, so that its return is noticed.
		s.keep(ctx, before, fmt.Errorf("%s is gone", gone))
		return false
	}
	s.seen = now
	cfg, notices, err := config.Load(s.sources)
	for _, n := range notices {
		s.log.Log(ctx, n.Level, n.Text)
	}
	var next *settingsState
	var restart []string
	if err == nil {
		restart = cfg.KeepUntilRestart(before.config)
		next, err = s.stateOf(cfg)
	}
	if err != nil {
		s.keep(ctx, before, err)
		return false
	}
	next.reload.restart = restart
	s.state.Store(next)
	s.announce(ctx, before.config, next)
	return false
}

// keep leaves the configuration in force as it is and says why.
func (s *settings) keep(ctx context.Context, before *settingsState, why error) {
	last := before.reload.trouble
	stays := *before
	stays.reload = reload{at: s.now(), trouble: why, restart: before.reload.restart}
	s.state.Store(&stays)
	if last != nil && last.Error() == why.Error() {
		return // said already
	}
	since := slog.Time("in_force_since", before.since.UTC().Truncate(time.Second))
	var wrong config.Problems
	if !errors.As(why, &wrong) {
		s.log.ErrorContext(ctx, "the configuration cannot be used; the last good one stays in force", "err", why, since)
		return
	}
	for _, p := range wrong {
		s.log.ErrorContext(ctx, "the configuration cannot be used; the last good one stays in force",
			"file", p.Source, "line", p.Line, "key", p.Key, "err", firstLine(p), since)
	}
}

// firstLine is a problem without the excerpt of the file.
func firstLine(p *config.Problem) string {
	line, _, _ := strings.Cut(p.Error(), "\n")
	return line
}

// announce says what has changed, and puts what concerns access into the audit log.
func (s *settings) announce(ctx context.Context, before *config.Config, next *settingsState) {
	changed := config.Changed(before, next.config)
	s.log.InfoContext(ctx, "the configuration was read again and is in force", "changed", strings.Join(changed, ", "))
	if waits := next.reload.restart; len(waits) > 0 {
		s.log.WarnContext(ctx, "options that have changed take effect at the next start only", "options", strings.Join(waits, ", "))
	}
	for _, key := range changed {
		s.audit.Record(ctx, audit.Event{
			Operation: changeOf(key), Object: audit.SettingObject(key), Actor: audit.Console, ActorName: audit.Console,
			CredentialKind: "file", Detail: "now " + next.config.Value(key) + ", from " + next.config.Origin(key).String(),
		})
	}
}
