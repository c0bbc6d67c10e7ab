package storetest

import (
	"testing"
	"time"

	"oasis/internal/access/admission"
	"oasis/internal/access/audit"
	"oasis/internal/problem"
)

func testAdmissions(t *testing.T, open OpenSQL) {
	s := open(t, fixed()).Admissions()
	ctx := t.Context()
	request := func(id, user string, after time.Duration) admission.Request {
		return admission.Request{
			ID: id, UserID: user, Username: "name of " + user, Message: "let me in\nplease", Created: start().Add(after), State: admission.Open,
		}
	}
	ada, bob, again := request("r1", "ada", 0), request("r2", "bob", time.Second), request("r3", "ada", time.Minute)
	ok(t, s.InsertRequest(ctx, ada))
	ok(t, s.InsertRequest(ctx, bob))
	refused(t, s.InsertRequest(ctx, again), problem.Conflict)
	same(t, "open ones", got[[]admission.Request](t)(s.Requests(ctx, admission.Open, 10)), []admission.Request{bob, ada})
	same(t, "one of them", len(got[[]admission.Request](t)(s.Requests(ctx, "", 1))), 1)
	ok(t, s.DecideRequest(ctx, "r1", admission.Declined, "root", start().Add(time.Hour)))
	refused(t, s.DecideRequest(ctx, "r1", admission.Approved, "root", start()), problem.Conflict)
	refused(t, s.DecideRequest(ctx, "none", admission.Approved, "root", start()), problem.Conflict)
	ada.State, ada.DecidedBy, ada.Decided = admission.Declined, "root", start().Add(time.Hour)
	same(t, "a declined one", got[admission.Request](t)(s.Request(ctx, "r1")), ada)
	ok(t, s.InsertRequest(ctx, again)) // an ended one is no obstacle
	same(t, "the newest", got[admission.Request](t)(s.LastRequest(ctx, "ada")), again)
	same(t, "all", got[[]admission.Request](t)(s.Requests(ctx, "", 10)), []admission.Request{again, bob, ada})
	_, err := s.Request(ctx, "none")
	refused(t, err, problem.Missing)
	_, err = s.LastRequest(ctx, "nobody")
	refused(t, err, problem.Missing)
}

// testAdmissionRace asks many times at once: one request is kept.
func testAdmissionRace(t *testing.T, open OpenSQL) {
	s := open(t, fixed())
	kept := 0
	for i, err := range together(8, func(i int) error {
		note := audit.Note(t.Context(), audit.Event{Operation: audit.AccessRequest})
		return s.Admissions().InsertRequest(note, admission.Request{ID: string(rune('a' + i)), UserID: "ada", Created: start(), State: admission.Open})
	}) {
		if err == nil {
			kept++
		} else if !problem.Is(err, problem.Conflict) {
			t.Errorf("%d: %v", i, err)
		}
	}
	same(t, "kept", kept, 1)
	same(t, "rows of the audit log", len(auditOf(t, s, audit.Filter{})), 1)
}
