package servers_test

import (
	"context"
	"testing"

	"github.com/jackc/pgx/v5"

	"oasis/test/servers"
)

func TestEachTestGetsItsOwnEmptyDatabase(t *testing.T) {
	t.Parallel()
	first, second := connect(t, servers.Postgres(t)), connect(t, servers.Postgres(t))
	if _, err := first.Exec(t.Context(), "create table only_here (id text)"); err != nil {
		t.Fatal(err)
	}
	var found bool
	const q = "select exists (select from pg_tables where tablename = 'only_here')"
	if err := second.QueryRow(t.Context(), q).Scan(&found); err != nil {
		t.Fatal(err)
	}
	if found {
		t.Error("a table of one test's database is visible in another's")
	}
}

func TestDatabaseIsGoneAfterDropEvenWhenInUse(t *testing.T) {
	t.Parallel()
	other := connect(t, servers.Postgres(t))
	url, drop, err := servers.Database(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	forgotten := connect(t, url)
	if err := drop(); err != nil {
		t.Fatal(err)
	}
	var left int
	const q = "select count(*) from pg_database where datname = $1"
	if err := other.QueryRow(t.Context(), q, forgotten.Config().Database).Scan(&left); err != nil {
		t.Fatal(err)
	}
	if left != 0 {
		t.Error("the dropped database still exists")
	}
}

// The default order of a cluster out in the world is not bytewise; the suites
// of the stores rely on this one not being so either.
func TestClusterSortsByLocaleSoThatMissingCollationsShow(t *testing.T) {
	t.Parallel()
	conn := connect(t, servers.Postgres(t))
	var version int
	var byLocale bool
	const q = "select current_setting('server_version_num')::int, 'a' < 'B'"
	if err := conn.QueryRow(t.Context(), q).Scan(&version, &byLocale); err != nil {
		t.Fatal(err)
	}
	if version >= 150000 && !byLocale {
		t.Error("'a' < 'B' is false: the cluster sorts by bytes")
	}
}

func connect(t *testing.T, url string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := conn.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return conn
}
