package oidc

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Central is the Directory of a central server that speaks the NOMAD API (spec
// auth.md §7): it gives no e-mail addresses and does not say who is disabled;
// somebody it does not know any more is out.
type Central struct {
	issuer *Issuer
	users  string
}

// NewCentral makes the directory of the server whose API lies at address, without version.
func NewCentral(issuer *Issuer, address string) *Central {
	return &Central{issuer: issuer, users: address + "/v1/users?"}
}

type centralUser struct {
	ID                 string `json:"user_id"`
	Username           string `json:"username"`
	FirstName          string `json:"first_name"`
	LastName           string `json:"last_name"`
	Affiliation        string `json:"affiliation"`
	AffiliationAddress string `json:"affiliation_address"`
	Created            string `json:"created"`
}

// BySubject finds a user by id.
func (c *Central) BySubject(ctx context.Context, subject string) (Person, error) {
	return c.one(ctx, url.Values{"user_id": {subject}}, func(p *Person) bool { return p.Subject == subject })
}

// ByUsername finds a user by name.
func (c *Central) ByUsername(ctx context.Context, name string) (Person, error) {
	return c.one(ctx, url.Values{"username": {name}}, func(p *Person) bool { return fold(p.Username) == fold(name) })
}

// ByEmail finds a user by address. That it is theirs is what the central server says: its answer does not repeat it.
func (c *Central) ByEmail(ctx context.Context, address string) (Person, error) {
	p, err := c.one(ctx, url.Values{"email": {address}}, func(*Person) bool { return true })
	if hasStatus(err, http.StatusUnauthorized) || hasStatus(err, http.StatusForbidden) { // it wants to know who asks
		return Person{}, ErrNobody
	}
	return p, err
}

// Search finds users by the beginning of a name.
func (c *Central) Search(ctx context.Context, prefix string, limit int) ([]Person, error) {
	found, err := c.list(ctx, url.Values{"prefix": {prefix}})
	return found[:min(len(found), limit)], err
}

func (c *Central) one(ctx context.Context, query url.Values, right func(*Person) bool) (Person, error) {
	found, err := c.list(ctx, query)
	if err != nil {
		return Person{}, err
	}
	if len(found) != 1 || !right(&found[0]) {
		return Person{}, ErrNobody
	}
	return found[0], nil
}

func (c *Central) list(ctx context.Context, query url.Values) ([]Person, error) {
	body, err := c.issuer.get(ctx, c.users+query.Encode(), nil)
	if err != nil {
		return nil, fmt.Errorf("look users up at the central server: %w", err)
	}
	var answer struct {
		Data []centralUser `json:"data"`
	}
	if err := json.Unmarshal(body, &answer); err != nil {
		return nil, fmt.Errorf("look users up at the central server: %w", err)
	}
	people := make([]Person, 0, len(answer.Data))
	for _, u := range answer.Data {
		created, _ := time.Parse(time.RFC3339Nano, u.Created) // older servers leave it out
		people = append(people, Person{
			Subject: u.ID, Username: u.Username, FirstName: u.FirstName, LastName: u.LastName,
			Affiliation: u.Affiliation, AffiliationAddress: u.AffiliationAddress, Created: created,
		})
	}
	return people, nil
}

// fold makes texts comparable without regard to case.
func fold(s string) string { return strings.ToLower(s) }

// CentralAudience is the audience of access tokens that an Oasis makes.
const CentralAudience = "oasis-api"
