package oidc

import (
	"context"
	"errors"
	"fmt"

	"oasis/internal/access/audit"
	"oasis/internal/access/identity"
	"oasis/internal/problem"
)

// Linked is a person of the provider who is an account of this Oasis: whoever signs in
// there as that person is that account here. The account stays what it is, with its own
// names and password. Only its owner or an administrator makes a link, never an e-mail
// address (decisions 9).
type Linked struct {
	UserID, Issuer, Subject string
	// Name is the user name at the provider.
	Name  string
	State State
}

// Linked gives the person that an account of this Oasis is linked to, ok = false when there is none.
func (p *People) Linked(ctx context.Context, userID string) (l Linked, ok bool, err error) {
	l, err = p.Store.Link(ctx, userID)
	if isMissing(err) {
		return l, false, nil
	}
	return l, err == nil, err
}

// Link makes an account of this Oasis the one of a person of the provider. An account that the
// person has here already goes if it owns nothing; otherwise that is a Conflict.
func (p *People) Link(ctx context.Context, userID string, person Person) error {
	person.clean()
	if person.Disabled {
		return problem.Clash("%s is disabled at %s.", person.Username, p.Issuer.Name())
	}
	name := person.Username
	if name == "" {
		name = person.Subject
	}
	event := audit.Event{Operation: audit.AccountConnect, Object: audit.UserObject(userID), Detail: fmt.Sprintf("With %s at %s.", name, p.Issuer.Name())}
	record := Record{UserID: userID, Issuer: p.Issuer.ID(), Subject: person.Subject, State: Active, Checked: p.Now()}
	other, err := p.Store.LinkExternal(audit.Note(ctx, event), record, name)
	p.forget(userID)
	if other != "" {
		p.forget(other)
	}
	if err != nil {
		return fmt.Errorf("link account %s: %w", userID, err)
	}
	return nil
}

// LinkByName is Link for an administrator, who names the person as the provider does. Without a user
// directory only ids (the subject of its tokens) can be named.
func (p *People) LinkByName(ctx context.Context, userID, name string) error {
	if p.Directory == nil {
		return p.Link(ctx, userID, Person{Subject: name})
	}
	person, err := p.Directory.ByUsername(ctx, name)
	if errors.Is(err, ErrNobody) {
		person, err = p.Directory.BySubject(ctx, name)
	}
	switch {
	case errors.Is(err, ErrNobody):
		return problem.NotFound("%s has no user called %q.", p.Issuer.Name(), name)
	case err != nil:
		return unavailable(p.down(ctx, err))
	}
	return p.Link(ctx, userID, person)
}

// Unlink ends a link and every session of the account; Missing when there is none. Its owner must have
// another way to sign in.
func (p *People) Unlink(ctx context.Context, userID string) error {
	l, ok, err := p.Linked(ctx, userID)
	if err != nil {
		return err
	}
	if !ok {
		return problem.NotFound("This account is linked to nobody at %s.", p.Issuer.Name())
	}
	event := audit.Event{Operation: audit.AccountDisconnect, Object: audit.UserObject(userID), Detail: fmt.Sprintf("From %s at %s.", l.Name, p.Issuer.Name())}
	err = p.Store.UnlinkExternal(audit.Note(ctx, event), userID)
	p.forget(userID)
	if err != nil {
		return fmt.Errorf("unlink account %s: %w", userID, err)
	}
	return nil
}

// forget drops what is remembered of a user.
func (p *People) forget(userID string) {
	p.mu.Lock()
	delete(p.watched, userID)
	p.mu.Unlock()
	p.Changed(userID)
}

// idOf gives the account of a person: the one linked, or the person's own.
func (p *People) idOf(ctx context.Context, subject string) (string, error) {
	id, err := p.Store.ExternalID(ctx, p.Issuer.ID(), subject)
	if isMissing(err) {
		return UserID(p.Issuer.ID(), subject), nil
	}
	if err != nil {
		return "", fmt.Errorf("look for the account of a person: %w", err)
	}
	return id, nil
}

// standing adds to an account of this Oasis how the linked person stands at the provider.
func (p *People) standing(ctx context.Context, u identity.User) (identity.User, error) {
	if u.Origin != "" {
		return u, nil
	}
	w, known, err := p.watch(ctx, u.ID)
	if err == nil && known && w.State != Active {
		return u, identity.ErrUnknownUser
	}
	return u, err
}
