package processing_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"oasis/internal/data/upload"
	"oasis/internal/work/jobs"
	"oasis/internal/work/parser"
	"oasis/internal/work/processing"
)

func (l *line) job(t *testing.T, id string) error {
	t.Helper()
	return l.Job(t.Context(), jobs.Job{ID: "j", Key: id, Args: []byte(`{"upload_id": "` + id + `"}`)})
}

// TestStoppedRunEndsSoonAndWritesNothing stops while a parser works that would
// take for ever, and while one works that pays no heed.
func TestStoppedRunEndsSoonAndWritesNothing(t *testing.T) {
	t.Parallel()
	for _, content := range []string{"hang", "fine"} {
		t.Run(content, func(t *testing.T) {
			t.Parallel()
			l := newLine(t)
			l.Workers, l.Watch = 1, time.Millisecond
			id := l.create(t, "a.odd", content, "b.odd", content)
			var once sync.Once
			l.watch.during = func(string) {
				once.Do(func() {
					if _, err := l.uploads.StopProcessing(context.WithoutCancel(t.Context()), ada, id); err != nil {
						t.Error(err)
					}
				})
			}
			must(t, l.job(t, id))
			u := l.upload(t, id)
			if u.Process.Status != upload.Ready || u.Process.Message != "Processing stopped" || u.Entries != 0 {
				t.Errorf("%+v", u)
			}
			// As after a crash: the job comes again and must not do anything.
			l.watch.taken()
			must(t, l.job(t, id))
			if parsed := l.watch.taken(); len(parsed) > 0 || l.upload(t, id).Process.Status != upload.Ready {
				t.Errorf("%q were parsed", parsed)
			}
			if content == "hang" {
				return
			}
			_, err := l.uploads.Process(t.Context(), ada, id)
			must(t, err)
			l.drain(t)
			l.done(t, id)
			if n := len(l.entries(t, id)); n != 2 {
				t.Errorf("%d entries", n)
			}
		})
	}
}

func TestProcessParsesEveryEntryAnew(t *testing.T) {
	t.Parallel()
	l := newLine(t)
	id := l.create(t, "a.archive.yaml", good, "b.odd", "fine", "notes.txt", "x")
	l.drain(t)
	before := l.entries(t, id)
	l.watch.taken()
	_, err := l.uploads.Process(t.Context(), ada, id)
	must(t, err)
	l.drain(t)
	l.done(t, id)
	if parsed := l.watch.taken(); !slices.Equal(parsed, []string{"a.archive.yaml", "b.odd"}) {
		t.Errorf("parsed %q", parsed)
	}
	for file, e := range l.entries(t, id) {
		if e.ID != before[file].ID || !e.CreateTime.Equal(before[file].CreateTime) || !e.LastProcessing.After(before[file].LastProcessing) {
			t.Errorf("%s was %+v, is %+v", file, before[file], e)
		}
	}
}

// TestPublishedUploadsAreProcessedAgainByTheRules changes the parsers after publishing.
func TestPublishedUploadsAreProcessedAgainByTheRules(t *testing.T) {
	t.Parallel()
	everything := processing.Rules{Rematch: true, Existing: true, Add: true, Delete: true}
	with := func(change func(*processing.Rules)) processing.Rules {
		rules := everything
		change(&rules)
		return rules
	}
	for name, tt := range map[string]struct {
		rules   processing.Rules
		parsed  []string
		entries []string
	}{
		"everything":      {everything, []string{"b.odd", "new.fresh"}, []string{"b.odd", "new.fresh"}},
		"as by default":   {with(func(r *processing.Rules) { r.Delete = false }), []string{"b.odd", "new.fresh"}, []string{"a.archive.yaml", "b.odd", "new.fresh"}},
		"nothing new":     {with(func(r *processing.Rules) { r.Add = false }), []string{"b.odd"}, []string{"b.odd"}},
		"nothing existed": {with(func(r *processing.Rules) { r.Existing = false }), []string{"new.fresh"}, []string{"b.odd", "new.fresh"}},
		"no matching":     {with(func(r *processing.Rules) { r.Rematch = false }), []string{"b.odd"}, []string{"b.odd"}},
		"first parser":    {with(func(r *processing.Rules) { r.OriginalParser = true }), []string{"b.odd", "new.fresh"}, []string{"b.odd", "new.fresh"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLine(t)
			id := l.create(t, "a.archive.yaml", good, "b.odd", "fine", "new.fresh", "fine")
			l.drain(t)
			_, err := l.uploads.Publish(t.Context(), ada, id, nil)
			must(t, err)
			l.OfPublished = func() processing.Rules { return tt.rules }
			// What read a.archive.yaml is gone, and something new reads new.fresh.
			l.Parsers = l.Parsers[len(l.Parsers)-1:]
			l.Parsers = append(l.Parsers, fresh{odd{l.watch}})
			l.watch.taken()
			root := upload.Viewer{UserID: "root", Admin: true}
			_, err = l.uploads.Process(t.Context(), root, id)
			must(t, err)
			l.drain(t)
			l.done(t, id)
			if parsed := l.watch.taken(); !slices.Equal(parsed, tt.parsed) {
				t.Errorf("parsed %q, want %q", parsed, tt.parsed)
			}
			var names []string
			for file := range l.entries(t, id) {
				names = append(names, file)
			}
			if slices.Sort(names); !slices.Equal(names, tt.entries) {
				t.Errorf("entries %q, want %q", names, tt.entries)
			}
		})
	}
}

// fresh reads what nothing read before.
type fresh struct{ odd }

func (fresh) Name() string { return "parsers/fresh" }

func (fresh) Match(c parser.Candidate) bool { return strings.HasSuffix(c.Path, ".fresh") }

func TestUploadsArePublishedDirectlyAtTheEndOfTheirRun(t *testing.T) {
	t.Parallel()
	l := newLine(t)
	l.Publisher = l.uploads
	create := func(files ...string) string {
		p := parts(files)
		u, err := l.uploads.Create(t.Context(), ada, upload.CreateOptions{PublishDirectly: true}, &p)
		must(t, err)
		return u.ID
	}
	id := create("a.archive.yaml", good, "POTCAR", "END of PSCTR\nsecret\n")
	l.drain(t)
	l.done(t, id)
	if u := l.upload(t, id); !u.Published() || len(u.Process.Warnings) != 1 || !strings.Contains(u.Process.Warnings[0], "POTCAR") {
		t.Errorf("%+v", u)
	}
	id = create("notes.txt", "x")
	l.drain(t)
	l.done(t, id)
	if u := l.upload(t, id); u.Published() || len(u.Process.Warnings) != 1 {
		t.Errorf("%+v", u)
	}
	// A crash after publishing and before the end of the run repeats the run.
	id = create("b.archive.yaml", good)
	l.Publisher = crashing{l.uploads}
	claimed, err := l.db.Jobs().ClaimJobs(t.Context(), "test", []string{upload.JobProcess}, 1, 1, time.Now(), time.Now().Add(time.Hour))
	must(t, err)
	if err := l.Job(t.Context(), claimed[0]); !errors.Is(err, errDisk) {
		t.Fatalf("%v", err)
	}
	must(t, l.db.Jobs().RetryJob(t.Context(), "test", claimed[0].ID, time.Now(), true, ""))
	first := l.upload(t, id)
	if !first.Published() || first.Process.Status != upload.Pending {
		t.Errorf("%+v", first)
	}
	l.Publisher = l.uploads
	l.drain(t)
	l.done(t, id)
	if u := l.upload(t, id); !u.PublishTime.Equal(first.PublishTime) {
		t.Errorf("published again at %s", u.PublishTime)
	}
}

// crashing publishes and then fails.
type crashing struct{ processing.Publisher }

func (c crashing) PublishDirectly(ctx context.Context, id string) ([]string, error) {
	_, err := c.Publisher.PublishDirectly(ctx, id)
	return nil, errors.Join(err, errDisk)
}
