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

// The channels on which processes tell each other.
const (
	accessChannel   = "oasis_access"
	inboxChannel    = "oasis_inbox"
	settingsChannel = "oasis_settings"
)

// Listener hears what processes tell each other.
type Listener struct {
	// Access is told of each committed change of a user, their tokens or sessions, by
	// whichever process: it gets the user's id, or "" for everybody.
	Access func(userID string)
	// Settings is told when the settings were changed on a page of any server; nil = not told.
	Settings func()
	// Link is told when notices can be missed (an error) and when they arrive again
	// (nil); it begins with an error.
	Link func(lost error)
	// inbox is what OnInbox has set.
	inbox func(userID string)
}

// Follow lets a Listener hear until ctx ends; what OnInbox has set hears by the same
// link. With SQLite there is no other process, and nothing is told.
func (db *DB) Follow(ctx context.Context, l Listener) error {
	e, several := db.engine.(*postgresEngine)
	if !several {
		<-ctx.Done()
		return nil
	}
	if l.Settings == nil {
		l.Settings = func() {}
	}
	l.inbox = func(userID string) { db.tellInbox(userID) }
	lost := errors.New("not connected yet")
	for {
		l.Link(lost)
		lost = e.listen(ctx, l)
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(heartbeat):
		}
	}
}

// listen makes one link and follows it until it is lost, and then tells why.
func (e *postgresEngine) listen(ctx context.Context, l Listener) error {
	config := e.config.Copy()
	config.RuntimeParams["application_name"] = "oasis listens" // for whoever looks at the connections of the database
	conn, err := bounded(ctx, connectWithin, func(ctx context.Context) (*pgx.Conn, error) { return pgx.ConnectConfig(ctx, config) })
	if err != nil {
		return fmt.Errorf("connect to hear of changes: %w", err)
	}
	defer func() { // what is lost may not answer
		_, _ = bounded(context.WithoutCancel(ctx), heartbeat, func(ctx context.Context) (none struct{}, err error) { return none, conn.Close(ctx) })
	}()
	_, err = bounded(ctx, connectWithin, func(ctx context.Context) (pgconn.CommandTag, error) {
		return conn.Exec(ctx, "listen "+accessChannel+"; listen "+inboxChannel+"; listen "+settingsChannel)
	})
	if err != nil {
		return fmt.Errorf("listen for changes: %w", err)
	}
	l.Link(nil)
	l.inbox("") // what others did while nobody listened
	l.Settings()
	for {
		notice, err := bounded(ctx, heartbeat, conn.WaitForNotification)
		switch {
		case err == nil:
			l.hear(notice)
		case ctx.Err() != nil || !pgconn.Timeout(err):
			return fmt.Errorf("hear of changes: %w", err)
		default:
			if _, err := bounded(ctx, heartbeat, func(ctx context.Context) (none struct{}, err error) { return none, conn.Ping(ctx) }); err != nil {
				return fmt.Errorf("the database does not answer the heartbeat: %w", err)
			}
		}
	}
}

func (l *Listener) hear(notice *pgconn.Notification) {
	switch {
	case notice.Channel == inboxChannel:
		l.inbox(notice.Payload)
	case notice.Channel == settingsChannel:
		l.Settings()
	case notice.Payload == "*":
		l.Access("")
	default:
		l.Access(notice.Payload)
	}
}

// TellSettings lets the other servers read the settings file again.
func (db *DB) TellSettings(ctx context.Context) error {
	if _, several := db.engine.(*postgresEngine); !several {
		return nil
	}
	if _, err := db.engine.reader().ExecContext(ctx, "notify "+settingsChannel); err != nil {
		return fmt.Errorf("tell other servers of new settings: %w", err)
	}
	return nil
}

func bounded[T any](ctx context.Context, within time.Duration, do func(context.Context) (T, error)) (T, error) {
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	return do(ctx)
}
