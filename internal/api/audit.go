package api

import (
	"net/http"
	"strings"

	"oasis/internal/access"
	"oasis/internal/access/audit"
	"oasis/internal/problem"
)

// AuditRequest tells the audit log who asks for what, as far as it is known by now.
func (c *call) AuditRequest() audit.Request {
	r := audit.Request{Address: c.address, ID: c.id, CredentialID: c.caller.CredentialID}
	if c.route != nil {
		r.Operation = c.route.ID
	}
	if c.caller.Kind != access.NoCredential {
		r.CredentialKind = kindName(c.caller.Kind)
	}
	if c.caller.State == access.Valid {
		r.Actor, r.ActorName = c.caller.User.ID, c.caller.User.Username
	}
	return r
}

// stepOrigin is the step of what is refused because of the page that it came from.
const stepOrigin = "origin"

// recordDenial puts a 401 or 403 into the audit log. What the open operations of
// sign-in refuse is recorded by package identity, which knows whose account it was.
func (c *call) recordDenial(status int, refusal *problem.Error) {
	recorder := c.server.opts.Audit
	if recorder == nil || c.route == nil || status != http.StatusUnauthorized && status != http.StatusForbidden || c.decided && c.route.Open {
		return
	}
	e := audit.Event{
		Outcome: audit.Denied, Status: status, Detail: refusal.Detail, Object: c.object(), Step: stepOrigin,
	}
	if c.decided {
		e.Step = stepObject
		if step, stopped := c.decision.StoppedAt(); stopped {
			e.Step = step.String()
		}
	}
	if c.caller.Fate != "" {
		e.Detail += " (" + c.caller.Fate + ")"
	}
	recorder.Record(c.r.Context(), e)
}

// object names what the address of the request is about, "" when nothing in it is known to be a name.
func (c *call) object() string {
	for _, of := range []struct {
		param string
		name  func(string) string
	}{
		{"upload_id", audit.UploadObject}, {"pat_id", audit.TokenObject}, {"user_id", audit.UserObject},
		{"group_id", audit.GroupObject}, {"entry_id", func(id string) string { return "entry:" + id }},
	} {
		if id := c.r.PathValue(of.param); id != "" {
			return of.name(id)
		}
	}
	return ""
}

// kindName is the kind of a credential as one word, for filters and labels.
func kindName(k access.Kind) string { return strings.ReplaceAll(k.String(), " ", "_") }
