package identity

import (
	"crypto/sha256"
	"math"
	"strings"
	"sync"
	"time"

	"oasis/internal/problem"
)

// Rules against guessing (decisions 11).
const (
	failuresAllowed = 10
	failureWindow   = 15 * time.Minute
	maxBackOff      = 60 * time.Second
	maxThrottled    = 100_000
)

// throttle counts failed sign-ins per account and address. After ten in fifteen
// minutes every further try has to wait, at most a minute, so that nobody can be
// locked out of their account by others for longer.
type throttle struct {
	mu    sync.Mutex
	tries map[pair]*attempts
}

// pair is an account (its id, or the name that nobody has) and an address. It is
// a digest because names that somebody makes up may be long.
type pair [sha256.Size]byte

type attempts struct {
	failures []time.Time
	notUntil time.Time
}

func pairOf(account, address string) pair {
	return sha256.Sum256([]byte(strings.ToLower(account) + "\x00" + address))
}

// check refuses with a 429 while the pair has to wait.
func (t *throttle) check(account, address string, now time.Time) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	a := t.tries[pairOf(account, address)]
	if a == nil || !now.Before(a.notUntil) {
		return nil
	}
	wait := int(math.Ceil(a.notUntil.Sub(now).Seconds()))
	p := problem.New(problem.TooMany, "Too many tries. Next try in %d s.", wait)
	p.RetryAfter = wait
	return p
}

// failed counts a failure and sets the wait: 1, 2, 4 … 60 seconds.
func (t *throttle) failed(account, address string, now time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.tries) >= maxThrottled {
		t.forgetOld(now)
	}
	key := pairOf(account, address)
	a := t.tries[key]
	if a == nil {
		a = &attempts{}
		t.tries[key] = a
	}
	kept := a.failures[:0]
	for _, at := range a.failures {
		if now.Sub(at) < failureWindow {
			kept = append(kept, at)
		}
	}
	a.failures = append(kept, now)
	if over := len(a.failures) - failuresAllowed; over >= 0 {
		a.notUntil = now.Add(min(maxBackOff, time.Second<<min(over, 10)))
	}
}

// succeeded forgets the failures of the pair.
func (t *throttle) succeeded(account, address string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.tries, pairOf(account, address))
}

// forgetOld drops pairs whose last failure is out of the window; if that frees
// nothing, all are dropped rather than memory growing without bound.
func (t *throttle) forgetOld(now time.Time) {
	for key, a := range t.tries {
		if now.Sub(a.failures[len(a.failures)-1]) >= failureWindow {
			delete(t.tries, key)
		}
	}
	if len(t.tries) >= maxThrottled {
		clear(t.tries)
	}
}
