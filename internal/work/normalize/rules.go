package normalize

import (
	"fmt"
	"path"
	"sync"

	"oasis/internal/data/archive"
	"oasis/internal/data/archive/source"
	"oasis/internal/data/metainfo"
)

const (
	v1  = "nomad.datamodel.metainfo.basesections.v1."
	v2  = "nomad.datamodel.metainfo.basesections.v2."
	eln = "nomad.datamodel.metainfo.eln."
)

// rule is what normalisation does to sections that inherit from one of bases.
type rule struct {
	bases []*metainfo.Section
	apply func(*run, *archive.Section)
}

// rules are all rules in the order in which they are applied to one section,
// those of base sections before those of the sections that inherit from them.
type rules struct {
	registry *metainfo.Registry
	root     *metainfo.Section
	identity *metainfo.Section
	list     []rule
}

var builtinRules = sync.OnceValues(func() (*rules, error) {
	registry, err := metainfo.Builtin()
	if err != nil {
		return nil, err
	}
	table := []struct {
		names []string
		apply func(*run, *archive.Section)
	}{
		{[]string{v1 + "BaseSection", v2 + "BaseSection", eln + "ElnBaseSection"}, (*run).baseSection},
		{[]string{"nomad.datamodel.data.EntryData"}, (*run).entryData},
		{[]string{v1 + "Activity", v2 + "Activity"}, (*run).activity},
		{[]string{v1 + "Process", v2 + "Process"}, (*run).process},
		{[]string{v1 + "Measurement", v2 + "Measurement"}, (*run).measurement},
		{[]string{v1 + "Analysis"}, (*run).analysis},
		{[]string{v1 + "Instrument", v2 + "Instrument"}, (*run).instrument},
		{[]string{v1 + "EntityReference", v2 + "EntityReference"}, (*run).entityReference},
		{[]string{v1 + "ElementalComposition", v2 + "ElementalComposition"}, (*run).element},
		{[]string{v1 + "CompositeSystem"}, (*run).compositeSystem},
		{[]string{v1 + "System", v2 + "System"}, (*run).system},
		{[]string{v1 + "PureSubstance", v2 + "PureSubstance"}, (*run).pureSubstance},
		{[]string{eln + "ElnWithFormulaBaseSection"}, (*run).formulaSection},
		{[]string{v1 + "ReadableIdentifiers"}, (*run).readableIdentifiers},
		{[]string{eln + "SampleID"}, (*run).sampleID},
	}
	out := &rules{registry: registry}
	find := func(name string) *metainfo.Section {
		s, ok := registry.Section(name)
		if !ok && err == nil {
			err = fmt.Errorf("normalise: the built-in section %s is missing", name)
		}
		return s
	}
	out.root = find("nomad.datamodel.EntryArchive")
	out.identity = find(v1 + "ReadableIdentifiers")
	for _, row := range table {
		r := rule{apply: row.apply}
		for _, name := range row.names {
			r.bases = append(r.bases, find(name))
		}
		out.list = append(out.list, r)
	}
	return out, err
})

// normalize applies the rules to every section, children before parents, and
// then to the root (spec metainfo-archive.md §8.1).
func (r *run) normalize() {
	r.results = r.archive.Root.Ensure("results")
	_ = r.archive.Root.Walk(func(s *archive.Section) error { // visits do not fail
		for _, rule := range r.rules.list {
			for _, base := range rule.bases {
				if s.Def.Is(base) {
					rule.apply(r, s)
					break
				}
			}
		}
		return nil
	})
	r.results.Ensure("properties")
	if r.pkg != nil {
		if r.kind == "" {
			r.kind = "Schema"
		}
		if r.name == "" {
			r.name = r.pkg.Name
		}
	}
	if r.name == "" {
		r.name = path.Base(r.file)
	}
}

// mostWarnings bounds what one file can make us say.
const mostWarnings = 2000

func (r *run) warn(s *archive.Section, name, format string, args ...any) {
	if len(r.warnings) >= mostWarnings {
		return
	}
	r.warnings = append(r.warnings, &source.Issue{File: r.file, Line: s.Line, Column: s.Column,
		Path: dotted(s, name), Message: fmt.Sprintf(format, args...)})
}
