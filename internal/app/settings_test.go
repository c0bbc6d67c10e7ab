package app

import (
	"os"
	"testing"

	"oasis/internal/config"
)

// The first save finds no settings file, the second the file of the first.
func TestSavedSettingsAreInForceAndKeepEarlierOnes(t *testing.T) {
	t.Parallel()
	dir, err := OpenDataDir(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := dir.Close(); err != nil {
			t.Error(err)
		}
	})
	load := func() (*config.Config, error) {
		cfg, _, err := config.Load(config.Options{DataDir: dir.Path, WorkDir: dir.Path})
		return cfg, err
	}
	cfg, err := load()
	if err != nil {
		t.Fatal(err)
	}
	s, err := newSettings(dir, cfg, load)
	if err != nil {
		t.Fatal(err)
	}
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
	info, err := os.Stat(dir.Join(config.SettingsFile))
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode().Perm() != 0o600 {
		t.Errorf("settings file has mode %o", info.Mode().Perm())
	}
}
