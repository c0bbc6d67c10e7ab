// Package metainfo is the schema language of archives: packages of sections
// with quantities and sub-sections, their types and units, the built-in base
// sections, and the look-up of definitions by name or reference (spec
// metainfo-archive.md §2–§7). Everything here is data; a name in a schema can
// only find what a fixed registry or another archive holds.
package metainfo

import (
	"fmt"
	"slices"
	"strings"
)

// Package is a set of section definitions: one built-in module or the
// definitions of one entry. A package is not changed after it is read.
type Package struct {
	Name, Label, Description string
	Links, Aliases           []string
	Sections                 []*Section
	// ID is the definition_id: a hash of the content, the same for every copy.
	ID string
	// Origin is the entry the package stands in; zero for a built-in one.
	Origin Origin
}

// Origin names the entry that holds a package.
type Origin struct {
	UploadID, EntryID, Mainfile string
}

// Section is a section definition.
type Section struct {
	Name, Label, Description string
	Links, Aliases           []string
	Bases                    []*Section
	Quantities               []*Quantity
	SubSections              []*SubSection
	Inner                    []*Section
	Annotations              map[string]any
	Extends, Variable        bool
	// Open sections take any member unchecked; only built-in ones are.
	Open bool
	// ID is the definition_id, a hash of what the section means.
	ID string
	// More holds members that have no meaning to this program, such as label_quantity or deprecated.
	More map[string]any

	pkg       *Package
	outer     *Section
	qualified string
	path      string // "/definitions/section_definitions/0/…"
	lineage   []*Section
	names     []any
	members   map[string]Property
	order     []Property
}

// Property is a quantity or a sub-section of a section; exactly one is set.
type Property struct {
	Quantity   *Quantity
	SubSection *SubSection
}

// Name is the property's name.
func (p Property) Name() string {
	if p.Quantity != nil {
		return p.Quantity.Name
	}
	return p.SubSection.Name
}

// Quantity is the definition of a value.
type Quantity struct {
	Name, Label, Description string
	Links, Aliases           []string
	Type                     *Type
	Shape                    []string
	// Unit is the long form, UnitText what the schema says.
	Unit, UnitText, Dimensionality string
	// Default is the stored form; HasDefault tells whether there is one.
	Default                     any
	HasDefault                  bool
	Flexible, Virtual, Variable bool
	Attributes                  []any
	Annotations                 map[string]any
	More                        map[string]any

	owner *Section
}

// SubSection is the definition of a place for one or several sections.
type SubSection struct {
	Name, Label, Description string
	Links, Aliases           []string
	Section                  *Section
	Repeats                  bool
	KeyQuantity              string
	Annotations              map[string]any
	More                     map[string]any

	owner *Section
}

// Package is where the section is defined.
func (s *Section) Package() *Package { return s.pkg }

// QualifiedName is package.Section for built-in sections and entry_id:ENTRY.Section for others (spec §2.2).
func (s *Section) QualifiedName() string { return s.qualified }

// QualifiedName is the qualified name of the declaring section, a dot and the name.
func (q *Quantity) QualifiedName() string { return q.owner.qualified + "." + q.Name }

// Owner is the section that declares the quantity.
func (q *Quantity) Owner() *Section { return q.owner }

// Builtin tells whether the section belongs to the fixed registry.
func (s *Section) Builtin() bool { return s.pkg.Origin.EntryID == "" }

// Reference is the stored m_def of an instance in an entry of that upload (spec §2.2).
func (s *Section) Reference(uploadID, entryID string) string {
	o := s.pkg.Origin
	switch {
	case s.Builtin():
		return s.qualified
	case o.EntryID == entryID:
		return "#" + s.path
	case o.UploadID == uploadID:
		return "../upload/archive/" + o.EntryID + "#" + s.path
	}
	return "../uploads/" + o.UploadID + "/archive/" + o.EntryID + "#" + s.path
}

// Lineage is the section and all its direct and indirect bases, nearest first, each once.
func (s *Section) Lineage() []*Section { return s.lineage }

// LineageNames are the qualified names of Lineage; the slice is shared and must not be changed.
func (s *Section) LineageNames() []any { return s.names }

// Is tells whether the section is base or inherits from it.
func (s *Section) Is(base *Section) bool { return slices.Contains(s.lineage, base) }

// Property finds a member, own or inherited, by name or alias.
func (s *Section) Property(name string) (Property, bool) {
	p, ok := s.members[name]
	return p, ok
}

// Properties are all members in definition order, inherited ones first.
func (s *Section) Properties() []Property { return s.order }

// PropertyNames are the names of all members, for suggestions.
func (s *Section) PropertyNames() []string {
	out := make([]string, len(s.order))
	for i, p := range s.order {
		out[i] = p.Name()
	}
	return out
}

// Scalar tells whether the quantity holds one value and not a list.
func (q *Quantity) Scalar() bool { return len(q.Shape) == 0 }

// descend computes the lineage; those of the bases must be there.
func (s *Section) descend() {
	s.lineage = []*Section{s}
	for _, b := range s.Bases {
		for _, l := range b.lineage {
			if !slices.Contains(s.lineage, l) {
				s.lineage = append(s.lineage, l)
			}
		}
	}
	s.names = make([]any, len(s.lineage))
	for i, l := range s.lineage {
		s.names[i] = l.qualified
		s.Open = s.Open || l.Open
	}
}

// settle computes the members and their order; the bases must be settled.
func (s *Section) settle() error {
	s.members = map[string]Property{}
	s.order = nil
	for i := len(s.Bases) - 1; i >= 0; i-- { // the first base wins, so it is written last
		for _, p := range s.Bases[i].order {
			s.put(p, p.Name())
		}
		for name, p := range s.Bases[i].members {
			if name != p.Name() {
				s.members[name] = p
			}
		}
	}
	own := map[string]bool{}
	claim := func(p Property, aliases []string) error {
		for _, name := range append([]string{p.Name()}, aliases...) {
			if own[name] {
				return fmt.Errorf("the section %s defines %q twice", s.Name, name)
			}
			own[name] = true
			s.put(p, name)
		}
		return nil
	}
	for _, q := range s.Quantities {
		if old, ok := s.members[q.Name]; ok && old.SubSection != nil {
			return fmt.Errorf("%s.%s is a sub-section in a base section and cannot become a quantity", s.Name, q.Name)
		}
		if err := claim(Property{Quantity: q}, q.Aliases); err != nil {
			return err
		}
	}
	for _, sub := range s.SubSections {
		if old, ok := s.members[sub.Name]; ok && old.Quantity != nil {
			return fmt.Errorf("%s.%s is a quantity in a base section and cannot become a sub-section", s.Name, sub.Name)
		}
		if err := claim(Property{SubSection: sub}, sub.Aliases); err != nil {
			return err
		}
	}
	return nil
}

func (s *Section) put(p Property, name string) {
	if _, ok := s.members[name]; ok {
		for i := range s.order {
			if s.order[i].Name() == name {
				s.order[i] = p
			}
		}
	} else if name == p.Name() {
		s.order = append(s.order, p)
	}
	s.members[name] = p
}

// inherited finds the member of that name among the bases.
func (s *Section) inherited(name string) (Property, bool) {
	for _, b := range s.Bases {
		if p, ok := b.members[name]; ok {
			return p, true
		}
	}
	return Property{}, false
}

// find resolves a dotted name inside s: inner sections and members of s and its bases.
func (s *Section) find(dotted string) *Section {
	head, rest, more := strings.Cut(dotted, ".")
	family := s.lineage
	if family == nil { // asked while the bases are still being found
		family = []*Section{s}
	}
	for _, l := range family {
		for _, in := range l.Inner {
			if in.Name == head || slices.Contains(in.Aliases, head) {
				if !more {
					return in
				}
				return in.find(rest)
			}
		}
		for _, sub := range l.SubSections {
			if sub.Name == head && sub.Section != nil {
				if !more {
					return sub.Section
				}
				return sub.Section.find(rest)
			}
		}
	}
	return nil
}

// Find resolves a dotted section name of the package; nil if there is none.
func (p *Package) Find(dotted string) *Section {
	head, rest, more := strings.Cut(dotted, ".")
	for _, s := range p.Sections {
		if s.Name == head || slices.Contains(s.Aliases, head) {
			if !more {
				return s
			}
			return s.find(rest)
		}
	}
	return nil
}
