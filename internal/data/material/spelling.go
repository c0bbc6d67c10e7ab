package material

import (
	"slices"
	"sort"
	"strconv"
	"strings"
)

// iupacOrder is the order of elements in inorganic formulas (spec metainfo-archive.md §8.3).
var iupacOrder = func() map[string]int {
	order := strings.Fields(`Rn Xe Kr Ar Ne He Fr Cs Rb K Na Li Ra Ba Sr Ca Mg Be Lr No Md Fm Es Cf Bk Cm Am Pu Np U Pa Th Ac Lu Yb Tm
Er Ho Dy Tb Gd Eu Sm Pm Nd Pr Ce La Y Sc Hf Zr Ti Ta Nb V W Mo Cr Re Tc Mn Os Ru Fe Ir Rh Co Pt Pd Ni Au Ag Cu Hg Cd Zn Tl In Ga Al B
Pb Sn Ge Si C Bi Sb As P N H Po Te Se S O At I Br Cl F X`)
	m := make(map[string]int, len(order))
	for i, s := range order {
		m[s] = i + 1
	}
	return m
}()

func write(order []string, counts map[string]int) string {
	var b strings.Builder
	for _, s := range order {
		b.WriteString(s)
		if n := counts[s]; n != 1 {
			b.WriteString(strconv.Itoa(n))
		}
	}
	return b.String()
}

func (f *Formula) reduced() map[string]int {
	counts := make(map[string]int, len(f.counts))
	for s, n := range f.counts {
		counts[s] = n
	}
	if len(counts) > 0 {
		reduce(counts)
	}
	return counts
}

// Hill writes carbon, then hydrogen, then the rest alphabetically; without
// carbon all alphabetically. Counts are not reduced.
func (f *Formula) Hill() string {
	order := f.Elements()
	if f.counts["C"] > 0 {
		slices.SortStableFunc(order, func(a, b string) int { return hillRank(a) - hillRank(b) })
	}
	return write(order, f.counts)
}

func hillRank(symbol string) int {
	switch symbol {
	case "C":
		return 0
	case "H":
		return 1
	}
	return 2
}

// Reduced writes the elements alphabetically with counts divided by their greatest common divisor.
func (f *Formula) Reduced() string { return write(f.Elements(), f.reduced()) }

// Fragments are the element-count pieces of the reduced formula, such as O2 and Ti.
func (f *Formula) Fragments() []string {
	counts := f.reduced()
	var out []string
	for _, s := range f.Elements() {
		out = append(out, write([]string{s}, counts))
	}
	return out
}

// IUPAC writes the reduced formula from the most electropositive element to the most electronegative one.
func (f *Formula) IUPAC() string {
	order := f.Elements()
	slices.SortStableFunc(order, func(a, b string) int { return iupacRank(a) - iupacRank(b) })
	return write(order, f.reduced())
}

// iupacRank puts the few superheavy elements that have no agreed place first.
func iupacRank(symbol string) int { return iupacOrder[symbol] }

// Anonymous replaces the elements by letters: reduced counts, descending, as A, B, C…
func (f *Formula) Anonymous() string {
	var counts []int
	for _, n := range f.reduced() {
		counts = append(counts, n)
	}
	sort.Sort(sort.Reverse(sort.IntSlice(counts)))
	var b strings.Builder
	for i, n := range counts {
		b.WriteString(letter(i))
		if n != 1 {
			b.WriteString(strconv.Itoa(n))
		}
	}
	return b.String()
}

// letter is A to Z, then Aa, Ba … as there are more elements than letters.
func letter(i int) string {
	if i < 26 {
		return string(rune('A' + i))
	}
	return string(rune('A'+i%26)) + string(rune('a'+i/26-1))
}
