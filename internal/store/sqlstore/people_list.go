package sqlstore

import (
	"context"
	"strings"

	"oasis/internal/access/identity"
)

func (s identityStore) ListAccounts(ctx context.Context, filter identity.AccountFilter) ([]identity.User, int, error) {
	var where statement
	where.add(` where 1 = 1`)
	if filter.Search != "" {
		like := contains(strings.ToLower(filter.Search))
		where.add(` and (username_key like ? escape '!' or email_key like ? escape '!' or name_key like ? escape '!')`, like, like, like)
	}
	const invited = `(origin = '' and password_hash = '' and last_sign_in = 0)`
	switch filter.State {
	case identity.StateActive:
		where.add(` and not disabled and not ` + invited)
	case identity.StateDisabled:
		where.add(` and disabled`)
	case identity.StateInvited:
		where.add(` and not disabled and ` + invited)
	case identity.StateAdmin:
		where.add(` and admin`)
	}
	var users []identity.User
	var total int64
	err := s.engine.snapshot(ctx, func(q querier) (err error) {
		if total, err = one(ctx, q, scanInt, `select count(*) from users`+where.String(), where.args...); err != nil {
			return err
		}
		page := statement{args: where.args}
		page.WriteString(`select ` + userColumns + ` from users` + where.String())
		page.add(` order by username_key limit ? offset ?`, filter.Limit, filter.Offset)
		users, err = list(ctx, q, scanUser, page.String(), page.args...)
		return err
	})
	return users, int(total), err
}
