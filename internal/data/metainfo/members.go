package metainfo

import (
	"fmt"
	"regexp"
	"sort"
	"strconv"
	"strings"

	"oasis/internal/data/archive/source"
)

var validDimension = regexp.MustCompile(`^(\*|\d+|\d+\.\.(\d+|\*)|[A-Za-z_][A-Za-z0-9_]*)$`)

func (r *reading) text(n *source.Node, path string) string {
	s, ok := scalarText(n)
	if !ok && !n.IsNull() {
		r.fail(n, path, "a text is expected, not %s", n.Describe())
	}
	return s
}

func (r *reading) texts(n *source.Node, path string) []string {
	items := []*source.Node{n}
	if n.IsNull() {
		return nil
	}
	if n.Kind == source.List {
		items = n.Items
	}
	out := make([]string, len(items))
	for i, item := range items {
		out[i] = r.text(item, path)
	}
	return out
}

func (r *reading) flag(n *source.Node, path string) bool {
	v, problem := boolean(n)
	if problem != "" && !n.IsNull() {
		r.fail(n, path, "%s", problem)
	}
	b, _ := v.(bool)
	return b
}

// annotations reads m_annotations and a_key members; a list of one annotation is taken as that one.
func (r *reading) annotations(n *source.Node, path string) map[string]any {
	var out map[string]any
	put := func(key string, v *source.Node) {
		if v.Kind == source.List && len(v.Items) == 1 {
			v = v.Items[0]
		}
		if out == nil {
			out = map[string]any{}
		}
		out[key] = v.Plain()
	}
	for _, f := range n.Fields {
		switch {
		case f.Key == "m_annotations" && f.Value.Kind == source.Map:
			for _, a := range f.Value.Fields {
				put(a.Key, a.Value)
			}
		case f.Key == "m_annotations" && !f.Value.IsNull():
			r.fail(f.Value, path+".m_annotations", "a mapping is expected, not %s", f.Value.Describe())
		case strings.HasPrefix(f.Key, "a_"):
			put(f.Key[2:], f.Value)
		}
	}
	return out
}

// unknown keeps a member of a definition that has no meaning here, and says so.
func (r *reading) unknown(more *map[string]any, f source.Field, path, what string, names []string) {
	if isInternal(f.Key) {
		return
	}
	if *more == nil {
		*more = map[string]any{}
	}
	(*more)[f.Key] = f.Value.Plain()
	switch f.Key {
	case "more", "categories", "deprecated", "label_quantity", "variable", "validate", "is_scalar", "constraints", "event_handlers":
		return
	}
	r.warn(&source.Node{Line: f.Line, Column: f.Column}, path+"."+f.Key, "not a member of a %s definition; it is kept without effect%s", what, didYouMean(f.Key, names))
}

// readMembers reads quantities and sub-sections of every section, bases first.
func (r *reading) readMembers(sections []*Section) {
	for _, s := range sections {
		r.section(s)
		r.readMembers(s.Inner)
	}
}

func (r *reading) section(s *Section) {
	if r.state[s] == membersDone || s.pkg != r.pkg {
		return
	}
	for _, b := range s.Bases {
		r.section(b)
	}
	r.state[s] = membersDone
	n, path := r.nodes[s], r.paths[s]
	s.Annotations = r.annotations(n, path)
	for _, f := range n.Fields {
		at := path + "." + f.Key
		switch f.Key {
		case "name", "aliases", "base_section", "base_sections", "inner_section_definitions", "inner_section_defs", "section_defs", "inner_sections", "sections", "section_definitions":
		case "label":
			s.Label = r.text(f.Value, at)
		case "description":
			s.Description = r.text(f.Value, at)
		case "links":
			s.Links = r.texts(f.Value, at)
		case "extends_base_section":
			s.Extends = r.flag(f.Value, at)
		case "variable":
			s.Variable = r.flag(f.Value, at)
		case "open":
			s.Open = s.Open || s.Builtin() && f.Value.Value == true
		case "quantities":
			for _, m := range r.members(f.Value, at) {
				s.Quantities = append(s.Quantities, r.quantity(s, m))
			}
		case "sub_sections":
			for _, m := range r.members(f.Value, at) {
				s.SubSections = append(s.SubSections, r.subSection(s, m))
			}
		case "attributes":
			if s.More == nil {
				s.More = map[string]any{}
			}
			s.More[f.Key] = f.Value.Plain()
		default:
			r.unknown(&s.More, f, path, "section", []string{"base_sections", "quantities", "sub_sections", "inner_section_definitions", "attributes", "description", "label", "aliases", "links", "extends_base_section"})
		}
	}
	if err := s.settle(); err != nil {
		r.fail(n, path, "%s", err)
	}
}

func (r *reading) quantity(s *Section, m member) *Quantity {
	q := &Quantity{}
	if old, ok := s.inherited(m.name); ok && old.Quantity != nil {
		*q = *old.Quantity // a redefinition inherits what it does not set
	}
	q.Name, q.owner = m.name, s
	if a := r.annotations(m.node, m.path); a != nil {
		q.Annotations = a
	}
	var def *source.Node
	for _, f := range m.node.Fields {
		at := m.path + "." + f.Key
		switch f.Key {
		case "name":
		case "type":
			q.Type = r.quantityType(s, f.Value, at)
		case "shape":
			q.Shape = r.shape(f.Value, at)
		case "unit":
			r.unit(q, f.Value, at)
		case "dimensionality":
			q.Dimensionality = r.text(f.Value, at)
		case "default":
			def = f.Value
		case "label":
			q.Label = r.text(f.Value, at)
		case "description":
			q.Description = r.text(f.Value, at)
		case "links":
			q.Links = r.texts(f.Value, at)
		case "aliases":
			q.Aliases = r.texts(f.Value, at)
		case "flexible_unit":
			q.Flexible = r.flag(f.Value, at)
		case "virtual":
			q.Virtual = r.flag(f.Value, at)
		case "variable":
			q.Variable = r.flag(f.Value, at)
		case "attributes":
			q.Attributes, _ = f.Value.Plain().([]any)
		default:
			r.unknown(&q.More, f, m.path, "quantity", []string{"type", "shape", "unit", "default", "description", "dimensionality", "flexible_unit", "aliases", "label"})
		}
	}
	if q.Type == nil {
		if m.node.Get("type") == nil {
			r.fail(m.node, m.path, "a quantity needs a type, such as float, str or Datetime")
		}
		q.Type = &Type{Kind: Any} // so that the other members are still checked
		return q
	}
	if len(q.Shape) > 1 && q.Type.storedKind != "numpy" {
		r.warn(m.node, m.path, "a quantity with more than one dimension should have a np. type")
	}
	if !def.IsNull() {
		v, problem := q.Convert(def)
		if problem != "" {
			r.fail(def, m.path+".default", "%s", problem)
		}
		q.Default, q.HasDefault = v, true
	}
	r.component(q, m)
	return q
}

func (r *reading) unit(q *Quantity, n *source.Node, path string) {
	text := r.text(n, path)
	if text == "" {
		return
	}
	long, warnings, err := LongUnit(text)
	if err != nil {
		r.fail(n, path, "%s", err)
		return
	}
	q.Unit, q.UnitText = long, text
	for _, w := range warnings {
		r.warn(n, path, "%s", w)
	}
}

func (r *reading) shape(n *source.Node, path string) []string {
	if n.IsNull() {
		return nil
	}
	if n.Kind != source.List {
		r.fail(n, path, "a list such as ['*'] or [3] is expected, not %s", n.Describe())
		return nil
	}
	var out []string
	for _, item := range n.Items {
		dim, ok := scalarText(item)
		if !ok || !validDimension.MatchString(dim) {
			r.fail(item, path, "%s is not a dimension; write a number, '*', 1..*, 0..* or the name of a quantity", item.Describe())
			continue
		}
		out = append(out, dim)
	}
	return out
}

func (r *reading) quantityType(s *Section, n *source.Node, path string) *Type {
	name, isText := n.Text()
	var problem string
	switch {
	case n.Kind == source.Map:
		t, ok, wrong := objectType(n)
		if ok {
			return t
		}
		problem = wrong
		if wrong == "" {
			if name, isText = n.Get("type_data").Text(); !isText {
				problem = "type_data must name a section"
			}
			kind, _ := n.Get("type_kind").Text()
			if kind == "quantity_reference" {
				return &Type{Kind: QuantityReference, storedKind: kind, storedData: name}
			}
		}
	case !isText:
		problem = fmt.Sprintf("the name of a type is expected, not %s", n.Describe())
	}
	if problem != "" {
		r.fail(n, path, "%s", problem)
		return nil
	}
	if t, ok := primitiveType(name); ok {
		lower := strings.ToLower(name) == name
		if lower || s.find(name) == nil && r.pkg.Find(name) == nil {
			return t
		}
	}
	target, err := r.scope.lookup(r.ctx, name, s)
	if err != nil {
		if instead, ok := otherSpelling[strings.ToLower(name)]; ok {
			r.fail(n, path, "the type %s is not known; write %s", source.Quote(name), instead)
			return nil
		}
		if strings.Contains(name, "#/") && strings.Contains(name, "/quantities/") {
			return &Type{Kind: QuantityReference, storedKind: "quantity_reference", storedData: name}
		}
		near := ""
		if !strings.ContainsAny(name, "./#") {
			names := make([]string, 0, len(primitives))
			for p := range primitives {
				names = append(names, p)
			}
			sort.Strings(names)
			near = didYouMean(name, names)
		}
		r.fail(n, path, "the type is not known: %s%s", err, near)
		return nil
	}
	t := &Type{Kind: Reference, storedKind: "reference"}
	if target.qualified != anySection {
		t.Target = target
	}
	return t
}

func (r *reading) subSection(s *Section, m member) *SubSection {
	sub := &SubSection{}
	if old, ok := s.inherited(m.name); ok && old.SubSection != nil {
		*sub = *old.SubSection
	}
	sub.Name, sub.owner = m.name, s
	if a := r.annotations(m.node, m.path); a != nil {
		sub.Annotations = a
	}
	for _, f := range m.node.Fields {
		at := m.path + "." + f.Key
		switch f.Key {
		case "name":
		case "section", "sub_section", "section_def", "section_definition":
			sub.Section = r.target(s, f.Value, at)
		case "repeats":
			sub.Repeats = r.flag(f.Value, at)
		case "key_quantity":
			sub.KeyQuantity = r.text(f.Value, at)
		case "label":
			sub.Label = r.text(f.Value, at)
		case "description":
			sub.Description = r.text(f.Value, at)
		case "links":
			sub.Links = r.texts(f.Value, at)
		case "aliases":
			sub.Aliases = r.texts(f.Value, at)
		default:
			r.unknown(&sub.More, f, m.path, "sub-section", []string{"section", "repeats", "key_quantity", "description", "label", "aliases"})
		}
	}
	if sub.Section == nil {
		if targetOf(m.node) == nil {
			r.fail(m.node, m.path, "a sub-section needs 'section': the name of a section, or the section itself")
		}
		sub.Section = s
	}
	return sub
}

func (r *reading) target(s *Section, n *source.Node, path string) *Section {
	if in, ok := r.inline[n]; ok {
		return in
	}
	name, ok := n.Text()
	if !ok {
		r.fail(n, path, "the name of a section or a section is expected, not %s", n.Describe())
		return nil
	}
	found, err := r.scope.lookup(r.ctx, name, s)
	if err != nil {
		r.fail(n, path, "%s", err)
		return nil
	}
	return found
}

// components are the ELN edit components by the types they fit (spec metainfo-archive.md §6).
var components = map[TypeKind]string{
	Text: " String URL File RichText Enum ", Bool: " Bool Action ", Int: " Number Slider ", Float: " Number Slider ", Datetime: " DateTime Date Time ",
	Enum: " Enum Autocomplete RadioEnum ", User: " Author User ", Author: " Author User ", Reference: " Reference ", Query: " Query ",
}

// component refuses an eln component that does not fit the quantity's type.
func (r *reading) component(q *Quantity, m member) {
	eln, _ := q.Annotations["eln"].(map[string]any)
	name, _ := eln["component"].(string)
	if name == "" {
		return
	}
	short := strings.TrimSuffix(name, "EditQuantity")
	known := false
	for _, fit := range components {
		known = known || strings.Contains(fit, " "+short+" ")
	}
	switch {
	case short == name || !known:
		r.fail(m.node, m.path, "the eln component %s is not known", source.Quote(name))
	case !strings.Contains(components[q.Type.Kind], " "+short+" "):
		r.fail(m.node, m.path, "the eln component %s does not fit the type; use one of%s(with EditQuantity behind)", name, components[q.Type.Kind])
	case len(q.Shape) > 1:
		r.fail(m.node, m.path, "eln components exist for single values and lists only, not for %s dimensions", strconv.Itoa(len(q.Shape)))
	}
}
