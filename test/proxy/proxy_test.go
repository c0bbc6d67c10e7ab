package proxy

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"io"
	"io/fs"
	"math/big"
	"net"
	"net/http"
	"net/http/cookiejar"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"oasis/test/servers"
)

func TestMain(m *testing.M) { os.Exit(servers.Main(m)) }

const (
	name     = "data.example.org"
	password = "correct horse battery"
	// visitor is where the person's machine is: not where nginx is, which is trusted.
	visitor = "127.0.0.9"
)

// lab is an Oasis behind an nginx, and a browser or a program before it.
type lab struct {
	t     *testing.T
	o     *servers.Oasis
	url   string // as people see it
	admin string // access token
	http  *http.Client
	basic bool // send nginx's password
}

// in is the same lab for a part of a test.
func (l *lab) in(t *testing.T) *lab {
	part := *l
	part.t = t
	return &part
}

func TestBehindNginxWithBasicAuthentication(t *testing.T) {
	l := newLab(t)
	for _, part := range []struct {
		name string
		test func(*lab)
	}{
		{"nginx asks first", nginxAsksFirst},
		{"the page and its files come through", pageComesThrough},
		{"a person signs in and works", personWorks},
		{"programs send the token beside the password", programsWork},
		{"addresses are those of people, not of nginx", addressesAreRight},
		{"links begin with the public address", linksAreRight},
		{"uploads stream", uploadsStream},
	} {
		t.Run(part.name, func(t *testing.T) { part.test(l.in(t)) })
	}
}

func nginxAsksFirst(l *lab) {
	l.basic = false
	got := l.want(401, "GET", "/gui/", "")
	if want := `Basic realm="The lab"`; got.header.Get("WWW-Authenticate") != want {
		l.t.Errorf("asked with %q, want %q", got.header.Get("WWW-Authenticate"), want)
	}
	l.want(401, "GET", "/api/v1/info", "", "Oasis-Token", l.admin)
}

func pageComesThrough(l *lab) {
	page := l.want(200, "GET", "/gui/", "")
	if got := page.header.Get("Strict-Transport-Security"); got != "max-age=31536000" {
		l.t.Errorf("Strict-Transport-Security: %q", got)
	}
	for _, file := range regexp.MustCompile(`"(?:/nomad-oasis/gui/)?(assets/[^"]+)"`).FindAllStringSubmatch(page.body, -1) {
		l.want(200, "GET", "/gui/"+file[1], "")
	}
	l.want(200, "GET", "/api/v1/info", "")
	if session := l.want(200, "GET", "/auth/session", ""); !strings.Contains(session.body, `"user":null`) {
		l.t.Errorf("nginx's password has signed somebody in: %s", session.body)
	}
	l.want(401, "GET", "/api/v1/users/me", "") // and what asks for a person still does, by nginx's password or not
}

func personWorks(l *lab) {
	jar, err := cookiejar.New(nil)
	must(l.t, err)
	client := *l.http
	client.Jar = jar
	l.http = &client
	origin := strings.TrimSuffix(l.url, "/nomad-oasis")
	in := l.want(200, "POST", "/auth/session", `{"username": "ada", "password": "`+password+`"}`, "Origin", origin, "Content-Type", "application/json")
	if cookie := in.header.Get("Set-Cookie"); !strings.HasPrefix(cookie, "__Host-oasis-") || !strings.Contains(cookie, "; Secure") || !strings.Contains(cookie, "; HttpOnly") {
		l.t.Errorf("cookie %q", cookie)
	}
	if me := l.want(200, "GET", "/api/v1/users/me", ""); !strings.Contains(me.body, `"ada"`) {
		l.t.Errorf("me: %s", me.body)
	}
	l.want(200, "POST", "/api/v1/uploads", "", "Origin", origin, "Sec-Fetch-Site", "same-origin")
	l.want(200, "POST", "/api/v1/uploads", "", "Origin", origin)                                            // an old browser
	l.want(401, "POST", "/api/v1/uploads", "", "Origin", "https://evil.example")                            // another site
	l.want(401, "POST", "/api/v1/uploads", "", "Origin", strings.Replace(origin, "https://", "http://", 1)) // somebody on the line
	examples := l.want(200, "GET", "/api/v1/uploads/command-examples", "")
	if !strings.Contains(examples.body, l.url+"/api/v1/uploads") {
		l.t.Errorf("examples lack %s: %s", l.url, examples.body)
	}
	l.want(204, "DELETE", "/auth/session", "", "Origin", origin)
	l.want(401, "GET", "/api/v1/users/me", "")
}

func programsWork(l *lab) {
	if me := l.want(200, "GET", "/api/v1/users/me", "", "Oasis-Token", l.admin); !strings.Contains(me.body, `"ada"`) {
		l.t.Errorf("me: %s", me.body)
	}
	l.want(401, "GET", "/api/v1/users/me", "", "Oasis-Token", strings.Repeat("x", len(l.admin)))
	l.want(200, "POST", "/api/v1/uploads", "", "Oasis-Token", l.admin, "Origin", "https://evil.example") // a token is no cookie
}

func addressesAreRight(l *lab) {
	list := struct {
		Data []struct{ Address string }
	}{}
	for _, forwarded := range []string{"", "203.0.113.7", "127.0.0.1"} { // what a caller claims does not count
		in := l.want(200, "POST", "/auth/session", `{"username": "ada", "password": "`+password+`"}`, "Content-Type", "application/json", "X-Forwarded-For", forwarded)
		cookie, _, _ := strings.Cut(in.header.Get("Set-Cookie"), ";")
		got := l.want(200, "GET", "/api/v1/auth/sessions", "", "Cookie", cookie)
		must(l.t, json.Unmarshal([]byte(got.body), &list))
		for _, s := range list.Data {
			if s.Address != visitor {
				l.t.Errorf("somebody who claims to be %q is at %q, want %q", forwarded, s.Address, visitor)
			}
		}
	}
	if len(list.Data) < 3 {
		l.t.Errorf("%d sessions", len(list.Data))
	}
}

func linksAreRight(l *lab) {
	found := l.want(200, "GET", "/auth/.well-known/openid-configuration", "")
	if want := `"issuer":"` + l.url + `/auth"`; !strings.Contains(strings.ReplaceAll(found.body, `": "`, `":"`), want) {
		l.t.Errorf("discovery lacks %s: %s", want, found.body)
	}
	if got := l.want(302, "GET", "", ""); got.header.Get("Location") != "/nomad-oasis/gui/" {
		l.t.Errorf("Location: %q", got.header.Get("Location"))
	}
}

// The second half of the file is sent when the first one lies in the data
// directory: a proxy that kept it back would hold this for ever.
func uploadsStream(l *lab) {
	made := l.want(200, "POST", "/api/v1/uploads", "", "Oasis-Token", l.admin)
	var upload struct {
		ID string `json:"upload_id"`
	}
	must(l.t, json.Unmarshal([]byte(made.body), &upload))
	half := bytes.Repeat([]byte("0123456789abcdef"), 4<<20/16)
	r, w := io.Pipe()
	go func() {
		_, err := w.Write(half)
		if err == nil {
			err = l.awaitFile(len(half) / 2) // the rest may wait in buffers
		}
		if err == nil {
			_, err = w.Write(half)
		}
		w.CloseWithError(err)
	}()
	got := l.send("PUT", "/api/v1/uploads/"+upload.ID+"/raw/?file_name=long.bin", r, "Oasis-Token", l.admin)
	if got.status != 200 {
		l.t.Fatalf("status %d: %s\nnginx said:\n%s", got.status, got.body, l.o.Said())
	}
	back := l.want(200, "GET", "/api/v1/uploads/"+upload.ID+"/raw/long.bin", "", "Oasis-Token", l.admin)
	if back.body != string(half)+string(half) {
		l.t.Errorf("%d bytes came back, want %d of the ones sent", len(back.body), 2*len(half))
	}
}

// awaitFile waits for a file of at least that size below the data directory.
func (l *lab) awaitFile(size int) error {
	ctx, cancel := context.WithTimeout(l.t.Context(), time.Minute)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		found := false
		_ = filepath.WalkDir(l.o.Data, func(path string, d fs.DirEntry, err error) error {
			if err == nil && !d.IsDir() && !strings.Contains(filepath.Base(path), "oasis.db") {
				info, gone := d.Info()
				found = found || gone == nil && info.Size() >= int64(size)
			}
			return nil // files come and go
		})
		if found {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
}

// newLab starts an Oasis with the administrator ada, and the nginx of the page in docs.
func newLab(t *testing.T) *lab {
	t.Helper()
	n := servers.NewNginx(t)
	page, err := os.ReadFile("../../docs/howto/nginx.md")
	must(t, err)
	_, block, _ := strings.Cut(string(page), "```nginx\n")
	block, _, found := strings.Cut(block, "```")
	if !found {
		t.Fatal("docs/howto/nginx.md shows no configuration")
	}
	_, port, err := net.SplitHostPort(n.Address)
	must(t, err)
	public := "https://" + name + ":" + port
	o := servers.NewOasis(t, servers.Binary(t), "NOMAD_SERVICES_PUBLIC_URL="+public, `NOMAD_SERVICES_TRUSTED_PROXIES=["127.0.0.1/32"]`)
	o.Start()
	o.Run(password+"\n", "user", "add", "ada", "--email", "ada@example.org", "--admin", "--password-stdin")
	token := o.Run("", "token", "create", "--user", "ada", "--name", "test", "--scope", "uploads:read", "--scope", "uploads:write",
		"--scope", "users:read", "--scope", "uploads:process")
	address, _, _ := strings.Cut(strings.TrimPrefix(o.URL, "http://"), "/")
	roots := certificate(t, n.Dir)
	must(t, os.WriteFile(filepath.Join(n.Dir, "lab.users"), []byte("lab:{PLAIN}open sesame\n"), 0o600))
	for _, change := range [][2]string{
		{"listen 443 ssl", "listen " + n.Address + " ssl"}, {"/etc/ssl/data.example.org", filepath.Join(n.Dir, "server")},
		{"/etc/nginx/lab.users", filepath.Join(n.Dir, "lab.users")}, {"127.0.0.1:8000", address},
	} {
		if !strings.Contains(block, change[0]) {
			t.Fatalf("docs/howto/nginx.md lacks %q", change[0])
		}
		block = strings.ReplaceAll(block, change[0], change[1])
	}
	n.Start(block)
	dial := &net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(visitor)}}
	return &lab{t: t, o: o, url: public + "/nomad-oasis", admin: token, basic: true, http: &http.Client{
		Transport: &http.Transport{
			TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12},
			DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
				return dial.DialContext(ctx, network, n.Address)
			},
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// certificate writes server.crt and server.key and gives what trusts them.
func certificate(t *testing.T, dir string) *x509.CertPool {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	about := &x509.Certificate{
		SerialNumber: big.NewInt(1), DNSNames: []string{name}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, about, about, &key.PublicKey, key)
	must(t, err)
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	must(t, err)
	crt := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	must(t, os.WriteFile(filepath.Join(dir, "server.crt"), crt, 0o600))
	must(t, os.WriteFile(filepath.Join(dir, "server.key"), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret}), 0o600))
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(crt) {
		t.Fatal("the certificate is not taken")
	}
	return pool
}

type answer struct {
	status int
	header http.Header
	body   string
}

// want makes a request and compares its status; headers are names and values, "" = none.
func (l *lab) want(status int, method, path, body string, headers ...string) answer {
	l.t.Helper()
	got := l.send(method, path, strings.NewReader(body), headers...)
	if got.status != status {
		l.t.Fatalf("%s %s: status %d, want %d: %s", method, path, got.status, status, got.body)
	}
	return got
}

func (l *lab) send(method, path string, body io.Reader, headers ...string) answer {
	l.t.Helper()
	req, err := http.NewRequestWithContext(l.t.Context(), method, l.url+path, body)
	must(l.t, err)
	req.Header.Set("Accept", "application/json")
	for i := 0; i < len(headers); i += 2 {
		if headers[i+1] != "" {
			req.Header.Set(headers[i], headers[i+1])
		}
	}
	if l.basic {
		req.SetBasicAuth("lab", "open sesame")
	}
	got, err := l.http.Do(req)
	must(l.t, err)
	defer got.Body.Close()
	text, err := io.ReadAll(got.Body)
	must(l.t, err)
	return answer{got.StatusCode, got.Header, string(text)}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
