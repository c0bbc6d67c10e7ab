package sqlstore

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// heartbeat is how often a quiet link is asked whether it still is one. An answer
// that takes as long again has been missed twice: the link is lost (decisions 12).
const heartbeat = 250 * time.Millisecond

// connectWithin bounds the making of a link, after which it is tried again.
const connectWithin = 5 * time.Second

// FollowAccess tells of each committed change of a user, their tokens or sessions,
// by whichever process: changed gets the user's id, or "" for everybody. link is
// told when such notices can be missed (an error) and when they arrive again (nil);
// it begins with an error. It returns when ctx ends. With SQLite there is no
// other process, and nothing is told. What OnInbox has set hears by the same link.
func (db *DB) FollowAccess(ctx context.Context, changed func(userID string), link func(lost error)) error {
	e, several := db.engine.(*postgresEngine)
	if !several {
		<-ctx.Done()
		return nil
	}
	lost := errors.New("not connected yet")
	for {
		link(lost)
		lost = e.listen(ctx, changed, func(userID string) { db.tellInbox(userID) }, link)
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(heartbeat):
		}
	}
}

// listen makes one link and follows it until it is lost, and then tells why.
func (e *postgresEngine) listen(ctx context.Context, changed, inbox func(userID string), link func(lost error)) error {
	conn, err := bounded(ctx, connectWithin, func(ctx context.Context) (*pgx.Conn, error) { return pgx.ConnectConfig(ctx, e.config.Copy()) })
	if err != nil {
		return fmt.Errorf("connect to hear of changes: %w", err)
	}
	defer func() { // what is lost may not answer
		_, _ = bounded(context.WithoutCancel(ctx), heartbeat, func(ctx context.Context) (none struct{}, err error) { return none, conn.Close(ctx) })
	}()
	_, err = bounded(ctx, connectWithin, func(ctx context.Context) (pgconn.CommandTag, error) {
		return conn.Exec(ctx, "listen oasis_access; listen oasis_inbox")
	})
	if err != nil {
		return fmt.Errorf("listen for changes: %w", err)
	}
	link(nil)
	inbox("") // what others did while nobody listened
	for {
		notice, err := bounded(ctx, heartbeat, conn.WaitForNotification)
		switch {
		case err == nil && notice.Channel == "oasis_inbox":
			inbox(notice.Payload)
		case err == nil && notice.Payload == "*":
			changed("")
		case err == nil:
			changed(notice.Payload)
		case ctx.Err() != nil || !pgconn.Timeout(err):
			return fmt.Errorf("hear of changes: %w", err)
		default:
			if _, err := bounded(ctx, heartbeat, func(ctx context.Context) (none struct{}, err error) { return none, conn.Ping(ctx) }); err != nil {
				return fmt.Errorf("the database does not answer the heartbeat: %w", err)
			}
		}
	}
}

func bounded[T any](ctx context.Context, within time.Duration, do func(context.Context) (T, error)) (T, error) {
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	return do(ctx)
}
