package api_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"oasis/internal/access"
	"oasis/internal/access/identity"
)

// settle gives the people of a lab what they need beyond the store.
func (l *lab) settle(rule identity.FactorRule) {
	policy := *l.policy.Load()
	policy.SecondFactor = rule
	l.policy.Store(&policy)
	l.people.Configure(identity.Config{
		Settings: func() identity.Settings {
			return identity.Settings{PublicURL: l.url, LabName: "Test lab", SecondFactor: rule}
		},
		EndTokens: func(context.Context, string) (int, error) { return 0, nil },
	})
}

// browser gives the Cookie header of a new session.
func (l *lab) browser(name string) map[string]string {
	l.t.Helper()
	in := l.do(request{method: "POST", path: "/auth/session", body: map[string]string{"username": name, "password": password}}).want(200)
	cookie, err := http.ParseSetCookie(in.header.Get("Set-Cookie"))
	must(l.t, err)
	return map[string]string{"Cookie": cookie.Name + "=" + cookie.Value}
}

func TestInvitationAnswersAsNOMADDoes(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	put := func(as string, body map[string]any) answer {
		t.Helper()
		return l.do(request{as: as, method: "PUT", path: "/api/v1/users/invite", body: body})
	}
	put("jane", map[string]any{"email": "new@example.org"}).detail(400, "User invite does not work this NOMAD OASIS.")
	put("admin", map[string]any{}).detail(400, "Invalid user data: email is required")
	put("admin", map[string]any{"email": "x"}).detail(400, "Invalid user data: This is not an e-mail address.")
	put("admin", map[string]any{"email": "JANE@example.org", "username": "other"}).detail(400, "Could not invite user: User with email JANE@example.org already exists")
	got := put("admin", map[string]any{"email": "new@example.org", "first_name": "nina", "last_name": "Neu", "is_admin": true, "user_id": nil}).want(200)
	if got.text("username") != "nneu" || got.text("first_name") != "Nina" || got.text("is_admin") != "false" || !strings.Contains(got.text("link"), "/gui/link#") {
		t.Errorf("answer %s", got.body)
	}
	l.do(request{as: "", method: "PUT", path: "/api/v1/users/invite", body: map[string]any{}}).want(401)
	// A token of an administrator may hold the scope; one of somebody else does nothing with it.
	token := map[string]string{"Oasis-Token": l.pat("admin", "users:invite")}
	l.do(request{method: "PUT", path: "/api/v1/users/invite", header: token, body: map[string]any{"email": "two@example.org"}}).want(200)
}

func TestAccountsAreManagedByAdministratorsOnly(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.get("jane", "/api/v1/accounts").detail(403, "for administrators")
	l.do(request{path: "/api/v1/accounts", header: map[string]string{"Oasis-Token": l.pat("admin", "users:read")}}).detail(403, "needs a person")
	page := l.get("admin", "/api/v1/accounts?search=j&page_size=1&page=2").want(200)
	if page.text("pagination.total") != "2" || page.text("data.0.username") != "joe" || page.text("data.0.state") != "invited" {
		t.Errorf("page %s", page.body)
	}
	jane := "/api/v1/accounts/" + l.users["jane"].ID
	with := l.browser("jane")
	l.do(request{as: "admin", method: "PATCH", path: jane, body: map[string]any{"lab_manager": true, "last_name": "von Doe"}}).want(200)
	l.do(request{as: "jane", method: "PATCH", path: jane, body: map[string]any{"admin": true}}).want(403)
	seen := l.get("admin", jane).want(200)
	if seen.text("lab_manager") != "true" || seen.text("last_name") != "Von Doe" || seen.text("last_sign_in") == "" || seen.text("origin") != "local" {
		t.Errorf("account %s", seen.body)
	}
	l.do(request{as: "admin", method: "PATCH", path: "/api/v1/accounts/" + l.users["admin"].ID, body: map[string]any{"admin": false}}).detail(409, "only administrator")
	l.do(request{as: "admin", method: "PATCH", path: jane, body: map[string]any{"disabled": true}}).want(200)
	l.do(request{path: "/api/v1/users/me", header: with}).want(401)
	l.get("jane", "/api/v1/users/me").detail(403, "Your account is disabled.")
	l.do(request{as: "admin", method: "POST", path: jane + "/reset", body: map[string]any{}}).detail(409, "disabled")
	l.do(request{as: "admin", method: "DELETE", path: jane}).want(204)
	l.get("admin", jane).want(404)
	l.do(request{as: "admin", method: "DELETE", path: jane}).want(404)
}

func TestOwnAccountCannotTakeRolesOrAddresses(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	const own = "/api/v1/auth/account"
	got := l.do(request{as: "jane", method: "PATCH", path: own, body: map[string]any{"affiliation": " Institute ", "first_name": "janet"}}).want(200)
	if got.text("account.affiliation") != "Institute" || got.text("account.first_name") != "Janet" {
		t.Errorf("account %s", got.body)
	}
	for _, body := range []map[string]any{{"admin": true}, {"lab_manager": true}, {"disabled": false}, {"username": "root"}} {
		got := l.do(request{as: "jane", method: "PATCH", path: own, body: body}).want(200)
		if got.text("account.admin") != "false" || got.text("account.lab_manager") != "false" || got.text("account.username") != "jane" {
			t.Errorf("%v changed the account: %s", body, got.body)
		}
	}
	l.do(request{as: "jane", method: "PATCH", path: own, body: map[string]any{"email": "ceo@example.org", "current": password}}).detail(403, "Ask an administrator")
	l.do(request{as: "jane", method: "PATCH", path: own, body: map[string]any{"email": "ceo@example.org", "current": "x"}}).detail(422, "current password")
	l.do(request{path: own, header: map[string]string{"Oasis-Token": l.pat("jane", "users:read")}}).detail(403, "needs a person")
}

func TestPasswordIsChangedByWhoKnowsIt(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	here, there := l.browser("jane"), l.browser("jane")
	change := func(current, next string) answer {
		return l.do(request{method: "POST", path: "/api/v1/auth/account/password", header: here, body: map[string]string{"current": current, "new": next}})
	}
	change("wrong", "another fine sentence").detail(422, `"current"`)
	change(password, "password2026").detail(422, `"new"`)
	change(password, "i am jane myself").detail(422, "personal_password")
	change(password, "another fine sentence").want(204)
	l.do(request{path: "/api/v1/users/me", header: here}).want(200)
	l.do(request{path: "/api/v1/users/me", header: there}).want(401)
	l.get("jane", "/api/v1/users/me").want(401) // an access token from before
	l.do(request{method: "POST", path: "/auth/session", body: map[string]string{"username": "jane", "password": password}}).want(401)
}

func TestSessionsAreListedAndEnded(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.settle("")
	here, there := l.browser("jane"), l.browser("jane")
	list := l.do(request{path: "/api/v1/auth/sessions", header: here}).want(200)
	other := "1"
	if list.text("data.1.current") == "true" {
		other = "0"
	}
	if list.text("data."+other+".current") != "false" || list.text("data.0.device") != "Go program" || list.value("data.2") != nil {
		t.Errorf("sessions %s", list.body)
	}
	id := list.text("data." + other + ".id")
	l.do(request{as: "max", method: "DELETE", path: "/api/v1/auth/sessions/" + id}).want(404)
	l.do(request{method: "DELETE", path: "/api/v1/auth/sessions/" + id, header: here}).want(204)
	l.do(request{path: "/api/v1/users/me", header: there}).want(401)
	there = l.browser("jane")
	l.do(request{method: "POST", path: "/api/v1/auth/sessions/end-all", header: here, body: map[string]any{"keep_this": true}}).want(200)
	l.do(request{path: "/api/v1/users/me", header: there}).want(401)
	l.do(request{path: "/api/v1/users/me", header: here}).want(200)
	l.do(request{as: "admin", method: "POST", path: "/api/v1/accounts/" + l.users["jane"].ID + "/end-all", body: map[string]any{"tokens": true}}).want(200)
	l.do(request{path: "/api/v1/users/me", header: here}).want(401)
}

func TestWhoMustHaveASecondFactorCanOnlySetOneUp(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	before := map[string]string{"Oasis-Token": l.pat("jane", "users:read")}
	l.settle(identity.FactorEveryone)
	with := l.browser("jane")
	if got := l.do(request{path: "/auth/session", header: with}).want(200); got.text("user.must_set_up_second_factor") != "true" {
		t.Errorf("session %s", got.body)
	}
	l.do(request{path: "/api/v1/uploads", header: with}).detail(403, "must have a second factor")
	l.get("jane", "/api/v1/uploads").detail(403, "must have a second factor")
	l.do(request{path: "/api/v1/users/me", header: before}).want(200) // tokens made before go on
	l.do(request{path: "/api/v1/users/me", header: with}).want(200)
	l.do(request{path: "/api/v1/auth/account", header: with}).want(200)
	l.postForm("/api/v1/auth/token", "grant_type=password&username=jane&password=correct+horse+battery").detail(401, "Second factor required")
}

func TestSessionTellsWhetherTheAllowListLetsIn(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	policy := *l.policy.Load()
	policy.Authorized = access.NewAllowList([]string{"max"})
	l.policy.Store(&policy)
	for name, want := range map[string]string{"max": "true", "jane": "false"} {
		got := l.do(request{path: "/auth/session", header: l.browser(name)}).want(200)
		if got.text("access.allowed") != want || (got.text("access.detail") == "") != (want == "true") {
			t.Errorf("session of %s: %s", name, got.body)
		}
	}
	got := l.get("", "/auth/session").want(200)
	if got.text("methods.password") != "true" || got.value("methods.provider") != nil || got.value("access") != nil {
		t.Errorf("session of nobody: %s", got.body)
	}
}
