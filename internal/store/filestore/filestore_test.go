package filestore_test

import (
	"bytes"
	"context"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"oasis/internal/data/upload"
	"oasis/internal/problem"
	"oasis/internal/store/filestore"
	"oasis/internal/store/storetest"
)

const id = "abcdefgh"

func open(t testing.TB, dir string, options filestore.Options) *filestore.Store {
	t.Helper()
	s, err := filestore.Open(dir, options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func ok(t testing.TB, errs ...error) {
	t.Helper()
	for _, err := range errs {
		if err != nil {
			t.Fatal(err)
		}
	}
}

func put(t testing.TB, s *filestore.Store, path, content string) {
	t.Helper()
	staged, err := s.Stage(t.Context(), strings.NewReader(content), -1)
	ok(t, err, s.Place(t.Context(), id, staged.Name, path))
}

func TestConformance(t *testing.T) {
	t.Parallel()
	storetest.Files(t, func(t *testing.T) upload.Files {
		return open(t, filepath.Join(t.TempDir(), "files"), filestore.Options{})
	})
}

// TestConformanceWithoutOpenat2 takes the ways that other systems and old kernels take.
func TestConformanceWithoutOpenat2(t *testing.T) {
	t.Parallel()
	storetest.Files(t, func(t *testing.T) upload.Files {
		s := open(t, filepath.Join(t.TempDir(), "files"), filestore.Options{})
		s.TakeTheLongWay()
		return s
	})
}

func TestOnlyTheOwnerMayReadTheFiles(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "data", "files")
	s := open(t, dir, filestore.Options{})
	put(t, s, "a/b/c", "secret")
	ok(t, s.Mkdir(t.Context(), id, "d"))
	ok(t, s.WriteArchives(t.Context(), id, []upload.ArchiveBlob{{EntryID: "e", JSON: []byte("{}")}}))
	seen := 0
	ok(t, filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		ok(t, err)
		info, err := entry.Info()
		ok(t, err)
		seen++
		if want := map[bool]fs.FileMode{true: 0o700, false: 0o600}[entry.IsDir()]; info.Mode().Perm() != want {
			t.Errorf("%s has mode %v", path, info.Mode())
		}
		return nil
	}))
	if seen < 10 {
		t.Errorf("only %d names", seen)
	}
	for _, path := range []string{"uploads/ab/abcdefgh/raw/a/b/c", "uploads/ab/abcdefgh/archive/e.json.zst", "staged", "trash"} {
		if _, err := os.Stat(filepath.Join(dir, path)); err != nil {
			t.Error(err)
		}
	}
}

// TestSymbolicLinksAreNeverFollowed plants links as an intruder or a careless
// admin would, to the outside and to another upload.
func TestSymbolicLinksAreNeverFollowed(t *testing.T) {
	t.Parallel()
	base := t.TempDir()
	dir := filepath.Join(base, "files")
	s := open(t, dir, filestore.Options{})
	put(t, s, "folder/file", "1")
	outside := filepath.Join(base, "outside")
	ok(t, os.Mkdir(outside, 0o700), os.WriteFile(filepath.Join(outside, "file"), []byte("secret"), 0o600))
	raw := filepath.Join(dir, "uploads/ab/abcdefgh/raw")
	for name, target := range map[string]string{"out": outside, "in": "folder", "outfile": filepath.Join(outside, "file"), "infile": "folder/file"} {
		ok(t, os.Symlink(target, filepath.Join(raw, name)))
	}
	ok(t, os.Symlink(outside, filepath.Join(dir, "uploads", "xx")))
	ctx := t.Context()
	for _, path := range []string{"out/file", "in/file", "outfile", "infile"} {
		if in, err := s.Open(ctx, id, path); err == nil {
			t.Errorf("%s was opened: %v", path, in.Close())
		}
		if info, err := s.Stat(ctx, id, path); err == nil {
			t.Errorf("%s is told to be %+v", path, info)
		}
	}
	for _, path := range []string{"out/new", "in/new", "out/a/b"} {
		staged, err := s.Stage(ctx, strings.NewReader("2"), -1)
		ok(t, err)
		if err := s.Place(ctx, id, staged.Name, path); err == nil {
			t.Errorf("a file was placed at %s", path)
		}
		if err := s.Check(ctx, id, []string{path}, nil); err == nil {
			t.Errorf("a file could be placed at %s", path)
		}
		if err := s.Mkdir(ctx, id, path); err == nil {
			t.Errorf("the folder %s was made", path)
		}
	}
	if err := s.Remove(ctx, id, "out/file", upload.NewName()); err == nil {
		t.Error("a file outside was removed")
	}
	if err := s.WriteArchives(ctx, "xxupload", []upload.ArchiveBlob{{EntryID: "e"}}); err == nil {
		t.Error("an archive was written outside")
	}
	if _, err := s.Stage(ctx, strings.NewReader(""), -1); err != nil {
		t.Error(err)
	}
	entries, err := os.ReadDir(outside)
	if err != nil || len(entries) != 1 {
		t.Errorf("outside are %v (%v)", entries, err)
	}
	// The link itself can be thrown away, and replaced; what it points to stays.
	ok(t, s.Remove(ctx, id, "out", upload.NewName()))
	put(t, s, "outfile", "mine")
	ok(t, s.Flush(ctx), s.EmptyTrash(ctx, func(string) bool { return false }))
	if content, err := os.ReadFile(filepath.Join(outside, "file")); err != nil || string(content) != "secret" {
		t.Errorf("the file outside: %q, %v", content, err)
	}
}

func TestDamagedArchiveIsAnError(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := open(t, dir, filestore.Options{})
	ok(t, s.WriteArchives(t.Context(), id, []upload.ArchiveBlob{{EntryID: "e", JSON: bytes.Repeat([]byte("abc1"), 1000)}}))
	file := filepath.Join(dir, "uploads/ab/abcdefgh/archive/e.json.zst")
	packed, err := os.ReadFile(file)
	ok(t, err)
	packed[len(packed)-1] ^= 1
	for name, content := range map[string][]byte{"changed": packed, "cut": packed[:len(packed)-6], "other": []byte("{}")} {
		ok(t, os.WriteFile(file, content, 0o600))
		in, err := s.OpenArchive(t.Context(), id, "e")
		ok(t, err)
		if _, err := io.ReadAll(in); err == nil {
			t.Errorf("%s: no error", name)
		}
		ok(t, in.Close())
	}
}

func TestFreeSpaceFloorRefusesNewBytesOnly(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	put(t, open(t, dir, filestore.Options{}), "a", "1")
	s := open(t, dir, filestore.Options{FreeFloor: func() int64 { return math.MaxInt64 }})
	ctx := context.Background()
	_, err := s.Stage(ctx, strings.NewReader("x"), -1)
	if !problem.Is(err, problem.StorageFull) {
		t.Errorf("stage: %v", err)
	}
	if err := s.WriteArchives(ctx, id, []upload.ArchiveBlob{{EntryID: "e"}}); !problem.Is(err, problem.StorageFull) {
		t.Errorf("archives: %v", err)
	}
	in, err := s.Open(ctx, id, "a")
	ok(t, err, in.Close(), s.Remove(ctx, id, "a", upload.NewName()), s.Flush(ctx))
	wantNothingStaged(t, s)
}

func wantNothingStaged(t testing.TB, s *filestore.Store) {
	t.Helper()
	ok(t, s.Sweep(context.Background(), func(name string) bool {
		t.Errorf("left in the staging area: %s", name)
		return true
	}))
}

// TestMemoryDoesNotGrowWithTheBody stages 256 MiB and looks at what was allocated.
func TestMemoryDoesNotGrowWithTheBody(t *testing.T) {
	s := open(t, t.TempDir(), filestore.Options{})
	stage := func(size int64) {
		staged, err := s.Stage(t.Context(), io.LimitReader(zeros{}, size), -1)
		ok(t, err, s.Discard(t.Context(), staged.Name))
	}
	result := testing.Benchmark(func(b *testing.B) {
		for b.Loop() {
			stage(256 << 20)
		}
	})
	if grown := result.AllocedBytesPerOp(); grown > 16<<20 {
		t.Errorf("allocated %d bytes for a body of 256 MiB", grown)
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

func TestStoreIsNotOpenedWhereItCannotBe(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	ok(t, os.WriteFile(file, nil, 0o600))
	if _, err := filestore.Open(filepath.Join(file, "files"), filestore.Options{}); err == nil {
		t.Error("a store below a file was opened")
	}
}
