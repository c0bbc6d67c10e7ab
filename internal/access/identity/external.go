package identity

import (
	"errors"
	"fmt"
)

// What Provider.Verify gives besides ErrInvalidToken when the people belong to
// somebody else's directory.
var (
	// ErrUnknownUser: the token is genuine, but the directory has no such user (spec auth.md §3 7b).
	ErrUnknownUser = errors.New("the user directory has no such user")
	// ErrDirectoryDown: the token is genuine, but nothing is known about its user and the directory does not answer.
	ErrDirectoryDown = errors.New("the user directory does not answer")
)

// RefusedToken is an ErrInvalidToken whose bearer is told more than usual.
type RefusedToken struct { //nolint:errname // reads as what it is
	// Detail is the sentence for the bearer; it must not tell what a forger would like to know.
	Detail string
	// Cause is for the log.
	Cause error
}

// Error gives the cause.
func (e *RefusedToken) Error() string { return fmt.Sprintf("%v: %v", ErrInvalidToken, e.Cause) }

// Unwrap makes errors.Is(err, ErrInvalidToken) hold.
func (e *RefusedToken) Unwrap() []error { return []error{ErrInvalidToken, e.Cause} }
