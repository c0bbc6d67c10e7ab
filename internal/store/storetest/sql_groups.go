package storetest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"oasis/internal/access/audit"
	"oasis/internal/access/group"
	"oasis/internal/access/identity"
	"oasis/internal/data/search"
	"oasis/internal/data/upload"
	"oasis/internal/problem"
)

func newGroup(id, owner string, members ...group.Member) group.Group {
	return group.Group{
		ID: id, Name: "Group " + id, Description: "about " + id, Created: start(),
		Members: append([]group.Member{{UserID: owner, Role: group.Owner}}, members...),
	}
}

// inGroups runs one transaction on groups.
func inGroups(t testing.TB, s Stores, fn func(ctx context.Context, tx group.Tx) error) error {
	t.Helper()
	return s.Groups().GroupTx(t.Context(), func(tx group.Tx) error { return fn(t.Context(), tx) })
}

// insertGroups stores groups.
func insertGroups(t testing.TB, s Stores, groups ...group.Group) {
	t.Helper()
	ok(t, inGroups(t, s, func(ctx context.Context, tx group.Tx) error {
		for _, g := range groups {
			if err := tx.InsertGroup(ctx, g); err != nil {
				return err
			}
		}
		return nil
	}))
}

func testGroups(t *testing.T, open OpenSQL) {
	s := open(t, fixed())
	ctx := t.Context()
	bob, eve := group.Member{UserID: "bob", Role: group.Maintainer}, group.Member{UserID: "eve", Role: group.Plain}
	a := newGroup("a", "ada", eve, bob)
	a.Subgroups = []string{"c", "b"}
	insertGroups(t, s, a, newGroup("b", "bob"), newGroup("c", "cyd"))
	same(t, "a group", got[group.Group](t)(s.Groups().Group(ctx, "a")), a)
	_, err := s.Groups().Group(ctx, "none")
	refused(t, err, problem.Missing)

	refused(t, inGroups(t, s, func(ctx context.Context, tx group.Tx) error {
		taken := newGroup("d", "ada")
		taken.Name = "GROUP B"
		return tx.InsertGroup(ctx, taken)
	}), problem.Conflict)
	renamed := a
	renamed.Name = "group b"
	refused(t, inGroups(t, s, func(ctx context.Context, tx group.Tx) error { return tx.UpdateGroup(ctx, renamed) }), problem.Conflict)
	refused(t, inGroups(t, s, func(ctx context.Context, tx group.Tx) error { return tx.UpdateGroup(ctx, newGroup("none", "ada")) }), problem.Missing)

	a.Name, a.Description, a.Subgroups = "GROUP A", "", []string{"b"}
	a.Members = []group.Member{a.Members[0], {UserID: "bob", Role: group.Plain}, {UserID: "new", Role: group.Plain}}
	ok(t, inGroups(t, s, func(ctx context.Context, tx group.Tx) error {
		if err := tx.UpdateGroup(ctx, a); err != nil {
			return err
		}
		read, err := tx.Group(ctx, "a")
		same(t, "the changed group in its transaction", read, a)
		return err
	}))
	same(t, "the changed group", got[group.Group](t)(s.Groups().Group(ctx, "a")), a)
	same(t, "missing ones", got[[]string](t)(s.Groups().MissingGroups(ctx, []string{"z", "a", "y", "b"})), []string{"z", "y"})

	ok(t, inGroups(t, s, func(ctx context.Context, tx group.Tx) error {
		people := got[[]string](t)(tx.PeopleIn(ctx, "a"))
		slices.Sort(people)
		same(t, "people in a", people, []string{"ada", "bob", "new"})
		return tx.DeleteGroup(ctx, "b")
	}))
	a.Subgroups = nil
	same(t, "without the deleted one", got[group.Group](t)(s.Groups().Group(ctx, "a")), a)
	refused(t, inGroups(t, s, func(ctx context.Context, tx group.Tx) error { return tx.DeleteGroup(ctx, "b") }), problem.Missing)
}

func testGroupLists(t *testing.T, open OpenSQL) {
	s := open(t, fixed())
	for i, g := range []group.Group{newGroup("b", "zoe"), newGroup("a", "ada"), newGroup("c", "bob", group.Member{UserID: "ada", Role: group.Plain})} {
		g.Name, g.Created = []string{"Crystal Growth", "x-ray", "Crystals 100%"}[i], start().Add(time.Duration(i)*time.Second)
		insertGroups(t, s, g)
	}
	for name, tt := range map[string]struct {
		query group.Query
		want  []string
		total int
	}{
		"oldest first":   {group.Query{Limit: 9}, []string{"b", "a", "c"}, 3},
		"newest first":   {group.Query{Limit: 9, Desc: true}, []string{"c", "a", "b"}, 3},
		"by id":          {group.Query{Limit: 9, OrderBy: group.OrderID}, []string{"a", "b", "c"}, 3},
		"by name":        {group.Query{Limit: 9, OrderBy: group.OrderName, Desc: true}, []string{"a", "c", "b"}, 3},
		"by owner":       {group.Query{Limit: 9, OrderBy: group.OrderOwner}, []string{"a", "c", "b"}, 3},
		"of somebody":    {group.Query{Limit: 9, UserID: "ada"}, []string{"a", "c"}, 2},
		"by ids":         {group.Query{Limit: 9, IDs: []string{"c", "none", "b"}}, []string{"b", "c"}, 2},
		"of no ids":      {group.Query{Limit: 9, IDs: []string{}}, nil, 0},
		"by words":       {group.Query{Limit: 9, Terms: []string{"CRYSTAL", "wth"}}, []string{"b"}, 1},
		"not a pattern":  {group.Query{Limit: 9, Terms: []string{"0%"}}, []string{"c"}, 1},
		"a page":         {group.Query{Limit: 1, Offset: 1}, []string{"a"}, 3},
		"only the count": {group.Query{}, nil, 3},
		"beyond the end": {group.Query{Limit: 1, Offset: 5}, nil, 3},
	} {
		page, total, err := s.Groups().Groups(t.Context(), tt.query)
		ok(t, err)
		var ids []string
		for i := range page {
			ids = append(ids, page[i].ID)
		}
		same(t, name, ids, tt.want)
		same(t, name+": total", total, tt.total)
	}
}

// testGroupsOfUsers makes random trees and compares what a look-up says with the tree.
func testGroupsOfUsers(t *testing.T, open OpenSQL) {
	s := open(t, fixed())
	ctx := t.Context()
	random := rand.New(rand.NewPCG(1, 2))
	users := names("u", 12)
	for _, u := range users {
		ok(t, s.Identity().InsertUser(ctx, identity.User{ID: u, Username: u, Email: u + "@x.org", Created: start()}, ""))
	}
	ids := names("g", 20)
	for i, id := range ids {
		g := newGroup(id, users[random.IntN(len(users))])
		if u := users[random.IntN(len(users))]; u != g.Owner() {
			g.Members = append(g.Members, group.Member{UserID: u, Role: group.Plain})
		}
		for _, inner := range ids[:i] { // only earlier ones: no cycle
			if random.IntN(6) == 0 {
				g.Subgroups = append(g.Subgroups, inner)
			}
		}
		insertGroups(t, s, g)
	}
	tree := got[group.Tree](t)(s.Groups().GroupTree(ctx))
	everyone := tree.Everyone()
	for _, u := range users {
		user := got[identity.User](t)(s.Identity().User(ctx, u))
		groups, groupIDs := group.Names(everyone[u])
		same(t, "ids of "+u, user.GroupIDs, groupIDs)
		same(t, "names of "+u, user.Groups, groups)
	}
	for _, id := range ids {
		var want []string
		for _, u := range users {
			if slices.ContainsFunc(everyone[u], func(r group.Ref) bool { return r.ID == id }) {
				want = append(want, u)
			}
		}
		ok(t, inGroups(t, s, func(ctx context.Context, tx group.Tx) error {
			people := got[[]string](t)(tx.PeopleIn(ctx, id))
			slices.Sort(people)
			same(t, "people in "+id, people, want)
			return nil
		}))
	}
}

// testGroupGoes deletes a group that uploads name: they lose it, and search hears of it.
func testGroupGoes(t *testing.T, open OpenSQL) {
	s := open(t, fixed())
	ctx := t.Context()
	insertGroups(t, s, newGroup("g", "ada"), newGroup("h", "ada"))
	named, other := newUpload("u1", "ada"), newUpload("u2", "ada")
	named.CoauthorGroups, named.ReviewerGroups = []string{"h", "g"}, []string{"g", upload.AllGroup}
	other.ReviewerGroups = []string{"h"}
	other.Reviewers = []string{"g"} // a user whose id is that of the group
	insert(t, s, named, other)
	before := got[int64](t)(s.Search().Rev(ctx))
	note := audit.Note(ctx, audit.Event{Operation: audit.GroupRemove})
	ok(t, s.Groups().GroupTx(note, func(tx group.Tx) error { return tx.DeleteGroup(ctx, "g") }))
	named = got[upload.Upload](t)(s.Uploads().Upload(ctx, "u1"))
	same(t, "co-author groups", named.CoauthorGroups, []string{"h"})
	same(t, "reviewer groups", named.ReviewerGroups, []string{upload.AllGroup})
	same(t, "the other one's reviewers", got[upload.Upload](t)(s.Uploads().Upload(ctx, "u2")).Reviewers, []string{"g"})
	var told []string
	ok(t, s.Search().Changes(ctx, before, func(c search.Change) error {
		if c.Upload != nil {
			told = append(told, c.Upload.ID+" "+fmt.Sprint(c.Upload.CoauthorGroups, c.Upload.ReviewerGroups))
		}
		return nil
	}))
	same(t, "what search hears", told, []string{"u1 [h] [all]"})
	same(t, "rows of the audit log", len(auditOf(t, s, audit.Filter{})), 1)
}

// testAccountLeavesGroups removes accounts that are in groups and own some.
func testAccountLeavesGroups(t *testing.T, open OpenSQL) {
	s := open(t, fixed())
	ctx := t.Context()
	ok(t, s.Identity().InsertUser(ctx, newUser("ada"), ""))
	in := func(user string, role group.Role) group.Member { return group.Member{UserID: user, Role: role} }
	insertGroups(t, s,
		newGroup("a", "id-ada", in("bob", group.Plain), in("cyd", group.Maintainer), in("dan", group.Maintainer)),
		newGroup("b", "bob", in("id-ada", group.Maintainer), in("cyd", group.Maintainer)),
		newGroup("c", "id-ada", in("bob", group.Plain)))
	ok(t, s.Identity().DeleteUser(ctx, "id-ada"))
	for id, want := range map[string][]group.Member{
		"a": {in("bob", group.Plain), in("cyd", group.Owner), in("dan", group.Maintainer)},
		"b": {in("bob", group.Owner), in("cyd", group.Maintainer)},
		"c": {in("bob", group.Plain)},
	} {
		same(t, "members of "+id, got[group.Group](t)(s.Groups().Group(ctx, id)).Members, want)
	}
}

// testGroupRace puts two groups into each other at once: one of them fails, because
// each transaction sees what the one before has done.
func testGroupRace(t *testing.T, open OpenSQL) {
	s := open(t, fixed())
	insertGroups(t, s, newGroup("a", "ada"), newGroup("b", "ada"))
	seen := make([]int, 2)
	for _, err := range together(2, func(i int) error {
		return inGroups(t, s, func(ctx context.Context, tx group.Tx) error {
			inside, err := tx.Inside(ctx)
			if err != nil {
				return err
			}
			seen[i] = len(inside)
			g := newGroup([]string{"a", "b"}[i], "ada")
			g.Subgroups = []string{[]string{"b", "a"}[i]}
			return tx.UpdateGroup(ctx, g)
		})
	}) {
		ok(t, err)
	}
	slices.Sort(seen)
	same(t, "what they saw", seen, []int{0, 1})
}
