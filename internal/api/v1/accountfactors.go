package v1

import (
	"context"
	"encoding/json"
	"net/http"

	"oasis/internal/access/scope"
	"oasis/internal/api"
)

// NewApp is an authenticator app to be set up.
type NewApp struct {
	Secret string `json:"secret" doc:"For typing it in, in base32"`
	URI    string `json:"uri" doc:"otpauth:// address for a QR code"`
}

// RecoveryCodes are shown once.
type RecoveryCodes struct {
	Codes []string `json:"recovery_codes" nullable:"false" doc:"Each signs in once in place of the second factor. They are shown only here."`
}

// PasskeyOptions begin a round with an authenticator.
type PasskeyOptions struct {
	PublicKey json.RawMessage `json:"public_key" doc:"For PublicKeyCredential.parseCreationOptionsFromJSON"`
}

// NewPasskey is what the authenticator has answered.
type NewPasskey struct {
	Name       string          `json:"name,omitempty" maxLength:"100" doc:"For you to know it again"`
	Credential json.RawMessage `json:"credential" doc:"The new PublicKeyCredential, as its toJSON gives it"`
}

// MadePasskey is a passkey that was just made.
type MadePasskey struct {
	Passkey Passkey  `json:"passkey"`
	Codes   []string `json:"recovery_codes" doc:"With the first second factor of an account: shown only here"`
}

// PasskeyList is all passkeys of an account.
type PasskeyList struct {
	Data []Passkey `json:"data" nullable:"false"`
}

func (s Services) factorRoutes() []api.Route {
	row := func(id, method, path, summary string) api.Row {
		r := accountRow(id, method, "/account"+path, summary, scope.TokensCreate)
		r.Errors = []int{http.StatusConflict, http.StatusTooManyRequests}
		return r
	}
	codes := RecoveryCodes{Codes: []string{"ABCDE-FGHJK"}}
	example := Passkey{ID: "2mPb1d9o", Name: "Laptop", Created: "2026-01-31T12:00:00.000000Z"}
	app := row("beginApp", http.MethodPost, "/totp", "Begin to set up an authenticator app")
	app.Output = NewApp{Secret: "JBSWY3DPEHPK3PXP", URI: "otpauth://totp/Oasis:jane?secret=JBSWY3DPEHPK3PXP&issuer=Oasis"}
	confirm := row("confirmApp", http.MethodPost, "/totp/confirm", "Set up the authenticator app with its first code")
	confirm.Errors, confirm.Output = append(confirm.Errors, http.StatusGone), codes
	confirm.Input = map[string]any{"code": "123456"}
	removeApp := row("removeApp", http.MethodDelete, "/totp", "Remove the authenticator app")
	removeApp.Status, removeApp.Errors = http.StatusNoContent, []int{http.StatusNotFound, http.StatusConflict}
	renew := row("renewRecoveryCodes", http.MethodPost, "/recovery-codes", "Replace the recovery codes")
	renew.Output = codes
	list := accountRow("listPasskeys", http.MethodGet, "/account/passkeys", "Your passkeys", scope.UsersRead)
	list.Output = PasskeyList{Data: []Passkey{example}}
	begin := row("beginPasskey", http.MethodPost, "/passkeys", "Begin to make a passkey")
	begin.Output = PasskeyOptions{PublicKey: json.RawMessage(`{"challenge": "…"}`)}
	finish := row("finishPasskey", http.MethodPost, "/passkeys/finish", "Keep the passkey that the browser has made")
	finish.Errors = append(finish.Errors, http.StatusBadRequest)
	finish.Status, finish.Output = http.StatusCreated, MadePasskey{Passkey: example, Codes: codes.Codes}
	finish.Input = map[string]any{"name": "Laptop", "credential": map[string]any{"id": "2mPb1d9o", "type": "public-key"}}
	remove := row("removePasskey", http.MethodDelete, "/passkeys/{passkey_id}", "Remove a passkey")
	remove.Status, remove.Errors = http.StatusNoContent, []int{http.StatusNotFound, http.StatusConflict}
	return []api.Route{
		api.Handle(app, s.beginApp), api.Handle(confirm, s.confirmApp), api.Handle(removeApp, s.removeApp),
		api.Handle(renew, s.renewRecoveryCodes), api.Handle(list, s.listPasskeys), api.Handle(begin, s.beginPasskey),
		api.Handle(finish, s.finishPasskey), api.Handle(remove, s.removePasskey),
	}
}

// secretAnswer keeps an answer that holds secrets out of caches.
func secretAnswer(ctx context.Context) { api.Header(ctx).Set("Cache-Control", "no-store") }

func (s Services) beginApp(ctx context.Context, _ *struct{}) (*struct{ Body NewApp }, error) {
	secretAnswer(ctx)
	app, err := s.Accounts.NewApp(ctx, api.UserID(ctx))
	return &struct{ Body NewApp }{NewApp{Secret: app.Secret, URI: app.URI}}, err
}

func (s Services) confirmApp(ctx context.Context, in *struct {
	Body struct {
		Code string `json:"code" maxLength:"20"`
	}
},
) (*struct{ Body RecoveryCodes }, error) {
	secretAnswer(ctx)
	codes, err := s.Accounts.ConfirmApp(ctx, api.UserID(ctx), in.Body.Code, api.Address(ctx))
	return &struct{ Body RecoveryCodes }{RecoveryCodes{codes}}, err
}

func (s Services) removeApp(ctx context.Context, _ *struct{}) (*struct{}, error) {
	return nil, s.Accounts.RemoveApp(ctx, api.UserID(ctx))
}

func (s Services) renewRecoveryCodes(ctx context.Context, _ *struct{}) (*struct{ Body RecoveryCodes }, error) {
	secretAnswer(ctx)
	codes, err := s.Accounts.RenewRecoveryCodes(ctx, api.UserID(ctx))
	return &struct{ Body RecoveryCodes }{RecoveryCodes{codes}}, err
}

func (s Services) listPasskeys(ctx context.Context, _ *struct{}) (*struct{ Body PasskeyList }, error) {
	f, err := s.Accounts.Factors(ctx, api.UserID(ctx))
	return &struct{ Body PasskeyList }{PasskeyList{factorsOf(&f).Passkeys}}, err
}

func (s Services) beginPasskey(ctx context.Context, _ *struct{}) (*struct{ Body PasskeyOptions }, error) {
	secretAnswer(ctx)
	options, err := s.Accounts.NewPasskey(ctx, api.UserID(ctx))
	return &struct{ Body PasskeyOptions }{PasskeyOptions{options}}, err
}

func (s Services) finishPasskey(ctx context.Context, in *struct{ Body NewPasskey }) (*struct{ Body MadePasskey }, error) {
	secretAnswer(ctx)
	key, codes, err := s.Accounts.AddPasskey(ctx, api.UserID(ctx), in.Body.Name, in.Body.Credential)
	return &struct{ Body MadePasskey }{MadePasskey{Passkey: passkeyOf(&key), Codes: list(codes)}}, err
}

func (s Services) removePasskey(ctx context.Context, in *struct {
	ID string `path:"passkey_id" maxLength:"2000"`
},
) (*struct{}, error) {
	return nil, s.Accounts.RemovePasskey(ctx, api.UserID(ctx), in.ID)
}
