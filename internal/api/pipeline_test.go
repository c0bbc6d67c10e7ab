package api_test

import (
	"bufio"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"oasis/internal/access"
	"oasis/internal/access/scope"
	"oasis/internal/api"
	"oasis/internal/problem"
)

func TestOneCredentialDecides(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	jane, joe := l.bearer["jane"], l.bearer["joe"]
	pat := l.pat("joe", "users:read")
	cookie := l.signIn("max")
	basic := func(user, secret string) string {
		return "Basic " + base64.StdEncoding.EncodeToString([]byte(user+":"+secret))
	}
	tests := []struct {
		name   string
		header map[string]string
		status int
		who    string
	}{
		{"nothing", nil, 401, ""},
		{"provider token", map[string]string{"Authorization": "Bearer " + jane}, 200, "jane"},
		{"scheme in lower case", map[string]string{"Authorization": "bearer " + jane}, 200, "jane"},
		{"token of the owner", map[string]string{"Authorization": "Bearer " + pat}, 200, "joe"},
		{"own header before Bearer", map[string]string{"Oasis-Token": pat, "Authorization": "Bearer " + jane}, 200, "joe"},
		{"own header before Bearer, dead", map[string]string{"Oasis-Token": "x", "Authorization": "Bearer " + jane}, 401, ""},
		{"Bearer before the cookie", map[string]string{"Authorization": "Bearer " + joe, "Cookie": cookie}, 200, "joe"},
		{"dead Bearer before a good cookie", map[string]string{"Authorization": "Bearer x", "Cookie": cookie}, 401, ""},
		{"empty Bearer", map[string]string{"Authorization": "Bearer "}, 401, ""},
		{"empty own header", map[string]string{"Oasis-Token": " "}, 401, ""},
		{"a proxy's Basic is left alone", map[string]string{"Authorization": basic("proxy", "secret"), "Cookie": cookie}, 200, "max"},
		{"a proxy's Basic alone", map[string]string{"Authorization": basic("proxy", "secret")}, 401, ""},
		{"token as password", map[string]string{"Authorization": basic("joe", pat)}, 200, "joe"},
		{"token as password without a name", map[string]string{"Authorization": basic("", pat)}, 200, "joe"},
		{"token as password under another name", map[string]string{"Authorization": basic("jane", pat)}, 401, ""},
		{"unreadable Basic", map[string]string{"Authorization": "Basic %%%"}, 401, ""},
		{"unknown scheme", map[string]string{"Authorization": "Digest x", "Cookie": cookie}, 200, "max"},
		{"cookie", map[string]string{"Cookie": cookie}, 200, "max"},
		{"unknown session", map[string]string{"Cookie": cookie + "x"}, 401, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := l.in(t).do(request{path: "/api/v1/users/me", header: tt.header}).want(tt.status)
			if who := got.text("username"); who != tt.who {
				t.Errorf("the caller is %q, want %q", who, tt.who)
			}
			if challenge := got.header.Get("WWW-Authenticate"); (tt.status == 401) != strings.HasPrefix(challenge, "Bearer") {
				t.Errorf("WWW-Authenticate %q with %d", challenge, tt.status)
			}
		})
	}
}

// signIn gives the cookie of a new session.
func (l *lab) signIn(user string) string {
	l.t.Helper()
	got := l.do(request{method: "POST", path: "/auth/session", body: map[string]string{"username": user, "password": password}}).want(200)
	value, _, _ := strings.Cut(got.header.Get("Set-Cookie"), ";")
	return value
}

func TestRefusalsTellTheWayThroughTheFlowchart(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	hidden := l.newUpload("jane", nil)
	tests := []struct {
		name      string
		request   request
		status    int
		detail    string
		stopped   string
		challenge string
		help      string
		missing   string
	}{
		{"no credential", request{path: "/api/v1/users/me"}, 401, "Authentication required.", "sign_in", "Bearer", "Sign in", ""},
		{
			"forged token", request{path: "/api/v1/users/me", header: map[string]string{"Authorization": "Bearer nomad_pat_x"}},
			401, "Invalid token.", "credential", `Bearer error="invalid_token"`, "another token", "",
		},
		{
			"missing scope", request{method: "POST", path: "/api/v1/uploads", header: map[string]string{"Authorization": "Bearer " + l.pat("jane", "uploads:read")}},
			403, "Missing scopes: ['uploads:write']", "scopes", "", "Make an access token", "uploads:write",
		},
		{"hidden upload", request{as: "joe", path: "/api/v1/uploads/" + hidden}, 403, "You do not have access to the specified upload.", "object", "", "main author", ""},
		{"hidden upload, visitor", request{path: "/api/v1/uploads/" + hidden}, 401, "You need to log in to access the specified upload.", "object", "", "Sign in", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := l.in(t).do(tt.request).detail(tt.status, tt.detail)
			stopped, order := "", []string{}
			for i := 0; got.value(fmt.Sprintf("decision.steps.%d", i)) != nil; i++ {
				at := fmt.Sprintf("decision.steps.%d.", i)
				order = append(order, got.text(at+"step"))
				if got.text(at+"outcome") == "stopped" {
					stopped += got.text(at + "step")
				}
				if got.text(at+"text") == "" {
					t.Errorf("step %s says nothing", got.text(at+"step"))
				}
			}
			if stopped != tt.stopped {
				t.Errorf("stopped at %q, want %q", stopped, tt.stopped)
			}
			if want := "network set_up credential sign_in user allow_list scopes restrictions role object"; strings.Join(order, " ") != want {
				t.Errorf("steps %v, want %s", order, want)
			}
			if got.header.Get("WWW-Authenticate") != tt.challenge {
				t.Errorf("WWW-Authenticate %q, want %q", got.header.Get("WWW-Authenticate"), tt.challenge)
			}
			if !strings.Contains(got.text("decision.help"), tt.help) {
				t.Errorf("help %q does not say %q", got.text("decision.help"), tt.help)
			}
			if got.text("decision.missing_scopes.0") != tt.missing {
				t.Errorf("missing scopes %v", got.value("decision.missing_scopes"))
			}
			for _, secret := range []string{"jane", l.users["jane"].ID, `"test"`} {
				if strings.Contains(got.body, secret) {
					t.Errorf("the refusal names %s: %s", secret, got.body)
				}
			}
		})
	}
}

func TestPolicyHoldsForTheNextRequest(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.get("", "/api/v1/info").want(200)
	closed := *l.policy.Load()
	closed.RequireAuthentication = true
	closed.Authorized = access.NewAllowList([]string{"JANE@example.org"})
	closed.Contact = "ada@example.org"
	l.policy.Store(&closed)
	l.get("", "/api/v1/info").detail(401, "Authentication required.")
	l.get("jane", "/api/v1/info").want(200)
	got := l.get("joe", "/api/v1/info").detail(403, "You are not authorized to access this Oasis")
	if !strings.Contains(got.text("decision.help"), "ada@example.org") {
		t.Errorf("help %q does not say whom to ask", got.text("decision.help"))
	}
	l.get("", "/alive").want(200)
}

func TestServerWithoutAdministratorIsClosed(t *testing.T) {
	t.Parallel()
	l := emptyLab(t)
	for _, r := range l.api.Routes() {
		path := strings.NewReplacer("{path...}", "x", "{upload_id}", "x", "{entry_id}", "x", "{user_id}", "x", "{pat_id}", "x").Replace(r.Path)
		if r.Outside {
			path = strings.TrimSuffix(l.url, base) + path
		}
		got := l.do(request{method: r.Method, path: path})
		if r.BeforeSetUp == (got.status == 503) {
			t.Errorf("%s %s: status %d, open before set-up: %v", r.Method, r.Path, got.status, r.BeforeSetUp)
		}
		if !r.BeforeSetUp {
			got.detail(503, "This Oasis is not set up yet.")
		}
	}
}

// A client that sends its body slowly must not be able to hold a refusal back.
func TestRefusalComesBeforeTheBody(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	hidden := l.newUpload("jane", nil)
	tests := []struct {
		name, method, path, auth string
		status                   string
	}{
		{"401 without credential", "POST", "/api/v1/uploads", "none", "401"},
		{"403 for missing scopes", "PUT", "/api/v1/uploads/" + hidden + "/raw/?file_name=a", l.pat("jane", "uploads:read"), "403"},
		{"403 of the object", "PUT", "/api/v1/uploads/" + hidden + "/raw/?file_name=a", l.bearer["joe"], "403"},
		{"404 of the object", "PUT", "/api/v1/uploads/unknown/raw/?file_name=a", l.bearer["joe"], "404"},
		{"401 for JSON", "POST", "/api/v1/auth/pats", "none", "401"},
		{"422 of a parameter", "POST", "/api/v1/uploads?embargo_length=x", l.bearer["jane"], "422"},
		{"405", "PATCH", "/api/v1/uploads", "", "405"},
		{"404", "POST", "/api/v1/nothing", "", "404"},
	}
	for _, tt := range tests {
		for _, length := range []string{"Content-Length: 100000", "Transfer-Encoding: chunked"} {
			t.Run(tt.name+", "+length, func(t *testing.T) {
				t.Parallel()
				host, path, _ := strings.Cut(strings.TrimPrefix(l.url, "http://"), "/")
				conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", host)
				must(t, err)
				defer func() { _ = conn.Close() }()
				must(t, conn.SetDeadline(time.Now().Add(10*time.Second)))
				_, err = fmt.Fprintf(conn, "%s /%s%s HTTP/1.1\r\nHost: %s\r\nAuthorization: Bearer %s\r\nContent-Type: application/json\r\n%s\r\n\r\n", tt.method, path, tt.path, host, tt.auth, length)
				must(t, err)
				line, err := bufio.NewReader(conn).ReadString('\n')
				must(t, err)
				if !strings.Contains(line, " "+tt.status+" ") {
					t.Errorf("answer %q, want %s", line, tt.status)
				}
			})
		}
	}
}

func TestCookieCountsForChangesFromOurPagesOnly(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	cookie := l.signIn("jane")
	origin := strings.TrimSuffix(l.url, base)
	tests := []struct {
		name   string
		header map[string]string
		status int
	}{
		{"our page", map[string]string{"Sec-Fetch-Site": "same-origin", "Origin": origin}, 200},
		{"typed by hand", map[string]string{"Sec-Fetch-Site": "none"}, 200},
		{"an old browser on our page", map[string]string{"Origin": origin}, 200},
		{"another site", map[string]string{"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"}, 401},
		{"a sister site", map[string]string{"Sec-Fetch-Site": "same-site"}, 401},
		{"an old browser elsewhere", map[string]string{"Origin": "https://evil.example"}, 401},
		{"a sandboxed page", map[string]string{"Origin": "null"}, 401},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			l := l.in(t)
			tt.header["Cookie"] = cookie
			l.do(request{method: "POST", path: "/api/v1/uploads", header: tt.header}).want(tt.status)
			l.do(request{path: "/api/v1/users/me", header: tt.header}).want(200) // reading changes nothing
			// A token proves that whoever wrote the page holds it.
			tt.header["Authorization"] = "Bearer " + l.bearer["jane"]
			l.do(request{method: "POST", path: "/api/v1/uploads", header: tt.header}).want(200)
		})
	}
}

func TestAddresses(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	root := strings.TrimSuffix(l.url, base)
	tests := []struct {
		method, path string
		status       int
		header, want string
	}{
		{"GET", root + "/", 302, "Location", base + "/gui/"},
		{"GET", l.url, 302, "Location", base + "/gui/"},
		{"GET", l.url + "/", 302, "Location", base + "/gui/"},
		{"GET", root + "/-/health", 200, "", ""},
		{"GET", l.url + "/alive", 200, "", ""},
		{"GET", l.url + "/alive/", 200, "", ""},
		{"HEAD", l.url + "/ready", 200, "", ""},
		{"GET", l.url + "/api/v1/info/", 200, "", ""},
		{"GET", l.url + "/api/v1/nothing", 404, "", ""},
		{"GET", root + "/elsewhere", 404, "", ""},
		{"GET", l.url + "/api//v1/info", 404, "", ""},
		{"GET", l.url + "/api/v1/x/../info", 404, "", ""},
		{"GET", l.url + "/api/v1/./info", 404, "", ""},
		{"DELETE", l.url + "/api/v1/info", 405, "Allow", "GET, HEAD"},
		{"PATCH", l.url + "/api/v1/uploads", 405, "Allow", "GET, HEAD, POST"},
		{"GET", l.url + "/api/v1/auth/token", 405, "Allow", "POST"},
		{"OPTIONS", l.url + "/api/v1/info", 405, "Allow", "GET, HEAD"},
	}
	for _, tt := range tests {
		t.Run(tt.method+" "+strings.TrimPrefix(tt.path, root), func(t *testing.T) {
			t.Parallel()
			got := l.in(t).do(request{method: tt.method, path: tt.path}).want(tt.status)
			if tt.header != "" && got.header.Get(tt.header) != tt.want {
				t.Errorf("%s: %q, want %q", tt.header, got.header.Get(tt.header), tt.want)
			}
			if tt.status >= 400 && tt.method != "HEAD" {
				got.detail(tt.status, "")
			}
		})
	}
}

func TestFaultsShowOnlyTheRequestID(t *testing.T) {
	t.Parallel()
	secret := errors.New("row 17 of table users is broken")
	l := newLab(t, func(o *api.Options) {
		add := func(id string, h http.HandlerFunc) {
			o.Routes = append(o.Routes, api.Serve(api.Row{
				Operation: access.Operation{ID: id, Scopes: scope.Of(scope.InfoRead), Anonymous: true}, Method: "GET", Path: "/test/" + id,
			}, h))
		}
		add("error", func(w http.ResponseWriter, r *http.Request) { api.Fail(w, r, secret) })
		add("cause", func(w http.ResponseWriter, r *http.Request) { api.Fail(w, r, problem.Bad("No.").Because(secret)) })
		add("panic", func(http.ResponseWriter, *http.Request) { panic(secret) })
		add("unencodable", func(w http.ResponseWriter, _ *http.Request) { api.WriteJSON(w, http.StatusOK, unencodable{secret}) })
		add("late", func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write([]byte(strings.Repeat("x", 1<<16)))
			panic(secret)
		})
		o.Routes = append(o.Routes, api.Handle(api.Row{
			Operation: access.Operation{ID: "typed", Scopes: scope.Of(scope.InfoRead), Anonymous: true}, Method: "GET", Path: "/test/typed",
		}, func(context.Context, *struct{}) (*struct{ Body string }, error) { return nil, secret }))
		o.Routes = append(o.Routes, api.Handle(api.Row{
			Operation: access.Operation{ID: "half", Scopes: scope.Of(scope.InfoRead), Anonymous: true}, Method: "GET", Path: "/test/half",
		}, func(context.Context, *struct{}) (*struct{ Body any }, error) {
			return &struct{ Body any }{unencodable{secret}}, nil
		}))
	})
	for _, id := range []string{"error", "panic", "typed", "unencodable"} {
		got := l.get("", "/test/"+id).detail(500, "logged under the request id")
		if strings.Contains(got.body, "table users") {
			t.Errorf("%s: the answer shows the cause: %s", id, got.body)
		}
		if log := l.log.String(); !strings.Contains(log, secret.Error()) || !strings.Contains(log, got.text("request_id")) {
			t.Errorf("%s: the log lacks the cause or the request id", id)
		}
	}
	if got := l.get("", "/test/cause").detail(400, "No."); strings.Contains(got.body, "table users") {
		t.Errorf("the answer shows the cause: %s", got.body)
	}
	for _, id := range []string{"late", "half"} {
		req, err := http.NewRequestWithContext(t.Context(), "GET", l.url+"/test/"+id, nil)
		must(t, err)
		got, err := http.DefaultClient.Do(req)
		if err == nil {
			_, err = bufio.NewReader(got.Body).ReadString('\n')
			_ = got.Body.Close()
		} else if errors.Is(err, io.EOF) { // cut before the first byte
			continue
		}
		if err == nil || err.Error() == "EOF" {
			t.Errorf("%s: an answer that broke off looks complete: %v", id, err)
		}
	}
}

// unencodable is a value that JSON cannot say.
type unencodable struct{ err error }

func (u unencodable) MarshalJSON() ([]byte, error) { return nil, u.err }

func TestLogHoldsNoSecret(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	pat := l.pat("jane", "users:read")
	cookie := l.signIn("jane")
	l.do(request{path: "/api/v1/users/me?token=" + pat, header: map[string]string{"Authorization": "Bearer " + pat}}).want(200)
	l.do(request{path: "/api/v1/users/me", header: map[string]string{"Cookie": cookie}}).want(200)
	l.get("", "/api/v1/auth/token?username=jane&password=hunter2hunter2").want(405)
	log := l.log.String()
	_, value, _ := strings.Cut(cookie, "=")
	for _, secret := range []string{pat, value, l.bearer["jane"], "correct horse", "hunter2"} {
		if strings.Contains(log, secret) {
			t.Errorf("the log holds %q", secret)
		}
	}
	for _, want := range []string{"user=" + l.users["jane"].ID, "route=/api/v1/users/me", "status=200", "credential="} {
		if !strings.Contains(log, want) {
			t.Errorf("the log lacks %q", want)
		}
	}
}
