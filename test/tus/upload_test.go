package tus

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"oasis/test/servers"
)

// sent is a person with a computer who sends files with `oasis upload`.
type sent struct {
	t    *testing.T
	o    *servers.Oasis
	c    *servers.Client
	home string
}

func newSender(t *testing.T) *sent {
	t.Helper()
	if testing.Short() {
		t.Skip("needs a server: run make test")
	}
	o := servers.NewOasis(t, servers.Binary(t))
	o.Start()
	return &sent{t, o, o.Admin("ada"), t.TempDir()}
}

// command prepares `oasis upload` with more arguments.
func (s *sent) command(args ...string) *exec.Cmd {
	cmd := exec.CommandContext(s.t.Context(), servers.Binary(s.t), append([]string{"upload", "--url", s.o.URL}, args...)...)
	cmd.Env = []string{"HOME=" + s.home, "OASIS_TOKEN=" + s.c.Token}
	cmd.Dir = s.home
	return cmd
}

// ends runs it and wants an exit status; it gives what it has printed.
func (s *sent) ends(status int, args ...string) (out, said string) {
	s.t.Helper()
	cmd := s.command(args...)
	var text strings.Builder
	cmd.Stderr = &text
	printed, err := cmd.Output()
	if got := cmd.ProcessState.ExitCode(); got != status {
		s.t.Fatalf("oasis upload %v ends with %d (%v), want %d\n%s%s", args, got, err, status, printed, text.String())
	}
	return strings.TrimSpace(string(printed)), text.String()
}

// file writes one below the person's home.
func (s *sent) file(name, content string) {
	s.t.Helper()
	path := filepath.Join(s.home, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		s.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		s.t.Fatal(err)
	}
}

// has compares a raw file by its digest.
func (s *sent) has(uploadID, path, sum string) {
	s.t.Helper()
	req, err := s.c.Request(context.WithoutCancel(s.t.Context()), http.MethodGet, "/uploads/"+uploadID+"/raw/"+path, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	got, err := http.DefaultClient.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	defer got.Body.Close()
	is := sha256.New()
	if _, err := io.Copy(is, got.Body); err != nil || got.StatusCode != http.StatusOK || hex.EncodeToString(is.Sum(nil)) != sum {
		s.t.Errorf("%s: %d %v, other bytes", path, got.StatusCode, err)
	}
}

func sumOf(content string) string {
	sum := sha256.Sum256([]byte(content))
	return hex.EncodeToString(sum[:])
}

func TestUploadCommandKeepsFolders(t *testing.T) {
	t.Parallel()
	s := newSender(t)
	for i := range 30 {
		s.file(fmt.Sprintf("runs/%d/note %d.txt", i%3, i), fmt.Sprint(i))
	}
	large := strings.Repeat("large", 500_000)
	s.file("runs/film.raw", large)
	s.file("runs/set.zip", "kept as it is, whatever it is")
	s.file("runs/.DS_Store", "x")
	if out, _ := s.ends(0, "--dry-run", "runs"); !strings.Contains(out, "runs/film.raw\n") || !strings.Contains(out, "32 files") || strings.Contains(out, "DS_Store") {
		t.Errorf("would send %s", out)
	}
	id, said := s.ends(0, "--name", "Night of the films", "runs")
	if len(id) != 22 || !strings.Contains(said, "32 files") {
		t.Errorf("printed %q and said %q", id, said)
	}
	s.has(id, "runs/film.raw", sumOf(large))
	s.has(id, "runs/set.zip", sumOf("kept as it is, whatever it is"))
	s.has(id, "runs/2/note%2029.txt", sumOf("29"))
	s.file("more.txt", "more")
	if again, _ := s.ends(0, "--to", id, "more.txt", "runs/"); again != id {
		t.Errorf("added to %s", again)
	}
	s.has(id, "more.txt", sumOf("more"))
	s.has(id, "0/note%200.txt", sumOf("0"))
	left, err := filepath.Glob(filepath.Join(s.home, ".config/oasis/uploads/*"))
	if err != nil || len(left) > 0 {
		t.Errorf("remembered after all was sent: %v %v", left, err)
	}
	s.ends(3, "--to", "w7HvJ0rTSkq3m1P5n2cX8A", "more.txt")
	s.ends(3, "nothing-there")
	s.ends(2, "--to", id, "--name", "x", "more.txt")
	s.c.Token = "nomad_pat_unknown"
	s.ends(3, "--to", id, "more.txt")
}

// TestUploadCommandGoesOnAfterKills kills the client in the middle of a file, then
// the server, and while the client goes on the server again.
func TestUploadCommandGoesOnAfterKills(t *testing.T) {
	t.Parallel()
	s := newSender(t)
	const size = 400 << 20
	s.file("film.raw", "the beginning of a sparse file")
	path := filepath.Join(s.home, "film.raw")
	if err := os.Truncate(path, size); err != nil {
		t.Fatal(err)
	}
	first := s.command("--name", "film", "film.raw")
	if err := first.Start(); err != nil {
		t.Fatal(err)
	}
	id, at := s.awaitPart(1)
	if err := first.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := first.Wait(); err == nil {
		t.Skip("the whole file was sent before the kill")
	}
	s.o.Kill()
	s.o.Start()
	if _, again := s.awaitPart(at); again < at {
		t.Errorf("after the kill %d of %d bytes are there", again, at)
	}
	second := s.command("--name", "film", "film.raw")
	var said strings.Builder
	second.Stderr = &said
	out, err := second.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := second.Start(); err != nil {
		t.Fatal(err)
	}
	s.awaitPart(at)
	s.o.Kill()
	s.o.Start()
	printed, err := io.ReadAll(out)
	if err := second.Wait(); err != nil {
		t.Fatalf("%v\n%s", err, said.String())
	}
	if got := strings.TrimSpace(string(printed)); err != nil || got != id {
		t.Errorf("went on in %q, began in %q (%v)", got, id, err)
	}
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	sum := sha256.New()
	if _, err := io.Copy(sum, file); err != nil {
		t.Fatal(err)
	}
	s.has(id, "film.raw", hex.EncodeToString(sum.Sum(nil)))
}

// awaitPart returns when at least so many bytes of the only file of the only upload
// are kept, or all of it is stored.
func (s *sent) awaitPart(least int64) (uploadID string, at int64) {
	s.t.Helper()
	ctx := context.WithoutCancel(s.t.Context())
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(time.Minute); time.Now().Before(end); <-tick.C {
		var uploads struct {
			Data []struct {
				ID string `json:"upload_id"`
			} `json:"data"`
		}
		if err := s.c.Get(ctx, "/uploads", &uploads); err != nil || len(uploads.Data) == 0 {
			continue
		}
		id := uploads.Data[0].ID
		got, err := s.c.Do(ctx, http.MethodGet, "/uploads/"+id+"/tus", nil)
		var parts struct {
			Data []struct {
				Offset int64 `json:"offset"`
			} `json:"data"`
		}
		if err != nil || json.Unmarshal(got.Body, &parts) != nil {
			continue
		}
		if len(parts.Data) > 0 && parts.Data[0].Offset >= least {
			return id, parts.Data[0].Offset
		}
		if stored, err := s.c.Do(ctx, http.MethodHead, "/uploads/"+id+"/raw/film.raw", nil); err == nil && stored.Status == http.StatusOK {
			return id, least
		}
	}
	s.t.Fatal("no part came")
	return "", 0
}
