package api

import (
	"context"
	"net/http"
	"time"

	"oasis/internal/access"
	"oasis/internal/data/upload"
)

// Sender gives who sends a file, for deliveries that take long.
func Sender(ctx context.Context) upload.Sender {
	c := callOf(ctx)
	return upload.Sender{Viewer: Viewer(ctx), Credential: credentialName(&c.caller), Standing: c.standing}
}

// Standing gives what asks again whether the request may still do what it began.
func Standing(ctx context.Context) func(context.Context) error { return callOf(ctx).standing }

// credentialName names a credential for good: kind and id.
func credentialName(c *access.Caller) string { return kindName(c.Kind) + ":" + c.CredentialID }

// standing decides again about the request that is being answered, and gives the
// refusal: the credential may have been revoked, the account disabled or the policy
// changed. That the time of the credential has passed is no reason.
func (c *call) standing(ctx context.Context) error {
	caller, err := c.server.opts.Authenticator.Standing(ctx, c.presented, &c.caller)
	if err != nil {
		return err
	}
	d := access.Decide(c.server.opts.Policy(), c.server.opts.SetUp(), &c.route.Operation, &caller, c.r.PathValue("upload_id"))
	if !d.Allowed {
		return d.Denial
	}
	return nil
}

// StopReading gives a function that makes a read of the request's body that waits
// return soon. It may be called from anywhere while the request is answered.
func StopReading(ctx context.Context) func() {
	w := http.NewResponseController(callOf(ctx).w.ResponseWriter)
	return func() { _ = w.SetReadDeadline(time.Unix(1, 0)) } // only fails on writers that know no deadline
}
