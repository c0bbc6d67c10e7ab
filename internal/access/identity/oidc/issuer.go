package oidc

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/sync/singleflight"

	"oasis/internal/problem"
)

// Config describes the provider and our place at it.
type Config struct {
	// Issuer is the address of the provider as browsers and tokens have it.
	Issuer string
	// BackChannel is the address at which this server reaches it; "" = Issuer.
	BackChannel string
	// Name is what people call the provider; "" = the host of Issuer.
	Name     string
	ClientID string
	// ClientSecret is empty for a public client.
	ClientSecret string
	// Accepted are further clients and audiences whose access tokens are for us.
	Accepted []string
	// Algorithms are the signatures that count.
	Algorithms []string
	// Scopes are asked for at sign-in.
	Scopes []string
	// UsernameClaim becomes the user name.
	UsernameClaim string
	// TrustUnverifiedEmail takes over addresses that the provider has not verified.
	TrustUnverifiedEmail bool
	// Transport makes the requests; nil = http.DefaultTransport.
	Transport http.RoundTripper
	Now       func() time.Time
	Log       *slog.Logger
}

// Limits of what is asked of a provider.
const (
	// requestTimeout bounds one request to the provider.
	requestTimeout = 10 * time.Second
	// maxAnswer bounds an answer; a page of 1,000 users of Keycloak has about 500 KB.
	maxAnswer = 4 << 20
	// pause is how long nothing is asked again after a request has failed, so that a
	// provider that is down costs the requests of users no waiting.
	pause = 5 * time.Second
	// documentAge is how long a discovery document is used without being fetched again.
	documentAge = time.Hour
)

// errDown is what every way to the provider gives while it does not answer.
var errDown = errors.New("the identity provider does not answer")

// unavailable is the 503 for callers who cannot be checked now.
func unavailable(cause error) error {
	p := problem.New(problem.Unavailable, "The identity provider does not answer. Try again in a minute.")
	p.RetryAfter = 60
	return p.Because(cause)
}

// Issuer is what the provider publishes about itself. It is fetched when first
// needed: the server starts, and local accounts work, while the provider is down.
type Issuer struct {
	cfg      Config
	client   *http.Client
	keys     *keys
	document atomic.Pointer[document]
	flight   singleflight.Group
	failed   atomic.Int64 // Unix nanoseconds of the last failure
}

// document is the part of a discovery document (OpenID Connect Discovery 1.0 §3)
// that we use, with addresses as this server reaches them; only Authorization and
// EndSession are for browsers.
type document struct {
	Issuer        string `json:"issuer"`
	Authorization string `json:"authorization_endpoint"`
	Token         string `json:"token_endpoint"`
	UserInfo      string `json:"userinfo_endpoint"`
	Keys          string `json:"jwks_uri"`
	EndSession    string `json:"end_session_endpoint"`
	fetched       time.Time
}

// NewIssuer prepares an issuer; it does no I/O.
func NewIssuer(cfg Config) *Issuer {
	if cfg.BackChannel == "" {
		cfg.BackChannel = cfg.Issuer
	}
	if cfg.Transport == nil {
		cfg.Transport = http.DefaultTransport
	}
	i := &Issuer{cfg: cfg, client: newClient(cfg.Transport)}
	i.keys = &keys{now: cfg.Now, fetch: i.fetchKeys, algorithms: cfg.Algorithms}
	return i
}

// newClient makes a client that bounds answers and follows no redirects to other hosts.
func newClient(transport http.RoundTripper) *http.Client {
	return &http.Client{
		Timeout: requestTimeout, Transport: bounded{transport},
		CheckRedirect: func(r *http.Request, via []*http.Request) error {
			if len(via) > 3 || r.URL.Host != via[0].URL.Host || r.URL.Scheme != via[0].URL.Scheme {
				return http.ErrUseLastResponse
			}
			return nil
		},
	}
}

// bounded cuts answers that are too long.
type bounded struct{ http.RoundTripper }

// RoundTrip does the request.
func (b bounded) RoundTrip(r *http.Request) (*http.Response, error) {
	answer, err := b.RoundTripper.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	answer.Body = struct {
		io.Reader
		io.Closer
	}{io.LimitReader(answer.Body, maxAnswer), answer.Body}
	return answer, nil
}

// Name is what people call the provider.
func (i *Issuer) Name() string {
	if i.cfg.Name != "" {
		return i.cfg.Name
	}
	_, host, _ := strings.Cut(i.cfg.Issuer, "://")
	host, _, _ = strings.Cut(host, "/")
	return host
}

// ID is the issuer as our records name it, whatever addresses tokens carry.
func (i *Issuer) ID() string { return strings.TrimSuffix(i.cfg.Issuer, "/") }

// discover gives the document, fetching it when there is none. An old one goes
// on being used while a new one cannot be had.
func (i *Issuer) discover(ctx context.Context) (*document, error) {
	now := i.cfg.Now()
	known := i.document.Load()
	if known != nil && now.Sub(known.fetched) < documentAge {
		return known, nil
	}
	if now.Sub(time.Unix(0, i.failed.Load())) < pause {
		if known != nil {
			return known, nil
		}
		return nil, errDown
	}
	fetched := i.flight.DoChan("discover", func() (any, error) {
		d, err := i.fetchDocument(context.WithoutCancel(ctx))
		if err != nil {
			i.failed.Store(i.cfg.Now().UnixNano())
			i.cfg.Log.WarnContext(ctx, "the discovery document of the identity provider cannot be read", "address", i.cfg.BackChannel, "err", err)
			return nil, err
		}
		i.document.Store(d)
		return nil, nil // the result is in the field
	})
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case got := <-fetched:
		if got.Err != nil && known != nil {
			return known, nil // logged; what was known goes on
		}
		if got.Err != nil {
			return nil, fmt.Errorf("%w: %w", errDown, got.Err)
		}
		return i.document.Load(), nil
	}
}

// Check asks the provider for its discovery document and its keys now, whatever is known of it.
func (i *Issuer) Check(ctx context.Context) error {
	d, err := i.fetchDocument(ctx)
	if err != nil {
		return fmt.Errorf("its discovery document cannot be had: %w", err)
	}
	if _, err := i.get(ctx, d.Keys, nil); err != nil {
		return fmt.Errorf("its keys cannot be had: %w", err)
	}
	return nil
}

func (i *Issuer) fetchDocument(ctx context.Context) (*document, error) {
	// The name in the document is checked below: it may be either of the two addresses.
	ctx = oidc.InsecureIssuerURLContext(oidc.ClientContext(ctx, i.client), i.cfg.Issuer)
	provider, err := oidc.NewProvider(ctx, i.cfg.BackChannel)
	if err != nil {
		return nil, err
	}
	d := &document{fetched: i.cfg.Now()}
	if err := provider.Claims(d); err != nil {
		return nil, err
	}
	if !same(d.Issuer, i.cfg.Issuer) && !same(d.Issuer, i.cfg.BackChannel) {
		return nil, fmt.Errorf("its issuer is %s, but %s is configured", d.Issuer, i.cfg.Issuer)
	}
	d.Token, d.UserInfo, d.Keys = i.inside(d.Token), i.inside(d.UserInfo), i.inside(d.Keys)
	d.Authorization, d.EndSession = i.outside(d.Authorization), i.outside(d.EndSession)
	if d.Keys == "" {
		return nil, errors.New("it names no jwks_uri")
	}
	return d, nil
}

func same(a, b string) bool { return strings.TrimSuffix(a, "/") == strings.TrimSuffix(b, "/") }

// inside and outside exchange the two addresses of the provider at the beginning of an address.
func (i *Issuer) inside(address string) string {
	return swap(address, i.cfg.Issuer, i.cfg.BackChannel)
}

func (i *Issuer) outside(address string) string {
	return swap(address, i.cfg.BackChannel, i.cfg.Issuer)
}

func swap(address, from, to string) string {
	if rest, ok := strings.CutPrefix(address, strings.TrimSuffix(from, "/")+"/"); ok {
		return strings.TrimSuffix(to, "/") + "/" + rest
	}
	return address
}

// issues tells whether a token may name this issuer: as it is configured, as its
// document says, or by the address of the back channel (tokens that were asked for there).
func (i *Issuer) issues(name string) bool {
	if name == "" {
		return false
	}
	d := i.document.Load()
	return same(name, i.cfg.Issuer) || same(name, i.cfg.BackChannel) || d != nil && name == d.Issuer
}

func (i *Issuer) fetchKeys(ctx context.Context) ([]byte, error) {
	d, err := i.discover(ctx)
	if err != nil {
		return nil, err
	}
	return i.get(ctx, d.Keys, nil)
}

// get fetches an address; any status but 200 is an error.
func (i *Issuer) get(ctx context.Context, address string, header http.Header) ([]byte, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
	if err != nil {
		return nil, err
	}
	for name, values := range header {
		r.Header[name] = values
	}
	return read(i.client.Do(r))
}

// read gives the body of an answer whose status is 200.
func read(answer *http.Response, err error) ([]byte, error) {
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		return nil, err
	}
	if answer.StatusCode != http.StatusOK {
		return nil, &statusError{status: answer.StatusCode}
	}
	return body, nil
}

// statusError is an answer with another status than 200. What it said is left out: it could name secrets.
type statusError struct{ status int }

func (e *statusError) Error() string {
	return fmt.Sprintf("it answered %d %s", e.status, http.StatusText(e.status))
}

func hasStatus(err error, status int) bool {
	var e *statusError
	return errors.As(err, &e) && e.status == status
}
