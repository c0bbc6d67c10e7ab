package app

import (
	"bytes"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"oasis/internal/config"
	"oasis/internal/problem"
)

// journal collects log lines of many goroutines.
type journal struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.b.Write(p)
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.b.String()
}

// followed gives settings whose files are followed until the test ends, and their log.
func followed(t *testing.T, file string) (*settings, *journal) {
	t.Helper()
	s := openSettings(t, file)
	log := &journal{}
	s.log = slog.New(slog.NewTextHandler(log, nil))
	follow(t, s)
	return s, log
}

func follow(t *testing.T, s *settings) {
	t.Helper()
	var done sync.WaitGroup
	done.Go(func() {
		if err := s.follow(t.Context()); err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(done.Wait)
}

// replace puts a file in place as careful programs do: by a rename.
func replace(t *testing.T, path, text string) {
	t.Helper()
	if err := config.ReplaceFile(path, []byte(text)); err != nil {
		t.Fatal(err)
	}
}

// within waits until something holds and tells how long that took.
func within(t *testing.T, limit time.Duration, what string, holds func() bool) time.Duration {
	t.Helper()
	began := time.Now()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for !holds() {
		if time.Since(began) > limit {
			t.Fatalf("%s: not within %s", what, limit)
		}
		<-tick.C
	}
	return time.Since(began)
}

const closedFile = "auth:\n  require_authentication: true\n"

func TestChangedFileIsInForceSoonAfterTheRename(t *testing.T) {
	t.Parallel()
	s, log := followed(t, "")
	path := s.dir.Join(config.DefaultFile)
	replace(t, path, closedFile)
	took := within(t, time.Second, "the change", func() bool { return s.policy().RequireAuthentication })
	t.Logf("in force after %s", took)
	if !strings.Contains(log.String(), "changed=auth.require_authentication") {
		t.Errorf("the log says %s", log)
	}
}

func TestBrokenFileKeepsTheLastGoodConfiguration(t *testing.T) {
	t.Parallel()
	s, log := followed(t, closedFile)
	path := s.dir.Join(config.DefaultFile)
	for _, broken := range []string{
		"auth:\n  require_authentication: perhaps\n", "auth:\n  requir_authentication: false\n", "auth: [\n", "\x00\xff",
		"auth:\n  unauthenticated_user_scopes:\n    include: [uploads:fly]\n",
	} {
		replace(t, path, broken)
		within(t, 5*time.Second, "the complaint about "+broken, func() bool { return s.state.Load().reload.trouble != nil })
		if !s.policy().RequireAuthentication {
			t.Errorf("%q opened the server", broken)
		}
		err := s.save(t.Context(), map[string]any{"meta.name": "x"})
		if p := problem.As(err); p == nil || p.Kind != problem.Conflict || !strings.Contains(p.Detail, "nomad.yaml") {
			t.Errorf("%q: saving gives %v", broken, err)
		}
		replace(t, path, closedFile)
		within(t, 5*time.Second, "the repaired file", func() bool { return s.state.Load().reload.trouble == nil })
	}
	if got := log.String(); !strings.Contains(got, "file="+path+" line=2 key=auth.require_authentication") && !strings.Contains(got, "file=nomad.yaml line=2 key=auth.require_authentication") {
		t.Errorf("the log names no place: %s", got)
	}
}

func TestFileThatVanishesOpensNothing(t *testing.T) {
	t.Parallel()
	s, _ := followed(t, closedFile)
	path := s.dir.Join(config.DefaultFile)
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	within(t, 10*time.Second, "the complaint", func() bool { return s.state.Load().reload.trouble != nil })
	if !s.policy().RequireAuthentication {
		t.Error("the server is open")
	}
	if err := s.save(t.Context(), map[string]any{"meta.name": "x"}); !problem.Is(err, problem.Conflict) {
		t.Errorf("saving gives %v", err)
	}
	replace(t, path, closedFile)
	within(t, 10*time.Second, "the end of the complaint", func() bool { return s.state.Load().reload.trouble == nil })
}

// An editor that writes in place leaves the file empty, or away, for a moment.
func TestFileWrittenInPlaceOpensNothingMeanwhile(t *testing.T) {
	t.Parallel()
	s, _ := followed(t, closedFile)
	path := s.dir.Join(config.DefaultFile)
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	end := time.NewTimer(300 * time.Millisecond)
	defer end.Stop()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for waiting := true; waiting; {
		select {
		case <-end.C:
			waiting = false
		case <-tick.C:
			if !s.policy().RequireAuthentication {
				t.Fatal("an empty file opened the server")
			}
		}
	}
	if err := os.WriteFile(path, []byte(closedFile+"meta:\n  name: later\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	within(t, 5*time.Second, "the new content", func() bool { return s.config().Meta.Name == "later" })
	if !s.policy().RequireAuthentication {
		t.Error("the server is open")
	}
}

// A cluster mounts a configuration as links and exchanges the folder they lead to.
func TestExchangedLinksAreFollowed(t *testing.T) {
	t.Parallel()
	mount := t.TempDir()
	version := func(name, text string) {
		t.Helper()
		must := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		must(os.Mkdir(filepath.Join(mount, name), 0o700))
		must(os.WriteFile(filepath.Join(mount, name, "nomad.yaml"), []byte(text), 0o600))
		must(os.Symlink(name, filepath.Join(mount, "..data_tmp")))
		must(os.Rename(filepath.Join(mount, "..data_tmp"), filepath.Join(mount, "..data")))
	}
	version("..1", "")
	if err := os.Symlink(filepath.Join("..data", "nomad.yaml"), filepath.Join(mount, "nomad.yaml")); err != nil {
		t.Fatal(err)
	}
	s := openSettings(t, "", "NOMAD_CONFIG="+filepath.Join(mount, "nomad.yaml"))
	follow(t, s)
	for i, name := range []string{"..2", "..3", "..4"} {
		closed := i%2 == 0
		text := "meta:\n  name: " + strings.Trim(name, ".") + "\n"
		if closed {
			text += closedFile
		}
		version(name, text)
		within(t, time.Second, name, func() bool { return s.policy().RequireAuthentication == closed })
	}
}

func TestOptionsForTheNextStartAreNamedAndKept(t *testing.T) {
	t.Parallel()
	s, log := followed(t, "")
	s.config().Listen = "127.0.0.1:7"
	base := s.config().BasePath()
	replace(t, s.dir.Join(config.DefaultFile), "services:\n  api_base_path: /other\nmeta:\n  name: later\n")
	within(t, 5*time.Second, "the change", func() bool { return s.config().Meta.Name == "later" })
	if s.config().BasePath() != base || s.config().Listen != "127.0.0.1:7" || s.config().Services.APISecret != "generated" {
		t.Errorf("base path %q, listens on %q", s.config().BasePath(), s.config().Listen)
	}
	if got := log.String(); !strings.Contains(got, "options=services.api_base_path\n") {
		t.Errorf("the log says %s", got)
	}
	if waits := s.state.Load().reload.restart; len(waits) != 1 || waits[0] != "services.api_base_path" {
		t.Errorf("waiting for the next start: %v", waits)
	}
}

// What the admin page saves is not taken for a change from outside, and nothing is
// written that a start would refuse.
func TestSettingsAreJudgedBeforeTheyAreWritten(t *testing.T) {
	t.Parallel()
	s, log := followed(t, "")
	for range 3 {
		if err := s.save(t.Context(), map[string]any{"meta.name": "Lab"}); err != nil {
			t.Fatal(err)
		}
	}
	info, err := os.Stat(s.dir.Join(config.SettingsFile))
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if err := s.save(t.Context(), map[string]any{"auth.require_authentication": "perhaps"}); err == nil {
			t.Fatal("saved")
		}
	}
	now, err := os.Stat(s.dir.Join(config.SettingsFile))
	if err != nil || !os.SameFile(info, now) {
		t.Errorf("the file was written for settings that are not possible: %v", err)
	}
	left, err := filepath.Glob(s.dir.Join(".settings*"))
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
	replace(t, s.dir.Join(config.DefaultFile), closedFile) // what is seen after it was seen before it
	within(t, 5*time.Second, "a later change", func() bool { return s.policy().RequireAuthentication })
	if strings.Contains(log.String(), "changed=meta.name") {
		t.Errorf("the page's own change was read again: %s", log)
	}
}
