package audit_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"oasis/internal/access/audit"
	"oasis/internal/store/sqlstore"
)

// book is a log over a real database, with a clock that tests move.
type book struct {
	*audit.Log
	store *stubborn
	clock time.Time
}

// stubborn is a store that can be made to refuse.
type stubborn struct {
	audit.Store
	fail error
}

func (s *stubborn) AppendAudit(ctx context.Context, rows []audit.Folded) error {
	if s.fail != nil {
		return s.fail
	}
	return s.Store.AppendAudit(ctx, rows)
}

func open(t *testing.T) *book {
	t.Helper()
	b := &book{clock: time.Date(2026, 3, 1, 12, 0, 10, 0, time.UTC)}
	db, err := sqlstore.Open(t.Context(), sqlstore.Config{Path: filepath.Join(t.TempDir(), "oasis.db")})
	must(t, err)
	t.Cleanup(func() { must(t, db.Close()) })
	b.store = &stubborn{Store: db.Audit()}
	b.Log = audit.NewLog(b.store, func() time.Time { return b.clock })
	return b
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// rows gives what is in the log, with what waits.
func (b *book) rows(t *testing.T, f audit.Filter) []audit.Event {
	t.Helper()
	rows, _, err := b.List(t.Context(), f, 100)
	must(t, err)
	return rows
}

func denied(object, address string) audit.Event {
	return audit.Event{Operation: "getUpload", Outcome: audit.Denied, Status: 403, Step: "scopes", Object: object, Address: address}
}

func TestRefusalsOfAMinuteAreOneRow(t *testing.T) {
	t.Parallel()
	b := open(t)
	for i := range 5 {
		b.Record(t.Context(), denied(fmt.Sprint("upload:", i), "192.0.2.1"))
	}
	must(t, b.Flush(t.Context()))
	b.Record(t.Context(), denied("upload:9", "192.0.2.1")) // after the row was written
	b.Record(t.Context(), denied("upload:9", "192.0.2.2"))
	b.clock = b.clock.Add(time.Minute)
	b.Record(t.Context(), denied("upload:9", "192.0.2.1"))
	var counts []string
	for _, e := range b.rows(t, audit.Filter{}) {
		counts = append(counts, fmt.Sprint(e.Address, " ", e.Object, " ", e.Count))
	}
	want := map[string]bool{"192.0.2.1 upload:9 1": true, "192.0.2.2 upload:9 1": true, "192.0.2.1 upload:0 6": true}
	for _, c := range counts {
		if !want[c] {
			t.Errorf("row %q is not expected", c)
		}
	}
	if len(counts) != 3 || counts[0] != "192.0.2.1 upload:9 1" {
		t.Errorf("rows are %v", counts)
	}
}

func TestNeighboursOfOneIPv6NetworkAreOneRow(t *testing.T) {
	t.Parallel()
	b := open(t)
	for i := range 20 {
		b.Record(t.Context(), denied("o", fmt.Sprintf("2001:db8:1:2::%x", i)))
	}
	b.Record(t.Context(), denied("o", "2001:db8:1:3::1"))
	if rows := b.rows(t, audit.Filter{}); len(rows) != 2 {
		t.Errorf("%d rows, want 2", len(rows))
	}
}

func TestWhatWasDoneKeepsEachObject(t *testing.T) {
	t.Parallel()
	b := open(t)
	for _, key := range []string{"a", "b", "a"} {
		b.Record(t.Context(), audit.Event{Operation: audit.SettingsChange, Object: audit.SettingObject(key)})
	}
	if rows := b.rows(t, audit.Filter{}); len(rows) != 2 {
		t.Errorf("%d rows, want 2", len(rows))
	}
}

func TestFloodIsCountedAndNeitherBlocksNorGrows(t *testing.T) {
	t.Parallel()
	b := open(t)
	const n = 20_000
	var all sync.WaitGroup
	for part := range 4 {
		all.Go(func() {
			for i := range n / 4 {
				b.Record(t.Context(), denied("o", fmt.Sprintf("10.%d.%d.%d", part, i/250, i%250)))
			}
		})
	}
	all.Wait()
	if got := b.Waiting(); got > 5001 {
		t.Errorf("%d rows wait", got)
	}
	if got := b.Dropped(); got != n-5000 {
		t.Errorf("%d are only counted, want %d", got, n-5000)
	}
	total := 0
	for e, err := range b.All(t.Context(), audit.Filter{}) {
		must(t, err)
		total += e.Count
	}
	if total != n {
		t.Errorf("the log tells of %d refusals, want %d", total, n)
	}
	over := b.rows(t, audit.Filter{Operation: "audit.overflow"})
	if len(over) != 1 || over[0].Count != n-5000 {
		t.Errorf("overflow: %+v", over)
	}
	b.clock = b.clock.Add(time.Minute) // and the next minute is a new one
	b.Record(t.Context(), denied("o", "192.0.2.77"))
	if rows := b.rows(t, audit.Filter{Address: "192.0.2.77"}); len(rows) != 1 {
		t.Errorf("after the flood: %+v", rows)
	}
}

func TestWhatCannotBeWrittenIsKept(t *testing.T) {
	t.Parallel()
	b := open(t)
	b.Record(t.Context(), denied("o", "192.0.2.1"))
	b.store.fail = errors.New("disk full")
	if err := b.Flush(t.Context()); err == nil {
		t.Error("nobody is told")
	}
	b.Record(t.Context(), denied("o", "192.0.2.1"))
	b.store.fail = nil
	if rows := b.rows(t, audit.Filter{}); len(rows) != 1 || rows[0].Count != 2 {
		t.Errorf("rows are %+v", rows)
	}
}

func TestTextOfCallersIsMadeHarmless(t *testing.T) {
	t.Parallel()
	b := open(t)
	b.Record(t.Context(), denied("upload:\x00\n\x1b[31m\xff"+strings.Repeat("x", 5000), "192.0.2.1"))
	object := b.rows(t, audit.Filter{})[0].Object
	if len(object) > 500 || strings.ContainsAny(object, "\x00\n\x1b") || !utf8.ValidString(object) || !strings.HasPrefix(object, "upload:") {
		t.Errorf("object %q", object)
	}
}

func TestRetentionOfZeroKeepsEverything(t *testing.T) {
	t.Parallel()
	b := open(t)
	b.Record(t.Context(), denied("o", "192.0.2.1"))
	must(t, b.Flush(t.Context()))
	b.clock = b.clock.AddDate(50, 0, 0)
	must(t, b.Prune(t.Context(), 0))
	if len(b.rows(t, audit.Filter{})) != 1 {
		t.Error("it is gone")
	}
	must(t, b.Prune(t.Context(), 400*24*time.Hour))
	if len(b.rows(t, audit.Filter{})) != 0 {
		t.Error("it is still there")
	}
}

func TestEventsAreFilledFromTheRequest(t *testing.T) {
	t.Parallel()
	b := open(t)
	ctx := audit.WithFacts(t.Context(), audit.Request{
		Actor: "id", ActorName: "ada", CredentialID: "c", CredentialKind: "session", Operation: "op", Address: "192.0.2.1", ID: "r",
	})
	b.Record(ctx, audit.Event{Object: "o"})
	b.Record(ctx, audit.Event{Operation: "x", Actor: "other", CredentialKind: "password", Outcome: audit.Failed, Address: "192.0.2.2"})
	got := map[string]audit.Event{}
	for _, e := range b.rows(t, audit.Filter{}) {
		e.ID, e.Time = 0, time.Time{}
		got[e.Operation] = e
	}
	if want := (audit.Event{
		Actor: "id", ActorName: "ada", CredentialID: "c", CredentialKind: "session", Operation: "op", Object: "o",
		Outcome: audit.Allowed, Address: "192.0.2.1", RequestID: "r", Count: 1,
	}); got["op"] != want {
		t.Errorf("got %+v", got["op"])
	}
	if want := (audit.Event{
		Actor: "other", CredentialKind: "password", Operation: "x", Outcome: audit.Failed, Address: "192.0.2.2", RequestID: "r", Count: 1,
	}); got["x"] != want {
		t.Errorf("got %+v", got["x"])
	}
}

func TestSignInsAreCounted(t *testing.T) {
	t.Parallel()
	b := open(t)
	b.Record(t.Context(), audit.Event{Operation: audit.SignIn})
	b.Saw(audit.Event{Operation: audit.SignIn, Outcome: audit.Allowed, Count: 1})
	b.Record(t.Context(), audit.Event{Operation: audit.SignIn, Outcome: audit.Failed})
	b.Record(t.Context(), audit.Event{Operation: audit.SignOut})
	if good, bad := b.SignIns(); good != 2 || bad != 1 {
		t.Errorf("%d good, %d bad", good, bad)
	}
}

func FuzzCursor(f *testing.F) {
	f.Add(audit.Place{Time: time.UnixMicro(1), ID: 1}.Cursor())
	f.Add("")
	f.Add("MTIz")
	f.Fuzz(func(t *testing.T, text string) {
		place, err := audit.ParseCursor(text)
		if err != nil {
			return
		}
		again, err := audit.ParseCursor(place.Cursor())
		if err != nil || again != place {
			t.Errorf("%q is %+v, and its cursor %q is %+v, %v", text, place, place.Cursor(), again, err)
		}
	})
}
