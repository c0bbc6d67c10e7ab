package identity

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"oasis/internal/problem"
)

func noon() time.Time { return time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC) }

// slowed tells whether a try would have to wait.
func slowed(t *testing.T, limit *throttle, account, address string, now time.Time) bool {
	t.Helper()
	err := limit.check(account, address, now)
	if p := problem.As(err); err != nil && (p == nil || p.Kind != problem.TooMany || p.RetryAfter < 1 || p.RetryAfter > 60) {
		t.Fatalf("got %v", err)
	}
	return err != nil
}

func TestOneOfALabDoesNotLockTheOthersOut(t *testing.T) {
	t.Parallel()
	limit, now := newThrottle(passwordLimits()), noon()
	const lab = "192.0.2.1"
	for i := range 220 { // far beyond the limit of the address, few for each name
		limit.failed(fmt.Sprintf("nobody%d", i%40), lab, now)
	}
	if slowed(t, &limit, "ada", lab, now) {
		t.Error("ada is locked out by others at her address")
	}
	if !slowed(t, &limit, "nobody1", lab, now) {
		t.Error("who guesses one password for each of many accounts is not slowed down")
	}
	if slowed(t, &limit, "nobody1", lab, now.Add(time.Minute)) {
		t.Error("the wait is longer than a minute")
	}
}

func TestGuessesFromManyAddressesAreSlowedDownButNotTheOwner(t *testing.T) {
	t.Parallel()
	limit, now := newThrottle(passwordLimits()), noon()
	limit.succeeded("ada", "192.0.2.1", now)
	for i := range 110 {
		limit.failed("ada", fmt.Sprintf("198.51.100.%d", i), now)
	}
	if !slowed(t, &limit, "ada", "203.0.113.9", now) {
		t.Error("many addresses may guess without end")
	}
	if slowed(t, &limit, "ADA", "192.0.2.1", now) {
		t.Error("the owner is locked out where she has signed in before")
	}
	later := now.Add(knownFor + time.Minute)
	for i := range 110 {
		limit.failed("ada", fmt.Sprintf("198.51.100.%d", i), later)
	}
	if !slowed(t, &limit, "ada", "192.0.2.1", later) {
		t.Error("an address is known for ever")
	}
}

func TestNetworksOfIPv6CountAsOneAddress(t *testing.T) {
	t.Parallel()
	limit, now := newThrottle(passwordLimits()), noon()
	for i := range 12 {
		limit.failed("bob", fmt.Sprintf("2001:db8::%x", i+1), now)
	}
	if !slowed(t, &limit, "bob", "2001:db8::ffff", now) || slowed(t, &limit, "bob", "2001:db8:0:1::1", now) {
		t.Error("a network of IPv6 is not one address")
	}
	for range 12 {
		limit.failed("bob", "::ffff:192.0.2.1", now)
	}
	if !slowed(t, &limit, "bob", "192.0.2.1", now) {
		t.Error("an address of IPv4 has two spellings")
	}
}

func TestTriesAtOnceAreNoMoreThanTriesInARow(t *testing.T) {
	t.Parallel()
	limit, now := newThrottle(codeLimits()), noon()
	var all sync.WaitGroup
	var mu sync.Mutex
	free := 0
	for range 50 {
		all.Go(func() {
			if limit.try("ada", "a", now) == nil {
				mu.Lock()
				defer mu.Unlock()
				free++
			}
		})
	}
	all.Wait()
	if free != 10 {
		t.Errorf("%d tries were free", free)
	}
	limit.takeBack("ada", "a", now)
	if slowed(t, &limit, "ada", "a", now) {
		t.Error("a success does not end the wait")
	}
}

func TestForgettingKeepsMemorySmall(t *testing.T) {
	t.Parallel()
	limit, now := newThrottle(passwordLimits()), noon()
	for i := range maxThrottled {
		limit.failed(fmt.Sprint(i), "a", now)
	}
	if n := len(limit.tries); n > maxThrottled+3 {
		t.Errorf("%d pairs are kept", n)
	}
}
