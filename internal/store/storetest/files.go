// Package storetest holds the conformance suites that every store passes.
package storetest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/iotest"

	"oasis/internal/data/upload"
	"oasis/internal/problem"
)

// Files is the conformance suite of upload.Files. open gives a new, empty store
// and closes it when the test ends.
func Files(t *testing.T, open func(t *testing.T) upload.Files) {
	t.Helper()
	for name, test := range map[string]func(*testing.T, filesTest){
		"StageSumsUpWhatItStores":          stageSums,
		"StageLeavesNothingOfABrokenBody":  stageBroken,
		"StageHonoursTheLimit":             stageLimit,
		"BatchIsStoredOrDiscarded":         batches,
		"GrowsInPieces":                    growsInPieces,
		"GrowsForOneAtATime":               growsForOne,
		"SweepKeepsWhatIsWanted":           sweep,
		"PlaceMakesFoldersAndReplaces":     place,
		"PlaceTwiceIsPlacedOnce":           placeTwice,
		"PlaceKeepsNamesByteForByte":       placeNames,
		"PlaceNeverGoesThroughOddPaths":    placeOdd,
		"CheckFindsFilesInTheWayOfFolders": check,
		"RemoveGoesThroughTheTrash":        remove,
		"RemoveUploadTakesArchivesToo":     removeUpload,
		"RedoRepeatsNothingThatIsStale":    redo,
		"RedoMakesSmallFilesAgain":         redoSmall,
		"OpenReadsSeeksAndTellsTheSize":    openContent,
		"RawFilesAreStagedAgain":           stageRaw,
		"FoldersStayAndAreNoFiles":         folders,
		"ArchivesAreReplacedAndRemoved":    archives,
		"ManyAtOnce":                       manyAtOnce,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, filesTest{Files: open(t), t: t})
		})
	}
}

const fileUpload = "u-pload_0123456789abcd"

// filesTest is a store with steps that must not fail.
type filesTest struct {
	upload.Files
	t *testing.T
}

func (f filesTest) ok(err error) {
	f.t.Helper()
	if err != nil {
		f.t.Fatal(err)
	}
}

func (f filesTest) stage(content string) upload.Staged {
	f.t.Helper()
	staged, err := f.Stage(f.t.Context(), strings.NewReader(content), -1)
	f.ok(err)
	return staged
}

func (f filesTest) put(path, content string) {
	f.t.Helper()
	f.ok(f.Place(f.t.Context(), fileUpload, f.stage(content).Name, path))
}

// want checks the content at path; "-" means that there must be no file.
func (f filesTest) want(path, content string) {
	f.t.Helper()
	in, err := f.Open(f.t.Context(), fileUpload, path)
	if content == "-" {
		if err == nil {
			f.ok(in.Close())
		}
		if !errors.Is(err, fs.ErrNotExist) {
			f.t.Errorf("%s: opened (%v), but should not exist", path, err)
		}
		return
	}
	f.ok(err)
	got, err := io.ReadAll(in)
	f.ok(errors.Join(err, in.Close()))
	if string(got) != content {
		f.t.Errorf("%s: %q, want %q", path, got, content)
	}
}

// staged lists what is in the staging area, by asking what would be swept.
func (f filesTest) stagedNames() []string {
	f.t.Helper()
	var names []string
	f.ok(f.Sweep(f.t.Context(), func(name string) bool { names = append(names, name); return true }))
	slices.Sort(names)
	return names
}

// trashNames lists what is in the trash and older than the last flush.
func (f filesTest) trashNames() []string {
	f.t.Helper()
	var names []string
	f.ok(f.EmptyTrash(f.t.Context(), func(name string) bool { names = append(names, name); return true }))
	slices.Sort(names)
	return names
}

func stageSums(t *testing.T, f filesTest) {
	for _, size := range []int{0, 1, 1 << 10, 1<<20 - 1, 1 << 20, 1<<20 + 1, 5<<20 + 17, 20 << 20} {
		body := bytes.Repeat([]byte("0123456789abcdefg"), size/17+1)[:size]
		staged, err := f.Stage(t.Context(), iotest.HalfReader(bytes.NewReader(body)), int64(size))
		f.ok(err)
		sum := sha256.Sum256(body)
		if staged.Size != int64(size) || staged.SHA256 != hex.EncodeToString(sum[:]) || staged.CRC32 != crc32.ChecksumIEEE(body) {
			t.Errorf("%d bytes: got %+v", size, staged)
		}
		in, err := f.OpenStaged(t.Context(), staged.Name)
		f.ok(err)
		got, err := io.ReadAll(in)
		f.ok(errors.Join(err, in.Close()))
		if !bytes.Equal(got, body) {
			t.Errorf("%d bytes come back as %d other ones", size, len(got))
		}
		f.ok(f.Discard(t.Context(), staged.Name, "neverstaged"))
		if _, err := f.OpenStaged(t.Context(), staged.Name); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("after Discard: %v", err)
		}
	}
}

func stageBroken(t *testing.T, f filesTest) {
	cut := func(size int64) io.Reader { return io.LimitReader(endless{}, size) }
	for _, size := range []int64{0, 100, 1 << 20, 7 << 20} {
		_, err := f.Stage(t.Context(), io.MultiReader(cut(size), iotest.ErrReader(io.ErrUnexpectedEOF)), -1)
		if !problem.Is(err, problem.BadRequest) || !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("broken after %d bytes: %v", size, err)
		}
		ours := problem.New(problem.TooLarge, "of the body itself")
		if _, err = f.Stage(t.Context(), io.MultiReader(cut(size), iotest.ErrReader(ours)), -1); problem.As(err) != ours {
			t.Errorf("a problem of the body after %d bytes: %v", size, err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		_, err = f.Stage(ctx, io.MultiReader(cut(size), readerFunc(func([]byte) (int, error) { cancel(); return 0, nil }), cut(9<<20)), -1)
		if !errors.Is(err, context.Canceled) {
			t.Errorf("cancelled after %d bytes: %v", size, err)
		}
	}
	if names := f.stagedNames(); len(names) > 0 {
		t.Errorf("left behind: %v", names)
	}
}

// endless gives bytes for ever.
type endless struct{}

func (endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = byte(i)
	}
	return len(p), nil
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

func stageLimit(t *testing.T, f filesTest) {
	for _, limit := range []int64{0, 5, 1 << 20, 3 << 20} {
		staged, err := f.Stage(t.Context(), io.LimitReader(endless{}, limit), limit)
		f.ok(err)
		f.ok(f.Discard(t.Context(), staged.Name))
		if _, err := f.Stage(t.Context(), endless{}, limit); !problem.Is(err, problem.TooLarge) {
			t.Errorf("beyond %d bytes: %v", limit, err)
		}
	}
	if names := f.stagedNames(); len(names) > 0 {
		t.Errorf("left behind: %v", names)
	}
}

func batches(t *testing.T, f filesTest) {
	for _, count := range []int{0, 1, 63, 64, 65, 300} {
		batch, err := f.Batch()
		f.ok(err)
		var names []string
		for i := range count {
			staged, err := batch.Stage(t.Context(), strings.NewReader(fmt.Sprint(i)), -1)
			f.ok(err)
			names = append(names, staged.Name)
		}
		f.ok(batch.Sync(t.Context()))
		f.ok(batch.Discard()) // changes nothing any more
		for i, name := range names {
			f.ok(f.Place(t.Context(), fileUpload, name, fmt.Sprintf("%d/%d", count, i)))
			f.want(fmt.Sprintf("%d/%d", count, i), fmt.Sprint(i))
		}

		batch, err = f.Batch()
		f.ok(err)
		for range count {
			_, err := batch.Stage(t.Context(), strings.NewReader("x"), -1)
			f.ok(err)
		}
		_, err = batch.Stage(t.Context(), strings.NewReader("too much"), 3)
		if !problem.Is(err, problem.TooLarge) {
			t.Errorf("limit: %v", err)
		}
		f.ok(batch.Discard())
		if _, err := batch.Stage(t.Context(), strings.NewReader("x"), -1); err == nil {
			t.Error("an ended batch goes on")
		}
		if names := f.stagedNames(); len(names) > 0 {
			t.Errorf("a discarded batch of %d left %d behind", count, len(names))
		}
	}
}

func sweep(t *testing.T, f filesTest) {
	kept, gone := f.stage("kept").Name, f.stage("gone").Name
	f.ok(f.Sweep(t.Context(), func(name string) bool { return name == kept }))
	if names := f.stagedNames(); !slices.Equal(names, []string{kept}) {
		t.Errorf("left are %v, want %s and not %s", names, kept, gone)
	}
}

func manyAtOnce(t *testing.T, f filesTest) {
	var group sync.WaitGroup
	for i := range 8 {
		group.Go(func() {
			for j := range 10 {
				path := fmt.Sprintf("shared/%d/%d", i%3, i*10+j)
				staged, err := f.Stage(t.Context(), io.LimitReader(endless{}, int64(j)<<18), -1)
				if err == nil {
					err = f.Place(t.Context(), fileUpload, staged.Name, path)
				}
				if err == nil && j%2 == 0 {
					err = f.Remove(t.Context(), fileUpload, path, upload.NewName())
				}
				if err == nil && j%5 == 0 {
					err = errors.Join(f.Flush(t.Context()), f.EmptyTrash(t.Context(), func(string) bool { return false }))
				}
				if err != nil {
					t.Errorf("%s: %v", path, err)
				}
			}
		})
	}
	group.Wait()
	f.ok(f.Flush(t.Context()))
	for i := range 80 {
		info, err := f.Stat(t.Context(), fileUpload, fmt.Sprintf("shared/%d/%d", i/10%3, i))
		if removed := i%2 == 0; removed != errors.Is(err, fs.ErrNotExist) || !removed && info.Size != int64(i%10)<<18 {
			t.Errorf("file %d: %+v, %v", i, info, err)
		}
	}
}
