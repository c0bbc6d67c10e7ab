package matrix

import (
	"encoding/json"
	"fmt"
	"net/http"
	"testing"

	"oasis/internal/access/token"
)

// TestNewUploadsAreSharedAsStandingSharesSay makes standing shares in every role and
// looks at uploads that are made before and after.
func TestNewUploadsAreSharedAsStandingSharesSay(t *testing.T) {
	t.Parallel()
	tokens := map[string]string{}
	const films = "XD2HZdZRSGOs0N0KkBnS-Q"
	w := start(t, policy{seed: func(s *seeder) {
		for _, name := range []string{"root", "ann", "ben"} {
			s.user(name, map[string]string{"root": password}[name])
			tokens[name] = s.token(name, everyScope(), nil)
		}
		tokens["adds"] = s.token("ann", everyScope(), func(p *token.PAT) { p.Restrictions = &token.Restrictions{AppendOnly: true} })
		s.group(films, "Thin films", "ben")
	}})
	person := w.accessToken(t, "root")
	share := func(as, body string, status int) string {
		t.Helper()
		a := send(t, http.MethodPost, w.url+"/api/v1/shares", body, bearer(as))
		var got struct {
			ID string `json:"share_id"`
		}
		if err := json.Unmarshal([]byte(a.body), &got); err != nil || a.status != status {
			t.Errorf("%s: %d, want %d: %s", body, a.status, status, a.body)
		}
		return got.ID
	}
	members := func(as string) string {
		t.Helper()
		a := send(t, http.MethodPost, w.url+"/api/v1/uploads", "", bearer(as))
		var got struct {
			ID   string `json:"upload_id"`
			Data struct {
				Coauthors      []string `json:"coauthors"`
				Reviewers      []string `json:"reviewers"`
				CoauthorGroups []string `json:"coauthor_groups"`
				ReviewerGroups []string `json:"reviewer_groups"`
			} `json:"data"`
		}
		if err := json.Unmarshal([]byte(a.body), &got); err != nil || a.status != http.StatusOK {
			t.Fatalf("%d %s", a.status, a.body)
		}
		a = send(t, http.MethodGet, w.url+"/api/v1/uploads/"+got.ID, "", bearer(tokens["root"])) // tokens that only add are told less
		if err := json.Unmarshal([]byte(a.body), &got); err != nil || a.status != http.StatusOK {
			t.Fatalf("%d %s", a.status, a.body)
		}
		for _, list := range [][]string{got.Data.Coauthors, got.Data.Reviewers} {
			for i, id := range list {
				for name, known := range w.ids {
					if id == known {
						list[i] = name
					}
				}
			}
		}
		return fmt.Sprint(got.Data.Coauthors, got.Data.CoauthorGroups, got.Data.Reviewers, got.Data.ReviewerGroups)
	}
	is := func(who, as, want string) {
		t.Helper()
		if got := members(as); got != want {
			t.Errorf("an upload of %s has the members %s, want %s", who, got, want)
		}
	}
	end := func(as, id string, status int) {
		t.Helper()
		if a := send(t, http.MethodDelete, w.url+"/api/v1/shares/"+id, "", bearer(as)); a.status != status {
			t.Errorf("%d, want %d: %s", a.status, status, a.body)
		}
	}
	listed := func(as, query string, want int) {
		t.Helper()
		a := send(t, http.MethodGet, w.url+"/api/v1/shares"+query, "", bearer(as))
		var got struct {
			Data []struct{} `json:"data"`
		}
		if err := json.Unmarshal([]byte(a.body), &got); err != nil || len(got.Data) != want {
			t.Errorf("%s lists %d, want %d: %s", query, len(got.Data), want, a.body)
		}
	}
	is("ann", tokens["ann"], "[] [] [] []")
	own := share(tokens["ann"], `{"with_group": "`+films+`", "role": "coauthor"}`, 201)
	is("ann", tokens["ann"], "[] ["+films+"] [] []")
	is("ann's instrument", tokens["adds"], "[] ["+films+"] [] []")
	is("ben", tokens["ben"], "[] [] [] []")
	everybody := share(person, `{"user_id": null, "with_user": "`+w.ids["root"]+`", "role": "reviewer"}`, 201)
	his := share(person, `{"user_id": "`+w.ids["ann"]+`", "with_user": "`+w.ids["ben"]+`", "role": "coauthor"}`, 201)
	is("ann", tokens["ann"], "[ben] ["+films+"] [root] []")
	is("ben", tokens["ben"], "[] [] [root] []")
	is("root", tokens["root"], "[] [] [] []") // never shared with oneself

	share(tokens["ann"], `{"with_group": "`+films+`", "role": "reviewer"}`, 409)
	share(tokens["ann"], `{"with_group": "none", "role": "reviewer"}`, 422)
	share(tokens["ann"], `{"with_user": "`+noUser+`", "role": "reviewer"}`, 422)
	share(tokens["ann"], `{"with_user": "`+w.ids["ann"]+`", "role": "reviewer"}`, 422)
	share(tokens["ann"], `{"with_group": "all", "role": "coauthor"}`, 422)
	share(tokens["ann"], `{"role": "reviewer"}`, 422)
	share(tokens["ann"], `{"with_group": "`+films+`", "role": "owner"}`, 422)
	share(tokens["ann"], `{"user_id": null, "with_group": "`+films+`", "role": "reviewer"}`, 403)
	share(tokens["ann"], `{"user_id": "`+w.ids["ben"]+`", "with_group": "`+films+`", "role": "reviewer"}`, 403)
	share(tokens["root"], `{"user_id": null, "with_group": "`+films+`", "role": "reviewer"}`, 403) // no personal access token does
	share(tokens["adds"], `{"with_group": "all", "role": "reviewer"}`, 403)
	listed(tokens["ann"], "", 3)
	listed(tokens["ben"], "", 1)
	listed(tokens["ben"], "?all=true", 0)
	listed(tokens["ben"], "?user_id="+w.ids["ann"], 0)
	listed(person, "?all=true", 3)
	listed(person, "?user_id="+w.ids["ann"], 3)

	end(tokens["ben"], own, 404)
	end(tokens["ann"], his, 403)
	end(tokens["ann"], everybody, 403)
	end(tokens["root"], everybody, 403)
	end(person, everybody, 204)
	end(person, his, 204)
	is("ann", tokens["ann"], "[] ["+films+"] [] []")
	if a := send(t, http.MethodDelete, w.url+"/api/v1/groups/"+films, "", bearer(tokens["ben"])); a.status != http.StatusNoContent {
		t.Errorf("%d %s", a.status, a.body)
	}
	is("ann", tokens["ann"], "[] [] [] []")
	end(tokens["ann"], own, 404)
}
