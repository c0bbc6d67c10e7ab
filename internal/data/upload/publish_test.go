package upload_test

import (
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"oasis/internal/access/audit"
	"oasis/internal/data/entry"
	"oasis/internal/data/inbox"
	"oasis/internal/data/upload"
	"oasis/internal/problem"
	"oasis/internal/store/searchindex"
	"oasis/internal/work/processing"
)

// find lets the service search over what is in the database.
func (s *shelf) find() *entry.Service {
	found := &entry.Service{Index: searchindex.New(s.db.Search(), s.now), Now: s.now}
	s.FindWith(found)
	return found
}

// advance moves the clock.
func (s *shelf) advance(years, months int, d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.clock = s.clock.AddDate(years, months, 0).Add(d)
}

// processed ends the processing of an upload: each main file becomes an entry.
func (s *shelf) processed(t testing.TB, id string, mainfiles ...string) {
	t.Helper()
	stops, err := s.db.Processing().Stops(t.Context(), id)
	must(t, err)
	out := processing.Outcome{Stops: stops, Process: &upload.Process{Status: upload.Success, Current: upload.ProcessUpload}}
	for _, f := range mainfiles {
		out.Put = append(out.Put, entry.Entry{
			ID: upload.EntryID(id, f, ""), UploadID: id, Mainfile: f, CreateTime: s.now(), InputKey: "key",
			Process: upload.Process{Status: upload.Success}, Document: json.RawMessage(`{"entry_name": "` + f + `"}`),
		})
	}
	s.jobs(t)
	must(t, s.db.Processing().SaveOutcome(t.Context(), id, out))
}

// ready is an upload of ada with a processed entry.
func (s *shelf) ready(t *testing.T) string {
	t.Helper()
	u := s.create(t, ada, "a.json", "1")
	s.processed(t, u.ID, "a.json")
	return u.ID
}

// audited lists "operation object detail" of what was recorded about uploads, oldest first.
func (s *shelf) audited(t *testing.T) (rows []string) {
	t.Helper()
	events, err := s.db.Audit().ListAudit(t.Context(), audit.Filter{}, 100)
	must(t, err)
	for _, e := range slices.Backward(events) {
		rows = append(rows, strings.TrimSpace(e.Operation+" "+e.Object+" "+e.Detail))
	}
	return rows
}

func months(n int) *int { return &n }

func TestPublishMakesAnUploadPublicInOneStep(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	s.find()
	u := s.create(t, ada, "x.zip", zipped(t, "a.json", "1", "d/b.txt", "22", "d/empty/deep/", "", "none/", ""))
	s.processed(t, u.ID, "a.json")
	got, err := s.Publish(t.Context(), ada, u.ID, nil)
	must(t, err)
	if !got.PublishTime.Equal(s.now()) || !got.LastUpdate.Equal(s.now()) || got.EmbargoLength != 0 || got.State() != upload.Public {
		t.Errorf("%+v", got)
	}
	p := got.Process
	if p.Status != upload.Success || p.Current != upload.ProcessPublish || p.Message != "Process completed successfully" ||
		!p.CompleteTime.Equal(s.now()) || len(p.Errors)+len(p.Warnings) > 0 {
		t.Errorf("process %+v", p)
	}
	s.has(t, u.ID, "a.json=1", "d/b.txt=22") // directories without files are dropped
	for _, gone := range []string{"d/empty", "none"} {
		if _, err := os.Stat(filepath.Join(s.dir, "files", "uploads", u.ID[:2], u.ID, "raw", gone)); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%s is on the disk: %v", gone, err)
		}
	}
	items, err := s.db.Inbox().Items(t.Context(), ada.UserID, inbox.All, s.now(), 10)
	must(t, err)
	if len(items) != 1 || items[0].Data["process"] != upload.ProcessPublish || items[0].Data["resource_id"] != u.ID || items[0].Data["result"] != "success" {
		t.Errorf("told %+v", items)
	}
	if want := []string{"upload.publish upload:" + u.ID}; !slices.Equal(s.audited(t), want) {
		t.Errorf("recorded %q, want %q", s.audited(t), want)
	}
	_, err = s.PutFiles(t.Context(), ada, u.ID, "", upload.PutOptions{}, body("c", "3"))
	refused(t, err, problem.BadRequest, "Upload is already published, operation not possible.")
	s.restart(t)
	s.has(t, u.ID, "a.json=1", "d/b.txt=22")
}

func TestPublishRefusesInTheOrderClientsKnow(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	s.find()
	set := func(p upload.Process) func(t *testing.T, id string) {
		return func(t *testing.T, id string) {
			must(t, s.store.InTx(t.Context(), func(tx upload.Tx) error { return tx.SetProcess(t.Context(), id, p) }))
		}
	}
	none := func(*testing.T, string) {}
	published := func(t *testing.T, id string) {
		t.Helper()
		_, err := s.Publish(t.Context(), ada, id, nil)
		must(t, err)
	}
	// Another upload, in staging, with an entry that can be included.
	other := s.ready(t)
	s.advance(0, 0, time.Hour)
	include := func(t *testing.T, id string) {
		t.Helper()
		_, n, err := s.Include(t.Context(), ada, id, json.RawMessage(`{"upload_id": "`+other+`"}`))
		must(t, err)
		if n != 1 {
			t.Fatalf("includes %d entries", n)
		}
	}
	const embargo = "Invalid embargo_length. Must be between 0 and 36 months."
	for _, tt := range []struct {
		name    string
		entries int
		before  func(*testing.T, string)
		viewer  upload.Viewer
		embargo *int
		kind    problem.Kind
		text    string
	}{
		{"somebody else", 1, set(upload.Process{Status: upload.Pending}), bert, nil, problem.Forbidden, "You do not have write access to the specified upload."},
		{"published", 1, published, ada, months(99), problem.BadRequest, "Upload already published."},
		{"published, administrator", 1, published, root, months(99), problem.BadRequest, "The upload is already published."},
		{"running", 0, set(upload.Process{Status: upload.Pending}), ada, months(99), problem.BadRequest, "The upload is currently being processed, operation not allowed."},
		{"failed", 0, set(upload.Process{Status: upload.Failure}), ada, months(99), problem.BadRequest, "Cannot publish an upload that failed processing."},
		{"includes unpublished", 0, include, ada, months(99), problem.BadRequest, "The upload has 1 unpublished included entries. Have those published first."},
		{"no entries", 0, none, ada, months(99), problem.BadRequest, "Cannot publish an upload without any resulting entries."},
		{"embargo too long", 1, none, ada, months(37), problem.BadRequest, embargo},
		{"negative embargo", 1, none, ada, months(-1), problem.BadRequest, embargo},
	} {
		t.Run(tt.name, func(t *testing.T) {
			u := s.create(t, ada)
			mainfiles := []string{"a.json"}[:tt.entries]
			s.processed(t, u.ID, mainfiles...)
			tt.before(t, u.ID)
			was, err := s.store.Upload(t.Context(), u.ID)
			must(t, err)
			_, err = s.Publish(t.Context(), tt.viewer, u.ID, tt.embargo)
			refused(t, err, tt.kind, tt.text)
			if is, err := s.store.Upload(t.Context(), u.ID); err != nil || !is.PublishTime.Equal(was.PublishTime) || is.Process.Status != was.Process.Status {
				t.Errorf("the refusal changed %+v to %+v, %v", was, is, err)
			}
		})
	}
	_, err := s.Publish(t.Context(), ada, "none", nil)
	refused(t, err, problem.Missing, "The specified upload_id was not found.")
}

// TestAnUploadOfIncludedEntriesNeedsNoneOfItsOwn publishes what it includes first.
func TestAnUploadOfIncludedEntriesNeedsNoneOfItsOwn(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	found := s.find()
	source := s.ready(t)
	s.advance(0, 0, time.Hour)
	u := s.create(t, ada)
	query := json.RawMessage(`{"entry_name":"a.json"}`)
	in, n, err := s.Include(t.Context(), ada, u.ID, query)
	must(t, err)
	if n != 1 || string(in.Query) != string(query) || !in.At.Equal(s.now()) {
		t.Errorf("includes %d, %+v", n, in)
	}
	page, err := found.Included(t.Context(), ada, u.ID, query, nil)
	must(t, err)
	if len(page.Entries) != 1 || page.Entries[0].UploadID != source || page.Entries[0].Published || page.Unpublished != 1 || page.Pagination.Total != 1 {
		t.Errorf("%+v", page)
	}
	// Entries that are made later do not count, and neither do its own.
	s.advance(0, 0, time.Hour)
	s.ready(t)
	s.put(t, u.ID, "", "a.json", "own")
	s.processed(t, u.ID, "a.json")
	if total, public, err := found.CountIncluded(t.Context(), ada, u.ID, *in); total != 1 || public != 0 || err != nil {
		t.Errorf("%d entries, %d public, %v", total, public, err)
	}
	_, err = s.Publish(t.Context(), ada, u.ID, nil)
	refused(t, err, problem.BadRequest, "The upload has 1 unpublished included entries. Have those published first.")
	_, err = s.Publish(t.Context(), ada, source, months(3))
	must(t, err)
	_, err = s.Publish(t.Context(), ada, u.ID, nil)
	refused(t, err, problem.BadRequest, "The upload has 1 unpublished included entries. Have those published first.") // embargoed is not public
	_, err = s.LiftEmbargo(t.Context(), ada, source)
	must(t, err)
	must(t, s.store.InTx(t.Context(), func(tx upload.Tx) error { return tx.DeletePath(t.Context(), u.ID, "a.json") }))
	_, err = s.Publish(t.Context(), ada, u.ID, nil)
	must(t, err)
	_, _, err = s.Include(t.Context(), ada, u.ID, nil)
	refused(t, err, problem.BadRequest, "Upload is already published, operation not possible.")
}

func TestIncludeRefusals(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	s.find()
	id := s.ready(t)
	query := json.RawMessage(`{"entry_name": "x"}`)
	_, _, err := s.Include(t.Context(), bert, id, query)
	refused(t, err, problem.Forbidden, "You do not have write access to the specified upload.")
	_, _, err = s.Include(t.Context(), ada, id, json.RawMessage(`{"no_such_thing": 1}`))
	if !problem.Is(err, problem.Unprocessable) {
		t.Errorf("%v", err)
	}
	s.put(t, id, "", "b.json", "2")
	_, _, err = s.Include(t.Context(), ada, id, query)
	refused(t, err, problem.BadRequest, "The upload is currently blocked by another process.")
	if u, err := s.Get(t.Context(), ada, id); err != nil || u.Included != nil {
		t.Errorf("%+v, %v", u.Included, err)
	}
}

func TestPublishLeavesLicensedFilesOut(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	const whole = "TITEL = Ti\n END of PSCTR\n secret numbers\n End of Dataset\n"
	make := func(t *testing.T) string {
		u := s.create(t, ada)
		s.put(t, u.ID, "run", "POTCAR", whole, "INCAR", "x", "POTCAR_old", whole, "POTCAR_old.stripped", "mine")
		s.put(t, u.ID, "only", "POTCAR", whole)
		s.processed(t, u.ID, "run/INCAR")
		return u.ID
	}
	id := make(t)
	u, err := s.Publish(t.Context(), ada, id, months(1))
	must(t, err)
	_, content, err := s.OpenFile(t.Context(), root, id, "run/POTCAR.stripped")
	must(t, err)
	text, err := io.ReadAll(content)
	must(t, errors.Join(err, content.Close()))
	head, left, _ := strings.Cut(string(text), "\n")
	if !strings.HasPrefix(head, "POTCAR without its tables. SHA-224 of the original: ") || left != "TITEL = Ti\n END of PSCTR\n End of Dataset\n" {
		t.Errorf("stripped is %q", text)
	}
	s.has(t, id, "run/INCAR=x", "run/POTCAR.stripped="+string(text), "run/POTCAR_old.stripped=mine", "only/POTCAR.stripped="+string(text))
	if w := u.Process.Warnings; len(w) != 1 || !strings.Contains(w[0], "only/POTCAR, run/POTCAR, run/POTCAR_old.") {
		t.Errorf("warnings %q", w)
	}
	s.nothingStaged(t)
	s.restart(t)
	s.has(t, id, "run/INCAR=x", "run/POTCAR.stripped="+string(text), "run/POTCAR_old.stripped=mine", "only/POTCAR.stripped="+string(text))

	id = make(t)
	s.mu.Lock()
	s.limits.ShareLicensed = true
	s.mu.Unlock()
	_, err = s.Publish(t.Context(), ada, id, nil)
	must(t, err)
	s.has(t, id, "run/INCAR=x", "run/POTCAR="+whole, "run/POTCAR_old="+whole, "run/POTCAR_old.stripped=mine", "only/POTCAR="+whole)
}

// TestPublishIsFinishedAfterTheDiskRefused has the rows published and the disk behind.
func TestPublishIsFinishedAfterTheDiskRefused(t *testing.T) {
	t.Parallel()
	for _, op := range []string{"place", "remove"} {
		t.Run(op, func(t *testing.T) {
			t.Parallel()
			s := newShelf(t)
			u := s.create(t, ada, "POTCAR", "END of PSCTR\nsecret\n")
			s.put(t, u.ID, "", "a.json", "1")
			s.processed(t, u.ID, "a.json")
			s.files.fails(func(o, _ string) error {
				if o == op {
					return errDisk
				}
				return nil
			})
			if _, err := s.Publish(t.Context(), ada, u.ID, nil); err != nil && !problem.Is(err, problem.StorageFull) {
				t.Errorf("%v", err)
			}
			s.files.fails(nil)
			s.restart(t)
			got, err := s.Get(t.Context(), bert, u.ID)
			must(t, err)
			if got.State() != upload.Public || got.Files != 2 {
				t.Errorf("%+v", got)
			}
			raw := filepath.Join(s.dir, "files", "uploads", u.ID[:2], u.ID, "raw")
			if left, err := os.ReadDir(raw); err != nil || len(left) != 2 || left[0].Name() != "POTCAR.stripped" {
				t.Errorf("on the disk are %v, %v", left, err)
			}
		})
	}
}

func TestPublishDirectlyWaitsForEntriesAndForNewFiles(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	direct := func(files ...string) string {
		u, err := s.Create(t.Context(), ada, upload.CreateOptions{PublishDirectly: true, EmbargoLength: 2}, body(files...))
		must(t, err)
		return u.ID
	}
	state := func(id string) upload.State {
		u, err := s.store.Upload(t.Context(), id)
		must(t, err)
		return u.State()
	}
	run := func(id string) []string {
		warnings, err := s.PublishDirectly(t.Context(), id)
		must(t, err)
		return warnings
	}
	id := direct("notes.txt", "1")
	s.processed(t, id)
	if w := run(id); len(w) != 1 || !strings.Contains(w[0], "no entry") || state(id) != upload.Staging {
		t.Errorf("without entries: %q, %v", w, state(id))
	}
	s.processed(t, id, "a.json")
	s.put(t, id, "", "b.json", "1") // has to be processed first
	if w := run(id); len(w) != 0 || state(id) != upload.Staging {
		t.Errorf("while a job waits: %q, %v", w, state(id))
	}
	s.processed(t, id, "a.json", "b.json")
	if w := run(id); len(w) != 0 || state(id) != upload.Embargoed {
		t.Errorf("processed: %q, %v", w, state(id))
	}
	u, err := s.Get(t.Context(), ada, id)
	must(t, err)
	if u.Process.Current != upload.ProcessUpload || u.EmbargoLength != 2 {
		t.Errorf("%+v", u)
	}
	s.advance(0, 0, time.Hour)
	if run(id); !u.PublishTime.Equal(s.now().Add(-time.Hour)) {
		t.Errorf("published again at %v", u.PublishTime)
	}
	plain := s.ready(t)
	if w := run(plain); len(w) != 0 || state(plain) != upload.Staging {
		t.Errorf("one that was not asked for: %q, %v", w, state(plain))
	}
	_, err = s.Create(t.Context(), upload.Viewer{UserID: ada.UserID, AppendOnly: true}, upload.CreateOptions{PublishDirectly: true}, body("a", "1"))
	refused(t, err, problem.Forbidden, "This token may only add files; it may not publish them. Leave publish_directly out.")
}

func TestOnlyOneOfManyPublishes(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	id := s.ready(t)
	const n = 8
	ended := make(chan error, n)
	for i := range n {
		go func() {
			_, err := s.Publish(t.Context(), ada, id, months(i))
			ended <- err
		}()
	}
	won := 0
	for range n {
		if err := <-ended; err == nil {
			won++
		} else {
			refused(t, err, problem.BadRequest, "Upload already published.")
		}
	}
	if won != 1 || len(s.audited(t)) != 1 {
		t.Errorf("%d published it, recorded %q", won, s.audited(t))
	}
}
