package token_test

import (
	"context"
	"errors"
	"reflect"
	"testing"
	"time"

	"oasis/internal/access/identity"
	"oasis/internal/access/scope"
	"oasis/internal/access/token"
	"oasis/internal/problem"
)

func TestPolicyOfTheOasisBoundsNewTokens(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.limits.MayCreate = func(u *identity.User) bool { return u.Username == "ada" }
	d.limits.Forbidden = scope.Of(scope.UploadsPublish)
	d.limits.MaxLifetimeAppendOnly = 0
	adaUser, bertUser := &identity.User{ID: ada, Username: "ada"}, &identity.User{ID: bert, Username: "bert"}
	simple := token.New{Name: "x", Scopes: []string{"uploads:read"}, Lifetime: token.Days(1)}

	_, _, err := d.CreateAs(t.Context(), bertUser, simple)
	wantProblem(t, err, problem.Forbidden, "On this Oasis, only certain people may make access tokens. Ask an administrator.")
	p, _, err := d.CreateAs(t.Context(), adaUser, simple)
	if err != nil {
		t.Fatal(err)
	}
	_, _, err = d.RotateAs(t.Context(), bertUser, p.ID)
	wantProblem(t, err, problem.Forbidden, "On this Oasis, only certain people may make access tokens. Ask an administrator.")

	forbidden := simple
	forbidden.Scopes = []string{"uploads:publish", "uploads:read"}
	_, _, err = d.CreateAs(t.Context(), adaUser, forbidden)
	wantBad(t, err, "This Oasis does not allow these scopes in access tokens: {'uploads:publish'}")

	lasting := token.New{Name: "microscope", Scopes: []string{"uploads:write"}}
	_, _, err = d.CreateAs(t.Context(), adaUser, lasting)
	wantBad(t, err, "Infinite tokens are disabled. Max lifetime is 365 days.")
	lasting.Restrictions = &token.Restrictions{AppendOnly: true}
	p, _, err = d.CreateAs(t.Context(), adaUser, lasting)
	if err != nil || !p.ExpiredAt.IsZero() {
		t.Fatalf("an append-only token ends at %v, %v", p.ExpiredAt, err)
	}
	next, _, err := d.RotateAs(t.Context(), adaUser, p.ID)
	if err != nil || !next.ExpiredAt.IsZero() || !reflect.DeepEqual(next.Restrictions, p.Restrictions) {
		t.Errorf("rotated to %+v, %v", next, err)
	}
	deposit := lasting
	deposit.Restrictions = &token.Restrictions{DepositFor: &token.Deposit{Default: "ada", Any: true}}
	_, _, err = d.CreateAs(t.Context(), adaUser, deposit)
	wantProblem(t, err, problem.Forbidden, "Only administrators and lab managers make tokens that deposit for others.")
}

func TestUsageIsWrittenInBatches(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	p := d.create(t, ada, token.New{Name: "x", Lifetime: token.Days(1), Scopes: []string{"uploads:read", "uploads:write"}})
	store := &flaky{Store: d.Store}
	log := token.NewUsageLog(store, d.now)
	log.Note(p.ID, scope.Of(scope.UploadsRead), "u1", "192.0.2.7")
	store.fail = errLost
	if err := log.Flush(t.Context()); !errors.Is(err, errLost) {
		t.Fatalf("flush: %v", err)
	}
	store.fail = nil
	log.Note(p.ID, scope.Of(scope.UploadsRead), "", "192.0.2.7") // what could not be written is kept
	for range 2 {
		if err := log.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	_, used, err := d.Usage(t.Context(), ada, p.ID)
	if err != nil {
		t.Fatal(err)
	}
	at := d.now().Truncate(time.Microsecond)
	want := []token.Used{
		{PATID: p.ID, Kind: token.UsedScope, Item: "uploads:read", Times: 2, Last: at},
		{PATID: p.ID, Kind: token.UsedUpload, Item: "u1", Times: 1, Last: at},
		{PATID: p.ID, Kind: token.UsedAddress, Item: "192.0.2.7", Times: 2, Last: at},
	}
	if !reflect.DeepEqual(used, want) {
		t.Errorf("got  %+v\nwant %+v", used, want)
	}
	d.pass(31 * day)
	if _, used, err = d.Usage(t.Context(), ada, p.ID); err != nil || len(used) != 0 {
		t.Errorf("after a month: %+v, %v", used, err)
	}
	if _, _, err := d.Usage(t.Context(), bert, p.ID); !problem.Is(err, problem.Missing) {
		t.Errorf("somebody else: %v", err)
	}
}

// flaky is a store whose writes of usage can fail.
type flaky struct {
	token.Store
	fail error
}

func (f *flaky) AddUsage(ctx context.Context, usage []token.Used, forgetBefore time.Time) error {
	if f.fail != nil {
		return f.fail
	}
	return f.Store.AddUsage(ctx, usage, forgetBefore)
}
