package audit

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Store keeps the record.
type Store interface {
	// AppendAudit adds rows in one transaction. Rows with the same fold key as one that is
	// there add their count to it; an empty key never folds.
	AppendAudit(ctx context.Context, rows []Folded) error
	// ListAudit gives the rows that a filter selects, newest first, at most limit.
	ListAudit(ctx context.Context, f Filter, limit int) ([]Event, error)
	// PruneAudit deletes rows older than the time and tells how many.
	PruneAudit(ctx context.Context, before time.Time) (int, error)
}

// Folded is an event with the key under which it is counted, "" = alone.
type Folded struct {
	Event
	Fold string
}

// maxFolds bounds the different rows that come together within a minute: what is
// beyond is counted in one row, so that a flood of refusals fills neither memory
// nor the database.
const maxFolds = 5000

// Log is the Recorder of a server: it folds what happens again and again, and
// writes it when Flush is called.
type Log struct {
	store Store
	now   func() time.Time
	most  int

	mu      sync.Mutex
	pending map[string]*Folded
	// minute is the one that seen counts the keys of.
	minute int64
	seen   map[string]struct{}

	dropped atomic.Int64
	// signIns that succeeded and failed.
	signedIn, notSignedIn atomic.Int64
}

// NewLog makes a Log over a store.
func NewLog(store Store, now func() time.Time) *Log {
	return &Log{store: store, now: now, most: maxFolds, pending: map[string]*Folded{}, seen: map[string]struct{}{}}
}

// overflow is the Operation of the row that counts what had no room.
const overflow = "audit.overflow"

// textOverflow explains such a row.
const textOverflow = "So many different things were refused in this minute that these are only counted."

// Record remembers the event for the next Flush.
func (l *Log) Record(ctx context.Context, e Event) {
	e = e.completed(ctx)
	if e.Time.IsZero() {
		e.Time = l.now().UTC()
	}
	l.Saw(e)
	minute := e.Time.Unix() / 60
	key := foldKey(&e, minute)
	l.mu.Lock()
	defer l.mu.Unlock()
	if row, ok := l.pending[key]; ok {
		row.Count += e.Count
		return
	}
	if minute != l.minute {
		l.minute = minute
		clear(l.seen)
	}
	if _, known := l.seen[key]; !known && len(l.seen) >= l.most || len(l.pending) >= 2*l.most {
		l.dropped.Add(int64(e.Count))
		l.overflow(e, minute)
		return
	}
	l.seen[key] = struct{}{}
	l.pending[key] = &Folded{Event: e, Fold: key}
}

// Saw counts an event that went into the database with a change, for SignIns.
func (l *Log) Saw(e Event) {
	switch {
	case e.Operation != SignIn:
	case e.Outcome == Allowed:
		l.signedIn.Add(int64(e.Count))
	default:
		l.notSignedIn.Add(int64(e.Count))
	}
}

// SignIns tells how many sign-ins succeeded and failed since the start.
func (l *Log) SignIns() (succeeded, failed int64) { return l.signedIn.Load(), l.notSignedIn.Load() }

// overflow counts an event that has no row of its own.
func (l *Log) overflow(e Event, minute int64) {
	key := overflow + "|" + strconv.FormatInt(minute, 10)
	if row, ok := l.pending[key]; ok {
		row.Count += e.Count
		return
	}
	l.pending[key] = &Folded{Fold: key, Event: Event{
		Time: e.Time, Operation: overflow, Outcome: Denied, Detail: textOverflow, Count: e.Count,
	}}
}

// foldKey tells which events are one row: same credential or else address, same
// operation and end, same minute. What was done counts each object; what was
// refused does not, or guessing ids would write a row for each guess.
func foldKey(e *Event, minute int64) string {
	who := e.CredentialID
	if who == "" {
		who = neighbourhood(e.Address)
	}
	object := ""
	if e.Outcome == Allowed {
		object = e.Object
	}
	sum := sha256.Sum256([]byte(strings.Join([]string{
		e.Actor, e.CredentialKind, who, e.Operation, string(e.Outcome), strconv.Itoa(e.Status), e.Step, object,
		strconv.FormatInt(minute, 10),
	}, "|")))
	return hex.EncodeToString(sum[:16])
}

// neighbourhood is the network that one subscriber has: of an IPv6 address the
// first half, because the rest is the subscriber's to choose.
func neighbourhood(address string) string {
	a, err := netip.ParseAddr(address)
	if err != nil || a.Is4() || a.Is4In6() {
		return address
	}
	p, err := a.WithZone("").Prefix(64)
	if err != nil {
		return address
	}
	return p.String()
}

// Flush writes what has come together; what cannot be written is kept for the next
// time, as far as there is room.
func (l *Log) Flush(ctx context.Context) error {
	l.mu.Lock()
	pending := l.pending
	l.pending = map[string]*Folded{}
	l.mu.Unlock()
	if len(pending) == 0 {
		return nil
	}
	rows := make([]Folded, 0, len(pending))
	for _, row := range pending {
		rows = append(rows, *row)
	}
	sortRows(rows)
	err := l.store.AppendAudit(ctx, rows)
	if err == nil {
		return nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for key, row := range pending {
		if since, ok := l.pending[key]; ok {
			row.Count += since.Count
		}
		l.pending[key] = row
	}
	return fmt.Errorf("write the audit log: %w", err)
}

// Dropped tells how many events had no row of their own since the start.
func (l *Log) Dropped() int64 { return l.dropped.Load() }

// Waiting tells how many rows wait for the next Flush.
func (l *Log) Waiting() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.pending)
}

// Prune deletes rows older than keep; 0 keeps everything.
func (l *Log) Prune(ctx context.Context, keep time.Duration) error {
	if keep <= 0 {
		return nil
	}
	if _, err := l.store.PruneAudit(ctx, l.now().Add(-keep)); err != nil {
		return fmt.Errorf("prune the audit log: %w", err)
	}
	return nil
}
