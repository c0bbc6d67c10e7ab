// Package material knows the chemical elements, chemical formulas in the
// spellings that search uses, and the arithmetic of compositions.
package material

import "strings"

// symbols are the 118 elements in the order of their numbers.
var symbols = strings.Fields(`H He Li Be B C N O F Ne Na Mg Al Si P S Cl Ar K Ca Sc Ti V Cr Mn Fe Co Ni Cu Zn Ga Ge As Se Br Kr
Rb Sr Y Zr Nb Mo Tc Ru Rh Pd Ag Cd In Sn Sb Te I Xe Cs Ba La Ce Pr Nd Pm Sm Eu Gd Tb Dy Ho Er Tm Yb Lu Hf Ta W Re Os Ir Pt Au Hg
Tl Pb Bi Po At Rn Fr Ra Ac Th Pa U Np Pu Am Cm Bk Cf Es Fm Md No Lr Rf Db Sg Bh Hs Mt Ds Rg Cn Nh Fl Mc Lv Ts Og`)

// weights are the standard atomic weights (abridged IUPAC 2021 values) in
// unified atomic mass units; for elements without stable isotopes the mass
// number of the longest-lived one.
var weights = []float64{
	1.008, 4.0026, 6.94, 9.0122, 10.81, 12.011, 14.007, 15.999, 18.998, 20.180, 22.990, 24.305, 26.982, 28.085, 30.974, 32.06, 35.45, 39.95,
	39.098, 40.078, 44.956, 47.867, 50.942, 51.996, 54.938, 55.845, 58.933, 58.693, 63.546, 65.38, 69.723, 72.630, 74.922, 78.971, 79.904, 83.798,
	85.468, 87.62, 88.906, 91.224, 92.906, 95.95, 97, 101.07, 102.91, 106.42, 107.87, 112.41, 114.82, 118.71, 121.76, 127.60, 126.90, 131.29,
	132.91, 137.33, 138.91, 140.12, 140.91, 144.24, 145, 150.36, 151.96, 157.25, 158.93, 162.50, 164.93, 167.26, 168.93, 173.05, 174.97, 178.49,
	180.95, 183.84, 186.21, 190.23, 192.22, 195.08, 196.97, 200.59, 204.38, 207.2, 208.98, 209, 210, 222, 223, 226, 227, 232.04, 231.04, 238.03,
	237, 244, 243, 247, 247, 251, 252, 257, 258, 259, 262, 267, 268, 269, 270, 269, 277, 281, 282, 285, 286, 290, 290, 293, 294, 294,
}

// DaltonKilogram is the unified atomic mass unit in kilogram (CODATA 2018).
const DaltonKilogram = 1.66053906660e-27

var numbers = func() map[string]int {
	m := make(map[string]int, len(symbols))
	for i, s := range symbols {
		m[s] = i + 1
	}
	return m
}()

// Number is the atomic number of an element symbol; 0 if it is none.
func Number(symbol string) int { return numbers[symbol] }

// Weight is the atomic weight in unified atomic mass units; ok is false for what is no element.
func Weight(symbol string) (u float64, ok bool) {
	n := numbers[symbol]
	if n == 0 {
		return 0, false
	}
	return weights[n-1], true
}
