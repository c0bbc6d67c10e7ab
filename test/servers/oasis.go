package servers

import (
	"bytes"
	"context"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

const (
	readyLimit = time.Minute      // generous: two cores, many tests at once
	stopLimit  = 30 * time.Second // promised to operators
	readyEvery = 5 * time.Millisecond
)

// Oasis is a server of one test with its own data directory and address. It may
// be started and ended as often as the test likes; when the test ends, so does
// the server. Its methods are for the goroutine of the test.
type Oasis struct {
	// URL is the address with the base path, without a slash at the end.
	URL string
	// Data is the data directory.
	Data string

	t       testing.TB
	binary  string
	address string
	env     []string
	log     string // what the server says
	running *process
}

// process is a started server.
type process struct {
	cmd   *exec.Cmd
	ended chan struct{} // closed when the process is gone
	err   error         // how it ended; read after ended
}

// NewOasis prepares a server that runs the binary (see Binary) with an empty
// data directory; settings are NAME=value pairs of its environment.
func NewOasis(t testing.TB, binary string, settings ...string) *Oasis {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	// Somebody else could take the port now; then the start fails with a clear message.
	address := l.Addr().String()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	o := &Oasis{
		URL: "http://" + address + "/nomad-oasis", Data: filepath.Join(dir, "data"),
		t: t, binary: binary, address: address, log: filepath.Join(dir, "server.log"),
		env: append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + dir, "TMPDIR=" + os.TempDir()}, settings...),
	}
	t.Cleanup(o.Kill)
	return o
}

// Neighbour prepares another server on the same data directory with the same
// settings, which have to allow that (database.shared), and further ones.
func (o *Oasis) Neighbour(settings ...string) *Oasis {
	o.t.Helper()
	n := NewOasis(o.t, o.binary)
	n.Data, n.env = o.Data, append(slices.Clone(o.env), settings...)
	return n
}

// Start starts the server and returns when it is ready.
func (o *Oasis) Start() {
	o.t.Helper()
	o.Launch()
	o.AwaitReady()
}

// Launch starts the server and does not wait for it.
func (o *Oasis) Launch() {
	o.t.Helper()
	if o.running != nil {
		o.t.Fatal("the server of this test is running already")
	}
	log, err := os.OpenFile(o.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		o.t.Fatal(err)
	}
	defer log.Close()
	cmd := o.command("serve", "--data", o.Data, "--listen", o.address)
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Start(); err != nil {
		o.t.Fatal(err)
	}
	p := &process{cmd: cmd, ended: make(chan struct{})}
	go func() {
		p.err = cmd.Wait()
		close(p.ended)
	}()
	o.running = p
}

// AwaitReady returns when the launched server answers, and fails the test when
// that cannot come any more.
func (o *Oasis) AwaitReady() {
	o.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), readyLimit)
	defer cancel()
	tick := time.NewTicker(readyEvery)
	defer tick.Stop()
	for !ready(ctx, o.URL+"/alive") {
		select {
		case <-o.running.ended:
			o.t.Fatalf("the server ended at once (%v); it said:\n%s", o.running.err, o.Said())
		case <-ctx.Done():
			o.t.Fatalf("no answer within %s; the server said:\n%s", readyLimit, o.Said())
		case <-tick.C:
		}
	}
}

func ready(ctx context.Context, url string) bool {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return false
	}
	answer, err := http.DefaultClient.Do(req)
	if err != nil {
		return false
	}
	answer.Body.Close()
	return answer.StatusCode == http.StatusOK
}

// Stop asks the server to end and waits until it has done so without complaint.
func (o *Oasis) Stop() {
	o.t.Helper()
	p := o.running
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		o.t.Fatal(err)
	}
	select {
	case <-p.ended:
	case <-time.After(stopLimit):
		o.t.Fatalf("the server did not end within %s of SIGTERM; it said:\n%s", stopLimit, o.Said())
	}
	o.running = nil
	if p.err != nil {
		o.t.Fatalf("the server ended badly (%v); it said:\n%s", p.err, o.Said())
	}
}

// Kill ends the server as kill -9 does and waits until it is gone. It is fine
// when no server runs.
func (o *Oasis) Kill() {
	if o.running == nil {
		return
	}
	o.running.cmd.Process.Kill() //nolint:errcheck // it may have ended by itself, which is as good
	<-o.running.ended
	o.running = nil
}

// PID is the id of the running server's process.
func (o *Oasis) PID() int { return o.running.cmd.Process.Pid }

// Said returns what all starts of the server have written so far.
func (o *Oasis) Said() string {
	said, err := os.ReadFile(o.log)
	if err != nil {
		return err.Error()
	}
	return string(said)
}

// Run runs an administrative command, such as "user list", on the data directory
// with the given standard input, and returns its standard output.
func (o *Oasis) Run(input string, args ...string) string {
	o.t.Helper()
	cmd := o.command(append(args, "--data", o.Data)...)
	cmd.Stdin = strings.NewReader(input)
	var said bytes.Buffer
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil {
		o.t.Fatalf("oasis %s: %v\n%s", strings.Join(args, " "), err, said.String())
	}
	return strings.TrimSpace(string(out))
}

func (o *Oasis) command(args ...string) *exec.Cmd {
	// Not the test's context: cleaning up comes after its end.
	cmd := exec.CommandContext(context.Background(), o.binary, args...)
	cmd.Env, cmd.Dir = o.env, filepath.Dir(o.Data)
	return cmd
}
