package v1

import (
	"context"
	"fmt"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"oasis/internal/access"
	"oasis/internal/access/scope"
	"oasis/internal/access/token"
	"oasis/internal/api"
)

// PATPreview tells what a token would be able to do, before it is made.
type PATPreview struct {
	Allowed    int              `json:"allowed" doc:"How many operations it may call"`
	Refused    int              `json:"refused"`
	Operations []TriedOperation `json:"operations"`
	Notes      []string         `json:"notes" doc:"What else limits it"`
	// AllowedHere is about restrictions to networks.
	AllowedHere bool    `json:"allowed_here" doc:"Whether it could be used from where you are now"`
	ExpiredAt   *string `json:"expired_at" format:"date-time" doc:"When it would end; null = never"`
}

// TriedOperation is one operation with the decision about it.
type TriedOperation struct {
	ID      string   `json:"id"`
	Method  string   `json:"method"`
	Path    string   `json:"path"`
	Tag     string   `json:"tag"`
	Summary string   `json:"summary"`
	Scopes  []string `json:"scopes"`
	Allowed bool     `json:"allowed"`
	Step    *string  `json:"step" doc:"The box of the flowchart that would refuse"`
	Why     *string  `json:"why" doc:"The sentence that the bearer would read"`
}

// PATUsage tells what a token was used for.
type PATUsage struct {
	Days      int       `json:"days" doc:"How far back this looks"`
	Scopes    []PATUsed `json:"scopes"`
	Unused    []string  `json:"unused_scopes" doc:"Scopes of the token that it did not need"`
	Uploads   []PATUsed `json:"uploads"`
	Addresses []PATUsed `json:"addresses"`
	Advice    *string   `json:"advice" doc:"How the token could be narrowed; null = it fits"`
}

// PATRules tells what tokens somebody may make here (auth.pat_*), for the form that makes them.
type PATRules struct {
	MayMake           bool     `json:"may_make" doc:"Whether you may make tokens at all"`
	ForbiddenScopes   []string `json:"forbidden_scopes" nullable:"false" doc:"Scopes that no token of this Oasis may have"`
	MaxDays           *int     `json:"max_days" doc:"Longest life; null = no limit"`
	MaxDaysAppendOnly *int     `json:"max_days_append_only" doc:"Longest life of tokens that may only add; null = no limit"`
	Address           string   `json:"address" doc:"Where you are now, as restrictions to networks see it"`
}

// PATUsed is one thing that a token was used for.
type PATUsed struct {
	Item       string  `json:"item"`
	Times      int64   `json:"times"`
	LastUsedAt *string `json:"last_used_at" format:"date-time"`
}

func (s Services) tokenToolRoutes(row func(id, method, path, summary string, scopes ...scope.Scope) api.Row) []api.Route {
	preview := row("previewPAT", http.MethodPost, "/preview", "What a token would be able to do", scope.TokensCreate)
	preview.Description = "Takes what POST /auth/pats takes and makes nothing. Every operation is decided exactly as it would be for the token; " +
		"what uploads themselves allow is decided when they are asked for."
	preview.Errors = []int{http.StatusBadRequest}
	preview.Input = map[string]any{"metadata": map[string]any{"name": "try", "scopes": []string{"uploads:write"}, "restrictions": map[string]any{"append_only": true}}}
	preview.Output = PATPreview{Operations: []TriedOperation{}, Notes: []string{}}
	usage := row("getPATUsage", http.MethodGet, "/{pat_id}/usage", "What a token was used for", scope.TokensRead)
	usage.Errors, usage.Output = []int{http.StatusNotFound}, PATUsage{Days: token.UsageDays}
	rules := row("getPATRules", http.MethodGet, "/rules", "What tokens you may make", scope.TokensCreate)
	longest := 365
	rules.Output = PATRules{MayMake: true, ForbiddenScopes: []string{}, MaxDays: &longest, Address: "192.0.2.7"}
	return []api.Route{api.Handle(preview, s.previewPAT), api.Handle(usage, s.getPATUsage), api.Handle(rules, s.getPATRules)}
}

func (s Services) getPATRules(ctx context.Context, _ *struct{}) (*struct{ Body PATRules }, error) {
	me := api.Caller(ctx)
	limits := s.Tokens.Limits()
	rules := PATRules{
		MayMake:         limits.MayCreate == nil || limits.MayCreate(&me.User),
		ForbiddenScopes: limits.Forbidden.Names(),
		MaxDays:         wholeDays(limits.MaxLifetime), MaxDaysAppendOnly: wholeDays(limits.MaxLifetimeAppendOnly),
	}
	if me.Address.IsValid() {
		rules.Address = me.Address.String()
	}
	return &struct{ Body PATRules }{rules}, nil
}

// wholeDays is a longest life in days, nil without a limit.
func wholeDays(life time.Duration) *int {
	if life == 0 {
		return nil
	}
	n := int(life / (hoursADay * time.Hour))
	return &n
}

const hoursADay = 24

func (s Services) previewPAT(ctx context.Context, in *struct{ Body CreatePAT }) (*struct{ Body PATPreview }, error) {
	n, err := s.newPAT(ctx, &in.Body)
	if err != nil {
		return nil, err
	}
	me := api.Caller(ctx)
	draft, err := s.Tokens.Draft(&me.User, n)
	if err != nil {
		return nil, err
	}
	caller := access.Caller{
		Kind: access.PersonalToken, State: access.Valid, User: me.User, UserState: me.UserState,
		Granted: draft.Scopes.Without(scope.Tokens()), Restrictions: draft.Restrictions, Address: me.Address,
	}
	out := PATPreview{
		Operations: []TriedOperation{}, Notes: []string{}, ExpiredAt: stamp(draft.ExpiredAt),
		AllowedHere: draft.Restrictions.AllowsFrom(me.Address),
	}
	uploadID := ""
	if r := draft.Restrictions; r != nil {
		if r.Uploads != nil {
			uploadID = r.Uploads[0]
			out.Notes = append(out.Notes, "Where an upload is named: only "+strings.Join(r.Uploads, ", ")+". Lists and searches give nothing else.")
		}
		if r.Networks != nil {
			if !out.AllowedHere {
				out.Notes = append(out.Notes, "Not from where you are now ("+me.Address.String()+").")
			}
			caller.Address = within(r.Networks)
			out.Notes = append(out.Notes, "Only from "+join(r.Networks)+".")
		}
	}
	if d := draft.Restrictions.Deposits(); d != nil {
		out.Notes = append(out.Notes, "Makes uploads for "+d.Whom()+", else for "+d.Default+", and adds to those for a while. Reads, changes and deletes nothing.")
	}
	for _, t := range api.Try(ctx, &caller, uploadID, nil) {
		o := TriedOperation{
			ID: t.Row.ID, Method: t.Row.Method, Path: strings.TrimPrefix(t.Row.Path, api.PathV1), Tag: t.Row.Tag, Summary: t.Row.Summary,
			Scopes: t.Row.Scopes.Names(), Allowed: t.Decision.Allowed,
		}
		if o.Allowed {
			out.Allowed++
		} else {
			out.Refused++
			step, _ := t.Decision.StoppedAt()
			o.Step, o.Why = some(step.String()), some(t.Decision.Denial.Detail)
		}
		out.Operations = append(out.Operations, o)
	}
	return &struct{ Body PATPreview }{out}, nil
}

// within gives an address of the first network.
func within(networks []netip.Prefix) netip.Addr { return networks[0].Addr() }

func join(networks []netip.Prefix) string {
	texts := make([]string, len(networks))
	for i, n := range networks {
		texts[i] = n.String()
	}
	return strings.Join(texts, ", ")
}

func (s Services) getPATUsage(ctx context.Context, in *patInput) (*struct{ Body PATUsage }, error) {
	p, used, err := s.Tokens.Usage(ctx, api.UserID(ctx), in.ID)
	if err != nil {
		return nil, err
	}
	return &struct{ Body PATUsage }{usageOf(&p, used, time.Now())}, nil
}

// usageOf sorts what a token was used for, and says how it could be narrowed.
func usageOf(p *token.PAT, used []token.Used, now time.Time) PATUsage {
	u := PATUsage{Days: token.UsageDays, Scopes: []PATUsed{}, Unused: []string{}, Uploads: []PATUsed{}, Addresses: []PATUsed{}}
	needed := map[string]bool{}
	for _, one := range used {
		item := PATUsed{one.Item, one.Times, stamp(one.Last)}
		switch one.Kind {
		case token.UsedScope:
			u.Scopes = append(u.Scopes, item)
			needed[one.Item] = true
		case token.UsedUpload:
			u.Uploads = append(u.Uploads, item)
		case token.UsedAddress:
			u.Addresses = append(u.Addresses, item)
		}
	}
	for _, name := range p.Scopes.Names() {
		if !needed[name] {
			u.Unused = append(u.Unused, name)
		}
	}
	if p.State(now) == token.Active {
		u.Advice = some(advice(p, &u))
	}
	return u
}

// fewUploads is how many uploads a token may have been used for to be narrowed to them.
const fewUploads = 5

// advice says how a token could be narrowed, "" when it fits.
func advice(p *token.PAT, u *PATUsage) string {
	r := p.Restrictions
	if r == nil {
		r = &token.Restrictions{}
	}
	if len(u.Scopes) == 0 {
		return fmt.Sprintf("Not used in the last %d days: revoke it if nobody needs it.", token.UsageDays)
	}
	narrower := len(u.Unused) > 0 || r.Networks == nil && len(u.Addresses) == 1 || r.Uploads == nil && len(u.Uploads) > 0 && len(u.Uploads) <= fewUploads
	if !narrower {
		return ""
	}
	return fmt.Sprintf("Used %d of %d scopes, %s, %s in %d days: narrow it.",
		len(u.Scopes), p.Scopes.Len(), counted(len(u.Uploads), "upload"), counted(len(u.Addresses), "address"), token.UsageDays)
}

func counted(n int, what string) string {
	switch {
	case n == 1:
		return "1 " + what
	case strings.HasSuffix(what, "s"):
		return fmt.Sprintf("%d %ses", n, what)
	default:
		return fmt.Sprintf("%d %ss", n, what)
	}
}
