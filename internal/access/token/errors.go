package token

import "errors"

// Errors of Store that Service turns into sentences for people.
var (
	ErrTooMany   = errors.New("too many active tokens")
	ErrNotActive = errors.New("token is not active")
)
