package sqlstore

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"oasis/internal/access/group"
	"oasis/internal/access/identity"
	"oasis/internal/problem"
)

// identityStore keeps users; sessions and keys are in sessions.go.
type identityStore struct{ *DB }

const userColumns = `id, username, email, first_name, last_name, affiliation, affiliation_address, created, admin, disabled, generation,
	lab_manager, origin, last_sign_in, last_seen, password_hash <> '', second_factor`

func scanUser(r row) (u identity.User, err error) {
	return u, r.Scan(&u.ID, &u.Username, &u.Email, &u.FirstName, &u.LastName, &u.Affiliation, &u.AffiliationAddress,
		stamp{&u.Created}, &u.Admin, &u.Disabled, &u.Generation,
		&u.LabManager, &u.Origin, stamp{&u.LastSignIn}, stamp{&u.LastSeen}, &u.HasPassword, &u.SecondFactor)
}

// errNoUser is the 404 of the users API (spec auth.md §7).
func errNoUser(id string) error { return problem.NotFound("User %s does not exist.", id) }

func (s identityStore) User(ctx context.Context, id string) (identity.User, error) {
	u, err := one(ctx, s.engine.reader(), scanUser, `select `+userColumns+` from users where id = $1`, id)
	if errors.Is(err, sql.ErrNoRows) {
		return u, errNoUser(id)
	}
	if err != nil {
		return u, err
	}
	refs, err := s.groupsOf(ctx, id)
	if len(refs) > 0 {
		u.Groups, u.GroupIDs = group.Names(refs)
	}
	return u, err
}

func (s identityStore) UserByLogin(ctx context.Context, login string) (identity.User, error) {
	key := strings.ToLower(login)
	// A user name has no @, so at most one user is found.
	u, err := one(ctx, s.engine.reader(), scanUser,
		`select `+userColumns+` from users where username_key = $1 or email_key = $2`, key, key)
	if errors.Is(err, sql.ErrNoRows) {
		return u, errNoUser(login)
	}
	return u, err
}

func (s identityStore) FindUsers(ctx context.Context, search identity.Search) ([]identity.User, error) {
	var found []identity.User
	seen := map[string]bool{}
	full := func() bool { return search.Limit > 0 && len(found) >= search.Limit }
	add := func(query string, args ...any) error {
		users, err := list(ctx, s.engine.reader(), scanUser, `select `+userColumns+` from users where `+query, args...)
		for _, u := range users {
			if !seen[u.ID] && !full() {
				seen[u.ID] = true
				found = append(found, u)
			}
		}
		return err
	}
	for _, c := range []struct {
		column string
		values []string
	}{{"id", search.IDs}, {"username_key", lower(search.Usernames)}, {"email_key", lower(search.Emails)}} {
		for _, value := range c.values { // one by one: the answer keeps their order
			if full() {
				return found, nil
			}
			if err := add(c.column+` = $1`, value); err != nil {
				return nil, err
			}
		}
	}
	if search.Prefix == "" || full() {
		return found, nil
	}
	limit := 1 << 30
	if search.Limit > 0 {
		limit = search.Limit + len(found) // those found already may come again
	}
	prefix := strings.ToLower(search.Prefix)
	end := prefix + "\U0010ffff" // sorts after everything that begins with prefix
	return found, add(`username_key >= $1 and username_key < $2 or first_key >= $3 and first_key < $4
		or last_key >= $5 and last_key < $6 or name_key >= $7 and name_key < $8
		order by username_key limit $9`, prefix, end, prefix, end, prefix, end, prefix, end, limit)
}

func lower(texts []string) []string {
	keys := make([]string, len(texts))
	for i, s := range texts {
		keys[i] = strings.ToLower(s)
	}
	return keys
}

func (s identityStore) ListUsers(ctx context.Context) ([]identity.User, error) {
	return list(ctx, s.engine.reader(), scanUser, `select `+userColumns+` from users order by username_key`)
}

func (s identityStore) InsertUser(ctx context.Context, user identity.User, passwordHash string) error {
	return s.write(ctx, func(t *tx) error { return t.insertUser(ctx, user, passwordHash) })
}

func (s identityStore) InsertFirstAdmin(ctx context.Context, user identity.User, passwordHash string) error {
	return s.write(ctx, func(t *tx) error {
		if err := t.lock(ctx, "first admin"); err != nil {
			return err
		}
		n, err := one(ctx, t, scanInt, countAdmins)
		if err != nil {
			return fmt.Errorf("look for an administrator: %w", err)
		}
		if n > 0 {
			return problem.Clash("This Oasis has an administrator already.")
		}
		return t.insertUser(ctx, user, passwordHash)
	})
}

const countAdmins = `select count(*) from users where admin`

func (s identityStore) HasAdmin(ctx context.Context) (bool, error) {
	n, err := one(ctx, s.engine.reader(), scanInt, countAdmins)
	return n > 0, err
}

func (t *tx) insertUser(ctx context.Context, u identity.User, passwordHash string) error {
	n, err := affected(t.ExecContext(ctx, `insert into users (id, username, username_key, email, email_key,
			first_name, first_key, last_name, last_key, name_key,
			affiliation, affiliation_address, created, admin, disabled, generation, password_hash,
			lab_manager, origin, last_sign_in, last_seen)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21) on conflict do nothing`,
		u.ID, u.Username, strings.ToLower(u.Username), u.Email, emailKey(&u),
		u.FirstName, strings.ToLower(u.FirstName), u.LastName, strings.ToLower(u.LastName), strings.ToLower(u.Name()),
		u.Affiliation, u.AffiliationAddress, micros(u.Created), u.Admin, u.Disabled, u.Generation, passwordHash,
		u.LabManager, u.Origin, micros(u.LastSignIn), micros(u.LastSeen)))
	if err != nil {
		return fmt.Errorf("insert user: %w", err)
	}
	if n == 0 {
		return t.userTaken(ctx, u)
	}
	return t.renamed(ctx, u.ID) // uploads may name somebody who comes back
}

// userTaken says what of an account exists already (spec auth.md §7).
func (t *tx) userTaken(ctx context.Context, u identity.User) error {
	taken := func(column, value string) bool {
		_, err := one(ctx, t, scanInt, `select 1 from users where `+column+` = $1 and id <> $2`, value, u.ID)
		return err == nil
	}
	switch {
	case taken("username_key", strings.ToLower(u.Username)):
		return problem.Clash("A user with the name %s already exists.", u.Username)
	case taken("email_key", emailKey(&u)):
		return problem.Clash("User with email %s already exists", u.Email)
	default:
		return problem.Clash("User %s with given id already exists", u.Email)
	}
}

func (s identityStore) UpdateUser(ctx context.Context, u identity.User, bump bool) error {
	return s.write(ctx, func(t *tx) error {
		old, err := one(ctx, t, scanUser, `select `+userColumns+` from users where id = $1`+s.engine.forUpdate(), u.ID)
		if errors.Is(err, sql.ErrNoRows) {
			return errNoUser(u.ID)
		}
		if err != nil {
			return fmt.Errorf("read user: %w", err)
		}
		_, err = one(ctx, t, scanInt, `select 1 from users where (username_key = $1 or email_key = $2) and id <> $3`,
			strings.ToLower(u.Username), emailKey(&u), u.ID)
		if err == nil {
			return t.userTaken(ctx, u)
		}
		_, err = t.ExecContext(ctx, `update users set username = $1, username_key = $2, email = $3, email_key = $4,
				first_name = $5, first_key = $6, last_name = $7, last_key = $8, name_key = $9,
				affiliation = $10, affiliation_address = $11, admin = $12, disabled = $13,
				lab_manager = $14, origin = $15 where id = $16`,
			u.Username, strings.ToLower(u.Username), u.Email, emailKey(&u),
			u.FirstName, strings.ToLower(u.FirstName), u.LastName, strings.ToLower(u.LastName), strings.ToLower(u.Name()),
			u.Affiliation, u.AffiliationAddress, u.Admin, u.Disabled, u.LabManager, u.Origin, u.ID)
		if s.engine.taken(err) {
			return problem.Clash("The user name or the e-mail address belongs to another account.").Because(err)
		}
		if err != nil {
			return fmt.Errorf("update user: %w", err)
		}
		if bump {
			if err := t.endCredentials(ctx, u.ID, ""); err != nil {
				return err
			}
		}
		if old.Name() != u.Name() {
			return t.renamed(ctx, u.ID)
		}
		return nil
	})
}

// endCredentials moves the generation of a user on and ends all links, half-done
// sign-ins and sessions but the one with the digest keep.
func (t *tx) endCredentials(ctx context.Context, userID, keep string) error {
	_, err := t.ExecContext(ctx, `update users set generation = generation + 1 where id = $1`, userID)
	_, ended := t.ExecContext(ctx, `delete from sessions where user_id = $1 and digest <> $2`, userID, keep)
	_, dropped := t.ExecContext(ctx, `delete from tickets where user_id = $1`, userID)
	if err := cmp.Or(err, ended, dropped); err != nil {
		return fmt.Errorf("end credentials: %w", err)
	}
	return nil
}

func (s identityStore) EndCredentials(ctx context.Context, userID, keep string) error {
	return s.write(ctx, func(t *tx) error { return t.endCredentials(ctx, userID, keep) })
}

// renamed puts the uploads that name a user into the search feed. It locks them
// before the revision, as everybody else does: in the other order it and a
// transaction on one of them could wait for each other.
func (t *tx) renamed(ctx context.Context, userID string) error {
	ids, err := list(ctx, t, scanText, `select id from uploads where main_author = $1
		or id in (select upload_id from upload_members where member = $2) order by id`+t.db.engine.forUpdate(), userID, userID)
	if err != nil {
		return fmt.Errorf("look for uploads of user: %w", err)
	}
	if len(ids) == 0 {
		return nil
	}
	return t.touch(ctx, ids)
}

func (s identityStore) DeleteUser(ctx context.Context, id string) error {
	return s.write(ctx, func(t *tx) error { return t.deleteUser(ctx, id) })
}

func (t *tx) deleteUser(ctx context.Context, id string) error {
	n, err := affected(t.ExecContext(ctx, `delete from users where id = $1`, id))
	if err != nil {
		return fmt.Errorf("delete user: %w", err)
	}
	if n == 0 {
		return errNoUser(id)
	}
	for _, table := range []string{"sessions", "pats", "totps", "recovery_codes", "passkeys", "tickets", "external_people"} {
		if _, err := t.ExecContext(ctx, `delete from `+table+` where user_id = $1`, id); err != nil {
			return fmt.Errorf("delete %s of user: %w", table, err)
		}
	}
	if err := t.deleteGrants(ctx, id); err != nil {
		return err
	}
	if err := t.leaveGroups(ctx, id); err != nil {
		return err
	}
	if err := t.endShares(ctx, kindUser, id); err != nil {
		return err
	}
	if _, err := t.ExecContext(ctx, `delete from standing_shares where owner = $1`, id); err != nil {
		return fmt.Errorf("end standing shares: %w", err)
	}
	return t.renamed(ctx, id)
}

func scanText(r row) (text string, err error) { return text, r.Scan(&text) }
