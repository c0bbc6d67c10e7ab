package secondfactor

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"strings"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"
)

// ErrPasskey is what every refusal of an authenticator's answer wraps.
var ErrPasskey = errors.New("the passkey was not accepted")

// Site is the server as authenticators see it (the relying party of WebAuthn).
type Site struct {
	w *webauthn.WebAuthn
}

// Available tells whether passkeys can be used at the address: browsers demand a
// host name (decisions 15) and HTTPS, or localhost (WebAuthn §5.1.3).
func Available(publicURL string) bool {
	u, err := url.Parse(publicURL)
	if err != nil || u.Hostname() == "" {
		return false
	}
	host := u.Hostname()
	if _, err := netip.ParseAddr(host); err == nil {
		return false
	}
	return u.Scheme == "https" || host == "localhost" || strings.HasSuffix(host, ".localhost")
}

// NewSite gives the site of a public address; its host is the relying party id.
func NewSite(publicURL, name string) (*Site, error) {
	if !Available(publicURL) {
		return nil, fmt.Errorf("%w: %s is no host name with HTTPS", ErrPasskey, publicURL)
	}
	u, err := url.Parse(publicURL)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrPasskey, err)
	}
	w, err := webauthn.New(&webauthn.Config{
		RPID: u.Hostname(), RPDisplayName: name, RPOrigins: []string{u.Scheme + "://" + u.Host},
		AttestationPreference: protocol.PreferNoAttestation,
	})
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrPasskey, err)
	}
	return &Site{w: w}, nil
}

// Owner is whose passkeys they are.
type Owner struct {
	ID, Username, Name string
	// Records are those of the owner's passkeys.
	Records [][]byte
}

// holder makes an Owner what the library wants.
type holder struct {
	owner       Owner
	credentials []webauthn.Credential
}

func newHolder(o Owner) (*holder, error) {
	h := &holder{owner: o}
	for _, record := range o.Records {
		var c webauthn.Credential
		if err := json.Unmarshal(record, &c); err != nil {
			return nil, fmt.Errorf("read passkey of %s: %w", o.ID, err)
		}
		h.credentials = append(h.credentials, c)
	}
	return h, nil
}

// WebAuthnID is the user handle in the authenticator.
func (h *holder) WebAuthnID() []byte { return []byte(h.owner.ID) }

// WebAuthnName is the user name.
func (h *holder) WebAuthnName() string { return h.owner.Username }

// WebAuthnDisplayName is the name of the person.
func (h *holder) WebAuthnDisplayName() string { return h.owner.Name }

// WebAuthnCredentials are the passkeys.
func (h *holder) WebAuthnCredentials() []webauthn.Credential { return h.credentials }

// Challenge is one round with an authenticator.
type Challenge struct {
	// Options go to the browser as they are: what parseCreationOptionsFromJSON and
	// parseRequestOptionsFromJSON read (WebAuthn §5.1.8, §5.1.9).
	Options json.RawMessage
	// Value names the round; the answer carries it, see ChallengeOf.
	Value string
	// State is kept on the server until the answer comes.
	State []byte
}

func newChallenge(options any, s *webauthn.SessionData) (Challenge, error) {
	shown, err := json.Marshal(options)
	if err != nil {
		return Challenge{}, fmt.Errorf("encode passkey options: %w", err)
	}
	state, err := json.Marshal(s)
	if err != nil {
		return Challenge{}, fmt.Errorf("encode passkey challenge: %w", err)
	}
	return Challenge{Options: shown, Value: s.Challenge, State: state}, nil
}

// Register begins to make a passkey; those the owner has are not made again.
func (s *Site) Register(o Owner) (Challenge, error) {
	h, err := newHolder(o)
	if err != nil {
		return Challenge{}, err
	}
	var known []protocol.CredentialDescriptor
	for i := range h.credentials {
		known = append(known, h.credentials[i].Descriptor())
	}
	options, session, err := s.w.BeginRegistration(h, webauthn.WithExclusions(known),
		webauthn.WithAuthenticatorSelection(protocol.AuthenticatorSelection{
			ResidentKey: protocol.ResidentKeyRequirementPreferred, UserVerification: protocol.VerificationPreferred,
		}))
	if err != nil {
		return Challenge{}, fmt.Errorf("begin passkey: %w", err)
	}
	return newChallenge(options.Response, session)
}

// Registered checks the answer to Register and gives the new passkey.
func (s *Site) Registered(o Owner, state []byte, answer json.RawMessage) (id string, record []byte, err error) {
	var session webauthn.SessionData
	if err := json.Unmarshal(state, &session); err != nil {
		return "", nil, fmt.Errorf("read passkey challenge: %w", err)
	}
	parsed, err := protocol.ParseCredentialCreationResponseBytes(answer)
	if err != nil {
		return "", nil, refused(err)
	}
	credential, err := s.w.CreateCredential(&holder{owner: o}, session, parsed)
	if err != nil {
		return "", nil, refused(err)
	}
	if record, err = json.Marshal(credential); err != nil {
		return "", nil, fmt.Errorf("encode passkey: %w", err)
	}
	return encodeID(credential.ID), record, nil
}

// Ask begins to ask for a passkey. Without an owner any passkey of the site will
// do, and it must itself check who holds it (by PIN or finger), as it stands in
// for a password as well; with one it is a second factor after the password.
func (s *Site) Ask(o *Owner) (Challenge, error) {
	if o == nil {
		options, session, err := s.w.BeginDiscoverableLogin(webauthn.WithUserVerification(protocol.VerificationRequired))
		if err != nil {
			return Challenge{}, fmt.Errorf("begin passkey sign-in: %w", err)
		}
		return newChallenge(options.Response, session)
	}
	h, err := newHolder(*o)
	if err != nil {
		return Challenge{}, err
	}
	options, session, err := s.w.BeginLogin(h, webauthn.WithUserVerification(protocol.VerificationPreferred))
	if err != nil {
		return Challenge{}, fmt.Errorf("begin passkey sign-in: %w", err)
	}
	return newChallenge(options.Response, session)
}

// Proof is a genuine answer to Ask.
type Proof struct {
	// ID of the passkey, and its record as it is to be stored now.
	ID     string
	Record []byte
}

// Answered checks the answer to Ask; owner is the account that the passkey of the answer belongs to.
func (s *Site) Answered(state []byte, answer json.RawMessage, owner Owner) (Proof, error) {
	var session webauthn.SessionData
	if err := json.Unmarshal(state, &session); err != nil {
		return Proof{}, fmt.Errorf("read passkey challenge: %w", err)
	}
	parsed, err := protocol.ParseCredentialRequestResponseBytes(answer)
	if err != nil {
		return Proof{}, refused(err)
	}
	h, err := newHolder(owner)
	if err != nil {
		return Proof{}, err
	}
	var credential *webauthn.Credential
	if len(session.UserID) == 0 {
		_, credential, err = s.w.ValidatePasskeyLogin(func(_, handle []byte) (webauthn.User, error) {
			if string(handle) != owner.ID {
				return nil, errors.New("the passkey names another account")
			}
			return h, nil
		}, session, parsed)
	} else {
		credential, err = s.w.ValidateLogin(h, session, parsed)
	}
	if err != nil {
		return Proof{}, refused(err)
	}
	if credential.Authenticator.CloneWarning {
		return Proof{}, refused(errors.New("its counter went back: there may be a copy of it"))
	}
	record, err := json.Marshal(credential)
	if err != nil {
		return Proof{}, fmt.Errorf("encode passkey: %w", err)
	}
	return Proof{ID: encodeID(credential.ID), Record: record}, nil
}

// refused keeps what the library says for the log.
func refused(err error) error {
	var detail *protocol.Error
	if errors.As(err, &detail) {
		return fmt.Errorf("%w: %s (%s)", ErrPasskey, detail.Details, detail.DevInfo)
	}
	return fmt.Errorf("%w: %w", ErrPasskey, err)
}

// AnswerOf reads from an answer, unchecked, which challenge it is for and which passkey gave it.
func AnswerOf(answer json.RawMessage) (challenge, id string, err error) {
	var a struct {
		ID       string `json:"id"`
		Response struct {
			ClientData string `json:"clientDataJSON"`
		} `json:"response"`
	}
	if err := json.Unmarshal(answer, &a); err != nil {
		return "", "", fmt.Errorf("%w: %w", ErrPasskey, err)
	}
	raw, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(a.Response.ClientData, "="))
	if err != nil {
		return "", "", fmt.Errorf("%w: %w", ErrPasskey, err)
	}
	var client struct {
		Challenge string `json:"challenge"`
	}
	if err := json.Unmarshal(raw, &client); err != nil || client.Challenge == "" || a.ID == "" {
		return "", "", fmt.Errorf("%w: no challenge or no id in it", ErrPasskey)
	}
	return client.Challenge, strings.TrimRight(a.ID, "="), nil
}

func encodeID(id []byte) string { return base64.RawURLEncoding.EncodeToString(id) }
