package api_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http/httptest"
	"net/netip"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"oasis/internal/access"
	"oasis/internal/access/admission"
	"oasis/internal/access/audit"
	"oasis/internal/access/group"
	"oasis/internal/access/identity"
	"oasis/internal/access/identity/local"
	"oasis/internal/access/scope"
	"oasis/internal/access/token"
	"oasis/internal/api"
	"oasis/internal/api/gui"
	"oasis/internal/api/signin"
	v1 "oasis/internal/api/v1"
	"oasis/internal/data/bundle"
	"oasis/internal/data/entry"
	"oasis/internal/data/inbox"
	"oasis/internal/data/receipt"
	"oasis/internal/data/transfer"
	"oasis/internal/data/upload"
	"oasis/internal/data/upload/unpack"
	"oasis/internal/problem"
	"oasis/internal/store/filestore"
	"oasis/internal/store/searchindex"
	"oasis/internal/store/sqlstore"
	"oasis/internal/work/jobs"
	"oasis/internal/work/parser/all"
	"oasis/internal/work/processing"
	"oasis/internal/work/sending"
)

// lab is a whole server over real stores, listening on a real port, as one test sees it.
type lab struct {
	t testing.TB
	*world
}

// in is the same server for a subtest.
func (l *lab) in(t testing.TB) *lab { return &lab{t, l.world} }

// world is what the subtests of a test share.
type world struct {
	url      string // with the base path
	forget   func(userID string)
	api      *api.Server
	policy   atomic.Pointer[access.Policy]
	room     atomic.Pointer[upload.Room]
	about    atomic.Pointer[v1.About]
	people   *identity.Service
	tokens   *token.Service
	provider *local.Provider
	users    map[string]identity.User
	bearer   map[string]string // access tokens by user name
	audit    *audit.Log
	inbox    *inbox.Service
	targets  atomic.Pointer[[]string] // servers that uploads may be sent to
	database string                   // path of the file
	log      *lockedBuffer
	saved    map[string]any // settings that the set-up page saved
}

const (
	base     = "/nomad-oasis"
	password = "correct horse battery"
)

// lockedBuffer collects the log while requests run.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// newLab starts a server with the users admin, jane, joe and max (jane and max
// have a password); "" is the visitor.
func newLab(t testing.TB, change ...func(*api.Options)) *lab {
	t.Helper()
	l := emptyLab(t, change...)
	for _, name := range []string{"admin", "jane", "joe", "max"} {
		n := identity.NewUser{
			Username: name, Email: name + "@example.org", FirstName: strings.ToUpper(name[:1]) + name[1:], LastName: "Doe", Admin: name == "admin",
		}
		if name == "jane" || name == "max" { // hashing takes time
			n.Password = password
		}
		u, err := l.people.Add(t.Context(), n)
		must(t, err)
		l.users[name] = u
		access, err := l.provider.Issue(u)
		must(t, err)
		l.bearer[name] = access.Raw
	}
	return l
}

// setTargets lists the servers that uploads may be sent to.
func (l *lab) setTargets(targets ...string) { l.targets.Store(&targets) }

func (l *lab) sendsTo() []string {
	if t := l.targets.Load(); t != nil {
		return *t
	}
	return nil
}

const apiSecret = "a secret of the test that is long enough"

// emptyLab starts a server without anybody.
func emptyLab(t testing.TB, change ...func(*api.Options)) *lab {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	l := &lab{t, &world{users: map[string]identity.User{}, bearer: map[string]string{}, log: &lockedBuffer{}, saved: map[string]any{}}}
	log := slog.New(slog.NewTextHandler(l.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	dir := t.TempDir()
	l.database = filepath.Join(dir, "oasis.db")
	db, err := sqlstore.Open(ctx, sqlstore.Config{Path: l.database, Now: time.Now})
	must(t, err)
	files, err := filestore.Open(filepath.Join(dir, "files"), filestore.Options{})
	must(t, err)
	var authenticator *access.Authenticator
	forget := func(userID string) { authenticator.Forget(userID) }
	l.forget = forget
	began := time.Now()
	l.audit = audit.NewLog(db.Audit(), func() time.Time { return began }) // what a test does is done within one minute
	l.people, err = identity.NewService(ctx, db.Identity(), forget, time.Now)
	must(t, err)
	l.people.RecordTo(l.audit)
	server := httptest.NewUnstartedServer(nil)
	origin := "http://" + server.Listener.Addr().String()
	l.provider, err = local.New(ctx, db.Grants(), local.Config{
		Issuer: func() string { return origin + base + "/auth" }, Lifetime: func() time.Duration { return time.Hour },
		Secret: apiSecret, Now: time.Now,
	})
	must(t, err)
	l.tokens = &token.Service{
		Store: db.Tokens(), Changed: forget, Now: time.Now,
		Limits: func() token.Limits { return token.Limits{MaxLifetime: 365 * 24 * time.Hour, MaxActive: 100} },
	}
	authenticator = access.NewAuthenticator(db.Identity(), db.Tokens(), l.provider, apiSecret, time.Now)
	limits := func() upload.Limits {
		limits := upload.Limits{Unpublished: 10, FileBytes: 64 << 20, Archive: unpack.DefaultLimits(), DepositWindow: time.Hour}
		if room := l.room.Load(); room != nil {
			limits.Room = *room
		}
		return limits
	}
	uploads := upload.NewService(db.Uploads(), files, limits, time.Now)
	l.inbox = inbox.NewService(db.Inbox(), time.Now)
	db.OnInbox(l.inbox.Changed)
	uploads.DepositTo(l.people)
	found := &entry.Service{Index: searchindex.New(db.Search(), time.Now)}
	uploads.FindWith(found)
	queue := jobs.New(db.Jobs(), jobs.Config{Now: time.Now, Log: log})
	worker := &processing.Service{Store: db.Processing(), Raw: uploads, Archives: files, Parsers: all.Parsers(), Publisher: uploads, Now: time.Now, Log: log}
	worker.Again = func(ctx context.Context, uploadID string) error {
		return db.Uploads().InTx(ctx, func(tx upload.Tx) error {
			return tx.Enqueue(ctx, upload.JobProcess, uploadID, upload.ProcessArgs{UploadID: uploadID})
		})
	}
	queue.Handle(upload.JobProcess, worker.Job, jobs.OnGiveUp(worker.GiveUp))
	db.OnEnqueue(queue.Wake)
	l.policy.Store(&access.Policy{UnauthenticatedScopes: scope.EveryRead(), UnauthorizedScopes: scope.EveryRead(), RejectUnauthorized: true})
	l.about.Store(&v1.About{Version: "1.2.3", Deployment: "test", IsOasis: true, GUI: origin + base + "/gui", Parsers: []string{"parsers/archive"}})
	receipts, err := receipt.NewSigner(ctx, db.Receipts(), apiSecret, time.Now)
	must(t, err)
	groups := &group.Service{Store: db.Groups(), People: l.people, Now: time.Now}
	bundles := &bundle.Service{
		Uploads: uploads, Entries: db.Entries(), Archives: files, People: l.people, Groups: groups, Now: time.Now,
		Rules:    func() bundle.Rules { return bundle.Rules{OldestVersion: "1.1.2"} },
		Defaults: func() bundle.Contents { return bundle.Contents{RawFiles: true, ArchiveFiles: true, Datasets: true} },
		Source:   func() bundle.Source { return bundle.Source{Deployment: "test", DeploymentURL: origin + base + "/api"} },
	}
	sender := sending.New(sending.Config{Store: db.Uploads(), Bundles: bundles, Remote: api.NewRemote(), Targets: l.sendsTo, Alone: true, Now: time.Now, Log: log})
	queue.Handle(sending.Job, sender.Handle, jobs.OnGiveUp(sender.GiveUp))
	done := make(chan error, 1)
	go func() { done <- queue.Run(ctx) }()
	routes := v1.Routes(v1.Services{
		Bundles: bundles, Sending: sender,
		People: l.people, Accounts: l.people, Issuer: l.provider, Tokens: l.tokens, Uploads: uploads,
		Legacy: &token.Legacy{
			APISecret: apiSecret, Store: db.Tokens(), Now: time.Now, MaxAppLife: func() time.Duration { return 30 * 24 * time.Hour },
			Allowed: func() (upload, simple bool) {
				off := l.policy.Load().RefusedKinds
				return !off.Has(access.UploadToken), !off.Has(access.SimpleToken)
			},
		},
		Entries: found,
		Reader:  &entry.Reader{Entries: db.Entries(), Uploads: db.Uploads(), Archives: files},
		Audit:   l.audit, Inbox: l.inbox, Receipts: receipts,
		Transfers:   &transfer.Service{Store: db.Transfers(), People: l.people, Now: time.Now},
		About:       func() v1.About { return *l.about.Load() },
		ProcessFile: worker.File,
	})
	routes = append(routes, signin.LinkRoutes(signin.Links{Owners: l.people})...)
	routes = append(routes, signin.Routes(signin.Services{
		People: l.people, Policy: l.policy.Load,
		Facts: func() signin.Facts {
			return signin.Facts{
				LabName: "Test lab", RequireAuthentication: l.policy.Load().RequireAuthentication,
				ContactName: "Ada", ContactEmail: "ada@example.org",
			}
		},
		SaveSettings: func(_ context.Context, options map[string]any) error {
			if options["meta.name"] == "Locked" {
				return problem.Clash("meta.name is set in nomad.yaml; change it there.")
			}
			for k, v := range options {
				l.saved[k] = v
			}
			return nil
		},
		Disk: func() (string, int64, error) { return dir, 1 << 30, nil },
	})...)
	routes = append(routes, signin.OAuthRoutes(signin.OAuth{
		Provider: l.provider, OAuth: local.NewOAuth(l.provider, l.people), People: l.people, PATs: l.tokens,
		Issuer: func() string { return origin + base + "/auth" }, Realm: func() string { return "lab" }, Pages: base + "/gui",
	})...)
	routes = append(routes, signin.AdmissionRoutes(signin.Admissions{
		Policy: l.policy.Load,
		Ask: func(_ context.Context, u identity.User, message string) (admission.Request, error) {
			return admission.Request{UserID: u.ID, State: admission.Open, Message: message}, nil
		},
		Last: func(context.Context, string) (admission.Request, error) {
			return admission.Request{}, problem.NotFound("none")
		},
	})...)
	pages, err := gui.Routes(gui.Options{BasePath: base, Files: appFiles()})
	must(t, err)
	options := api.Options{
		BasePath: base, PublicURL: func() string { return origin + base }, Policy: l.policy.Load, SetUp: l.people.SetUp,
		Authenticator: authenticator, Audit: l.audit, Routes: append(routes, pages...), Log: log, Version: "1.2.3",
		TrustedProxies: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")},
	}
	for _, c := range change {
		c(&options)
	}
	l.api, err = api.New(options)
	must(t, err)
	server.Config.Handler = l.api
	server.Start()
	l.url = origin + base
	t.Cleanup(func() {
		l.inbox.Stop()
		server.Close()
		stop()
		if err := <-done; err != nil && !errors.Is(err, context.Canceled) { // a test may end before the queue has begun
			t.Errorf("queue: %v", err)
		}
		must(t, files.Close())
		must(t, db.Close())
	})
	return l
}

// appFiles is a web app of the shape that the build makes.
func appFiles() fstest.MapFS {
	file := func(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text)} }
	return fstest.MapFS{
		"app/index.html":            file(`<base href="/__BASE__/"><meta name="csp-nonce" content="__NONCE__">`),
		"app/assets/main-abc.js":    file("console.log(1)"),
		"app/assets/main-abc.js.br": file("packed by brotli"),
		"app/assets/main-abc.js.gz": file("packed by gzip"),
		"app/icon.svg":              file("<svg/>"),
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
