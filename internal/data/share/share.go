// Package share holds standing shares: "new uploads of U are shared with group G".
// People make them for themselves, administrators for anybody and for everybody.
// They are applied where uploads are created, in package upload.
package share

import (
	"context"
	"crypto/rand"
	"fmt"
	"time"

	"oasis/internal/access/audit"
	"oasis/internal/access/identity"
	"oasis/internal/data/upload"
	"oasis/internal/problem"
)

// Query selects and pages standing shares.
type Query struct {
	// Owners restricts to those about the uploads of these users, "" = everybody; nil = all there are.
	Owners []string
	Offset int
	// Limit 0 only counts.
	Limit int
}

// Store keeps standing shares. They go with the group or the account that they name.
type Store interface {
	// Share gives one, or a problem of kind Missing.
	Share(ctx context.Context, id string) (upload.StandingShare, error)
	// Shares gives one page, oldest first, and the total.
	Shares(ctx context.Context, q Query) ([]upload.StandingShare, int, error)
	// InsertShare refuses with Missing a group that is not there, and with Conflict a second
	// one of the same owner and member, or one beyond the limit of an owner.
	InsertShare(ctx context.Context, s upload.StandingShare, most int) error
	// DeleteShare gives a problem of kind Missing when there is none.
	DeleteShare(ctx context.Context, id string) error
}

// People finds accounts.
type People interface {
	Find(ctx context.Context, s identity.Search) ([]identity.User, error)
}

// most bounds the standing shares of one owner.
const most = 100

// Service holds the use cases of standing shares.
type Service struct {
	Store  Store
	People People
	Now    func() time.Time
}

// New describes a standing share to be made.
type New struct {
	// Owner is whose new uploads are shared, "" = everybody's.
	Owner string
	// User or Group is whom they are shared with: exactly one.
	User, Group string
	Role        upload.Role
}

// By is who asks. Only a person at a keyboard acts for others (decisions 2): for any
// other credential, Admin is false.
type By struct {
	UserID string
	Admin  bool
}

func notFound() *problem.Error { return problem.NotFound("There is no such share.") }

// List gives a page of the standing shares that a query selects and by may see: the own
// ones and those of everybody; administrators see all.
func (s *Service) List(ctx context.Context, by By, q Query) ([]upload.StandingShare, int, error) {
	if by.Admin {
		return s.Store.Shares(ctx, q)
	}
	if q.Owners == nil {
		return nil, 0, problem.Denied("Only administrators may see the shares of others.")
	}
	for _, owner := range q.Owners {
		if owner != "" && owner != by.UserID {
			return nil, 0, problem.Denied("Only administrators may see the shares of others.")
		}
	}
	return s.Store.Shares(ctx, q)
}

// Create makes a standing share.
func (s *Service) Create(ctx context.Context, by By, n New) (upload.StandingShare, error) {
	share := upload.StandingShare{
		ID: rand.Text(), Owner: n.Owner, Role: n.Role, Group: n.Group != "", Member: n.User + n.Group,
		CreatedBy: by.UserID, Created: s.Now().UTC(),
	}
	switch {
	case n.Owner != by.UserID && !by.Admin:
		return share, problem.Denied("Only administrators, signed in themselves, may share the uploads of others.")
	case (n.User == "") == (n.Group == ""):
		return share, problem.Invalid("value_error", "Give either with_user or with_group", "body")
	case n.Role != upload.Coauthor && n.Role != upload.Reviewer:
		return share, problem.Invalid("enum", "Input should be 'coauthor' or 'reviewer'", "body", "role")
	case n.Group == upload.AllGroup && n.Role != upload.Reviewer:
		return share, problem.Invalid("value_error", "Everybody can be reviewer, not co-author", "body", "role")
	case n.User != "" && n.User == n.Owner:
		return share, problem.Invalid("value_error", "Uploads are their main author's anyway", "body", "with_user")
	}
	if err := s.exists(ctx, n.Owner, "user_id"); err != nil {
		return share, err
	}
	if err := s.exists(ctx, n.User, "with_user"); err != nil {
		return share, err
	}
	err := s.Store.InsertShare(audit.Note(ctx, event(audit.ShareCreate, &share)), share, most)
	if problem.Is(err, problem.Missing) {
		return share, problem.Invalid("value_error", fmt.Sprintf("User group '%s' was not found.", n.Group), "body", "with_group")
	}
	return share, err
}

// exists refuses an account that is not there; "" names none.
func (s *Service) exists(ctx context.Context, userID, member string) error {
	if userID == "" {
		return nil
	}
	found, err := s.People.Find(ctx, identity.Search{IDs: []string{userID}, Limit: 1, Everywhere: true})
	if err != nil {
		return fmt.Errorf("look up user: %w", err)
	}
	if len(found) == 0 {
		return problem.Invalid("value_error", fmt.Sprintf("User '%s' was not found.", userID), "body", member)
	}
	return nil
}

// Delete ends a standing share. People end those that they have made for themselves.
func (s *Service) Delete(ctx context.Context, by By, id string) error {
	share, err := s.Store.Share(ctx, id)
	switch {
	case problem.Is(err, problem.Missing):
		return notFound()
	case err != nil:
		return err
	case by.Admin:
	case share.Owner == "":
		return problem.Denied("This share is about everybody's uploads: only administrators, signed in themselves, may end it.")
	case share.Owner != by.UserID:
		return notFound()
	case share.CreatedBy != by.UserID:
		return problem.Denied("An administrator has made this share, and only administrators may end it. You can still change who sees each of your uploads.")
	}
	err = s.Store.DeleteShare(audit.Note(ctx, event(audit.ShareRemove, &share)), id)
	if problem.Is(err, problem.Missing) {
		return notFound()
	}
	return err
}

// RoleName is a role as the API writes it.
func RoleName(r upload.Role) string {
	if r == upload.Coauthor {
		return "coauthor"
	}
	return "reviewer"
}

// RoleOf reads what RoleName has written; anything else is upload.Anonymous.
func RoleOf(name string) upload.Role {
	return map[string]upload.Role{"coauthor": upload.Coauthor, "reviewer": upload.Reviewer}[name]
}

func event(operation string, s *upload.StandingShare) audit.Event {
	e := audit.Event{Operation: operation, Object: "share:" + s.ID, Detail: "New uploads of everybody"}
	if s.Owner != "" {
		e.Detail = "New uploads of " + s.Owner
	}
	with := audit.UserObject(s.Member)
	if s.Group {
		with = audit.GroupObject(s.Member)
	}
	e.Detail += ": " + with + " as " + RoleName(s.Role)
	return e
}
