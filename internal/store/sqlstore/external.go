package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"oasis/internal/access/identity"
	"oasis/internal/access/identity/oidc"
	"oasis/internal/problem"
)

// externalStore keeps the people of an external identity provider.
type externalStore struct{ identityStore }

// External gives the store of people of an external identity provider.
func (db *DB) External() oidc.Store { return externalStore{identityStore{db}} }

// externalRow is a record with what only the store needs.
type externalRow struct {
	oidc.Record
	name string
}

const selectExternal = `select user_id, issuer, subject, name, state, checked from external_people where user_id = $1`

func scanExternal(r row) (x externalRow, err error) {
	return x, r.Scan(&x.UserID, &x.Issuer, &x.Subject, &x.name, &x.State, stamp{&x.Checked})
}

func (s externalStore) External(ctx context.Context, userID string) (oidc.Record, error) {
	x, err := one(ctx, s.engine.reader(), scanExternal, selectExternal, userID)
	if errors.Is(err, sql.ErrNoRows) {
		return oidc.Record{}, errNoUser(userID)
	}
	return x.Record, err
}

func (s externalStore) SaveExternal(ctx context.Context, r oidc.Record, p oidc.Person, admin bool) (saved oidc.Saved, err error) {
	err = s.write(ctx, func(t *tx) error {
		saved = oidc.Saved{}
		if err := t.lock(ctx, "external "+r.UserID); err != nil {
			return err
		}
		was, err := one(ctx, t, scanExternal, selectExternal, r.UserID)
		known := err == nil
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return fmt.Errorf("read record: %w", err)
		}
		old, err := one(ctx, t, scanUser, `select `+userColumns+` from users where id = $1`+s.engine.forUpdate(), r.UserID)
		exists := err == nil
		switch {
		case err != nil && !errors.Is(err, sql.ErrNoRows):
			return fmt.Errorf("read user: %w", err)
		case exists && !known || known && was.Subject != r.Subject:
			return problem.Clash("User %s with given id already exists", r.UserID)
		}
		if exists && old.Origin == "" { // linked: the account is not the provider's
			saved.User, saved.Linked, saved.Changed = old, true, was.State != r.State
			if saved.Changed && r.State != oidc.Active {
				if err := t.endCredentials(ctx, old.ID, ""); err != nil {
					return err
				}
			}
			return t.putExternal(ctx, r, p.Username)
		}
		u, err := t.merge(ctx, old, exists, &was, r, p, &saved)
		if err != nil {
			return err
		}
		u.Admin = u.Admin || admin
		saved.User = u
		if err := t.putExternal(ctx, r, p.Username); err != nil {
			return err
		}
		switch {
		case !exists:
			saved.Created = true
			return t.insertUser(ctx, u, "")
		case changed(&old, &u):
			saved.Changed = true
			return t.updateExternal(ctx, &old, &u)
		}
		return nil
	})
	return saved, err
}

// merge makes the account of what was and what the provider says. Names and
// addresses of other accounts are never taken.
func (t *tx) merge(ctx context.Context, old identity.User, exists bool, was *externalRow, r oidc.Record, p oidc.Person, saved *oidc.Saved) (identity.User, error) {
	u := old
	u.ID, u.Origin = r.UserID, r.Issuer
	u.FirstName, u.LastName, u.Affiliation, u.AffiliationAddress = p.FirstName, p.LastName, p.Affiliation, p.AffiliationAddress
	if !p.Created.IsZero() {
		u.Created = p.Created.UTC()
	}
	if !exists && u.Created.IsZero() {
		u.Created = r.Checked.UTC()
	}
	switch { // what an administrator here has switched off stays off
	case r.State != oidc.Active:
		u.Disabled = true
	case exists && was.State != oidc.Active:
		u.Disabled = false
	}
	if !exists || was.name != p.Username {
		name := oidc.Username(p.Username)
		free, err := t.freeName(ctx, u.ID, name)
		if err != nil {
			return u, err
		}
		u.Username, saved.NameTaken = free, free != name
	}
	if u.Email = p.Email; u.Email != "" {
		_, err := one(ctx, t, scanInt, `select 1 from users where email_key = $1 and id <> $2`, emailKey(&u), u.ID)
		if err == nil {
			u.Email, saved.EmailTaken = "", true
		} else if !errors.Is(err, sql.ErrNoRows) {
			return u, fmt.Errorf("look for e-mail address: %w", err)
		}
	}
	return u, nil
}

// freeName gives the name, with a number behind it if another account has it.
func (t *tx) freeName(ctx context.Context, id, name string) (string, error) {
	for n := 0; ; n++ {
		candidate := name
		if n > 0 {
			number := strconv.Itoa(n)
			candidate = name[:min(len(name), oidc.MaxUsername-len(number))] + number
		}
		_, err := one(ctx, t, scanInt, `select 1 from users where username_key = $1 and id <> $2`, strings.ToLower(candidate), id)
		if errors.Is(err, sql.ErrNoRows) {
			return candidate, nil
		}
		if err != nil {
			return "", fmt.Errorf("look for user name: %w", err)
		}
	}
}

func changed(a, b *identity.User) bool {
	return a.Username != b.Username || a.Email != b.Email || a.FirstName != b.FirstName || a.LastName != b.LastName ||
		a.Affiliation != b.Affiliation || a.AffiliationAddress != b.AffiliationAddress || a.Origin != b.Origin ||
		a.Disabled != b.Disabled || a.Admin != b.Admin
}

func (t *tx) updateExternal(ctx context.Context, old, u *identity.User) error {
	_, err := t.ExecContext(ctx, `update users set username = $1, username_key = $2, email = $3, email_key = $4,
			first_name = $5, first_key = $6, last_name = $7, last_key = $8, name_key = $9,
			affiliation = $10, affiliation_address = $11, admin = $12, disabled = $13, origin = $14 where id = $15`,
		u.Username, strings.ToLower(u.Username), u.Email, emailKey(u),
		u.FirstName, strings.ToLower(u.FirstName), u.LastName, strings.ToLower(u.LastName), strings.ToLower(u.Name()),
		u.Affiliation, u.AffiliationAddress, u.Admin, u.Disabled, u.Origin, u.ID)
	if err != nil {
		return fmt.Errorf("update user: %w", err)
	}
	if u.Disabled && !old.Disabled {
		if err := t.endCredentials(ctx, u.ID, ""); err != nil {
			return err
		}
	}
	if old.Name() != u.Name() {
		return t.renamed(ctx, u.ID)
	}
	return nil
}

func (t *tx) putExternal(ctx context.Context, r oidc.Record, name string) error {
	_, err := t.ExecContext(ctx, `insert into external_people (user_id, issuer, subject, name, state, checked) values ($1, $2, $3, $4, $5, $6)
		on conflict (user_id) do update set issuer = excluded.issuer, name = excluded.name, state = excluded.state, checked = excluded.checked`,
		r.UserID, r.Issuer, r.Subject, name, string(r.State), micros(r.Checked))
	if err != nil {
		return fmt.Errorf("store record: %w", err)
	}
	return nil
}

func (s externalStore) EndExternal(ctx context.Context, r oidc.Record) error {
	return s.write(ctx, func(t *tx) error {
		_, err := t.ExecContext(ctx, `update external_people set state = $1, checked = $2 where user_id = $3`,
			string(r.State), micros(r.Checked), r.UserID)
		if err != nil {
			return fmt.Errorf("store record: %w", err)
		}
		if _, err := t.ExecContext(ctx, `update users set disabled = $1 where id = $2 and origin <> ''`, true, r.UserID); err != nil {
			return fmt.Errorf("disable user: %w", err)
		}
		return t.endCredentials(ctx, r.UserID, "")
	})
}

// emailKey is how an address is looked up. Somebody without one has a key that
// no address can be: those have something before the @.
func emailKey(u *identity.User) string {
	if u.Email == "" {
		return "@" + u.ID
	}
	return strings.ToLower(u.Email)
}
