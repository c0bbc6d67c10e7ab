package normalize_test

import (
	"bytes"
	"context"
	"crypto/sha512"
	"encoding/base64"
	"encoding/json"
	"flag"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"oasis/examples"
	"oasis/internal/work/normalize"
	"oasis/internal/work/parser/all"
)

var update = flag.Bool("update", false, "rewrite the golden archives")

const upload = "UUUUUUUUUUUUUUUUUUUUUU"

// entryIDOf is the algorithm of spec processing.md §1.
func entryIDOf(mainfile string) string {
	sum := sha512.Sum512([]byte(upload + mainfile))
	return base64.URLEncoding.EncodeToString(sum[:])[:28]
}

// sourceIn gives the Source of a main file in a folder of files.
func sourceIn(files fs.FS, mainfile string) normalize.Source {
	return normalize.Source{
		UploadID: upload, EntryID: entryIDOf(mainfile), Mainfile: mainfile, Files: []string{mainfile},
		EntryCreateTime: time.Date(2024, 5, 1, 10, 0, 0, 0, time.UTC),
		AuthorName:      "Ada Lovelace", AuthorAffiliation: "Fritz Haber Institute",
		Open:      func(name string) (io.ReadCloser, error) { return files.Open(name) },
		EntryIDOf: entryIDOf,
		Now:       func() time.Time { return time.Date(2024, 5, 1, 12, 0, 0, 0, time.UTC) },
	}
}

// process normalises one file of a folder as processing would.
func process(t testing.TB, files fs.FS, mainfile string) (*normalize.Result, error) {
	t.Helper()
	content, err := fs.ReadFile(files, mainfile)
	if err != nil {
		t.Fatal(err)
	}
	p, ok := all.Parsers().Match(mainfile, nil)
	if !ok {
		t.Fatalf("no parser matches %s", mainfile)
	}
	return normalize.Entry(context.Background(), p, sourceIn(files, mainfile), bytes.NewReader(content))
}

func TestExampleDataGivesTheGoldenArchives(t *testing.T) {
	t.Parallel()
	seen := 0
	err := fs.WalkDir(examples.FS, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		if _, ok := all.Parsers().Match(name, nil); !ok {
			return nil
		}
		seen++
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			folder, err := fs.Sub(examples.FS, path.Dir(name))
			if err != nil {
				t.Fatal(err)
			}
			res, err := process(t, folder, path.Base(name))
			if name == "torn/oven.archive.yaml" { // the one that shows what a failed entry says
				if err == nil || !strings.HasPrefix(err.Error(), "oven.archive.yaml:5:11: not valid YAML") {
					t.Errorf("read as %v", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			golden(t, filepath.Join("testdata", "golden", strings.ReplaceAll(name, "/", "_")+".json"), map[string]any{
				"archive": res.Archive, "results": res.Document["results"], "warnings": res.Warnings,
				"entry_name": res.EntryName, "entry_type": res.EntryType, "dependencies": res.Dependencies,
			})
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if seen < 7 {
		t.Errorf("only %d example archives were found", seen)
	}
}

func golden(t *testing.T, file string, v any) {
	t.Helper()
	got, err := json.MarshalIndent(v, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	got = append(got, '\n')
	if *update {
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s differs; look at it and run the test with -update.\ngot:\n%s", file, got)
	}
}

// entry normalises the main file of src as it stands in files.
func entry(t testing.TB, src normalize.Source, files fs.FS) (*normalize.Result, error) {
	t.Helper()
	content, err := fs.ReadFile(files, src.Mainfile)
	if err != nil {
		t.Fatal(err)
	}
	p, ok := all.Parsers().Match("x.archive.yaml", nil)
	if !ok {
		t.Fatal("the archive parser is not listed")
	}
	return normalize.Entry(context.Background(), p, src, bytes.NewReader(content))
}
