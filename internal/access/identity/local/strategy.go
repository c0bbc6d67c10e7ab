package local

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	josejwt "github.com/go-jose/go-jose/v4/jwt"
	"github.com/ory/fosite"
	"github.com/ory/fosite/token/jwt"
)

// strategy makes tokens for fosite: access tokens and refresh tokens are JWTs of
// ours, codes are random. What fosite calls a signature is the SHA-256 of the
// whole secret, so that the database holds nothing that could be presented.
type strategy struct{ *Provider }

// codeLife is how long an authorization code can be redeemed.
const codeLife = time.Minute

// digestOf is how a secret is found.
func digestOf(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

// randomSecret gives 256 random bits in text.
func randomSecret() string {
	var b [32]byte
	_, _ = rand.Read(b[:]) // never fails
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// GenerateAccessToken signs an access token that belongs to the request's grant.
func (s strategy) GenerateAccessToken(_ context.Context, r fosite.Requester) (token, signature string, err error) {
	x, ok := r.GetSession().(*session)
	if !ok || x.user.ID == "" {
		return "", "", errors.New("a token was asked for nobody")
	}
	return s.signAccess(x.user, r.GetClient().GetID(), x.grant, s.cfg.Lifetime())
}

// AccessTokenSignature is not asked: access tokens are not stored.
func (s strategy) AccessTokenSignature(_ context.Context, token string) string {
	return digestOf(token)
}

// ValidateAccessToken checks an access token.
func (s strategy) ValidateAccessToken(ctx context.Context, _ fosite.Requester, token string) error {
	_, err := s.verify(ctx, token)
	return err
}

// GenerateRefreshToken makes a refresh token. That it is a JWT is for the
// JavaScript client of Keycloak, which looks into it; its id is 256 random bits
// and only its digest decides.
func (s strategy) GenerateRefreshToken(_ context.Context, r fosite.Requester) (token, signature string, err error) {
	x, ok := r.GetSession().(*session)
	if !ok {
		return "", "", errors.New("a token was asked for nobody")
	}
	c := claims{
		Claims: josejwt.Claims{
			ID: randomSecret(), Issuer: s.cfg.Issuer(), Audience: josejwt.Audience{s.cfg.Issuer()}, Subject: x.user.ID,
			IssuedAt: josejwt.NewNumericDate(s.cfg.Now()), Expiry: josejwt.NewNumericDate(s.cfg.Now().Add(s.cfg.RefreshLifetime())),
		},
		AuthorizedParty: r.GetClient().GetID(), GrantID: x.grant.ID, SessionState: x.grant.ID, Nonce: x.grant.Parameters[paramNonce], Use: "Refresh",
	}
	token, err = s.sign(typeRefresh, c)
	return token, digestOf(token), err
}

// RefreshTokenSignature is how a refresh token is found.
func (s strategy) RefreshTokenSignature(_ context.Context, token string) string {
	return digestOf(token)
}

// ValidateRefreshToken refuses one that has expired; that it is genuine is known
// because its digest was found.
func (s strategy) ValidateRefreshToken(_ context.Context, r fosite.Requester, _ string) error {
	return s.expired(r, fosite.RefreshToken)
}

// GenerateAuthorizeCode makes a code.
func (s strategy) GenerateAuthorizeCode(context.Context, fosite.Requester) (token, signature string, err error) {
	token = randomSecret()
	return token, digestOf(token), nil
}

// AuthorizeCodeSignature is how a code is found.
func (s strategy) AuthorizeCodeSignature(_ context.Context, token string) string {
	return digestOf(token)
}

// ValidateAuthorizeCode refuses one that has expired.
func (s strategy) ValidateAuthorizeCode(_ context.Context, r fosite.Requester, _ string) error {
	return s.expired(r, fosite.AuthorizeCode)
}

func (s strategy) expired(r fosite.Requester, kind fosite.TokenType) error {
	if end := r.GetSession().GetExpiresAt(kind); end.IsZero() || !s.cfg.Now().Before(end) {
		return fosite.ErrTokenExpired.WithHint("It has expired.")
	}
	return nil
}

// idSigner signs id tokens, whose claims fosite has put together.
type idSigner struct{ *Provider }

// Generate signs.
func (s idSigner) Generate(_ context.Context, claims jwt.MapClaims, _ jwt.Mapper) (token, signature string, err error) {
	token, err = s.sign(typeID, map[string]any(claims))
	return token, "", err
}

// Validate checks an id token of ours.
func (s idSigner) Validate(ctx context.Context, token string) (string, error) {
	_, err := s.Decode(ctx, token)
	return "", err
}

// Decode reads an id token of ours, also one that has expired: hints may be old.
func (s idSigner) Decode(ctx context.Context, token string) (*jwt.Token, error) {
	c := jwt.MapClaims{}
	if err := s.open(ctx, token, typeID, &c); err != nil {
		return nil, fmt.Errorf("read id token: %w", err)
	}
	if issuer, _ := c["iss"].(string); issuer != s.cfg.Issuer() {
		return nil, errors.New("the id token is of another issuer")
	}
	return &jwt.Token{Claims: c}, nil
}

// Hash gives the SHA-256, for at_hash.
func (s idSigner) Hash(_ context.Context, in []byte) ([]byte, error) {
	sum := sha256.Sum256(in)
	return sum[:], nil
}

// GetSignature gives the last part.
func (s idSigner) GetSignature(_ context.Context, token string) (string, error) {
	return digestOf(token), nil
}

// GetSigningMethodLength is that of RS256's hash.
func (s idSigner) GetSigningMethodLength(context.Context) int { return sha256.Size }
