package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"oasis/internal/access/token"
)

func (s tokenStore) TouchPATs(ctx context.Context, uses map[string]token.Use) error {
	rows := make([][]any, 0, len(uses))
	for _, id := range slices.Sorted(maps.Keys(uses)) {
		from := ""
		if uses[id].From.IsValid() {
			from = uses[id].From.String()
		}
		rows = append(rows, []any{micros(uses[id].At), from, id})
	}
	return s.write(ctx, func(t *tx) error {
		return execEach(ctx, t.querier, `update pats set last_used_at = $1, last_used_from = $2 where id = $3`, rows)
	})
}

func (s tokenStore) PrunePATs(ctx context.Context, endedBefore time.Time) (int, error) {
	n, err := s.exec(ctx, `delete from pats where revoked_at <> 0 and revoked_at < $1 or expired_at <> 0 and expired_at < $2`,
		micros(endedBefore), micros(endedBefore))
	if err != nil || n == 0 {
		return int(n), err
	}
	_, err = s.exec(ctx, `delete from pat_usage where pat_id not in (select id from pats)`)
	return int(n), err
}

func (s tokenStore) AddUsage(ctx context.Context, usage []token.Used, forgetBefore time.Time) error {
	rows := make([][]any, 0, len(usage))
	for _, u := range usage {
		rows = append(rows, []any{u.PATID, string(u.Kind), u.Item, u.Times, micros(u.Last)})
	}
	return s.write(ctx, func(t *tx) error {
		if _, err := t.ExecContext(ctx, `delete from pat_usage where last < $1`, micros(forgetBefore)); err != nil {
			return fmt.Errorf("forget old uses: %w", err)
		}
		return execEach(ctx, t.querier, `insert into pat_usage (pat_id, kind, item, times, last) values ($1, $2, $3, $4, $5)
			on conflict (pat_id, kind, item) do update set times = pat_usage.times + excluded.times,
				last = case when excluded.last > pat_usage.last then excluded.last else pat_usage.last end`, rows)
	})
}

func (s tokenStore) Usage(ctx context.Context, patID string, since time.Time, limit int) ([]token.Used, error) {
	var all []token.Used
	for _, kind := range []token.UsedKind{token.UsedScope, token.UsedUpload, token.UsedAddress} {
		part, err := list(ctx, s.engine.reader(), func(r row) (u token.Used, err error) {
			return u, r.Scan(&u.PATID, &u.Kind, &u.Item, &u.Times, stamp{&u.Last})
		}, `select pat_id, kind, item, times, last from pat_usage where pat_id = $1 and kind = $2 and last >= $3
			order by last desc, item limit $4`, patID, string(kind), micros(since), limit)
		if err != nil {
			return nil, fmt.Errorf("read uses of a token: %w", err)
		}
		all = append(all, part...)
	}
	return all, nil
}

func (s tokenStore) LegacyTokensOff(ctx context.Context, userID string) (bool, error) {
	_, err := one(ctx, s.engine.reader(), scanInt, `select 1 from legacy_tokens_off where user_id = $1`, userID)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return err == nil, err
}

func (s tokenStore) SetLegacyTokensOff(ctx context.Context, userID string, off bool, at time.Time) error {
	statement, args := `delete from legacy_tokens_off where user_id = $1`, []any{userID}
	if off {
		statement, args = `insert into legacy_tokens_off (user_id, since) values ($1, $2) on conflict (user_id) do nothing`, []any{userID, micros(at)}
	}
	return s.write(ctx, func(t *tx) error {
		n, err := affected(t.ExecContext(ctx, statement, args...))
		t.unchanged = n == 0
		return err
	})
}
