package entry_test

import (
	"encoding/json"
	"errors"
	"io"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"oasis/internal/data/entry"
	"oasis/internal/data/upload"
	"oasis/internal/problem"
	"oasis/internal/store/filestore"
	"oasis/internal/store/sqlstore"
	"oasis/internal/work/processing"
)

const (
	hidden    = "The entry does not exist or is not visible to you."
	noArchive = "The entry does exist, but it has no archive."
	notHere   = "An entry by that id could not be found in the specified upload."
	noAccess  = "You do not have access to the specified upload."
	unknown   = "The specified upload_id was not found."
)

var (
	ada      = upload.Viewer{UserID: "c0ffee00-0000-4000-8000-000000000001"}
	bert     = upload.Viewer{UserID: "c0ffee00-0000-4000-8000-000000000002"}
	reviewer = upload.Viewer{UserID: "c0ffee00-0000-4000-8000-000000000003"}
	admin    = upload.Viewer{UserID: "c0ffee00-0000-4000-8000-000000000004", Admin: true}
	visitor  = upload.Viewer{}
)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// refused holds an error against a refusal; "" = none.
func refused(t *testing.T, what string, err error, kind problem.Kind, detail string) {
	t.Helper()
	p := problem.As(err)
	switch {
	case detail == "" && err == nil:
	case p == nil || detail == "" || p.Kind != kind || p.Detail != detail:
		t.Errorf("%s: got %v, want %q", what, err, detail)
	}
}

// library is a Reader over real stores with one upload per state, all of ada,
// each with an entry a.archive.yaml that has an archive and one that has none.
type library struct {
	*entry.Reader
	uploads map[upload.State]string
}

func newLibrary(t *testing.T) *library {
	t.Helper()
	dir := t.TempDir()
	db, err := sqlstore.Open(t.Context(), sqlstore.Config{Path: filepath.Join(dir, "oasis.db"), Now: time.Now})
	must(t, err)
	t.Cleanup(func() { must(t, db.Close()) })
	files, err := filestore.Open(filepath.Join(dir, "files"), filestore.Options{})
	must(t, err)
	t.Cleanup(func() { must(t, files.Close()) })
	l := &library{
		Reader:  &entry.Reader{Entries: db.Entries(), Uploads: db.Uploads(), Archives: files},
		uploads: map[upload.State]string{},
	}
	for _, state := range []upload.State{upload.Staging, upload.Embargoed, upload.Public} {
		u := upload.Upload{
			ID: upload.NewID(), MainAuthor: ada.UserID, Reviewers: []string{reviewer.UserID}, CreateTime: time.Now(),
			License: upload.DefaultLicense, Process: upload.Process{Status: upload.Success},
		}
		if state != upload.Staging {
			u.PublishTime = time.Now()
		}
		if state == upload.Embargoed {
			u.EmbargoLength = 12
		}
		l.uploads[state] = u.ID
		must(t, db.Uploads().InTx(t.Context(), func(tx upload.Tx) error { return tx.InsertUpload(t.Context(), u) }))
		var put []entry.Entry
		for _, mainfile := range []string{"a.archive.yaml", "b.archive.yaml"} {
			put = append(put, entry.Entry{
				ID: upload.EntryID(u.ID, mainfile, ""), UploadID: u.ID, Mainfile: mainfile, ParserName: "parsers/archive",
				CreateTime: time.Now(), Process: upload.Process{Status: upload.Success}, Document: json.RawMessage(`{}`),
			})
		}
		must(t, files.WriteArchives(t.Context(), u.ID, []upload.ArchiveBlob{{EntryID: put[0].ID, JSON: []byte(`{"data": "` + u.ID + `"}`)}}))
		must(t, db.Processing().SaveOutcome(t.Context(), u.ID, processing.Outcome{Put: put}))
	}
	return l
}

func (l *library) entryID(state upload.State, mainfile string) string {
	return upload.EntryID(l.uploads[state], mainfile, "")
}

func TestEntriesOfFilesAreToldToWhoMayReadTheUpload(t *testing.T) {
	t.Parallel()
	l := newLibrary(t)
	id := l.uploads[upload.Staging]
	paths := []string{"b.archive.yaml", "c.archive.yaml"}
	for _, v := range []upload.Viewer{ada, reviewer, admin} {
		made, err := l.ByMainfile(t.Context(), v, id, paths)
		must(t, err)
		if want := (entry.Made{EntryID: l.entryID(upload.Staging, "b.archive.yaml"), ParserName: "parsers/archive"}); len(made) != 1 || made["b.archive.yaml"] != want {
			t.Errorf("%+v", made)
		}
	}
	for _, v := range []upload.Viewer{bert, visitor} {
		if made, err := l.ByMainfile(t.Context(), v, id, paths); problem.As(err) == nil || made != nil {
			t.Errorf("%+v, %v", made, err)
		}
	}
}

func TestEntriesAreReadByThoseWhoWouldFindThem(t *testing.T) {
	t.Parallel()
	l := newLibrary(t)
	restricted := ada
	restricted.Uploads = []string{l.uploads[upload.Public]}
	tests := []struct {
		name   string
		viewer upload.Viewer
		sees   []upload.State
	}{
		{"main author", ada, []upload.State{upload.Staging, upload.Embargoed, upload.Public}},
		{"reviewer", reviewer, []upload.State{upload.Staging, upload.Embargoed, upload.Public}},
		{"somebody else", bert, []upload.State{upload.Public}},
		{"administrator", admin, []upload.State{upload.Public}}, // being one widens nothing
		{"visitor", visitor, []upload.State{upload.Public}},
		{"token for one upload", restricted, []upload.State{upload.Public}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			for state, uploadID := range l.uploads {
				detail := ""
				if !slices.Contains(tt.sees, state) {
					detail = hidden
				}
				id := l.entryID(state, "a.archive.yaml")
				e, u, err := l.Visible(t.Context(), tt.viewer, id)
				refused(t, "entry", err, problem.Missing, detail)
				if err == nil && (e.ID != id || u.ID != uploadID) || err != nil && (e.ID != "" || u.ID != "") {
					t.Errorf("entry %+v of %+v", e, u)
				}
				_, archive, err := l.Archive(t.Context(), tt.viewer, id)
				refused(t, "archive", err, problem.Missing, detail)
				if err == nil {
					content, err := io.ReadAll(archive)
					must(t, errors.Join(err, archive.Close()))
					if string(content) != `{"data": "`+uploadID+`"}` {
						t.Errorf("archive %s", content)
					}
				}
			}
		})
	}
}

func TestWhatIsNotThereLooksLikeWhatIsHidden(t *testing.T) {
	t.Parallel()
	l := newLibrary(t)
	for _, id := range []string{"", "x", upload.EntryID("x", "y", ""), "' or 1=1 --"} {
		_, _, err := l.Visible(t.Context(), ada, id)
		refused(t, id, err, problem.Missing, hidden)
		_, _, err = l.Archive(t.Context(), admin, id)
		refused(t, id, err, problem.Missing, hidden)
	}
	_, _, err := l.Archive(t.Context(), ada, l.entryID(upload.Staging, "b.archive.yaml"))
	refused(t, "entry without archive", err, problem.Missing, noArchive)
	_, _, err = l.Archive(t.Context(), bert, l.entryID(upload.Staging, "b.archive.yaml"))
	refused(t, "hidden entry without archive", err, problem.Missing, hidden)
}

func TestEntriesOfAnUploadFollowItsRules(t *testing.T) {
	t.Parallel()
	l := newLibrary(t)
	const embargo = "You do not have access to the specified upload - published with embargo."
	const logIn = "You need to log in to access the specified upload."
	tests := []struct {
		name   string
		viewer upload.Viewer
		state  upload.State
		kind   problem.Kind
		list   string // refusal of the list
		single string // refusal of one entry: without the rule that published data are for everybody
	}{
		{"main author", ada, upload.Staging, 0, "", ""},
		{"reviewer", reviewer, upload.Embargoed, 0, "", ""},
		{"administrator", admin, upload.Staging, 0, "", ""},
		{"somebody else, staging", bert, upload.Staging, problem.Forbidden, noAccess, noAccess},
		{"somebody else, embargo", bert, upload.Embargoed, problem.Forbidden, embargo, noAccess},
		{"somebody else, public", bert, upload.Public, problem.Forbidden, "", noAccess},
		{"visitor, public", visitor, upload.Public, problem.Forbidden, "", noAccess},
		{"visitor, embargo", visitor, upload.Embargoed, problem.Forbidden, embargo, noAccess},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			page := entry.Page{OrderBy: entry.OrderMainfile, Desc: true, Limit: 1}
			list, u, total, err := l.OfUpload(t.Context(), tt.viewer, l.uploads[tt.state], page)
			refused(t, "list", err, tt.kind, tt.list)
			if tt.list == "" && (total != 2 || len(list) != 1 || list[0].Mainfile != "b.archive.yaml" || u.Entries != 2) {
				t.Errorf("%d of %d entries of %+v", len(list), total, u)
			}
			if tt.list != "" && (total != 0 || u.ID != "") {
				t.Errorf("the refusal tells %d, %+v", total, u)
			}
			e, err := l.InUpload(t.Context(), tt.viewer, l.uploads[tt.state], l.entryID(tt.state, "a.archive.yaml"))
			refused(t, "single", err, tt.kind, tt.single)
			if tt.single == "" && e.Mainfile != "a.archive.yaml" {
				t.Errorf("%+v", e)
			}
		})
	}
	_, _, _, err := l.OfUpload(t.Context(), visitor, l.uploads[upload.Staging], entry.Page{})
	refused(t, "visitor, staging", err, problem.Unauthenticated, logIn)
	_, _, _, err = l.OfUpload(t.Context(), admin, "x", entry.Page{})
	refused(t, "unknown upload", err, problem.Missing, unknown)
	_, err = l.InUpload(t.Context(), admin, "x", l.entryID(upload.Public, "a.archive.yaml"))
	refused(t, "entry of an unknown upload", err, problem.Missing, unknown)
	_, err = l.InUpload(t.Context(), ada, l.uploads[upload.Public], l.entryID(upload.Staging, "a.archive.yaml"))
	refused(t, "entry of another upload", err, problem.Missing, notHere)
	_, err = l.InUpload(t.Context(), ada, l.uploads[upload.Public], "x")
	refused(t, "unknown entry", err, problem.Missing, notHere)
}
