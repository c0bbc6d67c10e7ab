package storetest

import (
	"context"
	"errors"
	"testing"
	"time"

	"oasis/internal/access/audit"
	"oasis/internal/access/token"
	"oasis/internal/data/upload"
	"oasis/internal/problem"
)

// denied is a row that folds under a key.
func denied(key, actor, operation string, at time.Time) audit.Folded {
	return audit.Folded{Fold: key, Event: audit.Event{
		Time: at, Actor: actor, ActorName: "Name of " + actor, CredentialID: "cred-" + actor, CredentialKind: "session",
		Operation: operation, Object: "upload:" + key, Outcome: audit.Denied, Status: 403, Step: "scopes", Detail: "Missing scopes",
		Address: "192.0.2.1", RequestID: "req", Count: 2,
	}}
}

// auditOf gives all rows, newest first, without their numbers.
func auditOf(t testing.TB, s Stores, f audit.Filter) []audit.Event {
	t.Helper()
	rows := got[[]audit.Event](t)(s.Audit().ListAudit(t.Context(), f, 1000))
	for i := range rows {
		if rows[i].ID <= 0 {
			t.Errorf("row %d has the number %d", i, rows[i].ID)
		}
		rows[i].ID = 0
	}
	return rows
}

func testAudit(t *testing.T, open OpenSQL) {
	s := open(t, fixed())
	ctx := t.Context()
	at := start()
	one, two := denied("k1", "ada", "getUpload", at), denied("k2", "bob", "token.create", at.Add(time.Second))
	plain := denied("", "ada", "token.revoke", at.Add(2*time.Second))
	plain.Outcome, plain.Address, plain.CredentialKind = audit.Allowed, "2001:db8::1", "provider token"
	ok(t, s.Audit().AppendAudit(ctx, []audit.Folded{one, two, plain}))
	ok(t, s.Audit().AppendAudit(ctx, []audit.Folded{one, plain}))
	one.Count = 4
	same(t, "everything, newest first", auditOf(t, s, audit.Filter{}), []audit.Event{plain.Event, plain.Event, two.Event, one.Event})
	for name, test := range map[string]struct {
		f    audit.Filter
		want int
	}{
		"id of the actor":            {audit.Filter{Who: "ada"}, 3},
		"name of the actor":          {audit.Filter{Who: "NAME of Bob"}, 1},
		"nobody":                     {audit.Filter{Who: "eve"}, 0},
		"credential":                 {audit.Filter{Credential: "cred-bob"}, 1},
		"kind":                       {audit.Filter{Kind: "provider token"}, 2},
		"operation":                  {audit.Filter{Operation: "token.create"}, 1},
		"beginning of operation":     {audit.Filter{Operation: "token.*"}, 3},
		"half an operation":          {audit.Filter{Operation: "token."}, 0},
		"a star alone":               {audit.Filter{Operation: "*"}, 4},
		"percent is a letter":        {audit.Filter{Operation: "%*"}, 0},
		"object":                     {audit.Filter{Object: "upload:k1"}, 1},
		"beginning of object":        {audit.Filter{Object: "upload:k*"}, 2},
		"address":                    {audit.Filter{Address: "2001:db8::1"}, 2},
		"outcome":                    {audit.Filter{Outcome: audit.Denied}, 2},
		"from":                       {audit.Filter{From: at.Add(time.Second)}, 3},
		"to":                         {audit.Filter{To: at.Add(time.Second)}, 1},
		"from and to":                {audit.Filter{From: at.Add(time.Second), To: at.Add(2 * time.Second)}, 1},
		"several":                    {audit.Filter{Who: "ada", Outcome: audit.Denied, Operation: "getUpload"}, 1},
		"several that never meet":    {audit.Filter{Who: "bob", Operation: "getUpload"}, 0},
		"what a quote would open up": {audit.Filter{Who: "' or 1=1 --"}, 0},
	} {
		if rows := auditOf(t, s, test.f); len(rows) != test.want {
			t.Errorf("%s: %d rows, want %d", name, len(rows), test.want)
		}
	}
	var seen []int64
	f := audit.Filter{}
	for {
		page := got[[]audit.Event](t)(s.Audit().ListAudit(ctx, f, 1))
		if len(page) == 0 {
			break
		}
		seen = append(seen, page[0].ID)
		f.Before = audit.PlaceOf(&page[0])
	}
	if len(seen) != 4 || seen[0] <= seen[1] {
		t.Errorf("pages of one row gave %v", seen)
	}
}

func testAuditPruning(t *testing.T, open OpenSQL) {
	s := open(t, fixed())
	ctx := t.Context()
	at := start()
	ok(t, s.Audit().AppendAudit(ctx, []audit.Folded{denied("old", "a", "x", at.Add(-time.Hour)), denied("edge", "a", "x", at), denied("new", "a", "x", at.Add(time.Hour))}))
	same(t, "pruned", got[int](t)(s.Audit().PruneAudit(ctx, at)), 1)
	same(t, "pruned again", got[int](t)(s.Audit().PruneAudit(ctx, at)), 0)
	if rows := auditOf(t, s, audit.Filter{}); len(rows) != 2 || rows[1].Object != "upload:edge" {
		t.Errorf("left: %+v", rows)
	}
}

// testAuditNotes holds changes and their rows together.
func testAuditNotes(t *testing.T, open OpenSQL) {
	s := open(t, fixed())
	ctx := audit.WithFacts(t.Context(), audit.Request{Actor: "id-ada", ActorName: "ada", Address: "192.0.2.9", ID: "r1"})
	note := func(operation string) context.Context {
		return audit.Note(ctx, audit.Event{Operation: operation, Object: "o"})
	}
	count := func(operation string, want int) {
		t.Helper()
		if rows := auditOf(t, s, audit.Filter{Operation: operation}); len(rows) != want {
			t.Errorf("%s: %d rows, want %d", operation, len(rows), want)
		}
	}
	ada := newUser("ada")
	noted := note("insert")
	ok(t, s.Identity().InsertUser(noted, ada, "hash"))
	want := audit.Event{
		Time: start(), Actor: "id-ada", ActorName: "ada", Operation: "insert", Object: "o", Outcome: audit.Allowed,
		Address: "192.0.2.9", RequestID: "r1", Count: 1,
	}
	same(t, "rows", auditOf(t, s, audit.Filter{}), []audit.Event{want})
	ok(t, s.Identity().InsertUser(noted, newUser("bob"), "hash"))
	count("insert", 1) // written once, though the context was used twice
	refused(t, s.Identity().InsertUser(note("twice"), ada, "hash"), problem.Conflict)
	count("twice", 0)
	p := token.PAT{ID: "t1", UserID: ada.ID, Digest: "d", CreatedAt: start()}
	ok(t, s.Tokens().InsertPAT(note("token"), p, 9, start()))
	count("token", 1)
	ok(t, s.Tokens().RevokePAT(note("revoke"), ada.ID, "t1", start(), token.Ending{}))
	count("revoke", 1)
	ok(t, s.Tokens().RevokePAT(note("again"), ada.ID, "t1", start(), token.Ending{}))
	count("again", 0) // it was revoked before: nothing has changed
	ok(t, s.Identity().DeleteSession(note("nothing"), "none"))
	count("nothing", 0)
	undone := errors.New("undone")
	fails(t, s.Uploads().InTx(note("undone"), func(tx upload.Tx) error {
		if err := tx.InsertUpload(ctx, newUpload("u1", ada.ID)); err != nil {
			return err
		}
		return undone
	}), undone)
	count("undone", 0)
	both := audit.Note(note("first"), audit.Event{Operation: "second"})
	ok(t, s.Uploads().InTx(both, func(tx upload.Tx) error { return tx.InsertUpload(ctx, newUpload("u1", ada.ID)) }))
	count("first", 1)
	count("second", 1)
}

// testAuditTogether folds one key from many sides at once.
func testAuditTogether(t *testing.T, open OpenSQL) {
	s := open(t, fixed())
	for _, err := range together(8, func(int) error {
		return s.Audit().AppendAudit(t.Context(), []audit.Folded{denied("a", "x", "o", start()), denied("b", "x", "o", start())})
	}) {
		ok(t, err)
	}
	rows := auditOf(t, s, audit.Filter{})
	if len(rows) != 2 || rows[0].Count != 16 || rows[1].Count != 16 {
		t.Errorf("got %+v", rows)
	}
}
