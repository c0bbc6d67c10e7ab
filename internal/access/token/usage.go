package token

import (
	"context"
	"fmt"
	"sync"
	"time"

	"oasis/internal/access/scope"
)

// UsageDays is how many days of use are remembered.
const UsageDays = 30

// UsageWindow is the same as a duration.
const UsageWindow = UsageDays * day

// UsedKind is what a use is of.
type UsedKind string

// The kinds.
const (
	UsedScope   UsedKind = "scope"
	UsedUpload  UsedKind = "upload"
	UsedAddress UsedKind = "address"
)

// Used is one thing that a token was used for.
type Used struct {
	PATID string
	Kind  UsedKind
	// Item is the name of the scope, the id of the upload, or the address.
	Item string
	// Times counts the uses since the token came to know the item, or within a batch.
	Times int64
	Last  time.Time
}

// mostUsed bounds what one token adds between two flushes.
const mostUsed = 200

// UsageStore is what UsageLog writes to.
type UsageStore interface {
	AddUsage(ctx context.Context, usage []Used, forgetBefore time.Time) error
}

// UsageLog remembers what tokens are used for until Flush writes it: requests
// never wait for a database. It is safe for concurrent use.
type UsageLog struct {
	store UsageStore
	now   func() time.Time

	mu     sync.Mutex
	tokens map[string]*tokenUse
}

// tokenUse is the use of one token since the last flush.
type tokenUse struct {
	scopes    [64]int64 // by bit
	uploads   map[string]int64
	addresses map[string]int64
	last      time.Time
}

// NewUsageLog makes a log over a store.
func NewUsageLog(store UsageStore, now func() time.Time) *UsageLog {
	return &UsageLog{store: store, now: now, tokens: map[string]*tokenUse{}}
}

// Note remembers one use: the scopes that the operation needed, the upload it was
// about ("" = none), and the address it came from.
func (l *UsageLog) Note(patID string, needed scope.Set, uploadID, address string) {
	now := l.now()
	l.mu.Lock()
	defer l.mu.Unlock()
	u := l.tokens[patID]
	if u == nil {
		u = &tokenUse{uploads: map[string]int64{}, addresses: map[string]int64{}}
		l.tokens[patID] = u
	}
	u.last = now
	needed.Each(func(s scope.Scope) { u.scopes[s]++ })
	count(u.uploads, uploadID)
	count(u.addresses, address)
}

func count(m map[string]int64, item string) {
	if item == "" {
		return
	}
	if n, known := m[item]; known || len(m) < mostUsed {
		m[item] = n + 1
	}
}

// Flush writes what has come together; what cannot be written is kept.
func (l *UsageLog) Flush(ctx context.Context) error {
	l.mu.Lock()
	tokens := l.tokens
	l.tokens = map[string]*tokenUse{}
	l.mu.Unlock()
	if len(tokens) == 0 {
		return nil
	}
	var all []Used
	for id, u := range tokens {
		all = u.appendTo(all, id)
	}
	if err := l.store.AddUsage(ctx, all, l.now().UTC().Add(-UsageWindow)); err != nil {
		l.putBack(tokens)
		return fmt.Errorf("note what tokens were used for: %w", err)
	}
	return nil
}

func (u *tokenUse) appendTo(all []Used, id string) []Used {
	add := func(kind UsedKind, item string, times int64) {
		all = append(all, Used{PATID: id, Kind: kind, Item: item, Times: times, Last: u.last.UTC()})
	}
	for _, info := range scope.All() {
		if n := u.scopes[info.Scope]; n > 0 {
			add(UsedScope, info.Name, n)
		}
	}
	for item, n := range u.uploads {
		add(UsedUpload, item, n)
	}
	for item, n := range u.addresses {
		add(UsedAddress, item, n)
	}
	return all
}

// putBack adds what could not be written to what has come together since.
func (l *UsageLog) putBack(tokens map[string]*tokenUse) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for id, old := range tokens {
		since := l.tokens[id]
		if since == nil {
			l.tokens[id] = old
			continue
		}
		for s, n := range old.scopes {
			since.scopes[s] += n
		}
		for item, n := range old.uploads {
			since.uploads[item] += n
		}
		for item, n := range old.addresses {
			since.addresses[item] += n
		}
	}
}
