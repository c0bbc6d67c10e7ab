package upload_test

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"oasis/internal/data/upload"
	"oasis/internal/problem"
)

// forgetful is a store that fails on demand.
type forgetful struct {
	upload.Store
	// keepsIntents makes DeleteIntents fail.
	keepsIntents bool
	// breaks makes InTx fail after the commit (true) or instead of it (false).
	breaks *bool
	// blind makes Intents fail.
	blind bool
}

var errDB = errors.New("the database does not answer")

func (f *forgetful) DeleteIntents(ctx context.Context, ids []int64) error {
	if f.keepsIntents {
		return errDB
	}
	return f.Store.DeleteIntents(ctx, ids)
}

func (f *forgetful) Intents(ctx context.Context, uploadID string) ([]upload.Intent, error) {
	if f.blind {
		return nil, errDB
	}
	return f.Store.Intents(ctx, uploadID)
}

func (f *forgetful) InTx(ctx context.Context, fn func(upload.Tx) error) error {
	if f.breaks == nil {
		return f.Store.InTx(ctx, fn)
	}
	after := *f.breaks
	err := f.Store.InTx(ctx, func(tx upload.Tx) error {
		if err := fn(tx); err != nil || after {
			return err
		}
		return errDB
	})
	return errors.Join(err, errDB)
}

func newForgetful(t *testing.T) (*shelf, *forgetful) {
	t.Helper()
	s := newShelf(t)
	f := &forgetful{Store: s.store}
	s.store = f
	s.open()
	return s, f
}

// restart is a stop without any farewell and a start; nothing may be left undone.
func (s *shelf) restart(t *testing.T) {
	t.Helper()
	s.open()
	must(t, s.Recover(t.Context(), func(err error) { t.Errorf("the start warns: %v", err) }))
}

func (s *shelf) remove(t *testing.T, id, path string) {
	t.Helper()
	_, err := s.DeletePath(t.Context(), ada, id, path, upload.Trigger{})
	must(t, err)
}

func (s *shelf) intents(t *testing.T) []upload.Intent {
	t.Helper()
	list, err := s.store.Intents(t.Context(), "")
	must(t, err)
	return list
}

var large = strings.Repeat("0123456789", 10_000)

// Promises that a failed deletion has left are older than what came since.
func TestIntentsThatCouldNotBeDeletedBringNothingBack(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		content string
		change  func(t *testing.T, s *shelf, id string)
		want    []string
	}{
		{"small, replaced", "old", func(t *testing.T, s *shelf, id string) { s.put(t, id, "", "a.txt", "new") }, []string{"a.txt=new", "z.txt=1"}},
		{"small, deleted", "old", func(t *testing.T, s *shelf, id string) { s.remove(t, id, "a.txt") }, []string{"z.txt=1"}},
		{"large, replaced", large, func(t *testing.T, s *shelf, id string) { s.put(t, id, "", "a.txt", "new") }, []string{"a.txt=new", "z.txt=1"}},
		{"large, deleted", large, func(t *testing.T, s *shelf, id string) { s.remove(t, id, "a.txt") }, []string{"z.txt=1"}},
		{"made a folder", large, func(t *testing.T, s *shelf, id string) {
			s.remove(t, id, "a.txt")
			s.put(t, id, "a.txt", "b", "2")
		}, []string{"a.txt/b=2", "z.txt=1"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s, db := newForgetful(t)
			u := s.create(t, ada, "z.txt", "1")
			must(t, s.Settle(t.Context()))
			s.put(t, u.ID, "", "a.txt", tt.content)
			db.keepsIntents = true
			if err := s.Settle(t.Context()); !errors.Is(err, errDB) {
				t.Fatalf("settle: %v", err)
			}
			db.keepsIntents = false
			tt.change(t, s, u.ID)
			must(t, s.Settle(t.Context()))
			if left := s.intents(t); len(left) > 0 {
				t.Errorf("intents stay for ever: %+v", left)
			}
			s.restart(t)
			s.has(t, u.ID, tt.want...)
		})
	}
}

// The same with intents that stay although newer ones went: an older server, a
// database put back from a backup, a promise an earlier start could not keep.
func TestIntentsThatTheRowsContradictAreDropped(t *testing.T) {
	t.Parallel()
	for name, content := range map[string]string{"small": "old", "large": large} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newShelf(t)
			u := s.create(t, ada, "a.txt", content, "gone.txt", content, "x.zip", zipped(t, "d/", ""))
			gone := s.create(t, ada, "a.txt", content)
			stale := s.intents(t)
			must(t, s.Settle(t.Context()))
			s.put(t, u.ID, "", "a.txt", "new")
			s.remove(t, u.ID, "gone.txt")
			must(t, s.deleted(t, gone.ID))
			must(t, s.Settle(t.Context()))
			stale = append(stale,
				upload.Intent{UploadID: u.ID, Kind: upload.Remove, Staged: upload.NewName()},
				upload.Intent{UploadID: u.ID, Kind: upload.Remove, Path: "a.txt", Staged: upload.NewName()},
				upload.Intent{UploadID: u.ID, Kind: upload.Drop, Staged: upload.NewName()})
			must(t, s.store.InTx(t.Context(), func(tx upload.Tx) error {
				_, err := tx.AddIntents(t.Context(), stale)
				return err
			}))
			s.restart(t)
			s.has(t, u.ID, "a.txt=new", "d/")
			s.nothingStaged(t)
			if left := s.intents(t); len(left) > 0 {
				t.Errorf("intents %+v", left)
			}
			if _, err := s.OpenRaw(t.Context(), gone.ID, "a.txt"); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("a deleted upload came back: %v", err)
			}
		})
	}
}

func TestOneLostFileDoesNotStopTheStart(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	u := s.create(t, ada)
	s.files.fails(func(string, string) error { return errDisk })
	s.put(t, u.ID, "", "lost.txt", large)
	other := s.create(t, ada, "b.txt", large)
	s.files.fails(nil)
	staged, err := os.ReadDir(filepath.Join(s.dir, "files", "staged"))
	must(t, err)
	lost := s.intents(t)[0].Staged
	if len(staged) != 2 {
		t.Fatalf("staged: %v", staged)
	}
	must(t, os.Remove(filepath.Join(s.dir, "files", "staged", lost)))

	start := func() (warnings []error) {
		s.open()
		must(t, s.Recover(t.Context(), func(err error) { warnings = append(warnings, err) }))
		return warnings
	}
	for range 2 { // it is told of at each start
		if w := start(); len(w) != 1 || !strings.Contains(w[0].Error(), `"lost.txt" in upload `+u.ID) {
			t.Fatalf("warnings %v", w)
		}
		s.has(t, other.ID, "b.txt="+large)
	}
	must(t, s.Settle(t.Context()))
	s.put(t, u.ID, "", "small.txt", "2") // the upload is not closed because of it
	s.put(t, u.ID, "", "lost.txt", "found")
	must(t, s.Settle(t.Context()))
	if w := start(); len(w) != 0 {
		t.Errorf("warnings %v", w)
	}
	s.has(t, u.ID, "lost.txt=found", "small.txt=2")
}

// What a disk refuses at the start it may take a second later.
func TestWhatTheDiskRefusesAtTheStartIsDoneLater(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	u := s.create(t, ada, "c.txt", "1")
	must(t, s.Settle(t.Context()))
	s.files.fails(func(string, string) error { return errDisk })
	s.put(t, u.ID, "", "x.zip", zipped(t, "a.txt", "2", "b.txt", large))
	s.open()
	var warnings []error
	must(t, s.Recover(t.Context(), func(err error) { warnings = append(warnings, err) }))
	if len(warnings) != 2 || !errors.Is(warnings[0], errDisk) {
		t.Errorf("warnings %v", warnings)
	}
	_, err := s.PutFiles(t.Context(), ada, u.ID, "", upload.PutOptions{}, body("a.txt", "3"))
	refused(t, err, problem.StorageFull, unfinished)
	s.files.fails(nil)
	must(t, s.Settle(t.Context()))
	s.has(t, u.ID, "a.txt=2", "b.txt="+large, "c.txt=1")
	must(t, s.Settle(t.Context()))
	if left := s.intents(t); len(left) > 0 {
		t.Errorf("intents %+v", left)
	}
}

// When the connection to the database breaks during a commit nobody knows whether
// it was carried out. The files follow what the database says once it is asked.
func TestFilesFollowACommitOfUnknownOutcome(t *testing.T) {
	t.Parallel()
	for name, committed := range map[string]bool{"committed": true, "rolled back": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, db := newForgetful(t)
			u := s.create(t, ada, "a.txt", "old", "b.txt", "old")
			must(t, s.Settle(t.Context()))
			db.breaks, db.blind = &committed, true
			if _, err := s.PutFiles(t.Context(), ada, u.ID, "", upload.PutOptions{}, body("a.txt", large)); !errors.Is(err, errDB) {
				t.Fatalf("put: %v", err)
			}
			db.breaks = nil
			_, err := s.DeletePath(t.Context(), ada, u.ID, "b.txt", upload.Trigger{})
			refused(t, err, problem.StorageFull, unfinished)
			_, _, err = s.OpenFile(t.Context(), ada, u.ID, "a.txt")
			refused(t, err, problem.StorageFull, unfinished)
			db.blind = false
			must(t, s.Settle(t.Context()))
			want := "a.txt=old"
			if committed {
				want = "a.txt=" + large
			}
			s.has(t, u.ID, want, "b.txt=old")
			s.nothingStaged(t)
			s.restart(t)
			s.has(t, u.ID, want, "b.txt=old")
		})
	}
}

// Once the rows are committed the change is made, whatever the disk says.
func TestChangesTheDiskRefusesForAMomentSucceed(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	s.files.fails(func(string, string) error { return errDisk })
	u, err := s.Create(t.Context(), ada, upload.CreateOptions{}, body("a.txt", "1", "b.txt", large))
	must(t, err)
	if got, err := s.Get(t.Context(), ada, u.ID); err != nil || got.Files != 2 {
		t.Fatalf("%+v, %v", got, err)
	}
	_, _, err = s.OpenFile(t.Context(), ada, u.ID, "a.txt")
	refused(t, err, problem.StorageFull, unfinished)
	if err := s.Settle(t.Context()); !errors.Is(err, errDisk) {
		t.Errorf("the operator is not told: %v", err)
	}
	s.files.fails(nil)
	must(t, s.Settle(t.Context()))
	s.has(t, u.ID, "a.txt=1", "b.txt="+large)
}

func TestAnUploadCanBeDeletedWhileTheDiskRefusesItsFiles(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	s.files.fails(func(op, _ string) error {
		if op == "place" {
			return errDisk
		}
		return nil
	})
	u := s.create(t, ada, "a.txt", large)
	_, err := s.Delete(t.Context(), bert, u.ID)
	refused(t, err, problem.Forbidden, noWrite)
	must(t, s.deleted(t, u.ID))
	s.nothingStaged(t)
	must(t, s.Settle(t.Context()))
	if left := s.intents(t); len(left) > 0 {
		t.Errorf("intents %+v", left)
	}
	s.restart(t)
	if slices.Contains(s.files.log, "remove ") {
		t.Errorf("log %q", s.files.log)
	}
}
