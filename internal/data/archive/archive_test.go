package archive_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"oasis/internal/data/archive"
	"oasis/internal/data/archive/source"
	"oasis/internal/data/metainfo"
)

func build(t *testing.T, text string) *archive.Archive {
	t.Helper()
	reg, err := metainfo.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	root, err := source.Read("a.yaml", strings.NewReader(text), source.DefaultLimits())
	if err != nil {
		t.Fatal(err)
	}
	top, _ := reg.Section("nomad.datamodel.EntryArchive")
	a, err := archive.Build(context.Background(), archive.Input{File: "a.yaml", Root: top, Scope: &metainfo.Scope{Builtin: reg},
		Place: archive.Place{UploadID: "U", EntryID: "E", EntryIDOf: func(m string) string { return "id-of-" + m }}}, root)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestLookupWalksNamesAndIndices(t *testing.T) {
	t.Parallel()
	tree := map[string]any{"data": map[string]any{"steps": []any{map[string]any{"name": "a"}, nil, map[string]any{"name": "c"}}}}
	for path, want := range map[string]any{"data/steps/0/name": "a", "data.steps.-1.name": "c", "/data/steps/2/name/": "c", "data/steps/1": nil} {
		if got, ok := archive.Lookup(tree, path); !ok || got != want {
			t.Errorf("%s: %v %v", path, got, ok)
		}
	}
	for _, path := range []string{"data/steps/3", "data/steps/-4", "data/steps/x", "data/steps/0/name/x", "nothing"} {
		if got, ok := archive.Lookup(tree, path); ok {
			t.Errorf("%s: %v", path, got)
		}
	}
	if got, ok := archive.Lookup(tree, ""); !ok || got == nil {
		t.Error("the empty path is the whole tree")
	}
}

func TestRepeatingSectionsMayBeSparseOrKeyed(t *testing.T) {
	t.Parallel()
	a := build(t, `data:
  m_def: nomad.datamodel.metainfo.eln.ELNExperiment
  steps: [{name: a}, null, {name: c}]
`)
	steps := a.Root.Child("data").Items("steps")
	if len(steps) != 2 || steps[1].Path() != "data/steps/2" || steps[1].Text("name") != "c" {
		t.Errorf("sparse: %d steps, the last at %s", len(steps), steps[1].Path())
	}
	a = build(t, `data:
  m_def: nomad.datamodel.metainfo.eln.ELNExperiment
  steps: {z: {m_parent_index: 0, name: a}, y: {m_parent_index: 1, name: b}}
`)
	steps = a.Root.Child("data").Items("steps")
	if len(steps) != 2 || steps[1].Text("name") != "b" || len(a.Warnings) != 0 {
		t.Errorf("keyed: %d steps, %v", len(steps), a.Warnings)
	}
}

func TestChangesOfSectionsShowInTheStoredForm(t *testing.T) {
	t.Parallel()
	a := build(t, "data: {m_def: nomad.datamodel.metainfo.eln.ELNExperiment}")
	data := a.Root.Child("data")
	data.Append("steps").Values["name"] = "one"
	data.Ensure("experiment_identifiers").Values["owner"] = "me"
	if data.Append("experiment_identifiers") != nil || data.Ensure("steps") != nil || data.Append("nothing") != nil {
		t.Error("a sub-section was made where the definition has none of that kind")
	}
	got, err := json.Marshal(a.Root.Values)
	if err != nil {
		t.Fatal(err)
	}
	if want := `{"data":{"experiment_identifiers":{"owner":"me"},"m_def":"nomad.datamodel.metainfo.eln.ELNExperiment","steps":[{"name":"one"}]}}`; string(got) != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	var seen []string
	_ = a.Root.Walk(func(s *archive.Section) error { seen = append(seen, s.Path()); return nil })
	if strings.Join(seen, " ") != "data/steps/0 data/experiment_identifiers data" {
		t.Errorf("children come before their parents, got %q", seen)
	}
}

func TestReferencesAreStoredInTheirShortestForm(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"../upload/archive/mainfile/b.archive.yaml#data":  "../upload/archive/id-of-b.archive.yaml#/data",
		"../upload/raw/b.archive.yaml#/data":              "../upload/archive/id-of-b.archive.yaml#/data",
		"../uploads/U/archive/F#/data":                    "../upload/archive/F#/data",
		"../uploads/U/archive/E#/data/steps/0":            "#/data/steps/0",
		"../uploads/V/archive/F#/data":                    "../uploads/V/archive/F#/data",
		"../uploads/V/archive/mainfile/c.archive.json#/x": "../uploads/V/archive/mainfile/c.archive.json#/x",
		"/data": "#/data",
		"https://h/api/v1/uploads/U/archive/E#/data": "https://h/api/v1/uploads/U/archive/E#/data",
	} {
		a := build(t, "data: {m_def: nomad.datamodel.metainfo.eln.ELNExperiment, steps: [{activity: '"+in+"'}]}")
		if got := a.Root.Child("data").Items("steps")[0].Text("activity"); got != want {
			t.Errorf("%s is stored as %s, want %s", in, got, want)
		}
		if leaves := !strings.HasPrefix(want, "#"); leaves != (len(a.References) == 1) {
			t.Errorf("%s: %d references leave the entry", in, len(a.References))
		}
	}
}

func TestFreeTextHasNoTags(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"<p>Sol-gel film on <b>glass</b></p>": "Sol-gel film on glass", " a < b and c > d ": "a < b and c > d", "AT&amp;T": "AT&T", "x<y": "x<y", "<!-- note -->z": "z", "a <": "a <",
		strings.Repeat("ä", 600): strings.Repeat("ä", 500), "<p></p>": "",
	} {
		if got := archive.FreeText(in); got != want {
			t.Errorf("%q: %q", in, got)
		}
	}
}
