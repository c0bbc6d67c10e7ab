package matrix

import (
	"net/http"
	"slices"
	"testing"
)

// TestEveryOperationWithEveryCredential goes through the flowchart under the
// configuration that comes with Oasis.
func TestEveryOperationWithEveryCredential(t *testing.T) {
	t.Parallel()
	var c crowd
	w := start(t, policy{seed: c.seed})
	c.signIn(t, w)
	walk(t, w, append(c.asAnybody(w), c.visitors(asVisitor)...))
}

// TestEveryOperationWhenEverybodyHasToSignIn turns the left side of the chart off.
func TestEveryOperationWhenEverybodyHasToSignIn(t *testing.T) {
	t.Parallel()
	var c crowd
	w := start(t, policy{seed: c.seed, yaml: "auth:\n  require_authentication: true\n"})
	c.signIn(t, w)
	closed := refused(want{status: http.StatusUnauthorized, detail: signInFirst, challenge: "Bearer"})
	walk(t, w, append(c.visitors(closed),
		way{"personal access token", c.pat(&c.member), asMachine},
		way{"access token", c.jwt(&c.member), through},
		way{"session", w.cookie(&c.member), through},
		way{"session from another site", func(r *http.Request, id string) {
			w.cookie(&c.member)(r, id)
			r.Header.Set("Sec-Fetch-Site", "cross-site")
		}, func(row *operation, method string) want {
			if method == http.MethodGet || row.unguarded() || row.sameSite {
				return fromElsewhere(row, method)
			}
			return closed(row, method)
		}},
	))
}

// TestEveryOperationWhenVisitorsHoldNoScope gives visitors a 403 that names what
// they lack, where they would be let in with it.
func TestEveryOperationWhenVisitorsHoldNoScope(t *testing.T) {
	t.Parallel()
	var c crowd
	w := start(t, policy{seed: c.seed, yaml: "auth:\n  unauthenticated_user_scopes:\n    include: []\n"})
	c.signIn(t, w)
	walk(t, w, append(
		c.visitors(func(row *operation, method string) want {
			if row.visitors {
				return withOnly()(row, method)
			}
			return asVisitor(row, method)
		}),
		way{"personal access token", c.pat(&c.member), asMachine},
		way{"session", w.cookie(&c.member), through},
	))
}

// TestEveryOperationWhenDeadTokensCountAsNone is the flowchart to the letter.
func TestEveryOperationWhenDeadTokensCountAsNone(t *testing.T) {
	t.Parallel()
	var c crowd
	w := start(t, policy{seed: c.seed, yaml: "auth:\n  invalid_credentials: anonymous\n"})
	c.signIn(t, w)
	as := func(token string) func(*http.Request, string) {
		return func(r *http.Request, _ string) { bearer(token)(r) }
	}
	walk(t, w, append(c.visitors(asVisitor),
		way{"expired token", as(c.expired), asVisitor},
		way{"revoked token", as(c.revoked), asVisitor},
		way{"unknown token", as(c.unknown), asVisitor},
		way{"mistyped token", as(c.mistyped), asVisitor},
		way{"garbage", as("garbage"), dead(deadJWT)},
		way{"token of a disabled account", c.pat(&c.switchedOff), denied(disabled)},
	))
}

// TestEveryOperationForPeopleWhoAreNotListed keeps strangers out, and lets
// visitors in as before: the list is about accounts.
func TestEveryOperationForPeopleWhoAreNotListed(t *testing.T) {
	t.Parallel()
	var c crowd
	w := start(t, policy{seed: c.seed, yaml: "auth:\n  authorized_users: [MEMBER]\n"})
	c.signIn(t, w)
	walk(t, w, append(c.visitors(asVisitor),
		way{"token of a member", c.pat(&c.member), asMachine},
		way{"access token of a member", c.jwt(&c.member), through},
		way{"token of a stranger", c.pat(&c.stranger), denied(notListed)},
		way{"access token of a stranger", c.jwt(&c.stranger), denied(notListed)},
		way{"session of a stranger", w.cookie(&c.stranger), denied(notListed)},
		way{"token of a disabled account", c.pat(&c.switchedOff), denied(disabled)},
	))
}

// TestEveryOperationForPeopleWhoAreNotListedButNotRejected gives strangers the
// scopes of the configuration, whatever their credential holds; also then no
// token reaches the tokens.
func TestEveryOperationForPeopleWhoAreNotListedButNotRejected(t *testing.T) {
	t.Parallel()
	var c crowd
	w := start(t, policy{seed: c.seed, yaml: `
auth:
  authorized_users: [member]
  reject_unauthorized_users: false
  unauthorized_user_scopes:
    include: [uploads:read, tokens:read]
`})
	c.signIn(t, w)
	limited := []string{"tokens:read", "uploads:read"}
	walk(t, w, append(c.visitors(asVisitor),
		way{"token of a member", c.pat(&c.member), asMachine},
		way{"access token of a stranger", c.jwt(&c.stranger), withOnly(limited...)},
		way{"session of a stranger", w.cookie(&c.stranger), withOnly(limited...)},
		way{"token of a stranger", c.pat(&c.stranger), func(row *operation, _ string) want {
			return withScopes(row, func(s string) bool { return slices.Contains(limited, s) })
		}},
	))
}

// TestEveryOperationBeforeTheSetUp finds the server closed to all but the first-run page.
func TestEveryOperationBeforeTheSetUp(t *testing.T) {
	t.Parallel()
	w := start(t, policy{})
	closed := func(row *operation, _ string) want {
		if row.early {
			return want{status: row.status}
		}
		return want{status: http.StatusServiceUnavailable, detail: notSetUp}
	}
	walk(t, w, []way{
		{"nothing", func(*http.Request, string) {}, closed},
		{"garbage", func(r *http.Request, _ string) { bearer("garbage")(r) }, closed},
		{"a session", func(r *http.Request, _ string) { r.Header.Set("Cookie", cookieName+"=abc") }, closed},
	})
}
