package api_test

import (
	"net/http"
	"os"
	"strings"
	"testing"

	"oasis/internal/access/token"
)

// audited gives the rows of GET /audit as the administrator sees them.
func (l *lab) audited(query string) []map[string]any {
	l.t.Helper()
	var rows []map[string]any
	for _, row := range l.get("admin", "/api/v1/audit"+query).want(200).value("data").([]any) {
		rows = append(rows, row.(map[string]any))
	}
	return rows
}

// oneRow wants exactly one row with these values.
func (l *lab) oneRow(query string, want map[string]any) {
	l.t.Helper()
	rows := l.audited(query)
	if len(rows) != 1 {
		l.t.Fatalf("%s: %d rows: %v", query, len(rows), rows)
	}
	for key, value := range want {
		if rows[0][key] != value {
			l.t.Errorf("%s: %s is %v, want %v", query, key, rows[0][key], value)
		}
	}
}

func TestRefusalsAreAudited(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	p, raw, err := l.tokens.Create(t.Context(), l.users["jane"].ID, token.New{Name: "t", Scopes: []string{"users:read"}, Lifetime: token.Days(1)})
	must(t, err)
	bearer := map[string]string{"Authorization": "Bearer " + raw}
	first := l.do(request{path: "/api/v1/uploads/abc", header: bearer}).want(403)
	l.do(request{path: "/api/v1/uploads/def", header: bearer}).want(403)
	l.oneRow("?operation=getUpload", map[string]any{
		"user_id": l.users["jane"].ID, "username": "jane", "credential_id": p.ID, "credential_kind": "personal_access_token",
		"object": "upload:abc", "outcome": "denied", "status": 403.0, "step": "scopes", "count": 2.0,
		"address": "127.0.0.1", "request_id": first.header.Get("X-Request-Id"), "detail": "Missing scopes: ['uploads:read']",
	})
	l.get("", "/api/v1/users/me").want(401)
	l.oneRow("?operation=getMe&outcome=denied", map[string]any{"user_id": nil, "credential_kind": nil, "status": 401.0, "step": "sign_in"})
	l.do(request{path: "/api/v1/auth/pats", header: map[string]string{"Authorization": "Bearer " + token.NewSecret()}}).want(401)
	l.oneRow("?operation=listPATs", map[string]any{"credential_kind": "personal_access_token", "credential_id": nil, "step": "credential"})
	must(t, l.tokens.Revoke(t.Context(), l.users["jane"].ID, p.ID))
	dead := l.do(request{path: "/api/v1/info", header: bearer}).detail(401, "Invalid token.")
	l.oneRow("?operation=getInfo", map[string]any{"credential_id": p.ID, "user_id": nil, "step": "credential"})
	if told := l.audited("?operation=getInfo")[0]["detail"].(string); !strings.Contains(told, "(revoked 2") || !strings.Contains(told, l.users["jane"].ID) {
		t.Errorf("the log tells of the dead token: %q", told)
	}
	if strings.Contains(dead.body, "revoked") || strings.Contains(dead.body, p.ID) {
		t.Errorf("the bearer of a dead token is told %s", dead.body)
	}
	id := l.newUpload("jane", nil)
	l.do(request{as: "max", method: "DELETE", path: "/api/v1/uploads/" + id}).want(403)
	l.oneRow("?operation=deleteUpload", map[string]any{"username": "max", "object": "upload:" + id, "step": "object", "credential_kind": "provider_token"})
	l.do(request{method: "DELETE", path: "/auth/session", header: map[string]string{"Sec-Fetch-Site": "cross-site"}}).want(403)
	l.oneRow("?operation=endSession", map[string]any{"step": "origin", "status": 403.0})
}

func TestChangesAreAudited(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	jane := l.users["jane"].ID
	session := func(pw string) request {
		return request{method: "POST", path: "/auth/session", body: map[string]string{"username": "jane", "password": pw}}
	}
	l.do(session("wrong")).want(401)
	l.do(session("wrong")).want(401)
	cookie := parseCookie(t, l.do(session(password)).want(200))
	as := map[string]string{"Cookie": cookie.Name + "=" + cookie.Value}
	l.oneRow("?operation=sign_in&outcome=failed", map[string]any{"object": "user:" + jane, "user_id": nil, "count": 2.0, "address": "127.0.0.1"})
	l.oneRow("?operation=sign_in&outcome=allowed", map[string]any{"user_id": jane, "username": "jane"})
	l.postForm("/api/v1/auth/token", "grant_type=password&username=max&password="+strings.ReplaceAll(password, " ", "+")).want(200)
	l.oneRow("?operation=sign_in&who=MAX", map[string]any{"credential_kind": "password", "outcome": "allowed"})

	made := l.do(request{method: "POST", path: "/api/v1/auth/pats", header: as, body: map[string]any{"metadata": map[string]any{"name": "n", "scopes": []string{"info:read"}}}}).want(201)
	id := made.text("pat.id")
	l.oneRow("?operation=token.create", map[string]any{"object": "token:" + id, "user_id": jane, "credential_kind": "session", "outcome": "allowed"})
	next := l.do(request{method: "POST", path: "/api/v1/auth/pats/" + id + "/rotate", header: as}).want(200).text("pat.id")
	l.oneRow("?operation=token.rotate", map[string]any{"object": "token:" + next, "detail": "owner " + jane + ", replaces " + id})
	l.do(request{method: "DELETE", path: "/api/v1/auth/pats/" + next, header: as}).want(204)
	l.do(request{method: "DELETE", path: "/api/v1/auth/pats/" + next, header: as}).want(204) // changes nothing
	l.do(request{method: "DELETE", path: "/api/v1/auth/pats/none", header: as}).want(404)
	l.oneRow("?operation=token.revoke", map[string]any{"object": "token:" + next})
	if rows := l.audited("?operation=token.*&who=jane"); len(rows) != 3 || rows[0]["operation"] != "token.revoke" {
		t.Errorf("tokens of jane: %v", rows)
	}

	upload := l.newUpload("jane", map[string]string{"a.txt": "a", "b.txt": "b"})
	l.do(request{as: "jane", method: "DELETE", path: "/api/v1/uploads/" + upload + "/raw/a.txt"}).want(200)
	l.do(request{as: "jane", method: "DELETE", path: "/api/v1/uploads/" + upload + "/raw/none.txt"}).want(404)
	l.oneRow("?operation=raw.delete", map[string]any{"object": "raw:" + upload + "/a.txt", "username": "jane", "credential_kind": "provider_token"})
	l.processed("jane", upload)
	l.do(request{as: "jane", method: "DELETE", path: "/api/v1/uploads/" + upload}).want(200)
	l.oneRow("?object=upload:"+upload, map[string]any{"operation": "upload.delete", "outcome": "allowed"})

	must(t, l.people.SetDisabled(t.Context(), l.users["joe"].ID, true))
	l.oneRow("?operation=account.disable", map[string]any{"object": "user:" + l.users["joe"].ID})
	l.do(request{method: "DELETE", path: "/auth/session", header: as}).want(204)
	l.oneRow("?operation=sign_out", map[string]any{"username": "jane"})
	if rows := l.audited("?operation=account.create"); len(rows) != 4 {
		t.Errorf("accounts made: %v", rows)
	}
}

func TestAuditIsForAdministratorsAtAKeyboard(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	for _, path := range []string{"/api/v1/audit", "/api/v1/audit/export"} {
		l.get("", path).want(401)
		l.get("jane", path).want(403)
		l.do(request{path: path, header: map[string]string{"Authorization": "Bearer " + l.pat("admin", "users:read")}}).want(403)
		l.get("admin", path).want(200)
	}
	l.oneRow("?operation=audit.export", map[string]any{"username": "admin"})
}

func TestAuditPagesAndExportAgree(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	for range 7 {
		l.pat("jane", "info:read")
	}
	var ids []any
	next := ""
	for {
		page := l.get("admin", "/api/v1/audit?operation=token.create&page_size=3"+next).want(200)
		for _, row := range page.value("data").([]any) {
			ids = append(ids, row.(map[string]any)["id"])
		}
		after := page.text("pagination.next_page_after_value")
		if after == "" {
			break
		}
		next = "&page_after_value=" + after
	}
	if len(ids) != 7 {
		t.Fatalf("pages hold %v", ids)
	}
	lines := l.get("admin", "/api/v1/audit/export?operation=token.create").want(200)
	if got := lines.header.Get("Content-Type"); got != "application/x-ndjson" {
		t.Errorf("Content-Type %q", got)
	}
	all := strings.Split(strings.TrimSpace(lines.body), "\n")
	if len(all) != 7 {
		t.Fatalf("export: %q", lines.body)
	}
	for i, line := range all {
		if got := parse(t, line).(map[string]any)["id"]; got != ids[i] {
			t.Errorf("line %d is row %v, want %v", i, got, ids[i])
		}
	}
	l.get("admin", "/api/v1/audit/export?operation=nothing.like.this").want(200)
	for _, wrong := range []string{"?page_after_value=x", "?page_size=0", "?page_size=1001", "?outcome=maybe", "?from=yesterday"} {
		l.get("admin", "/api/v1/audit"+wrong).want(422)
	}
}

// TestNoSecretIsKept sends secrets by every way there is, right and wrong ones,
// and looks for them in the database and the log.
func TestNoSecretIsKept(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	const inQuery, inName, inPassword, inCookie = "MARKERquery1234567", "MARKERname12345678", "MARKERpassword1234", "MARKERcookie123456"
	pat := l.pat("jane", "users:read")
	dead := token.NewSecret()
	in := l.do(request{method: "POST", path: "/auth/session", body: map[string]string{"username": "jane", "password": password}}).want(200)
	cookie := parseCookie(t, in)
	for _, header := range []map[string]string{
		{"Authorization": "Bearer " + pat}, {"Authorization": "Bearer " + dead}, {"Authorization": "Bearer " + l.bearer["jane"]},
		{"Oasis-Token": pat}, {"Oasis-Token": dead + "x"}, {"Cookie": cookie.Name + "=" + cookie.Value}, {"Cookie": cookie.Name + "=" + inCookie},
		{"Authorization": "Bearer " + inCookie}, {"Upload-Token": inCookie},
	} {
		for _, r := range l.api.Routes() {
			if r.Outside || r.Method != http.MethodGet || r.ID == "streamNotifications" { // which has no end
				continue
			}
			path := strings.NewReplacer("{path...}", "x", "{upload_id}", "u", "{entry_id}", "e", "{pat_id}", "p", "{user_id}", "u", "{file...}", "x").Replace(r.Path)
			l.do(request{path: path + "?token=" + inQuery + "&password=" + inQuery, header: header})
		}
	}
	for _, name := range []string{"jane", inName} {
		l.do(request{method: "POST", path: "/auth/session", body: map[string]string{"username": name, "password": inPassword}})
		l.postForm("/api/v1/auth/token", "grant_type=password&username="+name+"&password="+inPassword)
	}
	l.do(request{method: "POST", path: "/auth/setup", body: map[string]string{"secret": inPassword, "username": "x", "password": inPassword, "email": "x@example.org"}})
	l.do(request{method: "POST", path: "/auth/setup/check", body: map[string]string{"secret": inPassword}})
	l.get("admin", "/api/v1/audit").want(200) // what waits is written
	if rows := l.audited("?outcome=denied&page_size=1000"); len(rows) < 20 {
		t.Errorf("only %d refusals were recorded", len(rows))
	}
	places := map[string]string{"log": l.log.String(), "audit": l.get("admin", "/api/v1/audit/export").want(200).body}
	for _, file := range []string{l.database, l.database + "-wal"} {
		content, err := os.ReadFile(file)
		must(t, err)
		places[file] = string(content)
	}
	for place, text := range places {
		for _, secret := range []string{inQuery, inName, inPassword, inCookie, pat, dead, cookie.Value, l.bearer["jane"], password} {
			if strings.Contains(text, secret) {
				t.Errorf("%s holds %q", place, secret)
			}
		}
	}
}
