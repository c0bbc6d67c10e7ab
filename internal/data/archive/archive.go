// Package archive is the tree of one entry: sections that know their
// definitions, on top of the plain JSON form that is stored and answered. It
// builds the tree from a source file, reads it by path, and collects what
// search needs from it (spec metainfo-archive.md §1–§2, search-quantities.md §5–§6).
package archive

import (
	"strconv"
	"strings"

	"oasis/internal/data/archive/source"
	"oasis/internal/data/metainfo"
)

// Archive is the tree of one entry.
type Archive struct {
	Root *Section
	// Warnings tell what in the source does not fit the definitions.
	Warnings []*source.Issue
	// References are those that leave the entry, in the order of the source.
	References []Reference
	place      Place
}

// Place is the entry an archive belongs to.
type Place struct {
	UploadID, EntryID string
	// EntryIDOf gives the id that a main file of the same upload has as an entry.
	EntryIDOf func(mainfile string) string
}

// Reference is a reference from a quantity of this entry to another entry.
type Reference struct {
	Link metainfo.Link
	// Target is the stored form.
	Target string
	// Mainfile is the target's main file if the source named it.
	Mainfile string
	// Path is the dotted archive path of the quantity without indices.
	Path     string
	Quantity *metainfo.Quantity
}

// Section is one section of an archive.
type Section struct {
	Def *metainfo.Section
	// Values is the stored form: the values of sub-sections in it are the
	// Values of Children, so that a change in one shows in both.
	Values   map[string]any
	Parent   *Section
	Children []*Section
	// Property is the name of the sub-section this section stands in; "" for the root.
	Property string
	// Index is the place in a repeating sub-section, else −1.
	Index int
	// Line and Column tell where the section stands in the source; 0 if nowhere.
	Line, Column int
}

// Path is the place with indices, such as data/steps/0; "" for the root.
func (s *Section) Path() string {
	if s.Parent == nil {
		return ""
	}
	path := s.Property
	if s.Index >= 0 {
		path += "/" + strconv.Itoa(s.Index)
	}
	if up := s.Parent.Path(); up != "" {
		return up + "/" + path
	}
	return path
}

// Text gives a text quantity; "" if unset.
func (s *Section) Text(name string) string {
	text, _ := s.Values[name].(string)
	return text
}

// Number gives a numeric quantity.
func (s *Section) Number(name string) (float64, bool) {
	switch v := s.Values[name].(type) {
	case float64:
		return v, true
	case int64:
		return float64(v), true
	}
	return 0, false
}

// Texts gives a quantity that is a list of texts, or a single text as a list of one.
func (s *Section) Texts(name string) []string {
	switch v := s.Values[name].(type) {
	case string:
		return []string{v}
	case []string:
		return v
	case []any:
		out := make([]string, 0, len(v))
		for _, item := range v {
			if text, ok := item.(string); ok {
				out = append(out, text)
			}
		}
		return out
	}
	return nil
}

// Child gives the non-repeating sub-section; nil if unset.
func (s *Section) Child(name string) *Section {
	for _, c := range s.Children {
		if c.Property == name && c.Index < 0 {
			return c
		}
	}
	return nil
}

// Items gives the sections of a repeating sub-section, gaps left out.
func (s *Section) Items(name string) []*Section {
	var out []*Section
	for _, c := range s.Children {
		if c.Property == name && c.Index >= 0 {
			out = append(out, c)
		}
	}
	return out
}

// Ensure gives the non-repeating sub-section and makes it first if needed;
// nil if the definition has no such sub-section.
func (s *Section) Ensure(name string) *Section {
	if c := s.Child(name); c != nil {
		return c
	}
	p, ok := s.Def.Property(name)
	if !ok || p.SubSection == nil || p.SubSection.Repeats {
		return nil
	}
	c := &Section{Def: p.SubSection.Section, Values: map[string]any{}, Parent: s, Property: name, Index: -1}
	s.Children = append(s.Children, c)
	s.Values[name] = c.Values
	return c
}

// Append adds an empty section to a repeating sub-section; nil if the
// definition has no such sub-section.
func (s *Section) Append(name string) *Section {
	p, ok := s.Def.Property(name)
	if !ok || p.SubSection == nil || !p.SubSection.Repeats {
		return nil
	}
	list, _ := s.Values[name].([]any)
	c := &Section{Def: p.SubSection.Section, Values: map[string]any{}, Parent: s, Property: name, Index: len(list)}
	s.Children = append(s.Children, c)
	s.Values[name] = append(list, c.Values)
	return c
}

// Lookup reads a stored archive by path: names and indices separated by '/' or
// '.', such as data/steps/0/name. Negative indices count from the end.
func Lookup(stored any, path string) (any, bool) {
	at := stored
	for _, part := range strings.FieldsFunc(path, func(r rune) bool { return r == '/' || r == '.' }) {
		switch v := at.(type) {
		case map[string]any:
			next, ok := v[part]
			if !ok {
				return nil, false
			}
			at = next
		case []any:
			i, err := strconv.Atoi(part)
			if i < 0 {
				i += len(v)
			}
			if err != nil || i < 0 || i >= len(v) {
				return nil, false
			}
			at = v[i]
		default:
			return nil, false
		}
	}
	return at, true
}

// Walk calls visit for every section below the root, children before their
// parents, as normalisation needs it (spec metainfo-archive.md §8.1).
func (s *Section) Walk(visit func(*Section) error) error {
	// Visits may append siblings, which are then visited too.
	for i := 0; i < len(s.Children); i++ {
		if err := s.Children[i].Walk(visit); err != nil {
			return err
		}
		if err := visit(s.Children[i]); err != nil {
			return err
		}
	}
	return nil
}
