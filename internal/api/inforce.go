package api

import (
	"context"

	"oasis/internal/access/scope"
	"oasis/internal/problem"
)

// Need refuses a part of an operation for which the caller lacks scopes that the
// operation as a whole does not need.
func Need(ctx context.Context, scopes ...scope.Scope) error {
	missing := scope.Of(scopes...).Without(callOf(ctx).decision.InForce)
	if missing == 0 {
		return nil
	}
	return problem.Denied("Missing scopes: %s", missing.Quoted())
}
