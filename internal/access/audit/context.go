package audit

import (
	"cmp"
	"context"
	"strings"
	"sync/atomic"
	"unicode"
)

// Request is what is known about the request in which something happens.
type Request struct {
	Actor          string
	ActorName      string
	CredentialID   string
	CredentialKind string
	// Operation is the operationId, for events that name none.
	Operation string
	Address   string
	ID        string
}

// Facts tells about a request at the moment it is asked, so that what becomes
// known late, such as who asks, need not be known when the context is made.
type Facts interface{ AuditRequest() Request }

// AuditRequest makes a Request its own Facts.
func (r Request) AuditRequest() Request { return r }

type (
	factsKey struct{}
	notesKey struct{}
)

// WithFacts makes everything that is recorded with the context carry the facts.
func WithFacts(ctx context.Context, f Facts) context.Context {
	return context.WithValue(ctx, factsKey{}, f)
}

// FactsOf gives the facts of the context, nil without any.
func FactsOf(ctx context.Context) Facts {
	f, _ := ctx.Value(factsKey{}).(Facts)
	return f
}

// RequestOf gives what the facts of the context say now, zero without any.
func RequestOf(ctx context.Context) Request {
	if f := FactsOf(ctx); f != nil {
		return f.AuditRequest()
	}
	return Request{}
}

// completed fills what the event leaves open.
func (e Event) completed(ctx context.Context) Event {
	r := RequestOf(ctx)
	if e.Actor == "" {
		e.Actor, e.ActorName = r.Actor, r.ActorName
	}
	if e.CredentialID == "" && e.CredentialKind == "" {
		e.CredentialID, e.CredentialKind = r.CredentialID, r.CredentialKind
	}
	e.Operation = cmp.Or(e.Operation, r.Operation)
	e.Address = cmp.Or(e.Address, r.Address)
	e.RequestID = cmp.Or(e.RequestID, r.ID)
	if e.Outcome == "" {
		e.Outcome = Allowed
	}
	e.Count = max(e.Count, 1)
	for _, text := range []*string{&e.ActorName, &e.Object, &e.Detail, &e.Address} {
		*text = printable(*text)
	}
	return e
}

// maxText bounds what callers can make a row hold.
const maxText = 400

// printable is a text as one line that every database keeps and every terminal
// shows: callers choose paths and names.
func printable(text string) string {
	if len(text) > maxText {
		text = text[:maxText] + "…"
	}
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return '\uFFFD'
		}
		return r
	}, text)
}

// Noted is an event on its way into a transaction.
type Noted struct {
	Event Event
	// written tells that a transaction with it was committed.
	written atomic.Bool
	before  *Noted
}

// Note gives a context that makes the next transaction of a store that is run with
// it hold the event. Use it for that one call: a second transaction with the
// same context does not write the event again.
func Note(ctx context.Context, e Event) context.Context {
	before, _ := ctx.Value(notesKey{}).(*Noted)
	return context.WithValue(ctx, notesKey{}, &Noted{Event: e.completed(ctx), before: before})
}

// Pending gives the events that a transaction of the context has to write, oldest
// first. Stores call it, and Written after the commit.
func Pending(ctx context.Context) []*Noted {
	n, _ := ctx.Value(notesKey{}).(*Noted)
	var pending []*Noted
	for ; n != nil; n = n.before {
		if !n.written.Load() {
			pending = append([]*Noted{n}, pending...)
		}
	}
	return pending
}

// Written tells that the event is stored for good.
func (n *Noted) Written() { n.written.Store(true) }
