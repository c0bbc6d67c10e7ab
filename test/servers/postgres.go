package servers

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
)

// ErrMissing is returned by Database where no PostgreSQL server is installed.
var ErrMissing = errors.New("no PostgreSQL server programs found: run 'make deps' as root, or install the package postgresql")

// shared starts the cluster of this test binary at the first call; all later
// calls give the same one, or the error of the first.
var shared = sync.OnceValues(startCluster)

// Postgres returns the URL (postgres://…) of a new, empty database, dropped
// when the test ends. The test is skipped under -short, and without an installed
// PostgreSQL, which is a failure where CI=true.
func Postgres(t testing.TB) string {
	t.Helper()
	if testing.Short() {
		t.Skip("-short: no servers are started")
	}
	url, drop, err := Database(t.Context())
	if errors.Is(err, ErrMissing) {
		Missing(t, "PostgreSQL", "run 'make deps' as root, or install the package postgresql")
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := drop(); err != nil {
			t.Error(err)
		}
	})
	return url
}

// Database is Postgres for callers that hold no testing.TB, such as the
// commands of a script: it returns the URL of a new database and the function
// that drops it. It returns ErrMissing where PostgreSQL is not installed.
func Database(ctx context.Context) (dsn string, drop func() error, err error) {
	c, err := shared()
	if err != nil {
		return "", nil, err
	}
	name := "test_" + strings.ToLower(rand.Text())
	if err := c.exec(ctx, "create database "+name); err != nil {
		return "", nil, err
	}
	drop = func() error {
		// The test's own context has ended by now, and a pool it forgot to close
		// must not keep the database.
		return c.exec(context.Background(), "drop database "+name+" with (force)")
	}
	return c.url(name), drop, nil
}

// cluster is a running PostgreSQL that only this process talks to: it listens
// on a socket in a folder nobody else may enter, so no port can clash.
type cluster struct {
	dir string
	// leash is held, never used: PostgreSQL ends when it closes, and the
	// garbage collector would close it if nothing referred to it.
	leash io.Closer
}

// url addresses one database of the cluster.
func (c *cluster) url(database string) string {
	u := url.URL{Scheme: "postgres", User: url.User(superuser), Path: "/" + database, RawQuery: url.Values{"host": {c.dir}}.Encode()}
	return u.String()
}

// exec runs one statement in the maintenance database.
func (c *cluster) exec(ctx context.Context, statement string) error {
	conn, err := pgx.Connect(ctx, c.url("postgres"))
	if err != nil {
		return fmt.Errorf("connect to the test cluster: %w", err)
	}
	defer conn.Close(ctx) //nolint:errcheck // the statement's own error is what counts
	if _, err := conn.Exec(ctx, statement); err != nil {
		return fmt.Errorf("%s: %w", statement, err)
	}
	return nil
}
