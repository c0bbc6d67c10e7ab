package api_test

import (
	"archive/zip"
	"bytes"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"oasis/internal/access"
	"oasis/internal/access/token"
)

// restricted makes a token of a user by the API and gives its secret and id.
func (l *lab) restricted(user string, restrictions any, scopes ...string) (raw, id string) {
	l.t.Helper()
	got := l.do(request{as: user, method: "POST", path: "/api/v1/auth/pats", body: map[string]any{
		"metadata": map[string]any{"name": "restricted", "scopes": scopes, "restrictions": restrictions},
	}}).want(201)
	return got.text("raw_token"), got.text("pat.id")
}

func with(raw string) map[string]string { return map[string]string{"Authorization": "Bearer " + raw} }

func zipOf(t *testing.T, names ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, name := range names {
		f, err := w.Create(name)
		must(t, err)
		_, err = f.Write([]byte("x"))
		must(t, err)
	}
	must(t, w.Close())
	return b.Bytes()
}

const onlyAdds = "This token may only create uploads and add new files."

func TestAppendOnlyTokenAddsAndDoesNothingElse(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	raw, _ := l.restricted("jane", map[string]any{"append_only": true}, "uploads:write", "uploads:read", "users:read")
	as := with(raw)
	made := l.do(request{method: "POST", path: "/api/v1/uploads?upload_name=night&file_name=a.txt", body: "a", header: as}).want(200)
	id := made.text("upload_id")
	if made.text("data.main_author") != l.users["jane"].ID || made.value("data.files") != nil || made.value("data.writers") != nil {
		t.Errorf("the answer tells more, or less, than what was sent: %s", made.body)
	}
	raws := "/api/v1/uploads/" + id + "/raw/"
	put := func(query string, body any) answer {
		return l.do(request{method: "PUT", path: raws + query, body: body, header: as})
	}
	put("?file_name=b.txt", "b").want(200)
	put("?file_name=a.txt", "other").detail(409, `There is a file "a.txt" already.`)
	put("?file_name=a.txt", "a").want(409) // whatever the bytes are
	put("?file_name=a.txt&overwrite_if_exists=true", "x").want(409)
	put("?file_name=set.zip", zipOf(t, "c.txt", "b.txt")).detail(409, `"b.txt"`)
	put("?file_name=new.zip", zipOf(t, "d.txt", "e/f.txt")).want(200)
	for _, forbidden := range []request{
		{path: "/api/v1/uploads/" + id},
		{path: "/api/v1/uploads"},
		{path: raws + "a.txt"},
		{path: "/api/v1/uploads/" + id + "/rawdir/"},
		{path: "/api/v1/uploads/" + id + "/entries"},
		{path: "/api/v1/users/me"},
		{method: "DELETE", path: raws + "a.txt"},
		{method: "DELETE", path: "/api/v1/uploads/" + id},
	} {
		forbidden.header = as
		got := l.do(forbidden).detail(403, onlyAdds)
		if got.text("decision.steps.7.step") != "restrictions" || got.text("decision.steps.7.outcome") != "stopped" {
			t.Errorf("%s %s: %s", forbidden.method, forbidden.path, got.body)
		}
	}
	l.do(request{method: "POST", path: "/api/v1/uploads?publish_directly=true", body: "x", header: as}).want(403)
	l.do(request{method: "POST", path: "/api/v1/uploads?local_path=/etc/passwd", body: "x", header: as}).want(422)
	// Nothing of the archive with a known name was stored, and nothing was replaced.
	dir := l.get("jane", "/api/v1/uploads/"+id+"/rawdir/").want(200)
	for _, name := range []string{"a.txt", "b.txt", "d.txt"} {
		if !strings.Contains(dir.body, `"`+name+`"`) {
			t.Errorf("%s is missing: %s", name, dir.body)
		}
	}
	if strings.Contains(dir.body, "c.txt") {
		t.Errorf("a part of the refused archive was stored: %s", dir.body)
	}
	if got := l.get("jane", raws+"a.txt").want(200); got.body != "a" {
		t.Errorf("a.txt was replaced by %q", got.body)
	}
}

func TestAppendOnlyTokenOfAnAdministratorAddsOnlyToTheirOwn(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	theirs := l.do(request{as: "jane", method: "POST", path: "/api/v1/uploads?file_name=a.txt", body: "a"}).want(200).text("upload_id")
	path := "/api/v1/uploads/" + theirs + "/raw/?file_name=b.txt"
	add := func(restrictions map[string]any) answer {
		raw, _ := l.restricted("admin", restrictions, "uploads:write")
		return l.do(request{method: "PUT", path: path, body: "b", header: with(raw)})
	}
	add(map[string]any{"append_only": true}).detail(403, "You do not have write access to the specified upload.")
	add(map[string]any{"append_only": true, "uploads": []string{theirs}}).want(200)
}

func TestTokenForOneUploadSeesAndTouchesThatOneOnly(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	mine := l.newUpload("jane", map[string]string{"a.txt": "a"})
	other := l.newUpload("jane", map[string]string{"b.txt": "b"})
	l.processed("jane", mine)
	raw, id := l.restricted("jane", map[string]any{"uploads": []string{mine}}, "uploads:read", "uploads:write", "entries:read", "users:read", "info:read")
	as := with(raw)
	ask := func(method, path string) answer {
		return l.do(request{method: method, path: "/api/v1" + path, header: as})
	}
	ask("GET", "/uploads/"+mine).want(200)
	ask("GET", "/users/me").want(200)
	ask("GET", "/info").want(200)
	list := ask("GET", "/uploads").want(200)
	if list.text("pagination.total") != "1" || list.text("data.0.upload_id") != mine {
		t.Errorf("the list holds more: %s", list.body)
	}
	const notThis, beyond = "and this is not one of them.", "this operation concerns more than those."
	ask("GET", "/uploads/"+other).detail(403, notThis)
	ask("GET", "/uploads/"+other+"/raw/b.txt").detail(403, notThis)
	ask("DELETE", "/uploads/"+other).detail(403, notThis)
	ask("GET", "/uploads/AAAAAAAAAAAAAAAAAAAAAA").detail(403, notThis) // an unknown one looks the same
	ask("POST", "/uploads").detail(403, beyond)
	ask("GET", "/users?prefix=ja").detail(403, beyond)
	ask("DELETE", "/uploads/"+mine+"/raw/a.txt").want(200)
	// Lists do not give what the filter names but the token may not touch.
	if got := ask("GET", "/uploads?upload_id="+other).want(200); got.text("pagination.total") != "0" {
		t.Errorf("a filter widens: %s", got.body)
	}
	shown := l.get("jane", "/api/v1/auth/pats/"+id).want(200)
	if shown.text("restrictions.uploads.0") != mine {
		t.Errorf("the restriction is not shown: %s", shown.body)
	}
	rotated := l.do(request{as: "jane", method: "POST", path: "/api/v1/auth/pats/" + id + "/rotate"}).want(200)
	l.do(request{path: "/api/v1/uploads/" + other, header: with(rotated.text("raw_token"))}).detail(403, notThis)
	ended := l.get("jane", "/api/v1/auth/pats/"+id).want(200)
	if ended.text("state") != "revoked" || ended.text("ended.how") != "rotated" || ended.text("ended.successor") != rotated.text("pat.id") {
		t.Errorf("how it ended is not told: %s", ended.body)
	}
}

func TestTokenForSearchesGivesEntriesOfItsUploadsOnly(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	entry := "data:\n  m_def: nomad.datamodel.metainfo.basesections.v1.BaseSection\n  name: x\n"
	ids := []string{}
	for range 2 {
		ids = append(ids, l.newUpload("jane", map[string]string{"one.archive.yaml": entry}))
		l.processed("jane", ids[len(ids)-1])
	}
	raw, _ := l.restricted("jane", map[string]any{"uploads": ids[:1]}, "entries:read", "uploads:read")
	all := l.get("jane", "/api/v1/entries?owner=user").want(200)
	if all.text("pagination.total") != "2" {
		t.Fatalf("there are %s entries", all.text("pagination.total"))
	}
	got := l.do(request{path: "/api/v1/entries?owner=user", header: with(raw)}).want(200)
	if got.text("pagination.total") != "1" || got.text("data.0.upload_id") != ids[0] {
		t.Errorf("the search gives more: %s", got.body)
	}
	for i, want := range []int{200, 404} {
		entries := l.get("jane", "/api/v1/uploads/"+ids[i]+"/entries").want(200)
		l.do(request{path: "/api/v1/entries/" + entries.text("data.0.entry_id"), header: with(raw)}).want(want)
	}
}

func TestTokenForANetwork(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	near, _ := l.restricted("jane", map[string]any{"networks": []string{"127.0.0.0/8", "::1"}}, "users:read")
	far, _ := l.restricted("jane", map[string]any{"networks": []string{"192.0.2.0/24"}}, "users:read")
	l.do(request{path: "/api/v1/users/me", header: with(near)}).want(200)
	l.do(request{path: "/api/v1/users/me", header: with(far)}).detail(403, "This token may not be used from 127.0.0.1.")
	spoofed := with(far)
	spoofed["X-Forwarded-For"] = "192.0.2.7"
	l.do(request{path: "/api/v1/users/me", header: spoofed}).want(403) // nobody trusts this proxy
}

func TestRestrictionsThatAreNotUnderstoodAreRefused(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	for text, says := range map[string]string{
		`{"append_onlyy": true}`:      "There is no restriction append_onlyy",
		`{"append_only": "yes"}`:      "Write true or false",
		`{"uploads": []}`:             "Write 1 to 1000 items",
		`{"uploads": ["nowhere"]}`:    "There is no upload nowhere that you can see",
		`{"networks": ["300.0.0.1"]}`: "Write an address or a network",
		`[]`:                          "Write an object",
		`{"deposit_for": {"default": "jane", "users": "some"}}`:  `Write \"any\"`,
		`{"deposit_for": {"default": "nobody", "users": "any"}}`: `There is no active user \"nobody\"`,
	} {
		l.do(request{as: "admin", method: "POST", path: "/api/v1/auth/pats", header: map[string]string{"Content-Type": "application/json"},
			body: `{"metadata": {"name": "x", "scopes": ["users:read"], "restrictions": ` + text + `}}`}).detail(422, strings.ReplaceAll(says, `\"`, `"`))
	}
}

func TestPreviewDecidesAsTheServerDoes(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	body := map[string]any{"metadata": map[string]any{
		"name": "x", "scopes": []string{"uploads:write", "uploads:read"}, "restrictions": map[string]any{"append_only": true},
	}}
	got := l.do(request{as: "jane", method: "POST", path: "/api/v1/auth/pats/preview", body: body}).want(200)
	decided := map[string]string{}
	ops, _ := got.value("operations").([]any)
	for _, op := range ops {
		o, _ := op.(map[string]any)
		why, _ := o["why"].(string)
		name, _ := o["id"].(string)
		decided[name] = why
	}
	for id, want := range map[string]string{
		"createUpload": "", "putRawFile": "", "beginDelivery": "", "addToDelivery": "", "listDeliveries": onlyAdds, "getUpload": onlyAdds, "deleteRawFile": onlyAdds,
		"getMe": "Missing scopes: ['users:read']", "createPAT": "Missing scopes: ['tokens:create']",
	} {
		if why, there := decided[id]; !there || why != want {
			t.Errorf("%s: %q, want %q", id, why, want)
		}
	}
	may := 0
	for _, why := range decided {
		if why == "" {
			may++
		}
	}
	if got.text("allowed") != strconv.Itoa(may) {
		t.Errorf("it counts %s operations of %d that it may call", got.text("allowed"), may)
	}
	if total := l.get("jane", "/api/v1/auth/pats").want(200).text("pagination.total"); total != "0" {
		t.Errorf("trying made %s tokens", total)
	}
}

func TestRulesTellTheFormWhatTokensOneMayMake(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	rules := l.get("jane", "/api/v1/auth/pats/rules").want(200)
	if rules.value("may_make") != true || rules.text("max_days") != "365" || rules.value("max_days_append_only") != nil {
		t.Errorf("not the rules of this Oasis: %s", rules.body)
	}
	if list, ok := rules.value("forbidden_scopes").([]any); !ok || len(list) != 0 {
		t.Errorf("nothing is forbidden here: %s", rules.body)
	}
	// The address is the one that a restriction to networks is compared with.
	raw, _ := l.restricted("jane", map[string]any{"networks": []string{rules.text("address")}}, "users:read")
	l.do(request{path: "/api/v1/users/me", header: with(raw)}).want(200)
	for network, here := range map[string]bool{rules.text("address"): true, "192.0.2.0/24": false} {
		tried := l.do(request{as: "jane", method: "POST", path: "/api/v1/auth/pats/preview", body: map[string]any{"metadata": map[string]any{
			"name": "x", "scopes": []string{"users:read"}, "restrictions": map[string]any{"networks": []string{network}},
		}}}).want(200)
		if tried.value("allowed_here") != here {
			t.Errorf("a token for %s is said to be of use here: %v", network, !here)
		}
	}
}

func TestOldCredentialsWorkAndSaySo(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	deprecated := func(a answer) {
		t.Helper()
		if a.header.Get("Deprecation") != "@1767225600" || !strings.Contains(a.header.Get("Link"), `rel="deprecation"`) {
			t.Errorf("no word of deprecation: %v", a.header)
		}
	}
	upload, ok := token.UploadToken(apiSecret, l.users["jane"].ID)
	if !ok {
		t.Fatal("no upload token")
	}
	examples := l.get("jane", "/api/v1/uploads/command-examples").want(200)
	if !strings.Contains(examples.text("upload_command"), "-H 'Upload-Token: "+upload+"'") || examples.text("pat_upload_command") == "" {
		t.Errorf("examples: %s", examples.body)
	}
	header := map[string]string{"Upload-Token": upload}
	made := l.do(request{method: "POST", path: "/api/v1/uploads?file_name=a.txt", body: "a", header: header}).want(200)
	deprecated(made)
	id := made.text("upload_id")
	deprecated(l.do(request{method: "PUT", path: "/api/v1/uploads/" + id + "/raw/?file_name=b.txt&token=" + upload, body: "b"}).want(200))
	l.do(request{path: "/api/v1/uploads/" + id, header: header}).detail(401, "You need to log in") // ignored where it is not taken
	l.do(request{method: "DELETE", path: "/api/v1/uploads/" + id + "/raw/b.txt?token=" + upload}).detail(401, "Authentication required.")
	l.do(request{method: "POST", path: "/api/v1/uploads", header: map[string]string{"Upload-Token": upload + "x"}}).detail(401, "An invalid upload token was supplied.")
	both := map[string]string{"Upload-Token": upload, "Authorization": "Bearer garbage"}
	l.do(request{method: "POST", path: "/api/v1/uploads", header: both}).detail(401, "Could not validate credentials.")

	app := l.get("jane", "/api/v1/auth/app_token?expires_in=60").want(200)
	deprecated(app)
	deprecated(l.do(request{path: "/api/v1/users/me", header: with(app.text("app_token"))}).want(200))
	l.do(request{path: "/api/v1/auth/pats", header: with(app.text("app_token"))}).detail(403, "Missing scopes: ['tokens:read']")
	l.do(request{path: "/api/v1/users/me", header: with(token.SimpleToken(apiSecret, l.users["jane"].ID, time.Now()))}).detail(401, "Expired token.")
	l.do(request{path: "/api/v1/users/me", header: with(token.SimpleToken("x"+apiSecret, l.users["jane"].ID, time.Now().Add(time.Hour)))}).detail(401, "Invalid token.")
	l.do(request{path: "/api/v1/users/me", header: with(token.SimpleToken(apiSecret, "nobody", time.Now().Add(time.Hour)))}).
		detail(401, "Token with invalid/unexpected payload.")
	for query, says := range map[string]string{"": "Field required", "?expires_in=0": "greater than 0", "?expires_in=2592001": "less than or equal to 2592000", "?expires_in=x": "valid integer"} {
		l.get("jane", "/api/v1/auth/app_token"+query).detail(422, says)
	}

	cookie := func(value string) map[string]string { return map[string]string{"Cookie": "Authorization=" + value} }
	deprecated(l.do(request{path: "/api/v1/users/me", header: cookie("Bearer%20" + l.bearer["jane"])}).want(200))
	l.do(request{path: "/api/v1/users/me", header: cookie(l.bearer["jane"])}).want(200)
	l.do(request{path: "/api/v1/users/me", header: cookie("Bearer%20" + app.text("app_token"))}).detail(401, "Invalid token.")
	l.do(request{path: "/api/v1/users/me", header: cookie("Bearer%20" + l.pat("jane", "users:read"))}).detail(401, "Authentication required.")
	l.do(request{method: http.MethodPost, path: "/api/v1/uploads", header: cookie("Bearer%20" + l.bearer["jane"])}).detail(401, "Authentication required.")
	elsewhere := cookie("Bearer%20" + l.bearer["jane"])
	elsewhere["Sec-Fetch-Site"] = "cross-site"
	l.do(request{path: "/api/v1/users/me", header: elsewhere}).detail(401, "Authentication required.")

	// A user ends them by a switch, and so does the operator.
	l.do(request{as: "jane", method: "PUT", path: "/api/v1/auth/legacy-tokens", body: map[string]bool{"allowed": false}}).want(200)
	l.do(request{method: "POST", path: "/api/v1/uploads", header: header}).detail(401, "are switched off")
	l.do(request{path: "/api/v1/users/me", header: with(app.text("app_token"))}).detail(401, "are switched off")
	l.do(request{as: "jane", method: "PUT", path: "/api/v1/auth/legacy-tokens", body: map[string]bool{"allowed": true}}).want(200)
	l.do(request{method: "POST", path: "/api/v1/uploads", header: header}).want(200)
	off := *l.policy.Load()
	off.RefusedKinds, off.NoAuthorizationCookie = access.KindsOf(access.UploadToken, access.SimpleToken), true
	l.policy.Store(&off)
	l.do(request{method: "POST", path: "/api/v1/uploads", header: header}).detail(401, "Upload token is not accepted here")
	l.do(request{path: "/api/v1/users/me", header: with(app.text("app_token"))}).detail(401, "Simple token is not accepted here")
	l.do(request{path: "/api/v1/users/me", header: cookie("Bearer%20" + l.bearer["jane"])}).detail(401, "Authentication required.")
	l.get("jane", "/api/v1/auth/app_token?expires_in=60").detail(403, "switched off on this Oasis")
}

func TestAdministratorEndsALeakedToken(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	raw := l.pat("jane", "users:read")
	l.do(request{path: "/api/v1/users/me", header: with(raw)}).want(200)
	leak := func(secret string) answer {
		return l.do(request{as: "admin", method: "POST", path: "/api/v1/auth/pats/leaked", body: map[string]string{"token": secret}})
	}
	l.do(request{as: "jane", method: "POST", path: "/api/v1/auth/pats/leaked", body: map[string]string{"token": raw}}).detail(403, "administrators")
	leak(token.NewSecret()).detail(404, "knows no such token")
	leak(raw[:40]).detail(404, "does not have the form")
	got := leak(" " + raw + "\n").want(200)
	if got.text("user.username") != "jane" || got.text("pat.ended.how") != "leaked" || got.text("ended_now") != "true" || strings.Contains(got.body, raw) {
		t.Errorf("answer %s", got.body)
	}
	l.do(request{path: "/api/v1/users/me", header: with(raw)}).detail(401, "Invalid token.")
	list := l.get("admin", "/api/v1/accounts/"+l.users["jane"].ID+"/pats").want(200)
	if list.text("pagination.total") != "1" || list.text("data.0.state") != "revoked" {
		t.Errorf("list %s", list.body)
	}
}

func TestTokenSaysWhenItEnds(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	for days, warns := range map[int]bool{10: true, 20: false} {
		_, raw, err := l.tokens.Create(t.Context(), l.users["jane"].ID, token.New{Name: "x", Scopes: []string{"users:read"}, Lifetime: token.Days(days)})
		must(t, err)
		got := l.do(request{path: "/api/v1/users/me", header: with(raw)}).want(200)
		if got.header.Get("Oasis-Token-Expires") == "" || (got.header.Get("Oasis-Token-Warning") != "") != warns {
			t.Errorf("%d days: %v", days, got.header)
		}
	}
}
