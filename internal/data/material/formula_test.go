package material_test

import (
	"math"
	"strings"
	"testing"

	"oasis/internal/data/material"
)

// The rows are the table of spec metainfo-archive.md §8.3 and the special cases around it.
func TestFormulaSpellings(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ in, hill, iupac, reduced, anonymous string }{
		{"TiO2", "O2Ti", "TiO2", "O2Ti", "A2B"},
		{"ClNa", "ClNa", "NaCl", "ClNa", "AB"},
		{"C6H12O6", "C6H12O6", "CH2O", "CH2O", "A2BC"},
		{"CaCO3", "CCaO3", "CaCO3", "CCaO3", "A3BC"},
		{"LiFePO4", "FeLiO4P", "LiFePO4", "FeLiO4P", "A4BCD"},
		{"CH3NH3PbI3", "CH6I3NPb", "PbCNH6I3", "CH6I3NPb", "A6B3CDE"},
		{"Al0.5Ga0.5As", "AlAs2Ga", "GaAlAs2", "AlAs2Ga", "A2BC"},
		{"(CH3)2CO", "C3H6O", "C3H6O", "C3H6O", "A6B3C"},
		{"C(2)O(1)", "C2O", "C2O", "C2O", "A2B"},
		{"KHCO3", "CHKO3", "KCHO3", "CHKO3", "A3BCD"},
		{"K2CO3", "CK2O3", "K2CO3", "CK2O3", "A3B2C"},
		{"CuSO4·5H2O", "CuH10O9S", "CuH10SO9", "CuH10O9S", "A10B9CD"},
		{"[Fe(CN)6]", "C6FeN6", "FeC6N6", "C6FeN6", "A6B6C"},
		{" H2O ", "H2O", "H2O", "H2O", "A2B"},
		{"D2O", "H2O", "H2O", "H2O", "A2B"},
		{"Qq2O", "OX2", "OX2", "OX2", "A2B"},
		{"Al0.333Ga0.667As", "Al333As1000Ga667", "Ga667Al333As1000", "Al333As1000Ga667", "A1000B667C333"},
	} {
		f, err := material.Parse(c.in)
		if err != nil {
			t.Errorf("%s: %v", c.in, err)
			continue
		}
		got := [...]string{f.Hill(), f.IUPAC(), f.Reduced(), f.Anonymous()}
		if want := [...]string{c.hill, c.iupac, c.reduced, c.anonymous}; got != want {
			t.Errorf("%s:\n got %q\nwant %q", c.in, got, want)
		}
	}
}

func TestTextThatIsNoFormulaIsRefusedWithASentence(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"":            "empty",
		"tio2":        `unexpected "t"`,
		"Ti(O2":       "a bracket is not closed",
		"TiO2)":       `unexpected ")"`,
		"Ti-O":        `unexpected "-"`,
		"O0":          "at least one atom",
		"H9999999999": "too many atoms",
		// Each count is a number, their product is infinite, and nothing times that was any number at all.
		"((C" + strings.Repeat("9", 200) + ")" + strings.Repeat("9", 200) + ")0H2O": "too many atoms",
		"(C" + strings.Repeat("9", 200) + ")" + strings.Repeat("9", 200) + "H2O":    "too many atoms",
		"H0.00001":                "whole numbers",
		strings.Repeat("(", 99):   "nest deeper",
		strings.Repeat("C", 2000): "longer than",
	} {
		if _, err := material.Parse(in); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.20q: got %v, want %q", in, err, want)
		}
	}
}

func near(a, b float64) bool { return math.Abs(a-b) < 1e-4 || math.IsNaN(a) && math.IsNaN(b) }

func TestCompositionOfWaterByAtomsAndMass(t *testing.T) {
	t.Parallel()
	f, err := material.Parse("H2O")
	if err != nil {
		t.Fatal(err)
	}
	parts := f.Composition()
	if len(parts) != 2 || !near(parts[0].Atomic, 2./3) || !near(parts[0].Mass, 2.016/18.015) || !near(parts[1].Mass, 15.999/18.015) {
		t.Errorf("got %+v", parts)
	}
}

func TestCompleteFillsWhatFollows(t *testing.T) {
	t.Parallel()
	blank := math.NaN()
	for name, c := range map[string]struct{ in, want []material.Part }{
		"one blank, then mass": {
			[]material.Part{{"H", blank, blank}, {"O", 1. / 3, blank}},
			[]material.Part{{"H", 2. / 3, 2.016 / 18.015}, {"O", 1. / 3, 15.999 / 18.015}},
		},
		"from mass": {
			[]material.Part{{"H", blank, 2.016 / 18.015}, {"O", blank, blank}},
			[]material.Part{{"H", 2. / 3, 2.016 / 18.015}, {"O", 1. / 3, 15.999 / 18.015}},
		},
		"two blanks stay": {
			[]material.Part{{"H", blank, blank}, {"O", blank, blank}, {"N", 0.5, blank}},
			[]material.Part{{"H", blank, blank}, {"O", blank, blank}, {"N", 0.5, blank}},
		},
		"more than all stays": {
			[]material.Part{{"H", 1.5, blank}, {"O", blank, blank}},
			[]material.Part{{"H", 1.5, blank}, {"O", blank, blank}},
		},
	} {
		material.Complete(c.in)
		for i := range c.want {
			if !near(c.in[i].Atomic, c.want[i].Atomic) || !near(c.in[i].Mass, c.want[i].Mass) {
				t.Errorf("%s: got %+v, want %+v", name, c.in, c.want)
				break
			}
		}
	}
}

func TestMixOfUnknownSharesHasElementsOnly(t *testing.T) {
	t.Parallel()
	water, _ := material.Parse("H2O")
	salt, _ := material.Parse("NaCl")
	known := material.Mix([]material.Ingredient{{Share: 3, Parts: water.Composition()}, {Share: 1, Parts: salt.Composition()}})
	sum := 0.0
	for _, p := range known {
		sum += p.Mass
	}
	if len(known) != 4 || !near(sum, 1) || !near(known[0].Mass, 0.75*2.016/18.015) {
		t.Errorf("known shares: %+v", known)
	}
	for _, p := range material.Mix([]material.Ingredient{{Share: math.NaN(), Parts: water.Composition()}, {Share: 1, Parts: salt.Composition()}}) {
		if !math.IsNaN(p.Mass) || !math.IsNaN(p.Atomic) {
			t.Errorf("unknown share gave %+v", p)
		}
	}
}

func TestEveryElementHasAWeightThatGrows(t *testing.T) {
	t.Parallel()
	symbols := material.Symbols()
	if len(symbols) != 118 || material.Number("Og") != 118 || material.Number("X") != 0 {
		t.Fatalf("%d elements, Og is %d", len(symbols), material.Number("Og"))
	}
	for i, s := range symbols {
		u, ok := material.Weight(s)
		// An element weighs about 1 to 3.2 units per proton.
		if per := u / float64(i+1); !ok || per < 1 || per > 3.2 {
			t.Errorf("%s: %v units, %v per proton", s, u, per)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"TiO2", "(CH3)2CO", "Al0.5Ga0.5As", "CuSO4·5H2O", "C(2)O(1)", "[Fe(CN)6]4", "D2O", "Xx0.1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		formula, err := material.Parse(text)
		if err != nil {
			return
		}
		// What is written must read back as the same substance.
		for _, spelled := range []string{formula.Hill(), formula.Reduced(), formula.IUPAC()} {
			again, err := material.Parse(spelled)
			if len(spelled) > 1000 {
				continue
			}
			if err != nil || again.Reduced() != formula.Reduced() {
				t.Fatalf("%q became %q: %v", text, spelled, err)
			}
		}
	})
}
