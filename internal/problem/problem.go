// Package problem holds the error kinds every layer shares. A domain function
// returns a *problem.Error when the caller did something we can explain; any
// other error is a fault of ours. Package api turns both into
// application/problem+json (RFC 9457) in one place.
package problem

import (
	"errors"
	"fmt"
)

// Kind says what sort of refusal an Error is; api maps each kind to one HTTP status.
type Kind uint8

// The kinds, each with the HTTP status it becomes.
const (
	Internal         Kind = iota // 500: our fault; the detail is never shown
	BadRequest                   // 400: understood, but not possible as asked
	Unauthenticated              // 401: nobody is signed in, or the credential is not valid
	Forbidden                    // 403: known who asks, and it is not allowed
	Missing                      // 404: does not exist, or must look as if
	MethodNotAllowed             // 405
	Conflict                     // 409: the state or an existing object is in the way
	Gone                         // 410: was there once and cannot be used any more
	TooLarge                     // 413: a body or an archive beyond a limit
	Unprocessable                // 422: a value in the request is wrong; see Fields
	TooMany                      // 429: slow down; see Error.RetryAfter
	Unavailable                  // 503: cannot be answered now
	StorageFull                  // 507: no room for new bytes
	Locked                       // 423: somebody else is changing it at this moment
	Precondition                 // 412: not what the request says it takes or knows
	WrongMedia                   // 415: the body is said to be something that is not taken here
	BadChecksum                  // 460: other bytes arrived than were sent (tus 1.0, extension checksum)
)

// Field names one wrong value of a request, in the shape NOMAD clients read
// from the detail list of a 422 answer.
type Field struct {
	// Loc is the path of the value: "body" or "query", then keys and indices.
	Loc []any `json:"loc"`
	// Msg tells what is wrong and, where it can, what would be right.
	Msg string `json:"msg"`
	// Type is a stable machine-readable code such as "missing" or "enum".
	Type string `json:"type"`
}

// Error is a refusal that the caller can understand and act on.
type Error struct {
	// Kind selects the HTTP status.
	Kind Kind
	// Detail is the sentence shown to the caller; NOMAD clients read it as "detail".
	Detail string
	// Fields replaces Detail in 422 answers that name values.
	Fields []Field
	// RetryAfter is the number of seconds after which a TooMany or Unavailable caller may try again; 0 = unknown.
	RetryAfter int
	cause      error
}

// Error gives the detail and, if there is one, the cause.
func (e *Error) Error() string {
	detail := e.Detail
	if detail == "" && len(e.Fields) > 0 {
		detail = fmt.Sprintf("%v: %s", e.Fields[0].Loc, e.Fields[0].Msg)
	}
	if e.cause != nil {
		return detail + ": " + e.cause.Error()
	}
	return detail
}

// Unwrap gives the cause, which is logged and never shown.
func (e *Error) Unwrap() error { return e.cause }

// Because returns a copy of e that carries the underlying error for the log.
func (e *Error) Because(cause error) *Error {
	c := *e
	c.cause = cause
	return &c
}

// New makes an Error of any kind.
func New(kind Kind, format string, args ...any) *Error {
	return &Error{Kind: kind, Detail: fmt.Sprintf(format, args...)}
}

// Bad is a 400: understood, but not possible as asked.
func Bad(format string, args ...any) *Error { return New(BadRequest, format, args...) }

// NotFound is a 404.
func NotFound(format string, args ...any) *Error { return New(Missing, format, args...) }

// Denied is a 403.
func Denied(format string, args ...any) *Error { return New(Forbidden, format, args...) }

// Clash is a 409.
func Clash(format string, args ...any) *Error { return New(Conflict, format, args...) }

// Invalid is a 422 that names one wrong value.
func Invalid(typ, msg string, loc ...any) *Error {
	return &Error{Kind: Unprocessable, Fields: []Field{{Loc: loc, Msg: msg, Type: typ}}}
}

// InvalidAll is a 422 that names several wrong values.
func InvalidAll(fields []Field) *Error { return &Error{Kind: Unprocessable, Fields: fields} }

// As gives the *Error within err, or nil when err is a fault of ours.
func As(err error) *Error {
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	return nil
}

// Is tells whether err is a refusal of the given kind.
func Is(err error, kind Kind) bool {
	e := As(err)
	return e != nil && e.Kind == kind
}
