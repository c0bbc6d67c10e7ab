package upload_test

import (
	"archive/zip"
	"bytes"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"oasis/internal/data/upload"
	"oasis/internal/problem"
)

func TestNamesThatArePathsElsewhereAreRefused(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	u, err := s.Create(t.Context(), ada, upload.CreateOptions{}, nil)
	must(t, err)
	for _, name := range []string{`..\..\evil.exe`, "C:evil", "a\r\nb", "ann\u202etxt.exe"} {
		_, err := s.PutFiles(t.Context(), ada, u.ID, "", upload.PutOptions{}, body(name, "x"))
		if p := problem.As(err); p == nil || p.Kind != problem.BadRequest || !strings.HasPrefix(p.Detail, "Bad file name provided: it ") {
			t.Errorf("PUT of %q: %v", name, err)
		}
		_, err = s.PutFiles(t.Context(), ada, u.ID, "ok/"+name, upload.PutOptions{}, body("a", "x"))
		if p := problem.As(err); p == nil || p.Kind != problem.BadRequest || !strings.HasPrefix(p.Detail, "Bad path provided: it ") {
			t.Errorf("PUT into %q: %v", name, err)
		}
		_, err = s.Create(t.Context(), ada, upload.CreateOptions{}, body(name, "x"))
		if p := problem.As(err); p == nil || p.Kind != problem.BadRequest {
			t.Errorf("POST of %q: %v", name, err)
		}
		var b bytes.Buffer
		w := zip.NewWriter(&b)
		_, err = w.Create("ok/" + name)
		must(t, err)
		must(t, w.Close())
		_, err = s.Create(t.Context(), ada, upload.CreateOptions{}, body("a.zip", b.String()))
		if p := problem.As(err); p == nil || p.Kind != problem.BadRequest {
			t.Errorf("archive with %q: %v", name, err)
		}
	}
}

// Files from before that rule keep their names, but not in a zip.
func TestZipOfOldNamesIsHarmless(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	u, err := s.Create(t.Context(), ada, upload.CreateOptions{}, nil)
	must(t, err)
	for _, name := range []string{`..\evil`, ".._evil", "C:evil", "z\r\n", "plain"} {
		staged, err := s.files.Stage(t.Context(), strings.NewReader(name), -1)
		must(t, err)
		must(t, s.files.Store.Place(t.Context(), u.ID, staged.Name, name))
		must(t, s.store.InTx(t.Context(), func(tx upload.Tx) error {
			return tx.PutFiles(t.Context(), u.ID, []upload.File{{UploadID: u.ID, Path: name, Size: staged.Size, SHA256: staged.SHA256, CRC32: staged.CRC32, ModTime: s.now()}})
		}))
	}
	if _, content, err := s.OpenFile(t.Context(), ada, u.ID, `..\evil`); err != nil {
		t.Errorf("the old name is not known any more: %v", err)
	} else {
		must(t, content.Close())
	}
	z, err := s.Zip(t.Context(), ada, u.ID, "", nil)
	must(t, err)
	r := z.Reader(t.Context())
	defer func() { must(t, r.Close()) }()
	text, err := io.ReadAll(r)
	must(t, err)
	in, err := zip.NewReader(bytes.NewReader(text), int64(len(text)))
	must(t, err)
	want := map[string]string{".._evil": `..\evil`, ".._evil~2": ".._evil", "C_evil": "C:evil", "z__": "z\r\n", "plain": "plain"}
	for _, f := range in.File {
		content, err := f.Open()
		must(t, err)
		got, err := io.ReadAll(content)
		must(t, err)
		if want[f.Name] != string(got) {
			t.Errorf("%q holds %q", f.Name, got)
		}
		delete(want, f.Name)
	}
	if len(want) > 0 {
		t.Errorf("not in the zip: %q", want)
	}
}

// The 200 of such a zip was sent, and then the connection was cut.
func TestZipWithAFileThatCannotBeReadIsRefusedBeforeItBegins(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	u, err := s.Create(t.Context(), ada, upload.CreateOptions{}, body("a.txt", "1", "b.txt", "2"))
	must(t, err)
	var at string
	must(t, filepath.WalkDir(s.dir, func(path string, _ fs.DirEntry, err error) error {
		if filepath.Base(path) == "b.txt" {
			at = path
		}
		return err
	}))
	for name, swap := range map[string]func() error{
		"symbolic link": func() error { return os.Symlink("/etc/hostname", at) },
		"nothing":       func() error { return nil },
		"another file":  func() error { return os.WriteFile(at, []byte("much longer"), 0o600) },
	} {
		must(t, os.RemoveAll(at))
		must(t, swap())
		if _, err := s.Zip(t.Context(), ada, u.ID, "", nil); err == nil || !strings.Contains(err.Error(), `"b.txt"`) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := s.Zip(t.Context(), ada, u.ID, "a.txt", nil); err != nil {
		t.Errorf("the file beside it: %v", err)
	}
}
