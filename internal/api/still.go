package api

import (
	"context"
	"net/netip"

	"oasis/internal/access"
)

// StillAllowed asks again what the guard asked when the request came: a stream that
// stays open ends with its credential, its user's rights or a stricter policy. It
// uses what is cached and does not count as use. A check that cannot be made is a
// no: the client comes again.
func StillAllowed(ctx context.Context) bool {
	c := callOf(ctx)
	policy := c.server.opts.Policy()
	p := c.credential(policy)
	if p == nil {
		p = c.uploadToken(policy)
	}
	if p != nil {
		p.Address, _ = netip.ParseAddr(c.address) // what is no address is in no network
	}
	caller, err := c.server.opts.Authenticator.Check(ctx, p)
	if err != nil || caller.User.ID != c.caller.User.ID || caller.Kind != c.caller.Kind {
		return false
	}
	return access.Decide(policy, c.server.opts.SetUp(), &c.route.Operation, &caller, c.r.PathValue("upload_id")).Allowed
}
