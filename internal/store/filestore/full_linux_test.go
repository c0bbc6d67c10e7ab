package filestore_test

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"oasis/internal/data/upload"
	"oasis/internal/problem"
	"oasis/internal/store/filestore"
)

// smallDisk runs the test again in a name space of its own where dir is a disk
// of 4 MiB, and tells whether it is the run inside.
func smallDisk(t *testing.T) (dir string, inside bool) {
	t.Helper()
	const variable = "OASIS_TEST_SMALL_DISK"
	if dir := os.Getenv(variable); dir != "" {
		ok(t, syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=4m,nr_inodes=200"))
		return dir, true
	}
	dir = t.TempDir()
	again := exec.CommandContext(t.Context(), os.Args[0], "-test.run", "^"+t.Name()+"$", "-test.v")
	again.Env = append(os.Environ(), variable+"="+dir)
	again.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags:  syscall.CLONE_NEWUSER | syscall.CLONE_NEWNS,
		UidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}},
	}
	out, err := again.CombinedOutput()
	var exit *exec.ExitError
	switch {
	case err != nil && !errors.As(err, &exit):
		t.Skipf("this system does not let us make name spaces: %v", err)
	case err != nil:
		t.Errorf("on the small disk: %v\n%s", err, out)
	case !strings.Contains(string(out), "--- PASS: "+t.Name()):
		t.Errorf("the test did not run on the small disk:\n%s", out)
	}
	return "", false
}

// TestFullDiskIsExplainedAndLeavesNothing fills a real file system.
func TestFullDiskIsExplainedAndLeavesNothing(t *testing.T) {
	dir, inside := smallDisk(t)
	if !inside {
		return
	}
	s := open(t, filepath.Join(dir, "files"), filestore.Options{})
	ctx := t.Context()
	put(t, s, "a", "1")
	for _, size := range []int64{5 << 20, 64 << 20} {
		if _, err := s.Stage(ctx, io.LimitReader(zeros{}, size), -1); !problem.Is(err, problem.StorageFull) {
			t.Errorf("a body of %d bytes: %v", size, err)
		}
		wantNothingStaged(t, s)
	}
	noise := make([]byte, 900<<10)
	for i := range noise {
		noise[i] = byte(i*i>>7 ^ i*i*i>>11)
	}
	var blobs []upload.ArchiveBlob
	for i := range 300 {
		blobs = append(blobs, upload.ArchiveBlob{EntryID: fmt.Sprint(i), JSON: noise[i:]})
	}
	if err := s.WriteArchives(ctx, id, blobs); !problem.Is(err, problem.StorageFull) {
		t.Errorf("archives: %v", err)
	}
	wantNothingStaged(t, s)
	batch, err := s.Batch()
	ok(t, err)
	for err == nil {
		_, err = batch.Stage(ctx, strings.NewReader("x"), -1)
	}
	if !problem.Is(err, problem.StorageFull) { // no more inodes
		t.Errorf("batch: %v", err)
	}
	ok(t, batch.Discard())
	wantNothingStaged(t, s)
	in, err := s.Open(ctx, id, "a") // all else works
	ok(t, err, in.Close(), s.Remove(ctx, id, "a", upload.NewName()), s.Flush(ctx))
	put(t, s, "b", "2")
}

func TestPipesAndDevicesAreNoFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := open(t, dir, filestore.Options{})
	put(t, s, "a", "1")
	ok(t, syscall.Mkfifo(filepath.Join(dir, "uploads/ab/abcdefgh/raw/pipe"), 0o600))
	if _, err := s.Open(t.Context(), id, "pipe"); !errors.Is(err, fs.ErrNotExist) { // and does not wait for a writer
		t.Errorf("open: %v", err)
	}
	if _, err := s.Stat(t.Context(), id, "pipe"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("stat: %v", err)
	}
}
