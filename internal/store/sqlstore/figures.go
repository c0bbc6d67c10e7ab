package sqlstore

import (
	"context"
	"fmt"
)

// CountJobs gives the number of jobs in each state that some are in, for metrics.
func (db *DB) CountJobs(ctx context.Context) (map[string]int64, error) {
	counts := map[string]int64{}
	err := each(ctx, db.engine.reader(), func(r row) error {
		var state string
		var n int64
		err := r.Scan(&state, &n)
		counts[state] = n
		return err
	}, `select state, count(*) from jobs group by state`)
	if err != nil {
		return nil, fmt.Errorf("count jobs: %w", err)
	}
	return counts, nil
}
