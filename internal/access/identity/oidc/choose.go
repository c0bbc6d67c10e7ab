package oidc

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"

	"oasis/internal/access/identity"
)

// Choice is two providers side by side: ours and an external one. Which of them
// judges a token follows from the issuer that the token names; the name alone
// gives nothing, each provider checks it again with the signature.
type Choice struct {
	// Local judges the tokens of LocalIssuer; nil = they are refused.
	Local       identity.Provider
	LocalIssuer func() string
	External    identity.Provider
}

// Verify asks the provider that the token names.
func (c *Choice) Verify(ctx context.Context, raw string) (identity.Claims, error) {
	if issuerOf(raw) != c.LocalIssuer() {
		return c.External.Verify(ctx, raw)
	}
	if c.Local == nil {
		return identity.Claims{}, refuse(errors.New("it is of this server's own provider, which is switched off (auth.local_accounts)"))
	}
	return c.Local.Verify(ctx, raw)
}

// issuerOf reads the issuer that a token names, "" for what is no token.
func issuerOf(raw string) string {
	parts := strings.Split(raw, ".")
	if len(parts) != 3 || len(raw) > maxTokenBytes {
		return ""
	}
	payload, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		return ""
	}
	var c struct {
		Issuer string `json:"iss"`
	}
	if json.Unmarshal(payload, &c) != nil {
		return ""
	}
	return c.Issuer
}
