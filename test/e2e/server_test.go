package e2e

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

const (
	startLimit = 60 * time.Second // generous: two cores, many scripts at once
	stopLimit  = 30 * time.Second // promised to operators
	pollEvery  = 20 * time.Millisecond
)

// server is a running `oasis serve`.
type server struct {
	cmd   *exec.Cmd
	ended chan struct{} // closed when the process is gone
	err   error         // how it ended; read after ended
}

func serve(ts *testscript.TestScript, args []string) error {
	w := here(ts)
	if w.server != nil {
		return errors.New("the server of this script is running already")
	}
	if w.address == "" {
		address, err := freeAddress()
		if err != nil {
			return err
		}
		w.address = address
		ts.Setenv("URL", "http://"+address+"/nomad-oasis")
	}
	log, err := os.OpenFile(filepath.Join(ts.Getenv("WORK"), "server.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	ts.Check(err)
	defer log.Close()
	environment := []string{"PATH=" + ts.Getenv("PATH"), "HOME=" + ts.Getenv("HOME"), "TMPDIR=" + ts.Getenv("TMPDIR")}
	for len(args) > 0 && !strings.HasPrefix(args[0], "-") && strings.Contains(args[0], "=") {
		environment, args = append(environment, args[0]), args[1:]
	}
	s := &server{ended: make(chan struct{})}
	s.cmd = exec.Command(filepath.Join(binDir, "oasis"), append([]string{"serve", "--data", ts.Getenv("DATA"), "--listen", w.address}, args...)...)
	s.cmd.Dir = ts.MkAbs(".")
	s.cmd.Env = environment
	s.cmd.Stdout, s.cmd.Stderr = log, log
	if err := s.cmd.Start(); err != nil {
		return err
	}
	go func() {
		s.err = s.cmd.Wait()
		close(s.ended)
	}()
	w.server = s
	if err := s.awaitAlive(ts.Getenv("URL") + "/alive"); err != nil {
		s.kill()
		w.server = nil
		// Unreadable, it leaves the message a little poorer.
		said, _ := os.ReadFile(log.Name())
		return fmt.Errorf("%w; it said:\n%s", err, said)
	}
	return nil
}

// awaitAlive returns when url answers 200, or when that cannot come any more.
func (s *server) awaitAlive(url string) error {
	ctx, cancel := context.WithTimeout(context.Background(), startLimit)
	defer cancel()
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	for {
		if alive(ctx, url) {
			return nil
		}
		select {
		case <-s.ended:
			return fmt.Errorf("the server ended at once (%w)", s.err)
		case <-ctx.Done():
			return fmt.Errorf("no answer from %s within %s", url, startLimit)
		case <-tick.C:
		}
	}
}

func alive(ctx context.Context, url string) bool {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return false
	}
	answer, err := client.Do(req)
	if err != nil {
		return false
	}
	answer.Body.Close()
	return answer.StatusCode == http.StatusOK
}

func stop(ts *testscript.TestScript, _ []string) error {
	s, err := running(ts)
	if err != nil {
		return err
	}
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	select {
	case <-s.ended:
	case <-time.After(stopLimit):
		s.kill()
		return fmt.Errorf("it did not end within %s of SIGTERM", stopLimit)
	}
	if s.err != nil {
		return fmt.Errorf("it ended badly: %w", s.err)
	}
	return nil
}

func kill9(ts *testscript.TestScript, _ []string) error {
	s, err := running(ts)
	if err != nil {
		return err
	}
	s.kill()
	return nil
}

// running takes the server out of the script's world, for it to be ended.
func running(ts *testscript.TestScript) (*server, error) {
	w := here(ts)
	s := w.server
	if s == nil {
		return nil, errors.New("no server is running: serve comes first")
	}
	w.server = nil
	return s, nil
}

// kill ends the process and waits until it is gone.
func (s *server) kill() {
	s.cmd.Process.Kill() //nolint:errcheck // it may have ended by itself, which is as good
	<-s.ended
}

// freeAddress finds a port that nobody listens on. Somebody else could take it
// before the server does; then the start fails with a clear message.
func freeAddress() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}
