package sqlstore

import (
	"strings"
	"testing"

	"oasis/test/servers"
)

func TestADatabaseStaysWithItsDataDirectory(t *testing.T) {
	onBoth(t, func(t *testing.T, c Config) {
		c.DataDir = "FIRST"
		for range 2 {
			mustClose(t, mustOpen(t, c))
		}
		c.DataDir = "SECOND"
		if _, err := Open(t.Context(), c); err == nil || !strings.Contains(err.Error(), "belongs to another data directory") ||
			!strings.Contains(err.Error(), "--data") || !strings.Contains(err.Error(), "write FIRST into") {
			t.Errorf("opened with another data directory: %v", err)
		}
		c.DataDir = "FIRST"
		mustClose(t, mustOpen(t, c)) // the refusal has changed nothing, and holds nothing
	})
}

// Two copies of one data directory, or two containers on one network disk.
func TestASecondServerOnADatabaseIsRefused(t *testing.T) {
	t.Parallel()
	c := Config{URL: servers.Postgres(t), DataDir: "SAME"}
	first := mustOpen(t, c)
	if _, err := Open(t.Context(), c); err == nil || !strings.Contains(err.Error(), "another Oasis server is using this database. Stop it first") {
		t.Errorf("opened twice: %v", err)
	}
	mustClose(t, first)
	mustClose(t, mustOpen(t, c))
}

func TestAServerThatIsStartedAnewWaitsForTheOldOne(t *testing.T) {
	t.Parallel()
	c := Config{URL: servers.Postgres(t), DataDir: "SAME"}
	first := mustOpen(t, c)
	watch := mustOpen(t, Config{URL: c.URL})
	defer mustClose(t, watch)
	opened := make(chan *DB, 1)
	go func() {
		db, err := Open(t.Context(), c)
		if err != nil {
			t.Error(err)
		}
		opened <- db
	}()
	if err := waitForWaiting(t.Context(), watch, 1, func() bool { return len(opened) > 0 }); err != nil {
		t.Fatal(err)
	}
	mustClose(t, first)
	if db := <-opened; db != nil {
		mustClose(t, db)
	}
}
