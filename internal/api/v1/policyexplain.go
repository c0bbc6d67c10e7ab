package v1

import (
	"context"
	"net/netip"

	"oasis/internal/access/explain"
	"oasis/internal/access/token"
	"oasis/internal/access/whatif"
	"oasis/internal/api"
	"oasis/internal/problem"
)

// Explainer answers why somebody may or may not do something.
type Explainer interface {
	// Explain is Missing when the user, the token, the operation or the upload does not exist.
	Explain(ctx context.Context, q whatif.Question) (whatif.Answer, error)
}

func (s Services) explainAccess(ctx context.Context, in *struct{ Body ExplainQuestion }) (*struct{ Body ExplainAnswer }, error) {
	q, err := in.Body.question(ctx)
	if err != nil {
		return nil, err
	}
	a, err := s.Explainer.Explain(ctx, q)
	if err != nil {
		return nil, err
	}
	return &struct{ Body ExplainAnswer }{explained(a)}, nil
}

func explained(a whatif.Answer) ExplainAnswer {
	out := ExplainAnswer{Allowed: a.Refusal == nil, Decision: *explain.Explain(a.Question())}
	if a.Refusal != nil {
		status := api.StatusOf(a.Refusal)
		out.Status, out.Detail = &status, some(a.Refusal.Detail)
	}
	return out
}

func (e *ExplainQuestion) question(ctx context.Context) (whatif.Question, error) {
	q := whatif.Question{Operation: e.Operation}
	if e.User != nil {
		q.User = *e.User
	}
	if e.UploadID != nil {
		q.UploadID = *e.UploadID
	}
	address := api.Address(ctx)
	if e.Address != nil && *e.Address != "" {
		address = *e.Address
	}
	var err error
	if q.Address, err = netip.ParseAddr(address); err != nil && e.Address != nil {
		return q, problem.Invalid("value_error", "Write an address such as 192.0.2.7 or 2001:db8::7", "body", "address")
	}
	q.Address = q.Address.Unmap()
	c := e.Credential
	if c == nil {
		return q, nil
	}
	q.Kind = c.Kind
	if c.Scopes != nil {
		q.Scopes, q.ScopesGiven = *c.Scopes, true
	}
	if c.PATID != nil {
		q.PATID = *c.PATID
	}
	q.Restrictions, err = token.ParseRestrictions(c.Restrictions, "body", "credential", "restrictions")
	return q, err
}

func (s Services) listOperations(context.Context, *struct{}) (*struct{ Body ExplainOperations }, error) {
	out := &struct{ Body ExplainOperations }{ExplainOperations{[]ExplainOperation{}}}
	rows := s.Operations()
	for i := range rows {
		r := &rows[i]
		if r.Open {
			continue
		}
		_, onUpload := ObjectRule(r.ID)
		out.Body.Data = append(out.Body.Data, ExplainOperation{
			Operation: r.ID, Summary: r.Summary, Scopes: r.Scopes.Names(), Upload: onUpload,
		})
	}
	return out, nil
}
