package matrix

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"oasis/internal/data/upload"
)

// groupAnswer is what the operations of groups give.
type groupAnswer struct {
	ID      string   `json:"group_id"`
	Name    string   `json:"group_name"`
	Members []string `json:"members"`
	Owner   *string  `json:"owner"`
	Count   int      `json:"member_count"`
}

// makeGroup makes a group by the API and gives its id.
func (w *world) makeGroup(t *testing.T, as, body string) string {
	t.Helper()
	a := send(t, http.MethodPost, w.url+"/api/v1/groups", body, bearer(as))
	var g groupAnswer
	if err := json.Unmarshal([]byte(a.body), &g); err != nil || a.status != http.StatusCreated {
		t.Fatalf("%d %v %s", a.status, err, a.body)
	}
	return g.ID
}

// editGroup changes a group by the API.
func (w *world) editGroup(t *testing.T, as, id string, body any) {
	t.Helper()
	text, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	if a := send(t, http.MethodPost, w.url+"/api/v1/groups/"+id+"/edit", string(text), bearer(as)); a.status != http.StatusOK {
		t.Fatalf("%d %s", a.status, a.body)
	}
}

// list is members_info with an owner and plain members.
func (w *world) list(owner string, names ...string) []map[string]string {
	all := []map[string]string{{"user_id": w.ids[owner], "role": "owner"}}
	for _, n := range names {
		all = append(all, map[string]string{"user_id": w.ids[n]})
	}
	return all
}

// TestAllowListLetsGroupsInAndOutAtTheNextRequest adds people to a group of the
// allow list, and takes them out again.
func TestAllowListLetsGroupsInAndOutAtTheNextRequest(t *testing.T) {
	t.Parallel()
	tokens := map[string]string{}
	w := start(t, policy{
		yaml: "auth:\n  authorized_users: [root, lead, 'group:X-Ray Lab']\n  reject_unauthorized_users: true\n",
		seed: func(s *seeder) {
			for _, name := range []string{"root", "lead", "ann", "ben"} {
				s.user(name, map[string]string{"root": password}[name])
				tokens[name] = s.token(name, everyScope(), nil)
			}
		},
	})
	root := w.accessToken(t, "root")
	is := func(name string, status int) {
		t.Helper()
		if a := send(t, http.MethodGet, w.url+"/api/v1/users/me", "", bearer(tokens[name])); a.status != status {
			t.Errorf("%s: %d, want %d: %s", name, a.status, status, a.body)
		}
	}
	is("ann", 403)
	is("ben", 403)
	if a := send(t, http.MethodPost, w.url+"/api/v1/groups", `{"group_name": "x-ray lab"}`, bearer(tokens["lead"])); a.status != http.StatusUnprocessableEntity {
		t.Errorf("somebody without the role made a group that the allow list names: %d %s", a.status, a.body)
	}
	lab := w.makeGroup(t, tokens["root"], `{"group_name": "x-ray lab"}`)
	interns := w.makeGroup(t, tokens["lead"], `{"group_name": "Interns"}`)
	is("ann", 403)
	w.editGroup(t, tokens["root"], lab, map[string]any{"members_info": w.list("root", "ann")})
	is("ann", 200)
	w.editGroup(t, tokens["lead"], interns, map[string]any{"members_info": w.list("lead", "ben")})
	is("ben", 403)
	w.editGroup(t, tokens["root"], lab, map[string]any{"subgroups": []string{interns}})
	is("ben", 200)

	inside := func(want int) {
		t.Helper()
		a := send(t, http.MethodPost, w.url+"/api/v1/policy/preview", "{}", bearer(root))
		var preview struct {
			People struct {
				Inside int `json:"inside"`
			} `json:"people"`
		}
		if err := json.Unmarshal([]byte(a.body), &preview); err != nil || preview.People.Inside != want {
			t.Errorf("the preview counts %d inside, %v; want %d: %.400s", preview.People.Inside, err, want, a.body)
		}
	}
	inside(4)
	if a := send(t, http.MethodPost, w.url+"/api/v1/groups/"+interns+"/leave", "", bearer(tokens["ben"])); a.status != http.StatusNoContent {
		t.Errorf("ben cannot leave: %d %s", a.status, a.body)
	}
	is("ben", 403)
	w.editGroup(t, tokens["root"], lab, map[string]any{"group_name": "Renamed"})
	is("ann", 403)
	w.editGroup(t, tokens["root"], lab, map[string]any{"group_name": "X-RAY LAB"})
	is("ann", 200)
	w.editGroup(t, tokens["root"], lab, map[string]any{"members_info": w.list("root")})
	is("ann", 403)
	w.editGroup(t, tokens["root"], lab, map[string]any{"members": []string{w.ids["ann"]}})
	is("ann", 200)
	if a := send(t, http.MethodDelete, w.url+"/api/v1/groups/"+lab, "", bearer(tokens["root"])); a.status != http.StatusNoContent {
		t.Errorf("%d %s", a.status, a.body)
	}
	is("ann", 403)
	inside(2)
}

// TestGroupsOpenUploadsUntilTheyGo shares an upload with a group that holds another one.
func TestGroupsOpenUploadsUntilTheyGo(t *testing.T) {
	t.Parallel()
	tokens := map[string]string{}
	var id, group string
	w := start(t, policy{seed: func(s *seeder) {
		for _, name := range []string{"root", "author", "ann", "ben"} {
			s.user(name, "")
			tokens[name] = s.token(name, everyScope(), nil)
		}
		id, group = upload.NewID(), "XD2HZdZRSGOs0N0KkBnS-Q"
		u := upload.Upload{ID: id, Name: secret, CreateTime: time.Now().UTC(), MainAuthor: s.ids["author"], ReviewerGroups: []string{group}, Process: upload.Process{Status: upload.Ready}}
		s.check(s.db.Uploads().InTx(s.ctx, func(tx upload.Tx) error { return tx.InsertUpload(s.ctx, u) }))
		s.group(group, "Reviewers", "author")
	}})
	sees := func(name string, may bool) {
		t.Helper()
		a := send(t, http.MethodGet, w.url+"/api/v1/uploads/"+id, "", bearer(tokens[name]))
		listed := send(t, http.MethodGet, w.url+"/api/v1/uploads?roles=reviewer", "", bearer(tokens[name]))
		if (a.status == http.StatusOK) != may || strings.Contains(listed.body, id) != may {
			t.Errorf("%s: %d, listed: %v; want %v", name, a.status, strings.Contains(listed.body, id), may)
		}
	}
	sees("ann", false)
	inner := w.makeGroup(t, tokens["ben"], `{}`)
	w.editGroup(t, tokens["author"], group, map[string]any{"subgroups": []string{inner}})
	sees("ben", true)
	sees("ann", false)
	w.editGroup(t, tokens["ben"], inner, map[string]any{"members_info": w.list("ben", "ann")})
	sees("ann", true)
	if a := send(t, http.MethodDelete, w.url+"/api/v1/groups/"+group, "", bearer(tokens["author"])); a.status != http.StatusNoContent {
		t.Errorf("%d %s", a.status, a.body)
	}
	sees("ann", false)
	sees("ben", false)
	if a := send(t, http.MethodGet, w.url+"/api/v1/uploads/"+id, "", bearer(tokens["author"])); strings.Contains(a.body, group) {
		t.Errorf("the upload still names the group: %s", a.body)
	}
}

// TestVisitorsLearnNamesAndNumbersOfGroupsOnly walks the list as a visitor and as somebody signed in.
func TestVisitorsLearnNamesAndNumbersOfGroupsOnly(t *testing.T) {
	t.Parallel()
	for name, shown := range map[string]bool{"": false, "services:\n  group_members_to_visitors: true\n": true} {
		var token string
		w := start(t, policy{yaml: name, seed: func(s *seeder) {
			s.user("root", "")
			token = s.token("root", everyScope(), nil)
			for i, n := range []string{"Crystal growth", "X-Ray", "Thin films"} {
				s.group(strings.Repeat(string(rune('a'+i)), 22), n, "root")
			}
		}})
		for _, as := range []string{"", token} {
			var present func(*http.Request)
			if as != "" {
				present = bearer(as)
			}
			get := func(query string) (answer, []groupAnswer, int) {
				a := send(t, http.MethodGet, w.url+"/api/v1/groups"+query, "", present)
				var got struct {
					Data       []groupAnswer `json:"data"`
					Pagination struct {
						Total int `json:"total"`
					} `json:"pagination"`
				}
				if err := json.Unmarshal([]byte(a.body), &got); err != nil {
					t.Fatal(err)
				}
				return a, got.Data, got.Pagination.Total
			}
			told := shown || as != ""
			_, all, total := get("?order_by=group_name")
			names := make([]string, 0, 3)
			for _, g := range all {
				names = append(names, g.Name)
				if g.Count != 1 || (g.Owner != nil) != told || len(g.Members) == 1 != told {
					t.Errorf("told %v: %+v", told, g)
				}
			}
			if total != 3 || !slices.Equal(names, []string{"Crystal growth", "Thin films", "X-Ray"}) {
				t.Errorf("%d %v", total, names)
			}
			one := send(t, http.MethodGet, w.url+"/api/v1/groups/"+all[0].ID, "", present)
			if strings.Contains(one.body, w.ids["root"]) != told {
				t.Errorf("told %v: %s", told, one.body)
			}
			for query, status := range map[string]int{"?user_id=" + w.ids["root"]: 200, "?order_by=owner": 200} {
				if !told {
					status = http.StatusUnauthorized
				}
				if a, _, _ := get(query); a.status != status {
					t.Errorf("%s: %d", query, a.status)
				}
			}
		}
		for query, want := range map[string]string{
			"?order_by=size":            `order_by must be one of (None, 'group_id', 'group_name', 'owner')`,
			"?page=2":                   "Page out of range requested.",
			"?search_terms=films+THIN":  `"total":1`,
			"?search_terms=thin+growth": `"total":0`,
			"?group_id=" + strings.Repeat("a", 22) + "&group_id=" + strings.Repeat("c", 22): `"total":2`,
			"?page_size=1&order_by=group_id&order=desc":                                     strings.Repeat("c", 22),
		} {
			if a := send(t, http.MethodGet, w.url+"/api/v1/groups"+query, "", nil); !strings.Contains(a.body, want) {
				t.Errorf("%s: %s", query, a.body)
			}
		}
	}
}
