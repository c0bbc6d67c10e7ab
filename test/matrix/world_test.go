package matrix

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"oasis/internal/access/group"
	"oasis/internal/access/identity"
	"oasis/internal/access/scope"
	"oasis/internal/access/token"
	"oasis/internal/api"
	"oasis/internal/app"
	"oasis/internal/config"
	"oasis/internal/store/sqlstore"
)

// policy is what a server is started with.
type policy struct {
	// yaml is its configuration file.
	yaml string
	// seed fills the database before the server opens it; nil leaves it empty.
	seed func(s *seeder)
}

// world is a running server and the people in it.
type world struct {
	url    string // with the base path
	origin string // scheme, host and port
	dir    string
	routes []api.Route
	seeder
}

// start runs a server until the test ends.
func start(t *testing.T, p policy) *world {
	t.Helper()
	w := &world{dir: t.TempDir(), seeder: seeder{t: t, ctx: t.Context(), ids: map[string]string{}}}
	options := config.Options{DataDir: w.dir, WorkDir: w.dir}
	write(t, filepath.Join(w.dir, config.DefaultFile), p.yaml)
	cfg, _, err := config.Load(options)
	if err != nil {
		t.Fatal(err)
	}
	if p.seed != nil {
		w.fill(w.dir, p.seed)
	}
	log := new(bytes.Buffer) // written by the server's goroutines one at a time: slog locks it
	server, err := app.New(t.Context(), app.Options{
		Config: cfg, DataDir: w.dir, Listen: "127.0.0.1:0", Version: "test",
		Log: slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelError})), Console: io.Discard,
		Sources: options,
	})
	if err != nil {
		t.Fatal(err)
	}
	w.origin = "http://" + server.Addr()
	w.url, w.routes = w.origin+cfg.BasePath(), server.Routes()
	running, stop := context.WithCancel(context.Background()) // outlives t.Context, which ends before clean-up
	ended := make(chan error, 1)
	go func() { ended <- server.Run(running) }()
	t.Cleanup(func() {
		client.CloseIdleConnections() // a stop waits for connections on which nothing was sent yet
		stop()
		if err := <-ended; err != nil {
			t.Errorf("the server ended badly: %v", err)
		}
		for line := range strings.Lines(log.String()) {
			if !strings.Contains(line, " status=503 ") { // how a server that is not set up answers
				t.Errorf("the server logged an error: %s", line)
			}
		}
	})
	return w
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// seeder fills the database of a server that does not run yet.
type seeder struct {
	t   *testing.T
	ctx context.Context
	db  *sqlstore.DB
	dir string
	ids map[string]string // user name → id
}

func (s *seeder) fill(dir string, seed func(*seeder)) {
	s.t.Helper()
	db, err := sqlstore.Open(s.ctx, sqlstore.Config{Path: filepath.Join(dir, "oasis.db")})
	if err != nil {
		s.t.Fatal(err)
	}
	s.db, s.dir = db, dir
	seed(s)
	s.check(db.Close())
}

func (s *seeder) check(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

// password is everybody's.
const password = "correct horse battery"

// user adds an account; only root is an administrator. Hashing takes its time,
// so only accounts that sign in get a password.
func (s *seeder) user(name, password string) {
	s.t.Helper()
	people, err := identity.NewService(s.ctx, s.db.Identity(), func(string) {}, time.Now)
	s.check(err)
	u, err := people.Add(s.ctx, identity.NewUser{
		Username: name, Email: name + "@lab.example", Admin: name == "root", Password: password,
	})
	s.check(err)
	s.ids[name] = u.ID
}

// token stores a personal access token with any scopes at all, also such as the
// API would not put into one.
func (s *seeder) token(owner string, scopes scope.Set, change func(*token.PAT)) (raw string) {
	s.t.Helper()
	raw = token.NewSecret()
	now := time.Now().UTC()
	p := token.PAT{
		ID: token.Digest(raw)[:24], UserID: s.ids[owner], Name: "matrix", Scopes: scopes, Digest: token.Digest(raw),
		CreatedAt: now, UpdatedAt: now, ExpiredAt: now.Add(time.Hour),
	}
	if change != nil {
		change(&p)
	}
	s.check(s.db.Tokens().InsertPAT(s.ctx, p, 1000, now))
	return raw
}

// group adds a group that belongs to somebody, with others in it.
func (s *seeder) group(id, name, owner string, subgroups ...string) {
	s.t.Helper()
	g := group.Group{ID: id, Name: name, Created: time.Now().UTC(), Members: []group.Member{{UserID: s.ids[owner], Role: group.Owner}}, Subgroups: subgroups}
	s.check(s.db.Groups().GroupTx(s.ctx, func(tx group.Tx) error { return tx.InsertGroup(s.ctx, g) }))
}

// session stores a browser session and gives the value of its cookie.
func (s *seeder) session(owner string) (secret string) {
	s.t.Helper()
	secret = identity.NewSessionSecret()
	now := time.Now().UTC()
	s.check(s.db.Identity().InsertSession(s.ctx, identity.Session{
		Digest: identity.SessionDigest(secret), UserID: s.ids[owner], Created: now, LastSeen: now, Address: "127.0.0.1", Agent: "matrix",
	}))
	return secret
}

// everyScope holds all 37.
func everyScope() (all scope.Set) {
	for _, info := range scope.All() {
		all |= scope.Of(info.Scope)
	}
	return all
}
