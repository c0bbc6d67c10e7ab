package upload

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"oasis/internal/access/audit"
	"oasis/internal/access/identity"
	"oasis/internal/access/token"
	"oasis/internal/data/inbox"
	"oasis/internal/problem"
)

// Deposit tells how an upload came to its first main author when somebody else
// made it, or a token that may only add. The zero value: its main author made it.
type Deposit struct {
	// By is the user id of the depositor: the account that made the upload, whichever of its tokens it used.
	By  string
	How DepositHow
	// Asked is the name that main_author asked for, "" = none.
	Asked string
	// Until is when the depositor may add no more; zero = the upload is sealed.
	Until time.Time
}

// DepositHow says who was made the main author, and why.
type DepositHow string

// The ways.
const (
	// DepositOwn is an upload of the account whose token it was.
	DepositOwn DepositHow = "own"
	// DepositNamed is one for the person who was asked for.
	DepositNamed DepositHow = "named"
	// DepositDefault is one for the default user of the token, because nobody was asked for.
	DepositDefault DepositHow = "default"
	// DepositInstead is one for the default user, because whoever was asked for could not have it.
	DepositInstead DepositHow = "instead"
	// DepositHeld is one whose default user cannot sign in (any more): it waits for an administrator.
	DepositHeld DepositHow = "held"
)

// Note says what the depositor and those who change the upload have to know of
// it, "" when everything went as asked.
func (d *Deposit) Note() string {
	// One sentence for a name that is unknown, disabled or not permitted: instruments learn of nobody who is here.
	instead := fmt.Sprintf("This was meant for %q. There is no active user of that name for whom the token may deposit, so the default user of the token has it.", d.Asked)
	held := "The default user of the token cannot sign in, so it is held until an administrator gives it to somebody."
	switch {
	case d.How == DepositInstead:
		return instead
	case d.How == DepositHeld && d.Asked != "":
		return instead + " " + held
	case d.How == DepositHeld:
		return held
	}
	return ""
}

// onBehalf tells whether the upload was made for somebody by another account,
// which services.upload_limit does not count (decisions 24).
func (d *Deposit) onBehalf() bool { return d.By != "" && d.How != DepositOwn }

// People are those for whom uploads can be deposited.
type People interface {
	Find(ctx context.Context, s identity.Search) ([]identity.User, error)
	// User gives an account with its groups, or a problem of kind Missing.
	User(ctx context.Context, id string) (identity.User, error)
}

// DepositTo sets where main_author is looked up. It is called once, before the first upload.
func (s *Service) DepositTo(people People) { s.people = people }

// owner decides whose a new upload is and how that came. Asked is the name, the
// id or the e-mail address that was asked for, "" = none. Whoever holds a token
// that deposits is never refused because of a name: files that arrive at night
// must not be lost.
func (s *Service) owner(ctx context.Context, v Viewer, asked string) (string, Deposit, error) {
	asked = strings.TrimSpace(asked)
	d := Deposit{By: v.UserID, Asked: asked, Until: s.now().UTC().Add(s.limits().DepositWindow)}
	switch {
	case v.DepositFor != nil:
		owner, how, err := s.recipient(ctx, v, asked)
		d.How = how
		return owner, d, err
	case asked == "" && v.AppendOnly:
		d.How = DepositOwn
		return v.UserID, d, nil
	case asked == "":
		return v.UserID, Deposit{}, nil
	case !v.Admin || v.AppendOnly:
		return "", d, problem.Denied("Only administrators, and tokens that deposit for others, may name a main_author: leave it out.")
	}
	u, found, err := s.lookUp(ctx, asked)
	if err != nil {
		return "", d, err
	}
	if !found || u.Disabled {
		return "", d, problem.Invalid("value_error", fmt.Sprintf("There is no active user %q", asked), "query", "main_author")
	}
	d.How = DepositNamed
	return u.ID, d, nil
}

// recipient gives who gets an upload that a token deposits.
func (s *Service) recipient(ctx context.Context, v Viewer, asked string) (string, DepositHow, error) {
	if asked != "" {
		u, found, err := s.lookUp(ctx, asked)
		if err != nil {
			return "", "", err
		}
		if found && !u.Disabled && permitted(v.DepositFor, &u) {
			return u.ID, DepositNamed, nil
		}
	}
	u, found, err := s.lookUp(ctx, v.DepositFor.Default)
	switch {
	case err != nil:
		return "", "", err
	case !found:
		return v.UserID, DepositHeld, nil
	case u.Disabled:
		return u.ID, DepositHeld, nil
	case asked != "":
		return u.ID, DepositInstead, nil
	}
	return u.ID, DepositDefault, nil
}

// lookUp finds a person by id, user name or e-mail address, with the groups. A
// directory that does not answer is no reason to fail: what we last knew counts.
func (s *Service) lookUp(ctx context.Context, name string) (u identity.User, found bool, err error) {
	if s.people == nil {
		return u, false, nil
	}
	search := identity.Search{IDs: []string{name}, Usernames: []string{name}, Emails: []string{name}, Limit: 1}
	all, err := s.people.Find(ctx, search)
	if err != nil && !errors.Is(err, identity.ErrDirectoryDown) {
		return u, false, fmt.Errorf("look up %q: %w", name, err)
	}
	if len(all) == 0 {
		return u, false, nil
	}
	u, err = s.people.User(ctx, all[0].ID)
	switch {
	case err == nil:
		return u, true, nil
	case problem.Is(err, problem.Missing):
		return u, false, nil
	case errors.Is(err, identity.ErrDirectoryDown):
		return all[0], true, nil
	}
	return u, false, fmt.Errorf("look up %q: %w", name, err)
}

// permitted tells whether a token may deposit for somebody: for its default user it
// always may. Groups count by id and by name.
func permitted(d *token.Deposit, u *identity.User) bool {
	return d.Any || slices.ContainsFunc(append([]string{d.Default}, d.Users...), func(entry string) bool {
		if group, is := strings.CutPrefix(entry, token.GroupPrefix); is {
			return slices.Contains(u.Groups, strings.ToLower(group))
		}
		return entry == u.ID || strings.EqualFold(entry, u.Username) || strings.EqualFold(entry, u.Email)
	})
}

// NameDeposit replaces the people that a new token names by their user names, as
// they are now. Who is not here, or switched off, is a 422 below loc: a typing mistake
// would be noticed only when files have gone astray.
func (s *Service) NameDeposit(ctx context.Context, d *token.Deposit, loc ...any) error {
	var wrong []problem.Field
	named := func(name string, at ...any) string {
		u, found, err := s.lookUp(ctx, strings.TrimSpace(name))
		if err != nil || !found || u.Disabled {
			wrong = append(wrong, problem.Field{Loc: slices.Concat(loc, at), Type: "value_error", Msg: fmt.Sprintf("There is no active user %q", name)})
			return name
		}
		return u.Username
	}
	d.Default = named(d.Default, "default")
	for i, name := range d.Users {
		if !strings.HasPrefix(name, token.GroupPrefix) {
			d.Users[i] = named(name, "users", i)
		}
	}
	if wrong != nil {
		return problem.InvalidAll(wrong)
	}
	return nil
}

// mayStillAdd refuses what comes too late from a token that only adds: after the
// window of a deposit, or once its owner has sealed it.
func (s *Service) mayStillAdd(u *Upload, v Viewer) *problem.Error {
	if !v.AppendOnly || u.Deposit.By == "" || s.now().Before(u.Deposit.Until) {
		return nil
	}
	return problem.Denied("This upload takes no more files from tokens that only add: it was sealed, or the time for that is over. Make a new upload.")
}

// Seal ends the time in which the depositor may add to an upload. Those who may
// transfer it may seal it; sealing twice changes nothing.
func (s *Service) Seal(ctx context.Context, v Viewer, id string) (Upload, error) {
	noted := audit.Note(ctx, audit.Event{Operation: audit.UploadSeal, Object: audit.UploadObject(id)})
	err := s.store.InTx(noted, func(tx Tx) error {
		u, err := tx.Upload(ctx, id)
		if err != nil {
			return fmt.Errorf("read upload: %w", err)
		}
		if denied := May(&u, v, TransferOwnership); denied != nil {
			return denied
		}
		if u.Deposit.By == "" {
			return problem.Bad("This upload was not deposited by an instrument, so there is nothing to seal.")
		}
		return tx.SetDepositUntil(ctx, id, time.Time{})
	})
	if err != nil {
		return Upload{}, err
	}
	return s.store.Upload(ctx, id)
}

// tellOwner tells the owner of a deposit of it: of all that comes from one
// depositor in a day it is one item, which names the latest upload.
func (s *Service) tellOwner(ctx context.Context, tx Tx, u *Upload) error {
	if !u.Deposit.onBehalf() || u.MainAuthor == u.Deposit.By {
		return nil
	}
	item := inbox.Deposited(inbox.Resource{Type: "upload", ID: u.ID, Name: u.Name}, u.MainAuthor, u.Deposit.By, u.CreateTime)
	if err := tx.Post(ctx, item); err != nil {
		return fmt.Errorf("tell the owner: %w", err)
	}
	return nil
}

// noteDeposit puts who deposited for whom into the audit log, with the change.
func noteDeposit(ctx context.Context, u *Upload) context.Context {
	if !u.Deposit.onBehalf() {
		return ctx
	}
	detail := fmt.Sprintf("for user %s (%s)", u.MainAuthor, u.Deposit.How)
	return audit.Note(ctx, audit.Event{Operation: audit.UploadDeposit, Object: audit.UploadObject(u.ID), Detail: detail})
}
