package servers

import (
	"context"
	"io"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// nginxKeeper runs nginx ($1: the program, $2: its folder) until standard input
// closes, which happens when the test binary ends in any way.
const nginxKeeper = `
"$1" -p "$2" -c "$2/nginx.conf" &
child=$!
cat >/dev/null
kill -TERM "$child"
wait
`

const (
	nginxStart = time.Minute
	nginxHint  = "run 'make deps' as root, or install nginx-light"
)

// Nginx is a running nginx.
type Nginx struct {
	// Dir holds its configuration, its log, and the files that the configuration names.
	Dir string
	// Address is where it listens, host:port.
	Address string

	t       testing.TB
	process *exec.Cmd
	leash   io.Closer
}

// NewNginx prepares an nginx with a folder and an address of its own; Start runs it.
// Where nginx is missing the test is skipped. It ends with the test.
func NewNginx(t testing.TB) *Nginx {
	t.Helper()
	if testing.Short() {
		t.Skip("-short: no servers are started")
	}
	if _, ok := nginxProgram(); !ok {
		Missing(t, "nginx", nginxHint)
	}
	port, err := freePort(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	n := &Nginx{Dir: t.TempDir(), Address: "127.0.0.1:" + port, t: t}
	t.Cleanup(n.Stop)
	return n
}

// Start runs it with the given block "server { … }" and returns when it listens.
func (n *Nginx) Start(server string) {
	n.t.Helper()
	me, err := user.Current()
	if err != nil {
		n.t.Fatal(err)
	}
	// Everything it writes lies in its folder; as root it would else become another user, who may not enter that.
	lines := []string{
		"user " + me.Username + ";", "daemon off;", "worker_processes 1;", "pid " + n.Dir + "/pid;", "error_log " + n.Dir + "/error.log info;",
		"events { worker_connections 256; }", "http {", "access_log off;",
	}
	for _, kind := range []string{"client_body", "proxy", "fastcgi", "uwsgi", "scgi"} {
		lines = append(lines, kind+"_temp_path "+filepath.Join(n.Dir, kind)+";")
	}
	text := strings.Join(append(lines, server, "}"), "\n") + "\n"
	if err := os.WriteFile(filepath.Join(n.Dir, "nginx.conf"), []byte(text), 0o600); err != nil {
		n.t.Fatal(err)
	}
	program, _ := nginxProgram()
	// Not the test's context: Stop ends it.
	run := exec.CommandContext(context.Background(), "/bin/sh", "-c", nginxKeeper, "keeper", program, n.Dir)
	run.Env = []string{"PATH=" + os.Getenv("PATH")}
	run.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if n.leash, err = run.StdinPipe(); err != nil {
		n.t.Fatal(err)
	}
	if err := run.Start(); err != nil {
		n.t.Fatal(err)
	}
	n.process = run
	ctx, cancel := context.WithTimeout(n.t.Context(), nginxStart)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", n.Address)
		if err == nil {
			_ = conn.Close() // it was only to see
			return
		}
		select {
		case <-ctx.Done():
			n.t.Fatalf("nginx does not listen after %s; it said:\n%s", nginxStart, n.Said())
		case <-tick.C:
			if said := n.Said(); strings.Contains(said, "[emerg]") {
				n.t.Fatalf("nginx does not start; it said:\n%s", said)
			}
		}
	}
}

// Said is its log.
func (n *Nginx) Said() string {
	said, err := os.ReadFile(filepath.Join(n.Dir, "error.log"))
	if err != nil {
		return err.Error()
	}
	return string(said)
}

// Stop ends it and returns when it is gone. It is fine when it has ended.
func (n *Nginx) Stop() {
	if n.process == nil {
		return
	}
	n.leash.Close()
	n.process.Wait() //nolint:errcheck // ended by a signal
	n.process = nil
}

// nginxProgram finds it, also where PATH is that of a user and lacks /usr/sbin.
func nginxProgram() (string, bool) {
	if path, err := exec.LookPath("nginx"); err == nil {
		return path, true
	}
	const debian = "/usr/sbin/nginx"
	return debian, executable(debian)
}
