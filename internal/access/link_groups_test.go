package access_test

import (
	"slices"
	"testing"
	"time"

	"oasis/internal/access"
	"oasis/internal/access/group"
	"oasis/internal/access/identity"
	"oasis/internal/store/sqlstore"
	"oasis/test/servers"
)

// TestChangesOfGroupsHoldInOtherProcesses changes groups in one process, and asks in
// another one who somebody is that it knows already.
func TestChangesOfGroupsHoldInOtherProcesses(t *testing.T) {
	t.Parallel()
	url := servers.Postgres(t)
	g := newGateOn(t, url)
	n := newNeighbour(t, g, url)
	pat, _ := g.pat(t, day)
	db, err := sqlstore.Open(t.Context(), sqlstore.Config{URL: url, Now: g.now})
	must(t, err)
	t.Cleanup(func() { must(t, db.Close()) })
	groups := &group.Service{Store: db.Groups(), People: g.people, Now: g.now, Changed: func([]string) {}}
	root, err := g.people.ByLogin(t.Context(), "root")
	must(t, err)
	// is waits until the neighbour says that somebody is in a group, or is not.
	is := func(name string, in bool) {
		t.Helper()
		for end := time.After(patience); ; {
			c := n.ask(t, pat)
			if slices.Contains(c.User.Groups, name) == in {
				return
			}
			select {
			case <-n.heard:
			case <-end:
				t.Fatalf("in %q: want %v, the neighbour says %v", name, in, c.User.Groups)
			}
		}
	}
	edit := func(id string, e group.Edit) {
		t.Helper()
		_, err := groups.Edit(t.Context(), &root, id, e)
		must(t, err)
	}
	n.settled(t, pat)
	name, renamed := "Inner", "Other"
	with := []group.Member{{UserID: root.ID, Role: group.Owner}, {UserID: g.ada.ID, Role: group.Plain}}
	inner, err := groups.Create(t.Context(), &root, group.Edit{Name: &name, Members: &with})
	must(t, err)
	is("inner", true)
	edit(inner.ID, group.Edit{Name: &renamed})
	is("other", true)
	name = "Outer"
	outer, err := groups.Create(t.Context(), &root, group.Edit{Name: &name})
	must(t, err)
	edit(outer.ID, group.Edit{Subgroups: &[]string{inner.ID}})
	is("outer", true)
	edit(outer.ID, group.Edit{Subgroups: &[]string{}})
	is("outer", false)
	must(t, groups.Leave(t.Context(), &g.ada, inner.ID))
	is("other", false)
	if c := n.ask(t, pat); c.UserState != access.UserKnown || c.User.Groups != nil {
		t.Errorf("%+v", c.User)
	}
	edit(inner.ID, group.Edit{Members: &with})
	is("other", true)
	must(t, groups.Delete(t.Context(), &identity.User{ID: root.ID}, inner.ID))
	is("other", false)
}
