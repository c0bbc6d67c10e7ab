package identity

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"golang.org/x/crypto/bcrypt"

	"oasis/internal/access/audit"
	"oasis/internal/problem"
)

// ImportUser is an element of the JSON list that `nomad admin users import` reads
// (spec auth.md §7). Keycloak's spelling of the names is understood too.
type ImportUser struct {
	ID                 string `json:"id"`
	UserID             string `json:"user_id"`
	Username           string `json:"username"`
	Email              string `json:"email"`
	FirstName          string `json:"first_name"`
	LastName           string `json:"last_name"`
	FirstNameKeycloak  string `json:"firstName"`
	LastNameKeycloak   string `json:"lastName"`
	Affiliation        string `json:"affiliation"`
	AffiliationAddress string `json:"affiliation_address"`
	// Password is a bcrypt hash, or "".
	Password string `json:"password"`
	// Created in milliseconds since 1970, or as text (RFC 3339).
	Created json.RawMessage `json:"created"`
}

// Imported is what became of one element.
type Imported struct {
	Email    string `json:"email"`
	Username string `json:"username"`
	ID       string `json:"id"`
	// Reason is why it was not imported, "" = it was.
	Reason string `json:"reason,omitempty"`
}

// Import makes accounts of people of another system. Their bcrypt hashes become
// argon2id at the first sign-in. An element that cannot be imported does not stop the others.
func (s *Service) Import(ctx context.Context, list []ImportUser) ([]Imported, error) {
	results := make([]Imported, 0, len(list))
	for i := range list {
		user, err := s.importOne(ctx, &list[i])
		result := Imported{Email: list[i].Email, Username: user.Username, ID: user.ID}
		if p := problem.As(err); p != nil {
			result.Reason = reasonOf(p)
		} else if err != nil {
			return results, fmt.Errorf("import %s: %w", list[i].Email, err)
		}
		results = append(results, result)
	}
	return results, s.findImported(ctx)
}

// reasonOf puts a refusal in one line.
func reasonOf(p *problem.Error) string {
	if p.Detail != "" {
		return p.Detail
	}
	parts := make([]string, 0, len(p.Fields))
	for _, f := range p.Fields {
		parts = append(parts, f.Msg)
	}
	return strings.Join(parts, " ")
}

func (s *Service) importOne(ctx context.Context, in *ImportUser) (User, error) {
	created, err := in.created()
	if err != nil {
		return User{}, err
	}
	if created.IsZero() {
		created = s.now()
	}
	user := User{
		ID: first(in.ID, in.UserID), Username: strings.TrimSpace(in.Username), Email: strings.TrimSpace(in.Email),
		FirstName: capitalised(first(in.FirstName, in.FirstNameKeycloak)), LastName: capitalised(first(in.LastName, in.LastNameKeycloak)),
		Affiliation: strings.TrimSpace(in.Affiliation), AffiliationAddress: strings.TrimSpace(in.AffiliationAddress), Created: created.UTC(),
	}
	if user.ID == "" {
		user.ID = uuid.NewString()
	}
	if id, err := uuid.Parse(user.ID); err != nil || id.String() != user.ID {
		return user, problem.Bad("The id %q is not a UUID.", user.ID)
	}
	if in.Password != "" {
		if _, err := bcrypt.Cost([]byte(in.Password)); err != nil {
			return user, problem.Bad("The password of %s is not a bcrypt hash.", user.Email)
		}
	}
	// The clash of an id goes before that of an address (spec auth.md §7).
	if _, err := s.store.User(ctx, user.ID); err == nil {
		return user, problem.Clash("User %s with given id already exists", user.Email)
	} else if !problem.Is(err, problem.Missing) {
		return user, err
	}
	if _, err := s.store.UserByLogin(ctx, user.Email); err == nil {
		return user, problem.Clash("User with email %s already exists", user.Email)
	} else if !problem.Is(err, problem.Missing) {
		return user, err
	}
	if user.Username, err = userNameFor(&user, s.taken(ctx)); err != nil {
		return user, err
	}
	if fields := checkNames(&user); len(fields) > 0 {
		return user, problem.InvalidAll(fields)
	}
	return user, s.store.InsertUser(noteUser(ctx, audit.AccountCreate, user.ID, user.Username+" (imported)"), user, in.Password)
}

func first(a, b string) string {
	if a = strings.TrimSpace(a); a != "" {
		return a
	}
	return strings.TrimSpace(b)
}

func (in *ImportUser) created() (time.Time, error) {
	if len(in.Created) == 0 || string(in.Created) == "null" {
		return time.Time{}, nil
	}
	var ms float64
	if err := json.Unmarshal(in.Created, &ms); err == nil && ms >= 0 && ms < 1e15 {
		return time.UnixMilli(int64(ms)), nil
	}
	var at time.Time
	if err := json.Unmarshal(in.Created, &at); err == nil {
		return at, nil
	}
	return time.Time{}, problem.Bad("%s is no time of creation; it is a number of milliseconds since 1970.", string(in.Created))
}
