package api_test

import (
	"testing"

	"oasis/internal/access/token"
)

func TestDeadTokensAreNotAnonymous(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	pat := l.pat("jane", "info:read")
	header := map[string]string{"Authorization": "Bearer " + pat}
	l.do(request{path: "/api/v1/info", header: header}).want(200)
	tokens, _, err := l.tokens.List(t.Context(), l.users["jane"].ID, token.Filter{Limit: 10})
	must(t, err)
	must(t, l.tokens.Revoke(t.Context(), l.users["jane"].ID, tokens[0].ID))
	got := l.do(request{path: "/api/v1/info", header: header}).detail(401, "Invalid token.")
	if got.header.Get("WWW-Authenticate") != `Bearer error="invalid_token"` {
		t.Errorf("WWW-Authenticate %q", got.header.Get("WWW-Authenticate"))
	}
	literal := *l.policy.Load()
	literal.InvalidAsAnonymous = true
	l.policy.Store(&literal)
	l.do(request{path: "/api/v1/info", header: header}).want(200)
	l.do(request{path: "/api/v1/users/me", header: header}).detail(401, "Authentication required.")
}

func TestDisablingAnAccountHoldsAtOnce(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	pat := map[string]string{"Authorization": "Bearer " + l.pat("jane", "users:read")}
	cookie := map[string]string{"Cookie": l.signIn("jane")}
	l.do(request{path: "/api/v1/users/me", header: pat}).want(200)
	l.do(request{path: "/api/v1/users/me", header: cookie}).want(200)
	must(t, l.people.SetDisabled(t.Context(), l.users["jane"].ID, true))
	l.do(request{path: "/api/v1/users/me", header: pat}).detail(403, "Your account is disabled.")
	l.do(request{path: "/api/v1/users/me", header: cookie}).want(401)
	l.get("jane", "/api/v1/users/me").detail(403, "Your account is disabled.")
}
