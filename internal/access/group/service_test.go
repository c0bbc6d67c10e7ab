package group_test

import (
	"context"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"oasis/internal/access/audit"
	"oasis/internal/access/group"
	"oasis/internal/access/identity"
	"oasis/internal/problem"
	"oasis/internal/store/sqlstore"
)

// lab is a database with people and the service under test.
type lab struct {
	t *testing.T
	*group.Service
	db     *sqlstore.DB
	people map[string]*identity.User
	forgot []string
}

func newLab(t *testing.T) *lab {
	t.Helper()
	db, err := sqlstore.Open(t.Context(), sqlstore.Config{Path: filepath.Join(t.TempDir(), "oasis.db")})
	if err != nil {
		t.Fatal(err)
	}
	l := &lab{t: t, db: db, people: map[string]*identity.User{}}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	for _, name := range []string{"ada", "bob", "cyd", "dan", "root"} {
		u := identity.User{ID: "id-" + name, Username: name, Email: name + "@x.org", Admin: name == "root"}
		if err := db.Identity().InsertUser(t.Context(), u, ""); err != nil {
			t.Fatal(err)
		}
		l.people[name] = &u
	}
	l.Service = &group.Service{
		Store: db.Groups(), People: finder{db.Identity()}, Now: time.Now,
		Changed:  func(ids []string) { l.forgot = append(l.forgot, ids...) },
		Reserved: func(name string) bool { return group.Key(name) == "x-ray" },
	}
	return l
}

// finder finds people in the store.
type finder struct{ identity.Store }

func (f finder) Find(ctx context.Context, s identity.Search) ([]identity.User, error) {
	return f.FindUsers(ctx, s)
}

// members writes a list as "ada:owner bob:member".
func members(list string) *[]group.Member {
	var all []group.Member
	for _, m := range strings.Fields(list) {
		name, role, _ := strings.Cut(m, ":")
		all = append(all, group.Member{UserID: "id-" + name, Role: group.Role(role)})
	}
	return &all
}

func ids(names string) *[]string {
	all := []string{}
	for _, n := range strings.Fields(names) {
		all = append(all, "id-"+n)
	}
	return &all
}

// inWords is the other way round.
func inWords(g *group.Group) string {
	var parts []string
	for _, m := range g.Members {
		parts = append(parts, strings.TrimPrefix(m.UserID, "id-")+":"+string(m.Role))
	}
	return strings.Join(parts, " ")
}

// says gives the sentence of a refusal with its place, "" without one.
func says(err error) string {
	p := problem.As(err)
	switch {
	case err == nil:
		return ""
	case p == nil:
		return "FAULT " + err.Error()
	case len(p.Fields) > 0:
		var loc []string
		for _, part := range p.Fields[0].Loc {
			switch part := part.(type) {
			case string:
				loc = append(loc, part)
			case int:
				loc = append(loc, string(rune('0'+part)))
			}
		}
		return strings.Join(loc, ".") + ": " + p.Fields[0].Msg
	default:
		return p.Detail
	}
}

func text(s string) *string { return &s }

// TestWhoMayChangeWhatOfAGroup is the table of spec datasets-groups.md §3, with what
// we do better. Each row starts from the same group.
func TestWhoMayChangeWhatOfAGroup(t *testing.T) {
	t.Parallel()
	const before = "ada:owner bob:maintainer cyd:member"
	const mayNot = "Not authorized to edit user group 'ID'. Only group owners, maintainers and admins are allowed to edit a group."
	for name, tt := range map[string]struct {
		by   string
		edit group.Edit
		want string // the members, "name" or "description" and the new value, or the refusal
	}{
		"owner adds":                        {"ada", group.Edit{Members: members(before + " dan:maintainer")}, before + " dan:maintainer"},
		"maintainer removes":                {"bob", group.Edit{Members: members("ada:owner bob:maintainer")}, "ada:owner bob:maintainer"},
		"admin changes a role":              {"root", group.Edit{Members: members("ada:owner bob:member cyd:maintainer")}, "ada:owner bob:member cyd:maintainer"},
		"member may not add":                {"cyd", group.Edit{Members: members(before + " dan:member")}, mayNot},
		"member may not rename":             {"cyd", group.Edit{Name: text("mine")}, mayNot},
		"member may not remove others":      {"cyd", group.Edit{Members: members("ada:owner cyd:member")}, mayNot},
		"member leaves":                     {"cyd", group.Edit{Members: members("bob:maintainer ada:owner")}, "ada:owner bob:maintainer"},
		"member leaves by the older form":   {"cyd", group.Edit{MemberIDs: ids("bob ada")}, "ada:owner bob:maintainer"},
		"member may not leave and rename":   {"cyd", group.Edit{Members: members("ada:owner bob:maintainer"), Name: text("x")}, mayNot},
		"a stranger may not leave":          {"dan", group.Edit{Members: members(before)}, mayNot},
		"nobody is added twice":             {"ada", group.Edit{Members: members("ada:owner bob:member bob:member")}, "body.members_info: All user ids must be unique."},
		"two owners":                        {"ada", group.Edit{Members: members("ada:owner bob:owner")}, "body.members_info: There must be exactly one owner."},
		"no members":                        {"ada", group.Edit{Members: members("")}, "body.members_info: There must be exactly one owner."},
		"another owner":                     {"root", group.Edit{Members: members("bob:owner")}, "body.members_info: The owner of the group (id-bob) must match the expected owner (id-ada)."},
		"an unknown role":                   {"ada", group.Edit{Members: members("ada:owner bob:boss")}, "body.members_info.1.role: Input should be 'member', 'maintainer' or 'owner'"},
		"an unknown user":                   {"ada", group.Edit{Members: members("ada:owner zoe:member")}, "body.members_info.1.user_id: User 'id-zoe' was not found."},
		"an unknown user in the older form": {"ada", group.Edit{MemberIDs: ids("bob zoe")}, "body.members.1: User 'id-zoe' was not found."},
		"both forms":                        {"ada", group.Edit{Members: members(before), MemberIDs: ids("")}, "body: Fields 'members' and 'members_info' are mutually exclusive. Remove the deprecated 'members' field from your request."},
		"older form by the owner":           {"ada", group.Edit{MemberIDs: ids("dan bob")}, "ada:owner bob:maintainer dan:member"},
		"older form by a maintainer":        {"bob", group.Edit{MemberIDs: ids("cyd dan dan")}, "ada:owner bob:maintainer cyd:member dan:member"},
		"older form by an administrator":    {"root", group.Edit{MemberIDs: ids("dan")}, "ada:owner dan:member"},
		"a new name":                        {"ada", group.Edit{Name: text("  Thin \t Films ")}, "name Thin Films"},
		"an empty name":                     {"ada", group.Edit{Name: text(" ")}, "body.group_name: String should have at least 1 character"},
		"no name":                           {"ada", group.Edit{NoName: true}, "name ID"},
		"a name like an id":                 {"ada", group.Edit{Name: text("w7hvj0rtskq3m1p5n2cx8a")}, "body.group_name: This name could be taken for the id of a group. Choose another one."},
		"the name of everybody":             {"ada", group.Edit{Name: text("All")}, "body.group_name: This name could be taken for the id of a group. Choose another one."},
		"a name with rights":                {"ada", group.Edit{Name: text("X-Ray")}, "body.group_name: The access policy gives rights to the group of this name. Ask an administrator to make it."},
		"a name with rights by an admin":    {"root", group.Edit{Name: text("X-Ray")}, "name X-Ray"},
		"a name that is taken":              {"ada", group.Edit{Name: text("OTHER")}, "There is another group called OTHER. Choose another name."},
		"a description goes":                {"bob", group.Edit{Description: text("")}, "description "},
		"a long description":                {"bob", group.Edit{Description: text(strings.Repeat("ä", 5001))}, "body.description: String should have at most 5000 characters"},
		"an unknown subgroup":               {"ada", group.Edit{Subgroups: &[]string{"none"}}, "body.subgroups.0: User group 'none' was not found."},
		"a subgroup twice":                  {"ada", group.Edit{Subgroups: &[]string{"x", "x"}}, "body.subgroups: All group ids must be unique."},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLab(t)
			l.make("dan", group.Edit{Name: text("Other")})
			g := l.make("ada", group.Edit{Name: text("Lab"), Description: text("old"), Members: members(before)})
			after, err := l.Edit(t.Context(), l.people[tt.by], g.ID, tt.edit)
			got := inWords(&after)
			switch {
			case err != nil:
				got = says(err)
			case strings.HasPrefix(tt.want, "name "):
				got = "name " + after.Name
			case strings.HasPrefix(tt.want, "description "):
				got = "description " + after.Description
			}
			if got = strings.ReplaceAll(got, g.ID, "ID"); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
			stored, failed := l.Get(t.Context(), g.ID)
			if failed != nil {
				t.Fatal(failed)
			}
			want := after
			if err != nil {
				want = g
			}
			if inWords(&stored) != inWords(&want) || stored.Name != want.Name || stored.Description != want.Description {
				t.Errorf("stored: %+v", stored)
			}
		})
	}
}

// make makes a group or fails the test.
func (l *lab) make(by string, e group.Edit) group.Group {
	l.t.Helper()
	g, err := l.Create(l.t.Context(), l.people[by], e)
	if err != nil {
		l.t.Fatal(err)
	}
	return g
}

func TestNewGroupsBelongToWhoMakesThem(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	bare := l.make("bob", group.Edit{})
	if bare.Name != bare.ID || inWords(&bare) != "bob:owner" || len(bare.ID) != 22 {
		t.Errorf("%+v", bare)
	}
	older := l.make("bob", group.Edit{MemberIDs: ids("cyd bob ada")})
	if got := inWords(&older); got != "bob:owner cyd:member ada:member" {
		t.Error(got)
	}
	for want, e := range map[string]group.Edit{
		"body.members_info: There must be exactly one owner.":                                                         {Members: members("")},
		"body.members_info: The owner of the group (id-ada) must match the expected owner (id-bob).":                  {Members: members("ada:owner bob:member")},
		"body.members_info.0.user_id: User 'id-zoe' was not found.":                                                   {Members: members("zoe:member bob:owner")},
		"body.group_name: The access policy gives rights to the group of this name. Ask an administrator to make it.": {Name: text("x-RAY")},
		"body.group_name: String should have at most 200 characters":                                                  {Name: text(strings.Repeat("x", 201))},
	} {
		if _, err := l.Create(t.Context(), l.people["bob"], e); says(err) != want {
			t.Errorf("got %s, want %s", says(err), want)
		}
	}
	if _, err := l.Create(t.Context(), &identity.User{}, group.Edit{}); !problem.Is(err, problem.Unauthenticated) {
		t.Error(err)
	}
}

func TestOnlyOwnerAndAdministratorsDelete(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	for by, want := range map[string]string{
		"ada": "", "root": "",
		"bob": "Not authorized to delete user group 'ID'. Only group owners and admins are allowed to delete a group.",
		"cyd": "Not authorized to delete user group 'ID'. Only group owners and admins are allowed to delete a group.",
	} {
		g := l.make("ada", group.Edit{Members: members("ada:owner bob:maintainer cyd:member")})
		err := l.Delete(t.Context(), l.people[by], g.ID)
		if got := strings.ReplaceAll(says(err), g.ID, "ID"); got != want {
			t.Errorf("%s: %q", by, got)
		}
	}
	if err := l.Delete(t.Context(), l.people["ada"], "zz"); says(err) != "User group 'zz' was not found." {
		t.Error(err)
	}
}

func TestEverybodyButTheOwnerLeaves(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	ctx := t.Context()
	g := l.make("ada", group.Edit{Members: members("ada:owner bob:maintainer cyd:member")})
	if err := l.Leave(ctx, l.people["ada"], g.ID); !problem.Is(err, problem.BadRequest) {
		t.Errorf("the owner left: %v", err)
	}
	if err := l.Leave(ctx, l.people["dan"], g.ID); !problem.Is(err, problem.BadRequest) {
		t.Errorf("a stranger left: %v", err)
	}
	if err := l.Leave(ctx, l.people["bob"], g.ID); err != nil {
		t.Error(err)
	}
}

// TestEverybodyConcernedIsLookedUpAnew is what caches of callers rely on.
func TestEverybodyConcernedIsLookedUpAnew(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	ctx := t.Context()
	inner := l.make("bob", group.Edit{Members: members("bob:owner cyd:member")})
	outer := l.make("ada", group.Edit{Name: text("Outer")})
	forgotten := func(want string, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		slices.Sort(l.forgot)
		if got := strings.ReplaceAll(strings.Join(slices.Compact(l.forgot), " "), "id-", ""); got != want {
			t.Errorf("forgot %q, want %q", got, want)
		}
		l.forgot = nil
	}
	l.forgot = nil
	_, err := l.Edit(ctx, l.people["ada"], outer.ID, group.Edit{Subgroups: &[]string{inner.ID}})
	forgotten("ada bob cyd", err)
	_, err = l.Edit(ctx, l.people["bob"], inner.ID, group.Edit{Members: members("bob:owner dan:member")})
	forgotten("bob cyd dan", err)
	_, err = l.Edit(ctx, l.people["ada"], outer.ID, group.Edit{Name: text("Renamed")})
	forgotten("ada bob dan", err)
	dan, err := l.db.Identity().User(ctx, "id-dan")
	if err != nil || !slices.Contains(dan.Groups, "renamed") || !slices.Contains(dan.GroupIDs, outer.ID) || !slices.Contains(dan.GroupIDs, inner.ID) {
		t.Errorf("%+v, %v", dan, err)
	}
	forgotten("bob dan", l.Delete(ctx, l.people["bob"], inner.ID))
	if dan, err = l.db.Identity().User(ctx, "id-dan"); err != nil || dan.Groups != nil || dan.GroupIDs != nil {
		t.Errorf("%+v, %v", dan, err)
	}
}

func TestGroupsCannotBeInThemselves(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	ctx := t.Context()
	chain := []group.Group{l.make("ada", group.Edit{})}
	for range 7 {
		chain = append(chain, l.make("ada", group.Edit{Subgroups: &[]string{chain[len(chain)-1].ID}}))
	}
	_, err := l.Create(ctx, l.people["ada"], group.Edit{Subgroups: &[]string{chain[7].ID}})
	if says(err) != "body.subgroups.0: Groups can be in each other at most 8 deep." {
		t.Error(says(err))
	}
	for _, id := range []string{chain[0].ID, chain[7].ID} {
		_, err := l.Edit(ctx, l.people["ada"], chain[0].ID, group.Edit{Subgroups: &[]string{id}})
		if says(err) != "body.subgroups.0: A group cannot be in itself, neither directly nor through other groups." {
			t.Error(says(err))
		}
	}
}

func TestChangesOfGroupsStandInTheAuditLog(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	ctx := audit.WithFacts(t.Context(), audit.Request{Actor: "id-ada", ActorName: "ada"})
	g := l.make("ada", group.Edit{Name: text("Lab")})
	if _, err := l.Edit(ctx, l.people["ada"], g.ID, group.Edit{Name: text("New"), Members: members("ada:owner bob:member")}); err != nil {
		t.Fatal(err)
	}
	if err := l.Delete(ctx, l.people["ada"], g.ID); err != nil {
		t.Fatal(err)
	}
	events, err := l.db.Audit().ListAudit(ctx, audit.Filter{Object: audit.GroupObject(g.ID)}, 9)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range events {
		got = append(got, e.Operation+" "+e.Detail)
	}
	slices.Sort(got)
	if want := []string{"group.change New: renamed, before: Lab, 1 added", "group.create Lab", "group.remove New"}; !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
}
