package group

import (
	"context"
	"fmt"
	"slices"
	"time"

	"oasis/internal/access/audit"
	"oasis/internal/access/identity"
	"oasis/internal/problem"
)

// Service holds the use cases of groups.
type Service struct {
	Store  Store
	People People
	// Reserved tells whether the policy gives rights to whoever is in a group of this
	// name; only administrators may give it to a group. nil = no name is.
	Reserved func(name string) bool
	// Changed is called after the groups of these users may have changed.
	Changed func(userIDs []string)
	Now     func() time.Time
}

func notFound(id string) *problem.Error {
	return problem.NotFound("User group '%s' was not found.", id)
}

// Get gives one group; a problem of kind Missing names the id.
func (s *Service) Get(ctx context.Context, id string) (Group, error) {
	g, err := s.Store.Group(ctx, id)
	if problem.Is(err, problem.Missing) {
		return g, notFound(id)
	}
	return g, err
}

// List gives a page of groups and the total.
func (s *Service) List(ctx context.Context, q Query) ([]Group, int, error) {
	return s.Store.Groups(ctx, q)
}

// Missing gives those of the ids that no group has, in their order. The pseudo group
// "all" is no group.
func (s *Service) Missing(ctx context.Context, ids []string) ([]string, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	return s.Store.MissingGroups(ctx, ids)
}

// Everyone gives for each user the groups they are in, directly or through others.
func (s *Service) Everyone(ctx context.Context) (map[string][]Ref, error) {
	tree, err := s.Store.GroupTree(ctx)
	if err != nil {
		return nil, fmt.Errorf("read groups: %w", err)
	}
	return tree.Everyone(), nil
}

// Create makes a group that belongs to by.
func (s *Service) Create(ctx context.Context, by *identity.User, e Edit) (Group, error) {
	if by.ID == "" {
		return Group{}, problem.New(problem.Unauthenticated, "Authentication required.")
	}
	id := newID()
	g := Group{ID: id, Name: id, Created: s.Now().UTC(), Members: []Member{{UserID: by.ID, Role: Owner}}}
	next, err := e.apply(&g, by)
	if err != nil {
		return Group{}, err
	}
	if err := s.checkNew(ctx, by, &Group{Members: g.Members}, &next, &e); err != nil {
		return Group{}, err
	}
	event := audit.Event{Operation: audit.GroupCreate, Object: audit.GroupObject(id), Detail: next.Name}
	err = s.change(audit.Note(ctx, event), id, func(tx Tx) error {
		if err := s.checkInside(ctx, tx, &next); err != nil {
			return err
		}
		return tx.InsertGroup(ctx, next)
	})
	return next, err
}

// Edit changes a group. Owner, maintainers and administrators may; a plain member may
// only take themselves out.
func (s *Service) Edit(ctx context.Context, by *identity.User, id string, e Edit) (Group, error) {
	was, err := s.Get(ctx, id)
	if err != nil {
		return was, err
	}
	if !mayEdit(&was, by) {
		if e.leaves(&was, by.ID) {
			if err := s.Leave(ctx, by, id); err != nil {
				return was, err
			}
			return s.Get(ctx, id)
		}
		return was, errMayNotEdit(id)
	}
	next, err := e.apply(&was, by)
	if err != nil {
		return was, err
	}
	if err := s.checkNew(ctx, by, &was, &next, &e); err != nil {
		return was, err
	}
	event := audit.Event{Operation: audit.GroupChange, Object: audit.GroupObject(id), Detail: differences(&was, &next)}
	err = s.change(audit.Note(ctx, event), id, func(tx Tx) error {
		now, err := tx.Group(ctx, id)
		if problem.Is(err, problem.Missing) {
			return notFound(id)
		}
		if err != nil {
			return fmt.Errorf("read group: %w", err)
		}
		// Rights and roles may have changed since; who is new was checked above.
		if !mayEdit(&now, by) {
			return errMayNotEdit(id)
		}
		if next, err = e.apply(&now, by); err != nil {
			return err
		}
		if e.Subgroups != nil {
			if err := s.checkInside(ctx, tx, &next); err != nil {
				return err
			}
		}
		return tx.UpdateGroup(ctx, next)
	})
	return next, err
}

func errMayNotEdit(id string) error {
	return problem.Denied("Not authorized to edit user group '%s'. Only group owners, maintainers and admins are allowed to edit a group.", id)
}

func mayEdit(g *Group, by *identity.User) bool {
	role, _ := g.RoleOf(by.ID)
	return by.Admin || role == Owner || role == Maintainer
}

// Leave takes by out of a group. The owner cannot leave.
func (s *Service) Leave(ctx context.Context, by *identity.User, id string) error {
	event := audit.Event{Operation: audit.GroupChange, Object: audit.GroupObject(id), Detail: by.Username + " left"}
	return s.change(audit.Note(ctx, event), id, func(tx Tx) error {
		g, err := tx.Group(ctx, id)
		if problem.Is(err, problem.Missing) {
			return notFound(id)
		}
		if err != nil {
			return fmt.Errorf("read group: %w", err)
		}
		switch role, member := g.RoleOf(by.ID); {
		case !member:
			return problem.Bad("You are not a direct member of this group. If you are in it through another group, leave that one.")
		case role == Owner:
			return problem.Bad("The owner cannot leave a group. Hand it over to somebody first, or delete it.")
		}
		g.Members = slices.DeleteFunc(g.Members, func(m Member) bool { return m.UserID == by.ID })
		return tx.UpdateGroup(ctx, g)
	})
}

// Delete removes a group, also from uploads and other groups. Its owner and
// administrators may.
func (s *Service) Delete(ctx context.Context, by *identity.User, id string) error {
	g, err := s.Get(ctx, id)
	if err != nil {
		return err
	}
	event := audit.Event{Operation: audit.GroupRemove, Object: audit.GroupObject(id), Detail: g.Name}
	return s.change(audit.Note(ctx, event), id, func(tx Tx) error {
		g, err := tx.Group(ctx, id)
		if problem.Is(err, problem.Missing) {
			return notFound(id)
		}
		if err != nil {
			return fmt.Errorf("read group: %w", err)
		}
		if !by.Admin && (by.ID == "" || g.Owner() != by.ID) {
			return problem.Denied("Not authorized to delete user group '%s'. Only group owners and admins are allowed to delete a group.", id)
		}
		return tx.DeleteGroup(ctx, id)
	})
}

// change runs a transaction that may change who is in a group, and tells of everybody
// who was in it before or is afterwards. ctx carries the event for the audit log.
func (s *Service) change(ctx context.Context, id string, fn func(Tx) error) error {
	var people []string
	err := s.Store.GroupTx(ctx, func(tx Tx) error {
		before, err := tx.PeopleIn(ctx, id)
		if err != nil {
			return fmt.Errorf("read who is in the group: %w", err)
		}
		people = before
		if err := fn(tx); err != nil {
			return err
		}
		after, err := tx.PeopleIn(ctx, id)
		if err != nil {
			return fmt.Errorf("read who is in the group: %w", err)
		}
		slices.Sort(before)
		people = slices.DeleteFunc(after, func(user string) bool { _, both := slices.BinarySearch(before, user); return both })
		people = append(people, before...)
		return nil
	})
	if err == nil || problem.As(err) == nil { // also after a fault: a connection that broke may have committed
		s.Changed(people)
	}
	if err != nil && problem.As(err) == nil {
		return fmt.Errorf("change group %s: %w", id, err)
	}
	return err
}
