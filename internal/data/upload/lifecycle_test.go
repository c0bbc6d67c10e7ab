package upload_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"oasis/internal/data/upload"
	"oasis/internal/problem"
)

func TestProcessHasEveryEntryParsedAnew(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	id := s.ready(t)
	_, err := s.Process(t.Context(), bert, id)
	refused(t, err, problem.Forbidden, "You do not have write access to the specified upload.")
	u, err := s.Process(t.Context(), ada, id)
	must(t, err)
	if u.Process.Status != upload.Pending || u.Process.Current != upload.ProcessUpload {
		t.Errorf("%+v", u.Process)
	}
	known, err := s.db.Processing().KnownEntries(t.Context(), id)
	must(t, err)
	if len(known) != 1 || known[0].InputKey != "" {
		t.Errorf("%+v would not be parsed again", known)
	}
	_, err = s.Process(t.Context(), ada, id)
	refused(t, err, problem.BadRequest, "The upload is currently being processed, operation not allowed.")
	if waiting := s.jobs(t); !slices.Equal(waiting, []string{id}) {
		t.Errorf("jobs %q", waiting)
	}
	s.processed(t, id, "a.json")
	_, err = s.Publish(t.Context(), ada, id, nil)
	must(t, err)
	_, err = s.Process(t.Context(), ada, id)
	refused(t, err, problem.Forbidden, "Upload is already published, only admins can perform this operation.")
	s.advance(0, 1, 0)
	u, err = s.Process(t.Context(), root, id)
	must(t, err)
	if !u.LastUpdate.Equal(s.now()) || u.Process.Status != upload.Pending {
		t.Errorf("%+v", u)
	}
}

func TestStopProcessing(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	const notPending = "This functionality is only available when upload process state is pending."
	u := s.create(t, ada, "a.json", "1")
	_, err := s.StopProcessing(t.Context(), bert, u.ID)
	refused(t, err, problem.Forbidden, "You do not have write access to the specified upload.")
	u, err = s.StopProcessing(t.Context(), ada, u.ID)
	must(t, err)
	if u.Process.Status != upload.Ready || u.Process.Message != "Processing stopped" || u.Stops != 1 {
		t.Errorf("%+v", u)
	}
	if waiting := s.jobs(t); len(waiting) > 0 {
		t.Errorf("jobs %q wait", waiting)
	}
	_, err = s.StopProcessing(t.Context(), ada, u.ID)
	refused(t, err, problem.BadRequest, notPending)
	s.put(t, u.ID, "", "b.json", "2") // goes on
	if waiting := s.jobs(t); !slices.Equal(waiting, []string{u.ID}) {
		t.Errorf("jobs %q wait", waiting)
	}
	s.processed(t, u.ID)
	must(t, s.store.InTx(t.Context(), func(tx upload.Tx) error {
		return tx.SetProcess(t.Context(), u.ID, upload.Process{Status: upload.Pending, Current: "another"})
	}))
	_, err = s.StopProcessing(t.Context(), ada, u.ID)
	refused(t, err, problem.BadRequest, notPending)
	id := s.embargoed(t, 1)
	_, err = s.StopProcessing(t.Context(), ada, id)
	refused(t, err, problem.BadRequest, "Upload is already published, operation not possible.")
}

func TestDeleteEntryFiles(t *testing.T) {
	t.Parallel()
	const everything = `The file of an entry lies in the root of the upload, so this would delete every file of it. ` +
		`If that is what you want, send "confirm": ["/"] with the request.`
	all := []string{"top.json=0", "a/1.json=1", "a/2.json=2", "a/b/3.json=3", "a/b/x.txt=x", "c/4.json=4"}
	mainfiles := []string{"top.json", "a/1.json", "a/2.json", "a/b/3.json", "c/4.json"}
	for name, tt := range map[string]struct {
		query   string
		parents bool
		confirm []string
		left    []string
		kind    problem.Kind
		text    string // of the refusal
	}{
		"one":                      {query: `{"mainfile": "a/1.json"}`, left: without(all, "a/1.json=1")},
		"none":                     {query: `{"mainfile": "x"}`, left: all},
		"none, confirmed":          {query: `{"mainfile": "x"}`, confirm: []string{"a/1.json"}, left: all, kind: problem.Conflict, text: "What would be deleted is not what was confirmed, so nothing was: ."},
		"all":                      {query: `{}`, left: []string{"a/b/x.txt=x", "c/"}},
		"directory":                {query: `{"mainfile": "a/b/3.json"}`, parents: true, left: without(all, "a/b/3.json=3", "a/b/x.txt=x")},
		"directory above another":  {query: `{"mainfile:any": ["a/b/3.json", "a/1.json"]}`, parents: true, left: []string{"top.json=0", "c/4.json=4"}},
		"root":                     {query: `{}`, parents: true, left: all, kind: problem.BadRequest, text: everything},
		"root, confirmed":          {query: `{}`, parents: true, confirm: []string{"/"}, left: nil},
		"confirmed":                {query: `{"entry_name:any": ["c/4.json", "a/1.json"]}`, parents: true, confirm: []string{"c", "a"}, left: []string{"top.json=0"}},
		"something else confirmed": {query: `{"mainfile": "c/4.json"}`, confirm: []string{"c"}, left: all, kind: problem.Conflict, text: "What would be deleted is not what was confirmed, so nothing was: c/4.json."},
		"less confirmed":           {query: `{"mainfile:any": ["c/4.json", "top.json"]}`, confirm: []string{"c/4.json"}, left: all, kind: problem.Conflict, text: "What would be deleted is not what was confirmed, so nothing was: c/4.json, top.json."},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newShelf(t)
			s.find()
			u := s.create(t, ada)
			for _, f := range all {
				at, text, _ := strings.Cut(f, "=")
				dir, base := "", at
				if i := strings.LastIndexByte(at, '/'); i >= 0 {
					dir, base = at[:i], at[i+1:]
				}
				s.put(t, u.ID, dir, base, text)
			}
			other := s.ready(t) // whose entry the query finds too
			s.processed(t, u.ID, mainfiles...)
			which := upload.EntryFiles{Owner: upload.OwnerAll, Query: json.RawMessage(tt.query), Parents: tt.parents, Confirm: tt.confirm}
			_, err := s.DeleteEntryFiles(t.Context(), bert, u.ID, which)
			refused(t, err, problem.Forbidden, "You do not have write access to the specified upload.")
			got, err := s.DeleteEntryFiles(t.Context(), ada, u.ID, which)
			if tt.text != "" {
				refused(t, err, tt.kind, tt.text)
			} else {
				must(t, err)
			}
			if changed := len(tt.left) != len(all); changed != (got.Process.Status == upload.Pending) {
				t.Errorf("process %+v", got.Process)
			}
			s.has(t, u.ID, slices.Clone(tt.left)...)
			s.has(t, other, "a.json=1")
		})
	}
}

// without leaves some out.
func without(all []string, gone ...string) []string {
	return slices.DeleteFunc(slices.Clone(all), func(f string) bool { return slices.Contains(gone, f) })
}

func TestDeleteEntryFilesRefusals(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	s.find()
	id := s.ready(t)
	_, err := s.DeleteEntryFiles(t.Context(), ada, id, upload.EntryFiles{Owner: upload.OwnerAll, Query: json.RawMessage(`{"nothing": 1}`)})
	if !problem.Is(err, problem.Unprocessable) {
		t.Errorf("%v", err)
	}
	_, err = s.DeleteEntryFiles(t.Context(), ada, id, upload.EntryFiles{Owner: upload.OwnerAdmin, Query: json.RawMessage(`{}`)})
	refused(t, err, problem.Forbidden, "This can only be used by the admin user.")
	_, err = s.Publish(t.Context(), ada, id, nil)
	must(t, err)
	_, err = s.DeleteEntryFiles(t.Context(), ada, id, upload.EntryFiles{Owner: upload.OwnerAll, Query: json.RawMessage(`{}`)})
	refused(t, err, problem.BadRequest, "Upload is already published, operation not possible.")
}
