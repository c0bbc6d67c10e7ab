package storetest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"path"
	"slices"
	"strings"
	"testing"
	"time"

	"oasis/internal/data/upload"
	"oasis/internal/problem"
)

func testFiles(t *testing.T, open OpenSQL) {
	ctx, s := t.Context(), open(t, fixed())
	insert(t, s, newUpload("u", "ann"), newUpload("other", "ann"))
	paths := []string{ // in the order of their bytes
		"B", "a-b/x/y", "a/file", "a/z/deep/file", "a0", "b", "ä/Ω",
	}
	inTx(t, s, func(ctx context.Context, tx upload.Tx) {
		var files []upload.File
		for i, p := range slices.Backward(paths) {
			files = append(files, newFile("u", p, int64(i+1)))
		}
		ok(t, tx.PutFiles(ctx, "u", files))
		ok(t, tx.PutFiles(ctx, "other", []upload.File{{Path: "a/file", Size: 100}})) // whose it is, is said once
		ok(t, tx.PutDir(ctx, "u", "empty/inside"))
		ok(t, tx.PutDir(ctx, "u", "a"))
	})
	same(t, "file", got[upload.File](t)(s.Uploads().File(ctx, "u", "a/file")), newFile("u", "a/file", 3))
	for _, p := range []string{"", "a", "a/", "a/fil", "A/file"} {
		_, err := s.Uploads().File(ctx, "u", p)
		refused(t, err, problem.Missing)
	}
	tree := func(dir string) string {
		var found []string
		for _, f := range got[[]upload.File](t)(s.Uploads().Tree(ctx, "u", dir)) {
			found = append(found, f.Path)
		}
		return strings.Join(found, " ")
	}
	same(t, "tree", tree(""), strings.Join(paths, " "))
	same(t, "tree of a", tree("a"), "a/file a/z/deep/file")
	same(t, "bytes of ann", got[int64](t)(s.Uploads().BytesOf(ctx, "ann")), int64(128))
	same(t, "bytes of bob", got[int64](t)(s.Uploads().BytesOf(ctx, "bob")), int64(0))
	inTx(t, s, func(ctx context.Context, tx upload.Tx) {
		ok(t, tx.DeletePath(ctx, "other", "a/file"))
		same(t, "bytes of everybody, as they will be", got[int64](t)(tx.BytesOf(ctx, "")), int64(28))
		ok(t, tx.PutFiles(ctx, "other", []upload.File{{Path: "a/file", Size: 100}}))
	})
	same(t, "tree of nothing", tree("none"), "")
	same(t, "folders", strings.Join(got[[]string](t)(s.Uploads().Folders(ctx, "u", "")), " "), "a a-b a-b/x a/z a/z/deep empty empty/inside ä")
	same(t, "folders of a", strings.Join(got[[]string](t)(s.Uploads().Folders(ctx, "u", "a")), " "), "a/z a/z/deep")
	same(t, "folders of nothing", len(got[[]string](t)(s.Uploads().Folders(ctx, "u", "a/z/deep"))), 0)

	dir := func(p string, offset, limit int) string {
		page := got[upload.DirPage](t)(s.Uploads().Dir(ctx, "u", p, offset, limit))
		text := fmt.Sprintf("%d children, %d bytes:", page.Total, page.Size)
		for _, e := range page.Entries {
			text += fmt.Sprintf(" %s/%t/%d/%d", e.Name, e.IsFile, e.Size, len(e.SHA256))
			if !e.ModTime.Equal(start()) {
				t.Errorf("%s was changed at %v", e.Name, e.ModTime)
			}
		}
		return text
	}
	same(t, "root", dir("", 0, 10),
		"7 children, 28 bytes: B/true/1/64 a/false/7/0 a-b/false/2/0 a0/true/5/64 b/true/6/64 empty/false/0/0 ä/false/7/0")
	same(t, "page", dir("", 2, 2), "7 children, 28 bytes: a-b/false/2/0 a0/true/5/64")
	same(t, "counts", dir("", 0, 0), "7 children, 28 bytes:")
	same(t, "folder", dir("a", 0, 10), "2 children, 7 bytes: file/true/3/64 z/false/4/0")
	same(t, "empty folder", dir("empty/inside", 0, 10), "0 children, 0 bytes:")
	for _, p := range []string{"none", "B", "a/file"} {
		_, err := s.Uploads().Dir(ctx, "u", p, 0, 10)
		refused(t, err, problem.Missing)
	}
	_, err := s.Uploads().Dir(ctx, "none", "", 0, 10)
	refused(t, err, problem.Missing)

	changed := newFile("u", "a/file", 1000)
	changed.SHA256, changed.CRC32, changed.ModTime = digest("new"), 1, start().Add(time.Hour)
	inTx(t, s, func(ctx context.Context, tx upload.Tx) {
		ok(t, tx.PutFiles(ctx, "u", []upload.File{newFile("u", "a/file", 5), changed}))
	})
	same(t, "replaced file", got[upload.File](t)(s.Uploads().File(ctx, "u", "a/file")), changed)
	same(t, "folder after that", dir("a", 1, 1), "2 children, 1004 bytes: z/false/4/0")

	inTx(t, s, func(ctx context.Context, tx upload.Tx) {
		ok(t, tx.DeletePath(ctx, "u", "a/z"))
		ok(t, tx.DeletePath(ctx, "u", "b"))
		refused(t, tx.DeletePath(ctx, "u", "a/z/deep"), problem.Missing)
		refused(t, tx.DeletePath(ctx, "none", ""), problem.Missing)
	})
	same(t, "tree after deletion", tree(""), "B a-b/x/y a/file a0 ä/Ω")
	same(t, "folder after deletion", dir("a", 0, 0), "1 children, 1000 bytes:")
	u := got[upload.Upload](t)(s.Uploads().Upload(ctx, "u"))
	same(t, "files", u.Files, 5)
	same(t, "bytes", u.Bytes, int64(1+2+1000+5+7))
	inTx(t, s, func(ctx context.Context, tx upload.Tx) {
		ok(t, tx.DeletePath(ctx, "u", ""))
		refused(t, tx.DeletePath(ctx, "u", ""), problem.Missing)
	})
	same(t, "root at the end", dir("", 0, 10), "0 children, 0 bytes:")
	same(t, "the other upload", got[upload.Upload](t)(s.Uploads().Upload(ctx, "other")).Bytes, int64(100))
}

func testFileClashes(t *testing.T, open OpenSQL) {
	ctx, s := t.Context(), open(t, fixed())
	insert(t, s, newUpload("u", "ann"))
	inTx(t, s, func(ctx context.Context, tx upload.Tx) {
		ok(t, tx.PutFiles(ctx, "u", []upload.File{newFile("u", "dir/file", 1)}))
	})
	put := func(paths ...string) func(upload.Tx) error {
		return func(tx upload.Tx) error {
			var files []upload.File
			for _, p := range paths {
				files = append(files, newFile("u", p, 1))
			}
			return tx.PutFiles(ctx, "u", files)
		}
	}
	for name, change := range map[string]func(upload.Tx) error{
		"a file where a folder is":        put("new", "dir"),
		"a file below a file":             put("new", "dir/file/x"),
		"a file far below a file":         put("dir/file/x/y/z"),
		"a file and a folder of one name": put("n", "n/x"),
		"a folder where a file is":        func(tx upload.Tx) error { return tx.PutDir(ctx, "u", "dir/file") },
		"a folder below a file":           func(tx upload.Tx) error { return tx.PutDir(ctx, "u", "dir/file/x") },
	} {
		err := s.Uploads().InTx(ctx, change)
		if !problem.Is(err, problem.BadRequest) {
			t.Errorf("%s: got %v, want a bad request", name, err)
		}
	}
	refused(t, s.Uploads().InTx(ctx, func(tx upload.Tx) error {
		return tx.PutFiles(ctx, "none", []upload.File{newFile("none", "x", 1)})
	}), problem.Missing)
	refused(t, s.Uploads().InTx(ctx, func(tx upload.Tx) error { return tx.PutDir(ctx, "none", "x") }), problem.Missing)
	same(t, "files", len(got[[]upload.File](t)(s.Uploads().Tree(ctx, "u", ""))), 1)
}

// testFileSums makes random changes and compares the sums that are kept with
// sums over the files.
func testFileSums(t *testing.T, open OpenSQL) {
	ctx, s := t.Context(), open(t, fixed())
	insert(t, s, newUpload("u", "ann"))
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 2))
	anyPath := func() string {
		p := ""
		for range 1 + r.IntN(4) {
			p = path.Join(p, string(rune('a'+r.IntN(3))))
		}
		return p
	}
	for range 60 {
		err := s.Uploads().InTx(ctx, func(tx upload.Tx) error {
			switch r.IntN(5) {
			case 0:
				return tx.DeletePath(ctx, "u", anyPath())
			case 1:
				return tx.PutDir(ctx, "u", anyPath())
			default:
				var files []upload.File
				for range 1 + r.IntN(5) {
					files = append(files, newFile("u", anyPath(), r.Int64N(100)))
				}
				return tx.PutFiles(ctx, "u", files)
			}
		})
		if err != nil && problem.As(err) == nil {
			t.Fatal(err)
		}
	}
	checkSums(t, s, "u")
}

func checkSums(t *testing.T, s Stores, uploadID string) {
	t.Helper()
	ctx := t.Context()
	sizes := map[string]int64{}
	files := got[[]upload.File](t)(s.Uploads().Tree(ctx, uploadID, ""))
	for _, f := range files {
		for dir := f.Path; dir != "."; {
			dir = path.Dir(dir)
			sizes[strings.TrimPrefix(dir, ".")] += f.Size
		}
	}
	u := got[upload.Upload](t)(s.Uploads().Upload(ctx, uploadID))
	same(t, "files", u.Files, len(files))
	same(t, "bytes", u.Bytes, sizes[""])
	seen := 0
	var walk func(dir string)
	walk = func(dir string) {
		page := got[upload.DirPage](t)(s.Uploads().Dir(ctx, uploadID, dir, 0, 1000))
		same(t, "size of "+dir, page.Size, sizes[dir])
		same(t, "children of "+dir, page.Total, len(page.Entries))
		for _, e := range page.Entries {
			if e.IsFile {
				seen++
				continue
			}
			same(t, "size of "+e.Name+" in "+dir, e.Size, sizes[path.Join(dir, e.Name)])
			walk(path.Join(dir, e.Name))
		}
	}
	walk("")
	same(t, "files in folders", seen, len(files))
}

func testBigFolder(t *testing.T, open OpenSQL) {
	ctx, s := t.Context(), open(t, fixed())
	insert(t, s, newUpload("u", "ann"))
	const n = 10_000
	all := names("f", n)
	files := make([]upload.File, n)
	for i, name := range all {
		files[i] = newFile("u", "big/"+name, 1)
	}
	inTx(t, s, func(ctx context.Context, tx upload.Tx) { ok(t, tx.PutFiles(ctx, "u", files)) })
	for _, offset := range []int{0, n / 2, n - 3} {
		began := time.Now()
		page := got[upload.DirPage](t)(s.Uploads().Dir(ctx, "u", "big", offset, 10))
		same(t, "total", page.Total, n)
		same(t, "size", page.Size, int64(n))
		same(t, "first of the page", page.Entries[0].Name, all[offset])
		// Generous: the point is that the time does not come from reading and sorting everything.
		if took := time.Since(began); took > time.Second {
			t.Errorf("a page took %v", took)
		}
	}
	same(t, "files", got[upload.Upload](t)(s.Uploads().Upload(ctx, "u")).Files, n)
}
