package api

import (
	"context"

	"oasis/internal/access"
)

// Tried is an operation with what would become of a request for it.
type Tried struct {
	Row      *Row
	Decision access.Decision
}

// Try decides about every operation that is guarded, or about those of them that keep
// chooses, exactly as the guard would if the caller came. uploadID stands for the upload in the paths that have one.
func Try(ctx context.Context, caller *access.Caller, uploadID string, keep func(*Row) bool) []Tried {
	s := callOf(ctx).server
	policy, setUp := s.opts.Policy(), s.opts.SetUp()
	var all []Tried
	for i := range s.routes {
		row := &s.routes[i].Row
		if row.Open || keep != nil && !keep(row) {
			continue
		}
		id := ""
		if row.Reach == access.ReachUpload {
			id = uploadID
		}
		all = append(all, Tried{row, access.Decide(policy, setUp, &row.Operation, caller, id)})
	}
	return all
}
