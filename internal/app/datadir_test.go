package app_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"oasis/internal/app"
	"oasis/internal/config"
	"oasis/test/servers"
)

func TestADataDirectoryKeepsItsID(t *testing.T) {
	t.Parallel()
	path := t.TempDir()
	ids := map[string]bool{}
	for range 2 {
		dir, err := app.OpenDataDir(path)
		if err != nil {
			t.Fatal(err)
		}
		if len(dir.ID) < 20 {
			t.Errorf("id %q", dir.ID)
		}
		ids[dir.ID] = true
		if err := dir.Close(); err != nil {
			t.Fatal(err)
		}
	}
	other, err := app.OpenDataDir(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if err := other.Close(); err != nil {
		t.Fatal(err)
	}
	if len(ids) != 1 || ids[other.ID] {
		t.Errorf("ids %v, that of another folder is %s", ids, other.ID)
	}
}

// A command with the wrong --data would otherwise put files where no server looks for them.
func TestADatabaseOfAnotherDataDirectoryIsRefused(t *testing.T) {
	t.Parallel()
	url := servers.Postgres(t)
	call := func() error {
		dir := t.TempDir()
		held, err := app.OpenDataDir(dir)
		if err == nil {
			err = held.Close()
		}
		if err != nil {
			t.Fatal(err)
		}
		cfg, _, err := config.Load(config.Options{DataDir: dir, WorkDir: dir, Env: []string{"NOMAD_DATABASE_URL=" + url}})
		if err != nil {
			t.Fatal(err)
		}
		return app.Call(t.Context(), app.Options{DataDir: dir, Config: cfg}, app.VerbUserList, nil, nil)
	}
	if err := call(); err != nil {
		t.Fatal(err)
	}
	err := call()
	if err == nil || errors.Is(err, app.ErrInUse) || !strings.Contains(err.Error(), "belongs to another data directory") {
		t.Errorf("%v", err)
	}
}

// A folder that was there before, open to everybody, or filled from a backup,
// once kept the files of all uploads open to every account of the machine.
func TestWhatIsInAnOpenDataDirectoryIsProtected(t *testing.T) {
	t.Parallel()
	path := t.TempDir()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(os.Chmod(path, 0o755))
	must(os.Mkdir(filepath.Join(path, "files"), 0o755))
	must(os.Chmod(filepath.Join(path, "files"), 0o755))
	must(os.WriteFile(filepath.Join(path, "oasis.db"), nil, 0o600))
	must(os.Chmod(filepath.Join(path, "oasis.db"), 0o644))
	must(os.WriteFile(filepath.Join(path, "mine.txt"), nil, 0o600))
	must(os.Chmod(filepath.Join(path, "mine.txt"), 0o644))
	dir, err := app.OpenDataDir(path)
	must(err)
	defer func() { must(dir.Close()) }()
	for name, want := range map[string]os.FileMode{".": 0o755, "files": 0o700, "oasis.db": 0o600, "lock": 0o600, "mine.txt": 0o644} {
		info, err := os.Stat(filepath.Join(path, name))
		must(err)
		if got := info.Mode().Perm(); got != want {
			t.Errorf("%s: %o, want %o", name, got, want)
		}
	}
}
