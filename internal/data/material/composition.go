package material

import "math"

// Part is one element of a composition. A fraction that is not known is NaN.
type Part struct {
	Element      string
	Atomic, Mass float64
}

// Complete fills in what follows from the rest, in place (spec
// metainfo-archive.md §8.3): exactly one blank fraction of a kind is 1 − the
// sum of the others; then, if all of one kind are known and all of the other
// are blank, the other from atomic weights.
func Complete(parts []Part) {
	if len(parts) == 0 {
		return
	}
	fillLast(parts, func(p *Part) *float64 { return &p.Atomic })
	fillLast(parts, func(p *Part) *float64 { return &p.Mass })
	atomic, mass := 0, 0
	for _, p := range parts {
		if _, ok := Weight(p.Element); !ok {
			return
		}
		if !math.IsNaN(p.Atomic) {
			atomic++
		}
		if !math.IsNaN(p.Mass) {
			mass++
		}
	}
	switch {
	case atomic == len(parts) && mass == 0:
		sum := 0.0
		for _, p := range parts {
			w, _ := Weight(p.Element)
			sum += p.Atomic * w
		}
		for i := range parts {
			w, _ := Weight(parts[i].Element)
			parts[i].Mass = parts[i].Atomic * w / sum
		}
	case mass == len(parts) && atomic == 0:
		sum := 0.0
		for _, p := range parts {
			w, _ := Weight(p.Element)
			sum += p.Mass / w
		}
		for i := range parts {
			w, _ := Weight(parts[i].Element)
			parts[i].Atomic = parts[i].Mass / w / sum
		}
	}
}

// fillLast sets the only blank fraction of a kind, unless the others exceed one.
func fillLast(parts []Part, of func(*Part) *float64) {
	blank, rest := -1, 1.0
	for i := range parts {
		f := *of(&parts[i])
		switch {
		case !math.IsNaN(f):
			rest -= f
		case blank >= 0:
			return
		default:
			blank = i
		}
	}
	if blank >= 0 && len(parts) > 1 && rest >= -1e-9 {
		*of(&parts[blank]) = max(0, rest)
	}
}

// Ingredient is a component of a mixture with its own composition.
type Ingredient struct {
	// Share is the mass or the mass fraction; NaN if unknown.
	Share float64
	Parts []Part
}

// Mix gives the composition of a mixture, weighted by mass, in order of first
// appearance. If any mass is unknown the elements come without fractions.
func Mix(ingredients []Ingredient) []Part {
	var out []Part
	at := map[string]int{}
	known, total := true, 0.0
	for _, in := range ingredients {
		known = known && !math.IsNaN(in.Share) && in.Share >= 0
		total += in.Share
		for _, p := range in.Parts {
			i, ok := at[p.Element]
			if !ok {
				i = len(out)
				at[p.Element] = i
				out = append(out, Part{Element: p.Element, Atomic: math.NaN()})
			}
			known = known && !math.IsNaN(p.Mass)
			out[i].Mass += in.Share * p.Mass
		}
	}
	known = known && total > 0
	for i := range out {
		if known {
			out[i].Mass /= total
		} else {
			out[i].Mass = math.NaN()
		}
	}
	if known {
		Complete(out)
	}
	return out
}
