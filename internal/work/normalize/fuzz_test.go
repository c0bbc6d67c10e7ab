package normalize_test

import (
	"encoding/json"
	"io/fs"
	"strings"
	"testing"

	"oasis/examples"
	"oasis/internal/work/normalize"
)

// FuzzEntry wants that no file makes normalisation panic and that what is kept
// can always be written as JSON.
func FuzzEntry(f *testing.F) {
	err := fs.WalkDir(examples.FS, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(name, ".archive.yaml") {
			return err
		}
		text, err := fs.ReadFile(examples.FS, name)
		f.Add(string(text))
		return err
	})
	if err != nil {
		f.Fatal(err)
	}
	f.Add("data: {m_def: nomad.datamodel.metainfo.eln.ELNProcess, steps: [{duration: 1e9}, null], m_annotations: {invalid: 3}, name: [1]}\nresults: {eln: {names: x, lab_ids: [1]}, material: {elements: y}}")
	f.Fuzz(func(t *testing.T, text string) {
		files := folder("a.archive.yaml", text)
		src := sourceIn(files, "a.archive.yaml")
		res, err := entry(t, src, files)
		if err != nil {
			res = normalize.Failed(src, "parsers/archive", err)
		}
		if _, err := json.Marshal(res); err != nil {
			t.Fatalf("the result cannot be written: %v", err)
		}
	})
}
