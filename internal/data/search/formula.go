package search

import "oasis/internal/data/material"

// convert rewrites a chemical formula such as TiO2 in the order of the form.
// What is no formula stays as it is, so that it finds nothing rather than something else.
func (f Form) convert(text string) string {
	if f == AsGiven {
		return text
	}
	formula, err := material.Parse(text)
	if err != nil || len(formula.Unknown) > 0 {
		return text
	}
	if f == IUPAC {
		return formula.IUPAC()
	}
	return formula.Hill()
}
