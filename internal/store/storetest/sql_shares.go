package storetest

import (
	"context"
	"testing"
	"time"

	"oasis/internal/access/group"
	"oasis/internal/data/share"
	"oasis/internal/data/upload"
	"oasis/internal/problem"
)

func testShares(t *testing.T, open OpenSQL) {
	s := open(t, fixed())
	ctx := t.Context()
	insertGroups(t, s, newGroup("g", "ada"))
	made := func(id, owner, member string, isGroup bool, role upload.Role, after time.Duration) upload.StandingShare {
		return upload.StandingShare{ID: id, Owner: owner, Member: member, Group: isGroup, Role: role, CreatedBy: "root", Created: start().Add(after)}
	}
	own, all, two := made("s1", "ada", "g", true, upload.Coauthor, 0), made("s2", "", upload.AllGroup, true, upload.Reviewer, 1e9), made("s3", "bob", "g", false, upload.Reviewer, 2e9)
	for _, n := range []upload.StandingShare{own, all, two} {
		ok(t, s.Shares().InsertShare(ctx, n, 1))
	}
	refused(t, s.Shares().InsertShare(ctx, made("s4", "eve", "none", true, upload.Reviewer, 0), 9), problem.Missing)
	refused(t, s.Shares().InsertShare(ctx, made("s4", "ada", "g", true, upload.Reviewer, 0), 9), problem.Conflict)
	refused(t, s.Shares().InsertShare(ctx, made("s4", "ada", "bob", false, upload.Reviewer, 0), 1), problem.Conflict)
	same(t, "one", got[upload.StandingShare](t)(s.Shares().Share(ctx, "s2")), all)
	_, err := s.Shares().Share(ctx, "none")
	refused(t, err, problem.Missing)
	for name, tt := range map[string]struct {
		query share.Query
		want  []upload.StandingShare
		total int
	}{
		"all":           {share.Query{Limit: 9}, []upload.StandingShare{own, all, two}, 3},
		"a page":        {share.Query{Limit: 1, Offset: 1}, []upload.StandingShare{all}, 3},
		"only a count":  {share.Query{Owners: []string{"ada"}}, nil, 1},
		"of two":        {share.Query{Owners: []string{"", "bob"}, Limit: 9}, []upload.StandingShare{all, two}, 2},
		"of nobody":     {share.Query{Owners: []string{}, Limit: 9}, nil, 0},
		"of a stranger": {share.Query{Owners: []string{"eve"}, Limit: 9}, nil, 0},
	} {
		page, total, err := s.Shares().Shares(ctx, tt.query)
		ok(t, err)
		same(t, name, page, tt.want)
		same(t, name+": total", total, tt.total)
	}
	inTx(t, s, func(ctx context.Context, tx upload.Tx) {
		same(t, "in a transaction", got[[]upload.StandingShare](t)(tx.StandingShares(ctx, []string{"", "ada"})), []upload.StandingShare{own, all})
	})
	ok(t, s.Shares().DeleteShare(ctx, "s2"))
	refused(t, s.Shares().DeleteShare(ctx, "s2"), problem.Missing)
}

// testSharesGo deletes what standing shares name: they go, and those of namesakes stay.
func testSharesGo(t *testing.T, open OpenSQL) {
	s := open(t, fixed())
	ctx := t.Context()
	ok(t, s.Identity().InsertUser(ctx, newUser("ada"), ""))
	insertGroups(t, s, newGroup("g", "bob"), newGroup("id-ada", "bob")) // a group with the id of a user
	for i, n := range []upload.StandingShare{
		{Owner: "bob", Member: "g", Group: true}, {Owner: "bob", Member: "g"}, {Owner: "bob", Member: "id-ada"},
		{Owner: "bob", Member: "id-ada", Group: true}, {Owner: "id-ada", Member: "bob"},
	} {
		n.ID, n.Role = names("s", 5)[i], upload.Reviewer
		ok(t, s.Shares().InsertShare(ctx, n, 9))
	}
	left := func() (ids []string) {
		page, _, err := s.Shares().Shares(ctx, share.Query{Limit: 9})
		ok(t, err)
		for i := range page {
			ids = append(ids, page[i].ID)
		}
		return ids
	}
	ok(t, inGroups(t, s, func(ctx context.Context, tx group.Tx) error { return tx.DeleteGroup(ctx, "g") }))
	same(t, "left without the group", left(), []string{"s0001", "s0002", "s0003", "s0004"})
	ok(t, s.Identity().DeleteUser(ctx, "id-ada"))
	same(t, "left without the user", left(), []string{"s0001", "s0003"})
}
