package servers

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

const superuser = "oasis"

// startLimit is far more than a start takes, so that a machine under load
// passes and a PostgreSQL that hangs does not hang the tests.
const startLimit = time.Minute

// keeper runs PostgreSQL ($1: its programs, $2: the cluster's folder) until
// standard input closes, which happens when the test binary ends in any way;
// then it stops that one process and removes the folder. Giving up its own
// standard error lets the reader notice when PostgreSQL dies early.
const keeper = `
"$1/postgres" -D "$2/data" -k "$2" -c listen_addresses= \
	-c fsync=off -c synchronous_commit=off -c full_page_writes=off \
	-c max_connections=200 -c shared_buffers=64MB -c lc_messages=C -c log_min_messages=log -c log_min_error_statement=panic &
pid=$!
exec 2>/dev/null
cat >/dev/null
kill -QUIT "$pid"
wait "$pid"
rm -rf "$2"
`

// startCluster makes a new cluster in a temporary folder and returns when it
// accepts connections.
func startCluster() (*cluster, error) {
	bin, ok := postgresBin()
	if !ok {
		return nil, ErrMissing
	}
	// Not t.TempDir: its paths exceed the 107 bytes a socket's path may have.
	dir, err := os.MkdirTemp("", "oasis-pg-")
	if err != nil {
		return nil, err
	}
	leash, err := launch(bin, dir)
	if err != nil {
		return nil, fmt.Errorf("start a PostgreSQL from %s: %w", bin, err)
	}
	return &cluster{dir: dir, leash: leash}, nil
}

// launch returns the pipe that keeps the started PostgreSQL alive.
func launch(bin, dir string) (io.Closer, error) {
	who, err := unprivileged()
	if err != nil {
		return nil, err
	}
	if who != nil {
		if err := os.Chown(dir, int(who.Uid), int(who.Gid)); err != nil {
			return nil, err
		}
	}
	ctx := context.Background()
	initdb := exec.CommandContext(ctx, filepath.Join(bin, "initdb"), initdbArgs(bin, dir)...)
	prepare(initdb, dir, who)
	if out, err := initdb.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("initdb: %w\n%s", err, out)
	}

	run := exec.CommandContext(ctx, "/bin/sh", "-c", keeper, "keeper", bin, dir)
	prepare(run, dir, who)
	leash, err := run.StdinPipe()
	if err != nil {
		return nil, err
	}
	log, err := run.StderrPipe()
	if err != nil {
		return nil, err
	}
	if err := run.Start(); err != nil {
		return nil, err
	}
	// Letting go ends PostgreSQL and with it its log, which awaitReady reports.
	late := time.AfterFunc(startLimit, func() { leash.Close() })
	defer late.Stop()
	return leash, awaitReady(log)
}

// awaitReady reads PostgreSQL's log until it says that connections are
// accepted, and goes on draining it; a log that ends early is the error.
func awaitReady(log io.Reader) error {
	lines := bufio.NewScanner(log)
	var seen []string
	for lines.Scan() {
		if strings.Contains(lines.Text(), "ready to accept connections") {
			go io.Copy(io.Discard, log) //nolint:errcheck // ends with this process
			return nil
		}
		seen = append(seen, lines.Text())
	}
	return fmt.Errorf("it never accepted connections:\n%s", strings.Join(seen, "\n"))
}

func initdbArgs(bin, dir string) []string {
	args := []string{"-D", filepath.Join(dir, "data"), "-U", superuser, "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"}
	if major(bin) >= 15 { // earlier ones have no ICU for a whole cluster
		args = append(args, "--locale-provider=icu", "--icu-locale=en-US")
	}
	return args
}

// prepare gives a command the cluster's folder to stand in, a small
// environment, its own process group (an interrupt of the tests must reach the
// keeper only through its pipe) and, for root, another user.
func prepare(cmd *exec.Cmd, dir string, who *syscall.Credential) {
	cmd.Dir = dir
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C.UTF-8", "HOME=" + dir, "TMPDIR=" + os.TempDir()}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Credential: who}
}

// unprivileged returns the user to run PostgreSQL as: nil (the caller's own)
// unless that is root, which PostgreSQL refuses to run as.
func unprivileged() (*syscall.Credential, error) {
	if os.Getuid() != 0 {
		return nil, nil
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		return nil, fmt.Errorf("PostgreSQL does not run as root and there is no user postgres: %w", err)
	}
	uid, err := strconv.ParseUint(u.Uid, 10, 32)
	if err != nil {
		return nil, err
	}
	gid, err := strconv.ParseUint(u.Gid, 10, 32)
	if err != nil {
		return nil, err
	}
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, nil
}
