package identity

import (
	"context"
	"fmt"
	"strings"

	"oasis/internal/access/audit"
	"oasis/internal/problem"
)

// Change is what to change in an account; nil members stay as they are.
type Change struct {
	Username, Email, FirstName, LastName *string
	Affiliation, AffiliationAddress      *string
	Disabled, Admin, LabManager          *bool
}

// ListAccounts gives a page of accounts for administrators and how many there are.
func (s *Service) ListAccounts(ctx context.Context, filter AccountFilter) ([]User, int, error) {
	return s.store.ListAccounts(ctx, filter)
}

// Update changes an account, as administrators may. Disabling ends all its
// sessions and access tokens at once. The last active administrator can neither
// be disabled nor lose the role.
func (s *Service) Update(ctx context.Context, id string, c Change) (User, error) {
	s.admins.Lock()
	defer s.admins.Unlock()
	user, err := s.store.User(ctx, id)
	if err != nil {
		return User{}, err
	}
	was := user
	c.apply(&user)
	if err := s.mayChange(&was, &user); err != nil {
		return User{}, err
	}
	if was.Admin && !was.Disabled && (!user.Admin || user.Disabled) {
		if err := s.notLastAdmin(ctx, was); err != nil {
			return User{}, err
		}
	}
	bump := user.Disabled && !was.Disabled
	err = s.store.UpdateUser(noteUser(ctx, operationOf(&was, &user), id, differences(&was, &user)), user, bump)
	s.changed(id) // also after an error: a connection that broke may have committed
	if err != nil {
		return User{}, fmt.Errorf("update user %s: %w", id, err)
	}
	if user.Admin {
		s.setUp.Store(true)
	}
	return s.store.User(ctx, id)
}

func (c *Change) apply(u *User) {
	text := func(to *string, from *string, tidy func(string) string) {
		if from != nil {
			*to = tidy(*from)
		}
	}
	text(&u.Username, c.Username, strings.TrimSpace)
	text(&u.Email, c.Email, strings.TrimSpace)
	text(&u.FirstName, c.FirstName, capitalised)
	text(&u.LastName, c.LastName, capitalised)
	text(&u.Affiliation, c.Affiliation, strings.TrimSpace)
	text(&u.AffiliationAddress, c.AffiliationAddress, strings.TrimSpace)
	for to, from := range map[*bool]*bool{&u.Disabled: c.Disabled, &u.Admin: c.Admin, &u.LabManager: c.LabManager} {
		if from != nil {
			*to = *from
		}
	}
}

// mayChange refuses names that no account may have, and names of people whom another issuer knows.
func (s *Service) mayChange(was, now *User) error {
	if was.Origin != "" && (was.FirstName != now.FirstName || was.LastName != now.LastName || was.Email != now.Email || was.Username != now.Username) {
		return problem.Clash("The names and the e-mail address of this account are kept by %s. Change them there.", was.Origin)
	}
	if fields := checkNames(now); len(fields) > 0 {
		return problem.InvalidAll(fields)
	}
	return nil
}

// operationOf names a change for the audit log.
func operationOf(was, now *User) string {
	switch {
	case !was.Disabled && now.Disabled:
		return audit.AccountDisable
	case was.Disabled && !now.Disabled:
		return audit.AccountEnable
	default:
		return audit.AccountChange
	}
}

// differences puts a change in words for the audit log; whether an account was
// switched off or on stands in the operation.
func differences(was, now *User) string {
	var parts []string
	for _, flag := range []struct {
		name     string
		old, new bool
	}{{"administrator", was.Admin, now.Admin}, {"lab manager", was.LabManager, now.LabManager}} {
		switch {
		case !flag.old && flag.new:
			parts = append(parts, "now "+flag.name)
		case flag.old && !flag.new:
			parts = append(parts, "no longer "+flag.name)
		}
	}
	if was.Username != now.Username || was.Email != now.Email || was.FirstName != now.FirstName || was.LastName != now.LastName {
		parts = append(parts, "other names")
	}
	if was.Affiliation != now.Affiliation || was.AffiliationAddress != now.AffiliationAddress {
		parts = append(parts, "other affiliation")
	}
	if parts == nil {
		return now.Username
	}
	return now.Username + ": " + strings.Join(parts, ", ")
}

// SetDisabled switches an account off or on, see Update.
func (s *Service) SetDisabled(ctx context.Context, id string, disabled bool) error {
	_, err := s.Update(ctx, id, Change{Disabled: &disabled})
	return err
}

// Remove deletes an account with its sessions, tokens and factors. The uploads stay.
func (s *Service) Remove(ctx context.Context, id string) error {
	s.admins.Lock()
	defer s.admins.Unlock()
	user, err := s.store.User(ctx, id)
	if err != nil {
		return err
	}
	if err := s.notLastAdmin(ctx, user); err != nil {
		return err
	}
	err = s.store.DeleteUser(noteUser(ctx, audit.AccountRemove, id, user.Username), id)
	s.changed(id)
	if err != nil {
		return fmt.Errorf("delete user %s: %w", id, err)
	}
	return nil
}

func (s *Service) notLastAdmin(ctx context.Context, user User) error {
	if !user.Admin || user.Disabled {
		return nil
	}
	all, err := s.store.ListUsers(ctx)
	if err != nil {
		return fmt.Errorf("list users: %w", err)
	}
	for i := range all {
		if all[i].Admin && !all[i].Disabled && all[i].ID != user.ID {
			return nil
		}
	}
	return problem.Clash("%s is the only administrator. Make another one first: oasis user make-admin NAME.", user.Username)
}
