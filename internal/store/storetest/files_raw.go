package storetest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"time"

	"oasis/internal/data/upload"
	"oasis/internal/problem"
)

func place(t *testing.T, f filesTest) {
	f.put("a/b/c.txt", "1")
	f.put("a/b/d.txt", "2")
	f.put("a/b/c.txt", "3")
	f.want("a/b/c.txt", "3")
	f.want("a/b/d.txt", "2")
	f.ok(f.Flush(t.Context()))
	f.want("a/b/c.txt", "3")
	staged := f.stage("x").Name
	for _, path := range []string{"a", "a/b", "a/b/c.txt/d"} {
		if err := f.Place(t.Context(), fileUpload, staged, path); err == nil {
			t.Errorf("a file was placed at %s", path)
		}
	}
	f.want("a/b/c.txt", "3")
}

func placeTwice(t *testing.T, f filesTest) {
	staged := f.stage("1").Name
	in := upload.Intent{Kind: upload.Place, UploadID: fileUpload, Staged: staged, Path: "a"}
	for i := range 3 {
		if done, err := f.Done(t.Context(), in); err != nil || done != (i > 0) {
			t.Errorf("done after %d times: %v, %v", i, done, err)
		}
		f.ok(in.Apply(t.Context(), f))
		f.want("a", "1")
	}
	if err := f.Place(t.Context(), fileUpload, "neverstaged", "b"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a lost body: %v", err)
	}
	f.want("b", "-")
}

func placeNames(t *testing.T, f filesTest) {
	names := []string{
		"caf\u00e9", "cafe\u0301", "Case", "case", " space ", "new\nline", `back\slash`, "x:y", "-dash", "...", "~", "%2e%2e",
		"a*?[b]", "\x01\x7f", "日本/語", ".hidden/.x", strings.Repeat("n", 255), strings.TrimSuffix(strings.Repeat("d/", 64), "/"),
	}
	for _, name := range names {
		f.put(name, name)
	}
	for _, name := range names {
		f.want(name, name)
	}
}

func placeOdd(t *testing.T, f filesTest) {
	staged := f.stage("x").Name
	for _, path := range []string{"", ".", "..", "../x", "/x", "a/../../x", "a//b", "a/", "./a", "a\x00b"} {
		if err := f.Place(t.Context(), fileUpload, staged, path); err == nil {
			t.Errorf("placed at %q", path)
		}
		if err := f.Mkdir(t.Context(), fileUpload, path+"/../../y"); err == nil {
			t.Errorf("made a folder above %q", path)
		}
	}
	for _, id := range []string{"", "x", "..", "../..", "a/b", "a.b", "\x00\x00"} {
		if err := f.Place(t.Context(), id, staged, "x"); err == nil {
			t.Errorf("placed in upload %q", id)
		}
		if err := f.RemoveUpload(t.Context(), id, upload.NewName()); err == nil {
			t.Errorf("removed upload %q", id)
		}
		if _, err := f.OpenArchive(t.Context(), fileUpload, id+"/"); err == nil {
			t.Errorf("opened the archive of entry %q", id)
		}
	}
	for _, name := range []string{"", "..", "../uploads", "a/b", "."} {
		if err := f.Place(t.Context(), fileUpload, name, "x"); err == nil {
			t.Errorf("placed the body %q", name)
		}
		if err := f.Remove(t.Context(), fileUpload, "x", name); err == nil {
			t.Errorf("removed into %q", name)
		}
	}
	f.want("x", "-")
}

func check(t *testing.T, f filesTest) {
	f.ok(f.Check(t.Context(), fileUpload, []string{"a/b", "c"}, []string{"", "d"}))
	f.put("file", "1")
	f.put("dir/file", "2")
	f.ok(f.Mkdir(t.Context(), fileUpload, "empty"))
	tests := []struct {
		file, folder string
		bad          string
	}{
		{"file", "", ""},
		{"dir/other", "dir", ""},
		{"dir/deep/new", "dir/deep", ""},
		{"new/deep/file", "empty", ""},
		{"dir", "", "dir"},
		{"empty", "", "empty"},
		{"", "", "-"},
		{"file/below", "", "file"},
		{"dir/file/below/far", "", "dir/file"},
		{"new", "file", "file"},
		{"new", "dir/file/sub", "dir/file"},
	}
	for _, test := range tests {
		files, folders := []string{"other", test.file}, []string{"", test.folder}
		err := f.Check(t.Context(), fileUpload, files, folders)
		switch {
		case test.bad == "":
			if err != nil {
				t.Errorf("%+v: %v", test, err)
			}
		case !problem.Is(err, problem.BadRequest):
			t.Errorf("%+v: got %v", test, err)
		case test.bad != "-" && !strings.HasSuffix(problem.As(err).Detail, ": "+test.bad+"."):
			t.Errorf("%+v: got %v", test, err)
		}
	}
}

func remove(t *testing.T, f filesTest) {
	ctx := t.Context()
	f.put("a/1", "1")
	f.put("a/2", "2")
	f.put("b", "3")
	first, second, third := upload.NewName(), upload.NewName(), upload.NewName()
	f.ok(f.Remove(ctx, fileUpload, "a/1", first))
	f.want("a/1", "-")
	f.want("a/2", "2")
	f.ok(f.Remove(ctx, fileUpload, "never", upload.NewName()))
	f.ok(f.Remove(ctx, fileUpload, "b/below", upload.NewName()))
	f.ok(f.Remove(ctx, fileUpload, "b/never/was", upload.NewName()))
	f.ok(f.Remove(ctx, "anotherupload", "a", upload.NewName()))
	if names := f.trashNames(); len(names) > 0 {
		t.Errorf("may be deleted before a flush: %v", names)
	}
	f.put("a/1", "4") // again under the same path
	f.ok(f.Remove(ctx, fileUpload, "a/1", first))
	f.want("a/1", "4") // that removal was done already
	f.ok(f.Remove(ctx, fileUpload, "a", second))
	f.want("a/2", "-")
	f.ok(f.Flush(ctx))
	f.ok(f.Remove(ctx, fileUpload, "", third))
	f.want("b", "-")
	want := []string{first, second}
	slices.Sort(want)
	if names := f.trashNames(); !slices.Equal(names, want) {
		t.Errorf("in the trash: %v, want %v", names, want)
	}
	f.ok(f.EmptyTrash(ctx, func(name string) bool { return name == first }))
	f.ok(f.Flush(ctx))
	want = []string{first, third}
	slices.Sort(want)
	if names := f.trashNames(); !slices.Equal(names, want) {
		t.Errorf("in the trash: %v, want %v", names, want)
	}
	f.put("b", "5") // the upload is still usable
	f.want("b", "5")
}

func removeUpload(t *testing.T, f filesTest) {
	ctx := t.Context()
	f.put("a/1", "1")
	f.ok(f.WriteArchives(ctx, fileUpload, []upload.ArchiveBlob{{EntryID: "entry", JSON: []byte("{}")}}))
	trash := upload.NewName()
	for range 2 {
		f.ok(f.RemoveUpload(ctx, fileUpload, trash))
	}
	f.want("a/1", "-")
	if _, err := f.OpenArchive(ctx, fileUpload, "entry"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("archive: %v", err)
	}
	f.ok(f.RemoveUpload(ctx, "neveruploaded", upload.NewName()))
	f.ok(f.Flush(ctx))
	if names := f.trashNames(); !slices.Equal(names, []string{trash}) {
		t.Errorf("in the trash: %v", names)
	}
}

// redo carries out a prefix of a history, then redoes all of it as after a crash
// before the intents were deleted.
func redo(t *testing.T, f filesTest) {
	ctx := t.Context()
	const steps = 10
	// Which bodies the intents keep: none, all, every second, the others.
	for kept, keeps := range []func(i int) bool{
		func(int) bool { return false }, func(int) bool { return true },
		func(i int) bool { return i%2 == 0 }, func(i int) bool { return i%2 == 1 },
	} {
		for cut := range steps + 1 {
			redoFrom(t, f, fmt.Sprintf("upload%d-%d", kept, cut), cut, keeps)
		}
	}
	lost := []upload.Intent{{Kind: upload.Place, UploadID: fileUpload, Path: "a", Staged: "neverstaged"}}
	if left := upload.Redo(ctx, f, lost); len(left) != 1 || left[0].Path != "a" || !errors.Is(left[0].Err, fs.ErrNotExist) {
		t.Errorf("a lost body: %+v", left)
	}
}

// redoFrom does the first steps of the history, and then redoes it.
func redoFrom(t *testing.T, f filesTest, id string, cut int, keeps func(i int) bool) {
	ctx := t.Context()
	place := func(path, content string) upload.Intent {
		return upload.Intent{Kind: upload.Place, Path: path, Staged: f.stage(content).Name, Body: []byte(content)}
	}
	remove := func(path string) upload.Intent {
		return upload.Intent{Kind: upload.Remove, Path: path, Staged: upload.NewName()}
	}
	history := []upload.Intent{
		place("d/a", "1"), place("d/a", "2"), remove("d"), place("d/b", "3"), remove("d/b"),
		remove("d"),     // Folders have rows of their own; here the empty folder d goes before the file d comes.
		place("d", "4"), // fails unless d went first
		place("e", "5"), remove("d"), place("d/c/x", "6"),
	}
	for i := range history {
		history[i].UploadID = id
		if !keeps(i) {
			history[i].Body = nil
		}
	}
	for _, in := range history[:cut] {
		f.ok(in.Apply(ctx, f))
	}
	for range 2 {
		f.redone(history)
		for path, want := range map[string]bool{"d/a": false, "d/b": false, "d/c/x": true, "e": true} {
			info, err := f.Stat(ctx, id, path)
			if exists := err == nil && info.IsFile; exists != want {
				t.Errorf("%s, crash after step %d: %s exists: %v (%v)", id, cut, path, exists, err)
			}
		}
	}
	if names := f.stagedNames(); len(names) > 0 {
		// Bodies of steps that later ones made pointless are swept at the start.
		f.ok(f.Sweep(ctx, func(string) bool { return false }))
	}
}

// redone wants all of it redone.
func (f filesTest) redone(intents []upload.Intent) {
	f.t.Helper()
	for _, left := range upload.Redo(f.t.Context(), f, intents) {
		f.t.Error(left.Err)
	}
}

// redoSmall loses or spoils small files that were not flushed, as a power cut
// does, and wants them back.
func redoSmall(t *testing.T, f filesTest) {
	ctx := t.Context()
	staged := f.stage("small")
	if string(staged.Body) != "small" {
		t.Fatalf("a small body came back as %q", staged.Body)
	}
	in := upload.Intent{Kind: upload.Place, UploadID: fileUpload, Staged: staged.Name, Path: "d/a", Body: staged.Body}
	for name, spoil := range map[string]func(){
		"before it was placed": func() {},
		"the staged body":      func() { f.ok(f.Discard(ctx, staged.Name)) },
		"the file":             func() { f.ok(f.Remove(ctx, fileUpload, "d/a", upload.NewName())) },
		"the folder":           func() { f.ok(f.Remove(ctx, fileUpload, "d", upload.NewName())) },
		"the content":          func() { f.put("d/a", "spoilt") },
	} {
		spoil()
		f.redone([]upload.Intent{in})
		f.want("d/a", "small")
		f.ok(f.Flush(ctx))
		if names := f.stagedNames(); len(names) > 0 {
			t.Errorf("%s: staged bodies are left: %q", name, names)
		}
	}
	large, err := f.Stage(ctx, strings.NewReader(strings.Repeat("x", 1<<20)), -1)
	f.ok(err)
	if large.Body != nil {
		t.Errorf("a body of %d bytes came back", len(large.Body))
	}
}
func openContent(t *testing.T, f filesTest) {
	before := time.Now().Add(-time.Minute)
	f.put("a", "0123456789")
	in, err := f.Open(t.Context(), fileUpload, "a")
	f.ok(err)
	if in.Size() != 10 || in.ModTime().Before(before) {
		t.Errorf("size %d, time %v", in.Size(), in.ModTime())
	}
	if _, err := in.Seek(4, io.SeekStart); err != nil {
		t.Error(err)
	}
	part := make([]byte, 3)
	if _, err := io.ReadFull(in, part); err != nil || string(part) != "456" {
		t.Errorf("after Seek: %q, %v", part, err)
	}
	if _, err := in.ReadAt(part, 1); err != nil || string(part) != "123" {
		t.Errorf("ReadAt: %q, %v", part, err)
	}
	f.put("a", "new") // an open file is not disturbed
	if rest, err := io.ReadAll(in); err != nil || string(rest) != "789" {
		t.Errorf("the rest is %q, %v", rest, err)
	}
	f.ok(in.Close())
	info, err := f.Stat(t.Context(), fileUpload, "a")
	if err != nil || !info.IsFile || info.Size != 3 || info.ModTime.Before(before) {
		t.Errorf("stat: %+v, %v", info, err)
	}
}

func folders(t *testing.T, f filesTest) {
	ctx := t.Context()
	if info, err := f.Stat(ctx, fileUpload, ""); err != nil || info.IsFile {
		t.Errorf("the root of an upload without files: %+v, %v", info, err)
	}
	for range 2 {
		f.ok(f.Mkdir(ctx, fileUpload, "a/b"))
	}
	f.put("a/c", "1")
	f.ok(f.Remove(ctx, fileUpload, "a/c", upload.NewName()))
	for _, path := range []string{"", "a", "a/b"} {
		if info, err := f.Stat(ctx, fileUpload, path); err != nil || info.IsFile {
			t.Errorf("%q: %+v, %v", path, info, err)
		}
		f.want(path, "-")
	}
	f.put("file", "1")
	if err := f.Mkdir(ctx, fileUpload, "file"); !problem.Is(err, problem.BadRequest) {
		t.Errorf("a folder over a file: %v", err)
	}
	if err := f.Mkdir(ctx, fileUpload, "file/below"); err == nil {
		t.Error("a folder below a file was made")
	}
	for _, path := range []string{"never", "file/below", "a/b/c/d"} {
		if _, err := f.Stat(ctx, fileUpload, path); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: %v", path, err)
		}
		f.want(path, "-")
	}
}

func archives(t *testing.T, f filesTest) {
	ctx := t.Context()
	read := func(id string) []byte {
		in, err := f.OpenArchive(ctx, fileUpload, id)
		f.ok(err)
		got, err := io.ReadAll(in)
		f.ok(errors.Join(err, in.Close()))
		return got
	}
	large := bytes.Repeat([]byte(`{"data": [1, 2, 3]}`), 6<<20)
	f.ok(f.WriteArchives(ctx, fileUpload, nil))
	var many []upload.ArchiveBlob
	for i := range 100 {
		many = append(many, upload.ArchiveBlob{EntryID: fmt.Sprintf("-entry_%d", i), JSON: fmt.Appendf(nil, `{"n": %d}`, i)})
	}
	f.ok(f.WriteArchives(ctx, fileUpload, many))
	f.ok(f.WriteArchives(ctx, fileUpload, []upload.ArchiveBlob{{EntryID: "-entry_7", JSON: large}, {EntryID: "empty"}}))
	for i := range 100 {
		want := many[i].JSON
		if i == 7 {
			want = large
		}
		if got := read(many[i].EntryID); !bytes.Equal(got, want) {
			t.Errorf("archive %d has %d bytes, want %d", i, len(got), len(want))
		}
	}
	if got := read("empty"); len(got) != 0 {
		t.Errorf("the empty archive has %d bytes", len(got))
	}
	f.ok(f.RemoveArchives(ctx, fileUpload, "-entry_1", "never", "-entry_1"))
	if _, err := f.OpenArchive(ctx, fileUpload, "-entry_1"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("removed archive: %v", err)
	}
	if _, err := f.OpenArchive(ctx, "anotherupload", "-entry_2"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("archive of another upload: %v", err)
	}
	if names := f.stagedNames(); len(names) > 0 {
		t.Errorf("left in the staging area: %v", names)
	}
}
