package identity

import (
	"context"
	"time"
)

// TOTP is the authenticator app of an account (RFC 6238).
type TOTP struct {
	UserID string
	// Sealed is the shared secret, encrypted.
	Sealed  []byte
	Created time.Time
	// LastStep is the time step of the code used last.
	LastStep int64
}

// Passkey is a WebAuthn credential of an account.
type Passkey struct {
	// ID is the credential id in base64url.
	ID     string
	UserID string
	// Name is what the owner calls it.
	Name string
	// Record is the credential as the second factor reads it.
	Record   []byte
	Created  time.Time
	LastUsed time.Time
}

// FactorStore keeps second factors. Whoever changes them also keeps User.SecondFactor true to them.
type FactorStore interface {
	// TOTP gives the app of a user, or a problem of kind Missing.
	TOTP(ctx context.Context, userID string) (TOTP, error)
	// PutTOTP sets or replaces the app of a user together with all recovery codes.
	PutTOTP(ctx context.Context, t TOTP, recovery []string) error
	// DeleteTOTP removes the app; with the last factor the recovery codes go too.
	DeleteTOTP(ctx context.Context, userID string) error
	// UseTOTPStep notes that a code of the step was used; false when that or a later one was used before.
	UseTOTPStep(ctx context.Context, userID string, step int64) (bool, error)
	// PutRecoveryCodes replaces all recovery codes.
	PutRecoveryCodes(ctx context.Context, userID string, digests []string) error
	// RecoveryCodes counts those that are left.
	RecoveryCodes(ctx context.Context, userID string) (int, error)
	// UseRecoveryCode removes a code; false when it is not there: of many who use it one succeeds.
	UseRecoveryCode(ctx context.Context, userID, digest string) (bool, error)
	// Passkeys gives those of a user, oldest first.
	Passkeys(ctx context.Context, userID string) ([]Passkey, error)
	// Passkey gives one by its id, or a problem of kind Missing.
	Passkey(ctx context.Context, id string) (Passkey, error)
	// InsertPasskey adds one, with recovery codes if any are given; Conflict when the id is taken.
	InsertPasskey(ctx context.Context, p Passkey, recovery []string) error
	// UpdatePasskey writes record and last use.
	UpdatePasskey(ctx context.Context, p Passkey) error
	// DeletePasskey removes one of a user; a problem of kind Missing when there is none.
	DeletePasskey(ctx context.Context, userID, id string) error
	// DeleteFactors removes all factors and recovery codes of a user.
	DeleteFactors(ctx context.Context, userID string) error
}

// Purpose says what a ticket is for.
type Purpose string

// The purposes.
const (
	// PurposeInvite and PurposeReset are links that set a password.
	PurposeInvite Purpose = "invite"
	PurposeReset  Purpose = "reset"
	// PurposeEmail is a link that proves a new e-mail address; Data is the address.
	PurposeEmail Purpose = "email"
	// purposeSignIn is a sign-in whose second factor is still to come.
	purposeSignIn Purpose = "sign_in"
	// purposeTOTP is an app that was shown and not confirmed yet.
	purposeTOTP Purpose = "totp"
	// purposeRegister and purposeAssert are challenges to authenticators.
	purposeRegister Purpose = "passkey_register"
	purposeAssert   Purpose = "passkey_assert"
)

// Ticket is something that can be used once and for a while; who holds its
// secret may use it. Only the digest of the secret is stored.
type Ticket struct {
	Digest  string
	UserID  string
	Purpose Purpose
	Data    []byte
	Created time.Time
	Expires time.Time
}

// TicketStore keeps tickets.
type TicketStore interface {
	// PutTicket stores one in place of one with the same digest.
	PutTicket(ctx context.Context, t Ticket) error
	// ReplaceTickets stores one in place of all of the same user and purpose.
	ReplaceTickets(ctx context.Context, t Ticket) error
	// Ticket gives one, or a problem of kind Missing.
	Ticket(ctx context.Context, digest string) (Ticket, error)
	// TakeTicket gives one and removes it; of many who take it one succeeds, the others get a problem of kind Missing.
	TakeTicket(ctx context.Context, digest string) (Ticket, error)
	// DeleteTicketsBefore removes those that have expired.
	DeleteTicketsBefore(ctx context.Context, t time.Time) error
}
