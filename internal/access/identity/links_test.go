package identity_test

import (
	"strings"
	"sync"
	"testing"
	"time"

	"oasis/internal/access/identity"
	"oasis/internal/problem"
)

const overLink = "This link was used or is too old. Ask for a new one."

// secretOf takes the secret out of a link.
func secretOf(t *testing.T, url string) string {
	t.Helper()
	_, secret, ok := strings.Cut(url, publicURL+"/gui/link#")
	if !ok {
		t.Fatalf("no link: %q", url)
	}
	secret, _, _ = strings.Cut(secret, "\n")
	return secret
}

func TestInvitation(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.settle("", nil)
	u, link, err := h.Invite(t.Context(), identity.NewUser{Email: "jane@lab.example", FirstName: "jane", LastName: "Doe"})
	must(t, err)
	if u.State() != identity.StateInvited || link.Mailed || u.Username != "jdoe" {
		t.Errorf("%+v %+v", u, link)
	}
	secret := secretOf(t, link.URL)
	facts, err := h.CheckLink(t.Context(), secret, "a")
	must(t, err)
	if facts.Purpose != identity.PurposeInvite || facts.User.ID != u.ID {
		t.Errorf("%+v", facts)
	}
	_, err = h.CompleteLink(t.Context(), secret, identity.LinkForm{Password: "short"}, "a")
	wrong(t, err, "too_short")
	last := "doering"
	in, err := h.CompleteLink(t.Context(), secret, identity.LinkForm{Password: password, LastName: &last}, "a")
	must(t, err)
	if in.User.LastName != "Doering" || len(in.Methods) != 0 || in.User.State() != identity.StateActive {
		t.Errorf("%+v", in)
	}
	_, err = h.CheckLink(t.Context(), secret, "a")
	refused(t, err, problem.Gone, overLink)
	_, err = h.SignIn(t.Context(), "jdoe", password, "a")
	must(t, err)
	_, _, err = h.Invite(t.Context(), identity.NewUser{Email: "JANE@lab.example"})
	refused(t, err, problem.Conflict, "User with email JANE@lab.example already exists")
}

func TestLinksGrowOldAndEndEachOther(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.settle("", nil)
	ada := h.add(t, "ada", withPassword)
	_, first, err := h.Reset(t.Context(), ada.ID)
	must(t, err)
	_, second, err := h.Reset(t.Context(), ada.ID)
	must(t, err)
	_, err = h.CheckLink(t.Context(), secretOf(t, first.URL), "a")
	refused(t, err, problem.Gone, overLink)
	h.pass(24*time.Hour + time.Second)
	_, err = h.CheckLink(t.Context(), secretOf(t, second.URL), "a")
	refused(t, err, problem.Gone, overLink)
	_, third, err := h.Reset(t.Context(), ada.ID)
	must(t, err)
	must(t, h.SetPassword(t.Context(), ada.ID, "another fine sentence"))
	_, err = h.CheckLink(t.Context(), secretOf(t, third.URL), "a")
	refused(t, err, problem.Gone, overLink)
	_, fourth, err := h.Reset(t.Context(), ada.ID)
	must(t, err)
	must(t, h.SetDisabled(t.Context(), h.add(t, "boss", asAdmin).ID, false))
	must(t, h.SetDisabled(t.Context(), ada.ID, true))
	_, err = h.CompleteLink(t.Context(), secretOf(t, fourth.URL), identity.LinkForm{Password: password}, "a")
	refused(t, err, problem.Gone, overLink)
	for range 11 {
		_, err = h.CheckLink(t.Context(), "guess", "b")
	}
	if !problem.Is(err, problem.TooMany) {
		t.Errorf("links may be guessed without end: %v", err)
	}
}

func TestOfManyWhoUseALinkOneSetsThePassword(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.settle("", nil)
	ada := h.add(t, "ada", withPassword)
	_, link, err := h.Reset(t.Context(), ada.ID)
	must(t, err)
	secret := secretOf(t, link.URL)
	var all sync.WaitGroup
	errs := make([]error, 6)
	for i := range errs {
		all.Go(func() {
			_, errs[i] = h.CompleteLink(t.Context(), secret, identity.LinkForm{Password: "sentence number " + string(rune('a'+i))}, "a")
		})
	}
	all.Wait()
	good := 0
	for _, err := range errs {
		if err == nil {
			good++
		} else {
			refused(t, err, problem.Gone, overLink)
		}
	}
	if good != 1 {
		t.Errorf("%d have set a password", good)
	}
}

func TestLinksAreMailedOnlyToTheirOwner(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	mail := &post{}
	h.settle("", mail)
	u, link, err := h.Invite(t.Context(), identity.NewUser{Email: "jane@lab.example", FirstName: "Jane", LastName: "Doe"})
	must(t, err)
	if !link.Mailed || link.URL != "" || len(mail.mails) != 1 || !strings.HasPrefix(mail.mails[0], "jane@lab.example\nLaser Lab: You are invited\n") {
		t.Fatalf("%+v %q", link, mail.mails)
	}
	_, err = h.CompleteLink(t.Context(), secretOf(t, mail.mails[0]), identity.LinkForm{Password: password}, "a")
	must(t, err)
	// A reset does not stand in for the second factor.
	h.withApp(t, u.ID)
	mail.mails = nil
	_, _, err = h.Reset(t.Context(), u.ID)
	must(t, err)
	in, err := h.CompleteLink(t.Context(), secretOf(t, mail.mails[0]), identity.LinkForm{Password: "another fine sentence"}, "a")
	must(t, err)
	if in.Secret == "" || len(in.Methods) != 2 {
		t.Errorf("after a reset: %+v", in)
	}
	mail.down = true
	_, link, err = h.Reset(t.Context(), u.ID)
	must(t, err)
	if link.Mailed || link.URL == "" {
		t.Errorf("with the mail server down: %+v", link)
	}
}

func TestNewEmailAddressCountsWhenItsOwnerHasConfirmedIt(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.settle("", nil)
	ada := h.add(t, "ada", withPassword)
	_, err := h.ChangeEmail(t.Context(), ada.ID, "ada@allowed.example", password, "a")
	refused(t, err, problem.Forbidden, "Ask an administrator to change your e-mail address.")
	mail := &post{}
	h.settle("", mail)
	_, err = h.ChangeEmail(t.Context(), ada.ID, "ada@allowed.example", "wrong", "a")
	wrong(t, err, "wrong_password")
	mailed, err := h.ChangeEmail(t.Context(), ada.ID, "ada@allowed.example", password, "a")
	must(t, err)
	now, err := h.User(t.Context(), ada.ID)
	must(t, err)
	if !mailed || now.Email != "ada@lab.example" || !strings.HasPrefix(mail.mails[0], "ada@allowed.example\n") || !strings.HasPrefix(mail.mails[1], "ada@lab.example\n") {
		t.Fatalf("%t %s %q", mailed, now.Email, mail.mails)
	}
	in, err := h.CompleteLink(t.Context(), secretOf(t, mail.mails[0]), identity.LinkForm{}, "a")
	must(t, err)
	if in.User.Email != "ada@allowed.example" {
		t.Errorf("%+v", in.User)
	}
	boss := h.add(t, "boss", withPassword, asAdmin)
	mailed, err = h.ChangeEmail(t.Context(), boss.ID, "boss@allowed.example", password, "a")
	must(t, err)
	if mailed {
		t.Error("an administrator has to follow a link")
	}
}

func TestNoticesAreMailedOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ada := h.add(t, "ada")
	end := h.now().Add(time.Hour)
	must(t, h.NotifyOnce(t.Context(), &ada, "token 1", end, "ends", "text")) // without mail
	mail := &post{down: true}
	h.settle("", mail)
	if err := h.NotifyOnce(t.Context(), &ada, "token 1", end, "ends", "text"); err == nil {
		t.Error("nobody is told that the mail could not be sent")
	}
	mail.down = false
	for range 3 {
		must(t, h.NotifyOnce(t.Context(), &ada, "token 1", end, "ends", "text"))
	}
	must(t, h.SetPassword(t.Context(), ada.ID, password))
	must(t, h.NotifyOnce(t.Context(), &ada, "token 1", end, "ends", "text"))
	must(t, h.NotifyOnce(t.Context(), &ada, "token 2", end, "ends", "text"))
	if len(mail.mails) != 2 {
		t.Errorf("mails: %q", mail.mails)
	}
}
