package metainfo_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"oasis/internal/data/archive/source"
	"oasis/internal/data/metainfo"
)

func builtin(t testing.TB) *metainfo.Registry {
	t.Helper()
	reg, err := metainfo.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	return reg
}

// readSchema reads the definitions of a YAML text as those of entry E of upload U.
func readSchema(t testing.TB, text string) (*metainfo.Package, []*source.Issue, error) {
	t.Helper()
	root, err := source.Read("s.archive.yaml", strings.NewReader(text), source.DefaultLimits())
	if err != nil {
		t.Fatal(err)
	}
	return metainfo.ReadPackage(context.Background(), "s.archive.yaml", root.Get("definitions"), metainfo.Origin{UploadID: "U", EntryID: "E", Mainfile: "s.archive.yaml"}, builtin(t), nil)
}

const lab = `definitions:
  name: My lab
  sections:
    MySample:
      base_sections: [nomad.datamodel.metainfo.eln.ELNSample]
      m_annotations: {eln: {lane_width: 600px}}
      quantities:
        thickness: {type: float, unit: nm, default: 3, description: film, m_annotations: {eln: {component: NumberEditQuantity}}}
        kind: {type: {type_kind: enum, type_data: [film, bulk]}}
        curve: {type: np.float64, shape: ['*'], unit: degC}
        parent: {type: MySample}
      sub_sections:
        my_layers: {repeats: true, section: {quantities: {material: {type: str}, above: {type: MyLayers}}}}
    Thin:
      base_section: MySample
      quantities:
        thickness: {default: 1}
      sub_sections:
        first: {section: MySample.MyLayers}
`

func TestSchemaOfTheSpecIsRead(t *testing.T) {
	t.Parallel()
	p, warnings, err := readSchema(t, lab)
	if err != nil || len(warnings) != 0 {
		t.Fatal(err, warnings)
	}
	thin := p.Find("Thin")
	q, _ := thin.Property("thickness")
	if q.Quantity.Unit != "nanometer" || q.Quantity.Default != 1.0 || q.Quantity.Description != "film" {
		t.Errorf("the redefined quantity does not inherit: %+v", q.Quantity)
	}
	if thin.QualifiedName() != "entry_id:E.Thin" || p.Find("MySample.MyLayers").QualifiedName() != "entry_id:E.MySample.MyLayers" {
		t.Errorf("qualified names: %s, %s", thin.QualifiedName(), p.Find("MySample.MyLayers").QualifiedName())
	}
	first, _ := thin.Property("first")
	layers, _ := thin.Property("my_layers")
	if first.SubSection.Section != layers.SubSection.Section || !layers.SubSection.Repeats {
		t.Error("the dotted name finds another section than the inline one")
	}
	eln, _ := builtin(t).Section("nomad.datamodel.metainfo.eln.ELNSample")
	if !thin.Is(eln) || thin.Is(first.SubSection.Section) {
		t.Error("wrong lineage")
	}
	if got := thin.PropertyNames()[0]; got != "name" {
		t.Errorf("inherited members come first, got %s", got)
	}
	for from, want := range map[string]string{
		"E": "#/definitions/section_definitions/0/inner_section_definitions/0",
		"F": "../upload/archive/E#/definitions/section_definitions/0/inner_section_definitions/0",
	} {
		if got := layers.SubSection.Section.Reference("U", from); got != want {
			t.Errorf("reference from %s: %s", from, got)
		}
	}
	if got := thin.Reference("V", "F"); got != "../uploads/U/archive/E#/definitions/section_definitions/1" {
		t.Errorf("reference from another upload: %s", got)
	}
}

func TestStoredDefinitionsReadBackAsTheSameSchema(t *testing.T) {
	t.Parallel()
	p, _, err := readSchema(t, lab)
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(map[string]any{"definitions": p.Stored()})
	if err != nil {
		t.Fatal(err)
	}
	again, warnings, err := readSchema(t, string(text)) // JSON is YAML
	if err != nil || len(warnings) != 0 {
		t.Fatal(err, warnings)
	}
	if again.ID != p.ID || len(p.ID) != 40 {
		t.Errorf("the id %s became %s", p.ID, again.ID)
	}
	twice, _ := json.Marshal(map[string]any{"definitions": again.Stored()})
	if string(twice) != string(text) {
		t.Errorf("got\n%s\nwant\n%s", twice, text)
	}
}

func TestDefinitionIDChangesWithMeaningOnly(t *testing.T) {
	t.Parallel()
	id := func(old, new string) string {
		if !strings.Contains(lab, old) {
			t.Fatalf("%q is not in the schema", old)
		}
		p, _, err := readSchema(t, strings.Replace(lab, old, new, 1))
		if err != nil {
			t.Fatal(err)
		}
		return p.ID
	}
	base := id("", "")
	for old, new := range map[string]string{"description: film": "description: x", "600px": "800px"} {
		if id(old, new) != base {
			t.Errorf("%s → %s changes the id", old, new)
		}
	}
	for old, new := range map[string]string{"unit: nm": "unit: pm", "[film, bulk]": "[film]", "default: 3": "default: 4", "kind:": "sort:", "shape: ['*']": "shape: [3]",
		"eln.ELNSample": "eln.ELNSubstance", "{type: str}": "{type: int}", "repeats: true": "repeats: false"} {
		if id(old, new) == base {
			t.Errorf("%s → %s does not change the id", old, new)
		}
	}
}

func TestWrongDefinitionsNamePlaceAndReason(t *testing.T) {
	t.Parallel()
	section := func(body string) string { return "definitions:\n  sections:\n    A:\n      " + body + "\n" }
	quantity := func(body string) string { return section("quantities: {q: " + body + "}") }
	for text, want := range map[string]string{
		quantity("{type: flaot}"):                                                      `s.archive.yaml:4:30: definitions.sections.A.quantities.q.type: the type is not known: no section "flaot" is known; did you mean float?`,
		quantity("{type: float64}"):                                                    "write np.float64",
		quantity("{type: enum}"):                                                       "type_kind: enum",
		quantity("{type: [float]}"):                                                    "the name of a type is expected, not a list",
		quantity("{unit: nm}"):                                                         "a quantity needs a type",
		quantity("{type: float, unit: nm/}"):                                           `"nm/" is not a unit: it ends too early`,
		quantity("{type: float, unit: 3 nm}"):                                          "a factor 3 cannot stand in a unit",
		quantity("{type: int, default: x}"):                                            `"x" is not a whole number`,
		quantity("{type: float, shape: ['2-3']}"):                                      `"2-3" is not a dimension`,
		quantity("{type: float, shape: 3}"):                                            "a list such as ['*']",
		quantity("{type: {type_kind: enum}}"):                                          "an enum needs type_data",
		quantity("{type: {type_kind: foo}}"):                                           `the type_kind "foo" is not known`,
		quantity("{type: str, m_annotations: {eln: {component: NumberEditQuantity}}}"): "does not fit the type",
		quantity("{type: str, m_annotations: {eln: {component: Foo}}}"):                `the eln component "Foo" is not known`,
		section("quantities: {2x: {type: int}}"):                                       `"2x" is not a name`,
		section("quantities: [{type: int}]"):                                           "needs a name",
		section("quantities: {a: {type: int, aliases: [b]}, b: {type: int}}"):          `defines "b" twice`,
		section("base_sections: [A]"):                                                  "A inherits from itself",
		section("base_sections: [Nothing]"):                                            `no section "Nothing" is known`,
		section("base_sections: [nomad.datamodel.metainfo.eln.ELNSampel]"):             "did you mean nomad.datamodel.metainfo.eln.ELNSample?",
		section("base_sections: [\"../upload/raw/x.archive.yaml#B\"]"):                 "definitions of other entries cannot be used here",
		section("sub_sections: {s: {repeats: true}}"):                                  "a sub-section needs 'section'",
		section("{base_sections: [nomad.datamodel.metainfo.eln.ELNSample], quantities: {components: {type: str}}}"): "cannot become a quantity",
		"definitions: [1]\n":                                 "definitions: a mapping with 'sections' is expected",
		"definitions:\n  sections: {A: 3}\n":                 "a mapping is expected, not 3",
		"definitions:\n  sections: [{name: A}, {name: A}]\n": `the section name "A" is used twice`,
	} {
		_, _, err := readSchema(t, text)
		var issue *source.Issue
		if !errors.As(err, &issue) || issue.Line == 0 || !strings.Contains(err.Error(), want) {
			t.Errorf("%s\n got %v\nwant %s", text, err, want)
		}
	}
}

func TestSeveralWrongDefinitionsAreReportedTogether(t *testing.T) {
	t.Parallel()
	_, _, err := readSchema(t, "definitions:\n  sections:\n    A:\n      quantities:\n        a: {type: x1}\n        b: {type: x2}\n")
	if err == nil || !strings.Contains(err.Error(), "x1") || !strings.Contains(err.Error(), "x2") {
		t.Errorf("got %v", err)
	}
}

func TestDoubtfulDefinitionsAreWarnings(t *testing.T) {
	t.Parallel()
	_, warnings, err := readSchema(t, "definitions:\n  sections:\n    A:\n      quantites: {}\n      quantities:\n        time: {type: float, unit: h}\n        flow: {type: float, unit: sccm}\n")
	if err != nil {
		t.Fatal(err)
	}
	text := fmt.Sprint(warnings)
	for _, want := range []string{"did you mean quantities?", "means planck_constant; write 'hour'", `the unit "sccm" is not known`} {
		if !strings.Contains(text, want) {
			t.Errorf("no warning %q in %s", want, text)
		}
	}
}

func TestUnitsAreSpelledInLongForm(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"nm": "nanometer", "g/mol": "gram / mole", "m**2": "meter ** 2", "atm": "standard_atmosphere", "bohr": "atomic_unit_of_length",
		"rpm": "revolutions_per_minute", "min": "milliinch", "h": "planck_constant", "pH": "picohenry", "dB": "decibyte", "1/cm": "1 / centimeter",
		"m/s^2": "meter / second ** 2", "µm": "micrometer", "um": "micrometer", "mol/L": "mole / liter", "degC": "degree_Celsius", "°C": "degree_Celsius",
		"ohm": "ohm", "torr": "torr", "angstrom": "angstrom", "kg m^2 / s": "kilogram * meter ** 2 / second", "meV": "millielectron_volt",
		"(m/s)**2": "meter ** 2 / second ** 2", "m/m": "dimensionless", "percent": "percent", "mbar": "millibar", "mA/cm**2": "milliampere / centimeter ** 2",
		"Ohm": "Ohm", "Torr": "Torr", "wt%": "wt%", "cm3": "cm3", "K/minute": "kelvin / minute", "dimensionless": "dimensionless",
	} {
		if got, _, err := metainfo.LongUnit(in); got != want || err != nil {
			t.Errorf("%s: %q, %v; want %q", in, got, err, want)
		}
	}
	for _, in := range []string{"", "m/", "*m", "m)", "(m", "m**x", "3 m", "m ** ( 2"} {
		if got, _, err := metainfo.LongUnit(in); err == nil {
			t.Errorf("%q is taken as %q", in, got)
		}
	}
}

func TestLinks(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]metainfo.Link{
		"#/data/steps/0":             {Fragment: "data/steps/0"},
		"/data/steps/0":              {Fragment: "data/steps/0"},
		"#data":                      {Fragment: "data"},
		"../upload/archive/E1#/data": {EntryID: "E1", Fragment: "data"},
		"/upload/archive/E1#/data":   {EntryID: "E1", Fragment: "data"},
		"../upload/archive/mainfile/a/b.archive.yaml#/x":  {Mainfile: "a/b.archive.yaml", Fragment: "x"},
		"../upload/raw/a/b.archive.yaml#MySample":         {Mainfile: "a/b.archive.yaml", Fragment: "MySample"},
		"../uploads/U1/archive/E1#definitions//x":         {UploadID: "U1", EntryID: "E1", Fragment: "definitions/x"},
		"../uploads/U1/raw/a.yaml#/p":                     {UploadID: "U1", Mainfile: "a.yaml", Fragment: "p"},
		"/entries/E1/archive#/p":                          {EntryID: "E1", Fragment: "p"},
		"https://h/n/api/v1/uploads/U1/archive/E1#/p":     {Host: "https://h/n/api/v1", UploadID: "U1", EntryID: "E1", Fragment: "p"},
		"../uploads/U1/archive/mainfile/x.archive.json#p": {UploadID: "U1", Mainfile: "x.archive.json", Fragment: "p"},
	} {
		if got, ok := metainfo.ParseLink(in); !ok || got != want {
			t.Errorf("%s: %+v %v", in, got, ok)
		}
	}
	for _, in := range []string{"", "data", "../upload/archive/E1", "../upload/archive/a/b#/x", "../upload/raw/#x", "#", "https://example.org/x#y", "../other/E1#/x", "/uploads/U1#/x"} {
		if got, ok := metainfo.ParseLink(in); ok {
			t.Errorf("%q is taken as %+v", in, got)
		}
	}
}

func FuzzReadPackage(f *testing.F) {
	f.Add(lab)
	f.Add("definitions: {sections: {A: {base_section: A.B, inner_sections: {B: {base_section: A}}}}}")
	f.Add("definitions: {sections: [{name: A, sub_sections: [{name: s, section: A}], quantities: [{name: q, type: A.s, shape: [0..*]}]}]}")
	reg := builtin(f)
	f.Fuzz(func(t *testing.T, text string) {
		root, err := source.Read("s.archive.yaml", strings.NewReader(text), source.DefaultLimits())
		if err != nil || root.Get("definitions") == nil {
			return
		}
		p, _, err := metainfo.ReadPackage(context.Background(), "s.archive.yaml", root.Get("definitions"), metainfo.Origin{UploadID: "U", EntryID: "E"}, reg, nil)
		if err != nil {
			return
		}
		if _, err := json.Marshal(p.Stored()); err != nil {
			t.Fatalf("what was read cannot be written: %v", err)
		}
	})
}
