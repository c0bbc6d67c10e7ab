package storetest

import (
	"slices"
	"testing"
	"time"

	"oasis/internal/access/identity"
	"oasis/internal/problem"
)

func testFactors(t *testing.T, open OpenSQL) {
	ctx, s := t.Context(), open(t, fixed()).Identity()
	ann := newUser("ann")
	ok(t, s.InsertUser(ctx, ann, "hash"))
	has := func(want bool, recovery int) {
		t.Helper()
		same(t, "second factor", got[identity.User](t)(s.User(ctx, ann.ID)).SecondFactor, want)
		same(t, "recovery codes", got[int](t)(s.RecoveryCodes(ctx, ann.ID)), recovery)
	}
	has(false, 0)
	_, err := s.TOTP(ctx, ann.ID)
	refused(t, err, problem.Missing)

	app := identity.TOTP{UserID: ann.ID, Sealed: []byte{0, 0xff}, Created: start(), LastStep: 7}
	ok(t, s.PutTOTP(ctx, app, []string{"r1", "r2"}))
	same(t, "app", got[identity.TOTP](t)(s.TOTP(ctx, ann.ID)), app)
	has(true, 2)
	same(t, "step used before", got[bool](t)(s.UseTOTPStep(ctx, ann.ID, 7)), false)
	same(t, "next step", got[bool](t)(s.UseTOTPStep(ctx, ann.ID, 8)), true)
	same(t, "next step again", got[bool](t)(s.UseTOTPStep(ctx, ann.ID, 8)), false)
	same(t, "code of another", got[bool](t)(s.UseRecoveryCode(ctx, "other", "r1")), false)
	same(t, "code", got[bool](t)(s.UseRecoveryCode(ctx, ann.ID, "r1")), true)
	same(t, "code again", got[bool](t)(s.UseRecoveryCode(ctx, ann.ID, "r1")), false)
	has(true, 1)

	key := identity.Passkey{ID: "k1", UserID: ann.ID, Name: "Laptop", Record: []byte("{}"), Created: start()}
	ok(t, s.InsertPasskey(ctx, key, nil))
	refused(t, s.InsertPasskey(ctx, key, nil), problem.Conflict)
	has(true, 1)
	ok(t, s.InsertPasskey(ctx, identity.Passkey{ID: "k0", UserID: ann.ID, Name: "Key", Record: []byte{}, Created: start().Add(time.Second)}, []string{"r3", "r4", "r5"}))
	has(true, 3)
	key.Record, key.LastUsed = []byte("new"), start().Add(time.Hour)
	ok(t, s.UpdatePasskey(ctx, key))
	same(t, "passkey", got[identity.Passkey](t)(s.Passkey(ctx, "k1")), key)
	var ids []string
	for _, k := range got[[]identity.Passkey](t)(s.Passkeys(ctx, ann.ID)) {
		ids = append(ids, k.ID)
	}
	same(t, "passkeys", ids, []string{"k1", "k0"})

	ok(t, s.DeleteTOTP(ctx, ann.ID))
	has(true, 3)
	refused(t, s.DeletePasskey(ctx, "other", "k1"), problem.Missing)
	ok(t, s.DeletePasskey(ctx, ann.ID, "k1"))
	refused(t, s.DeletePasskey(ctx, ann.ID, "k1"), problem.Missing)
	has(true, 3)
	ok(t, s.DeletePasskey(ctx, ann.ID, "k0"))
	has(false, 0)
	_, err = s.Passkey(ctx, "k0")
	refused(t, err, problem.Missing)

	ok(t, s.PutTOTP(ctx, app, []string{"r6"}))
	ok(t, s.InsertPasskey(ctx, key, nil))
	ok(t, s.PutRecoveryCodes(ctx, ann.ID, []string{"r7", "r8"}))
	has(true, 2)
	ok(t, s.DeleteFactors(ctx, ann.ID))
	has(false, 0)
	refused(t, s.PutTOTP(ctx, identity.TOTP{UserID: "nobody", Sealed: []byte{1}, Created: start()}, nil), problem.Missing)
	ok(t, s.InsertPasskey(ctx, key, nil))
	ok(t, s.DeleteUser(ctx, ann.ID))
	_, err = s.Passkey(ctx, key.ID)
	refused(t, err, problem.Missing)
}

func testTickets(t *testing.T, open OpenSQL) {
	ctx, s := t.Context(), open(t, fixed()).Identity()
	ann := newUser("ann")
	ok(t, s.InsertUser(ctx, ann, "hash"))
	ticket := identity.Ticket{
		Digest: "d1", UserID: ann.ID, Purpose: identity.PurposeInvite, Data: []byte{0, 0xff}, Created: start(), Expires: start().Add(time.Hour),
	}
	ok(t, s.PutTicket(ctx, ticket))
	same(t, "ticket", got[identity.Ticket](t)(s.Ticket(ctx, "d1")), ticket)
	second := ticket
	second.Digest = "d2"
	ok(t, s.ReplaceTickets(ctx, second))
	_, err := s.Ticket(ctx, "d1")
	refused(t, err, problem.Missing)
	reset := ticket
	reset.Digest, reset.Purpose = "d3", identity.PurposeReset
	ok(t, s.ReplaceTickets(ctx, reset))
	same(t, "ticket of another purpose", got[identity.Ticket](t)(s.Ticket(ctx, "d2")), second)
	reset.Data = []byte("again")
	ok(t, s.PutTicket(ctx, reset))

	errs := together(10, func(int) error {
		x, err := s.TakeTicket(ctx, "d3")
		if err == nil && string(x.Data) != "again" {
			t.Errorf("took %+v", x)
		}
		return err
	})
	countOK(t, errs, 1, func(err error) bool { return problem.Is(err, problem.Missing) })

	ok(t, s.DeleteTicketsBefore(ctx, second.Expires))
	_, err = s.Ticket(ctx, "d2")
	ok(t, err)
	ok(t, s.DeleteTicketsBefore(ctx, second.Expires.Add(time.Microsecond)))
	_, err = s.Ticket(ctx, "d2")
	refused(t, err, problem.Missing)

	ok(t, s.PutTicket(ctx, ticket))
	ok(t, s.SetPasswordHash(ctx, ann.ID, "new", ""))
	_, err = s.Ticket(ctx, "d1")
	refused(t, err, problem.Missing)
}

func testPasswords(t *testing.T, open OpenSQL) {
	ctx, s := t.Context(), open(t, fixed()).Identity()
	ann := newUser("ann")
	ok(t, s.InsertUser(ctx, ann, "$2a$10$x"))
	same(t, "imported hash", got[string](t)(s.HashLike(ctx, "$2")), "$2a$10$x")
	same(t, "argon2", got[string](t)(s.HashLike(ctx, "$argon2")), "")
	for _, digest := range []string{"here", "there"} {
		ok(t, s.InsertSession(ctx, identity.Session{Digest: digest, UserID: ann.ID, Created: start(), LastSeen: start()}))
	}
	ok(t, s.UpgradePasswordHash(ctx, ann.ID, "another", "stolen"))
	same(t, "hash after a wrong upgrade", got[string](t)(s.PasswordHash(ctx, ann.ID)), "$2a$10$x")
	ok(t, s.UpgradePasswordHash(ctx, ann.ID, "$2a$10$x", "upgraded"))
	same(t, "upgraded hash", got[string](t)(s.PasswordHash(ctx, ann.ID)), "upgraded")
	same(t, "generation after an upgrade", got[identity.User](t)(s.User(ctx, ann.ID)).Generation, int64(0))
	same(t, "sessions after an upgrade", len(got[[]identity.Session](t)(s.Sessions(ctx, ann.ID))), 2)

	ok(t, s.SetPasswordHash(ctx, ann.ID, "new", "here"))
	left := got[[]identity.Session](t)(s.Sessions(ctx, ann.ID))
	if len(left) != 1 || left[0].Digest != "here" {
		t.Errorf("sessions left: %+v", left)
	}
	ok(t, s.EndCredentials(ctx, ann.ID, "here"))
	same(t, "generation", got[identity.User](t)(s.User(ctx, ann.ID)).Generation, int64(2))
	ok(t, s.EndCredentials(ctx, ann.ID, ""))
	same(t, "sessions", len(got[[]identity.Session](t)(s.Sessions(ctx, ann.ID))), 0)
}

func testAccounts(t *testing.T, open OpenSQL) {
	ctx, s := t.Context(), open(t, fixed()).Identity()
	add := func(name, hash string, change func(*identity.User)) {
		u := newUser(name)
		if change != nil {
			change(&u)
		}
		ok(t, s.InsertUser(ctx, u, hash))
	}
	add("ann", "hash", func(u *identity.User) { u.Admin = true })
	add("bob", "", nil)
	add("cleo", "", func(u *identity.User) { u.Origin = "https://id.example" })
	add("dan_x", "hash", func(u *identity.User) { u.Disabled, u.Admin = true, true })
	add("eve", "", func(u *identity.User) { u.LastSignIn = start() })
	tests := map[string]struct {
		filter identity.AccountFilter
		want   []string
	}{
		"all":       {identity.AccountFilter{}, []string{"ann", "bob", "cleo", "dan_x", "eve"}},
		"search":    {identity.AccountFilter{Search: "T Bo"}, []string{"bob"}},
		"mail":      {identity.AccountFilter{Search: "VE@EXAMPLE"}, []string{"eve"}},
		"wildcards": {identity.AccountFilter{Search: "n_x"}, []string{"dan_x"}},
		"active":    {identity.AccountFilter{State: identity.StateActive}, []string{"ann", "cleo", "eve"}},
		"invited":   {identity.AccountFilter{State: identity.StateInvited}, []string{"bob"}},
		"disabled":  {identity.AccountFilter{State: identity.StateDisabled}, []string{"dan_x"}},
		"admins":    {identity.AccountFilter{State: identity.StateAdmin}, []string{"ann", "dan_x"}},
	}
	for name, c := range tests {
		c.filter.Limit = 10
		page, total, err := s.ListAccounts(ctx, c.filter)
		ok(t, err)
		var found []string
		for i := range page {
			found = append(found, page[i].Username)
			if state := page[i].State(); c.filter.State != "" && c.filter.State != identity.StateAdmin && state != c.filter.State {
				t.Errorf("%s: the account %s says that it is %s", name, page[i].Username, state)
			}
		}
		same(t, name, found, c.want)
		same(t, name+", total", total, len(c.want))
	}
	page, total, err := s.ListAccounts(ctx, identity.AccountFilter{Offset: 3, Limit: 1})
	ok(t, err)
	if total != 5 || len(page) != 1 || page[0].Username != "dan_x" {
		t.Errorf("fourth page: %d, %+v", total, page)
	}
}

func testSessionList(t *testing.T, open OpenSQL) {
	ctx, s := t.Context(), open(t, fixed()).Identity()
	ann := newUser("ann")
	ok(t, s.InsertUser(ctx, ann, "hash"))
	at := func(minutes int) time.Time { return start().Add(time.Duration(minutes) * time.Minute) }
	for i, digest := range []string{"a", "b", "c"} {
		ok(t, s.InsertSession(ctx, identity.Session{Digest: digest, UserID: ann.ID, Created: at(i), LastSeen: at(i)}))
	}
	ok(t, s.TouchSessions(ctx, map[string]time.Time{"a": at(9), "b": at(1)}))
	var order []string
	for _, x := range got[[]identity.Session](t)(s.Sessions(ctx, ann.ID)) {
		order = append(order, x.Digest)
	}
	if !slices.Equal(order, []string{"a", "c", "b"}) {
		t.Errorf("order %v", order)
	}
	u := got[identity.User](t)(s.User(ctx, ann.ID))
	same(t, "last sign-in", u.LastSignIn, at(2))
	same(t, "last seen", u.LastSeen, at(9))
}
