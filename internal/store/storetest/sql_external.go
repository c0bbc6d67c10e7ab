package storetest

import (
	"strings"
	"sync"
	"testing"
	"time"

	"oasis/internal/access/identity"
	"oasis/internal/access/identity/oidc"
	"oasis/internal/problem"
)

// newRecord is the record of somebody at the provider of the tests.
func newRecord(subject string) oidc.Record {
	return oidc.Record{UserID: "id-" + subject, Issuer: "https://id.example", Subject: subject, State: oidc.Active, Checked: start()}
}

func testExternal(t *testing.T, open OpenSQL) {
	ctx, db := t.Context(), open(t, fixed())
	s, people := db.External(), db.Identity()
	r := newRecord("ann")
	p := oidc.Person{
		Subject: "ann", Username: "Ann", Email: "Ann@example.org", FirstName: "Änn", LastName: "Lee", Affiliation: "Lab",
		AffiliationAddress: "1 Street", Created: start().Add(-time.Hour),
	}
	_, err := s.External(ctx, r.UserID)
	refused(t, err, problem.Missing)

	want := identity.User{
		ID: "id-ann", Username: "Ann", Email: "Ann@example.org", FirstName: "Änn", LastName: "Lee", Affiliation: "Lab",
		AffiliationAddress: "1 Street", Created: p.Created, Origin: r.Issuer,
	}
	same(t, "saved", got[oidc.Saved](t)(s.SaveExternal(ctx, r, p, false)), oidc.Saved{User: want, Created: true})
	same(t, "account", got[identity.User](t)(people.User(ctx, "id-ann")), want)
	same(t, "record", got[oidc.Record](t)(s.External(ctx, "id-ann")), r)
	same(t, "found by address", got[identity.User](t)(people.UserByLogin(ctx, "ann@EXAMPLE.org")).ID, "id-ann")

	// Nothing new is no change; only the time of the check moves on.
	r.Checked = start().Add(time.Minute)
	same(t, "saved again", got[oidc.Saved](t)(s.SaveExternal(ctx, r, p, false)), oidc.Saved{User: want})
	same(t, "record", got[oidc.Record](t)(s.External(ctx, "id-ann")), r)

	p.LastName, p.Email = "Kim", ""
	want.LastName, want.Email = "Kim", ""
	same(t, "with a new name", got[oidc.Saved](t)(s.SaveExternal(ctx, r, p, false)), oidc.Saved{User: want, Changed: true})
	same(t, "found by the new name", got[[]identity.User](t)(people.FindUsers(ctx, identity.Search{Prefix: "kim", Limit: 5})), []identity.User{want})

	want.Admin = true
	same(t, "made administrator", got[oidc.Saved](t)(s.SaveExternal(ctx, r, p, true)), oidc.Saved{User: want, Changed: true})
	same(t, "still one", got[oidc.Saved](t)(s.SaveExternal(ctx, r, p, false)), oidc.Saved{User: want})

	session := identity.Session{Digest: strings.Repeat("a", 64), UserID: "id-ann", Created: start(), LastSeen: start()}
	ok(t, people.InsertSession(ctx, session))
	r.State = oidc.Disabled
	off := got[oidc.Saved](t)(s.SaveExternal(ctx, r, p, false))
	same(t, "disabled there", off.User.Disabled && off.Changed, true)
	_, err = people.Session(ctx, session.Digest)
	refused(t, err, problem.Missing)
	same(t, "generation", got[identity.User](t)(people.User(ctx, "id-ann")).Generation, int64(1))
	r.State = oidc.Active
	same(t, "enabled there", got[oidc.Saved](t)(s.SaveExternal(ctx, r, p, false)).User.Disabled, false)

	u := got[identity.User](t)(people.User(ctx, "id-ann"))
	u.Disabled = true // by an administrator here
	ok(t, people.UpdateUser(ctx, u, true))
	same(t, "disabled here", got[oidc.Saved](t)(s.SaveExternal(ctx, r, p, false)).User.Disabled, true)

	r.State = oidc.Removed
	ok(t, s.EndExternal(ctx, r))
	same(t, "removed", got[oidc.Record](t)(s.External(ctx, "id-ann")).State, oidc.Removed)
	ok(t, people.DeleteUser(ctx, "id-ann"))
	_, err = s.External(ctx, "id-ann")
	refused(t, err, problem.Missing)
}

func testExternalClashes(t *testing.T, open OpenSQL) {
	ctx, db := t.Context(), open(t, fixed())
	s, people := db.External(), db.Identity()
	local := newUser("ann")
	ok(t, people.InsertUser(ctx, local, "hash"))

	// The id of an account that is not the provider's.
	r := newRecord("x")
	r.UserID = local.ID
	_, err := s.SaveExternal(ctx, r, oidc.Person{Subject: "x", Username: "x"}, true)
	refused(t, err, problem.Conflict)
	same(t, "account", got[identity.User](t)(people.UserByLogin(ctx, "ann")).Admin, false)

	// Names and addresses of others.
	for i, want := range []string{"ann1", "ann2"} {
		subject := string(rune('a' + i))
		saved := got[oidc.Saved](t)(s.SaveExternal(ctx, newRecord(subject), oidc.Person{Subject: subject, Username: "ann", Email: strings.ToUpper(local.Email)}, false))
		same(t, "name", saved.User.Username, want)
		same(t, "told", []bool{saved.NameTaken, saved.EmailTaken, saved.User.Email == ""}, []bool{true, true, true})
	}
	long := strings.Repeat("l", 80)
	for _, subject := range []string{"y", "z"} {
		saved := got[oidc.Saved](t)(s.SaveExternal(ctx, newRecord(subject), oidc.Person{Subject: subject, Username: long}, false))
		same(t, "length of a name", len(saved.User.Username), oidc.MaxUsername)
	}
	// A number stays when the name there does, and goes when that changes.
	again := got[oidc.Saved](t)(s.SaveExternal(ctx, newRecord("b"), oidc.Person{Subject: "b", Username: "ann"}, false))
	same(t, "the same number", again.User.Username, "ann2")
	other := got[oidc.Saved](t)(s.SaveExternal(ctx, newRecord("b"), oidc.Person{Subject: "b", Username: "Odd näme@x"}, false))
	same(t, "another name", other.User.Username, "Odd.name")

	// Another subject under the same id.
	r = newRecord("a")
	r.Subject = "somebody else"
	_, err = s.SaveExternal(ctx, r, oidc.Person{Subject: r.Subject, Username: "x"}, false)
	refused(t, err, problem.Conflict)
}

// Many servers may see somebody for the first time at once.
func testExternalTogether(t *testing.T, open OpenSQL) {
	ctx, s := t.Context(), open(t, fixed()).External()
	var g sync.WaitGroup
	created := make(chan bool, 10)
	for range cap(created) {
		g.Go(func() {
			saved, err := s.SaveExternal(ctx, newRecord("ann"), oidc.Person{Subject: "ann", Username: "ann"}, false)
			if err != nil {
				t.Error(err)
			}
			created <- saved.Created
		})
	}
	g.Wait()
	n := 0
	for range cap(created) {
		if <-created {
			n++
		}
	}
	same(t, "accounts made", n, 1)
}
