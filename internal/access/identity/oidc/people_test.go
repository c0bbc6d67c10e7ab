package oidc_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"oasis/internal/access/identity"
	"oasis/internal/access/identity/oidc"
	"oasis/internal/problem"
)

func cooper() oidc.Person {
	return oidc.Person{Subject: sheldon, Username: "sheldon", Email: "sheldon@lab.example", FirstName: "Sheldon", LastName: "Cooper"}
}

func (w *world) bearer(t *testing.T, pairs ...any) (identity.Claims, error) {
	t.Helper()
	return w.provider.Verify(t.Context(), w.sign("first", nil, w.claims(append([]any{"exp", time.Now().Add(48 * time.Hour).Unix()}, pairs...)...)))
}

func TestDirectoryOutweighsWhatTokensSay(t *testing.T) {
	t.Parallel()
	d := newTown(cooper())
	w := newWorld(t, d, nil)
	_, err := w.bearer(t, "preferred_username", "somebody", "email", "other@lab.example", "given_name", "X")
	must(t, err)
	if u := w.user(t, sheldon); u.Username != "sheldon" || u.Email != "sheldon@lab.example" || u.FirstName != "Sheldon" {
		t.Errorf("%+v", u)
	}
	d.change(sheldon, func(p *oidc.Person) { p.LastName, p.Affiliation = "Lee", "Example Lab" })
	w.pass(31 * time.Second)
	_, err = w.bearer(t)
	must(t, err)
	if u := w.user(t, sheldon); u.Name() != "Sheldon Lee" || u.Affiliation != "Example Lab" {
		t.Errorf("after a change there: %+v", u)
	}
	if w.changes(sheldon) != 2 { // made, changed
		t.Errorf("caches were told %d times", w.changes(sheldon))
	}
}

// The hot path: while a record is fresh, nobody is asked.
func TestFreshRecordIsNotAskedForAgain(t *testing.T) {
	t.Parallel()
	d := newTown(cooper())
	w := newWorld(t, d, nil)
	for range 20 {
		_, err := w.bearer(t)
		must(t, err)
	}
	if n := d.asked.Load(); n != 1 {
		t.Errorf("asked %d times", n)
	}
}

func TestWhoIsDisabledThereIsOutHere(t *testing.T) {
	t.Parallel()
	d := newTown(cooper())
	w := newWorld(t, d, nil)
	_, err := w.bearer(t)
	must(t, err)
	generation := w.user(t, sheldon).Generation
	d.change(sheldon, func(p *oidc.Person) { p.Disabled = true })
	told := w.changes(sheldon)
	w.pass(oidc.CheckEvery)
	must(t, w.people.Refresh(t.Context())) // nobody has asked for anything meanwhile
	u := w.user(t, sheldon)
	if !u.Disabled || u.Generation == generation || w.changes(sheldon) == told {
		t.Errorf("disabled %t, generation %d → %d, caches told %d → %d", u.Disabled, generation, u.Generation, told, w.changes(sheldon))
	}
	if u, err := w.people.User(t.Context(), sheldon); err != nil || !u.Disabled {
		t.Errorf("%+v, %v", u, err)
	}

	// An administrator here cannot bring back whom the provider has disabled.
	u.Disabled = false
	must(t, w.db.Identity().UpdateUser(t.Context(), u, false))
	if u, err := w.people.User(t.Context(), sheldon); err != nil || !u.Disabled {
		t.Errorf("switched on here: %+v, %v", u, err)
	}

	d.change(sheldon, func(p *oidc.Person) { p.Disabled = false })
	w.pass(oidc.CheckEvery)
	must(t, w.people.Refresh(t.Context()))
	if u := w.user(t, sheldon); u.Disabled {
		t.Error("enabled there, still disabled here")
	}
}

func TestWhomAnAdministratorHereDisabledStaysDisabled(t *testing.T) {
	t.Parallel()
	w := newWorld(t, newTown(cooper()), nil)
	_, err := w.bearer(t)
	must(t, err)
	u := w.user(t, sheldon)
	u.Disabled = true
	must(t, w.db.Identity().UpdateUser(t.Context(), u, true))
	w.pass(11 * time.Minute) // the record is written again
	must(t, w.people.Refresh(t.Context()))
	if u, err := w.people.User(t.Context(), sheldon); err != nil || !u.Disabled {
		t.Errorf("%+v, %v", u, err)
	}
}

func TestWhoIsRemovedThereIsOutHere(t *testing.T) {
	t.Parallel()
	d := newTown(cooper())
	w := newWorld(t, d, nil)
	_, err := w.bearer(t)
	must(t, err)
	d.remove(sheldon)
	w.pass(oidc.CheckEvery)
	must(t, w.people.Refresh(t.Context()))
	if _, err := w.bearer(t); !errors.Is(err, identity.ErrUnknownUser) {
		t.Errorf("bearer: %v", err)
	}
	if u, err := w.people.User(t.Context(), sheldon); err != nil || !u.Disabled { // sessions and personal tokens
		t.Errorf("%+v, %v", u, err)
	}
	d.change(sheldon, func(p *oidc.Person) { *p = cooper() })
	w.pass(time.Minute)
	if _, err := w.bearer(t); err != nil || w.user(t, sheldon).Disabled {
		t.Errorf("back again: %v", err)
	}
}

func TestUnknownUserIsRefusedAndNotAskedForEachTime(t *testing.T) {
	t.Parallel()
	d := newTown()
	w := newWorld(t, d, nil)
	for range 5 {
		if _, err := w.bearer(t); !errors.Is(err, identity.ErrUnknownUser) {
			t.Fatalf("%v", err)
		}
	}
	if n := d.asked.Load(); n != 1 {
		t.Errorf("asked %d times", n)
	}
	if _, err := w.db.Identity().User(t.Context(), sheldon); !problem.Is(err, problem.Missing) {
		t.Errorf("there is an account: %v", err)
	}
}

func TestLastKnownRecordHoldsForAWhile(t *testing.T) {
	t.Parallel()
	d := newTown(cooper())
	w := newWorld(t, d, nil)
	_, err := w.bearer(t)
	must(t, err)
	d.stop(errors.New("no route to host"))
	w.pass(23 * time.Hour)
	if _, err := w.bearer(t, "exp", time.Now().Add(72*time.Hour).Unix()); err != nil {
		t.Errorf("after 23 h: %v", err)
	}
	if _, err := w.bearer(t, "sub", "00000000-0000-0000-0000-000000000002"); !errors.Is(err, identity.ErrDirectoryDown) {
		t.Errorf("somebody never seen: %v", err)
	}
	told := w.changes(sheldon)
	w.pass(2 * time.Hour)
	must(t, w.people.Refresh(t.Context()))
	if _, err := w.people.User(t.Context(), sheldon); !errors.Is(err, identity.ErrDirectoryDown) {
		t.Errorf("after 25 h: %v", err)
	}
	if w.changes(sheldon) == told {
		t.Error("cached credentials were not ended")
	}
	asked := d.asked.Load()
	for range 10 {
		_, _ = w.people.User(t.Context(), sheldon)
	}
	if n := d.asked.Load() - asked; n != 0 { // the pause after a failure
		t.Errorf("asked %d times while it was known to be down", n)
	}
	d.stop(nil)
	w.pass(6 * time.Second)
	if _, err := w.people.User(t.Context(), sheldon); err != nil {
		t.Errorf("after it came back: %v", err)
	}
}

// A restart must not forget when somebody was checked last.
func TestLastCheckSurvivesARestart(t *testing.T) {
	t.Parallel()
	d := newTown(cooper())
	w := newWorld(t, d, nil)
	_, err := w.bearer(t)
	must(t, err)
	d.stop(errors.New("down"))
	again := oidc.NewPeople(w.people.PeopleConfig)
	w.pass(23 * time.Hour)
	if u, err := again.User(t.Context(), sheldon); err != nil || u.Disabled {
		t.Errorf("%+v, %v", u, err)
	}
	w.pass(2 * time.Hour)
	if _, err := again.User(t.Context(), sheldon); !errors.Is(err, identity.ErrDirectoryDown) {
		t.Errorf("%v", err)
	}
}

func TestWhoWasNotHereForLongIsNotLookedAfter(t *testing.T) {
	t.Parallel()
	d := newTown(cooper())
	w := newWorld(t, d, nil)
	_, err := w.bearer(t)
	must(t, err)
	w.pass(16 * time.Minute)
	told, asked := w.changes(sheldon), d.asked.Load()
	must(t, w.people.Refresh(t.Context()))
	if d.asked.Load() != asked || w.changes(sheldon) == told {
		t.Errorf("asked %d times, caches told %d", d.asked.Load()-asked, w.changes(sheldon)-told)
	}
}

func TestAccountsAreNeverJoined(t *testing.T) {
	t.Parallel()
	w := newWorld(t, newTown(cooper()), nil)
	people := w.db.Identity()
	local := identity.User{ID: "11111111-0000-4000-8000-000000000000", Username: "Sheldon", Email: "SHELDON@lab.example", Created: w.now()}
	must(t, people.InsertUser(t.Context(), local, "hash"))
	_, err := w.bearer(t)
	must(t, err)
	if u := w.user(t, sheldon); u.Username != "sheldon1" || u.Email != "" {
		t.Errorf("%+v", u)
	}
	if u := w.user(t, local.ID); u.Username != "Sheldon" || u.Email != local.Email || u.Origin != "" {
		t.Errorf("the account that was there: %+v", u)
	}
	// Nor does the number change each time.
	w.pass(time.Hour)
	_, err = w.bearer(t)
	must(t, err)
	if u := w.user(t, sheldon); u.Username != "sheldon1" {
		t.Errorf("later: %+v", u)
	}
}

// A subject that is the id of a local account must not become that account.
func TestSubjectCannotTakeOverALocalAccount(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil, nil)
	must(t, w.db.Identity().InsertUser(t.Context(), identity.User{ID: sheldon, Username: "root", Email: "root@lab.example", Admin: true, Created: w.now()}, "hash"))
	if _, err := w.bearer(t); !problem.Is(err, problem.Conflict) {
		t.Errorf("%v", err)
	}
	if u := w.user(t, sheldon); u.Username != "root" || u.Origin != "" {
		t.Errorf("%+v", u)
	}
}

func TestUnverifiedAddressIsNotTaken(t *testing.T) {
	t.Parallel()
	for _, verified := range []any{false, nil, "false", 1} {
		w := newWorld(t, nil, nil)
		_, err := w.bearer(t, "email_verified", verified)
		must(t, err)
		if u := w.user(t, sheldon); u.Email != "" {
			t.Errorf("email_verified %v: %s", verified, u.Email)
		}
	}
	w := newWorld(t, nil, func(c *oidc.Config, _ *oidc.PeopleConfig) { c.TrustUnverifiedEmail = true })
	_, err := w.bearer(t, "email_verified", nil)
	must(t, err)
	if u := w.user(t, sheldon); u.Email != "sheldon@lab.example" {
		t.Errorf("although it is trusted: %q", u.Email)
	}
	_, err = w.bearer(t, "sub", "s2", "preferred_username", "x", "email", "root") // no address at all: could be a user name
	must(t, err)
	if u := w.user(t, oidc.UserID(w.URL, "s2")); u.Email != "" {
		t.Errorf("%q", u.Email)
	}
}

func TestConfiguredAdministratorIsOne(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil, func(_ *oidc.Config, p *oidc.PeopleConfig) { p.AdminID = sheldon })
	_, err := w.bearer(t)
	must(t, err)
	_, err = w.bearer(t, "sub", "other", "preferred_username", "leonard")
	must(t, err)
	if !w.user(t, sheldon).Admin || w.user(t, oidc.UserID(w.URL, "other")).Admin {
		t.Error("the wrong one is an administrator")
	}
}

func TestAccountRemovedHereComesBackWithItsOwner(t *testing.T) {
	t.Parallel()
	w := newWorld(t, newTown(cooper()), nil)
	_, err := w.bearer(t)
	must(t, err)
	must(t, w.db.Identity().DeleteUser(t.Context(), sheldon))
	if _, err := w.people.User(t.Context(), sheldon); !problem.Is(err, problem.Missing) {
		t.Errorf("%v", err)
	}
	if _, err := w.bearer(t); err != nil {
		t.Fatal(err)
	}
	if u := w.user(t, sheldon); u.Username != "sheldon" {
		t.Errorf("%+v", u)
	}
}

func TestPeopleAreFoundInTheDirectory(t *testing.T) {
	t.Parallel()
	leonard := oidc.Person{Subject: "00000000-0000-0000-0000-000000000002", Username: "leonard", Email: "leonard@lab.example"}
	gone := oidc.Person{Subject: "00000000-0000-0000-0000-000000000003", Username: "leo", Disabled: true}
	d := newTown(cooper(), leonard, gone)
	w := newWorld(t, d, nil)
	_, err := w.bearer(t)
	must(t, err)
	find := func(s identity.Search) []string {
		s.Limit, s.Everywhere = 10, true
		found, err := w.people.Find(t.Context(), s)
		must(t, err)
		var names []string
		for _, u := range found {
			names = append(names, u.Username)
		}
		return names
	}
	for _, tc := range []struct {
		search identity.Search
		want   string
	}{
		{identity.Search{IDs: []string{sheldon}}, "sheldon"},
		{identity.Search{Usernames: []string{"LEONARD"}}, "leonard"},
		{identity.Search{Emails: []string{"leonard@lab.example"}}, "leonard"},
		{identity.Search{IDs: []string{"nobody"}}, ""},
		{identity.Search{Prefix: "shel"}, "sheldon"},
	} {
		if got := find(tc.search); len(got) > 1 || (len(got) == 1) != (tc.want != "") || len(got) == 1 && got[0] != tc.want {
			t.Errorf("%+v: %v", tc.search, got)
		}
	}
	asked := d.asked.Load()
	find(identity.Search{IDs: []string{"nobody"}})
	find(identity.Search{Usernames: []string{"leonard"}})
	if n := d.asked.Load() - asked; n != 0 {
		t.Errorf("asked again %d times", n)
	}
	if found, err := w.people.Find(t.Context(), identity.Search{IDs: []string{gone.Subject}, Limit: 10}); err != nil || len(found) != 0 {
		t.Errorf("visitors made us ask: %v, %v", found, err)
	}
	d.stop(errors.New("down"))
	w.pass(time.Minute)
	if got := find(identity.Search{Prefix: "s"}); len(got) != 1 {
		t.Errorf("while it is down: %v", got)
	}
}

func TestManyAtOnceAskOnce(t *testing.T) {
	t.Parallel()
	d := newTown(cooper())
	w := newWorld(t, d, nil)
	raw := w.sign("first", nil, w.claims())
	done := make(chan error)
	for range 30 {
		go func() {
			_, err := w.provider.Verify(context.Background(), raw)
			done <- err
		}()
	}
	for range 30 {
		must(t, <-done)
	}
	if n := d.asked.Load(); n > 3 { // those that come just after the answer may ask once more
		t.Errorf("asked %d times", n)
	}
}
