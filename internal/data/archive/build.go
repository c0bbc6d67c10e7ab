package archive

import (
	"context"
	"fmt"
	"sort"
	"strings"

	"oasis/internal/data/archive/source"
	"oasis/internal/data/metainfo"
)

// Input is what Build needs besides the source tree.
type Input struct {
	// File is the name that messages give.
	File  string
	Place Place
	// Scope is where m_def is looked up.
	Scope *metainfo.Scope
	// Root is the definition of the top level.
	Root *metainfo.Section
	// Skip are top-level keys that the caller reads itself.
	Skip []string
}

// Build makes the archive tree of a source file. Values that do not fit their
// definition are left out and kept under m_annotations.invalid; members without
// a definition are kept as given; both are warnings (spec metainfo-archive.md
// §16.4, §16.5). An error, always an *source.Issue, means that the section of
// data cannot be found.
func Build(ctx context.Context, in Input, root *source.Node) (*Archive, error) {
	b := &builder{ctx: ctx, in: in, archive: &Archive{place: in.Place}}
	s := &Section{Def: in.Root, Values: map[string]any{}, Index: -1, Line: root.Line, Column: root.Column}
	b.archive.Root = s
	b.fill(s, root, "", in.Skip)
	if b.err != nil {
		return nil, b.err
	}
	return b.archive, nil
}

type builder struct {
	ctx     context.Context
	in      Input
	archive *Archive
	err     error
}

func (b *builder) issue(line, column int, path, format string, args ...any) *source.Issue {
	return &source.Issue{File: b.in.File, Line: line, Column: column, Path: path, Message: fmt.Sprintf(format, args...)}
}

// mostWarnings bounds what one file can make us say.
const mostWarnings = 1000

func (b *builder) warn(f *source.Field, path, format string, args ...any) {
	if len(b.archive.Warnings) < mostWarnings {
		b.archive.Warnings = append(b.archive.Warnings, b.issue(f.Line, f.Column, path, format, args...))
	}
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

// section makes one section for the place that p declares.
func (b *builder) section(parent *Section, p *metainfo.SubSection, index int, f *source.Field, n *source.Node, path string) *Section {
	s := &Section{Def: p.Section, Values: make(map[string]any, len(n.Fields)), Parent: parent, Property: p.Name, Index: index, Line: n.Line, Column: n.Column}
	isData := parent.Parent == nil && p.Name == "data"
	if def := b.definition(n.Field("m_def"), f, p, isData, path); def != nil {
		s.Def = def
	}
	if isData || s.Def != p.Section || !s.Def.Builtin() {
		s.Values["m_def"] = s.Def.Reference(b.in.Place.UploadID, b.in.Place.EntryID)
	}
	parent.Children = append(parent.Children, s)
	b.fill(s, n, path, nil)
	return s
}

// definition finds the section that m_def names; nil if there is none. For
// data it must be there and be found, elsewhere the declared one is as good.
func (b *builder) definition(given, f *source.Field, p *metainfo.SubSection, isData bool, path string) *metainfo.Section {
	stop := func(line, column int, path, format string, args ...any) {
		if isData && b.err == nil {
			b.err = b.issue(line, column, path, format, args...)
		}
	}
	if given == nil {
		stop(f.Line, f.Column, path, "m_def is missing; it names the section of the data, such as nomad.datamodel.metainfo.eln.ELNSample")
		return nil
	}
	path += ".m_def"
	name, ok := given.Value.Text()
	if !ok {
		stop(given.Line, given.Column, path, "the name of a section is expected, not %s", given.Value.Describe())
		b.warn(given, path, "the name of a section is expected, not %s", given.Value.Describe())
		return nil
	}
	def, err := b.in.Scope.Section(b.ctx, name)
	if err != nil {
		stop(given.Value.Line, given.Value.Column, path, "%s", err)
		b.warn(given, path, "%s; taken as %s", err, p.Section.Name)
		return nil
	}
	if !def.Is(p.Section) {
		b.warn(given, path, "%s does not inherit from %s, which is declared here", def.Name, p.Section.QualifiedName())
	}
	return def
}

func (b *builder) fill(s *Section, n *source.Node, path string, skip []string) {
	for i := range n.Fields {
		f := &n.Fields[i]
		if b.err != nil || contains(skip, f.Key) {
			continue
		}
		if strings.HasPrefix(f.Key, "m_") || strings.HasPrefix(f.Key, "a_") {
			switch f.Key {
			case "m_def", "m_def_id", "m_parent_index", "m_parent_sub_section", "m_ref_archives":
			default:
				b.annotate(s, f)
			}
			continue
		}
		at := join(path, f.Key)
		p, ok := s.Def.Property(f.Key)
		switch {
		case ok && p.Quantity != nil:
			b.quantity(s, p.Quantity, f, at)
		case ok:
			b.subSection(s, p.SubSection, f, at)
		default:
			if !s.Def.Open && len(b.archive.Warnings) < mostWarnings {
				hint := ""
				if near := metainfo.Nearest(f.Key, s.Def.PropertyNames()); near != "" {
					hint = "; did you mean " + near + "?"
				}
				b.warn(f, at, "%s has no property of this name; the value is kept but not searchable%s", s.Def.Name, hint)
			}
			s.Values[f.Key] = f.Value.Plain()
		}
	}
}

func contains(list []string, key string) bool {
	for _, k := range list {
		if k == key {
			return true
		}
	}
	return false
}

// annotate keeps m_annotations, m_attributes and the like as given.
func (b *builder) annotate(s *Section, f *source.Field) {
	if old, ok := s.Values[f.Key].(map[string]any); ok { // invalid values were noted before
		if given, ok := f.Value.Plain().(map[string]any); ok {
			for k, v := range given {
				old[k] = v
			}
			return
		}
	}
	s.Values[f.Key] = f.Value.Plain()
}

// invalid keeps a value that does not fit its definition, apart from the good ones.
func (b *builder) invalid(s *Section, f *source.Field, path, problem string) {
	b.warn(f, path, "%s", problem)
	notes, _ := s.Values["m_annotations"].(map[string]any)
	if notes == nil {
		notes = map[string]any{}
		s.Values["m_annotations"] = notes
	}
	bad, _ := notes["invalid"].(map[string]any)
	if bad == nil {
		bad = map[string]any{}
		notes["invalid"] = bad
	}
	bad[f.Key] = f.Value.Plain()
}

func (b *builder) quantity(s *Section, q *metainfo.Quantity, f *source.Field, path string) {
	n := f.Value
	if n.IsNull() || q.Virtual {
		return
	}
	full := n.Kind == source.Map && n.Get("m_value") != nil
	if full {
		n = n.Get("m_value")
	}
	v, problem := q.Convert(n)
	if problem == "" && q.Type.Kind == metainfo.Reference {
		v, problem = b.references(v, q, s, n)
	}
	if problem != "" {
		b.invalid(s, f, path, problem)
		return
	}
	if full {
		whole, _ := f.Value.Plain().(map[string]any)
		whole["m_value"] = v
		v = whole
	}
	s.Values[q.Name] = v
}

func (b *builder) subSection(s *Section, p *metainfo.SubSection, f *source.Field, path string) {
	n := f.Value
	switch {
	case n.IsNull():
	case !p.Repeats && n.Kind == source.Map:
		if s.Child(p.Name) != nil {
			b.invalid(s, f, path, "given twice, by name and by alias")
			return
		}
		s.Values[p.Name] = b.section(s, p, -1, f, n, path).Values
	case !p.Repeats && n.Kind == source.List && len(n.Items) == 1 && n.Items[0].Kind == source.Map && s.Child(p.Name) == nil:
		b.warn(f, path, "one section is expected, not a list; its only item is taken")
		s.Values[p.Name] = b.section(s, p, -1, f, n.Items[0], path).Values
	case !p.Repeats:
		b.invalid(s, f, path, "a section is expected, not "+n.Describe())
	case n.Kind == source.List:
		b.repeat(s, p, f, n.Items, path)
	case n.Kind == source.Map:
		if items, ok := keyed(n); ok {
			b.repeat(s, p, f, items, path)
			return
		}
		b.warn(f, path, "a list of sections is expected; this one is taken as its only item")
		b.repeat(s, p, f, []*source.Node{n}, path)
	default:
		b.invalid(s, f, path, "a list of sections is expected, not "+n.Describe())
	}
}

// keyed reads a repeating sub-section written as an object of sections, each with its m_parent_index.
func keyed(n *source.Node) ([]*source.Node, bool) {
	type place struct {
		index int64
		node  *source.Node
	}
	places := make([]place, 0, len(n.Fields))
	for _, f := range n.Fields {
		at := f.Value.Get("m_parent_index")
		if at == nil {
			return nil, false
		}
		index, ok := at.Value.(int64)
		if !ok {
			return nil, false
		}
		places = append(places, place{index, f.Value})
	}
	sort.SliceStable(places, func(i, j int) bool { return places[i].index < places[j].index })
	out := make([]*source.Node, len(places))
	for i, p := range places {
		out[i] = p.node
	}
	return out, len(out) > 0
}

func (b *builder) repeat(s *Section, p *metainfo.SubSection, f *source.Field, items []*source.Node, path string) {
	list, _ := s.Values[p.Name].([]any)
	for _, item := range items {
		i := len(list)
		at := fmt.Sprintf("%s.%d", path, i)
		switch {
		case item.IsNull(): // lists may be sparse
			list = append(list, nil)
		case item.Kind != source.Map:
			b.warn(&source.Field{Line: item.Line, Column: item.Column}, at, "a section is expected, not %s; the item is left out", item.Describe())
			list = append(list, nil)
		default:
			here := &source.Field{Key: f.Key, Line: item.Line, Column: item.Column}
			list = append(list, b.section(s, p, i, here, item, at).Values)
		}
	}
	s.Values[p.Name] = list
}

// references rewrites a reference or a list of them to the stored form (spec metainfo-archive.md §2.3).
func (b *builder) references(v any, q *metainfo.Quantity, s *Section, n *source.Node) (any, string) {
	switch given := v.(type) {
	case string:
		l, ok := metainfo.ParseLink(given)
		if !ok {
			return nil, source.Quote(given) + " is not a reference; write #/data/… or ../upload/archive/mainfile/FILE#/data"
		}
		mainfile := l.Mainfile
		l = b.in.Place.Settle(l)
		if !l.Local() {
			b.archive.References = append(b.archive.References, Reference{Link: l, Target: l.String(), Mainfile: mainfile,
				Path: plainPath(s, q.Name), Quantity: q})
		}
		return l.String(), ""
	case []any:
		for i, item := range given {
			var problem string
			if given[i], problem = b.references(item, q, s, n); problem != "" {
				return nil, fmt.Sprintf("item %d: %s", i, problem)
			}
		}
	}
	return v, ""
}

// Refer sets a reference quantity of a section that normalisation made; target
// is in stored form. A reference that leaves the entry is noted.
func (a *Archive) Refer(s *Section, name, target string) {
	s.Values[name] = target
	p, ok := s.Def.Property(name)
	l, isLink := metainfo.ParseLink(target)
	if ok && isLink && !l.Local() && p.Quantity != nil {
		a.References = append(a.References, Reference{Link: l, Target: target, Path: plainPath(s, name), Quantity: p.Quantity})
	}
}

// Settle gives a link by main file its entry id, and shortens links into this upload and this entry.
func (p Place) Settle(l metainfo.Link) metainfo.Link {
	if l.Host != "" {
		return l
	}
	if l.UploadID == p.UploadID {
		l.UploadID = ""
	}
	if l.Mainfile != "" && l.UploadID == "" && p.EntryIDOf != nil {
		l.EntryID, l.Mainfile = p.EntryIDOf(l.Mainfile), ""
	}
	if l.EntryID == p.EntryID && l.UploadID == "" {
		l.EntryID = ""
	}
	return l
}

// plainPath is the dotted path of a quantity without indices.
func plainPath(s *Section, name string) string {
	for ; s != nil && s.Parent != nil; s = s.Parent {
		name = s.Property + "." + name
	}
	return name
}
