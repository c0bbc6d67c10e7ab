package processing_test

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"oasis/examples"
	"oasis/internal/access/identity"
	"oasis/internal/data/archive/source"
	"oasis/internal/data/entry"
	"oasis/internal/data/upload"
	"oasis/internal/data/upload/unpack"
	"oasis/internal/problem"
	"oasis/internal/store/filestore"
	"oasis/internal/store/sqlstore"
	"oasis/internal/work/jobs"
	"oasis/internal/work/parser"
	"oasis/internal/work/parser/all"
	"oasis/internal/work/processing"
)

// line is a processing line over real stores with the real parsers, and one of
// the tests' own for files called *.odd.
type line struct {
	*processing.Service
	db      *sqlstore.DB
	files   *filestore.Store
	uploads *upload.Service
	watch   *watch
	log     *bytes.Buffer
	runs    int
}

// watch sees every parsing.
type watch struct {
	mu     sync.Mutex
	parsed []string
	// hears, once closed, ends parsers that heed no deadline.
	hears chan struct{}
	// during, when set, runs while a main file is parsed.
	during func(mainfile string)
}

func (w *watch) sees(mainfile string) {
	w.mu.Lock()
	w.parsed = append(w.parsed, mainfile)
	during := w.during
	w.mu.Unlock()
	if during != nil {
		during(mainfile)
	}
}

// taken gives what was parsed since it was last asked, sorted.
func (w *watch) taken() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	p := w.parsed
	w.parsed = nil
	slices.Sort(p)
	return p
}

type watched struct {
	parser.Parser
	watch *watch
}

func (w watched) Parse(ctx context.Context, in parser.Input) (*source.Node, []*source.Issue, error) {
	w.watch.sees(in.Mainfile)
	return w.Parser.Parse(ctx, in)
}

// odd is a parser that does what its file says.
type odd struct{ watch *watch }

func (odd) Name() string { return "parsers/odd" }
func (odd) Level() int   { return 0 }
func (odd) Match(c parser.Candidate) bool {
	if strings.HasSuffix(c.Path, ".crash") {
		return bytes.Contains(c.Head(), []byte(strings.Repeat("x", -len(c.Path)))) // panics
	}
	return strings.HasSuffix(c.Path, ".odd")
}

func (o odd) Parse(ctx context.Context, in parser.Input) (*source.Node, []*source.Issue, error) {
	o.watch.sees(in.Mainfile)
	text, err := io.ReadAll(in.Content)
	if err != nil {
		return nil, nil, err
	}
	switch strings.TrimSpace(string(text)) {
	case "panic":
		var none *source.Node
		return nil, nil, errors.New(none.Fields[0].Key) // panics
	case "hang":
		<-ctx.Done()
		return nil, nil, ctx.Err()
	case "deaf":
		<-o.watch.hears
		return nil, nil, errors.New("much too late")
	case "fail":
		return nil, nil, &source.Issue{File: "x.odd", Line: 3, Message: "the detector was off"}
	}
	node, err := source.Read(in.Mainfile+".yaml", strings.NewReader("data: {name: odd}"), source.DefaultLimits())
	return node, nil, err
}

var ada = upload.Viewer{UserID: "c0ffee00-0000-4000-8000-000000000001"}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func newLine(t *testing.T) *line {
	t.Helper()
	dir := t.TempDir()
	l := &line{watch: &watch{}, log: &bytes.Buffer{}}
	var err error
	l.db, err = sqlstore.Open(t.Context(), sqlstore.Config{Path: filepath.Join(dir, "oasis.db"), Now: time.Now})
	must(t, err)
	t.Cleanup(func() { must(t, l.db.Close()) })
	l.files, err = filestore.Open(filepath.Join(dir, "files"), filestore.Options{})
	must(t, err)
	t.Cleanup(func() { must(t, l.files.Close()) })
	must(t, l.db.Identity().InsertUser(t.Context(), identity.User{
		ID: ada.UserID, Username: "ada", Email: "ada@lab.example", FirstName: "Ada", LastName: "Lovelace",
	}, ""))
	limits := func() upload.Limits { return upload.Limits{Unpublished: 100, Archive: unpack.DefaultLimits()} }
	l.uploads = upload.NewService(l.db.Uploads(), l.files, limits, time.Now)
	var parsers parser.Registry
	for _, p := range all.Parsers() {
		parsers = append(parsers, watched{p, l.watch})
	}
	l.Service = &processing.Service{
		Store: l.db.Processing(), Raw: l.uploads, Archives: l.uploads, Parsers: append(parsers, odd{l.watch}),
		Now: time.Now, Log: slog.New(slog.NewTextHandler(l.log, nil)), Workers: 2,
	}
	return l
}

// parts is a request body; names and contents alternate.
type parts []string

func (p *parts) Next() (*upload.Part, error) {
	if len(*p) == 0 {
		return nil, io.EOF
	}
	part := &upload.Part{Name: (*p)[0], Reader: strings.NewReader((*p)[1])}
	*p = (*p)[2:]
	return part, nil
}

// create makes an upload of paths and contents and processes it.
func (l *line) create(t *testing.T, pathsAndContents ...string) string {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i := 0; i < len(pathsAndContents); i += 2 {
		w, err := z.Create(pathsAndContents[i])
		must(t, err)
		_, err = io.WriteString(w, pathsAndContents[i+1])
		must(t, err)
	}
	must(t, z.Close())
	u, err := l.uploads.Create(t.Context(), ada, upload.CreateOptions{}, &parts{"x.zip", b.String()})
	must(t, err)
	return u.ID
}

func (l *line) put(ctx context.Context, id, dir string, namesAndContents ...string) error {
	p := parts(namesAndContents)
	_, err := l.uploads.PutFiles(ctx, ada, id, dir, upload.PutOptions{}, &p)
	return err
}

// drain does the jobs that wait, one after another, until there are none.
func (l *line) drain(t *testing.T) {
	t.Helper()
	for l.step(t) {
	}
}

// step does one job and tells whether there was one.
func (l *line) step(t *testing.T) bool {
	t.Helper()
	store := l.db.Jobs()
	claimed, err := store.ClaimJobs(t.Context(), "test", []string{upload.JobProcess}, 1, 1, time.Now(), time.Now().Add(time.Hour))
	must(t, err)
	if len(claimed) == 0 {
		return false
	}
	l.runs++
	must(t, l.Job(t.Context(), claimed[0]))
	must(t, store.FinishJob(t.Context(), "test", claimed[0].ID))
	return true
}

func (l *line) upload(t *testing.T, id string) upload.Upload {
	t.Helper()
	u, err := l.db.Uploads().Upload(t.Context(), id)
	must(t, err)
	return u
}

// entries gives the entries of an upload by main file.
func (l *line) entries(t *testing.T, id string) map[string]entry.Entry {
	t.Helper()
	list, total, err := l.db.Entries().ListEntries(t.Context(), id, entry.Page{OrderBy: entry.OrderMainfile, Limit: 1000})
	must(t, err)
	entries := map[string]entry.Entry{}
	for _, e := range list {
		entries[e.Mainfile] = e
	}
	u := l.upload(t, id)
	failed := 0
	for _, e := range list {
		if e.Process.Status == upload.Failure {
			failed++
		}
	}
	if total != len(entries) || u.Entries != total || u.Failed != failed || u.Processed != total {
		t.Errorf("%d entries, %d failed; the upload counts %d, %d, processed %d", total, failed, u.Entries, u.Failed, u.Processed)
	}
	return entries
}

func (l *line) archive(t *testing.T, e entry.Entry) (tree map[string]any) {
	t.Helper()
	r, err := l.files.OpenArchive(t.Context(), e.UploadID, e.ID)
	must(t, err)
	defer r.Close()
	must(t, json.NewDecoder(r).Decode(&tree))
	return tree
}

func (l *line) done(t *testing.T, id string) {
	t.Helper()
	p := l.upload(t, id).Process
	if p.Status != upload.Success || p.Message != "Process completed successfully" || p.Current != "_process_upload" ||
		p.CompleteTime.IsZero() || len(p.Errors) > 0 {
		t.Errorf("process %+v", p)
	}
}

const good = "data: {m_def: nomad.datamodel.metainfo.eln.ELNSample, name: N}\n"

func TestMainFilesBecomeEntriesAndOthersStayFiles(t *testing.T) {
	t.Parallel()
	l := newLine(t)
	id := l.create(t,
		"a.archive.yaml", good, "d/b.archive.yml", good, "d/c.archive.json", `{"data": {"name": "N"}}`,
		"notes.yaml", good, "archive.yaml.txt", good, ".hidden.archive.yaml", good, "~temp.archive.yaml", good,
		"table.csv", "1,2", "empty.archive.yaml", "", "x.odd", "fine", "image.png", "\x89PNG",
	)
	l.drain(t)
	l.done(t, id)
	entries := l.entries(t, id)
	got := map[string]string{}
	for mainfile, e := range entries {
		got[mainfile] = e.ParserName
		if e.ID != upload.EntryID(id, mainfile, "") || e.LastProcessing.IsZero() || e.CreateTime.IsZero() {
			t.Errorf("%+v", e)
		}
	}
	for _, mainfile := range []string{"a.archive.yaml", "d/b.archive.yml", "d/c.archive.json", "empty.archive.yaml"} {
		if got[mainfile] != "parsers/archive" {
			t.Errorf("%s: %q", mainfile, got[mainfile])
		}
		delete(got, mainfile)
	}
	if len(got) != 1 || got["x.odd"] != "parsers/odd" {
		t.Errorf("also made: %v", got)
	}
	if u := l.upload(t, id); u.Files != 11 {
		t.Errorf("%d files", u.Files)
	}
}

// A parser of a higher level may count on the entries of the lower ones.
func TestEntriesOfALowerLevelAreStoredBeforeHigherOnesBegin(t *testing.T) {
	t.Parallel()
	l := newLine(t)
	id := l.create(t, "a.odd", "fine", "b.archive.yaml", good, "c.odd", "fine", "d.archive.yaml", good)
	l.watch.during = func(mainfile string) {
		if !strings.HasSuffix(mainfile, ".odd") {
			return
		}
		_, err := l.db.Entries().Entry(context.WithoutCancel(t.Context()), upload.EntryID(id, "d.archive.yaml", ""))
		if err != nil {
			t.Errorf("while %s is parsed: %v", mainfile, err)
		}
	}
	l.drain(t)
	l.done(t, id)
	if n := len(l.entries(t, id)); n != 4 {
		t.Errorf("%d entries", n)
	}
}

func TestExamplesAreProcessed(t *testing.T) {
	t.Parallel()
	l := newLine(t)
	ids := map[string]string{}
	for _, folder := range []string{"tio2-anneal", "broken"} {
		sub, err := fs.Sub(examples.FS, folder)
		must(t, err)
		var content []string
		must(t, fs.WalkDir(sub, ".", func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			text, err := fs.ReadFile(sub, path)
			content = append(content, path, string(text))
			return err
		}))
		ids[folder] = l.create(t, content...)
	}
	l.drain(t)
	for _, id := range ids {
		l.done(t, id)
	}
	for mainfile, e := range l.entries(t, ids["tio2-anneal"]) {
		if e.Process.Status != upload.Success || len(e.Process.Errors) > 0 || e.Process.Message != "Archiving" {
			t.Errorf("%s: %+v", mainfile, e.Process)
		}
		if tree := l.archive(t, e); tree["metadata"] == nil {
			t.Errorf("%s: archive has %v", mainfile, tree)
		}
	}
	e := l.entries(t, ids["broken"])["anneal.archive.yaml"] // a wrong value does not fail the entry
	if want := `anneal.archive.yaml:14:3: data.temperature: "45O" is not a number`; e.Process.Status != upload.Success ||
		!slices.Equal(e.Process.Warnings, []string{want}) {
		t.Errorf("%+v", e.Process)
	}
}

// Two folders may hold files of one name.
func TestMessagesNameThePathInTheUpload(t *testing.T) {
	t.Parallel()
	l := newLine(t)
	id := l.create(t, "a.archive.yaml", good)
	must(t, l.put(t.Context(), id, "mixed/up", "broken.archive.yaml", "data:\n  name: [1, 2\n", "lost.archive.yaml", "data:\n  m_def: lab.Nothing\n",
		"odd.archive.yaml", "data:\n  m_def: nomad.datamodel.metainfo.eln.ELNSample\n  colour: red\n"))
	l.drain(t)
	l.done(t, id)
	entries := l.entries(t, id)
	for file, want := range map[string]string{"broken": ":", "lost": ":2:10: ", "odd": ":3:3: "} {
		file = "mixed/up/" + file + ".archive.yaml"
		e := entries[file]
		said := append(e.Process.Errors, e.Process.Warnings...)
		if len(said) != 1 || !strings.HasPrefix(said[0], file+want) {
			t.Errorf("%s: %q", file, said)
		}
		var document struct {
			Name string `json:"entry_name"`
		}
		must(t, json.Unmarshal(e.Document, &document))
		if strings.Contains(document.Name, "/") {
			t.Errorf("entry name %q", document.Name)
		}
	}
}

// However a file is broken: its entry fails with the place and the reason, the
// others and the upload do not.
func TestOneBrokenFileFailsItsEntryOnly(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, file, content, want string }{
		{"no YAML", "x.archive.yaml", "data:\n  name: [1, 2\n", "x.archive.yaml:"},
		{"no JSON", "x.archive.json", "{\n\"data\": {,}}", "x.archive.json:2"},
		{"binary", "x.archive.yaml", "data: \xff\xfe", "x.archive.yaml:1"},
		{"unknown section", "x.archive.yaml", "data:\n  m_def: lab.Nothing\n", "x.archive.yaml:2"},
		{"missing schema", "x.archive.yaml", "data:\n  m_def: '../upload/raw/none.archive.yaml#S'\n", "x.archive.yaml:2"},
		{"parser refuses", "x.odd", "fail", "x.odd:3"},
		{"parser panics", "x.odd", "panic", "x.odd: the parser crashed on this file; please report it to the administrator with the entry id"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			l := newLine(t)
			id := l.create(t, "a.archive.yaml", good, tt.file, tt.content, "z.archive.yaml", good)
			l.drain(t)
			l.done(t, id)
			entries := l.entries(t, id)
			for _, fine := range []string{"a.archive.yaml", "z.archive.yaml"} {
				if entries[fine].Process.Status != upload.Success {
					t.Errorf("%s: %+v", fine, entries[fine].Process)
				}
			}
			e := entries[tt.file]
			p := e.Process
			if p.Status != upload.Failure || len(p.Errors) != 1 || !strings.Contains(p.Errors[0], tt.want) ||
				p.Message != "Process process_entry failed: "+p.Errors[0] || p.CompleteTime.IsZero() {
				t.Errorf("%+v, want %q", p, tt.want)
			}
			tree := l.archive(t, e)
			if logs, _ := tree["processing_logs"].([]any); len(logs) == 0 || tree["data"] != nil {
				t.Errorf("archive of the failed entry: %v", tree)
			}
			var document map[string]any
			must(t, json.Unmarshal(e.Document, &document))
			if document["processed"] != false {
				t.Errorf("document says processed=%v", document["processed"])
			}
		})
	}
}

// Values that YAML knows and JSON does not must not end the run.
func TestNumbersThatJSONCannotHoldDoNotFailTheUpload(t *testing.T) {
	t.Parallel()
	l := newLine(t)
	const schema = "definitions:\n  name: D\n  sections:\n    S:\n      quantities:\n        v: {type: float, shape: ['*']}\n        j: {type: JSON}\n"
	id := l.create(t, "a.archive.yaml", good,
		"n.archive.yaml", schema+"data:\n  m_def: S\n  v: [.nan, 1.0, .inf, -.inf, 1e999]\n",
		"j.archive.yaml", schema+"data:\n  m_def: S\n  j: {a: .nan, 1: [.inf], null: x}\n",
		"m.archive.yaml", "metadata: {entry_name: .nan}\ndata: {name: .inf}\n",
	)
	l.drain(t)
	l.done(t, id)
	entries := l.entries(t, id)
	if len(entries) != 4 || entries["a.archive.yaml"].Process.Status != upload.Success {
		t.Errorf("%d entries", len(entries))
	}
	for mainfile, e := range entries {
		if len(l.archive(t, e)) == 0 {
			t.Errorf("%s has no archive", mainfile)
		}
	}
}

func TestParserThatCrashesWhileMatchingTakesNothing(t *testing.T) {
	t.Parallel()
	l := newLine(t)
	id := l.create(t, "a.archive.yaml", good, "x.crash", "text", "z.odd", "fine")
	l.drain(t)
	l.done(t, id)
	if entries := l.entries(t, id); len(entries) != 2 {
		t.Errorf("%d entries", len(entries))
	}
	if !strings.Contains(l.log.String(), "x.crash") {
		t.Errorf("the log does not name the file: %s", l.log)
	}
}

func TestEntryThatTakesTooLongFailsAlone(t *testing.T) {
	t.Parallel()
	l := newLine(t)
	l.EntryTimeout = time.Millisecond
	id := l.create(t, "x.odd", "hang")
	l.drain(t)
	l.done(t, id)
	if p := l.entries(t, id)["x.odd"].Process; p.Status != upload.Failure || len(p.Errors) != 1 {
		t.Errorf("%+v", p)
	}
}

func TestOnlyWhatHasChangedIsParsedAgain(t *testing.T) {
	t.Parallel()
	const useSchema = "data: {m_def: '../upload/raw/s/lab.archive.yaml#S', name: N}\n"
	const schema = "definitions: {name: D, sections: {S: {quantities: {name: {type: str}}}}}\n"
	all := []string{
		"a.archive.yaml", good, "b.archive.yaml", good, "d/c.archive.yaml", good, "d/note.txt", "1",
		"s/lab.archive.yaml", schema, "u/user.archive.yaml", useSchema, "u/missing.archive.yaml", "data: {m_def: '../upload/raw/t/none.archive.yaml#S'}\n",
	}
	tests := []struct {
		name   string
		change func(ctx context.Context, l *line, id string) error
		want   []string
	}{
		{"nothing", func(context.Context, *line, string) error { return nil }, nil},
		{"the same bytes", func(ctx context.Context, l *line, id string) error { return l.put(ctx, id, "", "a.archive.yaml", good) }, nil},
		{"one main file", func(ctx context.Context, l *line, id string) error {
			return l.put(ctx, id, "", "a.archive.yaml", good+"# more\n")
		}, []string{"a.archive.yaml"}},
		{"new main file elsewhere", func(ctx context.Context, l *line, id string) error {
			return l.put(ctx, id, "new", "x.archive.yaml", good)
		}, []string{"new/x.archive.yaml"}},
		{"new file beside a main file", func(ctx context.Context, l *line, id string) error { return l.put(ctx, id, "d", "n.txt", "1") }, []string{"d/c.archive.yaml"}},
		{"file beside a main file removed", func(ctx context.Context, l *line, id string) error {
			_, err := l.uploads.DeletePath(ctx, ada, id, "d/note.txt", upload.Trigger{})
			return err
		}, []string{"d/c.archive.yaml"}},
		{"schema", func(ctx context.Context, l *line, id string) error {
			return l.put(ctx, id, "s", "lab.archive.yaml", schema+"# more\n")
		}, []string{"s/lab.archive.yaml", "u/user.archive.yaml"}},
		{"schema removed", func(ctx context.Context, l *line, id string) error {
			_, err := l.uploads.DeletePath(ctx, ada, id, "s", upload.Trigger{})
			return err
		}, []string{"u/user.archive.yaml"}},
		{"missing schema comes", func(ctx context.Context, l *line, id string) error {
			return l.put(ctx, id, "t", "none.archive.yaml", schema)
		}, []string{"t/none.archive.yaml", "u/missing.archive.yaml"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			l := newLine(t)
			id := l.create(t, all...)
			l.drain(t)
			if first := l.watch.taken(); len(first) != 6 {
				t.Fatalf("first run parsed %q", first)
			}
			before := l.entries(t, id)
			must(t, tt.change(t.Context(), l, id))
			must(t, l.Run(t.Context(), id, ""))
			l.drain(t)
			l.done(t, id)
			if got := l.watch.taken(); !slices.Equal(got, tt.want) {
				t.Errorf("parsed %q, want %q", got, tt.want)
			}
			for mainfile, e := range l.entries(t, id) {
				if was, ok := before[mainfile]; ok && (!e.CreateTime.Equal(was.CreateTime) || e.ID != was.ID) {
					t.Errorf("%s was made anew: %+v", mainfile, e)
				}
			}
		})
	}
}

func TestMendedSchemaMendsItsEntries(t *testing.T) {
	t.Parallel()
	l := newLine(t)
	id := l.create(t, "u.archive.yaml", "data: {m_def: '../upload/raw/s/lab.archive.yaml#S', n: 1}\n",
		"s/lab.archive.yaml", "definitions: {name: D, sections: {S: {quantities: {n: {type: nothing}}}}}\n")
	l.drain(t)
	if p := l.entries(t, id)["u.archive.yaml"].Process; p.Status != upload.Failure {
		t.Fatalf("%+v", p)
	}
	must(t, l.put(t.Context(), id, "s", "lab.archive.yaml", "definitions: {name: D, sections: {S: {quantities: {n: {type: int}}}}}\n"))
	l.drain(t)
	for mainfile, e := range l.entries(t, id) {
		if e.Process.Status != upload.Success || len(e.Process.Errors) > 0 {
			t.Errorf("%s: %+v", mainfile, e.Process)
		}
	}
}

func TestRemovedMainFileTakesEntryAndArchiveWithIt(t *testing.T) {
	t.Parallel()
	l := newLine(t)
	id := l.create(t, "a.archive.yaml", good, "d/b.archive.yaml", good)
	l.drain(t)
	gone := l.entries(t, id)["d/b.archive.yaml"]
	_, err := l.uploads.DeletePath(t.Context(), ada, id, "d", upload.Trigger{})
	must(t, err)
	l.drain(t)
	l.done(t, id)
	if entries := l.entries(t, id); len(entries) != 1 || entries["a.archive.yaml"].ID == "" {
		t.Errorf("%v", entries)
	}
	if _, err := l.files.OpenArchive(t.Context(), id, gone.ID); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the archive is still there: %v", err)
	}
	if _, err := l.db.Entries().Entry(t.Context(), gone.ID); !problem.Is(err, problem.Missing) {
		t.Errorf("the entry is still there: %v", err)
	}
}

func TestUploadDeletedMeanwhileIsNoError(t *testing.T) {
	t.Parallel()
	for _, when := range []string{"before the run", "during the run"} {
		t.Run(when, func(t *testing.T) {
			t.Parallel()
			l := newLine(t)
			id := l.create(t, "a.archive.yaml", good)
			remove := func() {
				if _, err := l.uploads.Delete(context.WithoutCancel(t.Context()), ada, id); err != nil {
					t.Error(err)
				}
			}
			if when == "before the run" {
				remove()
			} else {
				l.watch.during = func(string) { remove() }
			}
			must(t, l.Job(t.Context(), jobs.Job{ID: "j", Key: id, Args: []byte(`{"upload_id": "` + id + `"}`)}))
			if _, err := l.files.OpenArchive(t.Context(), id, upload.EntryID(id, "a.archive.yaml", "")); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("an archive was left: %v", err)
			}
		})
	}
}

func TestFileChangedDuringTheRunKeepsTheUploadPending(t *testing.T) {
	t.Parallel()
	l := newLine(t)
	id := l.create(t, "a.archive.yaml", good, "b.archive.yaml", good)
	var once sync.Once
	l.watch.during = func(string) {
		once.Do(func() {
			ctx := context.WithoutCancel(t.Context())
			if err := l.put(ctx, id, "new", "c.archive.yaml", good); err != nil {
				t.Error(err)
			}
			if _, err := l.uploads.DeletePath(ctx, ada, id, "b.archive.yaml", upload.Trigger{}); err != nil {
				t.Error(err)
			}
		})
	}
	if !l.step(t) {
		t.Fatal("no job")
	}
	if p := l.upload(t, id).Process; p.Status != upload.Pending {
		t.Errorf("after the first run: %+v", p)
	}
	l.drain(t)
	l.done(t, id)
	if l.runs != 2 {
		t.Errorf("%d runs", l.runs)
	}
	entries := l.entries(t, id)
	if len(entries) != 2 || entries["a.archive.yaml"].ID == "" || entries["new/c.archive.yaml"].ID == "" {
		t.Errorf("%v", entries)
	}
}

func TestProgressIsTold(t *testing.T) {
	t.Parallel()
	l := newLine(t)
	told := &teller{Store: l.Store}
	l.Store = told
	var files []string
	for i := range 260 { // more than one batch
		files = append(files, fmt.Sprintf("%03d.odd", i), "fine")
	}
	id := l.create(t, files...)
	if p := l.upload(t, id).Process; p.Status != upload.Pending || p.Message != "Waiting to be processed" {
		t.Errorf("before: %+v", p)
	}
	l.drain(t)
	want := []string{"Matching", "Parsing 250 of 260", "Parsing 260 of 260", "Process completed successfully"}
	if !slices.Equal(told.messages, want) {
		t.Errorf("told %q, want %q", told.messages, want)
	}
	told.messages = nil
	_, err := l.uploads.DeletePath(t.Context(), ada, id, "000.odd", upload.Trigger{})
	must(t, err)
	l.drain(t)
	want = []string{"Matching", "Parsing 250 of 259", "Parsing 259 of 259", "Cleanup", "Process completed successfully"}
	if !slices.Equal(told.messages, want) {
		t.Errorf("told %q, want %q", told.messages, want)
	}
}

// teller remembers what an upload is told to show.
type teller struct {
	processing.Store
	messages []string
}

func (s *teller) SaveOutcome(ctx context.Context, uploadID string, o processing.Outcome) error {
	if o.Process != nil {
		s.messages = append(s.messages, o.Process.Message)
	}
	return s.Store.SaveOutcome(ctx, uploadID, o)
}

func TestRunThatIsStoppedGoesOnWhereItWas(t *testing.T) {
	t.Parallel()
	l := newLine(t)
	l.Workers = 1
	var files []string
	for i := range 300 {
		files = append(files, fmt.Sprintf("%03d.odd", i), "fine")
	}
	id := l.create(t, files...)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	l.watch.during = func(mainfile string) {
		if mainfile == "270.odd" {
			stop()
		}
	}
	if err := l.Run(ctx, id, ""); !errors.Is(err, context.Canceled) {
		t.Fatalf("stopped run: %v", err)
	}
	if u := l.upload(t, id); u.Process.Status != upload.Pending || u.Processed != 250 {
		t.Errorf("after the stop: %d processed, %+v", u.Processed, u.Process)
	}
	l.watch.taken()
	l.watch.during = nil
	var again []string
	must(t, l.Recover(t.Context(), func(_ context.Context, uploadID string) error {
		again = append(again, uploadID)
		return nil
	}))
	if !slices.Equal(again, []string{id}) {
		t.Errorf("taken up again: %q", again)
	}
	must(t, l.Run(t.Context(), id, ""))
	if n := len(l.watch.taken()); n != 50 {
		t.Errorf("%d parsed in the second run", n)
	}
	l.drain(t)
	l.done(t, id)
	must(t, l.Recover(t.Context(), func(_ context.Context, uploadID string) error { return errors.New("asked for " + uploadID) }))
}

func TestGivingUpSaysSoOnTheUpload(t *testing.T) {
	t.Parallel()
	l := newLine(t)
	id := l.create(t, "a.archive.yaml", good)
	claimed, err := l.db.Jobs().ClaimJobs(t.Context(), "test", []string{upload.JobProcess}, 1, 1, time.Now(), time.Now().Add(time.Hour))
	must(t, err)
	store := l.Store
	l.Store = noOutcome{store}
	if err := l.GiveUp(t.Context(), claimed[0], errors.New("disk gone")); !errors.Is(err, errDisk) {
		t.Errorf("gave up although nobody can see it: %v", err)
	}
	l.Store = store
	must(t, l.GiveUp(t.Context(), claimed[0], errors.New("disk gone")))
	p := l.upload(t, id).Process
	if p.Status != upload.Failure || p.Message != "Process _process_upload failed: the server could not finish it. Ask its administrator." ||
		!slices.Equal(p.Errors, []string{"The server could not finish processing. Its log names the reason for upload " + id + "."}) {
		t.Errorf("%+v", p)
	}
	must(t, l.db.Jobs().FinishJob(t.Context(), "test", claimed[0].ID))
	must(t, l.put(t.Context(), id, "", "a.archive.yaml", good)) // any change tries again
	l.drain(t)
	l.done(t, id)
}

// noOutcome is a store that cannot write.
type noOutcome struct{ processing.Store }

func (noOutcome) SaveOutcome(context.Context, string, processing.Outcome) error { return errDisk }

func TestFaultOfTheDiskIsTriedAgainNotTakenForABrokenFile(t *testing.T) {
	t.Parallel()
	l := newLine(t)
	id := l.create(t, "a.archive.yaml", good)
	raw := l.Raw
	l.Raw = noDisk{}
	if err := l.Run(t.Context(), id, ""); !errors.Is(err, errDisk) {
		t.Errorf("run: %v", err)
	}
	if u := l.upload(t, id); u.Process.Status != upload.Pending || u.Entries != 0 {
		t.Errorf("%+v", u)
	}
	l.Raw = raw
	l.drain(t)
	l.done(t, id)
}

var errDisk = errors.New("the disk does not answer")

type noDisk struct{}

func (noDisk) OpenRaw(context.Context, string, string) (upload.Content, error) { return nil, errDisk }
