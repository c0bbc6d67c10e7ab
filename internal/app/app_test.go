package app_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"oasis/internal/app"
	"oasis/internal/config"
)

const secret = "a secret of the test that is long enough"

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// console collects what the operator sees.
type console struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (c *console) Write(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.b.Write(p)
}

func (c *console) String() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.b.String()
}

// options are those of a server in dir whose environment is env.
func options(t *testing.T, dir string, env ...string) app.Options {
	t.Helper()
	sources := config.Options{DataDir: dir, WorkDir: t.TempDir(), Env: env}
	cfg, _, err := config.Load(sources)
	must(t, err)
	return app.Options{
		Config: cfg, Sources: sources, DataDir: dir, Listen: "127.0.0.1:0", Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
		Console: &console{}, Version: "test",
	}
}

// serve runs a server; stop stops it and tells how that went.
func serve(t *testing.T, opts app.Options) (server *app.App, stop func() error) {
	t.Helper()
	server, err := app.New(t.Context(), opts)
	must(t, err)
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	ended := make(chan error, 1)
	go func() { ended <- server.Run(ctx) }()
	stop = sync.OnceValue(func() error {
		cancel()
		return <-ended
	})
	t.Cleanup(func() {
		if err := stop(); err != nil {
			t.Error(err)
		}
	})
	return server, stop
}

// people does the verbs of a small lab in one data directory.
func people(t *testing.T, opts app.Options) (raw string) {
	t.Helper()
	call := func(verb string, in, out any) {
		t.Helper()
		if err := app.Call(t.Context(), opts, verb, in, out); err != nil {
			t.Fatalf("%s: %v", verb, err)
		}
	}
	var ada app.UserInfo
	call(app.VerbUserAdd, app.UserAdd{Username: "ada", Email: "ada@lab.example", FirstName: "Ada", LastName: "L", Admin: true}, &ada)
	if ada.ID == "" || ada.Name != "Ada L" || !ada.Admin || ada.Disabled {
		t.Errorf("%+v", ada)
	}
	call(app.VerbUserAdd, app.UserAdd{Username: "bert", Email: "bert@lab.example"}, nil)
	var all []app.UserInfo
	call(app.VerbUserList, struct{}{}, &all)
	if len(all) != 2 || all[1].Username != "bert" {
		t.Errorf("%+v", all)
	}
	life := time.Hour
	var made, next app.TokenInfo
	call(app.VerbTokenCreate, app.TokenCreate{Username: "bert@lab.example", Name: "t", Scopes: []string{"users:read"}, Lifetime: &life}, &made)
	call(app.VerbTokenRotate, app.TokenID{Username: "bert", ID: made.ID}, &next)
	if made.Raw == "" || next.Raw == "" || next.Raw == made.Raw || next.State != "active" {
		t.Errorf("%+v, %+v", made, next)
	}
	call(app.VerbTokenRevoke, app.TokenID{Username: "bert", ID: next.ID}, nil)
	call(app.VerbTokenCreate, app.TokenCreate{Username: "bert", Name: "last", Scopes: []string{"users:read"}, Lifetime: &life}, &made)
	var list []app.TokenInfo
	call(app.VerbTokenList, app.UserName{Username: "bert"}, &list)
	states := map[string]int{}
	for _, p := range list {
		states[p.State]++
		if p.Raw != "" {
			t.Error("a list tells secrets")
		}
	}
	if states["active"] != 1 || states["revoked"] != 2 {
		t.Errorf("states %v", states)
	}
	var pruned struct{ Deleted int }
	call(app.VerbTokenPrune, struct{}{}, &pruned)
	var demo []app.DemoUpload
	call(app.VerbDemo, app.UserName{}, &demo)
	if len(demo) < 2 || demo[0].ID == "" || !strings.HasPrefix(demo[0].Name, "Example: ") {
		t.Errorf("%+v", demo)
	}
	return made.Raw
}

// refusals are understood and not possible, with a server and without.
func refusals(t *testing.T, opts app.Options) {
	t.Helper()
	for _, tt := range []struct {
		verb string
		in   any
		want string
	}{
		{"user.fly", nil, `The server does not know the command "user.fly". Is it an older version?`},
		{app.VerbUserAdd, []int{1}, "Arguments cannot be read: "},
		{app.VerbUserAdd, app.UserAdd{Username: "ADA", Email: "x@lab.example"}, "A user with the name ADA already exists."},
		{app.VerbUserAdd, app.UserAdd{Username: "a b", Email: "x"}, "username: A user name has 1 to 64 letters (a-z), digits, or the characters _ . -\nemail: This is not"},
		{app.VerbUserDisable, app.UserName{Username: "eve"}, `There is no user called "eve".`},
		{app.VerbUserDisable, app.UserName{Username: "ada"}, "ada is the only administrator. Make another one first: oasis user make-admin NAME."},
		{app.VerbUserRemove, app.UserName{Username: "ada"}, "ada is the only administrator."},
		{app.VerbUserSetPassword, app.SetPassword{Username: "bert", Password: "short"}, "password: A password has 12 characters or more"},
		{app.VerbTokenRevoke, app.TokenID{Username: "bert", ID: "x"}, "Token not found or does not belong to the user."},
		{app.VerbTokenCreate, app.TokenCreate{Username: "bert"}, "At least one scope must be selected."},
		{app.VerbDemo, app.UserName{Username: "eve"}, `There is no user called "eve".`},
	} {
		err := app.Call(t.Context(), opts, tt.verb, tt.in, nil)
		var refused *app.RefusalError
		if !errors.As(err, &refused) || !strings.HasPrefix(refused.Text, tt.want) {
			t.Errorf("%s %+v: got %v, want %q", tt.verb, tt.in, err, tt.want)
		}
	}
}

func TestVerbsWorkWithoutAServer(t *testing.T) {
	t.Parallel()
	opts := options(t, filepath.Join(t.TempDir(), "data"))
	err := app.Call(t.Context(), opts, app.VerbUserList, nil, nil)
	if want := "There is no Oasis in " + opts.DataDir; err == nil || !strings.HasPrefix(err.Error(), want) {
		t.Errorf("users of a folder that is not there: %v", err)
	}
	if _, err := os.Stat(opts.DataDir); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the folder was made: %v", err)
	}
	dir, err := app.OpenDataDir(opts.DataDir)
	if err == nil {
		err = dir.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	err = app.Call(t.Context(), opts, app.VerbDemo, app.UserName{}, nil)
	if want := "There is no administrator yet. Add one first: oasis user add NAME --email E --admin."; err == nil || err.Error() != want {
		t.Errorf("demo for nobody: %v", err)
	}
	people(t, opts)
	refusals(t, opts)
}

func TestVerbsReachTheRunningServerAtOnce(t *testing.T) {
	t.Parallel()
	opts := options(t, t.TempDir())
	server, _ := serve(t, opts)
	me := func(raw string) int {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+server.Addr()+"/nomad-oasis/api/v1/users/me", nil)
		must(t, err)
		req.Header.Set("Authorization", "Bearer "+raw)
		resp, err := http.DefaultClient.Do(req)
		must(t, err)
		_ = resp.Body.Close()
		return resp.StatusCode
	}
	if got := me("x"); got != 503 {
		t.Errorf("before the set-up: %d", got)
	}
	raw := people(t, opts)
	refusals(t, opts)
	for _, step := range []struct {
		verb string
		want int
	}{{"", 200}, {app.VerbUserDisable, 403}, {app.VerbUserEnable, 200}, {app.VerbUserRemove, 401}} {
		if step.verb != "" {
			must(t, app.Call(t.Context(), opts, step.verb, app.UserName{Username: "bert"}, nil))
		}
		if got := me(raw); got != step.want {
			t.Errorf("after %s: %d, want %d", step.verb, got, step.want)
		}
	}
	info, err := os.Stat(filepath.Join(opts.DataDir, "admin.sock"))
	must(t, err)
	if info.Mode().Perm() != 0o600 {
		t.Errorf("the admin socket has mode %o", info.Mode().Perm())
	}
}

// The address of a Unix socket holds about a hundred bytes; folders may be longer.
func TestDataDirectoryMayHaveALongPath(t *testing.T) {
	t.Parallel()
	opts := options(t, filepath.Join(t.TempDir(), strings.Repeat("a long name/", 20), "data"))
	_, stop := serve(t, opts)
	must(t, app.Call(t.Context(), opts, app.VerbUserAdd, app.UserAdd{Username: "ada", Email: "ada@lab.example"}, nil))
	must(t, stop())
	var all []app.UserInfo
	must(t, app.Call(t.Context(), opts, app.VerbUserList, struct{}{}, &all))
	if len(all) != 1 {
		t.Errorf("%+v", all)
	}
}

func TestSecondServerOnADataDirectoryIsRefused(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "new", "data")
	opts := options(t, dir)
	_, stop := serve(t, opts)
	_, err := app.New(t.Context(), options(t, dir))
	if want := "another Oasis server is using " + dir + ". Stop it first, or choose another folder with --data"; !errors.Is(err, app.ErrInUse) || !strings.Contains(err.Error(), want) {
		t.Errorf("got %v, want %q", err, want)
	}
	info, err := os.Stat(dir)
	must(t, err)
	if info.Mode().Perm() != 0o700 {
		t.Errorf("the data directory has mode %o", info.Mode().Perm())
	}
	must(t, stop())
	server, err := app.New(t.Context(), options(t, dir)) // free again
	must(t, err)
	must(t, server.Close())
}

func TestLockWithoutASocketIsExplained(t *testing.T) {
	t.Parallel()
	dir, err := app.OpenDataDir(t.TempDir())
	must(t, err)
	t.Cleanup(func() { must(t, dir.Close()) })
	err = app.Call(t.Context(), app.Options{DataDir: dir.Path}, app.VerbUserList, nil, nil)
	if want := "the server in " + dir.Path + " holds the data directory but does not answer on its admin socket"; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("got %v, want %q", err, want)
	}
}

func TestDataDirectoryThatCannotBeOneIsRefused(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	must(t, os.WriteFile(file, nil, 0o600))
	if _, err := app.OpenDataDir(file); err == nil || !strings.Contains(err.Error(), "make data directory") {
		t.Errorf("%v", err)
	}
}

// Whatever stops a start, the data directory is given back.
func TestStartThatFailsGivesTheDirectoryBack(t *testing.T) {
	t.Parallel()
	taken, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	must(t, err)
	t.Cleanup(func() { _ = taken.Close() })
	tests := []struct {
		name string
		// spoil makes the next start impossible; mend makes it possible again.
		spoil func(t *testing.T, opts *app.Options)
		want  string
	}{
		{"address in use", func(_ *testing.T, opts *app.Options) { opts.Listen = taken.Addr().String() }, "listen on " + taken.Addr().String()},
		{"other secret", func(t *testing.T, opts *app.Options) {
			*opts = options(t, opts.DataDir, "NOMAD_SERVICES_API_SECRET="+strings.Repeat("another ", 5))
		}, "the signing keys cannot be read with this services.api_secret: put back the secret the server was set up with"},
		{"newer database", func(t *testing.T, opts *app.Options) {
			db, err := sql.Open("sqlite", filepath.Join(opts.DataDir, "oasis.db"))
			must(t, err)
			_, err = db.ExecContext(t.Context(), `insert into schema_versions (version_id, is_applied) values (99, true)`)
			must(t, errors.Join(err, db.Close()))
		}, "the database was last used by a newer version of Oasis (its tables have version 99"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			opts := options(t, t.TempDir(), "NOMAD_SERVICES_API_SECRET="+secret)
			server, err := app.New(t.Context(), opts)
			must(t, err)
			must(t, server.Close())
			tt.spoil(t, &opts)
			if _, err := app.New(t.Context(), opts); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
			dir, err := app.OpenDataDir(opts.DataDir)
			must(t, err)
			must(t, dir.Close())
		})
	}
}

func TestGeneratedSecretIsKept(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for range 2 { // a new secret could not read the keys of the first start
		server, err := app.New(t.Context(), options(t, dir))
		must(t, err)
		must(t, server.Close())
	}
	info, err := os.Stat(filepath.Join(dir, config.SecretFile))
	must(t, err)
	if info.Mode().Perm() != 0o600 {
		t.Errorf("the secret has mode %o", info.Mode().Perm())
	}
}

func TestOperatorSeesTheLinkUntilSomebodyIsThere(t *testing.T) {
	t.Parallel()
	opts := options(t, t.TempDir())
	_, stop := serve(t, opts)
	must(t, app.Call(t.Context(), opts, app.VerbUserAdd, app.UserAdd{Username: "ada", Email: "ada@lab.example", Admin: true}, nil))
	must(t, stop())
	if seen := opts.Console.(*console).String(); !strings.Contains(seen, "not set up yet and closed to everyone") || !strings.Contains(seen, "/nomad-oasis/gui/setup#") {
		t.Errorf("first start shows %q", seen)
	}
	again := options(t, opts.DataDir)
	_, stop = serve(t, again)
	must(t, app.Call(t.Context(), again, app.VerbUserList, nil, nil))
	must(t, stop())
	if seen := again.Console.(*console).String(); !strings.HasPrefix(seen, "Oasis is ready: http") || strings.Contains(seen, "setup#") {
		t.Errorf("second start shows %q", seen)
	}
}
