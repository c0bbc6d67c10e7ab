package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"oasis/client"
	"oasis/internal/app"
)

// remote says which server a command of the client talks to, and with what.
type remote struct {
	URL       string `name:"url" help:"Address of the server. Default: OASIS_URL, else the server of the last login." placeholder:"URL"`
	TokenFile string `help:"File that holds an access token. Default: OASIS_TOKEN, else the login." placeholder:"FILE" type:"path"`
}

// variable reads one of the environment.
func (r *run) variable(name string) string {
	for _, v := range r.env {
		if key, value, _ := strings.Cut(v, "="); key == name {
			return value
		}
	}
	return ""
}

// logins is the file with the sign-ins of a person, by address of the server.
type logins struct {
	path    string
	Last    string           `json:"last"`
	Servers map[string]login `json:"servers"`
}

// login is one sign-in.
type login struct {
	AccessToken  string    `json:"access_token"`
	RefreshToken string    `json:"refresh_token"`
	Expires      time.Time `json:"expires"`
}

// expiryMargin is how long before its end a token counts as ended.
const expiryMargin = 30 * time.Second

func loginOf(t client.Tokens) login {
	return login{AccessToken: t.AccessToken, RefreshToken: t.RefreshToken, Expires: time.Now().Add(time.Duration(t.ExpiresIn) * time.Second).UTC()}
}

// openLogins reads the file; there may be none.
func (r *run) openLogins() (*logins, error) {
	dir := r.variable("XDG_CONFIG_HOME")
	if dir == "" {
		var err error
		if dir, err = os.UserConfigDir(); err != nil {
			return nil, fmt.Errorf("find the folder for settings: %w", err)
		}
	}
	l := &logins{path: filepath.Join(dir, "oasis", "login.json"), Servers: map[string]login{}}
	text, err := os.ReadFile(l.path)
	if errors.Is(err, fs.ErrNotExist) {
		return l, nil
	}
	if err == nil {
		err = json.Unmarshal(text, l)
	}
	if err != nil {
		return nil, fmt.Errorf("read %s (remove it to begin anew): %w", l.path, err)
	}
	if l.Servers == nil {
		l.Servers = map[string]login{}
	}
	return l, nil
}

// save writes the file for its owner alone.
func (l *logins) save() error {
	if err := os.MkdirAll(filepath.Dir(l.path), 0o700); err != nil {
		return fmt.Errorf("make the folder for settings: %w", err)
	}
	text, err := json.MarshalIndent(l, "", "\t")
	if err != nil {
		return fmt.Errorf("encode sign-ins: %w", err)
	}
	next := l.path + ".new"
	if err := os.WriteFile(next, text, 0o600); err != nil {
		return fmt.Errorf("write %s: %w", next, err)
	}
	if err := os.Rename(next, l.path); err != nil {
		return fmt.Errorf("write %s: %w", l.path, err)
	}
	return nil
}

// address is the server that is meant.
func (f *remote) address(r *run, l *logins) (string, error) {
	for _, a := range []string{f.URL, r.variable("OASIS_URL"), l.Last} {
		if a != "" {
			return a, nil
		}
	}
	return "", &app.RefusalError{Text: "Which server? Give --url URL, set OASIS_URL, or sign in: oasis login --url URL"}
}

// connect gives a client with a token: of the file, of OASIS_TOKEN, or of the login.
func (f *remote) connect(r *run) (*client.Client, error) {
	l, err := r.openLogins()
	if err != nil {
		return nil, err
	}
	address, err := f.address(r, l)
	if err != nil {
		return nil, err
	}
	fixed := func(token string) (*client.Client, error) {
		return client.New(address, func(context.Context) (string, error) { return token, nil }), nil
	}
	if f.TokenFile != "" {
		text, err := os.ReadFile(f.TokenFile)
		if err != nil {
			return nil, fmt.Errorf("read the token: %w", err)
		}
		return fixed(strings.TrimSpace(string(text)))
	}
	if token := r.variable("OASIS_TOKEN"); token != "" {
		return fixed(token)
	}
	c, err := client.Find(r.ctx, address)
	if err != nil {
		return nil, err
	}
	return client.New(c.Base(), func(ctx context.Context) (string, error) { return l.token(ctx, c) }), nil
}

// token gives a living access token, getting a new one with the refresh token when needed.
func (l *logins) token(ctx context.Context, c *client.Client) (string, error) {
	x, known := l.Servers[c.Base()]
	if !known {
		return "", &app.RefusalError{Text: "Not signed in to " + c.Base() + ". Use: oasis login --url " + c.Base()}
	}
	if time.Until(x.Expires) > expiryMargin {
		return x.AccessToken, nil
	}
	t, err := c.Refresh(ctx, x.RefreshToken)
	var refused *client.Error
	if errors.As(err, &refused) && refused.Code == "invalid_grant" {
		return "", &app.RefusalError{Text: "The sign-in to " + c.Base() + " has ended. Use: oasis login --url " + c.Base()}
	}
	if err != nil {
		return "", err
	}
	l.Servers[c.Base()] = loginOf(t)
	return t.AccessToken, l.save()
}

type loginCommand struct {
	URL string `name:"url" help:"Address of the server. Default: OASIS_URL, else the server of the last login." placeholder:"URL"`
}

// Run signs in: it shows a code and waits until somebody agrees in a browser.
func (c *loginCommand) Run(r *run) error {
	l, err := r.openLogins()
	if err != nil {
		return err
	}
	address, err := (&remote{URL: c.URL}).address(r, l)
	if err != nil {
		return err
	}
	server, err := client.Find(r.ctx, address)
	if err != nil {
		return err
	}
	waiting, err := server.StartSignIn(r.ctx)
	if err != nil {
		return err
	}
	fmt.Fprintf(r.streams.Out, "Open this page and compare the code %s:\n\n  %s\n\n", waiting.UserCode, waiting.Link)
	tokens, err := waiting.Wait(r.ctx)
	var refused *client.Error
	if errors.As(err, &refused) {
		return &app.RefusalError{Text: refused.Detail}
	}
	if err != nil {
		return err
	}
	me, err := client.New(server.Base(), func(context.Context) (string, error) { return tokens.AccessToken, nil }).Me(r.ctx)
	if err != nil {
		return err
	}
	l.Last, l.Servers[server.Base()] = server.Base(), loginOf(tokens)
	if err := l.save(); err != nil {
		return err
	}
	fmt.Fprintf(r.streams.Out, "Signed in to %s as %s.\n", server.Base(), me.Username)
	return nil
}

type logoutCommand struct {
	URL string `name:"url" help:"Address of the server. Default: OASIS_URL, else the server of the last login." placeholder:"URL"`
}

// Run ends the sign-in at the server and forgets it here; it is forgotten also
// when the server cannot be reached.
func (c *logoutCommand) Run(r *run) error {
	l, err := r.openLogins()
	if err != nil {
		return err
	}
	address, err := (&remote{URL: c.URL}).address(r, l)
	if err != nil {
		return err
	}
	server, x := client.New(address, nil), l.Servers[strings.TrimSuffix(address, "/")]
	if x.RefreshToken == "" {
		if server, err = client.Find(r.ctx, address); err != nil {
			return err
		}
		x = l.Servers[server.Base()]
	}
	if x.RefreshToken == "" {
		return &app.RefusalError{Text: "Not signed in to " + server.Base() + "."}
	}
	ended := server.SignOut(r.ctx, x.RefreshToken)
	delete(l.Servers, server.Base())
	if l.Last == server.Base() {
		l.Last = ""
	}
	if err := errors.Join(ended, l.save()); err != nil {
		return err
	}
	fmt.Fprintf(r.streams.Out, "Signed out of %s.\n", server.Base())
	return nil
}

type whoamiCommand struct{ remote }

// Run tells who the client is at the server.
func (c *whoamiCommand) Run(r *run) error {
	server, err := c.connect(r)
	if err != nil {
		return err
	}
	me, err := server.Me(r.ctx)
	var refused *client.Error
	if errors.As(err, &refused) {
		return &app.RefusalError{Text: refused.Detail}
	}
	if err != nil {
		return err
	}
	fmt.Fprintf(r.streams.Out, "%s\n", me.Username)
	return nil
}
