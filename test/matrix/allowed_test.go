package matrix

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"

	"oasis/internal/access/scope"
	"oasis/internal/access/token"
)

// promise is what an answer says of one operation.
type promise struct {
	made bool
	OK   bool   `json:"ok"`
	Why  string `json:"why"`
}

// promises asks what the credential may do with an upload; nil when it may not even look.
func promises(t *testing.T, w *world, uploadID string, present func(*http.Request)) map[string]promise {
	t.Helper()
	a := send(t, http.MethodGet, w.url+"/api/v1/uploads/"+uploadID+"?include=allowed", "", present)
	if a.status != http.StatusOK {
		return nil
	}
	var got struct {
		Data struct {
			Allowed map[string]promise `json:"allowed"`
		} `json:"data"`
	}
	if err := json.Unmarshal([]byte(a.body), &got); err != nil || len(got.Data.Allowed) == 0 {
		t.Fatalf("%v in %s", err, a.body)
	}
	for id, p := range got.Data.Allowed {
		p.made = true
		got.Data.Allowed[id] = p
	}
	return got.Data.Allowed
}

// circumstances are the answers to requests that are allowed but have nothing to work on.
func circumstances() []string {
	return []string{
		"This server does not send uploads there. An administrator can list the address in oasis.transfer_targets.",
		"No file or folder with that path found.",
		"Bad path provided.",
		"This upload was not deposited by an instrument, so there is nothing to seal.",
		"This functionality is only available when upload process state is pending.",
		"This server speaks tus 1.0.0. Send the header Tus-Resumable: 1.0.0.",
		"The header X-HTTP-Method-Override has to be PATCH or DELETE.",
		"There is no such delivery; it was finished or ended long ago, or its time is over. Begin anew.",
	}
}

// keep compares what was promised with what happened.
func (p promise) keep(t *testing.T, who string, got answer) {
	t.Helper()
	switch {
	case !p.made:
	case p.OK && p.Why != "":
		t.Errorf("%s: allowed, and yet there is a reason: %s", who, p.Why)
	case p.OK && got.status >= 400 && !slices.Contains(circumstances(), got.detail):
		t.Errorf("%s: promised, and then refused: %d %s", who, got.status, got.detail)
	case !p.OK && (got.status < 400 || got.detail != p.Why):
		t.Errorf("%s: the answer would be %q, was %d %q", who, p.Why, got.status, got.detail)
	}
}

// A credential that may do less than its owner is told so before it tries.
func TestNarrowCredentialsAreToldWhatTheyMayDo(t *testing.T) {
	t.Parallel()
	var o objects
	var reads, one string
	w := start(t, policy{seed: func(s *seeder) {
		o.seed(s)
		reads = s.token("author", scope.Of(scope.UploadsRead), nil)
		one = s.token("author", everyScope(), func(p *token.PAT) { p.Restrictions = &token.Restrictions{Uploads: []string{o.uploads["staging"]}} })
	}})
	o.awaitEntries(t, w)
	rows := objectRows()
	refused := 0
	for _, state := range states() {
		id := o.uploads[state]
		said := promises(t, w, id, bearer(reads))
		for i := range w.routes {
			r := &w.routes[i]
			p := said[r.ID]
			if r.Open || !strings.HasPrefix(r.Path, "/api/v1/uploads/{upload_id}") || p.OK {
				continue
			}
			if !p.made {
				t.Errorf("nothing is said of %s on %s", r.ID, state)
				continue
			}
			refused++
			p.keep(t, r.ID+" on "+state+" with a token that reads", send(t, r.Method, w.url+addressOf(r.Path, id, rows[r.ID].path)+rows[r.ID].query, rows[r.ID].body, bearer(reads)))
		}
		if !said["getUpload"].OK || said["deleteUpload"].OK || said["editUpload"].OK || said["getEntryArchive"].OK {
			t.Errorf("on %s: %v", state, said)
		}
	}
	if refused == 0 {
		t.Error("nothing was refused")
	}
	if said := promises(t, w, o.uploads["staging"], bearer(one)); !said["editUpload"].OK || !said["deleteUpload"].OK {
		t.Errorf("a token for this upload: %v", said)
	}
	if said := promises(t, w, o.uploads["public"], bearer(one)); said != nil {
		t.Errorf("a token for another upload: %v", said)
	}
}

// The same map stands in lists and in answers about entries, and only for those who ask.
func TestEveryAnswerAboutAnUploadCanSayWhatIsAllowed(t *testing.T) {
	t.Parallel()
	var o objects
	w := start(t, policy{seed: o.seed})
	o.awaitEntries(t, w)
	id := o.uploads["embargoed"]
	entryID := entryOf(id)
	for _, role := range []string{"reviewer", "author"} {
		want, err := json.Marshal(promises(t, w, id, o.as(role)))
		if err != nil {
			t.Fatal(err)
		}
		for address, path := range map[string][]string{
			"/api/v1/uploads?upload_id=" + id + "&include=allowed":               {"data", "0", "allowed"},
			"/api/v1/uploads/" + id + "/entries?include=allowed":                 {"upload", "allowed"},
			"/api/v1/uploads/" + id + "/entries/" + entryID + "?include=allowed": {"data", "allowed"},
			"/api/v1/entries/" + entryID + "?include=allowed":                    {"allowed"},
			"/api/v1/entries/" + entryID + "?include=allowed&include=mainfile":   {"allowed"},
		} {
			for _, asked := range []bool{true, false} {
				if !asked {
					address = strings.Replace(address, "include=allowed", "", 1)
				}
				got := send(t, http.MethodGet, w.url+address, "", o.as(role))
				found := at(t, got.body, path)
				if asked && !sameJSON(t, found, string(want)) {
					t.Errorf("%s: %s\nwant %s\n%.600s", address, found, want, got.body)
				}
				if !asked && (found != "" || strings.Contains(got.body, `"allowed"`)) {
					t.Errorf("%s: nobody asked: %s", address, got.body)
				}
			}
		}
	}
	got := send(t, http.MethodGet, w.url+"/api/v1/uploads/"+id+"?include=everything", "", o.as("author"))
	if got.status != http.StatusUnprocessableEntity {
		t.Errorf("include=everything: %d %s", got.status, got.body)
	}
}

// at gives the JSON at a path, "" where there is nothing.
func at(t *testing.T, body string, path []string) string {
	t.Helper()
	value := json.RawMessage(body)
	for _, step := range path {
		var list []json.RawMessage
		var members map[string]json.RawMessage
		if json.Unmarshal(value, &list) == nil {
			if len(list) == 0 {
				return ""
			}
			value = list[0]
			continue
		}
		if err := json.Unmarshal(value, &members); err != nil {
			t.Fatalf("%v in %s", err, body)
		}
		value = members[step]
		if value == nil {
			return ""
		}
	}
	return string(value)
}

// sameJSON tells whether two maps of promises say the same.
func sameJSON(t *testing.T, a, b string) bool {
	t.Helper()
	var x, y map[string]promise
	if a == "" || json.Unmarshal([]byte(a), &x) != nil || json.Unmarshal([]byte(b), &y) != nil || len(x) != len(y) {
		return false
	}
	for id, p := range x {
		if p.OK != y[id].OK || p.Why != y[id].Why {
			return false
		}
	}
	return true
}
