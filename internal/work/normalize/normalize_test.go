package normalize_test

import (
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"oasis/internal/data/archive"
	"oasis/internal/work/normalize"
)

// folder is an upload of text files: name, text, name, text…
func folder(pairs ...string) fstest.MapFS {
	files := fstest.MapFS{}
	for i := 0; i < len(pairs); i += 2 {
		files[pairs[i]] = &fstest.MapFile{Data: []byte(pairs[i+1])}
	}
	return files
}

// good processes an archive that must not fail.
func good(t *testing.T, text string) *normalize.Result {
	t.Helper()
	res, err := process(t, folder("my_sample.archive.yaml", text), "my_sample.archive.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return res
}

// at reads a place of a stored archive or document as JSON text.
func at(t *testing.T, tree map[string]any, path string) string {
	t.Helper()
	v, ok := archive.Lookup(tree, path)
	if !ok {
		return "unset"
	}
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// The example of spec metainfo-archive.md §8.6, which NOMAD 2.0.0 answers the same way.
func TestWorkedExampleOfTheSpec(t *testing.T) {
	t.Parallel()
	res := good(t, `data: {m_def: nomad.datamodel.metainfo.eln.ELNMeasurement, name: "XRD of S1", method: XRD, datetime: 2024-01-02,
  samples: [{name: s, reference: "../upload/archive/mainfile/sample.archive.yaml#/data"}],
  steps: [{name: "step 1"}], results: [{name: r1, result: ok}], measurement_identifiers: {}}`)
	sample := fmt.Sprintf("%q", "../upload/archive/"+entryIDOf("sample.archive.yaml")+"#/data")
	for path, want := range map[string]string{
		"data.lab_id":                  `"FHI_AdLo_20240102_XRD-of-S1"`,
		"data.measurement_identifiers": `{"datetime":"2024-01-02T00:00:00+00:00","institute":"FHI","lab_id":"FHI_AdLo_20240102_XRD-of-S1","owner":"AdLo","short_name":"XRD-of-S1"}`,
		"data.samples.0.reference":     sample,
		"workflow2":                    `{"inputs":[{"name":"s","section":` + sample + `}],"name":"XRD of S1","outputs":[{"name":"r1","section":"#/data/results/0"}],"tasks":[{"name":"step 1","section":"#/data/steps/0"}]}`,
		"results":                      `{"eln":{"lab_ids":["FHI_AdLo_20240102_XRD-of-S1"],"methods":["XRD"],"names":["XRD of S1"],"sections":["ReadableIdentifiers","ELNMeasurement"]},"properties":{}}`,
		"metadata.entry_name":          `"XRD of S1"`, "metadata.entry_type": `"ELNMeasurement"`, "processing_logs": `[]`,
	} {
		if got := at(t, res.Archive, path); got != want {
			t.Errorf("%s\n got %s\nwant %s", path, got, want)
		}
	}
	if got := at(t, res.Document, "entry_references.0.target_entry_id"); got != fmt.Sprintf("%q", entryIDOf("sample.archive.yaml")) {
		t.Errorf("the reference to the sample is not found by search: %s", got)
	}
	if len(res.Warnings) > 0 || res.Document["process_status"] != "SUCCESS" {
		t.Errorf("warnings %q, status %v", res.Warnings, res.Document["process_status"])
	}
}

func TestEntryNameAndType(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ text, name, kind, dataName string }{
		{"data: {m_def: nomad.datamodel.metainfo.eln.ELNSample, name: S1}", "S1", "ELNSample", `"S1"`},
		{"data: {m_def: nomad.datamodel.metainfo.eln.ELNSample}", "my_sample.archive.yaml", "ELNSample", `"my sample"`},
		{"metadata: {entry_name: given}\ndata: {m_def: nomad.datamodel.metainfo.eln.ELNSample}", "given", "ELNSample", `"given"`},
		{"metadata: {entry_name: given}\ndata: {m_def: nomad.datamodel.metainfo.eln.ELNSample, name: S1}", "S1", "ELNSample", `"S1"`},
		{"definitions: {name: Lab, sections: {A: {}}}", "Lab", "Schema", "unset"},
		{"definitions: {name: Lab, sections: {A: {base_section: nomad.datamodel.data.EntryData}}}\ndata: {m_def: A}", "Lab", "A", "unset"},
		{"data: {m_def: nomad.datamodel.metainfo.basesections.v2.Instrument, name: I}", "I", "Instrument", `"I"`},
		{"run: [{program: {name: VASP}}]", "my_sample.archive.yaml", "", "unset"},
	} {
		res := good(t, c.text)
		if res.EntryName != c.name || res.EntryType != c.kind || at(t, res.Archive, "data.name") != c.dataName {
			t.Errorf("%s: %q %q %s", c.text, res.EntryName, res.EntryType, at(t, res.Archive, "data.name"))
		}
	}
}

func TestMaterialFromFormulaAndComposition(t *testing.T) {
	t.Parallel()
	substance := good(t, "data: {m_def: nomad.datamodel.metainfo.eln.ELNSubstance, pure_substance: {molecular_formula: H2O}}")
	for path, want := range map[string]string{
		"elements": `["H","O"]`, "chemical_formula_hill": `"H2O"`, "chemical_formula_anonymous": `"A2B"`, "chemical_formula_descriptive": `"H2O"`,
		"elements_exclusive": `"H O"`, "n_elements": `2`, "structural_type": `"not processed"`, "chemical_formula_reduced_fragments": `["H2","O"]`,
	} {
		if got := at(t, substance.Document, "results.material."+path); got != want {
			t.Errorf("%s: %s", path, got)
		}
	}
	if at(t, substance.Archive, "results.material.n_elements") != "unset" {
		t.Error("the archive holds what is derived for search")
	}
	alloy := good(t, "data: {m_def: nomad.datamodel.metainfo.eln.ELNSample, elemental_composition: [{element: Fe, mass_fraction: 0.98}, {element: C}, {element: Zz}]}")
	if at(t, alloy.Archive, "results.material.elements") != `["Fe","C"]` || len(alloy.Warnings) != 1 || !strings.Contains(alloy.Warnings[0], `:1:129: data.elemental_composition.2.element: "Zz" is not the symbol`) {
		t.Errorf("%s %q", at(t, alloy.Archive, "results.material.elements"), alloy.Warnings)
	}
	steel := good(t, "data: {m_def: nomad.datamodel.metainfo.eln.ELNSample, elemental_composition: [{element: Fe, mass_fraction: 0.98}, {element: C}]}")
	carbon, _ := archive.Lookup(steel.Archive, "results.material.elemental_composition.1.atomic_fraction")
	if f, _ := carbon.(float64); math.Abs(f-0.0867) > 1e-3 {
		t.Errorf("2 %% by mass of carbon in iron are %v of the atoms", carbon)
	}
	if bad := good(t, "data: {m_def: nomad.datamodel.metainfo.eln.Sample, chemical_formula: nonsense}"); len(bad.Warnings) != 2 {
		t.Errorf("a wrong formula on a section that is no entry type: %q", bad.Warnings)
	}
}

func TestWrongValuesAreKeptApartAndNamed(t *testing.T) {
	t.Parallel()
	res := good(t, `definitions:
  sections:
    A:
      base_sections: [nomad.datamodel.metainfo.eln.ELNSample]
      quantities:
        temperature: {type: float}
        state: {type: {type_kind: enum, type_data: [wet, dry]}}
        owner: {type: A}
data:
  m_def: A
  name: [S1]
  temperature: 45O
  state: damp
  owner: "nobody"
  temprature: 3
  components: {name: x}
  elemental_composition: [3]
nonsense: {a: 1}
metadata: {upload_id: x, comment: mine, references: [1]}
`)
	want := []string{
		`my_sample.archive.yaml:19:1: metadata: only entry_name, comment and references are taken from a file; ignored: upload_id`,
		`my_sample.archive.yaml:19:54: metadata.references.0: a text is expected, not 1`,
		`my_sample.archive.yaml:11:3: data.name: one value is expected, not a list`,
		`my_sample.archive.yaml:12:3: data.temperature: "45O" is not a number`,
		`my_sample.archive.yaml:13:3: data.state: "damp" is none of dry, wet`,
		`my_sample.archive.yaml:14:3: data.owner: "nobody" is not a reference; write #/data/… or ../upload/archive/mainfile/FILE#/data`,
		`my_sample.archive.yaml:15:3: data.temprature: A has no property of this name; the value is kept but not searchable; did you mean temperature?`,
		`my_sample.archive.yaml:16:3: data.components: a list of sections is expected; this one is taken as its only item`,
		`my_sample.archive.yaml:17:27: data.elemental_composition.0: a section is expected, not 3; the item is left out`,
		`my_sample.archive.yaml:18:1: nonsense: EntryArchive has no property of this name; the value is kept but not searchable`,
	}
	slices.Sort(want)
	got := slices.Clone(res.Warnings)
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if got := at(t, res.Archive, "data.m_annotations.invalid"); got != `{"name":["S1"],"owner":"nobody","state":"damp","temperature":"45O"}` {
		t.Errorf("invalid values: %s", got)
	}
	for path, want := range map[string]string{"data.temperature": "unset", "data.temprature": "3", "nonsense.a": "1", "metadata.comment": `"mine"`, "metadata.processed": "true", "processing_logs.0.level": `"WARNING"`} {
		if got := at(t, res.Archive, path); got != want {
			t.Errorf("%s: %s", path, got)
		}
	}
	if errs, _ := res.Document["processing_errors"].([]any); len(errs) != len(want) {
		t.Errorf("processing_errors: %v", errs)
	}
}

func TestEntriesThatFailSayWhyAndWhere(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"data: {name: x}":  "a.archive.yaml:1:1: data: m_def is missing",
		"data: {m_def: 3}": "data.m_def: the name of a section is expected, not 3",
		"data:\n  m_def: nomad.datamodel.metainfo.eln.ELNSampl": "a.archive.yaml:2:10: data.m_def: no section \"nomad.datamodel.metainfo.eln.ELNSampl\" is known; did you mean nomad.datamodel.metainfo.eln.ELNSample?",
		`data: {m_def: "../upload/raw/nofile.archive.yaml#A"}`:  `there is no file "nofile.archive.yaml" in this upload`,
		`data: {m_def: "../upload/raw/bad.archive.yaml#A"}`:     `bad.archive.yaml:1:44: definitions.sections.A.base_section`,
		`data: {m_def: "../upload/raw/a.archive.yaml#A"}`:       `there is no section "../upload/raw/a.archive.yaml#A" in the definitions of this file`,
		`data: {m_def: "../upload/raw/loop1.archive.yaml#A"}`:   "refers back to itself",
		`data: {m_def: "../upload/raw/../../etc/passwd#A"}`:     "outside of the upload",
		`data: {m_def: "../uploads/V/raw/x.archive.yaml#A"}`:    "definitions of another upload cannot be used",
		`data: {m_def: "../upload/raw/empty.archive.yaml#A"}`:   "empty.archive.yaml has no definitions",
		"[1]":     "the top level must be a mapping",
		"data: {": "a.archive.yaml:1:",
		"definitions: {sections: {A: {quantities: {q: {type: x1}, r: {type: x2}}}}}": "x2",
	} {
		files := folder("a.archive.yaml", text, "bad.archive.yaml", "definitions: {sections: {A: {base_section: None}}}", "empty.archive.yaml", "data: {}",
			"loop1.archive.yaml", "definitions: {sections: {A: {base_section: '../upload/raw/loop2.archive.yaml#B'}}}",
			"loop2.archive.yaml", "definitions: {sections: {B: {base_section: '../upload/raw/loop1.archive.yaml#A'}}}")
		_, err := process(t, files, "a.archive.yaml")
		if err == nil {
			t.Errorf("%s does not fail", text)
			continue
		}
		res := normalize.Failed(sourceIn(files, "a.archive.yaml"), "parsers/archive", err)
		if !strings.Contains(strings.Join(res.Errors, "|"), want) {
			t.Errorf("%s\n got %q\nwant %s", text, res.Errors, want)
		}
		if strings.Contains(text, "nofile") && !slices.Equal(res.Dependencies, []string{"nofile.archive.yaml"}) {
			t.Errorf("the missing schema is no dependency: %q", res.Dependencies)
		}
		if res.Document["processed"] != false || res.Document["process_status"] != "FAILURE" || at(t, res.Archive, "processing_logs.0.level") != `"ERROR"` ||
			at(t, res.Archive, "metadata.processing_errors.0") == "unset" || at(t, res.Archive, "metadata.entry_id") != fmt.Sprintf("%q", entryIDOf("a.archive.yaml")) {
			t.Errorf("%s: what is kept of the failed entry is wrong: %v", text, res.Archive)
		}
	}
}

func TestSchemasOfOtherFilesAreFoundByEveryForm(t *testing.T) {
	t.Parallel()
	const schema = "definitions: {sections: {A: {base_section: '../upload/raw/dir/base.archive.yaml#Base', quantities: {x: {type: int}}, inner_sections: {In: {base_section: Base}}}, Base: {base_section: nomad.datamodel.data.EntryData}}}"
	id := entryIDOf("s.archive.yaml")
	for _, ref := range []string{"../upload/raw/s.archive.yaml#A", "../upload/raw/s.archive.yaml#/definitions/section_definitions/0", "../upload/archive/mainfile/s.archive.yaml#/definitions/sections/A",
		"../upload/archive/" + id + "#/definitions/section_definitions/0", "../uploads/" + upload + "/archive/" + id + "#definitions//section_definitions/0", "entry_id:" + id + ".A"} {
		files := folder("s.archive.yaml", schema, "dir/base.archive.yaml", "definitions: {sections: {Base: {base_section: nomad.datamodel.metainfo.eln.ELNSample}}}",
			"a.archive.yaml", "data: {m_def: '"+ref+"', x: '5', name: n}")
		src := sourceIn(files, "a.archive.yaml")
		src.Files = []string{"a.archive.yaml", "s.archive.yaml"}
		res, err := entry(t, src, files)
		if err != nil {
			t.Errorf("%s: %v", ref, err)
			continue
		}
		if got := at(t, res.Archive, "data.m_def"); got != fmt.Sprintf("%q", "../upload/archive/"+id+"#/definitions/section_definitions/0") {
			t.Errorf("%s is stored as %s", ref, got)
		}
		if !reflect.DeepEqual(res.Dependencies, []string{"dir/base.archive.yaml", "s.archive.yaml"}) || len(res.Warnings) > 0 {
			t.Errorf("%s: dependencies %q, warnings %q", ref, res.Dependencies, res.Warnings)
		}
		if got := at(t, res.Document, "search_quantities"); !strings.Contains(got, `"id":"data.x#entry_id:`+id+`.A","int_value":5`) {
			t.Errorf("%s: not searchable: %s", ref, got)
		}
	}
}

func TestFactsForSearch(t *testing.T) {
	t.Parallel()
	res := good(t, `data:
  m_def: nomad.datamodel.metainfo.eln.ELNProcess
  name: "<b>Hot</b> &amp; cold"
  datetime: 2024-05-01
  tags: [x, y]
  steps: [{name: one, duration: 60}, {name: two, duration: 30}]
  samples: [{reference: "https://h/api/v1/uploads/U2/archive/E2#/data"}, {reference: "#/data"}]
`)
	for path, want := range map[string]string{
		"text_search_contents":                `["Hot \u0026 cold","x","y","one","two"]`,
		"entry_references.0.target_reference": `"https://h/api/v1/uploads/U2/archive/E2#/data"`,
		"entry_references.0.target_upload_id": `"U2"`, "entry_references.0.source_path": `"data.samples.reference"`, "entry_references.0.target_name": `"data"`,
	} {
		got := at(t, res.Document, path)
		if got != want {
			t.Errorf("%s: %s, want %s", path, got, want)
		}
	}
	if got := at(t, res.Archive, "data.end_time"); got != `"2024-05-01T00:01:30+00:00"` {
		t.Errorf("end_time: %s", got)
	}
	if got := at(t, res.Archive, "data.samples.1.reference"); got != `"#/data"` {
		t.Errorf("own reference: %s", got)
	}
	quantities, _ := res.Document["quantities"].([]any)
	for _, q := range []string{"", "data", "data.steps.name", "results.eln.tags", "workflow2.tasks.section"} {
		if !slices.Contains(quantities, any(q)) {
			t.Errorf("%q is not among the quantities", q)
		}
	}
	defs := at(t, res.Document, "section_defs")
	if !strings.Contains(defs, `"definition_qualified_name":"nomad.datamodel.metainfo.eln.ELNProcess","used_directly":true`) ||
		!strings.Contains(defs, `"definition_qualified_name":"nomad.datamodel.metainfo.basesections.v1.Activity","used_directly":false`) {
		t.Errorf("section_defs: %s", defs)
	}
	if got := at(t, res.Document, "search_quantities"); !strings.Contains(got, `"path_archive":"data.steps.1.duration"`) || strings.Contains(got, "tags") {
		t.Errorf("search_quantities: %s", got)
	}
}

func TestStoredArchiveProcessesToItself(t *testing.T) {
	t.Parallel()
	first := good(t, `definitions: {name: Lab, sections: {A: {base_section: nomad.datamodel.metainfo.eln.ELNMeasurement, quantities: {x: {type: float}}}}}
data: {m_def: A, name: n, x: 3, datetime: 2024-05-01, steps: [{name: s}]}
`)
	delete(first.Archive, "metadata")
	text, err := json.Marshal(first.Archive)
	if err != nil {
		t.Fatal(err)
	}
	again := good(t, string(text))
	for _, part := range []string{"data", "results", "workflow2", "definitions"} {
		if a, b := at(t, first.Archive, part), at(t, again.Archive, part); a != b {
			t.Errorf("%s\n got %s\nwant %s", part, b, a)
		}
	}
	if len(again.Warnings) > 0 {
		t.Errorf("warnings: %q", again.Warnings)
	}
}
