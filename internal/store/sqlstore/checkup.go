package sqlstore

import (
	"context"
	"fmt"
	"time"

	"oasis/internal/data/upload"
)

// Checkup is what a database tells about its health and that of what it keeps.
type Checkup struct {
	// Engine is the name and version of the database program, Tables the version of our tables.
	Engine string
	Tables int64
	// Damage is what the database finds wrong in its own files, at most a few lines.
	Damage []string
	// Clock is the time of the database's machine, zero when it is ours; Newest is the newest
	// time that anything was recorded at.
	Clock, Newest time.Time
	// FailedJobs are given up for good, LateJobs are due for long and not begun, LostJobs belong to a
	// worker that does not answer. JobError is why the last failed job was given up.
	FailedJobs, LateJobs, LostJobs int64
	JobError                       string
	// FailedUploads and FailedEntries are those whose processing has failed.
	FailedUploads, FailedEntries int64
	// Keys is the number of signing keys, NewestKey when the one that signs was made.
	Keys      int64
	NewestKey time.Time
	// Admins is the number of administrators who can sign in.
	Admins int64
	// Servers are those that share the database and where they run.
	Servers []string
}

// EndingToken is a personal access token that is in use and ends soon.
type EndingToken struct {
	ID, Name, Owner string
	Expires         time.Time
}

// How long a job may be due, or its worker silent, before a checkup tells of it.
const (
	lateAfter = 10 * time.Minute
	lostAfter = time.Minute
)

// CheckUp asks the database for its health. It reads all of an SQLite file.
func (db *DB) CheckUp(ctx context.Context) (c Checkup, err error) {
	now, q := db.now(), db.engine.reader()
	if err := db.engine.examine(ctx, &c); err != nil {
		return c, fmt.Errorf("examine the database: %w", err)
	}
	numbers := []struct {
		into  *int64
		query string
		args  []any
	}{
		{&c.Tables, `select max(version_id) from schema_versions`, nil},
		{&c.FailedJobs, `select count(*) from jobs where state = 'failed'`, nil},
		{&c.LateJobs, `select count(*) from jobs where state = 'queued' and run_at < $1`, []any{micros(now.Add(-lateAfter))}},
		{&c.LostJobs, `select count(*) from jobs where state = 'running' and lease_until < $1`, []any{micros(now.Add(-lostAfter))}},
		{&c.FailedUploads, `select count(*) from uploads where process_status = 'FAILURE'`, nil},
		{&c.FailedEntries, `select coalesce(sum(failed), 0) from uploads`, nil},
		{&c.Keys, `select count(*) from signing_keys`, nil},
		{&c.Admins, `select count(*) from users where admin and not disabled`, nil},
	}
	for _, n := range numbers {
		if *n.into, err = one(ctx, q, scanInt, n.query, n.args...); err != nil {
			return c, fmt.Errorf("count what is not as it should be: %w", err)
		}
	}
	times := []struct {
		into  *time.Time
		query string
	}{
		{&c.Newest, `select coalesce(max(time), 0) from audit`},
		{&c.NewestKey, `select coalesce(max(created), 0) from signing_keys`},
	}
	for _, t := range times {
		at, err := one(ctx, q, func(r row) (at time.Time, err error) { return at, r.Scan(stamp{&at}) }, t.query)
		if err != nil {
			return c, fmt.Errorf("look for the newest times: %w", err)
		}
		*t.into = at
	}
	why, err := list(ctx, q, scanText, `select last_error from jobs where state = 'failed' order by run_at desc limit 1`)
	if err != nil {
		return c, fmt.Errorf("read why a job failed: %w", err)
	}
	if len(why) > 0 {
		c.JobError = why[0]
	}
	c.Servers, err = list(ctx, q, scanText, `select host from servers order by started`)
	return c, err
}

// EndingTokens lists tokens in use that end before a time, the nearest first.
func (db *DB) EndingTokens(ctx context.Context, before time.Time, limit int) ([]EndingToken, error) {
	scan := func(r row) (t EndingToken, err error) { return t, r.Scan(&t.ID, &t.Name, &t.Owner, stamp{&t.Expires}) }
	return list(ctx, db.engine.reader(), scan, `select p.id, p.name, u.username, p.expired_at from pats p join users u on u.id = p.user_id
		where p.revoked_at = 0 and p.last_used_at > 0 and p.expired_at > $1 and p.expired_at < $2 and not u.disabled
		order by p.expired_at, p.id limit $3`, micros(db.now()), micros(before), limit)
}

// FilesAfter gives the rows of up to limit files, of all uploads, that come after one in the
// order of upload and path.
func (db *DB) FilesAfter(ctx context.Context, uploadID, path string, limit int) ([]upload.File, error) {
	return list(ctx, db.engine.reader(), scanFile, `select `+fileColumns+` from files
		where is_file and (upload_id, path) > ($1, $2) order by upload_id, path limit $3`, uploadID, path, limit)
}

// mostDamage is how many lines of damage are enough to know.
const mostDamage = 5

func (e *sqliteEngine) examine(ctx context.Context, c *Checkup) error {
	version, err := one(ctx, e.reader(), scanText, `select sqlite_version()`)
	if err != nil {
		return err
	}
	c.Engine = "SQLite " + version
	found, err := list(ctx, e.reader(), scanText, fmt.Sprintf(`pragma quick_check(%d)`, mostDamage))
	if err != nil {
		return err
	}
	for _, line := range found {
		if line != "ok" {
			c.Damage = append(c.Damage, line)
		}
	}
	return nil
}

func (e *postgresEngine) examine(ctx context.Context, c *Checkup) error {
	version, err := one(ctx, e.reader(), scanText, `select current_setting('server_version')`)
	if err != nil {
		return err
	}
	c.Engine = "PostgreSQL " + version
	at, err := one(ctx, e.reader(), scanInt, `select (extract(epoch from clock_timestamp()) * 1000000)::bigint`)
	if err != nil {
		return err
	}
	c.Clock = time.UnixMicro(at).UTC()
	// NULL without checksums of pages.
	failures, err := one(ctx, e.reader(), scanInt, `select coalesce(checksum_failures, 0) from pg_stat_database where datname = current_database()`)
	if err == nil && failures > 0 {
		c.Damage = append(c.Damage, fmt.Sprintf("%d pages did not have the checksum they were written with", failures))
	}
	return err
}
