package storetest

import (
	"net/netip"
	"slices"
	"testing"
	"time"

	"oasis/internal/access/identity"
	"oasis/internal/access/scope"
	"oasis/internal/access/token"
	"oasis/internal/problem"
)

func testUsers(t *testing.T, open OpenSQL) {
	ctx, s := t.Context(), open(t, fixed()).Identity()
	ann := newUser("Ann")
	ann.Admin, ann.Generation, ann.LabManager, ann.Origin, ann.LastSeen = true, 7, true, "https://id.example", start()
	ok(t, s.InsertUser(ctx, ann, "hash-1"))
	ok(t, s.InsertUser(ctx, newUser("bob"), ""))
	ann.HasPassword = true // the store tells, nobody sets it

	same(t, "user", got[identity.User](t)(s.User(ctx, ann.ID)), ann)
	for _, login := range []string{"Ann", "aNN", "ANN@example.ORG"} {
		same(t, "user by "+login, got[identity.User](t)(s.UserByLogin(ctx, login)), ann)
	}
	_, err := s.UserByLogin(ctx, "nobody")
	refused(t, err, problem.Missing)
	_, err = s.User(ctx, "")
	refused(t, err, problem.Missing)
	same(t, "users", got[[]identity.User](t)(s.ListUsers(ctx)), []identity.User{ann, newUser("bob")})
	same(t, "has admin", got[bool](t)(s.HasAdmin(ctx)), true)

	for _, clash := range []func(*identity.User){
		func(u *identity.User) { u.ID = ann.ID },
		func(u *identity.User) { u.Username = "ANN" },
		func(u *identity.User) { u.Email = "ANN@EXAMPLE.ORG" },
	} {
		u := newUser("cleo")
		clash(&u)
		refused(t, s.InsertUser(ctx, u, ""), problem.Conflict)
		if u.ID != ann.ID {
			u.ID = "id-bob"
			refused(t, s.UpdateUser(ctx, u, false), problem.Conflict)
		}
	}

	session := identity.Session{Digest: "d", UserID: ann.ID, Created: start(), LastSeen: start()}
	ok(t, s.InsertSession(ctx, session))
	ann.LastName, ann.Email, ann.Admin, ann.LabManager, ann.Origin = "Ñame", "new@example.org", false, false, ""
	ann.LastSignIn, ann.LastSeen = start(), start()
	ok(t, s.UpdateUser(ctx, ann, false))
	same(t, "user after update", got[identity.User](t)(s.UserByLogin(ctx, "new@example.org")), ann)
	_, err = s.Session(ctx, "d")
	ok(t, err)
	ann.Disabled = true
	ok(t, s.UpdateUser(ctx, ann, true))
	ann.Generation++
	same(t, "user after update that ends credentials", got[identity.User](t)(s.User(ctx, ann.ID)), ann)
	_, err = s.Session(ctx, "d")
	refused(t, err, problem.Missing)
	refused(t, s.UpdateUser(ctx, newUser("nobody"), false), problem.Missing)

	same(t, "hash", got[string](t)(s.PasswordHash(ctx, ann.ID)), "hash-1")
	ok(t, s.InsertSession(ctx, session))
	ok(t, s.SetPasswordHash(ctx, ann.ID, "hash-2", ""))
	same(t, "new hash", got[string](t)(s.PasswordHash(ctx, ann.ID)), "hash-2")
	same(t, "generation", got[identity.User](t)(s.User(ctx, ann.ID)).Generation, ann.Generation+1)
	_, err = s.Session(ctx, "d")
	refused(t, err, problem.Missing)
	refused(t, s.SetPasswordHash(ctx, "nobody", "", ""), problem.Missing)
	_, err = s.PasswordHash(ctx, "nobody")
	refused(t, err, problem.Missing)

	ok(t, s.InsertSession(ctx, session))
	ok(t, s.DeleteUser(ctx, ann.ID))
	refused(t, s.DeleteUser(ctx, ann.ID), problem.Missing)
	_, err = s.Session(ctx, "d")
	refused(t, err, problem.Missing)
}

func testFindUsers(t *testing.T, open OpenSQL) {
	ctx, s := t.Context(), open(t, fixed()).Identity()
	for _, name := range []string{"anna", "Anton", "bob", "zoe_x"} {
		u := newUser(name)
		u.FirstName, u.LastName = "", ""
		if name == "bob" {
			u.FirstName, u.LastName = "Antje", "Ångström"
		}
		ok(t, s.InsertUser(ctx, u, ""))
	}
	tests := map[string]struct {
		search identity.Search
		want   []string
	}{
		"nothing":            {identity.Search{}, nil},
		"prefix":             {identity.Search{Prefix: "AN"}, []string{"anna", "Anton", "bob"}},
		"last name":          {identity.Search{Prefix: "ång"}, []string{"bob"}},
		"full name":          {identity.Search{Prefix: "antje å"}, []string{"bob"}},
		"no wildcard":        {identity.Search{Prefix: "zoe%"}, nil},
		"ids in their order": {identity.Search{IDs: []string{"id-zoe_x", "id-none", "id-anna"}}, []string{"zoe_x", "anna"}},
		"joined once": {identity.Search{Usernames: []string{"BOB"}, Emails: []string{"Bob@example.org", "anna@example.org"}, Prefix: "an"},
			[]string{"bob", "anna", "Anton"}},
		"limit": {identity.Search{IDs: []string{"id-anna"}, Prefix: "an", Limit: 2}, []string{"anna", "Anton"}},
	}
	for name, c := range tests {
		var found []string
		for _, u := range got[[]identity.User](t)(s.FindUsers(ctx, c.search)) {
			found = append(found, u.Username)
		}
		same(t, name, found, c.want)
	}
}

func testSessions(t *testing.T, open OpenSQL) {
	ctx, s := t.Context(), open(t, fixed()).Identity()
	session := identity.Session{Digest: "d1", UserID: "u", Created: start(), LastSeen: start(), Address: "::1", Agent: "é"}
	old := identity.Session{Digest: "d2", UserID: "u", Created: start().Add(-time.Hour), LastSeen: start()}
	ok(t, s.InsertSession(ctx, session))
	ok(t, s.InsertSession(ctx, old))
	same(t, "session", got[identity.Session](t)(s.Session(ctx, "d1")), session)

	session.LastSeen = start().Add(time.Minute)
	ok(t, s.TouchSessions(ctx, map[string]time.Time{"d1": session.LastSeen, "gone": start()}))
	same(t, "touched session", got[identity.Session](t)(s.Session(ctx, "d1")), session)

	ok(t, s.DeleteSessionsBefore(ctx, start(), start()))
	_, err := s.Session(ctx, "d2")
	refused(t, err, problem.Missing)
	ok(t, s.DeleteSessionsBefore(ctx, session.LastSeen.Add(time.Microsecond), time.Time{}))
	_, err = s.Session(ctx, "d1")
	refused(t, err, problem.Missing)
	ok(t, s.DeleteSession(ctx, "d1"))
}

func testSigningKeys(t *testing.T, open OpenSQL) {
	ctx, s := t.Context(), open(t, fixed()).Identity()
	keys := []identity.SigningKey{
		{ID: "b", Sealed: []byte{0, 1, 0xff}, Created: start()},
		{ID: "a", Sealed: []byte{2}, Created: start().Add(time.Second)},
	}
	for _, k := range slices.Backward(keys) {
		ok(t, s.InsertSigningKey(ctx, k))
	}
	same(t, "keys", got[[]identity.SigningKey](t)(s.SigningKeys(ctx)), keys)
}

func testFirstAdmin(t *testing.T, open OpenSQL) {
	s := open(t, fixed()).Identity()
	candidates := names("admin", 20)
	errs := together(len(candidates), func(i int) error {
		u := newUser(candidates[i])
		u.Admin = true
		return s.InsertFirstAdmin(t.Context(), u, "hash")
	})
	countOK(t, errs, 1, func(err error) bool { return problem.Is(err, problem.Conflict) })
	same(t, "number of users", len(got[[]identity.User](t)(s.ListUsers(t.Context()))), 1)
}

// countOK wants some calls to succeed and the others to be refused.
func countOK(t *testing.T, errs []error, want int, refusal func(error) bool) {
	t.Helper()
	n := 0
	for _, err := range errs {
		switch {
		case err == nil:
			n++
		case !refusal(err):
			t.Fatal(err)
		}
	}
	same(t, "calls that succeeded", n, want)
}

func newPAT(id string) token.PAT {
	return token.PAT{
		ID: id, UserID: "u", Name: "Token " + id, Description: "d", Scopes: scope.Of(scope.UploadsRead, scope.UploadsWrite),
		Digest: digest(id), CreatedAt: start(), UpdatedAt: start(), ExpiredAt: start().Add(time.Hour),
	}
}

func testTokens(t *testing.T, open OpenSQL) {
	ctx, s := t.Context(), open(t, fixed()).Tokens()
	p := newPAT("1")
	ok(t, s.InsertPAT(ctx, p, 1, start()))
	fails(t, s.InsertPAT(ctx, newPAT("2"), 1, start()), token.ErrTooMany)
	fails(t, s.InsertPAT(ctx, newPAT("2"), 1, p.ExpiredAt), token.ErrTooMany) // ends strictly after its time
	same(t, "token", got[token.PAT](t)(s.PAT(ctx, "u", "1")), p)
	same(t, "token by digest", got[token.PAT](t)(s.PATByDigest(ctx, p.Digest)), p)
	_, err := s.PAT(ctx, "other", "1")
	refused(t, err, problem.Missing)
	_, err = s.PATByDigest(ctx, "")
	refused(t, err, problem.Missing)

	p.LastUsedAt, p.LastUsedFrom = start().Add(time.Minute), "2001:db8::1"
	ok(t, s.TouchPATs(ctx, map[string]token.Use{"1": {At: p.LastUsedAt, From: netip.MustParseAddr(p.LastUsedFrom)}, "gone": {At: start()}}))
	same(t, "used token", got[token.PAT](t)(s.PAT(ctx, "u", "1")), p)

	fails(t, s.RotatePAT(ctx, "1", newPAT("2"), p.ExpiredAt.Add(time.Microsecond)), token.ErrNotActive)
	other := newPAT("2")
	other.UserID = "other"
	fails(t, s.RotatePAT(ctx, "1", other, start()), token.ErrNotActive)
	same(t, "token that was not rotated", got[token.PAT](t)(s.PAT(ctx, "u", "1")), p)
	twice := newPAT("2")
	twice.Digest = p.Digest
	refused(t, s.RotatePAT(ctx, "1", twice, start()), problem.Conflict)
	same(t, "token whose rotation failed", got[token.PAT](t)(s.PAT(ctx, "u", "1")), p)
	ok(t, s.RotatePAT(ctx, "1", newPAT("2"), start()))
	p.RevokedAt, p.UpdatedAt = start(), start()
	p.Ended = token.Ending{How: token.EndedRotated, By: "u", Successor: "2"}
	same(t, "rotated token", got[token.PAT](t)(s.PAT(ctx, "u", "1")), p)
	same(t, "its successor", got[token.PAT](t)(s.PAT(ctx, "u", "2")), newPAT("2"))
	fails(t, s.RotatePAT(ctx, "1", newPAT("3"), start()), token.ErrNotActive)

	later := start().Add(time.Minute)
	ok(t, s.RevokePAT(ctx, "u", "2", later, token.Ending{How: token.EndedByAdmin, By: "root"}))
	ok(t, s.RevokePAT(ctx, "u", "2", later.Add(time.Hour), token.Ending{How: token.EndedRevoked, By: "u"}))
	ended := got[token.PAT](t)(s.PATByID(ctx, "2"))
	same(t, "time of the first revocation", ended.RevokedAt, later)
	same(t, "the first revocation", ended.Ended, token.Ending{How: token.EndedByAdmin, By: "root"})
	_, err = s.PATByID(ctx, "none")
	refused(t, err, problem.Missing)
	refused(t, s.RevokePAT(ctx, "other", "2", later, token.Ending{}), problem.Missing)

	lasting := newPAT("3")
	lasting.ExpiredAt = time.Time{}
	ok(t, s.InsertPAT(ctx, lasting, 1, start()))
	same(t, "pruned", got[int](t)(s.PrunePATs(ctx, start())), 0)
	same(t, "pruned", got[int](t)(s.PrunePATs(ctx, start().Add(1))), 0)
	same(t, "pruned", got[int](t)(s.PrunePATs(ctx, start().Add(time.Microsecond))), 1)
	same(t, "pruned", got[int](t)(s.PrunePATs(ctx, start().AddDate(9, 0, 0))), 1)
	same(t, "lasting token", got[token.PAT](t)(s.PAT(ctx, "u", "3")), lasting)
}

func testTokenLists(t *testing.T, open OpenSQL) {
	ctx, s := t.Context(), open(t, fixed()).Tokens()
	at := func(minutes int) time.Time { return start().Add(time.Duration(minutes) * time.Minute) }
	add := func(id, name string, created int, expired, revoked, used time.Time) {
		p := newPAT(id)
		p.Name, p.CreatedAt, p.ExpiredAt, p.RevokedAt, p.LastUsedAt = name, at(created), expired, revoked, used
		ok(t, s.InsertPAT(ctx, p, 100, start()))
	}
	never := time.Time{}
	add("1", "Über", 1, never, never, never)
	add("2", "a_b", 2, at(10), never, at(4))
	add("3", "axb", 3, at(20), at(5), at(3))
	other := newPAT("4")
	other.UserID = "other"
	ok(t, s.InsertPAT(ctx, other, 100, start()))

	yes, no := true, false
	point := func(minutes int) *time.Time { v := at(minutes); return &v }
	tests := map[string]struct {
		filter token.Filter
		want   []string
	}{
		"newest first":    {token.Filter{}, []string{"3", "2", "1"}},
		"oldest first":    {token.Filter{OrderBy: "created_asc"}, []string{"1", "2", "3"}},
		"by name":         {token.Filter{OrderBy: "name_asc"}, []string{"2", "3", "1"}},
		"by name down":    {token.Filter{OrderBy: "name_desc"}, []string{"1", "3", "2"}},
		"by end":          {token.Filter{OrderBy: "expires_asc"}, []string{"1", "2", "3"}},
		"by end down":     {token.Filter{OrderBy: "expires_desc"}, []string{"3", "2", "1"}},
		"by use":          {token.Filter{OrderBy: "last_used_asc"}, []string{"1", "3", "2"}},
		"by use down":     {token.Filter{OrderBy: "last_used_desc"}, []string{"2", "3", "1"}},
		"search":          {token.Filter{Search: "üB"}, []string{"1"}},
		"no wildcards":    {token.Filter{Search: "a_b"}, []string{"2"}},
		"no escape":       {token.Filter{Search: "!"}, nil},
		"revoked":         {token.Filter{Revoked: &yes}, []string{"3"}},
		"not revoked":     {token.Filter{Revoked: &no}, []string{"2", "1"}},
		"active":          {token.Filter{Active: &yes, Now: at(10)}, []string{"2", "1"}},
		"active later":    {token.Filter{Active: &yes, Now: at(11)}, []string{"1"}},
		"inactive":        {token.Filter{Active: &no, Now: at(11)}, []string{"3", "2"}},
		"created between": {token.Filter{CreatedAfter: point(2), CreatedBefore: point(3)}, []string{"3", "2"}},
		"used before":     {token.Filter{UsedBefore: point(3)}, []string{"3"}},
		"used after":      {token.Filter{UsedAfter: point(4)}, []string{"2"}},
		"ends before":     {token.Filter{ExpiresBefore: point(10)}, []string{"2"}},
		"ends after":      {token.Filter{ExpiresAfter: point(20)}, []string{"3"}},
	}
	for name, c := range tests {
		c.filter.Limit = 10
		page, total, err := s.ListPATs(ctx, "u", c.filter)
		ok(t, err)
		var ids []string
		for _, p := range page {
			ids = append(ids, p.ID)
		}
		same(t, name, ids, c.want)
		same(t, name+", total", total, len(c.want))
	}
	page, total, err := s.ListPATs(ctx, "u", token.Filter{Offset: 1, Limit: 1})
	ok(t, err)
	same(t, "second page", page[0].ID, "2")
	same(t, "total", total, 3)
	page, total, err = s.ListPATs(ctx, "u", token.Filter{})
	ok(t, err)
	same(t, "page without limit", len(page), 0)
	same(t, "total", total, 3)
}

func testTokenLimit(t *testing.T, open OpenSQL) {
	s := open(t, fixed()).Tokens()
	ids := names("pat", 20)
	errs := together(len(ids), func(i int) error { return s.InsertPAT(t.Context(), newPAT(ids[i]), 7, start()) })
	countOK(t, errs, 7, func(err error) bool { return err == token.ErrTooMany }) //nolint:errorlint // passed on as it is
	page, _, err := s.ListPATs(t.Context(), "u", token.Filter{Limit: 1})
	ok(t, err)
	errs = together(10, func(i int) error { return s.RotatePAT(t.Context(), page[0].ID, newPAT(ids[i]+"r"), start()) })
	countOK(t, errs, 1, func(err error) bool { return err == token.ErrNotActive }) //nolint:errorlint // passed on as it is
}
