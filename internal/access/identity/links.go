package identity

import (
	"context"
	"fmt"
	"time"

	"oasis/internal/access/audit"
	"oasis/internal/problem"
)

// Lives of links.
const (
	inviteLife = 7 * 24 * time.Hour
	resetLife  = 24 * time.Hour
	emailLife  = 24 * time.Hour
)

// textLinkOver is what a used, wrong or old link gets.
const textLinkOver = "This link was used or is too old. Ask for a new one."

// Link lets somebody set a password once.
type Link struct {
	// URL is "" when the link was mailed: then only the owner of the mailbox has it.
	URL    string
	Mailed bool
	// Expires is when it ends.
	Expires time.Time
}

// Invite makes an account without password and a link that sets one. Without a
// user name one is made up (spec auth.md §7).
func (s *Service) Invite(ctx context.Context, n NewUser) (User, Link, error) {
	n.Password = ""
	if n.Username == "" {
		var err error
		draft := User{FirstName: n.FirstName, LastName: n.LastName, Email: n.Email}
		if n.Username, err = userNameFor(&draft, s.taken(ctx)); err != nil {
			return User{}, Link{}, err
		}
	}
	user, _, err := s.prepare(ctx, n)
	if err != nil {
		return User{}, Link{}, err
	}
	if err := s.store.InsertUser(noteUser(ctx, audit.AccountInvite, user.ID, user.Username), user, ""); err != nil {
		return User{}, Link{}, fmt.Errorf("store user %s: %w", user.Username, err)
	}
	link, err := s.newLink(ctx, &user, PurposeInvite)
	return user, link, err
}

// taken tells whether a user name is in use.
func (s *Service) taken(ctx context.Context) func(name string) (bool, error) {
	return func(name string) (bool, error) {
		_, err := s.store.UserByLogin(ctx, name)
		if problem.Is(err, problem.Missing) {
			return false, nil
		}
		return err == nil, err
	}
}

// Reset makes a link with which somebody sets a new password; an earlier one ends.
// Somebody who was invited and never came gets a new invitation.
func (s *Service) Reset(ctx context.Context, userID string) (User, Link, error) {
	user, err := s.store.User(ctx, userID)
	if err != nil {
		return User{}, Link{}, err
	}
	switch {
	case user.Origin != "":
		return user, Link{}, problem.Clash("%s signs in at %s and has no password here.", user.Username, user.Origin)
	case user.Disabled:
		return user, Link{}, problem.Clash("The account of %s is disabled. Enable it first.", user.Username)
	}
	purpose := PurposeReset
	if user.State() == StateInvited {
		purpose = PurposeInvite
	}
	link, err := s.newLink(ctx, &user, purpose)
	return user, link, err
}

func (s *Service) newLink(ctx context.Context, user *User, purpose Purpose) (Link, error) {
	life := resetLife
	if purpose == PurposeInvite {
		life = inviteLife
	}
	secret := NewSessionSecret()
	detail := audit.AccountReset
	if purpose == PurposeInvite {
		detail = audit.AccountInvite
	}
	note := noteUser(ctx, audit.AccountLink, user.ID, user.Username+": "+detail)
	if err := s.putTicket(note, s.store.ReplaceTickets, SessionDigest(secret), user.ID, purpose, nil, life); err != nil {
		return Link{}, err
	}
	link := Link{URL: s.linkURL(secret), Expires: s.now().UTC().Add(life)}
	if !s.cfg.Mail.Ready() {
		return link, nil
	}
	subject, what := "Set a new password", "With this link you set a new password for your account"
	if purpose == PurposeInvite {
		subject, what = "You are invited", "You have an account here. With this link you choose your password; your user name is"
	}
	text := fmt.Sprintf("Dear %s,\n\n%s %s:\n\n  %s\n\nIt works once, until %s. If you did not expect this mail, forget it.\n",
		user.Name(), what, user.Username, link.URL, link.Expires.Format("2 January 2006 15:04 MST"))
	if mailed := s.mail(ctx, user.Email, subject, text) == nil; !mailed {
		s.audit.Record(ctx, audit.Event{
			Operation: audit.AccountLink, Outcome: audit.Failed, Object: audit.UserObject(user.ID), Detail: "the mail could not be sent",
		})
		return link, nil // shown to the administrator instead
	}
	return Link{Mailed: true, Expires: link.Expires}, nil
}

// linkURL is the address of a link. The secret stands in the fragment, which no
// server and no log sees (decisions 16).
func (s *Service) linkURL(secret string) string {
	return s.cfg.Settings().PublicURL + "/gui/link#" + secret
}

// ChangeEmail begins to change somebody's own e-mail address: allow lists name
// addresses, so a new one counts only when its owner has followed the link that is
// mailed there. Administrators need no link.
func (s *Service) ChangeEmail(ctx context.Context, userID, email, password, address string) (mailed bool, err error) {
	user, err := s.localUser(ctx, userID)
	if err != nil {
		return false, err
	}
	if err := s.confirm(ctx, &user, password, address); err != nil {
		return false, err
	}
	draft := user
	draft.Email = email
	if fields := checkNames(&draft); len(fields) > 0 {
		return false, problem.InvalidAll(fields)
	}
	if user.Admin {
		_, err := s.Update(ctx, userID, Change{Email: &email})
		return false, err
	}
	if !s.cfg.Mail.Ready() {
		return false, problem.Denied("Ask an administrator to change your e-mail address.")
	}
	secret := NewSessionSecret()
	if err := s.putTicket(ctx, s.store.ReplaceTickets, SessionDigest(secret), userID, PurposeEmail, []byte(email), emailLife); err != nil {
		return false, err
	}
	text := fmt.Sprintf("Dear %s,\n\nWith this link you confirm that this is your e-mail address:\n\n  %s\n\nIt works once, for a day.\n",
		user.Name(), s.linkURL(secret))
	if err := s.mail(ctx, email, "Confirm your e-mail address", text); err != nil {
		return false, problem.New(problem.Unavailable, "The mail could not be sent. Try again later.").Because(err)
	}
	s.notify(ctx, &user, "Your e-mail address is about to change", "Somebody asked to change the e-mail address of your account %s to %s.", user.Username, email)
	return true, nil
}

// LinkFacts are told to the holder of a link.
type LinkFacts struct {
	Purpose Purpose
	User    User
	// Email is the new address that a link of PurposeEmail confirms.
	Email   string
	Expires time.Time
}

// CheckLink tells what a link is for; 410 for one that was used or is too old.
func (s *Service) CheckLink(ctx context.Context, secret, address string) (LinkFacts, error) {
	if err := s.secrets.try("link", address, s.now()); err != nil {
		return LinkFacts{}, err
	}
	ticket, err := s.ticket(ctx, secret, PurposeInvite, PurposeReset, PurposeEmail)
	if problem.Is(err, problem.Missing) {
		return LinkFacts{}, problem.New(problem.Gone, textLinkOver)
	}
	if err != nil {
		return LinkFacts{}, err
	}
	s.secrets.takeBack("link", address, s.now())
	user, err := s.store.User(ctx, ticket.UserID)
	if err != nil || user.Disabled {
		if err == nil || problem.Is(err, problem.Missing) {
			return LinkFacts{}, problem.New(problem.Gone, textLinkOver)
		}
		return LinkFacts{}, err
	}
	facts := LinkFacts{Purpose: ticket.Purpose, User: user, Expires: ticket.Expires}
	if ticket.Purpose == PurposeEmail {
		facts.Email = string(ticket.Data)
	}
	return facts, nil
}

// LinkForm is what the holder of a link sends.
type LinkForm struct {
	Password string
	// Names may be corrected with an invitation.
	FirstName, LastName, Affiliation, AffiliationAddress *string
}

// CompleteLink does what the link is for, once. Invitations and resets set the
// password and sign in, as far as the password does.
func (s *Service) CompleteLink(ctx context.Context, secret string, form LinkForm, address string) (SignedIn, error) {
	facts, err := s.CheckLink(ctx, secret, address)
	if err != nil {
		return SignedIn{}, err
	}
	user, change := facts.User, Change{}
	var hash string
	switch facts.Purpose {
	case PurposeEmail:
		change.Email = &facts.Email
	case PurposeInvite:
		change = Change{FirstName: form.FirstName, LastName: form.LastName, Affiliation: form.Affiliation, AffiliationAddress: form.AffiliationAddress}
	}
	if facts.Purpose != PurposeEmail {
		draft := user
		change.apply(&draft)
		if err := s.checkNewPassword(&draft, form.Password); err != nil {
			return SignedIn{}, err
		}
		if hash, err = s.hasher.hash(ctx, form.Password); err != nil {
			return SignedIn{}, err
		}
	}
	// From here on the link is used.
	if _, err := s.store.TakeTicket(ctx, SessionDigest(secret)); err != nil {
		if problem.Is(err, problem.Missing) {
			return SignedIn{}, problem.New(problem.Gone, textLinkOver)
		}
		return SignedIn{}, err
	}
	if change != (Change{}) {
		if user, err = s.Update(ctx, user.ID, change); err != nil {
			return SignedIn{}, err
		}
	}
	if facts.Purpose == PurposeEmail {
		return SignedIn{User: user}, nil
	}
	err = s.store.SetPasswordHash(noteOwn(ctx, audit.AccountPassword, audit.UserObject(user.ID), &user), user.ID, hash, "")
	s.changed(user.ID)
	if err != nil {
		return SignedIn{}, fmt.Errorf("store password of %s: %w", user.ID, err)
	}
	if facts.Purpose == PurposeReset {
		s.notify(ctx, &user, "Your password was changed", "The password of your account %s was changed with a link. All sessions have ended.", user.Username)
	}
	if user, err = s.store.User(ctx, user.ID); err != nil {
		return SignedIn{}, err
	}
	return s.afterPassword(ctx, user)
}
