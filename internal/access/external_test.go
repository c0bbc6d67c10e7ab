package access_test

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"

	"oasis/internal/access"
	"oasis/internal/access/audit"
	"oasis/internal/access/identity"
	"oasis/internal/access/identity/oidc"
	"oasis/internal/store/sqlstore"
)

// foreign is an Authenticator in front of an external provider.
type foreign struct {
	*access.Authenticator
	people   *oidc.People
	provider *oidc.Provider
	raw      string
	down     error // what the directory gives
	unknown  bool
	clock    time.Time
}

const sheldon = "00000000-0000-0000-0000-000000000001"

// The directory has Sheldon.
func (f *foreign) BySubject(context.Context, string) (oidc.Person, error) {
	if f.unknown {
		return oidc.Person{}, oidc.ErrNobody
	}
	return oidc.Person{Subject: sheldon, Username: "sheldon"}, f.down
}

func (f *foreign) ByUsername(context.Context, string) (oidc.Person, error) {
	return oidc.Person{}, oidc.ErrNobody
}

func (f *foreign) ByEmail(context.Context, string) (oidc.Person, error) {
	return oidc.Person{}, oidc.ErrNobody
}

func (f *foreign) Search(context.Context, string, int) ([]oidc.Person, error) { return nil, nil }

// externalUsers looks callers up as the server does.
type externalUsers struct {
	identity.Store
	people *oidc.People
}

func (u externalUsers) User(ctx context.Context, id string) (identity.User, error) {
	return u.people.User(ctx, id)
}

func newForeign(tb testing.TB) *foreign {
	tb.Helper()
	fatal := func(err error) {
		if err != nil {
			tb.Fatal(err)
		}
	}
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	fatal(err)
	mux := http.NewServeMux()
	server := httptest.NewServer(mux)
	tb.Cleanup(server.Close)
	serve := func(path string, v any) {
		mux.HandleFunc(path, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			_ = json.NewEncoder(w).Encode(v) // the client may be gone
		})
	}
	serve("/.well-known/openid-configuration", map[string]string{"issuer": server.URL, "jwks_uri": server.URL + "/keys"})
	serve("/keys", jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: key.Public(), KeyID: "k", Use: "sig"}}})

	f := &foreign{clock: time.Now()}
	now := func() time.Time { return f.clock }
	db, err := sqlstore.Open(tb.Context(), sqlstore.Config{Path: filepath.Join(tb.TempDir(), "oasis.db"), Now: now})
	fatal(err)
	tb.Cleanup(func() { fatal(db.Close()) })
	log := slog.New(slog.DiscardHandler)
	issuer := oidc.NewIssuer(oidc.Config{Issuer: server.URL, ClientID: "oasis", Algorithms: []string{"RS256"}, UsernameClaim: "preferred_username", Now: now, Log: log})
	f.people = oidc.NewPeople(oidc.PeopleConfig{
		Issuer: issuer, Directory: f, Store: db.External(), Changed: func(id string) { f.Forget(id) },
		StaleMax: func() time.Duration { return time.Hour }, Audit: audit.Nowhere{}, Log: log, Now: now,
	})
	f.provider = oidc.NewProvider(issuer, f.people)
	f.Authenticator = access.NewAuthenticator(externalUsers{db.Identity(), f.people}, db.Tokens(), f.provider, "0123456789abcdef0123456789abcdef", now)
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.RS256, Key: key}, &jose.SignerOptions{ExtraHeaders: map[jose.HeaderKey]any{"kid": "k"}})
	fatal(err)
	f.raw, err = jwt.Signed(signer).Claims(map[string]any{
		"iss": server.URL, "sub": sheldon, "azp": "oasis", "typ": "Bearer", "jti": "j", "exp": f.clock.Add(10 * time.Minute).Unix(),
	}).Serialize()
	fatal(err)
	return f
}

func (f *foreign) ask(t *testing.T) access.Caller {
	t.Helper()
	c, err := f.Authenticate(t.Context(), &access.Presented{Secret: f.raw})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestTokenOfAnExternalProviderEndsWithItsLife(t *testing.T) {
	t.Parallel()
	f := newForeign(t)
	if c := f.ask(t); c.State != access.Valid || c.User.Username != "sheldon" || c.Kind != access.ProviderToken {
		t.Fatalf("%+v", c)
	}
	f.clock = f.clock.Add(10*time.Minute + 59*time.Second)
	if c := f.ask(t); c.State != access.Valid {
		t.Errorf("within the leeway: %+v", c)
	}
	f.clock = f.clock.Add(2 * time.Second)
	if c := f.ask(t); c.State != access.Invalid {
		t.Errorf("after it: %+v", c)
	}
}

// Between two requests with a cached token the person disappears at the provider.
func TestCachedTokenEndsWhenItsUserIsGone(t *testing.T) {
	t.Parallel()
	f := newForeign(t)
	f.ask(t)
	f.unknown = true
	f.clock = f.clock.Add(oidc.CheckEvery)
	if c := f.ask(t); c.UserState != access.UserKnown {
		t.Fatalf("before anybody has looked: %+v", c)
	}
	if err := f.people.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	if c := f.ask(t); c.UserState != access.UserUnknown {
		t.Errorf("%+v", c)
	}
}

func TestNobodyComesInWhileTheDirectoryIsDownWhoWasNotSeen(t *testing.T) {
	t.Parallel()
	f := newForeign(t)
	f.down = errors.New("no answer")
	if c := f.ask(t); c.State != access.Valid || c.UserState != access.UserUnavailable {
		t.Errorf("never seen: %+v", c)
	}
	f.down, f.clock = nil, f.clock.Add(10*time.Second)
	f.ask(t)
	f.down, f.clock = errors.New("no answer"), f.clock.Add(5*time.Minute)
	if err := f.people.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	if c := f.ask(t); c.UserState != access.UserKnown {
		t.Errorf("seen five minutes ago: %+v", c)
	}
}

// RS256 costs some 80 µs; a token that was seen before costs a hash and a look-up.
func BenchmarkExternalToken(b *testing.B) {
	f := newForeign(b)
	b.Run("checked", func(b *testing.B) {
		for b.Loop() {
			if _, err := f.provider.Verify(b.Context(), f.raw); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("cached", func(b *testing.B) {
		for b.Loop() {
			if c, err := f.Authenticate(b.Context(), &access.Presented{Secret: f.raw}); err != nil || c.State != access.Valid {
				b.Fatal(c, err)
			}
		}
	})
}
