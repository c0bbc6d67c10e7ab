package metainfo

import (
	"context"
	"fmt"
	"strings"

	"oasis/internal/data/archive/source"
)

// Resolver finds the definitions that another entry holds. The caller of this
// package implements it, with the rights of whoever asks. An error is a
// sentence that says why the definitions cannot be used.
type Resolver interface {
	// Settle shortens a link: one into the asking entry becomes local.
	Settle(l Link) Link
	Package(ctx context.Context, l Link) (*Package, error)
}

// Scope is where the names of one entry are looked up.
type Scope struct {
	// Local are the entry's own definitions; nil if it has none.
	Local *Package
	// Builtin is the fixed registry.
	Builtin *Registry
	// Resolver may be nil: then other entries cannot be referred to.
	Resolver Resolver
}

// Section resolves an m_def (spec metainfo-archive.md §2.2): a name in this
// file's definitions, a built-in qualified name, or a reference. The error is
// a sentence without a position.
func (sc *Scope) Section(ctx context.Context, text string) (*Section, error) {
	return sc.lookup(ctx, text, nil)
}

// lookup resolves a name from inside a section: there and in its bases first, then outward.
func (sc *Scope) lookup(ctx context.Context, text string, from *Section) (*Section, error) {
	name := text
	if at := strings.LastIndexByte(name, '@'); at > 0 && len(name)-at == 41 {
		name = name[:at] // a pinned version; only the current one is known
	}
	if rest, ok := strings.CutPrefix(name, "entry_id:"); ok {
		entry, dotted, _ := strings.Cut(rest, ".")
		return sc.follow(ctx, text, Link{EntryID: entry, Fragment: strings.ReplaceAll(dotted, ".", "/")})
	}
	if strings.ContainsAny(name, "#/") {
		l, ok := ParseLink(name)
		if !ok {
			return nil, fmt.Errorf("%s is not a reference to a section", source.Quote(text))
		}
		return sc.follow(ctx, text, l)
	}
	for s := from; s != nil; s = s.outer {
		if found := s.find(name); found != nil {
			return found, nil
		}
	}
	if sc.Local != nil {
		if s := sc.Local.Find(name); s != nil {
			return s, nil
		}
	}
	if s, ok := sc.Builtin.Section(name); ok {
		return s, nil
	}
	return nil, fmt.Errorf("no section %s is known%s", source.Quote(text), sc.hint(name))
}

// follow finds the section a reference points to, in this file or another entry.
func (sc *Scope) follow(ctx context.Context, text string, l Link) (*Section, error) {
	if sc.Resolver != nil {
		l = sc.Resolver.Settle(l)
	}
	if l.Local() {
		if sc.Local != nil {
			if s := sc.Local.Within(l.Fragment); s != nil {
				return s, nil
			}
		}
		return nil, fmt.Errorf("there is no section %s in the definitions of this file", source.Quote(text))
	}
	if sc.Resolver == nil {
		return nil, fmt.Errorf("%s: definitions of other entries cannot be used here", source.Quote(text))
	}
	p, err := sc.Resolver.Package(ctx, l)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", source.Quote(text), err)
	}
	if s := p.Within(l.Fragment); s != nil {
		return s, nil
	}
	names := make([]string, len(p.Sections))
	for i, s := range p.Sections {
		names[i] = s.Name
	}
	return nil, fmt.Errorf("%s: there is no section %s among its definitions%s", source.Quote(text), source.Quote(l.Fragment), didYouMean(l.Fragment, names))
}

func (sc *Scope) hint(name string) string {
	var names []string
	if sc.Local != nil {
		for _, s := range sc.Local.Sections {
			names = append(names, s.Name)
		}
	}
	if strings.Contains(name, ".") || len(names) == 0 {
		names = append(names, sc.Builtin.Names()...)
	}
	return didYouMean(name, names)
}

// didYouMean is "; did you mean X?" if one of the names is close to name, else "".
func didYouMean(name string, names []string) string {
	if n := Nearest(name, names); n != "" {
		return "; did you mean " + n + "?"
	}
	return ""
}

// Nearest gives the one of names that differs from name by the fewest letters,
// at most a third of them; "" if none does.
func Nearest(name string, names []string) string {
	best, least := "", len(name)/3+1
	for _, n := range names {
		if d := distance(strings.ToLower(name), strings.ToLower(n), least); d < least {
			best, least = n, d
		}
	}
	return best
}

// distance counts the letters to insert, delete, replace or swap with their
// neighbour; it gives most for what is clearly further apart.
func distance(a, b string, most int) int {
	if len(a)-len(b) >= most || len(b)-len(a) >= most || len(a) > 200 {
		return most
	}
	before, row, next := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		next[0] = i + 1
		for j := range len(b) {
			cost := row[j]
			if a[i] != b[j] {
				cost = 1 + min(row[j], row[j+1], next[j])
			}
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				cost = min(cost, before[j-1]+1)
			}
			next[j+1] = cost
		}
		before, row, next = row, next, before
	}
	return row[len(b)]
}
