package local

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/ory/fosite"

	"oasis/internal/access/identity"
	"oasis/internal/problem"
)

// Times of the device flow (RFC 8628).
const (
	deviceLife  = 10 * time.Minute
	devicePause = 5 * time.Second
	// slowDown is added to the pause each time a device asks too early (§3.5).
	slowDown = 5 * time.Second
)

// userCodeLetters has neither vowels, so that no words come about, nor letters
// that look alike (RFC 8628 §6.1). Its size divides the use of random bytes evenly.
const userCodeLetters = "BCDFGHJKLMNPQRSTVWXZ"

const userCodeLength = 8

// DeviceAuthorization is the answer that a device gets (RFC 8628 §3.2).
type DeviceAuthorization struct {
	DeviceCode string
	UserCode   string
	ExpiresIn  time.Duration
	Interval   time.Duration
}

// StartDevice begins a device sign-in for an authenticated client.
func (o *OAuth) StartDevice(ctx context.Context, r *http.Request, address string) (DeviceAuthorization, error) {
	ctx, _ = withUnit(ctx, address, o.provider.cfg.Now().UTC())
	client, err := o.fosite.AuthenticateClient(ctx, r, r.PostForm)
	if err != nil {
		return DeviceAuthorization{}, errorOf(err)
	}
	if !client.GetGrantTypes().Has(grantDevice) {
		return DeviceAuthorization{}, refusal(http.StatusBadRequest, "unauthorized_client", "This client may not use the device flow.")
	}
	scopes := strings.Fields(r.PostForm.Get("scope"))
	for _, scope := range scopes {
		if !fosite.ExactScopeStrategy(client.GetScopes(), scope) {
			return DeviceAuthorization{}, refusal(http.StatusBadRequest, "invalid_scope", "This server does not know one of the scopes.")
		}
	}
	now := o.provider.cfg.Now().UTC()
	code := randomSecret()
	for range 5 { // a user code that is taken is as good as impossible
		userCode := newUserCode()
		err := o.provider.store.InsertDevice(ctx, Device{
			Digest: digestOf(code), UserCode: o.provider.userCodeDigest(userCode), ClientID: client.GetID(), Scopes: scopes, Address: address,
			State: DevicePending, Pause: devicePause, Created: now, Expires: now.Add(deviceLife),
		})
		if problem.Is(err, problem.Conflict) {
			continue
		}
		if err != nil {
			return DeviceAuthorization{}, fmt.Errorf("store device sign-in: %w", err)
		}
		shown := userCode[:userCodeLength/2] + "-" + userCode[userCodeLength/2:]
		return DeviceAuthorization{DeviceCode: code, UserCode: shown, ExpiresIn: deviceLife, Interval: devicePause}, nil
	}
	return DeviceAuthorization{}, errors.New("no free user code was found")
}

// newUserCode makes a code with 34 bits; guesses are throttled and it lives for minutes.
func newUserCode() string {
	var code strings.Builder
	for code.Len() < userCodeLength {
		var b [1]byte
		_, _ = rand.Read(b[:]) // never fails
		if n := int(b[0]); n < 256-256%len(userCodeLetters) {
			code.WriteByte(userCodeLetters[n%len(userCodeLetters)])
		}
	}
	return code.String()
}

// normalUserCode is a user code as people type it, in the one form that is compared.
func normalUserCode(typed string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(userCodeLetters, r) {
			return r
		}
		return -1
	}, strings.ToUpper(typed))
}

// userCodeDigest is keyed, because a short code could be found by trying all.
func (p *Provider) userCodeDigest(code string) string {
	mac := hmac.New(sha256.New, p.userCodeKey[:])
	mac.Write([]byte(code))
	return hex.EncodeToString(mac.Sum(nil))
}

// WaitingDevice is a device sign-in that somebody has to decide on.
type WaitingDevice struct {
	Device
	Client Client
}

// WaitingDevice finds the device sign-in of a code that a person has typed.
// Wrong codes are a 404 and are throttled like wrong passwords.
func (o *OAuth) WaitingDevice(ctx context.Context, userID, typed, address string) (WaitingDevice, error) {
	account := "device " + userID
	if err := o.people.Throttled(account, address); err != nil {
		return WaitingDevice{}, err
	}
	unknown := problem.NotFound("This code is not known, was used, or is older than %d minutes. Start again on the device.", int(deviceLife.Minutes()))
	d, err := o.provider.store.DeviceByUserCode(ctx, o.provider.userCodeDigest(normalUserCode(typed)))
	if problem.Is(err, problem.Missing) {
		o.people.Failed(account, address)
		return WaitingDevice{}, unknown
	}
	if err != nil {
		return WaitingDevice{}, fmt.Errorf("look up device sign-in: %w", err)
	}
	client, known := o.provider.client(d.ClientID)
	if !known || d.State != DevicePending || !o.provider.cfg.Now().Before(d.Expires) {
		return WaitingDevice{}, unknown
	}
	return WaitingDevice{Device: d, Client: client}, nil
}

// DecideDevice says yes or no to a device sign-in in the name of the user.
func (o *OAuth) DecideDevice(ctx context.Context, d WaitingDevice, user identity.User, signedIn time.Time, approve bool) error {
	if !approve {
		return o.provider.store.DecideDevice(ctx, d.Digest, nil)
	}
	now := o.provider.cfg.Now().UTC()
	grant := o.provider.newGrant(user, d.ClientID, d.Scopes, signedIn, now, d.Expires.Sub(now))
	return o.provider.store.DecideDevice(noted(ctx, grant, user), d.Digest, grant)
}

// deviceHandler is the device code grant among fosite's handlers.
type deviceHandler struct {
	o      *OAuth
	tokens strategy
}

var _ fosite.TokenEndpointHandler = (*deviceHandler)(nil)

// CanSkipClientAuth says no.
func (*deviceHandler) CanSkipClientAuth(context.Context, fosite.AccessRequester) bool { return false }

// CanHandleTokenEndpointRequest takes the device code grant only.
func (*deviceHandler) CanHandleTokenEndpointRequest(_ context.Context, r fosite.AccessRequester) bool {
	return r.GetGrantTypes().ExactOne(grantDevice)
}

// waiting is an answer of RFC 8628 §3.5.
func waiting(code, description string) error {
	return &fosite.RFC6749Error{ErrorField: code, DescriptionField: description, CodeField: http.StatusBadRequest}
}

// HandleTokenEndpointRequest looks how far the sign-in has come.
func (h *deviceHandler) HandleTokenEndpointRequest(ctx context.Context, r fosite.AccessRequester) error {
	if !r.GetClient().GetGrantTypes().Has(grantDevice) {
		return fosite.ErrUnauthorizedClient.WithHint("This client may not use the device flow.")
	}
	store, now := h.o.provider.store, unitOf(ctx).issue.At
	d, err := store.Device(ctx, digestOf(r.GetRequestForm().Get("device_code")))
	if problem.Is(err, problem.Missing) {
		return fosite.ErrInvalidGrant.WithHint("The device code is not known.")
	}
	if err != nil {
		return err
	}
	if d.ClientID != r.GetClient().GetID() {
		return fosite.ErrInvalidGrant.WithHint("The device code belongs to another client.")
	}
	if d.State == DeviceUsed { // two have it
		if err := h.o.provider.EndGrant(ctx, d.GrantID); err != nil {
			return err
		}
		return fosite.ErrInvalidGrant.WithHint("The device code was used already. All tokens that came of it have ended.")
	}
	if !now.Before(d.Expires) {
		return waiting("expired_token", "The code has expired. Start again.")
	}
	if early := now.Sub(d.Polled) < d.Pause; early && d.State != DeviceDenied {
		if err := store.PolledDevice(ctx, d.Digest, now, d.Pause+slowDown); err != nil {
			return err
		}
		return waiting("slow_down", fmt.Sprintf("Ask every %d seconds at most.", int((d.Pause+slowDown).Seconds())))
	}
	if err := store.PolledDevice(ctx, d.Digest, now, d.Pause); err != nil {
		return err
	}
	switch d.State {
	case DevicePending:
		return waiting("authorization_pending", "Nobody has decided yet.")
	case DeviceApproved:
		return h.take(ctx, r, d)
	default:
		return waiting(codeAccessDenied, "The sign-in was refused.")
	}
}

// take makes the request one for the grant that a person has approved.
func (h *deviceHandler) take(ctx context.Context, r fosite.AccessRequester, d Device) error {
	grant, err := h.o.provider.store.Grant(ctx, d.GrantID)
	if err != nil {
		return fosite.ErrInvalidGrant.WithWrap(err)
	}
	of, err := h.o.requestOf(ctx, grant)
	if errors.Is(err, fosite.ErrNotFound) {
		return fosite.ErrInvalidGrant.WithHint("The account has changed since.")
	}
	if err != nil {
		return err
	}
	r.SetSession(of.Session)
	r.SetID(grant.ID)
	r.SetRequestedScopes(of.RequestedScope)
	for _, scope := range of.GrantedScope {
		r.GrantScope(scope)
	}
	unitOf(ctx).issue.SpendDevice = d.Digest
	return nil
}

// PopulateTokenEndpointResponse makes the tokens.
func (h *deviceHandler) PopulateTokenEndpointResponse(ctx context.Context, r fosite.AccessRequester, response fosite.AccessResponder) error {
	if !h.CanHandleTokenEndpointRequest(ctx, r) {
		return fosite.ErrUnknownRequest
	}
	access, signature, err := h.tokens.GenerateAccessToken(ctx, r)
	if err != nil {
		return err
	}
	refresh, digest, err := h.tokens.GenerateRefreshToken(ctx, r)
	if err != nil {
		return err
	}
	if err := (storage{h.o}).CreateRefreshTokenSession(ctx, digest, signature, r); err != nil {
		return err
	}
	response.SetAccessToken(access)
	response.SetTokenType("bearer")
	response.SetExpiresIn(h.o.provider.cfg.Lifetime())
	response.SetScopes(r.GetGrantedScopes())
	response.SetExtra("refresh_token", refresh)
	return nil
}
