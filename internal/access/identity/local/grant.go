package local

import (
	"context"
	"errors"
	"time"

	"oasis/internal/access/identity"
)

// Grant is the family of everything that came of one sign-in for one client:
// the authorization code, refresh tokens and access tokens. Ending it ends them all.
type Grant struct {
	ID       string
	ClientID string
	UserID   string
	// Generation is the account's when the grant was made; a later one ends the grant.
	Generation int64
	Scopes     []string
	// Parameters are those of the protocol that later steps compare with: redirect_uri, nonce, code_challenge.
	Parameters map[string]string
	// SignedIn is when the person last proved who they are.
	SignedIn time.Time
	Created  time.Time
	// Expires is when the last thing of the family expires.
	Expires time.Time
	// Ended is when it was revoked; zero while it holds.
	Ended time.Time
}

// SecretKind tells codes from refresh tokens.
type SecretKind string

// The kinds of secrets.
const (
	CodeSecret    SecretKind = "code"
	RefreshSecret SecretKind = "refresh"
)

// Secret is an authorization code or a refresh token; only its digest is kept.
type Secret struct {
	// Digest is the lower-case hex SHA-256 of the whole secret.
	Digest  string
	GrantID string
	Kind    SecretKind
	Created time.Time
	Expires time.Time
	// Used is when it was used up; zero while it was not.
	Used time.Time
}

// DeviceState is how far a device sign-in has come.
type DeviceState string

// The states of a device sign-in. An approved one becomes used with the first tokens.
const (
	DevicePending  DeviceState = "pending"
	DeviceApproved DeviceState = "approved"
	DeviceDenied   DeviceState = "denied"
	DeviceUsed     DeviceState = "used"
)

// Device is a device sign-in (RFC 8628).
type Device struct {
	// Digest is the hex SHA-256 of the device code.
	Digest string
	// UserCode is the keyed digest of what the person types.
	UserCode string
	ClientID string
	Scopes   []string
	// Address is where the device asked from, shown to the person who decides.
	Address string
	State   DeviceState
	// GrantID is set when approved.
	GrantID string
	// Pause is how long the device has to wait between two polls.
	Pause   time.Duration
	Polled  time.Time
	Created time.Time
	Expires time.Time
}

// Issue is what one request to the token or authorization endpoint changes, all
// or nothing.
type Issue struct {
	At time.Time
	// SpendSecret is the digest of the code or refresh token that is used up, "" = none. It must be
	// unused and its grant not ended.
	SpendSecret string
	// SpendDevice is the digest of the device code that is used up, "" = none. It must be approved.
	SpendDevice string
	// Grant is a new one, nil = none.
	Grant *Grant
	// Secrets are new ones; their grants live at least as long as they.
	Secrets []Secret
}

// ErrSpent is returned for an Issue whose secret or device code was used up by
// somebody else, or whose grant has ended.
var ErrSpent = errors.New("the code or token was used already")

// Store is what the provider keeps. Look-ups of one thing return a problem of
// kind Missing when it is not there.
type Store interface {
	SigningKeys(ctx context.Context) ([]identity.SigningKey, error)
	InsertSigningKey(ctx context.Context, key identity.SigningKey) error
	DeleteSigningKey(ctx context.Context, id string) error

	// Secret finds a code or refresh token of a kind by its digest, with its grant.
	Secret(ctx context.Context, kind SecretKind, digest string) (Secret, Grant, error)
	// Issue does everything in one transaction, or returns ErrSpent and does nothing.
	Issue(ctx context.Context, change Issue) error
	// SpendSecret uses a secret up without giving anything for it.
	SpendSecret(ctx context.Context, digest string, at time.Time) error
	// EndGrant ends a family; one that has ended or is not there is no error.
	EndGrant(ctx context.Context, id string, at time.Time) error
	Grant(ctx context.Context, id string) (Grant, error)
	// GrantsOf gives the living grants of a user and client at a time.
	GrantsOf(ctx context.Context, userID, clientID string, at time.Time) ([]Grant, error)

	InsertDevice(ctx context.Context, d Device) error
	Device(ctx context.Context, digest string) (Device, error)
	DeviceByUserCode(ctx context.Context, userCode string) (Device, error)
	// DecideDevice approves (with a new grant) or denies (nil) a pending device; Conflict when it is not pending.
	DecideDevice(ctx context.Context, digest string, grant *Grant) error
	// PolledDevice notes a poll and the pause that holds from now on.
	PolledDevice(ctx context.Context, digest string, at time.Time, pause time.Duration) error

	// EndToken ends one access token before its time.
	EndToken(ctx context.Context, tokenID string, expires time.Time) error
	// TokenEnded tells whether an access token was ended, by itself or with its grant ("" = it has none).
	TokenEnded(ctx context.Context, tokenID, grantID string) (bool, error)

	// PruneGrants removes what has expired before a time.
	PruneGrants(ctx context.Context, before time.Time) error
}
