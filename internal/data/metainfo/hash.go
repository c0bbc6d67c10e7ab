package metainfo

import (
	"crypto/sha1" //nolint:gosec // definition ids are 40 hex digits in the API; no security rests on them
	"encoding/hex"
	"encoding/json"
	"strings"
)

// identify computes the definition ids of a package from what its sections
// mean. Description, label and annotations do not count (spec
// metainfo-archive.md §3); the entry that holds it does not either, so a copied
// schema keeps its ids (§16.8).
func identify(p *Package) error {
	done := map[*Section]bool{}
	ids := make([]string, 0, len(p.Sections))
	var visit func(s *Section) error
	visit = func(s *Section) error {
		if done[s] || s.pkg != p {
			return nil
		}
		done[s] = true
		for _, b := range s.Bases {
			if err := visit(b); err != nil {
				return err
			}
		}
		for _, in := range s.Inner {
			if err := visit(in); err != nil {
				return err
			}
		}
		var err error
		s.ID, err = digest(s.meaning())
		return err
	}
	for _, s := range p.Sections {
		if err := visit(s); err != nil {
			return err
		}
		ids = append(ids, s.ID)
	}
	var err error
	p.ID, err = digest([]any{"package", p.Name, ids})
	return err
}

func digest(v any) (string, error) {
	text, err := json.Marshal(v)
	if err != nil {
		return "", err
	}
	sum := sha1.Sum(text) //nolint:gosec // see above
	return hex.EncodeToString(sum[:]), nil
}

func (s *Section) meaning() []any {
	var bases, members, inner []any
	for _, b := range s.Bases {
		bases = append(bases, b.ID)
	}
	for _, q := range s.Quantities {
		members = append(members, q.meaning())
	}
	for _, sub := range s.SubSections {
		members = append(members, sub.meaning())
	}
	for _, in := range s.Inner {
		inner = append(inner, in.ID)
	}
	return []any{"section", s.pkg.Name, s.localName(), s.Aliases, s.Variable, s.Extends, bases, members, inner}
}

func (q *Quantity) meaning() []any {
	return []any{"quantity", q.Name, q.Aliases, q.Type.meaning(), q.Shape, q.Unit, q.Default, q.Dimensionality, q.Virtual, q.Variable, q.Attributes}
}

func (t *Type) meaning() []any {
	target := ""
	if t.Target != nil {
		target = t.Target.localName()
	}
	return []any{t.storedKind, t.storedData, t.Values, target, t.Raw}
}

func (sub *SubSection) meaning() []any {
	return []any{"sub_section", sub.Name, sub.Aliases, sub.Repeats, sub.Section.localName()}
}

// localName is the qualified name without the entry, which may differ between copies.
func (s *Section) localName() string {
	if s.Builtin() {
		return s.qualified
	}
	_, name, _ := strings.Cut(s.qualified, ".")
	return name
}

// ID is the definition_id of a quantity.
func (q *Quantity) ID() string {
	id, _ := digest([]any{q.owner.ID, q.meaning()}) // made of plain values, which always encode
	return id
}

// ID is the definition_id of a sub-section.
func (sub *SubSection) ID() string {
	id, _ := digest([]any{sub.owner.ID, sub.meaning()})
	return id
}
