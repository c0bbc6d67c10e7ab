package access

import (
	"context"
	"errors"

	"oasis/internal/access/scope"
	"oasis/internal/access/token"
)

// Sentences for bearers of the token kinds of old (spec auth.md §3).
const (
	textInvalidUpload  = "An invalid upload token was supplied."
	textExpiredSimple  = "Expired token."
	textUnknownSimple  = "Token with invalid/unexpected payload."
	textSwitchedByUser = "Upload tokens and simple tokens of this account are switched off. Use a personal access token."
)

// uploadScopes are what an upload token holds: uploads:* (spec auth.md §2).
func uploadScopes() scope.Set {
	return scope.Of(scope.UploadsRead, scope.UploadsWrite, scope.UploadsPublish, scope.UploadsProcess,
		scope.UploadsAssignDOI, scope.UploadsExport, scope.UploadsImport)
}

func (a *Authenticator) resolveUploadToken(ctx context.Context, raw string) (*cached, error) {
	userID, ok := token.ReadUploadToken(a.secret, raw)
	if !ok || a.secret == "" {
		return invalid(UploadToken, textInvalidUpload), nil
	}
	c := &cached{caller: Caller{Kind: UploadToken, State: Valid, CredentialID: "upload token of " + userID, Granted: uploadScopes()}}
	return a.fillLegacy(ctx, c, userID, textInvalidUpload)
}

func (a *Authenticator) resolveSimpleToken(ctx context.Context, raw string) (*cached, error) {
	userID, expires, err := token.ReadSimple(a.secret, raw, a.now())
	switch {
	case errors.Is(err, token.ErrSimpleExpired) && a.secret != "":
		return invalid(SimpleToken, textExpiredSimple), nil
	case err != nil || a.secret == "":
		return invalid(SimpleToken, textInvalidToken), nil //nolint:nilerr // a bad token is no fault of ours
	}
	c := &cached{expires: expires, caller: Caller{
		Kind: SimpleToken, State: Valid, CredentialID: "simple token of " + userID, Expires: expires,
		Granted: scope.Every().Without(scope.Tokens()),
	}}
	return a.fillLegacy(ctx, c, userID, textUnknownSimple)
}

// fillLegacy adds the user of a token that nobody has stored: all there is to
// revoke is the switch of its user.
func (a *Authenticator) fillLegacy(ctx context.Context, c *cached, userID, unknown string) (*cached, error) {
	c.generation = a.generation(userID)
	c.at = c.generation.Load()
	off, err := a.tokens.LegacyTokensOff(ctx, userID)
	if err != nil {
		return nil, err
	}
	if err := a.fillUser(ctx, c, userID, nil); err != nil {
		return nil, err
	}
	switch {
	case c.caller.State == Invalid:
		c.caller.Reason = unknown
	case off:
		c.caller.State, c.caller.Reason = Invalid, textSwitchedByUser
	}
	return c, nil
}
