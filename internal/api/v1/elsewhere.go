package v1

import (
	"net/http"

	"oasis/internal/access/identity/oidc"
	"oasis/internal/problem"
)

// passedOn gives an external provider's answer to a password to the client, in
// the form of ours (spec auth.md §6).
func passedOn(h http.Header, t *oidc.PasswordTokens, err error) (AccessToken, error) {
	if problem.Is(err, problem.Unauthenticated) {
		h.Set("WWW-Authenticate", "Basic")
	}
	if err != nil {
		return AccessToken{}, err
	}
	return AccessToken{
		AccessToken: t.AccessToken, TokenType: "Bearer", ExpiresIn: &t.ExpiresIn, RefreshToken: t.RefreshToken,
		Scope: t.Scope, IDToken: t.IDToken, RefreshExpiresIn: t.RefreshExpiresIn,
	}, nil
}
