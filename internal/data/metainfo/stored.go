package metainfo

// definitionPackage is where the concepts of the schema language itself are defined.
const definitionPackage = "nomad.metainfo.metainfo."

// Stored gives the package in the form in which archives keep definitions
// (spec metainfo-archive.md §3): lists only, types as objects, units in long form.
func (p *Package) Stored() map[string]any {
	out := map[string]any{"m_def": definitionPackage + "Package", "definition_id": p.ID}
	describe(out, p.Name, p.Label, p.Description, p.Links, p.Aliases, nil, nil)
	if len(p.Sections) > 0 {
		out["section_definitions"] = storedSections(p.Sections, "section_definitions")
	}
	return out
}

func describe(out map[string]any, name, label, description string, links, aliases []string, annotations, more map[string]any) {
	for key, text := range map[string]string{"name": name, "label": label, "description": description} {
		if text != "" {
			out[key] = text
		}
	}
	for key, texts := range map[string][]string{"links": links, "aliases": aliases} {
		if len(texts) > 0 {
			out[key] = texts
		}
	}
	for key, value := range more {
		out[key] = value
	}
	if len(annotations) > 0 {
		lists := make(map[string]any, len(annotations))
		for key, a := range annotations {
			if _, isList := a.([]any); !isList {
				a = []any{a}
			}
			lists[key] = a
		}
		out["m_annotations"] = lists
	}
}

func element(kind, place, id string, index int) map[string]any {
	return map[string]any{"m_def": definitionPackage + kind, "m_parent_index": index, "m_parent_sub_section": place, "definition_id": id}
}

func storedSections(sections []*Section, place string) []any {
	list := make([]any, len(sections))
	for i, s := range sections {
		out := element("Section", place, s.ID, i)
		describe(out, s.Name, s.Label, s.Description, s.Links, s.Aliases, s.Annotations, s.More)
		if len(s.Bases) > 0 {
			bases := make([]any, len(s.Bases))
			for j, b := range s.Bases {
				bases[j] = s.refer(b)
			}
			out["base_sections"] = bases
		}
		if s.Extends {
			out["extends_base_section"] = true
		}
		if s.Variable {
			out["variable"] = true
		}
		if len(s.Inner) > 0 {
			out["inner_section_definitions"] = storedSections(s.Inner, "inner_section_definitions")
		}
		if len(s.Quantities) > 0 {
			quantities := make([]any, len(s.Quantities))
			for j, q := range s.Quantities {
				quantities[j] = q.stored(j)
			}
			out["quantities"] = quantities
		}
		if len(s.SubSections) > 0 {
			subs := make([]any, len(s.SubSections))
			for j, sub := range s.SubSections {
				subs[j] = sub.stored(j)
			}
			out["sub_sections"] = subs
		}
		list[i] = out
	}
	return list
}

// refer writes a reference to another section as seen from the entry s stands in.
func (s *Section) refer(to *Section) string {
	return to.Reference(s.pkg.Origin.UploadID, s.pkg.Origin.EntryID)
}

func (q *Quantity) stored(index int) map[string]any {
	out := element("Quantity", "quantities", q.ID(), index)
	describe(out, q.Name, q.Label, q.Description, q.Links, q.Aliases, q.Annotations, q.More)
	o := q.owner.pkg.Origin
	out["type"] = q.Type.Stored(o.UploadID, o.EntryID)
	shape := q.Shape
	if shape == nil {
		shape = []string{}
	}
	out["shape"] = shape
	for key, text := range map[string]string{"unit": q.Unit, "dimensionality": q.Dimensionality} {
		if text != "" {
			out[key] = text
		}
	}
	if q.HasDefault {
		out["default"] = q.Default
	}
	for key, set := range map[string]bool{"flexible_unit": q.Flexible, "virtual": q.Virtual, "variable": q.Variable} {
		if set {
			out[key] = true
		}
	}
	if len(q.Attributes) > 0 {
		out["attributes"] = q.Attributes
	}
	return out
}

func (sub *SubSection) stored(index int) map[string]any {
	out := element("SubSection", "sub_sections", sub.ID(), index)
	describe(out, sub.Name, sub.Label, sub.Description, sub.Links, sub.Aliases, sub.Annotations, sub.More)
	out["sub_section"] = sub.owner.refer(sub.Section)
	if sub.Repeats {
		out["repeats"] = true
	}
	if sub.KeyQuantity != "" {
		out["key_quantity"] = sub.KeyQuantity
	}
	return out
}
