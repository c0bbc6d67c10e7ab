package oidc

import (
	"context"
	"errors"
	"strings"

	"golang.org/x/sync/errgroup"
	"golang.org/x/text/unicode/norm"

	"oasis/internal/access/identity"
	"oasis/internal/problem"
)

func isMissing(err error) bool { return problem.Is(err, problem.Missing) }

// Refresh asks the directory about everybody who was here lately, so that whoever
// was disabled there is out although their credentials are cached. Call it every
// CheckEvery. While the directory does not answer it ends the cached credentials
// of those whose records have become too old.
func (p *People) Refresh(ctx context.Context) error {
	if p.Directory == nil {
		return nil
	}
	g, each := errgroup.WithContext(ctx)
	g.SetLimit(checkers)
	for _, w := range p.due() {
		g.Go(func() error {
			err := p.check(each, w.Subject)
			switch {
			case errors.Is(err, identity.ErrUnknownUser):
				return nil
			case errors.Is(err, identity.ErrDirectoryDown):
				if p.Now().Sub(w.Checked) > p.StaleMax() {
					p.Changed(w.UserID)
				}
				return nil
			}
			return err
		})
	}
	return g.Wait()
}

// due gives those to ask about, and lets go of those who were not here for long.
func (p *People) due() []watch {
	now := p.Now()
	var due []watch
	var idle []string
	p.mu.Lock()
	for id, w := range p.watched {
		if now.After(w.until) {
			idle = append(idle, id)
			delete(p.watched, id)
			continue
		}
		due = append(due, *w)
	}
	p.mu.Unlock()
	for _, id := range idle {
		p.Changed(id) // the next credential of theirs is resolved anew, which watches again
	}
	return due
}

// maxAsked bounds how many people one search may make us look up at the provider.
const maxAsked = 20

// Find selects accounts as identity.Store does and, with search.Everywhere, asks
// the directory for those whom nobody here has seen. A directory that does not
// answer is as if it knew nobody.
func (p *People) Find(ctx context.Context, search identity.Search) ([]identity.User, error) {
	found, err := p.Store.FindUsers(ctx, search)
	if err != nil || p.Directory == nil || !search.Everywhere {
		return found, err
	}
	singles := search
	singles.Prefix = ""
	if met, err := p.meet(ctx, singles, found); err != nil || met {
		if err != nil {
			return nil, err
		}
		if found, err = p.Store.FindUsers(ctx, search); err != nil {
			return nil, err
		}
	}
	if search.Prefix == "" || search.Limit > 0 && len(found) >= search.Limit {
		return found, nil
	}
	others, err := p.Directory.Search(ctx, search.Prefix, max(search.Limit, 1))
	if err != nil {
		return found, nil //nolint:nilerr // those we know are better than none; see down
	}
	seen := map[string]bool{}
	for i := range found {
		seen[found[i].ID] = true
	}
	for i := range others {
		id, err := p.idOf(ctx, others[i].Subject)
		if err != nil {
			return nil, err
		}
		if full := search.Limit > 0 && len(found) >= search.Limit; !seen[id] && !full {
			seen[id] = true
			found = append(found, p.stranger(id, &others[i]))
		}
	}
	return found, nil
}

// stranger is somebody of the directory who has no account here yet.
func (p *People) stranger(id string, person *Person) identity.User {
	return identity.User{
		ID: id, Username: Username(person.Username), FirstName: person.FirstName, LastName: person.LastName,
		Affiliation: person.Affiliation, AffiliationAddress: person.AffiliationAddress, Origin: p.Issuer.ID(), Created: person.Created,
	}
}

// meet makes accounts for people who are named exactly and not found here, so
// that they can be named in uploads before they come.
func (p *People) meet(ctx context.Context, search identity.Search, found []identity.User) (met bool, err error) {
	asked := 0
	ask := func(key string, known func(*identity.User) bool, look func(context.Context, string) (Person, error), name string) error {
		for i := range found {
			if known(&found[i]) {
				return nil
			}
		}
		if asked++; asked > maxAsked || p.isNobody(key) || p.resting() {
			return nil
		}
		person, err := look(ctx, name)
		switch {
		case errors.Is(err, ErrNobody):
			p.nobody.Add(key, p.Now())
			return nil
		case err != nil:
			_ = p.down(ctx, err) // noted
			return nil
		case person.Disabled:
			return nil
		}
		met = true
		_, err = p.save(ctx, person)
		return err
	}
	for _, id := range search.IDs {
		err = errors.Join(err, ask(id, func(u *identity.User) bool { return u.ID == id }, p.Directory.BySubject, id))
	}
	for _, name := range search.Usernames {
		err = errors.Join(err, ask("name "+name, func(u *identity.User) bool { return strings.EqualFold(u.Username, name) }, p.Directory.ByUsername, name))
	}
	for _, address := range search.Emails {
		err = errors.Join(err, ask("mail "+address, func(u *identity.User) bool { return strings.EqualFold(u.Email, address) }, p.Directory.ByEmail, address))
	}
	return met, err
}

func (p *People) resting() bool { return p.Now().UnixNano()-p.failed.Load() < int64(pause) }

// MaxUsername is the longest user name that accounts here may have.
const MaxUsername = 64

// Username makes a user name of ours (letters, digits and _ . -) of a provider's.
func Username(name string) string {
	name, _, _ = strings.Cut(name, "@")
	name = strings.Map(func(r rune) rune {
		switch {
		case 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z', '0' <= r && r <= '9', r == '_', r == '.', r == '-':
			return r
		case r == ' ':
			return '.'
		}
		return -1
	}, norm.NFKD.String(name)) // an accent is a character of its own then
	if name == "" {
		name = "user"
	}
	return name[:min(len(name), MaxUsername)]
}
