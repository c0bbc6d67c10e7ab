package search

import (
	"slices"
	"strconv"
	"strings"
)

// iupacOrder lists the elements from the least to the most electronegative one,
// the order in which a formula names them (IUPAC Red Book 2005, table VI).
const iupacOrder = "Rn Xe Kr Ar Ne He Fr Cs Rb K Na Li Ra Ba Sr Ca Mg Be " +
	"Lr No Md Fm Es Cf Bk Cm Am Pu Np U Pa Th Ac Lu Yb Tm Er Ho Dy Tb Gd Eu Sm Pm Nd Pr Ce La Y Sc " +
	"Hf Zr Ti Ta Nb V W Mo Cr Re Tc Mn Os Ru Fe Ir Rh Co Pt Pd Ni Au Ag Cu Hg Cd Zn " +
	"Tl In Ga Al B Pb Sn Ge Si C Bi Sb As P N H Po Te Se S O At I Br Cl F"

var iupacRank = func() map[string]int {
	rank := map[string]int{}
	for i, symbol := range strings.Fields(iupacOrder) {
		rank[symbol] = i
	}
	return rank
}()

// convert rewrites a flat chemical formula such as TiO2 in the order of the form.
// What is not such a formula stays as it is.
func (f Form) convert(formula string) string {
	if f == AsGiven {
		return formula
	}
	counts, ok := parseFormula(formula)
	if !ok {
		return formula
	}
	symbols := make([]string, 0, len(counts))
	for symbol := range counts {
		symbols = append(symbols, symbol)
	}
	_, carbon := counts["C"]
	slices.SortFunc(symbols, func(a, b string) int {
		if f == IUPAC {
			return iupacRank[a] - iupacRank[b]
		}
		// Hill: with carbon, C and H come first; all else is alphabetical.
		if carbon {
			if d := hillFirst(a) - hillFirst(b); d != 0 {
				return d
			}
		}
		return strings.Compare(a, b)
	})
	var out strings.Builder
	for _, symbol := range symbols {
		out.WriteString(symbol)
		if n := counts[symbol]; n != 1 {
			out.WriteString(strconv.Itoa(n))
		}
	}
	return out.String()
}

func hillFirst(symbol string) int {
	switch symbol {
	case "C":
		return 0
	case "H":
		return 1
	default:
		return 2
	}
}

func parseFormula(text string) (map[string]int, bool) {
	counts := map[string]int{}
	for text != "" {
		if text[0] < 'A' || text[0] > 'Z' {
			return nil, false
		}
		end := 1
		for end < len(text) && text[end] >= 'a' && text[end] <= 'z' {
			end++
		}
		symbol := text[:end]
		if _, known := iupacRank[symbol]; !known {
			return nil, false
		}
		rest := strings.TrimLeft(text[end:], "0123456789")
		n := 1
		if digits := text[end : len(text)-len(rest)]; digits != "" {
			var err error
			if n, err = strconv.Atoi(digits); err != nil || n == 0 || n > 1_000_000 {
				return nil, false
			}
		}
		counts[symbol] += n
		text = rest
	}
	return counts, len(counts) > 0
}
