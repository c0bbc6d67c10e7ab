package access

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"time"

	"oasis/internal/access/token"
)

// recordUse remembers the use for the next Flush.
func (a *Authenticator) recordUse(c *cached, address netip.Addr) {
	now := a.now()
	if c.digest != "" {
		c.lastSeen.Store(now.UnixNano())
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if c.digest != "" {
		a.lastSeen[c.digest] = now
	} else if c.caller.Kind == PersonalToken {
		a.used[c.caller.CredentialID] = token.Use{At: now, From: address}
	}
}

// Flush writes the times of last use that have come together. The server calls
// it every few seconds and before it stops; what cannot be written is kept.
func (a *Authenticator) Flush(ctx context.Context) error {
	a.mu.Lock()
	used, seen := a.used, a.lastSeen
	a.used, a.lastSeen = map[string]token.Use{}, map[string]time.Time{}
	a.mu.Unlock()
	var errs []error
	if len(used) > 0 {
		if err := a.tokens.TouchPATs(ctx, used); err != nil {
			errs = append(errs, fmt.Errorf("note uses of tokens: %w", err))
			a.mu.Lock()
			putBack(a.used, used)
			a.mu.Unlock()
		}
	}
	if len(seen) > 0 {
		if err := a.users.TouchSessions(ctx, seen); err != nil {
			errs = append(errs, fmt.Errorf("note uses of sessions: %w", err))
			a.mu.Lock()
			putBack(a.lastSeen, seen)
			a.mu.Unlock()
		}
	}
	return errors.Join(errs...)
}

// putBack adds what could not be written to what has come together since; newer uses win.
func putBack[T any](since, unwritten map[string]T) {
	for id, use := range unwritten {
		if _, newer := since[id]; !newer {
			since[id] = use
		}
	}
}
