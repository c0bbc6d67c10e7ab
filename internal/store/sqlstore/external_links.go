package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"oasis/internal/access/identity"
	"oasis/internal/access/identity/oidc"
	"oasis/internal/problem"
)

// A link is a row of external_people whose user is an account of this Oasis: one
// without origin.

func (s externalStore) ExternalID(ctx context.Context, issuer, subject string) (string, error) {
	id, err := one(ctx, s.engine.reader(), scanText, `select user_id from external_people where issuer = $1 and subject = $2`, issuer, subject)
	if errors.Is(err, sql.ErrNoRows) {
		return "", errNoUser(subject)
	}
	return id, err
}

func (s externalStore) Link(ctx context.Context, userID string) (oidc.Linked, error) {
	scan := func(r row) (l oidc.Linked, err error) {
		return l, r.Scan(&l.UserID, &l.Issuer, &l.Subject, &l.Name, &l.State)
	}
	l, err := one(ctx, s.engine.reader(), scan, `select x.user_id, x.issuer, x.subject, x.name, x.state
		from external_people x join users u on u.id = x.user_id where x.user_id = $1 and u.origin = ''`, userID)
	if errors.Is(err, sql.ErrNoRows) {
		return l, problem.NotFound("This account is not linked.")
	}
	return l, err
}

func (s externalStore) LinkExternal(ctx context.Context, r oidc.Record, name string) (other string, err error) {
	err = s.write(ctx, func(t *tx) error {
		other = ""
		// The two names under which SaveExternal and this look at a person.
		for _, id := range []string{oidc.UserID(r.Issuer, r.Subject), r.UserID} {
			if err := t.lock(ctx, "external "+id); err != nil {
				return err
			}
		}
		u, err := one(ctx, t, scanUser, `select `+userColumns+` from users where id = $1`+s.engine.forUpdate(), r.UserID)
		switch {
		case errors.Is(err, sql.ErrNoRows):
			return errNoUser(r.UserID)
		case err != nil:
			return fmt.Errorf("read user: %w", err)
		case u.Origin != "":
			return problem.Clash("This account is itself one of the identity provider.")
		}
		n, err := one(ctx, t, scanInt, `select count(*) from external_people where user_id = $1`, r.UserID)
		if err != nil {
			return fmt.Errorf("look for a link: %w", err)
		}
		if n > 0 {
			return problem.Clash("This account is linked already. End that link first.")
		}
		if other, err = t.giveWay(ctx, r); err != nil {
			return err
		}
		return t.putExternal(ctx, r, name)
	})
	return other, err
}

// giveWay removes the account that a person has here, if it owns nothing.
func (t *tx) giveWay(ctx context.Context, r oidc.Record) (id string, err error) {
	scan := func(r row) (u identity.User, err error) { return u, r.Scan(&u.ID, &u.Username, &u.Origin) }
	other, err := one(ctx, t, scan, `select u.id, u.username, u.origin from external_people x join users u on u.id = x.user_id
		where x.issuer = $1 and x.subject = $2`, r.Issuer, r.Subject)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return "", nil
	case err != nil:
		return "", fmt.Errorf("look for the account of a person: %w", err)
	case other.Origin == "":
		return "", problem.Clash("Another account here is linked to the same person.")
	}
	n, err := one(ctx, t, scanInt, `select (select count(*) from uploads where main_author = $1) + (select count(*) from upload_members
		where member = $2 and role in ('`+roleCoauthor+`', '`+roleReviewer+`'))`, other.ID, other.ID)
	if err != nil {
		return "", fmt.Errorf("look for what an account owns: %w", err)
	}
	if n > 0 {
		return "", problem.Clash("That person has an account here already, %s, with a part in %d uploads. Hand them over to this account first.", other.Username, n)
	}
	return other.ID, t.deleteUser(ctx, other.ID)
}

func (s externalStore) UnlinkExternal(ctx context.Context, userID string) error {
	return s.write(ctx, func(t *tx) error {
		if _, err := t.ExecContext(ctx, `delete from external_people where user_id = $1`, userID); err != nil {
			return fmt.Errorf("delete link: %w", err)
		}
		return t.endCredentials(ctx, userID, "")
	})
}
