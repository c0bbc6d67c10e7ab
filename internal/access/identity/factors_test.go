package identity_test

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/descope/virtualwebauthn"
	"github.com/pquerna/otp/totp"

	"oasis/internal/access/identity"
	"oasis/internal/problem"
)

const textWrongCode = "That code is not right, or was used before. Wait for the next one."

// withApp sets up an authenticator app and gives its secret and the recovery codes.
func (h *house) withApp(t *testing.T, userID string) (secret string, recovery []string) {
	t.Helper()
	app, err := h.NewApp(t.Context(), userID)
	must(t, err)
	recovery, err = h.ConfirmApp(t.Context(), userID, h.code(t, app.Secret), "a")
	must(t, err)
	h.pass(time.Minute) // the code is used
	return app.Secret, recovery
}

func (h *house) code(t *testing.T, secret string) string {
	t.Helper()
	code, err := totp.GenerateCode(secret, h.now())
	must(t, err)
	return code
}

// half begins a sign-in that asks for the second factor.
func (h *house) half(t *testing.T, login string, methods ...string) string {
	t.Helper()
	in, err := h.BeginSignIn(t.Context(), login, password, "a")
	must(t, err)
	if !slices.Equal(in.Methods, methods) || in.Secret == "" {
		t.Fatalf("methods %v, want %v", in.Methods, methods)
	}
	return in.Secret
}

func TestAuthenticatorApp(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.settle("", nil)
	ada := h.add(t, "ada", withPassword)
	app, err := h.NewApp(t.Context(), ada.ID)
	must(t, err)
	if !strings.HasPrefix(app.URI, "otpauth://totp/Laser%20Lab:ada?") || !strings.Contains(app.URI, app.Secret) {
		t.Errorf("URI %s", app.URI)
	}
	_, err = h.ConfirmApp(t.Context(), ada.ID, "000000", "a")
	wrong(t, err, "wrong_code")
	if in, err := h.BeginSignIn(t.Context(), "ada", password, "a"); err != nil || in.Secret != "" {
		t.Errorf("an app that is not confirmed counts: %+v, %v", in, err)
	}
	first := h.code(t, app.Secret)
	recovery, err := h.ConfirmApp(t.Context(), ada.ID, first, "a")
	must(t, err)
	if len(recovery) != 10 {
		t.Errorf("recovery codes %v", recovery)
	}
	if _, err := h.ConfirmApp(t.Context(), ada.ID, first, "a"); !problem.Is(err, problem.Gone) {
		t.Errorf("confirmed twice: %v", err)
	}

	_, err = h.SignIn(t.Context(), "ada", password, "a")
	refused(t, err, problem.Unauthenticated, "Second factor required: use 'oasis login' or an access token.")
	if !errors.Is(err, identity.ErrSecondFactor) {
		t.Error("callers cannot tell")
	}
	secret := h.half(t, "ada", "totp", "recovery")
	_, err = h.CompleteSignIn(t.Context(), secret, identity.Proof{Code: first}, "a")
	refused(t, err, problem.Unauthenticated, textWrongCode) // the code that confirmed the app
	h.pass(time.Minute)
	code := h.code(t, app.Secret)
	u, err := h.CompleteSignIn(t.Context(), secret, identity.Proof{Code: code[:3] + " " + code[3:]}, "a")
	must(t, err)
	if u.ID != ada.ID {
		t.Errorf("signed in as %+v", u)
	}
	_, err = h.CompleteSignIn(t.Context(), secret, identity.Proof{Code: code}, "a")
	refused(t, err, problem.Unauthenticated, "This took too long. Sign in again.")
	_, err = h.CompleteSignIn(t.Context(), h.half(t, "ada", "totp", "recovery"), identity.Proof{Code: code}, "a")
	refused(t, err, problem.Unauthenticated, textWrongCode)

	// A recovery code works once, and only its owner's.
	h.add(t, "eve", withPassword)
	eve, err := h.ByLogin(t.Context(), "eve")
	must(t, err)
	h.withApp(t, eve.ID)
	_, err = h.CompleteSignIn(t.Context(), h.half(t, "eve", "totp", "recovery"), identity.Proof{Code: recovery[0]}, "a")
	refused(t, err, problem.Unauthenticated, textWrongCode)
	_, err = h.CompleteSignIn(t.Context(), h.half(t, "ada", "totp", "recovery"), identity.Proof{Code: strings.ToLower(recovery[0])}, "a")
	must(t, err)
	_, err = h.CompleteSignIn(t.Context(), h.half(t, "ada", "totp", "recovery"), identity.Proof{Code: recovery[0]}, "a")
	refused(t, err, problem.Unauthenticated, textWrongCode)
	f, err := h.Factors(t.Context(), ada.ID)
	must(t, err)
	if !f.App || f.RecoveryCodes != 9 || !f.PasskeysPossible || f.Required {
		t.Errorf("%+v", f)
	}
	must(t, h.RemoveApp(t.Context(), ada.ID))
	if in, err := h.BeginSignIn(t.Context(), "ada", password, "a"); err != nil || in.Secret != "" {
		t.Errorf("after removal: %+v, %v", in, err)
	}
}

func TestHalfDoneSignInIsNothingByItself(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.settle("", nil)
	ada := h.add(t, "ada", withPassword)
	app, _ := h.withApp(t, ada.ID)
	secret := h.half(t, "ada", "totp", "recovery")
	if _, err := h.store.Session(t.Context(), identity.SessionDigest(secret)); !problem.Is(err, problem.Missing) {
		t.Errorf("it is a session: %v", err)
	}
	if _, err := h.CheckLink(t.Context(), secret, "a"); !problem.Is(err, problem.Gone) {
		t.Errorf("it is a link: %v", err)
	}
	h.pass(10 * time.Minute)
	_, err := h.CompleteSignIn(t.Context(), secret, identity.Proof{Code: h.code(t, app)}, "a")
	refused(t, err, problem.Unauthenticated, "This took too long. Sign in again.")
	secret = h.half(t, "ada", "totp", "recovery")
	must(t, h.SetPassword(t.Context(), ada.ID, "another fine sentence"))
	_, err = h.CompleteSignIn(t.Context(), secret, identity.Proof{Code: h.code(t, app)}, "a")
	refused(t, err, problem.Unauthenticated, "This took too long. Sign in again.")
}

func TestCodesCannotBeGuessedNorUsedTwiceAtOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.settle("", nil)
	ada := h.add(t, "ada", withPassword)
	app, _ := h.withApp(t, ada.ID)
	secrets := make([]string, 8)
	for i := range secrets {
		secrets[i] = h.half(t, "ada", "totp", "recovery")
	}
	code := h.code(t, app)
	var all sync.WaitGroup
	var good atomic.Int32
	for _, s := range secrets {
		all.Go(func() {
			if _, err := h.CompleteSignIn(t.Context(), s, identity.Proof{Code: code}, "a"); err == nil {
				good.Add(1)
			}
		})
	}
	all.Wait()
	if good.Load() != 1 {
		t.Errorf("one code has signed in %d times", good.Load())
	}
	secret := h.half(t, "ada", "totp", "recovery")
	var tried atomic.Int32
	for range 40 {
		all.Go(func() {
			_, err := h.CompleteSignIn(t.Context(), secret, identity.Proof{Code: "000000"}, "b")
			if problem.Is(err, problem.Unauthenticated) {
				tried.Add(1)
			}
		})
	}
	all.Wait()
	if tried.Load() > 10 {
		t.Errorf("%d guesses at once", tried.Load())
	}
}

func TestWhoMustHaveASecondFactorKeepsTheLast(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.settle(identity.FactorAdmins, nil)
	ada, bob := h.add(t, "ada", withPassword, asAdmin), h.add(t, "bob", withPassword)
	_, err := h.SignIn(t.Context(), "ada", password, "a")
	refused(t, err, problem.Unauthenticated, "Second factor required: use 'oasis login' or an access token.")
	_, err = h.SignIn(t.Context(), "bob", password, "a")
	must(t, err)
	in, err := h.BeginSignIn(t.Context(), "ada", password, "a")
	must(t, err)
	if in.Secret != "" || !identity.FactorAdmins.Lacks(&in.User) {
		t.Errorf("%+v", in)
	}
	h.withApp(t, ada.ID)
	refused(t, h.RemoveApp(t.Context(), ada.ID), problem.Conflict, "Your account must have a second factor. Set up another one first.")
	must(t, h.RemoveFactors(t.Context(), ada.ID)) // another administrator helps out
	if err := h.RemoveApp(t.Context(), bob.ID); !problem.Is(err, problem.Missing) {
		t.Errorf("removed what is not there: %v", err)
	}
}

// device is a software authenticator.
type device struct {
	site virtualwebauthn.RelyingParty
	auth virtualwebauthn.Authenticator
	key  virtualwebauthn.Credential
}

func newDevice(userID string, verifies bool) *device {
	return &device{
		site: virtualwebauthn.RelyingParty{Name: "Laser Lab", ID: "oasis.example", Origin: "https://oasis.example"},
		auth: virtualwebauthn.NewAuthenticatorWithOptions(virtualwebauthn.AuthenticatorOptions{UserHandle: []byte(userID), UserNotVerified: !verifies}),
		key:  virtualwebauthn.NewCredential(virtualwebauthn.KeyTypeEC2),
	}
}

func (d *device) register(t *testing.T, h *house, userID string) (identity.Passkey, []string) {
	t.Helper()
	options, err := h.NewPasskey(t.Context(), userID)
	must(t, err)
	parsed, err := virtualwebauthn.ParseAttestationOptions(wrapped(options))
	must(t, err)
	answer := virtualwebauthn.CreateAttestationResponse(d.site, d.auth, d.key, *parsed)
	key, recovery, err := h.AddPasskey(t.Context(), userID, "Laptop", json.RawMessage(answer))
	must(t, err)
	if _, _, err := h.AddPasskey(t.Context(), userID, "Again", json.RawMessage(answer)); !problem.Is(err, problem.Unauthenticated) {
		t.Errorf("the answer counts twice: %v", err)
	}
	d.auth.AddCredential(d.key)
	return key, recovery
}

// wrapped gives options in the form that the software authenticator reads.
func wrapped(options json.RawMessage) string { return `{"publicKey":` + string(options) + `}` }

func (d *device) answer(t *testing.T, options json.RawMessage) json.RawMessage {
	t.Helper()
	parsed, err := virtualwebauthn.ParseAssertionOptions(wrapped(options))
	must(t, err)
	return json.RawMessage(virtualwebauthn.CreateAssertionResponse(d.site, d.auth, d.key, *parsed))
}

func TestPasskeySignsInWithoutAPassword(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.settle("", nil)
	ada, bob := h.add(t, "ada", withPassword), h.add(t, "bob", withPassword)
	laptop := newDevice(ada.ID, true)
	key, recovery := laptop.register(t, h, ada.ID)
	if key.Name != "Laptop" || len(recovery) != 10 {
		t.Errorf("%+v, %v", key, recovery)
	}
	options, err := h.AskPasskey(t.Context(), "")
	must(t, err)
	answer := laptop.answer(t, options)
	u, err := h.SignInWithPasskey(t.Context(), answer, "a")
	must(t, err)
	if u.ID != ada.ID {
		t.Errorf("signed in as %s", u.Username)
	}
	const no = "This passkey was not accepted. Try again, or sign in another way."
	_, err = h.SignInWithPasskey(t.Context(), answer, "a")
	refused(t, err, problem.Unauthenticated, no)

	refuse := func(name string, change func(*device)) {
		t.Helper()
		options, err := h.AskPasskey(t.Context(), "")
		must(t, err)
		d := *laptop
		change(&d)
		_, err = h.SignInWithPasskey(t.Context(), d.answer(t, options), "b")
		if !problem.Is(err, problem.Unauthenticated) {
			t.Errorf("%s: %v", name, err)
		}
	}
	refuse("another site", func(d *device) { d.site.Origin = "https://evil.example" })
	refuse("another relying party", func(d *device) { d.site.ID = "evil.example" })
	refuse("another key", func(d *device) {
		id := d.key.ID
		d.key = virtualwebauthn.NewCredential(virtualwebauthn.KeyTypeEC2)
		d.key.ID = id
	})
	refuse("unknown key", func(d *device) { d.key = virtualwebauthn.NewCredential(virtualwebauthn.KeyTypeEC2) })
	refuse("names another account", func(d *device) { d.auth.Options.UserHandle = []byte(bob.ID) })
	refuse("nobody proved to hold it", func(d *device) { d.auth.Options.UserNotVerified = true })
	old, err := h.AskPasskey(t.Context(), "")
	must(t, err)
	h.pass(5*time.Minute + time.Second)
	_, err = h.SignInWithPasskey(t.Context(), laptop.answer(t, old), "c")
	refused(t, err, problem.Unauthenticated, no)
	for _, garbage := range []string{`{}`, `null`, `"x"`, `{"id":"x","response":{"clientDataJSON":"e30"}}`} {
		if _, err := h.SignInWithPasskey(t.Context(), json.RawMessage(garbage), "d"); !problem.Is(err, problem.Unauthenticated) {
			t.Errorf("%s: %v", garbage, err)
		}
	}

	must(t, h.RemovePasskey(t.Context(), ada.ID, base64.RawURLEncoding.EncodeToString(laptop.key.ID)))
	options, err = h.AskPasskey(t.Context(), "")
	must(t, err)
	_, err = h.SignInWithPasskey(t.Context(), laptop.answer(t, options), "e")
	refused(t, err, problem.Unauthenticated, no)
}

func TestPasskeyIsASecondFactor(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.settle(identity.FactorEveryone, nil)
	ada, eve := h.add(t, "ada", withPassword), h.add(t, "eve", withPassword)
	stick := newDevice(ada.ID, false) // a security key without PIN: enough after the password
	stick.register(t, h, ada.ID)
	foreign := newDevice(eve.ID, true)
	foreign.register(t, h, eve.ID)
	secret := h.half(t, "ada", "passkey", "recovery")

	options, err := h.AskPasskey(t.Context(), "")
	must(t, err)
	_, err = h.CompleteSignIn(t.Context(), secret, identity.Proof{Passkey: foreign.answer(t, options)}, "a")
	if !problem.Is(err, problem.Unauthenticated) {
		t.Errorf("somebody else's passkey: %v", err)
	}
	if options, err = h.AskPasskey(t.Context(), secret); err != nil {
		t.Fatal(err)
	}
	_, err = h.CompleteSignIn(t.Context(), secret, identity.Proof{Passkey: foreign.answer(t, options)}, "a")
	if !problem.Is(err, problem.Unauthenticated) {
		t.Errorf("somebody else's passkey for this challenge: %v", err)
	}
	if options, err = h.AskPasskey(t.Context(), secret); err != nil {
		t.Fatal(err)
	}
	u, err := h.CompleteSignIn(t.Context(), secret, identity.Proof{Passkey: stick.answer(t, options)}, "a")
	must(t, err)
	if u.ID != ada.ID {
		t.Errorf("signed in as %s", u.Username)
	}
}

func TestPasskeysNeedAHostName(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ada := h.add(t, "ada")
	for _, url := range []string{"http://192.0.2.1:8000/nomad-oasis", "https://[::1]/x", "http://oasis.example/x", ""} {
		h.Configure(identity.Config{Settings: func() identity.Settings { return identity.Settings{PublicURL: url} }})
		if _, err := h.NewPasskey(t.Context(), ada.ID); !problem.Is(err, problem.Conflict) {
			t.Errorf("%s: %v", url, err)
		}
	}
	h.Configure(identity.Config{Settings: func() identity.Settings {
		return identity.Settings{PublicURL: "http://localhost:8000/nomad-oasis"}
	}})
	_, err := h.NewPasskey(t.Context(), ada.ID)
	must(t, err)
}
