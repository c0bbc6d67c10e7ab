package search

import "strings"

// Type says how the values of a quantity are compared (spec entries.md §3.3).
type Type uint8

// The types.
const (
	Keyword  Type = iota // exact, case-sensitive
	Enum                 // a keyword of a closed set
	Text                 // words, any of them equal
	Segments             // path segments, any of them equal
	Phrase               // words in order, the last as prefix
	Words                // words, any of them equal, the last as prefix
	Int
	Float
	Bool
	Date
	Section // a section name: usable in required, matches nothing
)

// Numeric tells whether values are compared as numbers (dates are milliseconds since 1970).
func (t Type) Numeric() bool { return t == Int || t == Float || t == Date }

// Tokenised tells whether values are matched by their words or segments.
func (t Type) Tokenised() bool { return t == Text || t == Segments || t == Phrase || t == Words }

// Guard names who sees the values of a quantity.
type Guard uint8

// The guards.
const (
	// GuardNone: whoever sees the entry.
	GuardNone Guard = iota
	// GuardFull: not for those who see an embargoed entry of others only because its
	// citation is public (owner=all).
	GuardFull
	// GuardMembers: members of the upload and admins.
	GuardMembers
)

// Form is a conversion that is applied to the value of a condition before it is compared.
type Form uint8

// The forms of chemical formulas that conditions are converted to.
const (
	AsGiven Form = iota
	Hill
	IUPAC
)

// Quantity is a row of the catalogue: something that can be searched.
type Quantity struct {
	// Name is the full dotted name; for a custom-schema quantity it is data.path#schema without the type.
	Name string
	Type Type
	// Path is where the values stand in a document; it differs from Name for a second
	// reading of the same values, such as mainfile.path.
	Path string
	// Nested is the path of the innermost nested section around it, "" = none.
	Nested string
	// List: an entry, or an item of the nested section, can have several values.
	List bool
	// Aggregatable by terms.
	Aggregatable bool
	// AllByDefault: repeated GET parameters mean AND.
	AllByDefault bool
	// Size is the default number of buckets.
	Size int
	// Form converts the values of conditions.
	Form Form
	// OfUpload: the values come from UploadFacts, not from the entry's document.
	OfUpload bool
	// Dynamic: a custom-schema quantity (spec search-quantities.md §6).
	Dynamic bool
	// Guard names who sees its values.
	Guard Guard
}

// Lookup gives the static quantity of that name.
func Lookup(name string) (*Quantity, bool) {
	q, ok := catalogue.byName[name]
	return q, ok
}

// NestedPaths gives the nested sections, outer ones before inner ones.
func NestedPaths() []string { return nestedSections }

// ParentSection gives the nested section around a nested section, "" = none.
func ParentSection(path string) string {
	parent := ""
	for _, other := range nestedSections {
		if strings.HasPrefix(path, other+".") {
			parent = other
		}
	}
	return parent
}

// Field is a node of the tree of paths that an engine walks along with a document.
type Field struct {
	// Path is the full path.
	Path string
	// Nested: each item here is an item of its own.
	Nested bool
	// Quantities read the values at this path.
	Quantities []*Quantity
	// Fields are the members that hold quantities.
	Fields map[string]*Field
}

// Fields gives the root of the tree of all paths that hold static quantities of the entry's part.
func Fields() *Field { return catalogue.root }

type index struct {
	byName map[string]*Quantity
	// sections are the paths that stand before a name.
	sections map[string]bool
	root     *Field
}

var catalogue = buildCatalogue()

func buildCatalogue() index {
	c := index{byName: map[string]*Quantity{}, sections: map[string]bool{}, root: &Field{Fields: map[string]*Field{}}}
	for _, group := range table() {
		for _, row := range group.rows {
			q := row
			q.Name = group.prefix + q.Name
			q.complete()
			c.byName[q.Name] = &q
			for i, r := range q.Name {
				if r == '.' {
					c.sections[q.Name[:i]] = true
				}
			}
			if !q.OfUpload && q.Type != Section {
				f := c.root.at(q.Path)
				f.Quantities = append(f.Quantities, &q)
			}
		}
	}
	for _, path := range nestedSections {
		c.root.at(path).Nested = true
	}
	return c
}

func (q *Quantity) complete() {
	if q.Path == "" {
		q.Path = q.Name
	}
	if q.Size == 0 {
		q.Size = 10
	}
	q.Aggregatable = q.Aggregatable || q.Type == Bool || q.Type == Enum || q.Type == Keyword
	for _, path := range nestedSections {
		if strings.HasPrefix(q.Path, path+".") {
			q.Nested = path // outer ones come first: the last match is the innermost
		}
	}
}

func (f *Field) at(path string) *Field {
	for name := range strings.SplitSeq(path, ".") {
		next := f.Fields[name]
		if next == nil {
			next = &Field{Fields: map[string]*Field{}, Path: strings.TrimPrefix(f.Path+"."+name, ".")}
			f.Fields[name] = next
		}
		f = next
	}
	return f
}

// SectionGuard gives the guard of a nested section: that of its quantities, which share one.
func SectionGuard(path string) Guard {
	for _, q := range catalogue.byName {
		if q.Nested == path {
			return q.Guard
		}
	}
	return GuardNone
}
