package identity

import (
	"crypto/sha256"
	"math"
	"net/netip"
	"strings"
	"sync"
	"time"

	"oasis/internal/problem"
)

// Rules against guessing (decisions 11).
const (
	failureWindow = 15 * time.Minute
	maxBackOff    = 60 * time.Second
	maxThrottled  = 100_000
	// knownFor is how long an address from which somebody has signed in is theirs.
	knownFor = 30 * 24 * time.Hour
)

// limits are how many failures are free within the window; 0 = any number.
type limits struct {
	// pair is for one account from one address.
	pair int
	// account is for one account from all addresses: guesses from many machines.
	account int
	// address is for all accounts from one address: one guess for each of many accounts.
	address int
}

func passwordLimits() limits { return limits{pair: 10, account: 100, address: 200} }

// ownerLimits are those of passwordLimits that concern one account.
func ownerLimits() limits { return limits{pair: 10, account: 100} }

// codeLimits are narrower: who may guess a code of six digits knows the password.
func codeLimits() limits { return limits{pair: 10, account: 20, address: 200} }

// secretLimits are for what nobody can guess: they only keep machines from trying for ever.
func secretLimits() limits { return limits{pair: 10} }

// throttle counts failures. Beyond a limit each further try has to wait, at most a
// minute, so that nobody can lock others out of their account for longer. A whole
// lab behind one address is not locked out by one of them: the limit of an address
// concerns only those who have failed there themselves. Nor is somebody locked out
// at home by guesses from elsewhere: the limit of an account does not concern
// addresses from which its owner has come before.
type throttle struct {
	limits limits
	mu     sync.Mutex
	tries  map[key]*attempts
	known  map[key]time.Time
}

func newThrottle(l limits) throttle {
	return throttle{limits: l, tries: map[key]*attempts{}, known: map[key]time.Time{}}
}

// key is an account (its id, or the name that nobody has), an address, or both. It
// is a digest because names that somebody makes up may be long.
type key [sha256.Size]byte

type attempts struct {
	failures []time.Time
	notUntil time.Time
}

func keyOf(account, address string) key {
	return sha256.Sum256([]byte(strings.ToLower(account) + "\x00" + network(address)))
}

// network is the address, of IPv6 the network of a household (RFC 6177).
func network(address string) string {
	addr, err := netip.ParseAddr(address)
	if err != nil {
		return address
	}
	if addr = addr.Unmap(); addr.Is6() {
		if prefix, err := addr.Prefix(64); err == nil {
			return prefix.String()
		}
	}
	return addr.String()
}

// check refuses with a 429 while the account has to wait at the address.
func (t *throttle) check(account, address string, now time.Time) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.wait(account, address, now)
}

func (t *throttle) wait(account, address string, now time.Time) error {
	both := keyOf(account, address)
	var until time.Time
	if a := t.tries[both]; a != nil {
		until = a.notUntil
	}
	if at, ok := t.known[both]; !ok || now.Sub(at) > knownFor {
		if a := t.tries[keyOf(account, "")]; a != nil && a.notUntil.After(until) {
			until = a.notUntil
		}
		if a := t.tries[keyOf("", address)]; a != nil && t.tries[both] != nil && a.notUntil.After(until) {
			until = a.notUntil
		}
	}
	if !now.Before(until) {
		return nil
	}
	seconds := int(math.Ceil(until.Sub(now).Seconds()))
	p := problem.New(problem.TooMany, "Too many tries. Next try in %d s.", seconds)
	p.RetryAfter = seconds
	return p
}

// failed counts a failure and sets the waits: 1, 2, 4 … 60 seconds.
func (t *throttle) failed(account, address string, now time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.count(account, address, now)
}

func (t *throttle) count(account, address string, now time.Time) {
	if len(t.tries) >= maxThrottled {
		t.forgetOld(now)
	}
	t.add(keyOf(account, address), t.limits.pair, now)
	t.add(keyOf(account, ""), t.limits.account, now)
	t.add(keyOf("", address), t.limits.address, now)
}

func (t *throttle) add(k key, allowed int, now time.Time) {
	if allowed == 0 {
		return
	}
	a := t.tries[k]
	if a == nil {
		a = &attempts{}
		t.tries[k] = a
	}
	kept := a.failures[:0]
	for _, at := range a.failures {
		if now.Sub(at) < failureWindow {
			kept = append(kept, at)
		}
	}
	if len(kept) > allowed+10 { // more say nothing more
		kept = append(kept[:0], kept[1:]...)
	}
	a.failures = append(kept, now)
	if over := len(a.failures) - allowed; over >= 0 {
		a.notUntil = now.Add(min(maxBackOff, time.Second<<min(over, 10)))
	}
}

// try counts a failure before it is known whether it will be one, so that tries
// which come all at once are no more guesses than tries one after another.
// succeeded takes it back.
func (t *throttle) try(account, address string, now time.Time) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if err := t.wait(account, address, now); err != nil {
		return err
	}
	t.count(account, address, now)
	return nil
}

// takeBack ends what try has counted for somebody who succeeded.
func (t *throttle) takeBack(account, address string, now time.Time) {
	t.succeeded(account, address, now)
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, k := range []key{keyOf(account, ""), keyOf("", address)} {
		if a := t.tries[k]; a != nil && len(a.failures) > 0 {
			if a.failures = a.failures[:len(a.failures)-1]; len(a.failures) == 0 {
				delete(t.tries, k)
			}
		}
	}
}

// succeeded forgets the failures of the account at the address, which is known from now on.
func (t *throttle) succeeded(account, address string, now time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	k := keyOf(account, address)
	delete(t.tries, k)
	if len(t.known) >= maxThrottled {
		clear(t.known)
	}
	t.known[k] = now
}

// forgetOld drops what is out of the window; if that frees nothing, all are
// dropped rather than memory growing without bound.
func (t *throttle) forgetOld(now time.Time) {
	for k, a := range t.tries {
		if now.Sub(a.failures[len(a.failures)-1]) >= failureWindow {
			delete(t.tries, k)
		}
	}
	if len(t.tries) >= maxThrottled {
		clear(t.tries)
	}
}
