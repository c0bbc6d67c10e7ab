package api

import "context"

// Bearer gives the token that the request came with, "" when it came with a
// session or nothing.
func Bearer(ctx context.Context) string {
	p := callOf(ctx).credential()
	if p == nil || p.Session {
		return ""
	}
	return p.Secret
}
