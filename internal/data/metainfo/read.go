package metainfo

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"oasis/internal/data/archive/source"
)

var validName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// reading is the work of turning the definitions of one file into a Package.
type reading struct {
	ctx      context.Context
	file     string
	scope    *Scope
	pkg      *Package
	warnings []*source.Issue
	problems []error
	// nodes and paths tell where each section stands; inline maps the node of
	// an inline sub-section to the inner section made from it.
	nodes  map[*Section]*source.Node
	paths  map[*Section]string
	inline map[*source.Node]*Section
	state  map[*Section]uint8
}

const (
	basesBegun uint8 = iota + 1
	basesDone
	membersDone
)

func newReading(ctx context.Context, file string, origin Origin, scope *Scope) *reading {
	return &reading{ctx: ctx, file: file, scope: scope, pkg: &Package{Origin: origin}, nodes: map[*Section]*source.Node{},
		paths: map[*Section]string{}, inline: map[*source.Node]*Section{}, state: map[*Section]uint8{}}
}

// ReadPackage reads the definitions of an archive file. n is the value of
// 'definitions'. Warnings do not prevent use; the error joins one *source.Issue
// per wrong definition and fails the entry (spec metainfo-archive.md §3).
func ReadPackage(ctx context.Context, file string, n *source.Node, origin Origin, builtin *Registry, resolver Resolver) (*Package, []*source.Issue, error) {
	return newReading(ctx, file, origin, &Scope{Builtin: builtin, Resolver: resolver}).read(n)
}

func (r *reading) warn(n *source.Node, path, format string, args ...any) {
	r.warnings = append(r.warnings, &source.Issue{File: r.file, Line: n.Line, Column: n.Column, Path: path, Message: fmt.Sprintf(format, args...)})
}

// mostProblems bounds how many wrong definitions one answer lists.
const mostProblems = 20

func (r *reading) fail(n *source.Node, path, format string, args ...any) {
	if len(r.problems) < mostProblems {
		r.problems = append(r.problems, &source.Issue{File: r.file, Line: n.Line, Column: n.Column, Path: path, Message: fmt.Sprintf(format, args...)})
	}
}

func (r *reading) read(n *source.Node) (*Package, []*source.Issue, error) {
	if n.Kind != source.Map {
		return nil, nil, &source.Issue{File: r.file, Line: n.Line, Column: n.Column, Path: "definitions", Message: "a mapping with 'sections' is expected, not " + n.Describe()}
	}
	p := r.pkg
	r.scope.Local = p
	var sections []member
	for _, f := range n.Fields {
		path := "definitions." + f.Key
		switch f.Key {
		case "name":
			p.Name = r.text(f.Value, path)
		case "label":
			p.Label = r.text(f.Value, path)
		case "description":
			p.Description = r.text(f.Value, path)
		case "aliases":
			p.Aliases = r.texts(f.Value, path)
		case "links":
			p.Links = r.texts(f.Value, path)
		case "sections", "section_definitions", "section_defs":
			sections = append(sections, r.members(f.Value, path)...)
		case "category_definitions", "category_defs", "categories":
		default:
			if !isInternal(f.Key) {
				r.warn(f.Value, path, "not a member of definitions%s", didYouMean(f.Key, []string{"name", "description", "sections", "label", "aliases", "links"}))
			}
		}
	}
	for _, m := range sections {
		if s := r.skeleton(m, nil, len(p.Sections), 0); s != nil {
			p.Sections = append(p.Sections, s)
		}
	}
	r.unique(p.Sections, "definitions")
	for _, step := range []func([]*Section){r.resolveBases, r.readMembers} {
		if len(r.problems) == 0 {
			step(p.Sections)
		}
	}
	if len(r.problems) > 0 {
		return nil, r.warnings, errors.Join(r.problems...)
	}
	if err := identify(p); err != nil {
		return nil, nil, &source.Issue{File: r.file, Path: "definitions", Message: err.Error()}
	}
	return p, r.warnings, nil
}

// isInternal tells whether a key is one of the reserved ones, which are no properties.
func isInternal(key string) bool {
	return strings.HasPrefix(key, "m_") || strings.HasPrefix(key, "a_") || key == "definition_id"
}

// member is a named definition: sections, quantities and sub-sections may be
// given as an object (key = name) or as a list of objects with a name.
type member struct {
	name string
	node *source.Node
	path string
}

func (r *reading) members(n *source.Node, path string) []member {
	var out []member
	switch n.Kind {
	case source.Map:
		for _, f := range n.Fields {
			node := f.Value
			if node.IsNull() { // "MySample:" with nothing below is an empty definition
				node = &source.Node{Kind: source.Map, Line: f.Line, Column: f.Column}
			}
			out = append(out, member{f.Key, node, path + "." + f.Key})
		}
	case source.List:
		for i, item := range n.Items {
			name, ok := item.Get("name").Text()
			if !ok {
				r.fail(item, fmt.Sprintf("%s.%d", path, i), "needs a name")
				continue
			}
			out = append(out, member{name, item, fmt.Sprintf("%s.%d", path, i)})
		}
	default:
		if !n.IsNull() {
			r.fail(n, path, "a mapping or a list is expected, not %s", n.Describe())
		}
	}
	good := out[:0]
	for _, m := range out {
		switch {
		case !validName.MatchString(m.name):
			r.fail(m.node, m.path, "%s is not a name; use letters, digits and '_', not starting with a digit", source.Quote(m.name))
		case m.node.Kind != source.Map:
			r.fail(m.node, m.path, "a mapping is expected, not %s", m.node.Describe())
		default:
			good = append(good, m)
		}
	}
	return good
}

// mostInner bounds how deep sections nest in definitions.
const mostInner = 50

// skeleton makes a section with its inner sections, names and places only.
func (r *reading) skeleton(m member, outer *Section, index, depth int) *Section {
	if depth > mostInner {
		r.fail(m.node, m.path, "sections nest deeper than %d levels", mostInner)
		return nil
	}
	s := &Section{Name: m.name, pkg: r.pkg, outer: outer}
	r.nodes[s], r.paths[s] = m.node, m.path
	if outer == nil {
		s.path = fmt.Sprintf("/definitions/section_definitions/%d", index)
		prefix := r.pkg.Name
		if r.pkg.Origin.EntryID != "" {
			prefix = "entry_id:" + r.pkg.Origin.EntryID
		}
		s.qualified = prefix + "." + m.name
	} else {
		s.path = fmt.Sprintf("%s/inner_section_definitions/%d", outer.path, index)
		s.qualified = outer.qualified + "." + m.name
	}
	for _, f := range m.node.Fields {
		switch f.Key {
		case "aliases":
			s.Aliases = r.texts(f.Value, m.path+".aliases")
		case "inner_section_definitions", "inner_section_defs", "section_defs", "inner_sections", "sections", "section_definitions":
			for _, in := range r.members(f.Value, m.path+"."+f.Key) {
				if inner := r.skeleton(in, s, len(s.Inner), depth+1); inner != nil {
					s.Inner = append(s.Inner, inner)
				}
			}
		case "sub_sections":
			for _, sub := range r.members(f.Value, m.path+"."+f.Key) {
				place := targetOf(sub.node)
				if place == nil || place.Kind != source.Map {
					continue
				}
				in := member{camel(sub.name), place, sub.path + ".section"}
				if inner := r.skeleton(in, s, len(s.Inner), depth+1); inner != nil {
					s.Inner = append(s.Inner, inner)
					r.inline[place] = inner
				}
			}
		}
	}
	r.unique(s.Inner, m.path)
	return s
}

// targetOf gives the section of a sub-section definition under any of its names.
func targetOf(n *source.Node) *source.Node {
	for _, key := range []string{"section", "sub_section", "section_def", "section_definition"} {
		if t := n.Get(key); t != nil {
			return t
		}
	}
	return nil
}

// camel names an inline section after its sub-section: my_layer becomes MyLayer.
func camel(name string) string {
	var b strings.Builder
	for _, word := range strings.Split(name, "_") {
		if word != "" {
			b.WriteString(strings.ToUpper(word[:1]) + word[1:])
		}
	}
	return b.String()
}

func (r *reading) unique(sections []*Section, path string) {
	seen := map[string]bool{}
	for _, s := range sections {
		for _, name := range append([]string{s.Name}, s.Aliases...) {
			if seen[name] {
				r.fail(r.nodes[s], path, "the section name %s is used twice", source.Quote(name))
			}
			seen[name] = true
		}
	}
}

// resolveBases finds the base sections of every section, outer sections first.
func (r *reading) resolveBases(sections []*Section) {
	for _, s := range sections {
		r.bases(s)
		r.resolveBases(s.Inner)
	}
}

func (r *reading) bases(s *Section) {
	if r.state[s] != 0 {
		return
	}
	r.state[s] = basesBegun
	if s.outer != nil {
		r.bases(s.outer)
	}
	n, path := r.nodes[s], r.paths[s]
	for _, key := range []string{"base_sections", "base_section"} {
		given := n.Get(key)
		if given.IsNull() {
			continue
		}
		items := []*source.Node{given}
		if given.Kind == source.List {
			items = given.Items
		}
		for _, item := range items {
			name, ok := item.Text()
			if !ok {
				r.fail(item, path+"."+key, "the name of a section is expected, not %s", item.Describe())
				continue
			}
			base, err := r.scope.lookup(r.ctx, name, s.outer)
			if err != nil {
				r.fail(item, path+"."+key, "%s", err)
				continue
			}
			if base.pkg == r.pkg {
				r.bases(base)
			}
			if base.lineage == nil {
				r.fail(item, path+"."+key, "%s inherits from itself", s.Name)
				continue
			}
			s.Bases = append(s.Bases, base)
		}
	}
	s.descend()
	r.state[s] = basesDone
}
