package api

import (
	"context"

	"oasis/internal/access"
)

// Bearer gives the token that the request came with, "" when it came with a
// session or nothing.
func Bearer(ctx context.Context) string {
	c := callOf(ctx)
	p := c.credential(c.server.opts.Policy())
	if p == nil || p.Place != access.InHeader {
		return ""
	}
	return p.Secret
}
