package oidc_test

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"

	"oasis/internal/access/audit"
	"oasis/internal/access/identity"
	"oasis/internal/access/identity/oidc"
	"oasis/internal/store/sqlstore"
)

// issuer is a small identity provider for tests: discovery, keys, tokens, and a
// sign-in that asks nobody anything.
type issuer struct {
	*httptest.Server
	t  testing.TB
	mu sync.Mutex
	// keys that are published, and whose private halves sign.
	published []jose.JSONWebKey
	private   map[string]crypto.Signer
	// change edits the discovery document.
	change func(map[string]any)
	// idToken edits the claims of ID tokens; userInfo is what that endpoint answers.
	idToken  func(map[string]any)
	userInfo map[string]any
	codes    map[string]map[string]string // code → parameters of its request
	down     atomic.Bool
	asked    map[string]*atomic.Int64 // requests by path
}

func newIssuer(t testing.TB) *issuer {
	i := &issuer{t: t, private: map[string]crypto.Signer{}, codes: map[string]map[string]string{}, asked: map[string]*atomic.Int64{}}
	mux := http.NewServeMux()
	for path, handler := range map[string]http.HandlerFunc{
		"/.well-known/openid-configuration": i.discovery, "/keys": i.keys, "/authorize": i.authorize, "/token": i.token, "/userinfo": i.info,
	} {
		n := new(atomic.Int64)
		i.asked[path] = n
		mux.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) {
			n.Add(1)
			if i.down.Load() {
				http.Error(w, "down", http.StatusBadGateway)
				return
			}
			handler(w, r)
		})
	}
	i.Server = httptest.NewServer(mux)
	t.Cleanup(i.Close)
	i.addKey("first")
	return i
}

// rsaKeys are made once: each costs a tenth of a second.
var rsaKeys = sync.OnceValue(func() []*rsa.PrivateKey {
	keys := make([]*rsa.PrivateKey, 3)
	for i := range keys {
		keys[i], _ = rsa.GenerateKey(rand.Reader, 2048) // fails only without randomness
	}
	return keys
})

// addKey makes a key and publishes it.
func (i *issuer) addKey(kid string) {
	i.mu.Lock()
	defer i.mu.Unlock()
	key := rsaKeys()[len(i.private)%3]
	i.private[kid] = key
	i.published = append(i.published, jose.JSONWebKey{Key: key.Public(), KeyID: kid, Algorithm: "RS256", Use: "sig"})
}

func (i *issuer) addEC(kid string) {
	i.mu.Lock()
	defer i.mu.Unlock()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(i.t, err)
	i.private[kid] = key
	i.published = append(i.published, jose.JSONWebKey{Key: key.Public(), KeyID: kid, Algorithm: "ES256", Use: "sig"})
}

// withdraw takes a key out of the published set.
func (i *issuer) withdraw(kid string) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.published = slices.DeleteFunc(i.published, func(k jose.JSONWebKey) bool { return k.KeyID == kid })
}

func (i *issuer) discovery(w http.ResponseWriter, _ *http.Request) {
	d := map[string]any{
		"issuer": i.URL, "jwks_uri": i.URL + "/keys", "authorization_endpoint": i.URL + "/authorize", "token_endpoint": i.URL + "/token",
		"userinfo_endpoint": i.URL + "/userinfo", "end_session_endpoint": i.URL + "/logout?from=oasis",
	}
	if i.change != nil {
		i.change(d)
	}
	answer(w, d)
}

func (i *issuer) keys(w http.ResponseWriter, _ *http.Request) {
	i.mu.Lock()
	defer i.mu.Unlock()
	answer(w, jose.JSONWebKeySet{Keys: i.published})
}

func (i *issuer) authorize(w http.ResponseWriter, r *http.Request) {
	parameters := map[string]string{}
	for name := range r.URL.Query() {
		parameters[name] = r.URL.Query().Get(name)
	}
	code := rand.Text()
	i.mu.Lock()
	i.codes[code] = parameters
	i.mu.Unlock()
	http.Redirect(w, r, parameters["redirect_uri"]+"?code="+code+"&state="+parameters["state"], http.StatusFound)
}

func (i *issuer) token(w http.ResponseWriter, r *http.Request) {
	must(i.t, r.ParseForm())
	i.mu.Lock()
	asked, ok := i.codes[r.PostForm.Get("code")]
	delete(i.codes, r.PostForm.Get("code"))
	i.mu.Unlock()
	sum := sha256.Sum256([]byte(r.PostForm.Get("code_verifier")))
	if !ok || asked["code_challenge"] != base64.RawURLEncoding.EncodeToString(sum[:]) || asked["redirect_uri"] != r.PostForm.Get("redirect_uri") {
		w.WriteHeader(http.StatusBadRequest)
		_, _ = w.Write([]byte(`{"error":"invalid_grant"}`))
		return
	}
	claims := i.claims("aud", "oasis", "typ", "ID", "nonce", asked["nonce"])
	if i.idToken != nil {
		i.idToken(claims)
	}
	answer(w, map[string]any{
		"access_token": i.sign("first", nil, i.claims()), "token_type": "Bearer", "expires_in": 300, "id_token": i.sign("first", nil, claims),
	})
}

func (i *issuer) info(w http.ResponseWriter, _ *http.Request) { answer(w, i.userInfo) }

func answer(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v) // the client may be gone
}

const sheldon = "00000000-0000-0000-0000-000000000001"

// claims are those of a good access token of Keycloak's kind, changed by pairs of
// name and value; nil removes.
func (i *issuer) claims(pairs ...any) map[string]any {
	now := time.Now()
	c := map[string]any{
		"iss": i.URL, "sub": sheldon, "aud": "account", "azp": "oasis", "typ": "Bearer", "jti": rand.Text(),
		"iat": now.Unix(), "exp": now.Add(5 * time.Minute).Unix(), "preferred_username": "sheldon", "email": "sheldon@lab.example",
		"email_verified": true, "given_name": "Sheldon", "family_name": "Cooper",
	}
	for n := 0; n < len(pairs); n += 2 {
		name := pairs[n].(string)
		if pairs[n+1] == nil {
			delete(c, name)
			continue
		}
		c[name] = pairs[n+1]
	}
	return c
}

// sign makes a token with a private key of the issuer.
func (i *issuer) sign(kid string, header map[jose.HeaderKey]any, claims map[string]any) string {
	i.mu.Lock()
	key := i.private[kid]
	i.mu.Unlock()
	algorithm := jose.RS256
	if _, ok := key.(*ecdsa.PrivateKey); ok {
		algorithm = jose.ES256
	}
	options := &jose.SignerOptions{ExtraHeaders: map[jose.HeaderKey]any{"typ": "JWT", "kid": kid}}
	maps.Copy(options.ExtraHeaders, header)
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: algorithm, Key: key}, options)
	must(i.t, err)
	raw, err := jwt.Signed(signer).Claims(claims).Serialize()
	must(i.t, err)
	return raw
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// town is a directory whose people tests change.
type town struct {
	mu     sync.Mutex
	people map[string]oidc.Person // by subject
	down   error
	asked  atomic.Int64
}

func newTown(people ...oidc.Person) *town {
	d := &town{people: map[string]oidc.Person{}}
	for _, p := range people {
		d.people[p.Subject] = p
	}
	return d
}

func (d *town) change(subject string, change func(*oidc.Person)) {
	d.mu.Lock()
	defer d.mu.Unlock()
	p := d.people[subject]
	p.Subject = subject
	change(&p)
	d.people[subject] = p
}

func (d *town) remove(subject string) { d.mu.Lock(); defer d.mu.Unlock(); delete(d.people, subject) }

func (d *town) stop(cause error) { d.mu.Lock(); defer d.mu.Unlock(); d.down = cause }

func (d *town) find(right func(*oidc.Person) bool) ([]oidc.Person, error) {
	d.asked.Add(1)
	d.mu.Lock()
	defer d.mu.Unlock()
	var found []oidc.Person
	for _, subject := range slices.Sorted(maps.Keys(d.people)) {
		if p := d.people[subject]; right(&p) {
			found = append(found, p)
		}
	}
	return found, d.down
}

func (d *town) one(right func(*oidc.Person) bool) (oidc.Person, error) {
	found, err := d.find(right)
	if err == nil && len(found) == 0 {
		err = oidc.ErrNobody
	}
	if err != nil {
		return oidc.Person{}, err
	}
	return found[0], nil
}

func (d *town) BySubject(_ context.Context, subject string) (oidc.Person, error) {
	return d.one(func(p *oidc.Person) bool { return p.Subject == subject })
}

func (d *town) ByUsername(_ context.Context, name string) (oidc.Person, error) {
	return d.one(func(p *oidc.Person) bool { return strings.EqualFold(p.Username, name) })
}

func (d *town) ByEmail(_ context.Context, address string) (oidc.Person, error) {
	return d.one(func(p *oidc.Person) bool { return strings.EqualFold(p.Email, address) })
}

func (d *town) Search(_ context.Context, prefix string, _ int) ([]oidc.Person, error) {
	return d.find(func(p *oidc.Person) bool { return strings.HasPrefix(p.Username, prefix) })
}

// world is a server's side: real tables, the issuer above, a clock that tests move.
type world struct {
	*issuer
	db       *sqlstore.DB
	people   *oidc.People
	provider *oidc.Provider
	flow     *oidc.Flow

	mu      sync.Mutex
	clock   time.Time
	changed map[string]int
}

// newWorld joins all; directory may be nil.
func newWorld(t testing.TB, directory oidc.Directory, change func(*oidc.Config, *oidc.PeopleConfig)) *world {
	t.Helper()
	w := &world{issuer: newIssuer(t), clock: time.Now(), changed: map[string]int{}}
	var err error
	w.db, err = sqlstore.Open(t.Context(), sqlstore.Config{Path: filepath.Join(t.TempDir(), "oasis.db"), Now: w.now})
	must(t, err)
	t.Cleanup(func() { must(t, w.db.Close()) })
	cfg := oidc.Config{
		Issuer: w.URL, ClientID: "oasis", Accepted: []string{"friend"}, Algorithms: []string{"RS256", "ES256"},
		Scopes: []string{"openid", "profile", "email"}, UsernameClaim: "preferred_username",
		Now: w.now, Log: slog.New(slog.DiscardHandler),
	}
	people := oidc.PeopleConfig{
		Directory: directory, Store: w.db.External(), StaleMax: func() time.Duration { return 24 * time.Hour },
		Audit: audit.Nowhere{}, Log: slog.New(slog.DiscardHandler), Now: w.now,
		Changed: func(id string) { w.mu.Lock(); defer w.mu.Unlock(); w.changed[id]++ },
	}
	if change != nil {
		change(&cfg, &people)
	}
	people.Issuer = oidc.NewIssuer(cfg)
	w.people = oidc.NewPeople(people)
	w.provider = oidc.NewProvider(people.Issuer, w.people)
	w.flow, err = oidc.NewFlow(people.Issuer, w.people, [32]byte{1})
	must(t, err)
	return w
}

func (w *world) now() time.Time { w.mu.Lock(); defer w.mu.Unlock(); return w.clock }

func (w *world) pass(by time.Duration) { w.mu.Lock(); defer w.mu.Unlock(); w.clock = w.clock.Add(by) }

func (w *world) changes(id string) int { w.mu.Lock(); defer w.mu.Unlock(); return w.changed[id] }

func (w *world) user(t testing.TB, id string) identity.User {
	t.Helper()
	u, err := w.db.Identity().User(t.Context(), id)
	must(t, err)
	return u
}
