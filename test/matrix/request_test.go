package matrix

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"oasis/internal/api"
)

// Ids that are well formed and belong to nothing.
const (
	noUpload   = "w7HvJ0rTSkq3m1P5n2cX8A"
	noDelivery = "Q5XJ4RZ2KAMB7PLDTQ4E5YOW3U"
	noEntry    = "tUNivi2x_RmArL_hsW_AY-E4_kGT"
	noToken    = "65b7c3f0a1b2c3d4e5f60718"
	noUser     = "8b1f0b5e-3f0a-4c39-9d4c-0c1b1e1c2a3d"
)

// place is the address of a route with unknown ids in it.
func (w *world) place(r *api.Route) string {
	path := strings.NewReplacer("{upload_id}", noUpload, "{entry_id}", noEntry, "{pat_id}", noToken, "{user_id}", noUser,
		"{path...}", "", "{delivery_id}", noDelivery).Replace(r.Path)
	if r.Outside {
		return w.origin + path
	}
	return w.url + path
}

// answer is what came back.
type answer struct {
	status    int
	challenge string
	detail    string // when it is a sentence
	body      string
}

// client shows redirects instead of following them.
var client = &http.Client{
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	Transport:     &http.Transport{MaxIdleConnsPerHost: 32},
}

// send sends a request; body is JSON unless a content type is set.
func send(t *testing.T, method, address, body string, credential func(*http.Request)) answer {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, address, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Accept", "application/json")
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	if credential != nil {
		credential(req)
	}
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatalf("%s %s: %v", method, address, err)
	}
	a := answer{status: resp.StatusCode, challenge: resp.Header.Get("WWW-Authenticate"), body: string(text)}
	var problem struct {
		Detail any `json:"detail"`
	}
	if resp.StatusCode >= 400 && json.Unmarshal(text, &problem) == nil {
		a.detail, _ = problem.Detail.(string)
	}
	return a
}

// probe sends the request of a row.
func (w *world) probe(t *testing.T, r *api.Route, row *operation, credential func(*http.Request)) answer {
	t.Helper()
	return send(t, r.Method, w.place(r)+row.query, row.body+row.form, func(req *http.Request) {
		if row.form != "" {
			req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		}
		if credential != nil {
			credential(req)
		}
	})
}

// bearer presents a token.
func bearer(token string) func(*http.Request) {
	return func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+token) }
}

// accessToken signs somebody in by the password grant.
func (w *world) accessToken(t *testing.T, name string) string {
	t.Helper()
	form := url.Values{"grant_type": {"password"}, "username": {name}, "password": {password}}
	a := send(t, http.MethodPost, w.url+"/api/v1/auth/token", form.Encode(), func(r *http.Request) {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	})
	var got struct {
		AccessToken string `json:"access_token"`
	}
	if err := json.Unmarshal([]byte(a.body), &got); err != nil || got.AccessToken == "" {
		t.Fatalf("%s cannot sign in: %d %s", name, a.status, a.body)
	}
	return got.AccessToken
}
