package api_test

import (
	"strings"
	"testing"
)

func TestPasswordGrant(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	const path = "/api/v1/auth/token"
	form := "grant_type=password&username=jane&password=correct+horse+battery&client_id=x&scope=openid"
	got := l.postForm(path, form).want(200)
	if got.header.Get("Cache-Control") != "no-store" || got.text("token_type") != "Bearer" || got.text("expires_in") != "3600" {
		t.Errorf("answer %v %s", got.header, got.body)
	}
	if !strings.Contains(got.body, `"refresh_token":null`) {
		t.Errorf("nulls are left out: %s", got.body)
	}
	l.do(request{path: "/api/v1/users/me", header: map[string]string{"Authorization": "Bearer " + got.text("access_token")}}).want(200)

	multipart := "--b\r\nContent-Disposition: form-data; name=\"grant_type\"\r\n\r\npassword\r\n--b\r\nContent-Disposition: form-data; name=\"username\"\r\n\r\n" +
		"jane@example.org\r\n--b\r\nContent-Disposition: form-data; name=\"password\"\r\n\r\n" + password + "\r\n--b--\r\n"
	l.do(request{method: "POST", path: path, body: multipart, header: map[string]string{"Content-Type": "multipart/form-data; boundary=b"}}).want(200)

	tests := []struct {
		name, query, form string
		status            int
		detail            string
	}{
		{"wrong password", "", "grant_type=password&username=jane&password=x", 401, "Incorrect username or password"},
		{"unknown user", "", "grant_type=password&username=nobody&password=x", 401, "Incorrect username or password"},
		{"account without password", "", "grant_type=password&username=joe&password=", 401, "Incorrect username or password"},
		{"nothing", "", "", 422, `["body","grant_type"]`},
		{"no password", "", "grant_type=password&username=jane", 422, `["body","password"]`},
		{"another grant", "", "grant_type=implicit&username=jane&password=x", 422, "string_pattern_mismatch"},
		{"fields in the address do not count", "?" + form, "", 422, `["body","username"]`},
		{"much too much", "", "grant_type=password&username=" + strings.Repeat("x", 70<<10), 413, "64 KiB"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := l.in(t).postForm(path+tt.query, tt.form).detail(tt.status, tt.detail)
			if challenge := got.header.Get("WWW-Authenticate"); (challenge == "Basic") != (tt.status == 401) {
				t.Errorf("WWW-Authenticate %q", challenge)
			}
		})
	}
}

func TestPasswordInTheAddressNeedsTheSwitch(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	const path = "/api/v1/auth/token?username=jane&password=correct+horse+battery"
	got := l.get("", path).detail(405, "auth.allow_password_in_query")
	if got.header.Get("Allow") != "POST" {
		t.Errorf("Allow %q", got.header.Get("Allow"))
	}
	open := *l.about.Load()
	open.PasswordInQuery = true
	l.about.Store(&open)
	got = l.get("", path).want(200)
	if got.text("access_token") == "" || got.header.Get("Deprecation") == "" {
		t.Errorf("answer %v %s", got.header, got.body)
	}
	l.get("", "/api/v1/auth/token?username=jane&password=x").detail(401, "Incorrect")
}

func TestGuessingIsSlowedDown(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	for range 10 {
		l.postForm("/api/v1/auth/token", "grant_type=password&username=max&password=x").want(401)
	}
	got := l.postForm("/api/v1/auth/token", "grant_type=password&username=max&password=x").detail(429, "Too many tries")
	if got.header.Get("Retry-After") == "" {
		t.Error("no Retry-After")
	}
	l.do(request{method: "POST", path: "/auth/session", body: map[string]string{"username": "max", "password": password}}).want(429)
	l.do(request{method: "POST", path: "/auth/session", body: map[string]string{"username": "jane", "password": password}}).want(200)
}

func pat(name string, days any, scopes ...string) map[string]any {
	body := map[string]any{"metadata": map[string]any{"name": name, "scopes": append([]string{}, scopes...)}}
	if days != "default" {
		body["expires_in_days"] = days
	}
	return body
}

func TestPersonalAccessTokens(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	const path = "/api/v1/auth/pats"
	made := l.do(request{as: "jane", method: "POST", path: path, body: pat("nightly", 90, "uploads:write", "uploads_bundle:read")}).want(201)
	id, raw := made.text("pat.id"), made.text("raw_token")
	if len(raw) != 59 || !strings.HasPrefix(raw, "nomad_pat_") || len(id) != 24 {
		t.Errorf("id %q, token of %d characters", id, len(raw))
	}
	if scopes := made.text("pat.scopes"); scopes != "[uploads:export uploads:write]" {
		t.Errorf("scopes %s", scopes)
	}
	one := l.get("jane", path+"/"+id).want(200)
	if strings.Contains(one.body, raw) || one.text("name") != "nightly" || one.value("description") != nil || one.text("revoked") != "false" {
		t.Errorf("token %s", one.body)
	}
	l.get("joe", path+"/"+id).detail(404, "Token not found or does not belong to the user.")
	l.do(request{as: "joe", method: "DELETE", path: path + "/" + id}).want(404)
	l.do(request{as: "joe", method: "POST", path: path + "/" + id + "/rotate"}).want(404)

	next := l.do(request{as: "jane", method: "POST", path: path + "/" + id + "/rotate"}).want(200)
	if next.text("pat.id") == id || next.text("raw_token") == raw || next.text("pat.name") != "nightly" {
		t.Errorf("rotated %s", next.body)
	}
	l.do(request{as: "jane", method: "POST", path: path + "/" + id + "/rotate"}).detail(400, "Cannot rotate an expired/revoked token.")
	for range 2 { // idempotent
		got := l.do(request{as: "jane", method: "DELETE", path: path + "/" + next.text("pat.id")}).want(204)
		if got.body != "" {
			t.Errorf("204 with %q", got.body)
		}
	}
	l.get("jane", path+"/"+next.text("pat.id")).want(200)
	if l.get("jane", path+"?state=active").text("pagination.total") != "0" || l.get("jane", path+"?state=inactive").text("pagination.total") != "2" {
		t.Error("revoked tokens count as active")
	}
}

func TestTokensThatCannotBeMade(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	tests := []struct {
		name   string
		body   map[string]any
		detail string
	}{
		{"no scope", pat("x", 30), "At least one scope must be selected."},
		{"already ended", pat("x", 0, "info:read"), "Cannot create an already expired token."},
		{"for ever", pat("x", nil, "info:read"), "Infinite tokens are disabled. Max lifetime is 365 days."},
		{"too long", pat("x", 400, "info:read"), "Requested lifetime (400 days) exceeds the maximum allowed (365 days)."},
		{"unknown scope", pat("x", 30, "a:b"), "Invalid scopes: {'a:b'}"},
		{"wildcard", pat("x", 30, "uploads:*"), "Invalid scopes: {'uploads:*'}"},
		{"token scopes", pat("x", 30, "tokens:create"), "Personal access tokens are not allowed to operate on PATs."},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			l.in(t).do(request{as: "jane", method: "POST", path: "/api/v1/auth/pats", body: tt.body}).detail(400, tt.detail)
		})
	}
	both := pat("x", 30, "info:read")
	both["expires_at"] = "2030-01-01T00:00:00Z"
	l.do(request{as: "jane", method: "POST", path: "/api/v1/auth/pats", body: both}).detail(422, "either")
	l.do(request{method: "POST", path: "/api/v1/auth/pats", body: pat("x", 30, "info:read"), header: map[string]string{
		"Authorization": "Bearer " + l.pat("jane", "uploads:write"),
	}}).detail(403, "Missing scopes: ['tokens:create']")
}

func TestTokenListPagesAndFilters(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	for _, name := range []string{"a1", "a2", "b1"} {
		l.do(request{as: "jane", method: "POST", path: "/api/v1/auth/pats", body: pat(name, "default", "info:read")}).want(201)
	}
	list := func(query string) answer { return l.get("jane", "/api/v1/auth/pats?"+query) }
	if got := list("order_by=name_asc&page_size=2").want(200); got.text("data.0.name") != "a1" || got.text("data.1.name") != "a2" ||
		got.text("pagination.total") != "3" || got.text("pagination.next_page_after_value") != "1" ||
		!strings.Contains(got.text("pagination.next_page_url"), "page_after_value=1") || !strings.Contains(got.body, `"page":null`) {
		t.Errorf("first page %s", got.body)
	}
	if got := list("order_by=name_asc&page_size=2&page_after_value=1").want(200); got.text("data.0.name") != "b1" || got.value("pagination.next_page_after_value") != nil {
		t.Errorf("second page %s", got.body)
	}
	if got := list("search=A&page=1&page_size=1").want(200); got.text("pagination.total") != "2" || got.text("query.search") != "A" || !strings.Contains(got.body, `"revoked":null`) {
		t.Errorf("filtered %s", got.body)
	}
	if got := list("page_size=0").want(200); got.text("pagination.total") != "3" || got.text("data") != "[]" {
		t.Errorf("only the total %s", got.body)
	}
	list("page=2&page_offset=1").detail(422, "Can only specify one of")
	list("page=0").detail(422, "Page has to be larger than 1")
	list("page=9").detail(400, "Page out of range requested.")
	list("page_after_value=x").detail(422, "next_page_after_value")
	list("order_by=size").detail(422, "created_desc")
	list("state=odd").detail(422, "inactive")
	if l.get("joe", "/api/v1/auth/pats").want(200).text("pagination.total") != "0" {
		t.Error("joe sees tokens of jane")
	}
	if got := list("created_before=2020-01-01").want(200); got.text("pagination.total") != "0" {
		t.Errorf("tokens of before 2020: %s", got.body)
	}
}

func TestUsers(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	me := l.get("jane", "/api/v1/users/me").want(200)
	if me.text("username") != "jane" || me.text("email") != "jane@example.org" || me.text("is_admin") != "false" || !strings.Contains(me.body, `"affiliation":null`) {
		t.Errorf("me: %s", me.body)
	}
	if l.get("admin", "/api/v1/users/me").text("is_admin") != "true" {
		t.Error("the administrator is none")
	}
	jane := l.users["jane"].ID
	one := l.get("", "/api/v1/users/"+jane).want(200)
	if one.text("name") != "Jane Doe" || strings.Contains(one.body, "example.org") || strings.Contains(one.body, "affiliation") {
		t.Errorf("one: %s", one.body)
	}
	l.get("", "/api/v1/users/unknown").detail(404, "There is no user with this id.")
	tests := []struct {
		name, as, query string
		status          int
		names           string
	}{
		{"by id", "", "user_id=" + jane + "&user_id=" + l.users["joe"].ID + "&user_id=unknown", 200, "jane joe"},
		{"by name", "", "username=MAX", 200, "max"},
		{"by prefix of a visitor", "", "prefix=ja", 200, "jane"},
		{"by a prefix that is too short for a visitor", "", "prefix=j", 422, ""},
		{"by prefix", "joe", "prefix=j", 200, "jane joe"},
		{"by e-mail of a visitor", "", "email=jane@example.org", 401, ""},
		{"by e-mail", "joe", "email=jane@example.org", 200, "jane"},
		{"by nothing", "joe", "", 200, ""},
		{"once even if found twice", "joe", "username=jane&prefix=jane", 200, "jane"},
		{"too many", "joe", strings.Repeat("user_id=x&", 201), 422, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := l.in(t).get(tt.as, "/api/v1/users?"+tt.query).want(tt.status)
			if tt.status != 200 {
				return
			}
			var names []string
			for _, u := range got.value("data").([]any) {
				names = append(names, u.(map[string]any)["username"].(string))
			}
			if strings.Join(names, " ") != tt.names || strings.Contains(got.body, "@example.org") {
				t.Errorf("found %v, want %s: %s", names, tt.names, got.body)
			}
		})
	}
}

func TestInfoAndScopes(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	if got := l.get("", "/api/v1/info").want(200); got.text("version") != "1.2.3" || got.text("nomad_api") != "2.0.0" || got.text("oasis") != "true" {
		t.Errorf("info %s", got.body)
	}
	got := l.get("", "/api/v1/scopes").want(200)
	all := got.value("data").([]any)
	if len(all) != 37 {
		t.Errorf("%d scopes", len(all))
	}
	for _, s := range all {
		entry := s.(map[string]any)
		name := entry["scope"].(string)
		if want := !strings.HasPrefix(name, "tokens:") && name != "federation:write"; entry["pat_allowed"] != want {
			t.Errorf("%s: pat_allowed %v", name, entry["pat_allowed"])
		}
		if want := name == "uploads:read"; want && entry["in_use"] != true {
			t.Errorf("%s is in use", name)
		}
	}
}
