package normalize

import (
	"math"
	"slices"

	"oasis/internal/data/archive"
	"oasis/internal/data/material"
)

// material is results.material, made when first needed.
func (r *run) material() *archive.Section {
	return r.results.Ensure("material")
}

// addElement notes an element, in order of appearance, and its fractions if
// there are any; a later composition of the same element replaces an earlier one.
func (r *run) addElement(p material.Part) {
	m := r.material()
	elements, _ := m.Values["elements"].([]any)
	if !slices.Contains(elements, any(p.Element)) {
		m.Values["elements"] = append(elements, p.Element)
	}
	if math.IsNaN(p.Atomic) && math.IsNaN(p.Mass) {
		return
	}
	var item *archive.Section
	for _, c := range m.Items("elemental_composition") {
		if c.Text("element") == p.Element {
			item = c
		}
	}
	if item == nil {
		item = m.Append("elemental_composition")
		item.Values["element"] = p.Element
	}
	if u, ok := material.Weight(p.Element); ok {
		item.Values["mass"] = u * material.DaltonKilogram
	}
	setFraction(item, "atomic_fraction", p.Atomic)
	setFraction(item, "mass_fraction", p.Mass)
}

func setFraction(s *archive.Section, name string, f float64) {
	if !math.IsNaN(f) && !math.IsInf(f, 0) {
		s.Values[name] = f
	}
}

func fraction(s *archive.Section, name string) float64 {
	if f, ok := s.Number(name); ok {
		return f
	}
	return math.NaN()
}

func partOf(s *archive.Section) material.Part {
	return material.Part{Element: s.Text("element"), Atomic: fraction(s, "atomic_fraction"), Mass: fraction(s, "mass_fraction")}
}

// element notes one line of an elemental composition (spec metainfo-archive.md §8.3).
func (r *run) element(s *archive.Section) {
	p := partOf(s)
	if p.Element == "" {
		return
	}
	if material.Number(p.Element) == 0 {
		r.warn(s, "element", "%q is not the symbol of an element", p.Element)
		return
	}
	r.addElement(p)
}

// system completes an elemental composition from what is given.
func (r *run) system(s *archive.Section) {
	var parts []material.Part
	items := s.Items("elemental_composition")
	for _, item := range items {
		p := partOf(item)
		if material.Number(p.Element) == 0 {
			return
		}
		parts = append(parts, p)
	}
	material.Complete(parts)
	for i, p := range parts {
		setFraction(items[i], "atomic_fraction", p.Atomic)
		setFraction(items[i], "mass_fraction", p.Mass)
		r.addElement(p)
	}
}

// compositeSystem completes the mass fractions of its components and, if no
// composition is given, computes one from the formulas of pure components.
// Components that are other systems stand in other entries and count as unknown.
func (r *run) compositeSystem(s *archive.Section) {
	components := s.Items("components")
	blank, rest := -1, 1.0
	for i, c := range components {
		if f := fraction(c, "mass_fraction"); !math.IsNaN(f) {
			rest -= f
		} else if blank < 0 {
			blank = i
		} else {
			rest = -1
		}
	}
	if blank >= 0 && rest >= 0 && len(components) > 1 {
		components[blank].Values["mass_fraction"] = rest
	}
	if len(components) == 0 || len(s.Items("elemental_composition")) > 0 {
		return
	}
	share := "mass"
	for _, c := range components {
		if _, ok := c.Number("mass"); !ok {
			share = "mass_fraction"
		}
	}
	mixture := make([]material.Ingredient, len(components))
	for i, c := range components {
		mixture[i].Share = math.NaN()
		sub := c.Child("pure_substance")
		if sub == nil || sub.Text("molecular_formula") == "" {
			continue
		}
		f, err := material.Parse(sub.Text("molecular_formula"))
		if err != nil {
			r.warn(sub, "molecular_formula", "%s", err)
			continue
		}
		mixture[i] = material.Ingredient{Share: fraction(c, share), Parts: f.Composition()}
	}
	for _, p := range material.Mix(mixture) {
		if material.Number(p.Element) == 0 {
			continue
		}
		item := s.Append("elemental_composition")
		item.Values["element"] = p.Element
		setFraction(item, "atomic_fraction", p.Atomic)
		setFraction(item, "mass_fraction", p.Mass)
	}
}

func (r *run) pureSubstance(s *archive.Section) {
	at := s.Child("pure_substance")
	if at == nil {
		at = s // generation 2 keeps the formula in the section itself
	}
	r.formula(at, "molecular_formula")
}

func (r *run) formulaSection(s *archive.Section) { r.formula(s, "chemical_formula") }

// formula fills results.material from a formula unless a formula is there (spec §8.3).
func (r *run) formula(s *archive.Section, name string) {
	text := s.Text(name)
	if text == "" {
		return
	}
	f, err := material.Parse(text)
	if err != nil {
		r.warn(s, name, "%s", err)
		return
	}
	for _, unknown := range f.Unknown {
		r.warn(s, name, "%q has %q, which is not the symbol of an element", text, unknown)
	}
	m := r.material()
	spelled := map[string]string{
		"chemical_formula_hill": f.Hill(), "chemical_formula_reduced": f.Reduced(), "chemical_formula_iupac": f.IUPAC(),
		"chemical_formula_anonymous": f.Anonymous(), "chemical_formula_descriptive": text,
	}
	for key := range spelled {
		if m.Text(key) != "" {
			return
		}
	}
	for key, value := range spelled {
		m.Values[key] = value
	}
	for _, p := range f.Composition() {
		r.addElement(p)
	}
}
