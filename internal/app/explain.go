package app

import (
	"context"
	"net/netip"

	"oasis/internal/access/explain"
	"oasis/internal/access/whatif"
	"oasis/internal/api"
	"oasis/internal/problem"
)

// ExplainQuestion are the arguments of VerbExplain; empty members are left out.
type ExplainQuestion struct {
	User, Token, Kind string
	Scopes            []string
	Operation         string
	Upload, Address   string
}

// Explained is why somebody may or may not do something.
type Explained struct {
	Allowed  bool
	Status   int
	Detail   string
	Decision explain.Explanation
}

// OperationInfo is an operation as the command line lists it.
type OperationInfo struct {
	Operation, Summary string
	Scopes             []string
}

func (a *admin) explain(ctx context.Context, in ExplainQuestion) (Explained, error) {
	q := whatif.Question{
		User: in.User, PATID: in.Token, Kind: in.Kind, Scopes: in.Scopes, ScopesGiven: len(in.Scopes) > 0,
		Operation: in.Operation, UploadID: in.Upload,
	}
	if in.Address != "" {
		address, err := netip.ParseAddr(in.Address)
		if err != nil {
			return Explained{}, problem.Bad("%q is no address. Examples: 192.0.2.7, 2001:db8::7.", in.Address)
		}
		q.Address = address.Unmap()
	}
	answer, err := a.core.explainer(a.routes).Explain(ctx, q)
	if err != nil {
		return Explained{}, err
	}
	out := Explained{Allowed: answer.Refusal == nil, Decision: *explain.Explain(answer.Question())}
	if answer.Refusal != nil {
		out.Status, out.Detail = api.StatusOf(answer.Refusal), answer.Refusal.Detail
	}
	return out, nil
}

func (a *admin) explainList(context.Context, struct{}) ([]OperationInfo, error) {
	var all []OperationInfo
	for _, r := range a.routes() {
		if !r.Open {
			all = append(all, OperationInfo{Operation: r.ID, Summary: r.Summary, Scopes: r.Scopes.Names()})
		}
	}
	return all, nil
}

// routes are the rows of the whole API, also when nothing is served.
func (a *admin) routes() []api.Route {
	return (&App{core: a.core, opts: Options{Config: a.core.settings.config()}}).routes()
}
