package identity

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"time"
)

// Lifetimes of browser sessions (decisions 10).
const (
	// SessionIdle is how long a session lives without use.
	SessionIdle = 12 * time.Hour
	// SessionLife is how long a session lives at most.
	SessionLife = 30 * 24 * time.Hour
)

// ErrInvalidToken is what Provider.Verify gives for a token that is forged,
// expired, not for us, or unreadable; the cause is wrapped beside it.
var ErrInvalidToken = errors.New("the access token is not valid")

// Claims is what a genuine access token says.
type Claims struct {
	UserID  string
	TokenID string
	Expires time.Time
	// Generation is the account's generation when the token was made; nil for foreign providers.
	Generation *int64
}

// Provider checks access tokens.
type Provider interface {
	// Verify gives the claims of a genuine, living token, or an error that wraps ErrInvalidToken.
	Verify(ctx context.Context, raw string) (Claims, error)
}

// NewSessionSecret makes the value of a session cookie: 256 random bits.
func NewSessionSecret() string {
	var b [32]byte
	_, _ = rand.Read(b[:]) // never fails
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// SessionDigest is how a session is found: the hex SHA-256 of its cookie.
func SessionDigest(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

// ID names the session to its owner and in logs: the start of its digest.
func (s *Session) ID() string { return s.Digest[:min(len(s.Digest), 12)] }

// Alive tells whether the session may be used at the time now.
func (s *Session) Alive(now time.Time) bool {
	return now.Sub(s.LastSeen) <= SessionIdle && now.Sub(s.Created) <= SessionLife
}
