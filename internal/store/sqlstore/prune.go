package sqlstore

import (
	"context"
	"fmt"
	"time"
)

// How long rows stay that only somebody who comes late asks for.
const (
	// buriedFor is how far a search index may be behind; a running server brings its own
	// up to date each hour, and one that starts reads everything anew.
	buriedFor = 7 * 24 * time.Hour
	// failedFor is how long the books of a job that has failed for good are kept.
	failedFor = 30 * 24 * time.Hour
)

// Prune deletes what nobody asks for any more: deletions that every search index
// has followed, and jobs that failed long ago. The caller refreshes its index first.
func (db *DB) Prune(ctx context.Context) error {
	now := db.now()
	if _, err := db.exec(ctx, `delete from tombstones where buried < $1`, micros(now.Add(-buriedFor))); err != nil {
		return fmt.Errorf("delete old tombstones: %w", err)
	}
	if _, err := db.exec(ctx, `delete from jobs where state = 'failed' and run_at < $1`, micros(now.Add(-failedFor))); err != nil {
		return fmt.Errorf("delete failed jobs: %w", err)
	}
	return nil
}
