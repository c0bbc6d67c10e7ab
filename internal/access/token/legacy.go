package token

import (
	"context"
	"time"

	"oasis/internal/problem"
)

// Legacy makes the token kinds of NOMAD that need no store: upload tokens and
// simple tokens. Both are signed with the API secret itself, as their format
// demands.
type Legacy struct {
	APISecret string
	Store     LegacyStore
	// Allowed tells which kinds this Oasis takes (auth.allow_*); others are not made.
	Allowed func() (upload, simple bool)
	// MaxAppLife is the longest life of an app token (services.app_token_max_expires_in).
	MaxAppLife func() time.Duration
	Now        func() time.Time
}

// LegacyStore tells who has switched these kinds off.
type LegacyStore interface {
	LegacyTokensOff(ctx context.Context, userID string) (bool, error)
}

// UploadToken gives the upload token of a user, "" when there is none: the kind is
// off for this Oasis or this user, or the user id is no UUID.
func (l *Legacy) UploadToken(ctx context.Context, userID string) (string, error) {
	if upload, _ := l.Allowed(); !upload {
		return "", nil
	}
	off, err := l.Store.LegacyTokensOff(ctx, userID)
	if err != nil || off {
		return "", err
	}
	raw, _ := UploadToken(l.APISecret, userID)
	return raw, nil
}

// Simple gives a simple token of a user that lives so long.
func (l *Legacy) Simple(ctx context.Context, userID string, life time.Duration) (string, error) {
	if _, simple := l.Allowed(); !simple {
		return "", problem.Denied("Signature and app tokens are switched off on this Oasis. Make a personal access token.")
	}
	off, err := l.Store.LegacyTokensOff(ctx, userID)
	if err != nil {
		return "", err
	}
	if off {
		return "", problem.Denied("Signature and app tokens are switched off for your account. Make a personal access token, or switch them on again.")
	}
	return SimpleToken(l.APISecret, userID, l.Now().Add(life)), nil
}
