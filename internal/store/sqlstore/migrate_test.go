package sqlstore

import (
	"database/sql"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"oasis/internal/data/upload"
	"oasis/test/servers"
)

var update = flag.Bool("update", false, "write the golden files again")

// onBoth runs a test on the configurations of both databases.
func onBoth(t *testing.T, test func(t *testing.T, c Config)) {
	t.Helper()
	t.Parallel()
	t.Run("SQLite", func(t *testing.T) {
		t.Parallel()
		test(t, Config{Path: filepath.Join(t.TempDir(), "with space & ?#%41 ä.db")})
	})
	t.Run("PostgreSQL", func(t *testing.T) {
		t.Parallel()
		test(t, Config{URL: servers.Postgres(t)})
	})
}

func mustOpen(t *testing.T, c Config) *DB {
	t.Helper()
	db, err := Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	return db
}

func mustClose(t *testing.T, db *DB) {
	t.Helper()
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestOpenAgainKeepsWhatIsThere(t *testing.T) {
	onBoth(t, func(t *testing.T, c Config) {
		for round := range 3 {
			db := mustOpen(t, c)
			if round == 0 {
				if err := db.write(t.Context(), func(x *tx) error { return insertUpload(t.Context(), x, "u") }); err != nil {
					t.Fatal(err)
				}
			}
			if !exists(t, db, "u") {
				t.Errorf("the upload is gone in round %d", round)
			}
			if rev, err := db.Search().Rev(t.Context()); rev != 1 || err != nil {
				t.Errorf("revision %d, %v; want 1", rev, err)
			}
			mustClose(t, db)
		}
	})
}

func TestDatabaseOfANewerVersionIsRefused(t *testing.T) {
	onBoth(t, func(t *testing.T, c Config) {
		db := mustOpen(t, c)
		if _, err := db.exec(t.Context(), `insert into schema_versions (version_id, is_applied) values (99, true)`); err != nil {
			t.Fatal(err)
		}
		mustClose(t, db)
		_, err := Open(t.Context(), c)
		if err == nil || !strings.Contains(err.Error(), "newer version of Oasis") || !strings.Contains(err.Error(), "99") {
			t.Errorf("got %v", err)
		}
	})
}

func TestServersThatStartTogetherMigrateOnce(t *testing.T) {
	t.Parallel()
	// The test takes the lock that the first server would hold, until all others wait for it.
	c := Config{URL: servers.Postgres(t)}
	holder, err := sql.Open("pgx", c.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer holder.Close()
	conn, err := holder.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := conn.ExecContext(t.Context(), "select pg_advisory_lock($1)", migrationLock); err != nil {
		t.Fatal(err)
	}
	const n = 5
	opened := make(chan *DB, n)
	for range n {
		go func() {
			db, err := Open(t.Context(), c)
			if err != nil {
				t.Error(err)
			}
			opened <- db
		}()
	}
	watch := &DB{engine: &postgresEngine{pool: holder}}
	if err := waitForWaiting(t.Context(), watch, n, func() bool { return len(opened) > 0 }); err != nil {
		t.Fatal(err)
	}
	if len(opened) > 0 {
		t.Error("a server did not wait for the one that migrates")
	}
	if err := conn.Close(); err != nil {
		t.Fatal(err)
	}
	if err := holder.Close(); err != nil { // ends the session and with it the lock
		t.Fatal(err)
	}
	for range n {
		if db := <-opened; db != nil {
			mustClose(t, db)
		}
	}
	db := mustOpen(t, c)
	defer mustClose(t, db)
	applied, err := list(t.Context(), db.engine.reader(), scanInt, `select version_id from schema_versions where version_id > 0 order by version_id`)
	if err != nil || len(applied) == 0 {
		t.Fatal(applied, err)
	}
	migrations, err := readMigrations(types{})
	if err != nil {
		t.Fatal(err)
	}
	known := make([]int64, len(migrations))
	for i, m := range migrations {
		known[i] = m.Version
	}
	if !slices.Equal(applied, known) {
		t.Fatalf("migrations applied: %v of %v", applied, known)
	}
}

func TestAddressesThatAreWrongSaySo(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]Config{
		"no path":        {},
		"missing folder": {Path: filepath.Join(t.TempDir(), "none", "oasis.db")},
		"bad address":    {URL: "postgres://%zz"},
		"nobody there":   {URL: "postgres://u@127.0.0.1:1/x?connect_timeout=1"},
		"not a database": {Path: notADatabase(t)},
	} {
		if db, err := Open(t.Context(), c); err == nil {
			mustClose(t, db)
			t.Errorf("%s: no error", name)
		}
	}
}

func notADatabase(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "oasis.db")
	if err := os.WriteFile(path, []byte(strings.Repeat("no database ", 100)), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestSQLiteFilesAreForTheirOwnerAlone(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	db := mustOpen(t, Config{Path: filepath.Join(dir, "oasis.db")})
	defer mustClose(t, db)
	files, err := os.ReadDir(dir)
	if err != nil || len(files) < 2 {
		t.Fatalf("files %v, %v; want the database and its log", files, err)
	}
	for _, f := range files {
		info, err := f.Info()
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %v", f.Name(), info.Mode())
		}
	}
}

func TestSQLiteSettings(t *testing.T) {
	t.Parallel()
	db := mustOpen(t, Config{Path: filepath.Join(t.TempDir(), "oasis.db")})
	defer mustClose(t, db)
	e := db.engine.(*sqliteEngine)
	for pragma, want := range map[string]string{"journal_mode": "wal", "synchronous": "2"} {
		var got string
		err := db.write(t.Context(), func(x *tx) (err error) {
			got, err = one(t.Context(), x, scanText, "pragma "+pragma)
			return err
		})
		if err != nil || got != want {
			t.Errorf("%s is %q (%v), want %q", pragma, got, err, want)
		}
	}
	if _, err := e.reads.ExecContext(t.Context(), "delete from uploads"); err == nil {
		t.Error("a connection for reading can write")
	}
}

// TestPlaceholdersMeanTheirNumber holds for the drivers that are linked: others
// of SQLite number placeholders by position and put values into wrong columns.
func TestPlaceholdersMeanTheirNumber(t *testing.T) {
	onBoth(t, func(t *testing.T, c Config) {
		db := mustOpen(t, c)
		defer mustClose(t, db)
		scan := func(r row) (all [3]string, err error) { return all, r.Scan(&all[0], &all[1], &all[2]) }
		const query = `select cast($2 as text), cast($1 as text), cast($2 as text)`
		outside, err := one(t.Context(), db.engine.reader(), scan, query, "one", "two")
		if err != nil {
			t.Fatal(err)
		}
		var inside [3]string
		if err := db.write(t.Context(), func(x *tx) error {
			inside, err = one(t.Context(), x, scan, query, "one", "two")
			return err
		}); err != nil {
			t.Fatal(err)
		}
		want := [3]string{"two", "one", "two"}
		if outside != want || inside != want {
			t.Errorf("got %v and %v, want %v", outside, inside, want)
		}
	})
}

// TestTextComparesByBytes is what orders and unique names rely on.
func TestTextComparesByBytes(t *testing.T) {
	onBoth(t, func(t *testing.T, c Config) {
		db := mustOpen(t, c)
		defer mustClose(t, db)
		if err := db.write(t.Context(), func(x *tx) error {
			for _, id := range []string{"a", "B", "é", "e\u0301", "_", "Z", "~", "\U0001f600", "\uffee"} {
				if err := (uploadTx{x}).InsertUpload(t.Context(), upload.Upload{ID: id}); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		ids, err := list(t.Context(), db.engine.reader(), scanText, `select id from uploads order by id`)
		if want := "B Z _ a e\u0301 ~ é \uffee \U0001f600"; err != nil || strings.Join(ids, " ") != want {
			t.Errorf("got %q, %v; want %q", ids, err, want)
		}
	})
}

// TestSchemaGolden shows in a review what a migration makes of the tables.
func TestSchemaGolden(t *testing.T) {
	t.Parallel()
	t.Run("SQLite", func(t *testing.T) {
		t.Parallel()
		golden(t, "schema.sqlite.golden.sql", Config{Path: filepath.Join(t.TempDir(), "x.db")},
			`select sql || ';' from sqlite_master where sql is not null and name not like 'sqlite_%' and name <> 'schema_versions' order by tbl_name, type desc, name`)
	})
	t.Run("PostgreSQL", func(t *testing.T) {
		t.Parallel()
		golden(t, "schema.postgres.golden.txt", Config{URL: servers.Postgres(t)}, `
			select line from (select table_name || '.' || column_name || ' ' || data_type || coalesce(' collate ' || collation_name, '') ||
				case when is_nullable = 'YES' then ' null' else '' end || case when is_identity = 'YES' then ' identity' else '' end as line
			from information_schema.columns where table_schema = 'public' and table_name <> 'schema_versions'
			union all
			select indexdef from pg_indexes where schemaname = 'public' and tablename <> 'schema_versions'
			) all_lines order by line collate "C"`)
	})
}

func golden(t *testing.T, name string, c Config, query string) {
	t.Helper()
	db := mustOpen(t, c)
	defer mustClose(t, db)
	scan := func(r row) (string, error) {
		var line sql.NullString
		err := r.Scan(&line)
		return line.String, err
	}
	lines, err := list(t.Context(), db.engine.reader(), scan, query)
	if err != nil {
		t.Fatal(err)
	}
	got := strings.Join(lines, "\n") + "\n"
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("the tables differ from %s; if they should, run the test with -update. Now:\n%s", file, got)
	}
}
