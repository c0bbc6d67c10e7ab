package metainfo

import (
	"bytes"
	"context"
	"embed"
	"fmt"
	"path"
	"strings"
	"sync"

	"oasis/internal/data/archive/source"
)

// builtinFiles are the built-in packages in the schema language itself. The
// file's place in order is the order of loading: bases come first.
//
//go:embed builtin/*.yaml
var builtinFiles embed.FS

var builtinOrder = []string{"data", "basesections", "basesections_v2", "plot", "eln", "tabular", "action", "downloads", "workflow", "results", "datamodel"}

// Registry holds the built-in sections by qualified name. It does not change.
type Registry struct {
	sections map[string]*Section
	names    []string
	packages []*Package
}

// Builtin gives the registry; it is read once and shared.
var Builtin = sync.OnceValues(loadBuiltin)

func loadBuiltin() (*Registry, error) {
	reg := &Registry{sections: map[string]*Section{}}
	for _, name := range builtinOrder {
		file := path.Join("builtin", name+".yaml")
		data, err := builtinFiles.ReadFile(file)
		if err != nil {
			return nil, fmt.Errorf("built-in schema: %w", err)
		}
		root, err := source.Read(file, bytes.NewReader(data), source.DefaultLimits())
		if err != nil {
			return nil, fmt.Errorf("built-in schema: %w", err)
		}
		r := newReading(context.Background(), file, Origin{}, &Scope{Builtin: reg})
		p, _, err := r.read(root.Get("definitions"))
		if err != nil {
			return nil, fmt.Errorf("built-in schema: %w", err)
		}
		reg.add(p)
	}
	return reg, nil
}

func (r *Registry) add(p *Package) {
	r.packages = append(r.packages, p)
	var each func(sections []*Section)
	each = func(sections []*Section) {
		for _, s := range sections {
			r.sections[s.qualified] = s
			r.names = append(r.names, s.qualified)
			for _, alias := range p.Aliases {
				r.sections[alias+strings.TrimPrefix(s.qualified, p.Name)] = s
			}
			for _, alias := range s.Aliases {
				r.sections[p.Name+"."+alias] = s
			}
			each(s.Inner)
		}
	}
	each(p.Sections)
}

// Section finds a built-in section by its qualified name or an alias of it.
func (r *Registry) Section(qualified string) (*Section, bool) {
	s, ok := r.sections[qualified]
	return s, ok
}

// Names are the qualified names of all built-in sections.
func (r *Registry) Names() []string { return r.names }
