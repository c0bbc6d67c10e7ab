package several

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"oasis/test/servers"
)

func TestMain(m *testing.M) { os.Exit(servers.Main(m)) }

// promised is how soon a change of access holds on every other server (decisions 12).
const promised = time.Second

// patience is for what has no promise: machines of tests are busy.
const patience = time.Minute

// lab is two servers on one database and one data directory.
type lab struct {
	t        *testing.T
	url      string // of the database
	one, two *servers.Oasis
	admin    *servers.Client // at one
}

func newLab(t *testing.T) *lab {
	t.Helper()
	url := servers.Postgres(t)
	one := servers.NewOasis(t, servers.Binary(t), "NOMAD_DATABASE_URL="+url, "NOMAD_DATABASE_SHARED=true", "NOMAD_SERVICES_CONSOLE_LOG_LEVEL=INFO")
	l := &lab{t: t, url: url, one: one, two: one.Neighbour()}
	l.admin = one.Admin("ada")
	l.one.Start()
	l.two.Start()
	l.linked(l.one, 1)
	l.linked(l.two, 1)
	return l
}

// await returns when done tells so.
func await(t *testing.T, limit time.Duration, what string, done func(ctx context.Context) bool) time.Duration {
	t.Helper()
	began := time.Now()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !done(ctx) {
		select {
		case <-ctx.Done():
			t.Fatalf("not within %s: %s", limit, what)
		case <-tick.C:
		}
	}
	return time.Since(began)
}

// linked waits until a server has said for the nth time that it hears the others.
func (l *lab) linked(o *servers.Oasis, n int) {
	l.t.Helper()
	await(l.t, patience, "the servers hear each other", func(context.Context) bool {
		return strings.Count(o.Said(), "are heard; caches are in use") >= n
	})
}

// at is the same client at another server.
func at(o *servers.Oasis, c *servers.Client) *servers.Client {
	return &servers.Client{API: o.URL + "/api/v1", Token: c.Token}
}

func (l *lab) status(c *servers.Client) int {
	l.t.Helper()
	got, err := c.Do(l.t.Context(), http.MethodGet, "/users/me", nil)
	if err != nil {
		l.t.Fatal(err)
	}
	return got.Status
}

// person adds an account and gives a token of theirs, by the console.
func (l *lab) person(name string) (c *servers.Client, tokenID string) {
	l.t.Helper()
	l.one.Run("a long enough passphrase\n", "user", "add", name, "--email", name+"@example.org", "--password-stdin")
	c = &servers.Client{API: l.one.URL + "/api/v1"}
	c.Token = l.one.Run("", "token", "create", "--user", name, "--name", "test", "--scope", "users:read", "--scope", "uploads:read", "--scope", "uploads:write")
	row := l.sql(`select id from pats where user_id = (select id from users where username = $1)`, name)
	if err := row.Scan(&tokenID); err != nil {
		l.t.Fatal(err)
	}
	return c, tokenID
}

// sql asks the database.
func (l *lab) sql(query string, args ...any) pgx.Row {
	l.t.Helper()
	conn, err := pgx.Connect(l.t.Context(), l.url)
	if err != nil {
		l.t.Fatal(err)
	}
	l.t.Cleanup(func() { conn.Close(context.Background()) }) //nolint:errcheck // the test is over
	return conn.QueryRow(l.t.Context(), query, args...)
}

// ends tells how long a credential goes on at the other server after end has returned.
func (l *lab) ends(what string, ask func() int, want int, end func()) {
	l.t.Helper()
	for range 3 { // from the second request on it is in the cache
		if got := ask(); got != http.StatusOK {
			l.t.Fatalf("%s: %d before the end", what, got)
		}
	}
	end()
	took := await(l.t, promised, what+" still good on the other server", func(context.Context) bool { return ask() != http.StatusOK })
	if got := ask(); got != want {
		l.t.Errorf("%s: answered %d, want %d", what, got, want)
	}
	l.t.Logf("%s: ended on the other server after %s", what, took)
}

func TestTheEndOfACredentialHoldsOnTheOtherServerWithinASecond(t *testing.T) {
	l := newLab(t)
	byToken := func(c *servers.Client) func() int {
		return func() int { return l.status(at(l.two, c)) }
	}
	bert, tokenID := l.person("bert")
	l.ends("a revoked token", byToken(bert), http.StatusUnauthorized, func() { l.one.Run("", "token", "revoke", tokenID, "--user", "bert") })
	cleo, _ := l.person("cleo")
	l.ends("a disabled user", byToken(cleo), http.StatusForbidden, func() { l.one.Run("", "user", "disable", "cleo") })
	browser := l.signIn("bert")
	ask := func() int { return browser(http.MethodGet, l.two, "/api/v1/users/me") }
	l.ends("a session", ask, http.StatusUnauthorized, func() {
		if got := browser(http.MethodDelete, l.one, "/auth/session"); got != http.StatusOK && got != http.StatusNoContent {
			t.Fatalf("signing out: %d", got)
		}
	})
}

// signIn gives what sends requests with a session that was begun at the first server.
func (l *lab) signIn(name string) func(method string, o *servers.Oasis, path string) int {
	l.t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		l.t.Fatal(err)
	}
	browser := &http.Client{Jar: jar}
	send := func(method, url, body string) int {
		req, err := http.NewRequestWithContext(l.t.Context(), method, url, strings.NewReader(body))
		if err != nil {
			l.t.Fatal(err)
		}
		if body != "" {
			req.Header.Set("Content-Type", "application/json")
		}
		got, err := browser.Do(req)
		if err != nil {
			l.t.Fatal(err)
		}
		got.Body.Close()
		return got.StatusCode
	}
	body := fmt.Sprintf(`{"username": %q, "password": "a long enough passphrase"}`, name)
	if got := send(http.MethodPost, l.one.URL+"/auth/session", body); got != http.StatusOK {
		l.t.Fatalf("signing in: %d", got)
	}
	// Cookies belong to a host, whatever the port: both servers get it, as behind a balancer.
	return func(method string, o *servers.Oasis, path string) int { return send(method, o.URL+path, "") }
}

func TestWhileTheNotificationLinkIsDownCachesAreNotTrusted(t *testing.T) {
	l := newLab(t)
	bert, tokenID := l.person("bert")
	elsewhere := at(l.two, bert)
	for range 3 {
		if got := l.status(elsewhere); got != http.StatusOK {
			t.Fatal(got)
		}
	}
	// The links are cut, and before they can be back the token is revoked in a way that
	// tells nobody: only who does not trust its cache can know.
	var cut int
	if err := l.sql(`alter table pats disable trigger told`).Scan(); !errors.Is(err, pgx.ErrNoRows) {
		t.Fatal(err)
	}
	row := l.sql(`with revoked as (update pats set revoked_at = 1 where id = $1 returning id)
		select count(pg_terminate_backend(pid)) from revoked, pg_stat_activity where datname = current_database() and application_name = 'oasis listens'`, tokenID)
	if err := row.Scan(&cut); err != nil || cut != 2 {
		t.Fatalf("%d links were cut, want 2: %v", cut, err)
	}
	took := await(t, promised, "a token that was revoked while the link was down is still good", func(context.Context) bool {
		return l.status(elsewhere) == http.StatusUnauthorized
	})
	t.Logf("refused after %s", took)
	await(t, patience, "the server says that it does not hear", func(context.Context) bool {
		return strings.Contains(l.two.Said(), "are not heard; caches are not in use until they are")
	})
	l.linked(l.two, 2) // and the link comes back by itself
	if got := l.status(at(l.two, l.admin)); got != http.StatusOK {
		t.Errorf("others afterwards: %d", got)
	}
}

func TestSettingsOfOneServerHoldOnTheOther(t *testing.T) {
	l := newLab(t)
	anonymous := func(o *servers.Oasis) int { return l.status(&servers.Client{API: o.URL + "/api/v1"}) }
	search := func(o *servers.Oasis) int {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, o.URL+"/api/v1/entries?owner=public", http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		got, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		got.Body.Close()
		return got.StatusCode
	}
	if anonymous(l.two) != http.StatusUnauthorized || search(l.two) != http.StatusOK {
		t.Fatal("the server is not open to visitors")
	}
	settings := l.one.Data + "/settings.yaml"
	if err := os.WriteFile(settings+".new", []byte("auth:\n  require_authentication: true\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(settings+".new", settings); err != nil {
		t.Fatal(err)
	}
	for _, o := range []*servers.Oasis{l.one, l.two} {
		await(t, promised, "visitors are let in", func(context.Context) bool { return search(o) == http.StatusUnauthorized })
	}
}

// put uploads a file and gives the id of the new upload.
func (l *lab) put(c *servers.Client, name, content string) string {
	l.t.Helper()
	got, err := c.Do(l.t.Context(), http.MethodPost, "/uploads?file_name="+name, strings.NewReader(content))
	if err != nil || got.Status != http.StatusOK {
		l.t.Fatalf("upload: %d %s, %v", got.Status, got.Body, err)
	}
	var answer struct {
		UploadID string `json:"upload_id"`
	}
	if err := json.Unmarshal(got.Body, &answer); err != nil {
		l.t.Fatal(err)
	}
	return answer.UploadID
}

const eln = `{"data": {"m_def": "nomad.datamodel.metainfo.eln.ELNSample", "name": %q}}`

func TestAnUploadMadeOnOneServerIsReadAndFoundOnTheOther(t *testing.T) {
	l := newLab(t)
	here, there := l.admin, at(l.two, l.admin)
	id := l.put(here, "sample.archive.json", fmt.Sprintf(eln, "zebra"))
	got, err := there.Do(t.Context(), http.MethodGet, "/uploads/"+id+"/raw/sample.archive.json", nil)
	if err != nil || got.Status != http.StatusOK || !bytes.Contains(got.Body, []byte("zebra")) {
		t.Errorf("read on the other server at once: %d %s, %v", got.Status, got.Body, err)
	}
	await(t, patience, "the other server finds the entry", func(ctx context.Context) bool {
		var found struct{ Pagination struct{ Total int } }
		err := there.Query(ctx, "/entries/query", map[string]any{"owner": "user", "query": map[string]any{"upload_id": id}}, &found)
		return err == nil && found.Pagination.Total == 1
	})
	for _, c := range []*servers.Client{here, there} { // and is changed there, by turns
		for i := range 5 {
			content := fmt.Sprintf("%d at %s", i, c.API)
			if got, err := c.Do(t.Context(), http.MethodPut, "/uploads/"+id+"/raw/?file_name=turn.txt", strings.NewReader(content)); err != nil || got.Status != http.StatusOK {
				t.Fatalf("%d %s, %v", got.Status, got.Body, err)
			}
			for _, reader := range []*servers.Client{here, there} {
				got, err := reader.Do(t.Context(), http.MethodGet, "/uploads/"+id+"/raw/turn.txt", nil)
				if err != nil || string(got.Body) != content {
					t.Fatalf("read %q, %v; want %q", got.Body, err, content)
				}
			}
		}
	}
}

// Both write the same file at the same time: whatever wins, the bytes are those of the row.
func TestServersThatWriteTheSameFileLeaveItWhole(t *testing.T) {
	l := newLab(t)
	here, there := l.admin, at(l.two, l.admin)
	id := l.put(here, "a.txt", "begin")
	ended := make(chan error, 2)
	for _, c := range []*servers.Client{here, there} {
		go func() {
			for i := range 40 {
				content := strings.Repeat(fmt.Sprintf("%d at %s\n", i, c.API), 1+i*100)
				got, err := c.Do(context.WithoutCancel(t.Context()), http.MethodPut, "/uploads/"+id+"/raw/?file_name=a.txt", strings.NewReader(content))
				if err == nil && got.Status != http.StatusOK {
					err = fmt.Errorf("%d %s", got.Status, got.Body)
				}
				if err != nil {
					ended <- err
					return
				}
			}
			ended <- nil
		}()
	}
	for range 2 {
		if err := <-ended; err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []*servers.Client{here, there} {
		var listing struct {
			DirectoryMetadata struct {
				Content []struct {
					Name string
					Size int
				}
			} `json:"directory_metadata"`
		}
		if err := c.Get(t.Context(), "/uploads/"+id+"/rawdir/", &listing); err != nil {
			t.Fatal(err)
		}
		got, err := c.Do(t.Context(), http.MethodGet, "/uploads/"+id+"/raw/a.txt", nil)
		if err != nil || len(listing.DirectoryMetadata.Content) != 1 || len(got.Body) != listing.DirectoryMetadata.Content[0].Size {
			t.Errorf("%d bytes, %v; the row says %+v", len(got.Body), err, listing)
		}
	}
}

func TestWorkOfAKilledServerIsTakenOver(t *testing.T) {
	l := newLab(t)
	there := at(l.two, l.admin)
	var ids []string
	for i := range 5 {
		ids = append(ids, l.put(l.admin, "sample.archive.json", fmt.Sprintf(eln, fmt.Sprintf("sample %d", i))))
	}
	l.one.Kill() // what was answered is promised
	for _, id := range ids {
		got, err := there.Do(t.Context(), http.MethodGet, "/uploads/"+id+"/raw/sample.archive.json", nil)
		if err != nil || got.Status != http.StatusOK {
			t.Errorf("read after the other server died: %d %s, %v", got.Status, got.Body, err)
		}
		await(t, patience, "the upload is processed", func(ctx context.Context) bool {
			var u struct {
				Data struct {
					Status  string `json:"process_status"`
					Entries int
				}
			}
			return there.Get(ctx, "/uploads/"+id, &u) == nil && u.Data.Status == "SUCCESS" && u.Data.Entries == 1
		})
	}
	await(t, patience, "the server that lives notices", func(context.Context) bool {
		return strings.Contains(l.two.Said(), "a server that shares the database has died")
	})
	conn, err := pgx.Connect(t.Context(), l.url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background()) //nolint:errcheck // the test is over
	await(t, patience, "nothing is left of the dead server", func(ctx context.Context) bool {
		var intents, names int
		err := conn.QueryRow(ctx, `select (select count(*) from intents), (select count(*) from servers)`).Scan(&intents, &names)
		staged, dirErr := os.ReadDir(l.one.Data + "/files/staged")
		return err == nil && dirErr == nil && intents == 0 && names == 1 && len(staged) == 0
	})
	l.one.Start() // and it comes back
	if got := l.status(l.admin); got != http.StatusOK {
		t.Errorf("after its return: %d", got)
	}
	l.one.Stop()
	l.two.Stop()
}

func TestServersOfCopiedDataDirectoriesAreRefused(t *testing.T) {
	url := servers.Postgres(t)
	one := servers.NewOasis(t, servers.Binary(t), "NOMAD_DATABASE_URL="+url, "NOMAD_DATABASE_SHARED=true")
	one.Start()
	copied := t.TempDir()
	for _, name := range []string{"id", "api_secret"} {
		text, err := os.ReadFile(one.Data + "/" + name)
		if err == nil {
			err = os.WriteFile(copied+"/"+name, text, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	two := one.Neighbour()
	two.Data = copied
	two.Launch()
	await(t, patience, "the server of the copy is refused", func(context.Context) bool {
		return strings.Contains(two.Said(), "is not the same folder but a copy")
	})
}
