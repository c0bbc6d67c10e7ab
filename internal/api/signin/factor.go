package signin

import (
	"context"
	"encoding/json"
	"net/http"

	"oasis/internal/access"
	"oasis/internal/access/identity"
	"oasis/internal/access/scope"
	"oasis/internal/api"
	"oasis/internal/problem"
)

// newRow makes a row of this package.
type newRow func(id, method, path, summary string) api.Row

// post is a row for what a page of ours sends while somebody signs in.
func post(row newRow, id, path, summary string) api.Row {
	r := row(id, http.MethodPost, path, summary)
	r.BeforeSetUp, r.SameOrigin = false, true
	return r
}

func factorRow(row newRow) api.Row {
	return post(row, "secondFactor", "/session/second-factor", "Show the second factor")
}

func askRow(row newRow) api.Row {
	return post(row, "askPasskey", "/session/passkey/begin", "Begin to sign in with a passkey")
}

func passkeyRow(row newRow) api.Row {
	return post(row, "signInWithPasskey", "/session/passkey/finish", "Sign in with a passkey")
}

// accessOf tells what the allow list says of somebody.
func accessOf(policy *access.Policy, user *identity.User) *Access {
	op := access.Operation{Scopes: scope.Of(scope.UsersRead), BeforeFactor: true}
	d := access.Decide(policy, true, &op, &access.Caller{
		Kind: access.SessionCookie, State: access.Valid, User: *user, Granted: scope.Every(),
	}, "")
	if step, stopped := d.StoppedAt(); stopped && step == access.StepAllowList {
		return &Access{Detail: d.Denial.Detail}
	}
	return &Access{Allowed: true}
}

// goOn makes a session, or asks for the second factor: then the cookie holds what
// continues this sign-in and nothing else.
func (s Services) goOn(ctx context.Context, in identity.SignedIn) (*sessionOutput, error) {
	if len(in.Methods) == 0 && in.Secret == "" {
		return s.start(ctx, in.User)
	}
	if err := s.endOld(ctx); err != nil {
		return nil, err
	}
	out := s.session(nil)
	out.SecondFactorRequired, out.SecondFactor = true, &SecondFactor{Methods: in.Methods}
	return &sessionOutput{Cookie: api.SessionCookie(ctx, in.Secret), Body: out}, nil
}

// endOld ends the session before, so that nobody keeps a cookie that others have seen.
func (s Services) endOld(ctx context.Context) error {
	if old := api.SessionSecret(ctx); old != "" {
		return s.People.EndSession(ctx, old)
	}
	return nil
}

// unfinished is the session of somebody who is not signed in, or not yet.
func (s Services) unfinished(ctx context.Context) (*struct{ Body Session }, error) {
	out := &struct{ Body Session }{s.session(nil)}
	secret := api.SessionSecret(ctx)
	if secret == "" {
		return out, nil
	}
	half, err := s.People.Unfinished(ctx, secret)
	if problem.Is(err, problem.Missing) {
		return out, nil
	}
	if err != nil {
		return nil, err
	}
	out.Body.SecondFactorRequired, out.Body.SecondFactor = true, &SecondFactor{Methods: half.Methods}
	return out, nil
}

func (s Services) secondFactor(ctx context.Context, in *struct {
	Body struct {
		Code    string          `json:"code,omitempty" maxLength:"40" doc:"Of the authenticator app, or a recovery code"`
		Passkey json.RawMessage `json:"passkey,omitempty" doc:"The PublicKeyCredential that answers /session/passkey/begin"`
	}
},
) (*sessionOutput, error) {
	noStore(ctx)
	user, err := s.People.CompleteSignIn(ctx, api.SessionSecret(ctx), identity.Proof{Code: in.Body.Code, Passkey: in.Body.Passkey}, api.Address(ctx))
	if err != nil {
		return nil, err
	}
	return s.start(ctx, user)
}

// passkeyRequest begin a round with an authenticator.
type passkeyRequest struct {
	PublicKey json.RawMessage `json:"public_key" doc:"For PublicKeyCredential.parseRequestOptionsFromJSON"`
}

func (s Services) askPasskey(ctx context.Context, _ *struct{}) (*struct{ Body passkeyRequest }, error) {
	noStore(ctx)
	options, err := s.People.AskPasskey(ctx, api.SessionSecret(ctx))
	return &struct{ Body passkeyRequest }{passkeyRequest{options}}, err
}

// signInWithPasskey takes a passkey in place of the password, or as the second
// factor when the password was right a moment ago.
func (s Services) signInWithPasskey(ctx context.Context, in *struct {
	Body struct {
		Credential json.RawMessage `json:"credential" doc:"The PublicKeyCredential, as its toJSON gives it"`
	}
},
) (*sessionOutput, error) {
	noStore(ctx)
	var user identity.User
	secret := api.SessionSecret(ctx)
	_, err := s.People.Unfinished(ctx, secret)
	switch {
	case secret != "" && err == nil:
		user, err = s.People.CompleteSignIn(ctx, secret, identity.Proof{Passkey: in.Body.Credential}, api.Address(ctx))
	case err == nil || problem.Is(err, problem.Missing):
		user, err = s.People.SignInWithPasskey(ctx, in.Body.Credential, api.Address(ctx))
	}
	if err != nil {
		return nil, err
	}
	return s.start(ctx, user)
}
