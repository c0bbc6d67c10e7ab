package upload_test

import (
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
	"oasis/internal/problem"
)

const (
	unknown    = "The specified upload_id was not found."
	noAccess   = "You do not have access to the specified upload."
	noWrite    = "You do not have write access to the specified upload."
	unfinished = "An earlier change of this upload is stored but could not be finished yet; " +
		"the server tries again every second. Try again when its disk has room."
)

func TestPutAddsToDirectories(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	packed := zipped(t, "a.txt", "zip", "sub/b.txt", "zip", "none/", "")
	tests := []struct {
		name, dir string
		body      *parts
		want      []string
	}{
		{"root", "", body("n.txt", "new"), []string{"a.txt=1", "d/b.txt=2", "n.txt=new"}},
		{"dot", ".", body("n.txt", "new"), []string{"a.txt=1", "d/b.txt=2", "n.txt=new"}},
		{"replaces", "", body("a.txt", "longer"), []string{"a.txt=longer", "d/b.txt=2"}},
		{"existing directory", "d/", body("n.txt", "new"), []string{"a.txt=1", "d/b.txt=2", "d/n.txt=new"}},
		{"new directories", "x/y z", body("n.txt", "new"), []string{"a.txt=1", "d/b.txt=2", "x/y z/n.txt=new"}},
		{"round about", "x/../d", body("b.txt", "new"), []string{"a.txt=1", "d/b.txt=new"}},
		{"archive", "d", body("x.zip", packed), []string{"a.txt=1", "d/a.txt=zip", "d/b.txt=2", "d/none/", "d/sub/b.txt=zip"}},
		{"archive over files", "", body("x.zip", packed), []string{"a.txt=zip", "d/b.txt=2", "none/", "sub/b.txt=zip"}},
		{"empty file", "", body("n.txt", ""), []string{"a.txt=1", "d/b.txt=2", "n.txt="}},
		{"several", "d", body("n.txt", "1", "m.txt", "2"), []string{"a.txt=1", "d/b.txt=2", "d/m.txt=2", "d/n.txt=1"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			u := s.create(t, ada, "a.txt", "1", "x.zip", zipped(t, "d/b.txt", "2"))
			after, err := s.PutFiles(t.Context(), ada, u.ID, tt.dir, upload.PutOptions{}, tt.body)
			must(t, err)
			if after.Process.Status != upload.Pending || after.Process.Current != "_process_upload" {
				t.Errorf("%+v", after.Process)
			}
			s.has(t, u.ID, tt.want...)
		})
	}
	t.Cleanup(func() { s.nothingStaged(t) })
}

func TestPutRefusals(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	u := s.create(t, ada, "a.txt", "1", "x.zip", zipped(t, "d/b.txt", "2", "e/", ""))
	keep := upload.PutOptions{KeepExisting: true}
	const mixedA = "Cannot merge a file with a directory or vice versa: a.txt."
	const mixedD = "Cannot merge a file with a directory or vice versa: d."
	const exists = "The provided path already exists and overwrite_if_exists is set to False."
	tests := []struct {
		name    string
		viewer  upload.Viewer
		id, dir string
		options upload.PutOptions
		body    *parts
		kind    problem.Kind
		detail  string
	}{
		{"unknown upload", ada, upload.NewID(), "", keep, body("n", "1"), problem.Missing, unknown},
		{"no id at all", ada, "../" + u.ID, "", keep, body("n", "1"), problem.Missing, unknown},
		{"somebody else", bert, u.ID, "..", keep, body("n", "1"), problem.Forbidden, noWrite},
		{"visitor", upload.Viewer{}, u.ID, "", keep, body("n", "1"), problem.Forbidden, noWrite},
		{"token for another upload", upload.Viewer{UserID: ada.UserID, Uploads: []string{"x"}}, u.ID, "", keep, body("n", "1"), problem.Forbidden, "This token may only be used with certain uploads, and this is not one of them."},
		{"above the root", ada, u.ID, "d/../..", keep, body(), problem.BadRequest, "Bad path provided."},
		{"absolute", ada, u.ID, "/d", keep, body(), problem.BadRequest, "Bad path provided."},
		{"doubled slash", ada, u.ID, "d//e", keep, body(), problem.BadRequest, "Bad path provided."},
		{"nothing", ada, u.ID, "", keep, body(), problem.BadRequest, "Either an upload file or the query parameters for moving/copying a file should be provided."},
		{"empty body", ada, u.ID, "", keep, body("", ""), problem.BadRequest, "Either an upload file or the query parameters for moving/copying a file should be provided."},
		{"not a zip", ada, u.ID, "", upload.PutOptions{}, body("x.zip", "text"), problem.BadRequest, "Cannot extract file. Bad file format or file extension?"},
		{"not a tar", ada, u.ID, "", upload.PutOptions{}, body("x.tar.gz", "text"), problem.BadRequest, "Cannot extract file. Bad file format or file extension?"},
		{"path exists", ada, u.ID, "", keep, body("n", "1", "a.txt", "2"), problem.Conflict, exists},
		{"path exists in a directory", ada, u.ID, "d", keep, body("b.txt", "2"), problem.Conflict, exists},
		{"file as directory", ada, u.ID, "a.txt", upload.PutOptions{}, body("n", "1"), problem.BadRequest, mixedA},
		{"file above the directory", ada, u.ID, "a.txt/x/y", upload.PutOptions{}, body("n", "1"), problem.BadRequest, mixedA},
		{"directory as file", ada, u.ID, "", upload.PutOptions{}, body("d", "1"), problem.BadRequest, mixedD},
		{"empty directory as file", ada, u.ID, "", upload.PutOptions{}, body("e", "1"), problem.BadRequest, "Cannot merge a file with a directory or vice versa: e."},
		{"directory as file in an archive", ada, u.ID, "", upload.PutOptions{}, body("n", "1", "x.zip", zipped(t, "d", "1")), problem.BadRequest, mixedD},
		{"file as folder in an archive", ada, u.ID, "", upload.PutOptions{}, body("n", "1", "x.zip", zipped(t, "a.txt/", "")), problem.BadRequest, mixedA},
		{"file as directory in an archive", ada, u.ID, "", upload.PutOptions{}, body("n", "1", "x.zip", zipped(t, "a.txt/x", "")), problem.BadRequest, mixedA},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := s.PutFiles(t.Context(), tt.viewer, tt.id, tt.dir, tt.options, tt.body)
			refused(t, err, tt.kind, tt.detail)
		})
	}
	t.Cleanup(func() { s.nothingStaged(t) })
	t.Run("and nothing has changed", func(t *testing.T) { s.has(t, u.ID, "a.txt=1", "d/b.txt=2", "e/") })
}

func TestMemberOfAnArchiveMayReplaceAFileWhenPlainOnesMayNot(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	u := s.create(t, ada, "a.txt", "1")
	_, err := s.PutFiles(t.Context(), ada, u.ID, "", upload.PutOptions{KeepExisting: true}, body("x.zip", zipped(t, "a.txt", "2")))
	must(t, err)
	s.has(t, u.ID, "a.txt=2")
}

func TestPublishedUploadsKeepTheirFiles(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	u := upload.Upload{
		ID: upload.NewID(), MainAuthor: ada.UserID, CreateTime: s.now(), PublishTime: s.now(), Process: upload.Process{Status: upload.Success},
	}
	must(t, s.store.InTx(t.Context(), func(tx upload.Tx) error {
		return errors.Join(tx.InsertUpload(t.Context(), u), tx.PutDir(t.Context(), u.ID, "d"))
	}))
	const published = "Upload is already published, operation not possible."
	for _, v := range []upload.Viewer{ada, root} {
		_, err := s.PutFiles(t.Context(), v, u.ID, "", upload.PutOptions{}, body("n", "1"))
		refused(t, err, problem.BadRequest, published)
		_, err = s.DeletePath(t.Context(), v, u.ID, "d", upload.Trigger{})
		refused(t, err, problem.BadRequest, published)
	}
	_, err := s.Delete(t.Context(), ada, u.ID)
	refused(t, err, problem.Forbidden, "Upload is already published, only admins can perform this operation.")
	_, err = s.Delete(t.Context(), root, u.ID)
	must(t, err)
}

// The body may take hours. What is allowed is asked again when it is there.
func TestRightsThatEndWhileTheBodyComesInCount(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		during func(t *testing.T, s *shelf, id string)
		kind   problem.Kind
		detail string
	}{
		{"deleted", func(t *testing.T, s *shelf, id string) { must(t, s.deleted(t, id)) }, problem.Missing, unknown},
		{"another process begins", func(t *testing.T, s *shelf, id string) {
			must(t, s.store.InTx(t.Context(), func(tx upload.Tx) error {
				return tx.SetProcess(t.Context(), id, upload.Process{Status: upload.Pending, Current: "_publish_upload"})
			}))
		}, problem.BadRequest, "The upload is currently blocked by another process."},
		{"file becomes a directory", func(t *testing.T, s *shelf, id string) { s.put(t, id, "n.txt", "x", "1") },
			problem.BadRequest, "Cannot merge a file with a directory or vice versa: n.txt."},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := newShelf(t)
			u := s.create(t, ada, "a.txt", "1")
			b := &parts{list: []upload.Part{{Name: "n.txt", Reader: &onRead{do: func() { tt.during(t, s, u.ID) }, text: strings.NewReader("1")}}}}
			_, err := s.PutFiles(t.Context(), ada, u.ID, "", upload.PutOptions{}, b)
			refused(t, err, tt.kind, tt.detail)
			s.nothingStaged(t)
		})
	}
}

func TestPathTakenWhileTheBodyComesInIsKept(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	u := s.create(t, ada)
	b := &parts{list: []upload.Part{{Name: "n.txt", Reader: &onRead{do: func() { s.put(t, u.ID, "", "n.txt", "first") }, text: strings.NewReader("second")}}}}
	_, err := s.PutFiles(t.Context(), ada, u.ID, "", upload.PutOptions{KeepExisting: true}, b)
	refused(t, err, problem.Conflict, "The provided path already exists and overwrite_if_exists is set to False.")
	s.has(t, u.ID, "n.txt=first")
}

func TestBodyThatIsCutChangesNothing(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	u := s.create(t, ada, "a.txt", "1")
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	b := body("a.txt", "2")
	b.list = append(b.list, upload.Part{Name: "b.txt", Reader: &onRead{do: cancel, text: strings.NewReader("3")}})
	if _, err := s.PutFiles(ctx, ada, u.ID, "", upload.PutOptions{}, b); err == nil {
		t.Error("a request whose client has gone was carried out")
	}
	s.has(t, u.ID, "a.txt=1")
	s.nothingStaged(t)
}

func TestHeldChangesAreNotProcessed(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	u := s.create(t, ada)
	hold := upload.Trigger{Hold: true}
	after, err := s.PutFiles(t.Context(), ada, u.ID, "", upload.PutOptions{Trigger: hold}, body("a.txt", "1", "b.txt", "2"))
	must(t, err)
	if after.Process.Status != upload.Ready || len(s.jobs(t)) != 0 {
		t.Errorf("%+v", after.Process)
	}
	after, err = s.DeletePath(t.Context(), ada, u.ID, "b.txt", hold)
	must(t, err)
	if after.Process.Status != upload.Ready || len(s.jobs(t)) != 0 {
		t.Errorf("%+v", after.Process)
	}
	s.put(t, u.ID, "", "c.txt", "3")
	// A run waits now: the upload is not ready because one more file is held.
	after, err = s.PutFiles(t.Context(), ada, u.ID, "", upload.PutOptions{Trigger: hold}, body("d.txt", "4"))
	must(t, err)
	if waiting := s.jobs(t); after.Process.Status != upload.Pending || !slices.Equal(waiting, []string{u.ID}) {
		t.Errorf("%+v, jobs %q", after.Process, waiting)
	}
}

func TestManyChangesBeforeARunMakeOneJob(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	u := s.create(t, ada, "a.txt", "1")
	for range 3 {
		s.put(t, u.ID, "", "b.txt", "2")
	}
	if waiting := s.jobs(t); !slices.Equal(waiting, []string{u.ID}) {
		t.Errorf("jobs %q", waiting)
	}
}

func TestDeletePath(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	all := []string{"a.txt", "1", "d/b.txt", "2", "d/e/c.txt", "3", "d!", "4", "d0", "5", "da/x", "6", "f/", ""}
	tests := []struct {
		path string
		want []string
	}{
		{"a.txt", []string{"d/b.txt=2", "d/e/c.txt=3", "d!=4", "d0=5", "da/x=6", "f/"}},
		{"d", []string{"a.txt=1", "d!=4", "d0=5", "da/x=6", "f/"}},
		{"d/", []string{"a.txt=1", "d!=4", "d0=5", "da/x=6", "f/"}},
		{"d/e", []string{"a.txt=1", "d/b.txt=2", "d!=4", "d0=5", "da/x=6", "f/"}},
		{"da/x", []string{"a.txt=1", "d/b.txt=2", "d/e/c.txt=3", "d!=4", "d0=5", "da/", "f/"}},
		{"f", []string{"a.txt=1", "d/b.txt=2", "d/e/c.txt=3", "d!=4", "d0=5", "da/x=6"}},
		{"", nil},
	}
	for _, tt := range tests {
		t.Run(tt.path, func(t *testing.T) {
			t.Parallel()
			u := s.create(t, ada, "x.zip", zipped(t, all...))
			after, err := s.DeletePath(t.Context(), ada, u.ID, tt.path, upload.Trigger{})
			must(t, err)
			if after.Process.Status != upload.Pending {
				t.Errorf("%+v", after.Process)
			}
			s.has(t, u.ID, tt.want...)
			left, err := s.files.Stat(t.Context(), u.ID, strings.TrimSuffix(tt.path, "/"))
			if tt.path != "" && !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("it is still on the disk: %+v, %v", left, err)
			}
		})
	}
}

func TestDeletePathRefusals(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	u := s.create(t, ada, "a.txt", "1")
	tests := []struct {
		name     string
		viewer   upload.Viewer
		id, path string
		kind     problem.Kind
		detail   string
	}{
		{"unknown upload", ada, "x", "a.txt", problem.Missing, unknown},
		{"somebody else", bert, u.ID, "a.txt", problem.Forbidden, noWrite},
		{"nothing there", ada, u.ID, "b.txt", problem.Missing, "No file or folder with that path found."},
		{"below a file", ada, u.ID, "a.txt/b", problem.Missing, "No file or folder with that path found."},
		{"prefix", ada, u.ID, "a", problem.Missing, "No file or folder with that path found."},
		{"wildcard", ada, u.ID, "%", problem.Missing, "No file or folder with that path found."},
		{"above", ada, u.ID, "../a.txt", problem.BadRequest, "Bad path provided."},
		{"absolute", ada, u.ID, "/a.txt", problem.BadRequest, "Bad path provided."},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := s.DeletePath(t.Context(), tt.viewer, tt.id, tt.path, upload.Trigger{})
			refused(t, err, tt.kind, tt.detail)
		})
	}
	t.Run("and nothing has changed", func(t *testing.T) { s.has(t, u.ID, "a.txt=1") })
}

func TestWhatWasDeletedCanBecomeSomethingElse(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	u := s.create(t, ada, "x", "file")
	for range 2 {
		_, err := s.DeletePath(t.Context(), ada, u.ID, "x", upload.Trigger{})
		must(t, err)
		s.put(t, u.ID, "x", "y", "below")
		s.has(t, u.ID, "x/y=below")
		_, err = s.DeletePath(t.Context(), ada, u.ID, "x", upload.Trigger{})
		must(t, err)
		s.put(t, u.ID, "", "x", "file")
		s.has(t, u.ID, "x=file")
	}
	must(t, s.Settle(t.Context()))
	s.has(t, u.ID, "x=file")
}

func TestDeleteRemovesEverything(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	u := s.create(t, ada, "a.txt", "1", "x.zip", zipped(t, "d/b.txt", "2"))
	other := s.create(t, ada, "a.txt", "stays")
	must(t, s.WriteArchives(t.Context(), u.ID, []upload.ArchiveBlob{{EntryID: "e", JSON: []byte("{}")}}))
	for _, tt := range []struct {
		viewer upload.Viewer
		id     string
		kind   problem.Kind
		detail string
	}{
		{ada, "x", problem.Missing, unknown},
		{bert, u.ID, problem.Forbidden, noWrite},
		{upload.Viewer{}, u.ID, problem.Forbidden, noWrite},
	} {
		_, err := s.Delete(t.Context(), tt.viewer, tt.id)
		refused(t, err, tt.kind, tt.detail)
	}
	gone, err := s.Delete(t.Context(), ada, u.ID)
	must(t, err)
	if gone.ID != u.ID || gone.Process.Status != upload.Pending || gone.Process.Current != "delete_upload" {
		t.Errorf("%+v", gone)
	}
	_, err = s.Get(t.Context(), ada, u.ID)
	refused(t, err, problem.Missing, unknown)
	_, _, err = s.OpenFile(t.Context(), ada, u.ID, "a.txt")
	refused(t, err, problem.Missing, unknown)
	// A run that goes on cannot bring anything of it back.
	if err := s.WriteArchives(t.Context(), u.ID, []upload.ArchiveBlob{{EntryID: "e", JSON: []byte("{}")}}); !problem.Is(err, problem.Missing) {
		t.Errorf("archive of an upload that is gone: %v", err)
	}
	if _, err := s.files.OpenArchive(t.Context(), u.ID, "e"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the archive is still there: %v", err)
	}
	if _, err := s.OpenRaw(t.Context(), u.ID, "a.txt"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the file is still there: %v", err)
	}
	_, err = s.Delete(t.Context(), ada, u.ID)
	refused(t, err, problem.Missing, unknown)
	must(t, s.Settle(t.Context()))
	if left, err := os.ReadDir(filepath.Join(s.dir, "files", "trash")); err != nil || len(left) > 0 {
		t.Errorf("the trash holds %v, %v", left, err)
	}
	s.has(t, other.ID, "a.txt=stays")
}

func TestReadersNeverSeeARowWithoutItsBytes(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	u := s.create(t, ada, "a.txt", "0")
	ctx := context.WithoutCancel(t.Context())
	var writers, readers sync.WaitGroup
	done := make(chan struct{})
	writers.Go(func() {
		for i := range 20 {
			if _, err := s.PutFiles(ctx, ada, u.ID, "", upload.PutOptions{}, body("a.txt", strings.Repeat("x", i))); err != nil {
				t.Error(err)
			}
			if _, err := s.DeletePath(ctx, ada, u.ID, "a.txt", upload.Trigger{}); err != nil {
				t.Error(err)
			}
		}
	})
	for range 2 {
		readers.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
				}
				f, content, err := s.OpenFile(ctx, ada, u.ID, "a.txt")
				if problem.Is(err, problem.Missing) {
					continue
				}
				if err != nil {
					t.Error(err)
					return
				}
				if content.Size() != f.Size {
					t.Errorf("row of %d bytes, file of %d", f.Size, content.Size())
				}
				_ = content.Close()
			}
		})
	}
	writers.Wait()
	close(done)
	readers.Wait()
}

// The disk may refuse to move a body although its row is committed. It is
// neither lost nor overtaken by what comes later.
func TestWhatTheDiskRefusesIsDoneBeforeTheNextChange(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	u := s.create(t, ada, "a.txt", "1")
	s.files.fails(func(string, string) error { return errDisk })
	s.put(t, u.ID, "", "a.txt", "2", "x.zip", zipped(t, "b.txt", "3", "e/", ""))
	// While it lasts nothing else is done to the upload, and nobody gets old bytes under a new row.
	_, err := s.PutFiles(t.Context(), ada, u.ID, "", upload.PutOptions{}, body("a.txt", "4"))
	refused(t, err, problem.StorageFull, unfinished)
	_, err = s.DeletePath(t.Context(), ada, u.ID, "a.txt", upload.Trigger{})
	refused(t, err, problem.StorageFull, unfinished)
	for _, path := range []string{"a.txt", "b.txt"} {
		_, _, err = s.OpenFile(t.Context(), ada, u.ID, path)
		refused(t, err, problem.StorageFull, unfinished)
		if _, err := s.OpenRaw(t.Context(), u.ID, path); errors.Is(err, fs.ErrNotExist) || err == nil {
			t.Errorf("processing takes it for a file that was removed, or reads the old one: %v", err)
		}
	}
	if err := s.Settle(t.Context()); !errors.Is(err, errDisk) {
		t.Errorf("settle: %v", err)
	}

	s.files.fails(nil)
	s.files.log = nil
	s.put(t, u.ID, "", "a.txt", "5")
	if want := []string{"place a.txt", "place b.txt", "place a.txt"}; !slices.Equal(s.files.log, want) {
		t.Errorf("done in the order %q, want %q", s.files.log, want)
	}
	s.has(t, u.ID, "a.txt=5", "b.txt=3", "e/")
	must(t, s.Settle(t.Context()))
	s.nothingStaged(t)
	if intents, err := s.store.Intents(t.Context(), ""); err != nil || len(intents) > 0 {
		t.Errorf("intents %+v, %v", intents, err)
	}
}

func TestWhatTheDiskRefusesIsDoneByItselfOnceItCan(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	left := 2
	s.files.fails(func(op, path string) error {
		if path == "b.txt" && left > 0 {
			left--
			return errDisk
		}
		return nil
	})
	s.create(t, ada, "a.txt", "1", "b.txt", "2", "c.txt", "3")
	if err := s.Settle(t.Context()); !errors.Is(err, errDisk) {
		t.Errorf("settle: %v", err)
	}
	must(t, s.Settle(t.Context()))
	uploads, _, err := s.List(t.Context(), ada, upload.ListQuery{Limit: 1})
	must(t, err)
	s.has(t, uploads[0].ID, "a.txt=1", "b.txt=2", "c.txt=3")
	s.nothingStaged(t)
}

// Each crash comes after the commit and before the disk is changed; the restart
// knows nothing but what is stored.
func TestRecoverFinishesWhatACrashLeft(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		change func(ctx context.Context, s *shelf, id string) error
		want   []string // nil = the upload is gone
	}{
		{"put", func(ctx context.Context, s *shelf, id string) error {
			_, err := s.PutFiles(ctx, ada, id, "d", upload.PutOptions{}, body("a.txt", "new", "n.txt", "2"))
			return err
		}, []string{"a.txt=1", "d/a.txt=new", "d/b.txt=2", "d/n.txt=2"}},
		{"replace", func(ctx context.Context, s *shelf, id string) error {
			_, err := s.PutFiles(ctx, ada, id, "", upload.PutOptions{}, body("a.txt", "new"))
			return err
		}, []string{"a.txt=new", "d/b.txt=2"}},
		{"remove", func(ctx context.Context, s *shelf, id string) error {
			_, err := s.DeletePath(ctx, ada, id, "d", upload.Trigger{})
			return err
		}, []string{"a.txt=1"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := newShelf(t)
			u := s.create(t, ada, "a.txt", "1", "x.zip", zipped(t, "d/b.txt", "2"))
			must(t, s.Settle(t.Context()))
			s.files.fails(func(string, string) error { return errDisk })
			must(t, tt.change(t.Context(), s, u.ID))
			_, err := s.files.Stage(t.Context(), strings.NewReader("a body that nobody waits for any more"), -1)
			must(t, err)
			s.files.fails(nil)
			for range 2 { // a crash while recovering changes nothing
				s.restart(t)
				s.has(t, u.ID, tt.want...)
			}
			s.nothingStaged(t)
			if intents, err := s.store.Intents(t.Context(), ""); err != nil || len(intents) > 0 {
				t.Errorf("intents %+v, %v", intents, err)
			}
		})
	}
}

// A crash before Flush leaves intents that were carried out; doing them again
// must not bring back what later ones have replaced.
func TestRecoverDoesNotBringBackOldBytes(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	u := s.create(t, ada, "a.txt", "1", "b.txt", "1")
	s.put(t, u.ID, "", "a.txt", "2")
	_, err := s.DeletePath(t.Context(), ada, u.ID, "b.txt", upload.Trigger{})
	must(t, err)
	s.put(t, u.ID, "b.txt", "c", "3")
	gone := s.create(t, ada, "a.txt", "1")
	must(t, s.deleted(t, gone.ID))
	if intents, err := s.store.Intents(t.Context(), ""); err != nil || len(intents) < 5 {
		t.Fatalf("intents %+v, %v", intents, err)
	}
	s.restart(t)
	s.has(t, u.ID, "a.txt=2", "b.txt/c=3")
	s.nothingStaged(t)
	if _, err := s.OpenRaw(t.Context(), gone.ID, "a.txt"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a deleted upload came back: %v", err)
	}
}

func TestReadingAsksWhoMayRead(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	u := s.create(t, ada, "x.zip", zipped(t, "d/a.txt", "1"))
	visitor := upload.Viewer{}
	const logIn = "You need to log in to access the specified upload."
	const noPath = "Not found. Invalid path?"
	reads := map[string]func(v upload.Viewer, id, path string) error{
		"open": func(v upload.Viewer, id, path string) error {
			_, content, err := s.OpenFile(t.Context(), v, id, path)
			if err == nil {
				_ = content.Close()
			}
			return err
		},
		"list": func(v upload.Viewer, id, path string) error {
			_, err := s.RawDir(t.Context(), v, id, path, 0, 10)
			return err
		},
		"zip": func(v upload.Viewer, id, path string) error {
			_, err := s.Zip(t.Context(), v, id, path, nil)
			return err
		},
	}
	for name, read := range reads {
		must(t, read(ada, u.ID, "d/a.txt"))
		must(t, read(root, u.ID, "d/../d/a.txt"))
		refused(t, read(visitor, u.ID, "d/a.txt"), problem.Unauthenticated, logIn)
		refused(t, read(bert, u.ID, "d/a.txt"), problem.Forbidden, noAccess)
		refused(t, read(bert, u.ID, "nowhere"), problem.Forbidden, noAccess) // says nothing about what is there
		refused(t, read(ada, "x", "d/a.txt"), problem.Missing, unknown)
		for _, path := range []string{"nowhere", "d/a.txt/x", "..", "/d/a.txt", "d//a.txt", "a\x00"} {
			err := read(ada, u.ID, path)
			if p := problem.As(err); p == nil || p.Detail != noPath || p.Kind != problem.Missing {
				t.Errorf("%s %q: %v", name, path, err)
			}
		}
	}
	_, err := s.Get(t.Context(), bert, u.ID)
	refused(t, err, problem.Forbidden, noAccess)
	_, _, err = s.List(t.Context(), visitor, upload.ListQuery{})
	if !problem.Is(err, problem.Unauthenticated) {
		t.Errorf("list of a visitor: %v", err)
	}
	_, _, err = s.OpenFile(t.Context(), ada, u.ID, "d")
	refused(t, err, problem.Missing, noPath) // a folder is no file
}

func TestZipReadsBackEqual(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	big := strings.Repeat("0123456789", 20_000)
	u := s.create(t, ada, "x.zip", zipped(t, "a.txt", "1", "d/b.txt", "2", "d/e/c.bin", big, "d/empty", "", "da", "4", "f/", ""))
	s.mu.Lock()
	s.clock = s.clock.Add(time.Hour)
	s.mu.Unlock()
	s.put(t, u.ID, "d", "new.txt", "5")
	txt := func(path string) bool { return strings.HasSuffix(path, ".txt") }
	tests := []struct {
		name, path string
		keep       func(string) bool
		wantName   string
		want       map[string]string
	}{
		{"root", "", nil, u.ID, map[string]string{"a.txt": "1", "d/b.txt": "2", "d/e/c.bin": big, "d/empty": "", "d/new.txt": "5", "da": "4"}},
		{"directory", "d", nil, "d", map[string]string{"b.txt": "2", "e/c.bin": big, "empty": "", "new.txt": "5"}},
		{"deeper, with a slash", "d/e/", nil, "e", map[string]string{"c.bin": big}},
		{"file", "d/e/c.bin", nil, "c.bin", map[string]string{"c.bin": big}},
		{"empty directory", "f", nil, "f", map[string]string{}},
		{"selected", "", txt, u.ID, map[string]string{"a.txt": "1", "d/b.txt": "2", "d/new.txt": "5"}},
		{"selected by the path from the root", "d", func(p string) bool { return p == "d/b.txt" }, "d", map[string]string{"b.txt": "2"}},
		{"none selected", "", func(string) bool { return false }, u.ID, map[string]string{}},
		{"a file is not selected", "a.txt", func(string) bool { return false }, "a.txt", map[string]string{"a.txt": "1"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			z, err := s.Zip(t.Context(), ada, u.ID, tt.path, tt.keep)
			must(t, err)
			r := z.Reader(t.Context())
			defer func() { must(t, r.Close()) }()
			content, err := io.ReadAll(r)
			must(t, err)
			if z.Name != tt.wantName || int64(len(content)) != z.Size() {
				t.Errorf("%s of %d bytes, announced %d", z.Name, len(content), z.Size())
			}
			if newest := tt.want["new.txt"] + tt.want["d/new.txt"]; newest != "" && !z.ModTime.Equal(s.now()) {
				t.Errorf("newest file of %s, want %s", z.ModTime, s.now())
			}
			read, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
			must(t, err)
			got := map[string]string{}
			for _, member := range read.File {
				m, err := member.Open()
				must(t, err)
				text, err := io.ReadAll(m) // checks the CRC
				must(t, errors.Join(err, m.Close()))
				got[member.Name] = string(text)
			}
			if len(got) != len(tt.want) || len(read.File) != len(got) {
				t.Errorf("%d members, want %d", len(read.File), len(tt.want))
			}
			for name, text := range tt.want {
				if got[name] != text {
					t.Errorf("%s has %d bytes, want %d", name, len(got[name]), len(text))
				}
			}
		})
	}
}

func TestZipTellsWhenAFileGoesWhileItIsRead(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	u := s.create(t, ada, "a.txt", "1", "b.txt", "2")
	for name, change := range map[string]func() error{
		"replaced": func() error {
			_, err := s.PutFiles(t.Context(), ada, u.ID, "", upload.PutOptions{}, body("b.txt", "other"))
			return err
		},
		"removed": func() error {
			_, err := s.DeletePath(t.Context(), ada, u.ID, "b.txt", upload.Trigger{})
			return err
		},
	} {
		s.put(t, u.ID, "", "b.txt", "2")
		z, err := s.Zip(t.Context(), ada, u.ID, "", nil)
		must(t, err)
		must(t, change())
		r := z.Reader(t.Context())
		if _, err := io.ReadAll(r); err == nil {
			t.Errorf("%s: the zip ends as if it were whole", name)
		}
		_ = r.Close()
	}
}
