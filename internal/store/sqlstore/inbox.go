package sqlstore

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"oasis/internal/data/inbox"
)

// inboxStore keeps what users are told.
type inboxStore struct{ *DB }

// Inbox gives the store of what users are told.
func (db *DB) Inbox() inbox.Store { return inboxStore{db} }

// OnInbox sets what is called after each commit that changed what a user is told, with
// the user's id, and with "" when such commits of other processes may have been missed;
// it must not block.
func (db *DB) OnInbox(changed func(userID string)) { db.onInbox.Store(&changed) }

// tellInbox calls what OnInbox has set.
func (db *DB) tellInbox(userIDs ...string) {
	tell := db.onInbox.Load()
	if tell == nil {
		return
	}
	slices.Sort(userIDs)
	for _, id := range slices.Compact(userIDs) {
		(*tell)(id)
	}
}

const inboxColumns = `id, user_id, source, type, actor, created, expires, read_at, data`

func scanItem(r row) (i inbox.Item, err error) {
	var source, typ, data string
	err = r.Scan(&i.ID, &i.UserID, &source, &typ, &i.Actor, stamp{&i.Created}, stamp{&i.Expires}, stamp{&i.Read}, &data)
	if err != nil {
		return i, err
	}
	i.Source, i.Type = inbox.Source(source), inbox.Type(typ)
	return i, json.Unmarshal([]byte(data), &i.Data)
}

// post tells a user something; an item of the same id is replaced, also when it was another's.
func (t *tx) post(ctx context.Context, i inbox.Item) error {
	if err := t.withdraw(ctx, i.ID); err != nil {
		return err
	}
	data, err := encode(i.Data)
	if err != nil {
		return fmt.Errorf("notification: %w", err)
	}
	_, err = t.ExecContext(ctx, `insert into inbox (`+inboxColumns+`) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		i.ID, i.UserID, string(i.Source), string(i.Type), i.Actor, micros(i.Created), micros(i.Expires), micros(i.Read), data)
	if err != nil {
		return fmt.Errorf("post notification: %w", err)
	}
	t.told = append(t.told, i.UserID)
	return nil
}

// withdraw takes items back, whoever has them.
func (t *tx) withdraw(ctx context.Context, ids ...string) error {
	users, err := list(ctx, t, scanText, `delete from inbox where id`+t.db.engine.in("$1")+` returning user_id`, array(ids))
	if err != nil {
		return fmt.Errorf("withdraw notifications: %w", err)
	}
	t.told = append(t.told, users...)
	return nil
}

func (s inboxStore) Items(ctx context.Context, userID string, source inbox.Source, at time.Time, limit int) ([]inbox.Item, error) {
	return list(ctx, s.engine.reader(), scanItem, `select `+inboxColumns+` from inbox
		where user_id = $1 and expires > $2 and ($3 = 'all' or source = $3) order by created desc, id desc limit $4`,
		userID, micros(at), string(source), limit)
}

func (s inboxStore) MarkRead(ctx context.Context, userID, id string, at time.Time) error {
	return s.write(ctx, func(t *tx) error {
		known, err := one(ctx, t, scanInt, `select count(*) from inbox where user_id = $1 and ($2 = '' or id = $2)`, userID, id)
		if err != nil {
			return err
		}
		if known == 0 && id != "" {
			return inbox.NotFound()
		}
		other := ` and read_at = 0` // those that change
		if at.IsZero() {
			other = ` and read_at <> 0`
		}
		n, err := affected(t.ExecContext(ctx, `update inbox set read_at = $3 where user_id = $1 and ($2 = '' or id = $2)`+other,
			userID, id, micros(at)))
		if err != nil {
			return fmt.Errorf("mark notifications: %w", err)
		}
		if n > 0 {
			t.told = append(t.told, userID)
		}
		return nil
	})
}

func (s inboxStore) DeleteItem(ctx context.Context, userID, id string) error {
	return s.write(ctx, func(t *tx) error {
		n, err := affected(t.ExecContext(ctx, `delete from inbox where user_id = $1 and id = $2`, userID, id))
		if err != nil {
			return fmt.Errorf("delete notification: %w", err)
		}
		if n == 0 {
			return inbox.NotFound()
		}
		t.told = append(t.told, userID)
		return nil
	})
}

func (s inboxStore) PruneItems(ctx context.Context, at time.Time, keep int) error {
	return s.write(ctx, func(t *tx) error {
		expired, err := list(ctx, t, scanText, `delete from inbox where expires <= $1 returning user_id`, micros(at))
		if err != nil {
			return fmt.Errorf("delete expired notifications: %w", err)
		}
		old, err := list(ctx, t, scanText, `delete from inbox where id in (
			select id from (select id, row_number() over (partition by user_id order by created desc, id desc) as place from inbox) as placed
			where place > $1) returning user_id`, keep)
		if err != nil {
			return fmt.Errorf("delete old notifications: %w", err)
		}
		t.told = append(t.told, slices.Concat(expired, old)...)
		return nil
	})
}
