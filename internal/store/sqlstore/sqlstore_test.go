package sqlstore_test

import (
	"path/filepath"
	"testing"
	"time"

	"oasis/internal/store/sqlstore"
	"oasis/internal/store/storetest"
	"oasis/test/servers"
)

// onSQLite opens a new SQLite file.
func onSQLite(t testing.TB, now func() time.Time) storetest.Stores {
	return open(t, sqlstore.Config{Path: filepath.Join(t.TempDir(), "oasis.db"), Now: now})
}

// onPostgres opens a new database of a PostgreSQL that tests start.
func onPostgres(t testing.TB, now func() time.Time) storetest.Stores {
	return open(t, sqlstore.Config{URL: servers.Postgres(t), Now: now})
}

func open(t testing.TB, c sqlstore.Config) *sqlstore.DB {
	t.Helper()
	db, err := sqlstore.Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

func TestSQLite(t *testing.T) {
	t.Parallel()
	storetest.SQL(t, onSQLite)
}

func TestPostgres(t *testing.T) {
	t.Parallel()
	servers.Postgres(t) // without one, skip once and not once for each part
	storetest.SQL(t, onPostgres)
}
