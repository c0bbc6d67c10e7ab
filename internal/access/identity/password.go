package identity

import (
	"context"
	"fmt"
	"runtime"
	"time"

	"github.com/alexedwards/argon2id"

	"oasis/internal/problem"
)

// Limits of passwords. The longest is far beyond any sentence and keeps hashing
// from being fed megabytes (decisions 11); the shortest follows NIST SP 800-63B.
const (
	minPassword = 12
	maxPassword = 1024
	hashQueue   = 2 * time.Second
)

// CheckPassword refuses passwords that are too short or too long.
func CheckPassword(password string) error {
	switch {
	case len([]rune(password)) < minPassword:
		return problem.Invalid("too_short",
			fmt.Sprintf("A password has %d characters or more; a sentence is fine.", minPassword), "body", "password")
	case len(password) > maxPassword:
		return problem.Invalid("too_long", fmt.Sprintf("A password has at most %d bytes.", maxPassword), "body", "password")
	}
	return nil
}

// hasher computes argon2id hashes, at most one per processor at a time: each
// costs 19 MiB and tens of milliseconds, so a flood of sign-ins must queue, not
// pile up (decisions 11).
type hasher struct {
	slots  chan struct{}
	params *argon2id.Params
}

func newHasher() *hasher {
	return &hasher{
		slots:  make(chan struct{}, runtime.NumCPU()),
		params: &argon2id.Params{Memory: 19 * 1024, Iterations: 2, Parallelism: 1, SaltLength: 16, KeyLength: 32},
	}
}

// run executes work when a slot is free, or refuses with a 429 after two seconds.
func (h *hasher) run(ctx context.Context, work func() error) error {
	wait, cancel := context.WithTimeout(ctx, hashQueue)
	defer cancel()
	select {
	case h.slots <- struct{}{}:
		defer func() { <-h.slots }()
		return work()
	case <-wait.Done():
		p := problem.New(problem.TooMany, "Too many people are signing in at once. Try again in a few seconds.")
		p.RetryAfter = 5
		return p
	}
}

func (h *hasher) hash(ctx context.Context, password string) (hash string, err error) {
	err = h.run(ctx, func() (err error) {
		hash, err = argon2id.CreateHash(password, h.params)
		return err
	})
	return hash, err
}

// matches compares; with an empty hash it still spends the time of a comparison,
// so that unknown user names cannot be told from wrong passwords by the clock.
func matches(password, hash string) (bool, error) {
	if hash == "" {
		_, err := argon2id.ComparePasswordAndHash(password, blindHash)
		return false, err
	}
	return argon2id.ComparePasswordAndHash(password, hash)
}

// blindHash is the hash of a random password that nobody knows.
const blindHash = "$argon2id$v=19$m=19456,t=2,p=1$b2FzaXNvYXNpc29hc2lz$NDm6xOsZcTpPSrEzy7qYh4nFWU3cXXDCb2q1ZgGJjD4"
