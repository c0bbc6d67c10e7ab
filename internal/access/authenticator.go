package access

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"

	"oasis/internal/access/identity"
	"oasis/internal/access/scope"
	"oasis/internal/access/token"
	"oasis/internal/problem"
)

// Presented is the one credential of a request that decides (decisions 4), as
// found by package api.
type Presented struct {
	Place  Place
	Secret string
	// Owner, when not empty, must be the user name of the credential's user (HTTP Basic).
	Owner string
	// Address of the client, for restrictions of tokens and the record of the last use; the
	// zero value is an address that could not be told.
	Address netip.Addr
	// Finishing lets a personal access token count whose time is over. It is for going on with
	// what was begun with that token, and nothing else.
	Finishing bool
}

// Place is where a credential was presented; it decides what it can be.
type Place uint8

// The places.
const (
	// InHeader is Oasis-Token or Authorization: a provider, personal or simple token.
	InHeader Place = iota
	// InSession is the session cookie.
	InSession
	// InAuthorizationCookie is NOMAD's cookie: a provider token.
	InAuthorizationCookie
	// InUploadToken is the header Upload-Token, or token= in the address: an upload token.
	InUploadToken
)

// Sentences for bearers of credentials that are no good. They say nothing about
// why: whose token it was and when it ended stands on its owner's page.
const (
	textInvalidToken   = "Invalid token."
	textInvalidJWT     = "Could not validate credentials. The given token is invalid."
	textInvalidSession = "Your session has ended. Sign in again."
)

// maxPrincipals bounds the cache of credentials (decisions 11).
const maxPrincipals = 100_000

// Users is what the Authenticator needs of the directory.
type Users interface {
	User(ctx context.Context, id string) (identity.User, error)
	Session(ctx context.Context, digest string) (identity.Session, error)
	TouchSessions(ctx context.Context, seen map[string]time.Time) error
}

// Tokens is what the Authenticator needs of the store of tokens.
type Tokens interface {
	PATByDigest(ctx context.Context, digest string) (token.PAT, error)
	TouchPATs(ctx context.Context, uses map[string]token.Use) error
	LegacyTokensOff(ctx context.Context, userID string) (bool, error)
}

// Authenticator turns a presented credential into a Caller. Callers are cached
// by the SHA-256 of the credential, so that from the second request of a
// credential on no SQL runs; Forget ends everything cached about a user.
type Authenticator struct {
	users    Users
	tokens   Tokens
	provider identity.Provider
	now      func() time.Time
	// secret is the key of the two token kinds of old (services.api_secret).
	secret string
	cache  *lru.Cache[[32]byte, *cached]

	hits, misses atomic.Int64

	// link counts the states of the link to other servers: odd while it is lost.
	link        atomic.Int64
	generations sync.Map // user id → *atomic.Int64

	mu       sync.Mutex
	used     map[string]token.Use
	lastSeen map[string]time.Time
}

// cached is a Caller with what ends it.
type cached struct {
	caller     Caller
	generation *atomic.Int64
	at         int64     // value of generation when the facts were read
	link       int64     // value of Authenticator.link before that
	expires    time.Time // zero = never
	// digest of the session, "" for tokens; lastSeen is then in Unix nanoseconds.
	digest   string
	lastSeen atomic.Int64
}

// NewAuthenticator joins the stores and the identity provider. The API secret is
// the key of NOMAD's upload and simple tokens.
func NewAuthenticator(users Users, tokens Tokens, provider identity.Provider, apiSecret string, now func() time.Time) *Authenticator {
	cache, _ := lru.New[[32]byte, *cached](maxPrincipals) // fails only for a size below 1
	return &Authenticator{
		users: users, tokens: tokens, provider: provider, now: now, secret: apiSecret, cache: cache,
		used: map[string]token.Use{}, lastSeen: map[string]time.Time{},
	}
}

// Authenticate establishes who presents p; nil is the anonymous visitor. It
// returns an error only for faults of ours: a bad credential is a Caller whose
// State is Invalid.
func (a *Authenticator) Authenticate(ctx context.Context, p *Presented) (Caller, error) {
	if p == nil {
		return Caller{}, nil
	}
	key, link := cacheKey(p), a.link.Load()
	if hit, ok := a.cache.Get(key); ok && hit.link == link && a.alive(hit) {
		a.hits.Add(1)
		a.recordUse(hit, p.Address)
		return presentedAs(hit.caller, p), nil
	}
	a.misses.Add(1)
	fresh, err := a.resolve(ctx, p)
	if err != nil {
		return Caller{}, err
	}
	if fresh.generation != nil && fresh.caller.State == Valid && fresh.caller.UserState == UserKnown && !fresh.caller.Lapsed {
		if fresh.link = link; link%2 == 0 {
			a.cache.Add(key, fresh)
		}
		a.recordUse(fresh, p.Address)
	}
	return presentedAs(fresh.caller, p), nil
}

// Check establishes who presents p as Authenticate does, for a request that goes on
// and that nobody makes anew: a stream that stays open does not count as use, so an
// idle session ends all the same.
func (a *Authenticator) Check(ctx context.Context, p *Presented) (Caller, error) {
	if p == nil {
		return Caller{}, nil
	}
	if hit, ok := a.cache.Get(cacheKey(p)); ok && hit.link == a.link.Load() && a.alive(hit) {
		return presentedAs(hit.caller, p), nil
	}
	fresh, err := a.resolve(ctx, p)
	if err != nil {
		return Caller{}, err
	}
	return presentedAs(fresh.caller, p), nil
}

// presentedAs adds what is of this request, and refuses a credential that was
// presented under another user's name.
func presentedAs(c Caller, p *Presented) Caller {
	if p.Owner != "" && c.State == Valid && !strings.EqualFold(p.Owner, c.User.Username) {
		c = Caller{Kind: c.Kind, State: Invalid, Reason: textInvalidToken}
	}
	c.Address = p.Address
	return c
}

// CacheUse tells how often the cache knew a credential since the start, and how often not.
func (a *Authenticator) CacheUse() (hits, misses int64) { return a.hits.Load(), a.misses.Load() }

// Forget makes every cached credential of the user be looked up anew. Call it
// after the transaction that changed the user, a token or a session.
func (a *Authenticator) Forget(userID string) { a.generation(userID).Add(1) }

// ForgetAll is Forget for everybody.
func (a *Authenticator) ForgetAll() { a.link.Add(2) }

// Link tells whether changes that other processes make are heard. While they are
// not, nothing cached counts; nor does afterwards what was cached before
// (decisions 12). Without a call they are.
func (a *Authenticator) Link(up bool) {
	for {
		link := a.link.Load()
		if (link%2 == 0) == up || a.link.CompareAndSwap(link, link+1) {
			return
		}
	}
}

func (a *Authenticator) generation(userID string) *atomic.Int64 {
	if g, ok := a.generations.Load(userID); ok {
		return g.(*atomic.Int64)
	}
	g, _ := a.generations.LoadOrStore(userID, new(atomic.Int64))
	return g.(*atomic.Int64)
}

// cacheKey gives each place a name space: what is good in one is not in another.
func cacheKey(p *Presented) [32]byte {
	return sha256.Sum256(append([]byte{byte(p.Place)}, p.Secret...))
}

func (a *Authenticator) alive(c *cached) bool {
	if c.generation.Load() != c.at {
		return false
	}
	now := a.now()
	if c.digest != "" && now.Sub(time.Unix(0, c.lastSeen.Load())) > identity.SessionIdle {
		return false
	}
	return c.expires.IsZero() || now.Before(c.expires)
}

func (a *Authenticator) resolve(ctx context.Context, p *Presented) (*cached, error) {
	switch {
	case p.Place == InSession:
		return a.resolveSession(ctx, p.Secret)
	case p.Place == InUploadToken:
		return a.resolveUploadToken(ctx, p.Secret)
	case token.IsSimple(p.Secret) && p.Place == InAuthorizationCookie:
		return invalid(SimpleToken, textInvalidToken), nil
	case token.IsSimple(p.Secret):
		return a.resolveSimpleToken(ctx, p.Secret)
	case strings.HasPrefix(p.Secret, token.Prefix):
		return a.resolvePAT(ctx, p.Secret, p.Finishing)
	default:
		return a.resolveProvider(ctx, p.Secret)
	}
}

func invalid(kind Kind, reason string) *cached {
	return &cached{caller: Caller{Kind: kind, State: Invalid, Reason: reason}}
}

// deadPAT is a token that has ended. Its bearer is told nothing of what is known about it.
func deadPAT(pat *token.PAT, now time.Time) *cached {
	c := invalid(PersonalToken, textInvalidToken)
	ended := pat.ExpiredAt
	state := pat.State(now)
	if state == token.Revoked {
		ended = pat.RevokedAt
	}
	c.caller.CredentialID = pat.ID
	c.caller.Fate = fmt.Sprintf("%s %s, owner %s", state, ended.UTC().Format(time.DateTime), pat.UserID)
	return c
}

func (a *Authenticator) resolvePAT(ctx context.Context, raw string, finishing bool) (*cached, error) {
	if !token.WellFormed(raw) {
		return invalid(PersonalToken, textInvalidToken), nil
	}
	pat, err := a.tokens.PATByDigest(ctx, token.Digest(raw))
	if problem.Is(err, problem.Missing) {
		return invalid(PersonalToken, textInvalidToken), nil
	}
	if err != nil {
		return nil, err
	}
	// Read the generation first, then the facts again: a change in between makes the entry stale, never wrong.
	generation := a.generation(pat.UserID)
	at := generation.Load()
	pat, err = a.tokens.PATByDigest(ctx, pat.Digest)
	switch {
	case problem.Is(err, problem.Missing):
		return invalid(PersonalToken, textInvalidToken), nil
	case err != nil:
		return nil, err
	}
	state := pat.State(a.now())
	if state != token.Active && (!finishing || state != token.Expired) {
		return deadPAT(&pat, a.now()), nil
	}
	c := &cached{generation: generation, at: at, expires: pat.ExpiredAt}
	c.caller = Caller{
		Kind: PersonalToken, State: Valid, CredentialID: pat.ID, Granted: pat.Scopes.Without(scope.Tokens()),
		Restrictions: pat.Restrictions, Expires: pat.ExpiredAt, Lapsed: state == token.Expired,
	}
	return c, a.fillUser(ctx, c, pat.UserID, nil)
}

func (a *Authenticator) resolveSession(ctx context.Context, secret string) (*cached, error) {
	digest := identity.SessionDigest(secret)
	session, err := a.users.Session(ctx, digest)
	if problem.Is(err, problem.Missing) {
		return invalid(SessionCookie, textInvalidSession), nil
	}
	if err != nil {
		return nil, err
	}
	generation := a.generation(session.UserID)
	at := generation.Load()
	if session, err = a.users.Session(ctx, digest); err != nil || !session.Alive(a.now()) {
		if err == nil || problem.Is(err, problem.Missing) {
			return invalid(SessionCookie, textInvalidSession), nil
		}
		return nil, err
	}
	c := &cached{generation: generation, at: at, digest: digest, expires: session.Created.Add(identity.SessionLife)}
	c.lastSeen.Store(session.LastSeen.UnixNano())
	c.caller = Caller{Kind: SessionCookie, State: Valid, CredentialID: digest[:12], Granted: scope.Every()}
	return c, a.fillUser(ctx, c, session.UserID, nil)
}

func (a *Authenticator) resolveProvider(ctx context.Context, raw string) (*cached, error) {
	claims, err := a.provider.Verify(ctx, raw)
	switch refused := (*identity.RefusedToken)(nil); {
	case errors.As(err, &refused):
		return invalid(ProviderToken, refused.Detail), nil
	case errors.Is(err, identity.ErrInvalidToken):
		return invalid(ProviderToken, textInvalidJWT), nil
	case errors.Is(err, identity.ErrUnknownUser):
		return &cached{caller: Caller{Kind: ProviderToken, State: Valid, UserState: UserUnknown}}, nil
	case errors.Is(err, identity.ErrDirectoryDown):
		return &cached{caller: Caller{Kind: ProviderToken, State: Valid, UserState: UserUnavailable}}, nil
	case err != nil:
		return nil, err
	}
	generation := a.generation(claims.UserID)
	c := &cached{generation: generation, at: generation.Load(), expires: claims.Expires}
	c.caller = Caller{Kind: ProviderToken, State: Valid, CredentialID: claims.TokenID, Granted: scope.Every()}
	return c, a.fillUser(ctx, c, claims.UserID, claims.Generation)
}

// fillUser adds what the directory says. A generation that is given must be the
// account's: access tokens made before a password change are dead.
func (a *Authenticator) fillUser(ctx context.Context, c *cached, userID string, generation *int64) error {
	user, err := a.users.User(ctx, userID)
	if problem.Is(err, problem.Missing) { // a removed account: 401, decisions 6
		c.caller.State, c.caller.Reason = Invalid, textInvalidToken
		return nil
	}
	if errors.Is(err, identity.ErrDirectoryDown) {
		c.caller.UserState = UserUnavailable
		return nil
	}
	if err != nil {
		return err
	}
	c.caller.User = user
	switch {
	case user.Disabled: // also ends the generation, but this is what its owner has to know (decisions 6)
		c.caller.UserState = UserDisabled
	case generation != nil && *generation != user.Generation:
		c.caller.State, c.caller.Reason = Invalid, textInvalidJWT
	}
	return nil
}
