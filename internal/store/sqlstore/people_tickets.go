package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"oasis/internal/access/identity"
	"oasis/internal/problem"
)

const ticketColumns = `digest, user_id, purpose, data, created, expires`

func scanTicket(r row) (x identity.Ticket, err error) {
	return x, r.Scan(&x.Digest, &x.UserID, &x.Purpose, &x.Data, stamp{&x.Created}, stamp{&x.Expires})
}

func (s identityStore) PutTicket(ctx context.Context, x identity.Ticket) error {
	return s.write(ctx, func(t *tx) error { return t.putTicket(ctx, x) })
}

func (t *tx) putTicket(ctx context.Context, x identity.Ticket) error {
	if x.Data == nil {
		x.Data = []byte{}
	}
	_, err := t.ExecContext(ctx, `insert into tickets (`+ticketColumns+`) values ($1, $2, $3, $4, $5, $6)
		on conflict (digest) do update set user_id = excluded.user_id, purpose = excluded.purpose, data = excluded.data,
			created = excluded.created, expires = excluded.expires`,
		x.Digest, x.UserID, string(x.Purpose), x.Data, micros(x.Created), micros(x.Expires))
	if err != nil {
		return fmt.Errorf("store ticket: %w", err)
	}
	return nil
}

func (s identityStore) ReplaceTickets(ctx context.Context, x identity.Ticket) error {
	return s.write(ctx, func(t *tx) error {
		if _, err := t.ExecContext(ctx, `delete from tickets where user_id = $1 and purpose = $2`, x.UserID, string(x.Purpose)); err != nil {
			return fmt.Errorf("delete old tickets: %w", err)
		}
		return t.putTicket(ctx, x)
	})
}

func (s identityStore) Ticket(ctx context.Context, digest string) (identity.Ticket, error) {
	x, err := one(ctx, s.engine.reader(), scanTicket, `select `+ticketColumns+` from tickets where digest = $1`, digest)
	if errors.Is(err, sql.ErrNoRows) {
		return x, errNoTicket()
	}
	return x, err
}

func errNoTicket() error { return problem.NotFound("This was used or is too old.") }

func (s identityStore) TakeTicket(ctx context.Context, digest string) (x identity.Ticket, err error) {
	err = s.write(ctx, func(t *tx) error {
		x, err = one(ctx, t, scanTicket, `delete from tickets where digest = $1 returning `+ticketColumns, digest)
		if errors.Is(err, sql.ErrNoRows) {
			return errNoTicket()
		}
		return err
	})
	return x, err
}

func (s identityStore) DeleteTicketsBefore(ctx context.Context, before time.Time) error {
	_, err := s.exec(ctx, `delete from tickets where expires < $1`, micros(before))
	return err
}
