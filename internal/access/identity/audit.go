package identity

import (
	"context"

	"oasis/internal/access/audit"
	"oasis/internal/problem"
)

// RecordTo sets who is told of sign-ins that fail; call it before the service is
// used. What changes an account is noted in the transaction of the change.
func (s *Service) RecordTo(r audit.Recorder) { s.audit = r }

// noteUser makes the change of an account a row of the audit log.
func noteUser(ctx context.Context, operation, id, detail string) context.Context {
	return audit.Note(ctx, audit.Event{Operation: operation, Object: audit.UserObject(id), Detail: detail})
}

// noteOwn makes what somebody does with the own account a row, also when the
// request does not show yet who that is.
func noteOwn(ctx context.Context, operation, object string, user *User) context.Context {
	return audit.Note(ctx, audit.Event{Operation: operation, Object: object, Actor: user.ID, ActorName: user.Username})
}

// recordFailure tells that somebody could not sign in. A name that belongs to nobody
// is not kept: people type their password into the wrong field.
func (s *Service) recordFailure(ctx context.Context, user *User, address string, err error) {
	p := problem.As(err)
	if p == nil { // a fault of ours is in the log
		return
	}
	e := audit.Event{Operation: audit.SignIn, Outcome: audit.Failed, Address: address, Detail: p.Detail}
	if user.ID != "" {
		e.Object = audit.UserObject(user.ID)
		e.Detail = user.Username + ": " + p.Detail
	}
	s.audit.Record(ctx, e)
}
