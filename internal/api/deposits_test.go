package api_test

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"slices"
	"strings"
	"testing"

	"oasis/internal/access/identity"
	"oasis/internal/data/inbox"
	"oasis/internal/data/receipt"
)

func sumOf(content string) string {
	sum := sha256.Sum256([]byte(content))
	return hex.EncodeToString(sum[:])
}

// inboxOf gives what somebody is told of deposits.
func (l *lab) inboxOf(user string) (types []inbox.Type) {
	l.t.Helper()
	items, err := l.inbox.List(l.t.Context(), l.users[user].ID, inbox.All)
	must(l.t, err)
	for _, i := range items {
		types = append(types, i.Type)
	}
	return slices.DeleteFunc(types, func(typ inbox.Type) bool { return typ != inbox.UploadDeposit })
}

// instrument makes a token that deposits for the given people, with scopes that it must not be able to use.
func (l *lab) instrument(users any) map[string]string {
	l.t.Helper()
	raw, _ := l.restricted("admin", map[string]any{"deposit_for": map[string]any{"default": "joe", "users": users}},
		"uploads:write", "uploads:read", "users:read", "entries:read")
	return with(raw)
}

func TestInstrumentDepositsForPeople(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	as := l.instrument([]string{"jane@example.org"})
	post := func(query string) answer {
		return l.do(request{method: "POST", path: "/api/v1/uploads?file_name=a.txt" + query, body: "a", header: as}).want(200)
	}
	named := post("&main_author=jane")
	plain := l.do(request{method: "POST", path: "/api/v1/uploads", header: map[string]string{"Authorization": as["Authorization"], "Accept": "*/*"}}).want(200)
	if plain.text("data.main_author") != l.users["joe"].ID { // a plain curl learns the note as well
		t.Errorf("answer %s", plain.body)
	}
	if named.text("data.main_author") != l.users["jane"].ID || named.value("data.note") != nil || named.text("data.upload_name") != "a.txt" {
		t.Errorf("answer %s", named.body)
	}
	id := named.text("upload_id")
	l.do(request{method: "PUT", path: "/api/v1/uploads/" + id + "/raw/?file_name=b.txt", body: "b", header: as}).want(200)
	l.do(request{method: "PUT", path: "/api/v1/uploads/" + id + "/raw/?file_name=b.txt", body: "b", header: as}).want(409)
	hers := l.newUpload("jane", map[string]string{"c.txt": "c"})
	theirs := l.newUpload("admin", map[string]string{"c.txt": "c"})
	for _, other := range []string{hers, theirs} { // neither those of whom it deposits for, nor those of whom it belongs to
		l.do(request{method: "PUT", path: "/api/v1/uploads/" + other + "/raw/?file_name=d.txt", body: "d", header: as}).
			detail(403, "You do not have write access to the specified upload.")
	}

	// What the answers proved is proved again, and holds without the server.
	list := l.do(request{path: "/api/v1/receipts?upload_id=" + id, header: as}).want(200)
	if list.text("pagination.total") != "2" || list.text("data.0.files.0.path") != "a.txt" || list.text("data.0.owner") != l.users["jane"].ID ||
		list.text("data.0.signature") != named.text("receipt.signature") || list.text("data.0.files.0.sha256") != sumOf("a") {
		t.Errorf("receipts %s\nof %s", list.body, named.body)
	}
	var keys []receipt.Key
	published := l.get("", "/api/v1/receipts/keys").want(200)
	public, err := base64.RawURLEncoding.DecodeString(published.text("keys.0.x"))
	must(t, err)
	keys = append(keys, receipt.Key{ID: published.text("keys.0.kid"), Public: public})
	says, err := receipt.Verify(list.text("data.1.signature"), keys)
	if must(t, err); says.Files[0] != (receipt.File{Path: "b.txt", Size: 1, SHA256: sumOf("b")}) || says.UploadID != id || says.Depositor != l.users["admin"].ID {
		t.Errorf("the receipt says %+v", says)
	}
	here := func(header map[string]string, sum string) string {
		return l.do(request{path: "/api/v1/receipts?sha256=" + sum, header: header}).want(200).text("pagination.total")
	}
	if here(as, strings.ToUpper(sumOf("b"))) != "1" || here(as, sumOf("c")) != "0" { // c is there, but the instrument did not send it
		t.Error("an instrument learns of files of others, or not of its own")
	}
	if others := l.pat("jane", "uploads:write"); here(with(others), sumOf("b")) != "0" {
		t.Error("receipts of others are shown")
	}
	told := l.inboxOf("jane")
	if len(told) == 0 || told[0] != inbox.UploadDeposit {
		t.Errorf("she is told %v", told)
	}

	strange := post("&main_author=Nobody%20%22x%22%0A")
	if strange.text("data.main_author") != l.users["joe"].ID || !strings.Contains(strange.text("data.note"), `meant for "Nobody \"x\""`) {
		t.Errorf("answer %s", strange.body)
	}
	shown := l.get("joe", "/api/v1/uploads/"+strange.text("upload_id")).want(200)
	if shown.text("data.deposit.depositor") != l.users["admin"].ID || shown.text("data.deposit.how") != "instead" || !strings.Contains(shown.text("data.deposit.note"), "Nobody") {
		t.Errorf("provenance %s", shown.body)
	}
	if got := post(""); got.text("data.main_author") != l.users["joe"].ID || got.value("data.note") != nil {
		t.Errorf("answer %s", got.body)
	}
	log := l.get("admin", "/api/v1/audit?operation=upload.deposit").want(200)
	if log.text("pagination.total") == "0" || !strings.Contains(log.body, "for user "+l.users["jane"].ID+" (named)") {
		t.Errorf("audit log %s", log.body)
	}

	l.do(request{method: "POST", path: "/api/v1/uploads/" + id + "/action/seal", header: as}).detail(403, onlyAdds)
	l.do(request{as: "joe", method: "POST", path: "/api/v1/uploads/" + id + "/action/seal"}).want(403)
	sealed := l.do(request{as: "jane", method: "POST", path: "/api/v1/uploads/" + id + "/action/seal"}).want(200)
	if sealed.text("data.deposit.how") != "named" || sealed.value("data.deposit.until") != nil {
		t.Errorf("sealed %s", sealed.body)
	}
	l.do(request{method: "PUT", path: "/api/v1/uploads/" + id + "/raw/?file_name=e.txt", body: "e", header: as}).detail(403, "takes no more files")
}

func TestWhoMakesTokensThatDeposit(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	manager, err := l.people.Add(t.Context(), identity.NewUser{Username: "mia", Email: "mia@example.org", LabManager: true})
	must(t, err)
	access, err := l.provider.Issue(manager)
	must(t, err)
	l.bearer["mia"] = access.Raw
	body := func(name string) map[string]any {
		return map[string]any{"metadata": map[string]any{"name": "x", "scopes": []string{"uploads:write"},
			"restrictions": map[string]any{"deposit_for": map[string]any{"default": name, "users": "any"}}}}
	}
	for _, path := range []string{"/api/v1/auth/pats", "/api/v1/auth/pats/preview"} {
		for _, name := range []string{"joe", "nobody"} { // who may not have one learns of nobody who is here
			l.do(request{as: "jane", method: "POST", path: path, body: body(name)}).detail(403, "Only administrators and lab managers make tokens that deposit")
		}
		l.do(request{as: "mia", method: "POST", path: path, body: body("nobody")}).detail(422, `There is no active user "nobody"`)
	}
	l.do(request{as: "mia", method: "POST", path: "/api/v1/auth/pats", body: body("joe@example.org")}).want(201)
	tried := l.do(request{as: "mia", method: "POST", path: "/api/v1/auth/pats/preview", body: body("joe")}).want(200)
	if tried.text("notes.0") != "Makes uploads for any user, else for joe, and adds to those for a while. Reads, changes and deletes nothing." {
		t.Errorf("preview says %v", tried.value("notes"))
	}
	listed := l.get("mia", "/api/v1/auth/pats").want(200)
	if listed.text("data.0.restrictions.deposit_for.default") != "joe" || listed.text("data.0.restrictions.deposit_for.users") != "any" {
		t.Errorf("tokens %s", listed.body)
	}
	l.do(request{as: "jane", method: "POST", path: "/api/v1/uploads?main_author=joe"}).detail(403, "Only administrators, and tokens that deposit")
	given := l.do(request{as: "admin", method: "POST", path: "/api/v1/uploads?main_author=joe"}).want(200)
	if given.text("data.main_author") != l.users["joe"].ID || given.text("data.deposit.depositor") != l.users["admin"].ID {
		t.Errorf("answer %s", given.body)
	}
}
