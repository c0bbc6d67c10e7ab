package api

import (
	"oasis/internal/access"
	"oasis/internal/access/explain"
	"oasis/internal/problem"
)

// Explanation is the way a refused request took through the flowchart.
type Explanation = explain.Explanation

// stepObject is the box after the flowchart: the rules of the upload or entry itself.
const stepObject = explain.StepObject

// explain tells a 401 or 403 in sentences. It says nothing that the caller could
// not know: of objects only what the refusal itself says.
func (c *call) explain(refusal *problem.Error) *Explanation {
	q := explain.Question{Decision: &c.decision, Operation: &c.route.Operation, Caller: &c.caller, Policy: c.server.opts.Policy()}
	if c.decision.Allowed {
		q.Object, q.Refusal = access.Stopped, refusal
	}
	e := explain.Explain(q)
	if step, _ := c.decision.StoppedAt(); step == access.StepSignIn && SessionSecret(c.r.Context()) != "" && c.foreign() != nil {
		e.Help = "Your session was not counted, because the request comes from a page of another site. Use an access token."
	}
	return e
}
