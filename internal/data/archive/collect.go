package archive

import (
	"html"
	"sort"
	"strconv"
	"strings"

	"oasis/internal/data/metainfo"
)

// Facts is what the search document says about the whole tree.
type Facts struct {
	// Quantities are the dotted paths that occur, without indices, "" included; sorted.
	Quantities []string
	// Sections are the qualified names of used sections, sorted; SectionDefs also tell their base sections.
	Sections    []string
	SectionDefs []any
	// SearchQuantities are the scalar values under data (spec search-quantities.md §6).
	SearchQuantities []any
	// EntryReferences are the references that leave the entry.
	EntryReferences []any
	// Texts is the free-text bag (spec search-quantities.md §5).
	Texts []string
	// NQuantities is the number of set properties.
	NQuantities int
}

const (
	mostTexts   = 10_000
	longestText = 500
	// mostItems bounds search quantities and references: an entry with more is
	// bulk data, which is read from its archive and not searched value by value.
	mostItems = 10_000
)

type collector struct {
	facts      Facts
	quantities map[string]bool
	sections   map[*metainfo.Section]bool
	texts      map[string]bool
}

// Collect walks the tree once and gives its facts. extra are parts of the
// archive that are no sections of the tree, such as metadata and definitions.
func (a *Archive) Collect(extra map[string]any) Facts {
	c := &collector{quantities: map[string]bool{"": true}, sections: map[*metainfo.Section]bool{}, texts: map[string]bool{}}
	c.section(a.Root, "", nil, false)
	for name, part := range extra {
		c.plain(part, name)
	}
	for path := range c.quantities {
		c.facts.Quantities = append(c.facts.Quantities, path)
	}
	sort.Strings(c.facts.Quantities)
	c.definitions()
	for _, r := range a.References[:min(len(a.References), mostItems)] {
		c.facts.EntryReferences = append(c.facts.EntryReferences, a.entryReference(r))
	}
	return c.facts
}

// segment is one step of the path of a search quantity with the definitions of the section it is taken in.
type segment struct {
	path  string
	names []any
}

func (c *collector) section(s *Section, path string, segments []segment, inData bool) {
	c.sections[s.Def] = true
	for _, p := range s.Def.Properties() { // in definition order, so that the result is the same each time
		v, set := s.Values[p.Name()]
		if !set || p.Quantity == nil {
			continue
		}
		at := join(path, p.Quantity.Name)
		c.facts.NQuantities++
		c.quantities[at] = true
		if inData {
			c.quantity(s, p.Quantity, v, at, segments)
		}
	}
	for key, v := range s.Values {
		if _, known := s.Def.Property(key); !known && !strings.HasPrefix(key, "m_") && !strings.HasPrefix(key, "a_") {
			c.plain(v, join(path, key))
		}
	}
	for _, child := range s.Children {
		at := join(path, child.Property)
		c.facts.NQuantities++
		c.quantities[at] = true
		next, data := segments, inData
		if s.Parent == nil {
			data = child.Property == "data"
			next = nil
		} else if inData {
			next = append(segments[:len(segments):len(segments)], segment{child.Property, s.Def.LineageNames()})
		}
		c.section(child, at, next, data)
	}
}

// plain counts the members of a part that has no definition.
func (c *collector) plain(v any, path string) {
	c.facts.NQuantities++
	c.quantities[path] = true
	switch v := v.(type) {
	case map[string]any:
		for key, item := range v {
			if !strings.HasPrefix(key, "m_") {
				c.plain(item, join(path, key))
			}
		}
	case []any:
		for _, item := range v {
			if m, ok := item.(map[string]any); ok {
				for key, member := range m {
					if !strings.HasPrefix(key, "m_") {
						c.plain(member, join(path, key))
					}
				}
			}
		}
	}
}

func (c *collector) quantity(s *Section, q *metainfo.Quantity, v any, path string, segments []segment) {
	kind := q.Type.SearchType()
	if kind == "" {
		return
	}
	if full, ok := v.(map[string]any); ok {
		v = full["m_value"]
	}
	if kind == "str" {
		c.text(v)
	}
	if !q.Scalar() || v == nil || len(c.facts.SearchQuantities) >= mostItems {
		return
	}
	segments = append(segments[:len(segments):len(segments)], segment{q.Name, s.Def.LineageNames()})
	steps := make(map[string]any, len(segments))
	for i, seg := range segments {
		steps[strconv.Itoa(i+1)] = map[string]any{"path": seg.path, "definitions": seg.names}
	}
	top := s
	for top.Parent != nil && top.Parent.Parent != nil {
		top = top.Parent
	}
	c.facts.SearchQuantities = append(c.facts.SearchQuantities, map[string]any{
		"id": path + "#" + top.Def.QualifiedName(), "definition": q.QualifiedName(),
		"path_archive": strings.ReplaceAll(s.Path(), "/", ".") + "." + q.Name, "segments": steps, kind + "_value": v,
	})
}

func (c *collector) text(v any) {
	switch v := v.(type) {
	case string:
		c.addText(v)
	case []any:
		for _, item := range v {
			c.text(item)
		}
	}
}

func (c *collector) addText(s string) {
	if s = FreeText(s); s != "" && len(c.texts) < mostTexts && !c.texts[s] {
		c.texts[s] = true
		c.facts.Texts = append(c.facts.Texts, s)
	}
}

// FreeText is a text as the free-text search keeps it: without HTML tags,
// trimmed, cut to 500 characters; "" if nothing is left.
func FreeText(s string) string {
	if strings.ContainsRune(s, '<') || strings.ContainsRune(s, '&') {
		s = strings.Join(strings.Fields(html.UnescapeString(stripTags(s))), " ")
	}
	s = strings.TrimSpace(s)
	if len(s) > longestText {
		if r := []rune(s); len(r) > longestText {
			s = strings.TrimSpace(string(r[:longestText]))
		}
	}
	return s
}

// stripTags leaves a blank where a tag was; a '<' that opens no tag stays.
func stripTags(s string) string {
	var b strings.Builder
	for {
		at := strings.IndexByte(s, '<')
		if at < 0 || at+1 >= len(s) {
			b.WriteString(s)
			return b.String()
		}
		end := strings.IndexByte(s[at:], '>')
		if c := s[at+1] | 0x20; end < 0 || (c < 'a' || c > 'z') && s[at+1] != '/' && s[at+1] != '!' {
			b.WriteString(s[:at+1])
			s = s[at+1:]
			continue
		}
		b.WriteString(s[:at])
		b.WriteByte(' ')
		s = s[at+end+1:]
	}
}

// definitions lists used sections and, as not used directly, their bases.
func (c *collector) definitions() {
	direct := map[*metainfo.Section]bool{}
	for s := range c.sections {
		for _, l := range s.Lineage() {
			direct[l] = direct[l] || c.sections[l]
		}
	}
	all := make([]*metainfo.Section, 0, len(direct))
	for s := range direct {
		all = append(all, s)
	}
	sort.Slice(all, func(i, j int) bool { return all[i].QualifiedName() < all[j].QualifiedName() })
	for _, s := range all {
		if direct[s] {
			c.facts.Sections = append(c.facts.Sections, s.QualifiedName())
		}
		c.facts.SectionDefs = append(c.facts.SectionDefs, map[string]any{
			"definition_qualified_name": s.QualifiedName(), "definition_id": s.ID, "used_directly": direct[s],
		})
	}
}

func (a *Archive) entryReference(r Reference) map[string]any {
	upload := r.Link.UploadID
	if upload == "" && r.Link.Host == "" && (r.Link.EntryID != "" || r.Mainfile != "") {
		upload = a.place.UploadID
	}
	parts := strings.Split(r.Link.Fragment, "/")
	name := ""
	for _, p := range parts {
		if _, err := strconv.Atoi(p); err != nil {
			name = p
		}
	}
	source := strings.Split(r.Path, ".")
	out := map[string]any{
		"target_reference": r.Target, "target_path": r.Link.Fragment, "target_name": name,
		"source_name": source[len(source)-1], "source_path": r.Path, "source_quantity": r.Quantity.QualifiedName(),
	}
	for key, v := range map[string]string{"target_entry_id": r.Link.EntryID, "target_upload_id": upload, "target_mainfile": r.Mainfile} {
		if v != "" {
			out[key] = v
		}
	}
	return out
}
