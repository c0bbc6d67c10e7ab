package oidc

import (
	"context"
	"errors"
	"fmt"
	"time"

	"oasis/internal/access/audit"
	"oasis/internal/access/identity"
)

// watch gives what is known about a user and looks after them from now on.
func (p *People) watch(ctx context.Context, id string) (w watch, known bool, err error) {
	until := p.Now().Add(watchFor)
	p.mu.Lock()
	if found := p.watched[id]; found != nil {
		found.until = until
		w := *found
		p.mu.Unlock()
		return w, true, nil
	}
	p.mu.Unlock()
	record, err := p.Store.External(ctx, id)
	if isMissing(err) {
		return watch{}, false, nil
	}
	if err != nil {
		return watch{}, false, fmt.Errorf("read record of external user %s: %w", id, err)
	}
	w = watch{Record: record, until: until}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.watched[id] == nil {
		p.watched[id] = &w
	}
	return *p.watched[id], true, nil
}

// freshen asks the directory about a person unless that was done a moment ago.
// Who waits for the same person waits for one look-up.
func (p *People) freshen(ctx context.Context, w watch, known bool, subject string) error {
	age := p.Now().Sub(w.Checked)
	if known && age >= 0 && age < freshFor {
		if w.State == Removed {
			return identity.ErrUnknownUser
		}
		return nil
	}
	if !known && p.isNobody(subject) {
		return identity.ErrUnknownUser
	}
	err := p.check(ctx, subject)
	if !errors.Is(err, identity.ErrDirectoryDown) {
		return err
	}
	if known && age <= p.StaleMax() {
		if w.State == Removed {
			return identity.ErrUnknownUser
		}
		return nil // what was known last holds for a while (decisions 9)
	}
	return err
}

// check asks the directory about a person and stores what it says.
func (p *People) check(ctx context.Context, subject string) error {
	if p.Now().Sub(time.Unix(0, p.failed.Load())) < pause {
		return identity.ErrDirectoryDown
	}
	done := p.flight.DoChan(subject, func() (any, error) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), checkLimit)
		defer cancel()
		person, err := p.Directory.BySubject(ctx, subject)
		if errors.Is(err, ErrNobody) {
			p.nobody.Add(subject, p.Now())
			return nil, p.gone(ctx, subject)
		}
		if err != nil {
			return nil, p.down(ctx, err)
		}
		_, err = p.save(ctx, person)
		return nil, err
	})
	select {
	case <-ctx.Done():
		return ctx.Err()
	case got := <-done:
		return got.Err
	}
}

// down notes that the directory does not answer.
func (p *People) down(ctx context.Context, cause error) error {
	before := p.failed.Swap(p.Now().UnixNano())
	if p.Now().Sub(time.Unix(0, before)) > time.Minute { // not a line per request
		p.Log.WarnContext(ctx, "the user directory does not answer; known users go on for keycloak.directory_stale_max", "err", cause)
	}
	return fmt.Errorf("%w: %w", identity.ErrDirectoryDown, cause)
}

// gone notes that the directory has no such person (any more).
func (p *People) gone(ctx context.Context, subject string) error {
	id, err := p.idOf(ctx, subject)
	if err != nil {
		return err
	}
	w, known, err := p.watch(ctx, id)
	if err != nil {
		return err
	}
	if known && w.Subject == subject {
		if w.State != Removed {
			w.Record.State, w.Checked = Removed, p.Now()
			event := audit.Event{Operation: audit.AccountDisable, Object: audit.UserObject(id), Detail: "The identity provider has no such user any more."}
			err = p.Store.EndExternal(audit.Note(ctx, event), w.Record)
			p.Changed(id)
			if err != nil {
				return fmt.Errorf("end account of removed user %s: %w", id, err)
			}
		}
		p.note(id, func(w *watch) { w.State, w.Checked = Removed, p.Now() })
	}
	return identity.ErrUnknownUser
}

func (p *People) note(id string, change func(*watch)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if w := p.watched[id]; w != nil {
		change(w)
	}
}
