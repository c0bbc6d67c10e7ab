package api_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"oasis/internal/access/token"
)

// request is what somebody sends.
type request struct {
	as     string // user name; "" = visitor
	method string // GET
	path   string // below the base path, escaped; absolute with http://
	header map[string]string
	body   any // string, []byte, io.Reader, or anything else as JSON
}

// answer is what came back.
type answer struct {
	t      testing.TB
	status int
	header http.Header
	body   string
}

func (l *lab) do(r request) answer {
	l.t.Helper()
	if r.method == "" {
		r.method = http.MethodGet
	}
	var body io.Reader
	header := http.Header{}
	switch b := r.body.(type) {
	case nil:
	case string:
		body = strings.NewReader(b)
	case []byte:
		body = bytes.NewReader(b)
	case io.Reader:
		body = b
	default:
		text, err := json.Marshal(b)
		must(l.t, err)
		body = bytes.NewReader(text)
		header.Set("Content-Type", "application/json")
	}
	address := r.path
	if !strings.HasPrefix(address, "http") {
		address = l.url + address
	}
	req, err := http.NewRequestWithContext(l.t.Context(), r.method, address, body)
	must(l.t, err)
	req.Header = header
	req.Header.Set("Accept", "application/json")
	if r.as != "" {
		req.Header.Set("Authorization", "Bearer "+l.bearer[r.as])
	}
	for name, value := range r.header {
		if value == "" {
			req.Header.Del(name)
		} else {
			req.Header.Set(name, value)
		}
	}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	got, err := client.Do(req)
	must(l.t, err)
	defer got.Body.Close()
	text, err := io.ReadAll(got.Body)
	must(l.t, err)
	return answer{l.t, got.StatusCode, got.Header, string(text)}
}

func (l *lab) get(as, path string) answer {
	l.t.Helper()
	return l.do(request{as: as, path: path})
}

func (l *lab) postForm(path, form string) answer {
	l.t.Helper()
	return l.do(request{method: "POST", path: path, body: form, header: map[string]string{"Content-Type": "application/x-www-form-urlencoded"}})
}

// want fails the test when the status is another.
func (a answer) want(status int) answer {
	a.t.Helper()
	if a.status != status {
		a.t.Fatalf("status %d, want %d: %s", a.status, status, a.body)
	}
	return a
}

// value gives what is at a path such as data.0.id, nil when there is nothing.
func (a answer) value(path string) any {
	a.t.Helper()
	var v any
	if err := json.Unmarshal([]byte(a.body), &v); err != nil {
		a.t.Fatalf("no JSON (status %d): %s", a.status, a.body)
	}
	for _, key := range strings.Split(path, ".") {
		switch at := v.(type) {
		case map[string]any:
			v = at[key]
		case []any:
			var i int
			if _, err := fmt.Sscan(key, &i); err != nil || i >= len(at) {
				return nil
			}
			v = at[i]
		default:
			return nil
		}
	}
	return v
}

// text gives the value at a path as text.
func (a answer) text(path string) string {
	a.t.Helper()
	v := a.value(path)
	if v == nil {
		return ""
	}
	return fmt.Sprint(v)
}

// detail checks status and detail of a refusal.
func (a answer) detail(status int, contains string) answer {
	a.t.Helper()
	a.want(status)
	var text strings.Builder
	e := json.NewEncoder(&text)
	e.SetEscapeHTML(false)
	must(a.t, e.Encode(a.value("detail")))
	plain := strings.ReplaceAll(strings.ReplaceAll(text.String(), `\"`, `"`), `\n`, "\n")
	if !strings.Contains(plain, contains) {
		a.t.Errorf("detail %s does not say %q", plain, contains)
	}
	if kind := a.header.Get("Content-Type"); kind != "application/problem+json" {
		a.t.Errorf("Content-Type %q", kind)
	}
	if a.text("request_id") == "" || a.text("request_id") != a.header.Get("X-Request-Id") {
		a.t.Errorf("request id %q in the body, %q in the header", a.text("request_id"), a.header.Get("X-Request-Id"))
	}
	return a
}

// pat makes a personal access token of a user.
func (l *lab) pat(user string, scopes ...string) string {
	l.t.Helper()
	_, raw, err := l.tokens.Create(l.t.Context(), l.users[user].ID, token.New{Name: "test", Scopes: scopes, Lifetime: token.Days(1)})
	must(l.t, err)
	return raw
}

// newUpload makes an upload with files by PUT.
func (l *lab) newUpload(as string, files map[string]string) string {
	l.t.Helper()
	id := l.do(request{as: as, method: "POST", path: "/api/v1/uploads?upload_name=test"}).want(200).text("upload_id")
	for name, text := range files {
		dir, file := "", name
		if i := strings.LastIndex(name, "/"); i >= 0 {
			dir, file = name[:i], name[i+1:]
		}
		l.do(request{as: as, method: "PUT", path: "/api/v1/uploads/" + id + "/raw/" + dir + "?file_name=" + file, body: text}).want(200)
	}
	return id
}

// processed waits until an upload is no longer being processed.
func (l *lab) processed(as, id string) answer {
	l.t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); <-tick.C {
		if got := l.get(as, "/api/v1/uploads/"+id).want(200); got.text("data.process_running") == "false" {
			return got
		}
	}
	l.t.Fatalf("upload %s is still being processed", id)
	return answer{}
}

// parse reads JSON.
func parse(t testing.TB, text string) any {
	t.Helper()
	var v any
	must(t, json.Unmarshal([]byte(text), &v))
	return v
}
