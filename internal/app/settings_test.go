package app

import (
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"oasis/internal/config"
	"oasis/internal/problem"
)

// openSettings gives the settings of a new data directory with a nomad.yaml and an environment.
func openSettings(t *testing.T, file string, env ...string) *settings {
	t.Helper()
	dir, err := OpenDataDir(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := dir.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := os.WriteFile(dir.Join(config.DefaultFile), []byte(file), 0o600); err != nil {
		t.Fatal(err)
	}
	sources := config.Options{DataDir: dir.Path, WorkDir: dir.Path, Env: env}
	cfg, _, err := config.Load(sources)
	if err != nil {
		t.Fatal(err)
	}
	cfg.Services.APISecret = "generated"
	s, err := newSettings(dir, Options{Config: cfg, Sources: sources, Log: slog.New(slog.DiscardHandler), Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// The first save finds no settings file, the second the file of the first.
func TestSavedSettingsAreInForceAndKeepEarlierOnes(t *testing.T) {
	t.Parallel()
	s := openSettings(t, "")
	for _, options := range []map[string]any{{"meta.name": "Steinbach Lab"}, {"auth.require_authentication": true}} {
		if err := s.save(t.Context(), options); err != nil {
			t.Fatalf("save %v: %v", options, err)
		}
	}
	if got := s.config().Meta.Name; got != "Steinbach Lab" {
		t.Errorf("name in force is %q", got)
	}
	if !s.config().Auth.RequireAuthentication {
		t.Error("sign-in is not required")
	}
	info, err := os.Stat(s.dir.Join(config.SettingsFile))
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode().Perm() != 0o600 {
		t.Errorf("settings file has mode %o", info.Mode().Perm())
	}
}

func TestKeysSetElsewhereAreLocked(t *testing.T) {
	t.Parallel()
	s := openSettings(t, "meta:\n  name: From the file\n", "NOMAD_META_MAINTAINER_EMAIL=env@lab.example")
	tests := []struct{ key, want string }{
		{"meta.name", "meta.name is set in nomad.yaml:2;"},
		{"meta.maintainer_email", "meta.maintainer_email is set in "},
	}
	for _, tt := range tests {
		err := s.save(t.Context(), map[string]any{tt.key: "other", "auth.require_authentication": true})
		p := problem.As(err)
		if p == nil || p.Kind != problem.Conflict || !strings.HasPrefix(p.Detail, tt.want) || !strings.HasSuffix(p.Detail, "; change it there.") {
			t.Errorf("%s: got %v, want %q", tt.key, err, tt.want)
		}
	}
	if _, err := os.Stat(s.dir.Join(config.SettingsFile)); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("something was written: %v", err)
	}
	if s.config().Meta.Name != "From the file" || s.policy().RequireAuthentication {
		t.Error("something of a refused change is in force")
	}
}

func TestSettingsThatAreNotPossibleChangeNothing(t *testing.T) {
	t.Parallel()
	s := openSettings(t, "")
	if err := s.save(t.Context(), map[string]any{"meta.name": "Lab"}); err != nil {
		t.Fatal(err)
	}
	kept, err := os.ReadFile(s.dir.Join(config.SettingsFile))
	if err != nil {
		t.Fatal(err)
	}
	for _, options := range []map[string]any{
		{"auth.require_authentication": "perhaps"},
		{"auth.no_such_option": true},
		{"auth": "all of it"},
		{"auth.unauthenticated_user_scopes": map[string]any{"include": []string{"uploads:fly"}}, "meta.name": "Other"},
		{"auth.pat_max_active_per_user": -1},
	} {
		err := s.save(t.Context(), options)
		if p := problem.As(err); p == nil || p.Kind != problem.BadRequest || p.Detail != "These settings are not possible. Nothing was changed." {
			t.Errorf("%v: %v", options, err)
		}
		if now, err := os.ReadFile(s.dir.Join(config.SettingsFile)); err != nil || string(now) != string(kept) {
			t.Errorf("%v: the file is %q, %v", options, now, err)
		}
		if s.config().Meta.Name != "Lab" {
			t.Errorf("%v: %q is in force", options, s.config().Meta.Name)
		}
	}
}

// The policy and the configuration that it was made of change as one; what only
// the running server knows stays.
func TestSavedPolicyIsInForceForTheNextRequest(t *testing.T) {
	t.Parallel()
	s := openSettings(t, "")
	s.config().Listen = "127.0.0.1:8000"
	var all sync.WaitGroup
	for range 5 {
		all.Go(func() {
			if err := s.save(t.Context(), map[string]any{"auth.require_authentication": true, "auth.authorized_users": []string{"ada"}}); err != nil {
				t.Error(err)
			}
			if p := s.policy(); !p.RequireAuthentication || p.Authorized == nil {
				t.Errorf("%+v", p)
			}
		})
	}
	all.Wait()
	if c := s.config(); c.Listen != "127.0.0.1:8000" || c.Services.APISecret != "generated" {
		t.Errorf("listens on %q with secret %q", c.Listen, c.Services.APISecret)
	}
}
