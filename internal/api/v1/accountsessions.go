package v1

import (
	"context"
	"net/http"

	"oasis/internal/access/identity"
	"oasis/internal/access/scope"
	"oasis/internal/api"
)

// BrowserSession is a session of a browser.
type BrowserSession struct {
	ID       string `json:"id"`
	Current  bool   `json:"current" doc:"The session that asks"`
	Device   string `json:"device" doc:"Browser and system, as far as they tell"`
	Address  string `json:"address" doc:"Where it began"`
	Created  string `json:"created" format:"date-time"`
	LastSeen string `json:"last_seen" format:"date-time"`
}

// SessionList is all sessions of somebody.
type SessionList struct {
	Data []BrowserSession `json:"data" nullable:"false"`
}

// EndAll says what to end.
type EndAll struct {
	Tokens   bool `json:"tokens,omitempty" doc:"Revoke all personal access tokens too"`
	KeepThis bool `json:"keep_this,omitempty" doc:"Keep the session that asks"`
}

// Ended says what was ended.
type Ended struct {
	TokensRevoked int `json:"tokens_revoked"`
}

func (s Services) sessionRoutes() []api.Route {
	list := accountRow("listSessions", http.MethodGet, "/sessions", "Where you are signed in", scope.TokensRead)
	list.Output = SessionList{Data: []BrowserSession{{
		ID: "5f2a9c01b3d4", Current: true, Device: "Firefox on Linux", Address: "192.0.2.7",
		Created: "2026-01-31T12:00:00.000000Z", LastSeen: "2026-01-31T12:30:00.000000Z",
	}}}
	end := accountRow("endOneSession", http.MethodDelete, "/sessions/{session_id}", "Sign out elsewhere", scope.TokensDelete)
	end.Status, end.Errors = http.StatusNoContent, []int{http.StatusNotFound}
	all := accountRow("endAllSessions", http.MethodPost, "/sessions/end-all", "Sign out everywhere", scope.TokensDelete)
	all.Description = "Ends all sessions and all access tokens of the identity provider; with tokens also all personal access tokens."
	all.Input, all.Output = EndAll{Tokens: true}, Ended{TokensRevoked: 3}
	return []api.Route{api.Handle(list, s.listSessions), api.Handle(end, s.endOneSession), api.Handle(all, s.endAllSessions)}
}

func (s Services) listSessions(ctx context.Context, _ *struct{}) (*struct{ Body SessionList }, error) {
	all, err := s.Accounts.Sessions(ctx, api.UserID(ctx))
	if err != nil {
		return nil, err
	}
	own := ""
	if secret := api.SessionSecret(ctx); secret != "" {
		own = identity.SessionDigest(secret)
	}
	out := &struct{ Body SessionList }{SessionList{[]BrowserSession{}}}
	for i := range all {
		x := &all[i]
		out.Body.Data = append(out.Body.Data, BrowserSession{
			ID: x.ID(), Current: x.Digest == own, Device: identity.Device(x.Agent), Address: x.Address,
			Created: x.Created.UTC().Format(stampLayout), LastSeen: x.LastSeen.UTC().Format(stampLayout),
		})
	}
	return out, nil
}

func (s Services) endOneSession(ctx context.Context, in *struct {
	ID string `path:"session_id"`
},
) (*struct{}, error) {
	return nil, s.Accounts.EndSessionByID(ctx, api.UserID(ctx), in.ID)
}

func (s Services) endAllSessions(ctx context.Context, in *struct{ Body EndAll }) (*struct{ Body Ended }, error) {
	keep := ""
	if in.Body.KeepThis {
		keep = api.SessionSecret(ctx)
	}
	n, err := s.Accounts.EndAll(ctx, api.UserID(ctx), keep, in.Body.Tokens)
	return &struct{ Body Ended }{Ended{n}}, err
}
