package upload_test

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"oasis/internal/data/upload"
	"oasis/internal/data/upload/unpack"
	"oasis/internal/problem"
	"oasis/internal/store/filestore"
	"oasis/internal/store/sqlstore"
)

// shelf is a Service over a real database and real files.
type shelf struct {
	*upload.Service
	db    *sqlstore.DB
	store upload.Store
	files *frail
	dir   string

	mu     sync.Mutex
	clock  time.Time
	limits upload.Limits
}

// frail is a file store whose disk refuses what a test says.
type frail struct {
	*filestore.Store
	mu     sync.Mutex
	refuse func(op, path string) error
	log    []string
}

func (f *frail) asks(op, path string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.log = append(f.log, op+" "+path)
	if f.refuse == nil {
		return nil
	}
	return f.refuse(op, path)
}

// fails sets what is refused; nil = nothing.
func (f *frail) fails(refuse func(op, path string) error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.refuse = refuse
}

func (f *frail) Place(ctx context.Context, uploadID, staged, path string) error {
	if err := f.asks("place", path); err != nil {
		return err
	}
	return f.Store.Place(ctx, uploadID, staged, path)
}

func (f *frail) Remove(ctx context.Context, uploadID, path, trash string) error {
	if err := f.asks("remove", path); err != nil {
		return err
	}
	return f.Store.Remove(ctx, uploadID, path, trash)
}

var errDisk = errors.New("the disk does not answer")

func newShelf(t testing.TB) *shelf {
	t.Helper()
	s := &shelf{
		dir: t.TempDir(), clock: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC),
		limits: upload.Limits{Unpublished: 100, FileBytes: 1 << 20, Archive: unpack.DefaultLimits()},
	}
	var err error
	s.db, err = sqlstore.Open(t.Context(), sqlstore.Config{Path: filepath.Join(s.dir, "oasis.db"), Now: s.now})
	must(t, err)
	t.Cleanup(func() { must(t, s.db.Close()) })
	files, err := filestore.Open(filepath.Join(s.dir, "files"), filestore.Options{})
	must(t, err)
	t.Cleanup(func() { must(t, files.Close()) })
	s.files, s.store = &frail{Store: files}, s.db.Uploads()
	s.open()
	return s
}

// open makes the Service anew, as a restart does.
func (s *shelf) open() {
	s.Service = upload.NewService(s.store, s.files, func() upload.Limits { s.mu.Lock(); defer s.mu.Unlock(); return s.limits }, s.now)
}

func (s *shelf) now() time.Time { s.mu.Lock(); defer s.mu.Unlock(); return s.clock }

var (
	ada  = upload.Viewer{UserID: "c0ffee00-0000-4000-8000-000000000001"}
	bert = upload.Viewer{UserID: "c0ffee00-0000-4000-8000-000000000002"}
	root = upload.Viewer{UserID: "c0ffee00-0000-4000-8000-000000000003", Admin: true}
)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// refused holds an error against a refusal.
func refused(t *testing.T, err error, kind problem.Kind, detail string) {
	t.Helper()
	p := problem.As(err)
	if p == nil || p.Kind != kind || p.Detail != detail {
		t.Errorf("got %v, want %q", err, detail)
	}
}

// parts is a request body; names and contents alternate.
type parts struct {
	list []upload.Part
	// err, when set, comes after the parts instead of their end.
	err error
}

func body(namesAndContents ...string) *parts {
	b := &parts{}
	for i := 0; i < len(namesAndContents); i += 2 {
		b.list = append(b.list, upload.Part{Name: namesAndContents[i], Reader: strings.NewReader(namesAndContents[i+1])})
	}
	return b
}

func (b *parts) Next() (*upload.Part, error) {
	if len(b.list) == 0 {
		if b.err != nil {
			return nil, b.err
		}
		return nil, io.EOF
	}
	p := b.list[0]
	b.list = b.list[1:]
	return &p, nil
}

// onRead is a body that does something when it is read, and then is text.
type onRead struct {
	do   func()
	text io.Reader
}

func (r *onRead) Read(p []byte) (int, error) {
	if r.do != nil {
		r.do()
		r.do = nil
	}
	return r.text.Read(p)
}

// zipped packs names and contents; a name that ends in / is a folder.
func zipped(t testing.TB, namesAndContents ...string) string {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i := 0; i < len(namesAndContents); i += 2 {
		w, err := z.Create(namesAndContents[i])
		if err == nil {
			_, err = io.WriteString(w, namesAndContents[i+1])
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func tarred(t testing.TB, namesAndContents ...string) string {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for i := 0; i < len(namesAndContents); i += 2 {
		err := w.WriteHeader(&tar.Header{Name: namesAndContents[i], Mode: 0o600, Size: int64(len(namesAndContents[i+1]))})
		if err == nil {
			_, err = io.WriteString(w, namesAndContents[i+1])
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func (s *shelf) create(t testing.TB, v upload.Viewer, namesAndContents ...string) upload.Upload {
	t.Helper()
	u, err := s.Create(t.Context(), v, upload.CreateOptions{}, body(namesAndContents...))
	must(t, err)
	return u
}

func (s *shelf) put(t *testing.T, id, dir string, namesAndContents ...string) {
	t.Helper()
	_, err := s.PutFiles(t.Context(), ada, id, dir, upload.PutOptions{}, body(namesAndContents...))
	must(t, err)
}

// has holds the files of an upload, rows and bytes, against "path=content" and
// "folder/"; folders that hold something need not be named.
func (s *shelf) has(t *testing.T, id string, want ...string) {
	t.Helper()
	u, err := s.Get(t.Context(), root, id)
	must(t, err)
	var got []string
	files, size := 0, int64(0)
	var walk func(dir string) int64
	walk = func(dir string) (sum int64) {
		l, err := s.RawDir(t.Context(), root, id, dir, 0, 1000)
		must(t, err)
		for _, e := range l.Dir.Entries {
			at := strings.TrimPrefix(dir+"/"+e.Name, "/")
			sum += e.Size
			if !e.IsFile {
				if below := walk(at); below != e.Size {
					t.Errorf("%s: size %d, want %d", at, e.Size, below)
				}
				if page, err := s.store.Dir(t.Context(), id, at, 0, 1); err == nil && page.Total == 0 {
					got = append(got, at+"/")
				}
				continue
			}
			f, content, err := s.OpenFile(t.Context(), root, id, at)
			must(t, err)
			text, err := io.ReadAll(content)
			must(t, errors.Join(err, content.Close()))
			if f.Size != int64(len(text)) || e.Size != f.Size || e.SHA256 != f.SHA256 {
				t.Errorf("%s: row %+v, listed %+v, %d bytes", at, f, e, len(text))
			}
			files++
			size += f.Size
			got = append(got, at+"="+string(text))
		}
		return sum
	}
	walk("")
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("has %q, want %q", got, want)
	}
	if u.Files != files || u.Bytes != size {
		t.Errorf("the upload counts %d files and %d bytes, there are %d and %d", u.Files, u.Bytes, files, size)
	}
}

// nothingStaged tells that no body lies around.
func (s *shelf) nothingStaged(t *testing.T) {
	t.Helper()
	left, err := os.ReadDir(filepath.Join(s.dir, "files", "staged"))
	must(t, err)
	for _, e := range left {
		t.Errorf("%s was left in the staging area", e.Name())
	}
}

// empty tells that there is no upload, no file and no job at all.
func (s *shelf) empty(t *testing.T) {
	t.Helper()
	s.nothingStaged(t)
	ctx := context.WithoutCancel(t.Context()) // also called when the test is over
	_, total, err := s.List(ctx, ada, upload.ListQuery{Limit: 1})
	must(t, err)
	if total != 0 {
		t.Errorf("%d uploads are there", total)
	}
	if intents, err := s.store.Intents(ctx, ""); err != nil || len(intents) > 0 {
		t.Errorf("intents %+v, %v", intents, err)
	}
	if waiting := s.jobs(t); len(waiting) > 0 {
		t.Errorf("jobs %q wait", waiting)
	}
	must(t, filepath.WalkDir(filepath.Join(s.dir, "files", "uploads"), func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			t.Errorf("%s is there", path)
		}
		return err
	}))
}

// jobs claims what waits and gives the keys.
func (s *shelf) jobs(t testing.TB) (keys []string) {
	t.Helper()
	ctx := context.WithoutCancel(t.Context())
	claimed, err := s.db.Jobs().ClaimJobs(ctx, "test", []string{upload.JobProcess}, 1000, 1000, s.now(), s.now().Add(time.Hour))
	must(t, err)
	for _, j := range claimed {
		keys = append(keys, j.Key)
		must(t, s.db.Jobs().FinishJob(ctx, "test", j.ID))
	}
	return keys
}

func TestCreateWithAllKindsOfBodies(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	files := []string{"a.txt", "1", "d/b.txt", "22", "d/empty/", ""}
	packed, taped := zipped(t, files...), tarred(t, "a.txt", "1", "d/b.txt", "22")
	keep := upload.Incoming{KeepArchives: true}
	tests := []struct {
		name     string
		options  upload.CreateOptions
		body     *parts
		wantName string
		want     []string
	}{
		{"no body", upload.CreateOptions{}, nil, "", nil},
		{"empty body", upload.CreateOptions{Name: "mine"}, body("", ""), "mine", nil},
		{"no parts", upload.CreateOptions{}, body(), "", nil},
		{"empty file with a name", upload.CreateOptions{}, body("a.txt", ""), "a.txt", []string{"a.txt="}},
		{"file", upload.CreateOptions{}, body("a.txt", "1"), "a.txt", []string{"a.txt=1"}},
		{"file, other name", upload.CreateOptions{Name: "mine"}, body("a.txt", "1"), "mine", []string{"a.txt=1"}},
		{"name in UTF-8", upload.CreateOptions{}, body("Prüfung 1%.txt", "1"), "Prüfung 1%.txt", []string{"Prüfung 1%.txt=1"}},
		{"several files", upload.CreateOptions{}, body("a.txt", "1", "b.txt", "2"), "", []string{"a.txt=1", "b.txt=2"}},
		{"the same file twice", upload.CreateOptions{}, body("a.txt", "old", "a.txt", "new"), "", []string{"a.txt=new"}},
		{"zip", upload.CreateOptions{}, body("x.zip", packed), "x.zip", []string{"a.txt=1", "d/b.txt=22", "d/empty/"}},
		{"upper case zip", upload.CreateOptions{}, body("X.ZIP", packed), "X.ZIP", []string{"a.txt=1", "d/b.txt=22", "d/empty/"}},
		{"eln", upload.CreateOptions{}, body("x.eln", packed), "x.eln", []string{"a.txt=1", "d/b.txt=22", "d/empty/"}},
		{"zip without a name", upload.CreateOptions{}, body("", packed), "", []string{"a.txt=1", "d/b.txt=22", "d/empty/"}},
		{"tar", upload.CreateOptions{}, body("x.tar", taped), "x.tar", []string{"a.txt=1", "d/b.txt=22"}},
		{"tar without a name", upload.CreateOptions{}, body("", taped), "", []string{"a.txt=1", "d/b.txt=22"}},
		{"zip and a file", upload.CreateOptions{}, body("x.zip", packed, "a.txt", "over"), "", []string{"a.txt=over", "d/b.txt=22", "d/empty/"}},
		{"zip kept", upload.CreateOptions{Incoming: keep}, body("x.zip", packed), "x.zip", []string{"x.zip=" + packed}},
		{"zip without a name kept", upload.CreateOptions{Incoming: keep}, body("", packed), "", []string{"NO NAME.zip=" + packed}},
		{"tar without a name kept", upload.CreateOptions{Incoming: keep}, body("", taped), "", []string{"NO NAME.tar=" + taped}},
		{"zip called something else", upload.CreateOptions{}, body("x.xlsx", packed), "x.xlsx", []string{"x.xlsx=" + packed}},
		{"archives in archives stay", upload.CreateOptions{}, body("x.zip", zipped(t, "in.zip", packed)), "x.zip", []string{"in.zip=" + packed}},
		{"embargo", upload.CreateOptions{EmbargoLength: 36}, nil, "", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var b upload.Body
			if tt.body != nil {
				b = tt.body
			}
			u, err := s.Create(t.Context(), ada, tt.options, b)
			must(t, err)
			if u.Name != tt.wantName || u.MainAuthor != ada.UserID || u.EmbargoLength != tt.options.EmbargoLength ||
				u.License != "CC BY 4.0" || !u.CreateTime.Equal(s.now()) || len(u.ID) != 22 || u.Published() {
				t.Errorf("%+v", u)
			}
			status := upload.Ready
			if len(tt.want) > 0 {
				status = upload.Pending
			}
			if u.Process.Status != status {
				t.Errorf("status %s, want %s", u.Process.Status, status)
			}
			s.has(t, u.ID, tt.want...)
			if f, err := s.store.Tree(t.Context(), u.ID, ""); err != nil || len(f) != u.Files {
				t.Errorf("%d rows of files, %v", len(f), err)
			}
		})
	}
	t.Cleanup(func() { s.nothingStaged(t) })
}

func TestEmptyUploadIsNotProcessedAndOneWithFilesIs(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	s.create(t, ada)
	u := s.create(t, ada, "a.txt", "1")
	if got := s.jobs(t); !slices.Equal(got, []string{u.ID}) {
		t.Errorf("jobs of %q", got)
	}
}

func TestCreateRefusals(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	s.limits.FileBytes = 10
	full := newShelf(t)
	full.limits.Unpublished = 1
	full.create(t, ada)
	const limit = "Limit of unpublished uploads exceeded for user."
	const embargo = "`embargo_length` must be between 0 and 36 months."
	const broken = "Some IO went wrong, upload probably aborted/disrupted."
	cut := body("a.txt", "1")
	cut.err = io.ErrUnexpectedEOF
	tests := []struct {
		name    string
		shelf   *shelf
		viewer  upload.Viewer
		options upload.CreateOptions
		body    *parts
		kind    problem.Kind
		detail  string
	}{
		{"visitor", s, upload.Viewer{}, upload.CreateOptions{}, body(), problem.Unauthenticated, "Authentication required."},
		{"token for certain uploads", s, upload.Viewer{UserID: ada.UserID, Uploads: []string{}}, upload.CreateOptions{}, body(), problem.Forbidden, "This token may only be used with certain uploads; it may not create new ones."},
		{"limit before embargo", full, ada, upload.CreateOptions{EmbargoLength: 37}, body("../x", ""), problem.BadRequest, limit},
		{"embargo before data", s, ada, upload.CreateOptions{EmbargoLength: 37}, body("../x", ""), problem.BadRequest, embargo},
		{"negative embargo", s, ada, upload.CreateOptions{EmbargoLength: -1}, body(), problem.BadRequest, embargo},
		{"name above", s, ada, upload.CreateOptions{}, body("../x", "1"), problem.BadRequest, "Bad file name provided."},
		{"dots", s, ada, upload.CreateOptions{}, body("..", "1"), problem.BadRequest, "Bad file name provided."},
		{"name in a folder", s, ada, upload.CreateOptions{}, body("a/b", "1"), problem.BadRequest, "Bad file name provided."},
		{"second name bad", s, ada, upload.CreateOptions{}, body("a", "1", "/b", "1"), problem.BadRequest, "Bad file name provided."},
		{"name with NUL", s, ada, upload.CreateOptions{}, body("a\x00", "1"), problem.BadRequest, "Bad file name provided."},
		{"no name, no archive", s, ada, upload.CreateOptions{}, body("", "some text"), problem.BadRequest, "No file name provided, and the file does not look like a zip or tar file."},
		{"cut between parts", s, ada, upload.CreateOptions{}, cut, problem.BadRequest, broken},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := tt.shelf.Create(t.Context(), tt.viewer, tt.options, tt.body)
			refused(t, err, tt.kind, tt.detail)
		})
	}
	t.Run("body above the limit", func(t *testing.T) {
		t.Parallel()
		if _, err := s.Create(t.Context(), ada, upload.CreateOptions{}, body("a", "1", "b", "12345678901")); !problem.Is(err, problem.TooLarge) {
			t.Errorf("%v", err)
		}
	})
	t.Run("body cut", func(t *testing.T) {
		t.Parallel()
		b := body("a", "1")
		b.list = append(b.list, upload.Part{Name: "b", Reader: io.MultiReader(strings.NewReader("2"), brokenPipe{})})
		_, err := s.Create(t.Context(), ada, upload.CreateOptions{}, b)
		if !problem.Is(err, problem.BadRequest) {
			t.Errorf("%v", err)
		}
	})
	t.Cleanup(func() { s.empty(t); full.nothingStaged(t) })
}

type brokenPipe struct{}

func (brokenPipe) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

func TestLimitIsAskedBeforeTheBodyIsRead(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	s.limits.Unpublished = 0
	b := &parts{list: []upload.Part{{Name: "a", Reader: &onRead{do: func() { t.Error("the body was read") }, text: strings.NewReader("1")}}}}
	_, err := s.Create(t.Context(), ada, upload.CreateOptions{}, b)
	refused(t, err, problem.BadRequest, "Limit of unpublished uploads exceeded for user.")
	_, err = s.Create(t.Context(), root, upload.CreateOptions{}, nil) // not for administrators
	must(t, err)
}

func TestLimitHoldsForManyAtOnce(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	s.limits.Unpublished = 3
	s.create(t, bert) // others do not count
	ctx := context.WithoutCancel(t.Context())
	var all sync.WaitGroup
	errs := make([]error, 12)
	for i := range errs {
		all.Go(func() { _, errs[i] = s.Create(ctx, ada, upload.CreateOptions{}, body("a.txt", "1")) })
	}
	all.Wait()
	made := 0
	for _, err := range errs {
		if err == nil {
			made++
		} else {
			refused(t, err, problem.BadRequest, "Limit of unpublished uploads exceeded for user.")
		}
	}
	if _, total, err := s.List(t.Context(), ada, upload.ListQuery{}); err != nil || made != 3 || total != 3 {
		t.Errorf("%d made, %d there, %v", made, total, err)
	}
	s.nothingStaged(t)
}

// Whatever is wrong with an archive, nothing of it stays. What exactly is said
// about each is tested in package unpack.
func TestHostileArchivesLeaveNothing(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	s.limits.FileBytes = 0
	s.limits.Archive = unpack.Limits{Members: 50, Bytes: 1 << 20, Ratio: 20, Slack: 1 << 16}
	fixtures, err := os.ReadDir("unpack/testdata/corpus")
	must(t, err)
	bad := 0
	for _, fixture := range fixtures {
		content, err := os.ReadFile(filepath.Join("unpack/testdata/corpus", fixture.Name()))
		must(t, err)
		// A good file comes first: it must not stay either.
		u, err := s.Create(t.Context(), ada, upload.CreateOptions{}, body("good.txt", "1", fixture.Name(), string(content)))
		if err == nil {
			must(t, errors.Join(s.deleted(t, u.ID), s.Settle(t.Context())))
			s.jobs(t)
			continue
		}
		bad++
		if p := problem.As(err); p == nil || p.Kind != problem.BadRequest && p.Kind != problem.TooLarge || p.Detail == "" {
			t.Errorf("%s: %v", fixture.Name(), err)
		}
		s.empty(t)
	}
	if bad < 50 || bad == len(fixtures) {
		t.Errorf("%d of %d were refused", bad, len(fixtures))
	}
	if _, err := os.Stat(filepath.Join(s.dir, "evil.txt")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a member left the upload: %v", err)
	}
}

func (s *shelf) deleted(t *testing.T, id string) error {
	t.Helper()
	_, err := s.Delete(t.Context(), ada, id)
	return err
}

func TestAFileCannotBeAFolderInTheSameBody(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	for name, b := range map[string]*parts{
		"file first":             body("a", "1", "x.zip", zipped(t, "a/b", "2")),
		"folder first":           body("x.zip", zipped(t, "a/b", "2"), "a", "1"),
		"empty folder":           body("x.zip", zipped(t, "a/", ""), "a", "1"),
		"empty folder, reversed": body("a", "1", "x.zip", zipped(t, "a/", "")),
		"file below a file":      body("a", "1", "x.zip", zipped(t, "a/c/", "")),
	} {
		_, err := s.Create(t.Context(), ada, upload.CreateOptions{}, b)
		if p := problem.As(err); p == nil || p.Kind != problem.BadRequest || !strings.Contains(p.Detail, `"a"`) {
			t.Errorf("%s: %v", name, err)
		}
		s.empty(t)
	}
}
