// Package admission keeps what people ask for whom the allow list refuses: to be
// let in. An administrator approves with one click, which puts the person on the
// list, or declines.
package admission

import (
	"context"
	"crypto/rand"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"oasis/internal/access/audit"
	"oasis/internal/access/identity"
	"oasis/internal/problem"
)

// State is how far a request has come.
type State string

// The states.
const (
	Open     State = "open"
	Approved State = "approved"
	Declined State = "declined"
)

// Request is somebody asking to be let in.
type Request struct {
	ID     string
	UserID string
	// Username is the name at the time of asking.
	Username string
	Message  string
	Created  time.Time
	State    State
	// Decided and DecidedBy (a user id) are empty while the request is open.
	Decided   time.Time
	DecidedBy string
}

// Store keeps requests.
type Store interface {
	// InsertRequest adds an open one; Conflict when the person has one open already.
	InsertRequest(ctx context.Context, r Request) error
	// Requests gives those in a state, "" = all, newest first, at most limit.
	Requests(ctx context.Context, state State, limit int) ([]Request, error)
	// Request gives one, or a problem of kind Missing.
	Request(ctx context.Context, id string) (Request, error)
	// LastRequest gives the newest of a person, or a problem of kind Missing.
	LastRequest(ctx context.Context, userID string) (Request, error)
	// DecideRequest ends an open one; Conflict when it is not open any more.
	DecideRequest(ctx context.Context, id string, state State, by string, at time.Time) error
}

// Service takes and decides requests.
type Service struct {
	Store Store
	// LetIn puts a user name on the allow list for good; Conflict when a file has to be edited for that.
	LetIn func(ctx context.Context, username string) error
	// User looks an account up.
	User func(ctx context.Context, id string) (identity.User, error)
	// Tell lets the administrator know; it must not wait for a mail server.
	Tell func(ctx context.Context, user identity.User, message string)
	Now  func() time.Time
}

// Limits of asking.
const (
	// MaxMessage is in characters.
	MaxMessage = 2000
	// again is how long after a declined request the next one may come.
	again = 24 * time.Hour
)

// Ask stores the wish of a person whom the allow list refuses. A person has one
// open request at a time, and one who was declined can ask again after a day.
func (s *Service) Ask(ctx context.Context, user identity.User, message string) (Request, error) {
	message = strings.TrimSpace(message)
	if utf8.RuneCountInString(message) > MaxMessage {
		return Request{}, problem.Invalid("string_too_long", "Write at most 2,000 characters", "body", "message")
	}
	now := s.Now().UTC()
	last, err := s.Store.LastRequest(ctx, user.ID)
	switch {
	case problem.Is(err, problem.Missing):
	case err != nil:
		return Request{}, fmt.Errorf("look for an earlier request: %w", err)
	case last.State == Declined && now.Sub(last.Decided) < again:
		wait := problem.New(problem.TooMany, "Your request was declined. You can ask again tomorrow.")
		wait.RetryAfter = int(again.Seconds() - now.Sub(last.Decided).Seconds())
		return Request{}, wait
	}
	r := Request{ID: rand.Text(), UserID: user.ID, Username: user.Username, Message: message, Created: now, State: Open}
	note := audit.Note(ctx, audit.Event{Operation: audit.AccessRequest, Object: audit.UserObject(user.ID), Detail: user.Username + " asks for access"})
	if err := s.Store.InsertRequest(note, r); err != nil {
		return Request{}, err
	}
	s.Tell(ctx, user, message)
	return r, nil
}

// List gives the requests in a state, newest first.
func (s *Service) List(ctx context.Context, state State, limit int) ([]Request, error) {
	return s.Store.Requests(ctx, state, limit)
}

// Last gives the newest request of a person, or a problem of kind Missing.
func (s *Service) Last(ctx context.Context, userID string) (Request, error) {
	return s.Store.LastRequest(ctx, userID)
}

// Approve puts the person on the allow list and ends the request. Being on the
// list already is no obstacle.
func (s *Service) Approve(ctx context.Context, id, by string) (Request, error) {
	r, err := s.open(ctx, id)
	if err != nil {
		return r, err
	}
	user, err := s.User(ctx, r.UserID)
	if problem.Is(err, problem.Missing) {
		return r, problem.Clash("The account of %s does not exist any more. Decline the request.", r.Username)
	}
	if err != nil {
		return r, fmt.Errorf("look up %s: %w", r.UserID, err)
	}
	if err := s.LetIn(ctx, user.Username); err != nil {
		return r, err
	}
	return s.decide(ctx, r, Approved, by, audit.AccessApprove)
}

// Decline ends the request.
func (s *Service) Decline(ctx context.Context, id, by string) (Request, error) {
	r, err := s.open(ctx, id)
	if err != nil {
		return r, err
	}
	return s.decide(ctx, r, Declined, by, audit.AccessDecline)
}

func (s *Service) open(ctx context.Context, id string) (Request, error) {
	r, err := s.Store.Request(ctx, id)
	switch {
	case problem.Is(err, problem.Missing):
		return r, problem.NotFound("There is no such request.")
	case err != nil:
		return r, fmt.Errorf("read request: %w", err)
	case r.State != Open:
		return r, problem.Clash("This request was %s already.", r.State)
	}
	return r, nil
}

func (s *Service) decide(ctx context.Context, r Request, state State, by, operation string) (Request, error) {
	r.State, r.DecidedBy, r.Decided = state, by, s.Now().UTC()
	note := audit.Note(ctx, audit.Event{Operation: operation, Object: audit.UserObject(r.UserID), Detail: r.Username})
	if err := s.Store.DecideRequest(note, r.ID, state, by, r.Decided); err != nil {
		return r, err
	}
	return r, nil
}
