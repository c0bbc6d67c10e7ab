package oidc

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Keycloak is the Directory of a realm: its admin API.
type Keycloak struct {
	issuer *Issuer
	// admin is the address of the realm in the admin API.
	admin string
	// account signs in at the token endpoint.
	account url.Values

	mu    sync.Mutex
	token string
	until time.Time
}

// NewKeycloak makes the directory of the realm behind issuer. With a user name
// it signs in as that account of the realm, else as the client itself, which then
// needs a service account. Either needs the role view-users of realm-management.
func NewKeycloak(issuer *Issuer, server, realm, username, password string) *Keycloak {
	account := url.Values{"grant_type": {"client_credentials"}, "client_id": {issuer.cfg.ClientID}, "client_secret": {issuer.cfg.ClientSecret}}
	if username != "" {
		account = url.Values{"grant_type": {"password"}, "client_id": {"admin-cli"}, "username": {username}, "password": {password}}
	}
	return &Keycloak{issuer: issuer, admin: strings.TrimSuffix(server, "/") + "/admin/realms/" + url.PathEscape(realm), account: account}
}

// representation is a user as the admin API has it.
type representation struct {
	ID            string              `json:"id"`
	Username      string              `json:"username"`
	Email         string              `json:"email"`
	EmailVerified bool                `json:"emailVerified"`
	FirstName     string              `json:"firstName"`
	LastName      string              `json:"lastName"`
	Enabled       bool                `json:"enabled"`
	Created       int64               `json:"createdTimestamp"`
	Attributes    map[string][]string `json:"attributes"`
}

func (k *Keycloak) person(r *representation) Person {
	first := func(name string) string {
		if values := r.Attributes[name]; len(values) > 0 {
			return values[0]
		}
		return ""
	}
	p := Person{
		Subject: r.ID, Username: r.Username, Email: k.issuer.email(r.Email, r.EmailVerified), FirstName: r.FirstName, LastName: r.LastName,
		Affiliation: first("affiliation"), AffiliationAddress: first("affiliation_address"), Disabled: !r.Enabled,
	}
	if r.Created > 0 {
		p.Created = time.UnixMilli(r.Created).UTC()
	}
	return p
}

// BySubject finds a user by id.
func (k *Keycloak) BySubject(ctx context.Context, subject string) (Person, error) {
	if subject == "" || subject == "." || subject == ".." { // would be another address
		return Person{}, ErrNobody
	}
	body, err := k.get(ctx, "/users/"+url.PathEscape(subject))
	if hasStatus(err, http.StatusNotFound) {
		return Person{}, ErrNobody
	}
	if err != nil {
		return Person{}, err
	}
	var r representation
	if err := json.Unmarshal(body, &r); err != nil || r.ID != subject {
		return Person{}, fmt.Errorf("look user up: the answer is not that user: %w", errors.Join(err, errDown))
	}
	return k.person(&r), nil
}

// ByUsername finds a user by name.
func (k *Keycloak) ByUsername(ctx context.Context, name string) (Person, error) {
	return k.exact(ctx, url.Values{"username": {name}}, func(r *representation) string { return r.Username })
}

// ByEmail finds a user by address. An address that the realm has not verified finds nobody.
func (k *Keycloak) ByEmail(ctx context.Context, address string) (Person, error) {
	return k.exact(ctx, url.Values{"email": {address}}, func(r *representation) string { return k.issuer.email(r.Email, r.EmailVerified) })
}

// exact asks for exact matches and compares again: older versions of Keycloak
// know no exact search and give whoever contains the text.
func (k *Keycloak) exact(ctx context.Context, query url.Values, of func(*representation) string) (Person, error) {
	want := query.Get("username") + query.Get("email")
	if want == "" {
		return Person{}, ErrNobody
	}
	query.Set("exact", "true")
	query.Set("max", "20")
	found, err := k.list(ctx, query)
	if err != nil {
		return Person{}, err
	}
	for i := range found {
		if strings.EqualFold(of(&found[i]), want) {
			return k.person(&found[i]), nil
		}
	}
	return Person{}, ErrNobody
}

// Search finds users by the beginning of a name. The realm also finds by parts
// of e-mail addresses, which must not be guessed that way: those are left out.
func (k *Keycloak) Search(ctx context.Context, prefix string, limit int) ([]Person, error) {
	words := strings.NewReplacer(`"`, " ", "*", " ").Replace(prefix) // both mean something to the search
	if strings.TrimSpace(words) == "" {
		return nil, nil
	}
	found, err := k.list(ctx, url.Values{"search": {words}, "max": {strconv.Itoa(limit)}, "enabled": {"true"}})
	if err != nil {
		return nil, err
	}
	var people []Person
	for i := range found {
		if p := k.person(&found[i]); !p.Disabled && p.begins(prefix) {
			people = append(people, p)
		}
	}
	return people, nil
}

// begins tells whether a name of the person begins with the text, without regard to case.
func (p *Person) begins(prefix string) bool {
	prefix = strings.ToLower(prefix)
	for _, name := range []string{p.Username, p.FirstName, p.LastName, p.FirstName + " " + p.LastName} {
		if strings.HasPrefix(strings.ToLower(name), prefix) {
			return true
		}
	}
	return false
}

func (k *Keycloak) list(ctx context.Context, query url.Values) ([]representation, error) {
	body, err := k.get(ctx, "/users?"+query.Encode())
	if err != nil {
		return nil, err
	}
	var found []representation
	if err := json.Unmarshal(body, &found); err != nil {
		return nil, fmt.Errorf("look users up: %w", err)
	}
	return found, nil
}

// get asks the admin API with a token that is used again until shortly before
// it ends; one that is refused is replaced once.
func (k *Keycloak) get(ctx context.Context, path string) ([]byte, error) {
	for again := true; ; again = false {
		token, err := k.bearer(ctx)
		if err != nil {
			return nil, err
		}
		body, err := k.issuer.get(ctx, k.admin+path, http.Header{"Authorization": {"Bearer " + token}})
		switch {
		case again && hasStatus(err, http.StatusUnauthorized):
			k.drop(token)
			continue
		case hasStatus(err, http.StatusForbidden):
			return nil, fmt.Errorf("look users up in Keycloak: the account may not: give it the role view-users of realm-management: %w", err)
		case err != nil && !hasStatus(err, http.StatusNotFound):
			return nil, fmt.Errorf("look users up in Keycloak: %w", err)
		}
		return body, err
	}
}

func (k *Keycloak) drop(token string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.token == token {
		k.token = ""
	}
}

// bearer gives a token of the account. Others wait while one is fetched.
func (k *Keycloak) bearer(ctx context.Context) (string, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	now := k.issuer.cfg.Now()
	if k.token != "" && now.Before(k.until) {
		return k.token, nil
	}
	d, err := k.issuer.discover(ctx)
	if err != nil {
		return "", err
	}
	answer, err := k.issuer.grant(ctx, d, k.account)
	if err != nil {
		return "", fmt.Errorf("sign in at Keycloak to look users up (keycloak.username and keycloak.password, or the service account of keycloak.client_id): %w", err)
	}
	life := time.Duration(answer.ExpiresIn) * time.Second
	k.token, k.until = answer.AccessToken, now.Add(life-min(life/5, 30*time.Second))
	return k.token, nil
}

// grantAnswer is what a token endpoint answers (RFC 6749 §5.1).
type grantAnswer struct {
	AccessToken      string  `json:"access_token"`
	RefreshToken     *string `json:"refresh_token"`
	IDToken          *string `json:"id_token"`
	Scope            *string `json:"scope"`
	ExpiresIn        int     `json:"expires_in"`
	RefreshExpiresIn *int    `json:"refresh_expires_in"`
}

// grant posts a form to the token endpoint.
func (i *Issuer) grant(ctx context.Context, d *document, form url.Values) (grantAnswer, error) {
	var out grantAnswer
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, d.Token, strings.NewReader(form.Encode()))
	if err != nil {
		return out, err
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	answer, err := i.client.Do(r)
	if err != nil {
		return out, err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		return out, err
	}
	if answer.StatusCode != http.StatusOK {
		var refused struct {
			Code string `json:"error"`
		}
		_ = json.Unmarshal(body, &refused) // no code then
		return out, &grantError{statusError{answer.StatusCode}, refused.Code}
	}
	if err := json.Unmarshal(body, &out); err != nil {
		return out, err
	}
	if out.AccessToken == "" {
		return out, errors.New("the answer holds no access token")
	}
	return out, nil
}

// grantError is a refusal of the token endpoint (RFC 6749 §5.2).
type grantError struct {
	statusError
	code string
}

// Error gives status and code.
func (e *grantError) Error() string { return fmt.Sprintf("%s (%.60s)", e.statusError.Error(), e.code) }
