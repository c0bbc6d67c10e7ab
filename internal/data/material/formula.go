package material

import (
	"fmt"
	"math"
	"slices"
	"sort"
	"strconv"
	"strings"
)

// Formula is a composition with whole numbers of atoms; the symbol X stands
// for what is no element.
type Formula struct {
	counts map[string]int
	// Isotopes tells that D or T stood in the text; both count as H
	// (spec metainfo-archive.md §16.12).
	Isotopes bool
	// Unknown are the symbols that became X.
	Unknown []string
}

const (
	longestFormula = 1000
	deepestFormula = 50
	mostAtoms      = 1e9
)

// Parse reads a formula: symbols with counts, nested brackets, fractions that
// are scaled to whole numbers, hydrates written with '·' or '*'
// (spec metainfo-archive.md §8.3). The error is a sentence.
func Parse(text string) (*Formula, error) {
	p := &formulaReader{text: strings.TrimSpace(text), f: &Formula{}}
	if p.text == "" {
		return nil, fmt.Errorf("the formula is empty")
	}
	if len(p.text) > longestFormula {
		return nil, fmt.Errorf("the formula is longer than %d characters", longestFormula)
	}
	amounts := map[string]float64{}
	for p.pos < len(p.text) {
		times, _ := p.count()
		part, err := p.group(0)
		if err != nil {
			return nil, err
		}
		add(amounts, part, times)
		if p.pos < len(p.text) && !p.take("·") && !p.take("*") && !p.take("•") {
			return nil, p.fail()
		}
	}
	whole, err := scale(amounts)
	if err != nil {
		return nil, fmt.Errorf("%q: %w", p.text, err)
	}
	p.f.counts = whole
	return p.f, nil
}

func add(to, part map[string]float64, times float64) {
	for symbol, n := range part {
		to[symbol] += n * times
	}
}

// scale multiplies fractional amounts to whole numbers: by the smallest factor
// up to 1000 that makes all of them whole.
func scale(amounts map[string]float64) (map[string]int, error) {
	for symbol, n := range amounts {
		if !(n <= mostAtoms) { // also when it is infinite, or infinite times nothing
			return nil, fmt.Errorf("too many atoms of %s", symbol)
		}
		if n == 0 {
			delete(amounts, symbol)
		}
	}
	if len(amounts) == 0 {
		return nil, fmt.Errorf("a formula needs at least one atom")
	}
	for factor := 1.0; factor <= 1000; factor++ {
		whole := make(map[string]int, len(amounts))
		for symbol, n := range amounts {
			scaled := n * factor
			nearest := math.Round(scaled)
			if nearest < 1 || math.Abs(scaled-nearest) > 1e-6*factor {
				whole = nil
				break
			}
			whole[symbol] = int(nearest)
		}
		if whole != nil {
			if factor > 1 {
				reduce(whole)
			}
			return whole, nil
		}
	}
	return nil, fmt.Errorf("the amounts cannot be written as whole numbers")
}

func reduce(counts map[string]int) int {
	divisor := 0
	for _, n := range counts {
		for a := n; a != 0; {
			divisor, a = a, divisor%a
		}
	}
	for symbol := range counts {
		counts[symbol] /= divisor
	}
	return divisor
}

type formulaReader struct {
	text string
	pos  int
	f    *Formula
}

func (p *formulaReader) fail() error {
	rest := []rune(p.text[p.pos:])
	if len(rest) == 0 {
		return fmt.Errorf("%q is not a formula: a bracket is not closed", p.text)
	}
	return fmt.Errorf("%q is not a formula: unexpected %q", p.text, string(rest[0]))
}

func (p *formulaReader) take(s string) bool {
	if strings.HasPrefix(p.text[p.pos:], s) {
		p.pos += len(s)
		return true
	}
	return false
}

// group reads symbols and brackets up to the end or to a closing bracket.
func (p *formulaReader) group(depth int) (map[string]float64, error) {
	if depth > deepestFormula {
		return nil, fmt.Errorf("the brackets nest deeper than %d levels", deepestFormula)
	}
	out := map[string]float64{}
	for start := p.pos; p.pos < len(p.text); {
		var part map[string]float64
		switch c := p.text[p.pos]; {
		case c == ' ':
			p.pos++
			continue
		case c == '(' || c == '[' || c == '{':
			p.pos++
			inner, err := p.group(depth + 1)
			if err != nil {
				return nil, err
			}
			if !p.take(map[byte]string{'(': ")", '[': "]", '{': "}"}[c]) {
				return nil, p.fail()
			}
			part = inner
		case c >= 'A' && c <= 'Z':
			part = map[string]float64{p.symbol(): 1}
		default:
			if p.pos == start {
				return nil, p.fail()
			}
			return out, nil
		}
		times, given := p.count()
		if !given {
			times = 1
		}
		add(out, part, times)
	}
	if len(out) == 0 {
		return nil, p.fail()
	}
	return out, nil
}

// symbol reads an upper-case letter and the lower-case ones behind it.
func (p *formulaReader) symbol() string {
	end := p.pos + 1
	for end < len(p.text) && p.text[end] >= 'a' && p.text[end] <= 'z' {
		end++
	}
	s := p.text[p.pos:end]
	p.pos = end
	switch {
	case numbers[s] > 0 || s == "X":
		return s
	case s == "D" || s == "T":
		p.f.Isotopes = true
		return "H"
	}
	if !slices.Contains(p.f.Unknown, s) {
		p.f.Unknown = append(p.f.Unknown, s)
	}
	return "X"
}

// count reads an amount, also in brackets as in C(2)O(1); 1 if there is none.
func (p *formulaReader) count() (n float64, given bool) {
	at := p.pos
	bracket := p.take("(")
	digits := p.pos
	for p.pos < len(p.text) && (p.text[p.pos] >= '0' && p.text[p.pos] <= '9' || p.text[p.pos] == '.') {
		p.pos++
	}
	n, err := strconv.ParseFloat(p.text[digits:p.pos], 64)
	if err != nil || bracket && !p.take(")") {
		p.pos = at
		return 1, false
	}
	return n, true
}

// Elements are the symbols in alphabetical order, X included if it occurs.
func (f *Formula) Elements() []string {
	out := make([]string, 0, len(f.counts))
	for s := range f.counts {
		out = append(out, s)
	}
	sort.Strings(out)
	return out
}

// Composition gives atomic and mass fractions of the elements, alphabetically.
// Mass fractions are unknown where X occurs.
func (f *Formula) Composition() []Part {
	var atoms, mass float64
	for s, n := range f.counts {
		w, ok := Weight(s)
		if !ok {
			w = math.NaN()
		}
		atoms += float64(n)
		mass += float64(n) * w
	}
	out := make([]Part, 0, len(f.counts))
	for _, s := range f.Elements() {
		w, _ := Weight(s)
		n := float64(f.counts[s])
		out = append(out, Part{Element: s, Atomic: n / atoms, Mass: n * w / mass})
	}
	return out
}
