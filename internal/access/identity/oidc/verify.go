package oidc

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
	"github.com/google/uuid"

	"oasis/internal/access/identity"
)

const (
	// leeway is by how much clocks may differ.
	leeway = 60 * time.Second
	// maxTokenBytes bounds what is parsed at all; tokens with many groups have some 10 KiB.
	maxTokenBytes = 32 << 10
)

// Sentences for bearers that NOMAD's clients know (spec auth.md §3, 1b and 1c).
const (
	textUnknownKey = "Could not validate credentials.\nThe user provided keycloak public key does not exist.\nDoes the UI use the right realm?"
	textNoSubject  = "Could not validate credentials.\nThe given token does not contain a user_id."
)

// Provider checks access tokens of an Issuer and knows whom they stand for.
type Provider struct {
	issuer *Issuer
	people *People
}

// NewProvider joins an issuer with the records of its people.
func NewProvider(issuer *Issuer, people *People) *Provider { return &Provider{issuer, people} }

// Verify checks a token and makes sure that its user has a fresh record. A token
// that is not good is an identity.ErrInvalidToken, a user whom the directory does
// not have an identity.ErrUnknownUser; when the provider would have to be asked
// and does not answer, the error wraps identity.ErrDirectoryDown.
func (p *Provider) Verify(ctx context.Context, raw string) (identity.Claims, error) {
	t, err := p.issuer.check(ctx, raw)
	if err != nil {
		return identity.Claims{}, err
	}
	user, err := p.people.admit(ctx, t.person, bearer)
	if err != nil {
		return identity.Claims{}, err
	}
	return identity.Claims{UserID: user.ID, TokenID: t.id, Expires: t.expires}, nil
}

// accessToken is what a genuine access token says.
type accessToken struct {
	id      string
	expires time.Time
	person  Person
}

// tokenClaims are those of RFC 9068 and OpenID Connect Core that count here.
type tokenClaims struct {
	jwt.Claims
	Type            string          `json:"typ"`
	Use             string          `json:"token_use"`
	AuthorizedParty string          `json:"azp"`
	ClientID        string          `json:"client_id"`
	Scope           json.RawMessage `json:"scope"`
	SCP             json.RawMessage `json:"scp"`
	Nonce           string          `json:"nonce"`
	AccessTokenHash string          `json:"at_hash"`
}

// check verifies signature, algorithm, key, issuer, kind, party and times of an
// access token. It asks the provider only for a key it has not seen.
func (i *Issuer) check(ctx context.Context, raw string) (accessToken, error) {
	if len(raw) > maxTokenBytes {
		return accessToken{}, refuse(errors.New("too long"))
	}
	signed, err := jwt.ParseSigned(raw, signatures(i.cfg.Algorithms))
	if err != nil {
		return accessToken{}, refuse(err)
	}
	header := signed.Headers[0]
	// Before a key is looked for: tokens of others must not make us ask the provider.
	var unverified struct {
		Issuer string `json:"iss"`
	}
	if err := signed.UnsafeClaimsWithoutVerification(&unverified); err != nil {
		return accessToken{}, refuse(err)
	}
	if !i.issues(unverified.Issuer) {
		return accessToken{}, refuse(fmt.Errorf("its issuer is %.200q", unverified.Issuer))
	}
	key, err := i.keys.find(ctx, header.KeyID, header.Algorithm)
	switch {
	case errors.Is(err, errUnknownKey):
		return accessToken{}, &identity.RefusedToken{Detail: textUnknownKey, Cause: err}
	case errors.Is(err, errDown):
		return accessToken{}, fmt.Errorf("%w: %w", identity.ErrDirectoryDown, err)
	case err != nil:
		return accessToken{}, refuse(err)
	}
	var c tokenClaims
	var all json.RawMessage
	if err := signed.Claims(key, &c, &all); err != nil {
		return accessToken{}, refuse(err)
	}
	if err := i.judge(&c, headerType(&header)); err != nil {
		return accessToken{}, err
	}
	person, err := i.personOf(all)
	if err != nil {
		return accessToken{}, refuse(err)
	}
	return accessToken{id: c.ID, expires: c.Expiry.Time().Add(leeway), person: person}, nil
}

// judge decides about the claims of a token whose signature is right.
func (i *Issuer) judge(c *tokenClaims, headerType string) error {
	switch {
	case c.Expiry == nil:
		return refuse(errors.New("it never ends"))
	case c.Subject == "":
		return &identity.RefusedToken{Detail: textNoSubject, Cause: errors.New("no sub")}
	case !isAccessToken(c, headerType):
		return refuse(fmt.Errorf("it is no access token (typ %.50q, %.50q, token_use %.50q)", headerType, c.Type, c.Use))
	case !i.forUs(c):
		return refuse(fmt.Errorf("it is for %.200q, made for %.200q", c.Audience, c.AuthorizedParty))
	}
	if err := c.ValidateWithLeeway(jwt.Expected{Time: i.cfg.Now()}, leeway); err != nil {
		return refuse(err)
	}
	return nil
}

func headerType(h *jose.Header) string {
	name, _ := h.ExtraHeaders[jose.HeaderType].(string)
	return name
}

// isAccessToken tells an access token from the other tokens that a provider
// signs with the same key, above all ID tokens, which pages of other
// applications hold. Providers say it in different ways; one must be there.
func isAccessToken(c *tokenClaims, headerType string) bool {
	kind := strings.ToLower(strings.TrimPrefix(strings.ToLower(headerType), "application/"))
	switch {
	case c.Type != "": // Keycloak
		return strings.EqualFold(c.Type, "Bearer") || strings.EqualFold(c.Type, "at+jwt")
	case c.Use != "": // Cognito
		return strings.EqualFold(c.Use, "access")
	case kind == "at+jwt": // RFC 9068
		return true
	case kind != "" && kind != "jwt": // logout+jwt, dpop+jwt and what else may come
		return false
	}
	return (given(c.Scope) || given(c.SCP)) && c.Nonce == "" && c.AccessTokenHash == ""
}

func given(claim json.RawMessage) bool { return len(claim) > 0 && !bytes.Equal(claim, []byte("null")) }

// forUs tells whether the token names us, or one of those we trust, as its
// audience, or was made for a client of ours.
func (i *Issuer) forUs(c *tokenClaims) bool {
	ours := func(name string) bool {
		return name != "" && (name == i.cfg.ClientID || slices.Contains(i.cfg.Accepted, name))
	}
	party := c.AuthorizedParty
	if party == "" {
		party = c.ClientID
	}
	return ours(party) || slices.ContainsFunc(c.Audience, ours)
}

func refuse(cause error) error { return fmt.Errorf("%w: %w", identity.ErrInvalidToken, cause) }

// Person is somebody as the provider describes them.
type Person struct {
	// Subject is the provider's id, which never changes.
	Subject            string
	Username           string
	Email              string
	FirstName          string
	LastName           string
	Affiliation        string
	AffiliationAddress string
	Created            time.Time
	Disabled           bool
}

// Lengths to which texts of the provider are cut, in characters.
const (
	maxName        = 200
	maxAffiliation = 1000
)

// clean cuts texts that are too long and takes out what databases cannot keep.
func (p *Person) clean() {
	for text, longest := range map[*string]int{
		&p.Username: maxName, &p.FirstName: maxName, &p.LastName: maxName, &p.Email: maxName,
		&p.Affiliation: maxAffiliation, &p.AffiliationAddress: maxAffiliation,
	} {
		runes := []rune(strings.TrimSpace(strings.ReplaceAll(strings.ToValidUTF8(*text, ""), "\x00", "")))
		*text = string(runes[:min(len(runes), longest)])
	}
}

// flag is a JSON boolean that some providers write as a string.
type flag bool

// UnmarshalJSON reads true, "true" and their opposites.
func (f *flag) UnmarshalJSON(text []byte) error {
	*f = flag(bytes.Equal(bytes.Trim(text, `"`), []byte("true")))
	return nil
}

// personOf reads who a token or a userinfo answer is about (OpenID Connect Core §5.1).
func (i *Issuer) personOf(claims []byte) (Person, error) {
	var c struct {
		Subject    string `json:"sub"`
		Email      string `json:"email"`
		Verified   *flag  `json:"email_verified"`
		GivenName  string `json:"given_name"`
		FamilyName string `json:"family_name"`
		Name       string `json:"name"`
	}
	if err := json.Unmarshal(claims, &c); err != nil {
		return Person{}, err
	}
	var named map[string]json.RawMessage
	if err := json.Unmarshal(claims, &named); err != nil {
		return Person{}, err
	}
	p := Person{Subject: c.Subject, Email: c.Email, FirstName: c.GivenName, LastName: c.FamilyName}
	if text, ok := named[i.cfg.UsernameClaim]; ok {
		if err := json.Unmarshal(text, &p.Username); err != nil {
			return Person{}, fmt.Errorf("claim %s: %w", i.cfg.UsernameClaim, err)
		}
	}
	if p.FirstName == "" && p.LastName == "" {
		p.FirstName, p.LastName, _ = strings.Cut(c.Name, " ")
	}
	p.Email = i.email(p.Email, c.Verified != nil && bool(*c.Verified))
	return p, nil
}

// email gives the address if it may be believed. What is none is dropped: it
// could be somebody's user name.
func (i *Issuer) email(address string, verified bool) string {
	before, _, ok := strings.Cut(address, "@")
	if ok && before != "" && (verified || i.cfg.TrustUnverifiedEmail) {
		return address
	}
	return ""
}

// UserID is the id of an account here: the provider's subject if it is a UUID,
// else one made of issuer and subject (decisions 9).
func UserID(issuer, subject string) string {
	if id, err := uuid.Parse(subject); err == nil && len(subject) == len(id.String()) {
		return id.String()
	}
	space := uuid.NewSHA1(uuid.NameSpaceURL, []byte(strings.TrimSuffix(issuer, "/")))
	return uuid.NewSHA1(space, []byte(subject)).String()
}
