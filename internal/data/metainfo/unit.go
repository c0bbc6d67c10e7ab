package metainfo

import (
	"fmt"
	"sort"
	"strconv"
	"strings"
)

// longUnit spells the unit names this program knows in the long form in which
// NOMAD stores them (spec metainfo-archive.md §5). It is no unit registry:
// nothing is converted, names are checked and spelled.
var longUnit = parseNames(`
m meter metre meters|s second seconds sec|g gram grams|A ampere amp|K kelvin|mol mole|cd candela|rad radian radians
Hz hertz|N newton|Pa pascal|J joule|W watt|C coulomb|V volt|F farad|Ω ohm|S siemens|Wb weber|T tesla|H henry|lm lumen
lx lux|Bq becquerel|Gy gray|Sv sievert|L liter l litre|eV electron_volt electronvolt|u unified_atomic_mass_unit amu
Da dalton|b barn|bar bar|B byte|bit bit|t metric_ton tonne|G gauss|P poise|in inch|yd yard|ft foot|mi mile|oz ounce|lb pound
minute minute minutes|hour hour hours hr|day day d days|week week weeks|year year a years|ms millisecond
angstrom angstrom Å Å ångström|micron micron|hartree hartree Eh Ha E_h|rydberg rydberg Ry|bohr atomic_unit_of_length a_0 a0
atm standard_atmosphere standard_atmosphere|torr torr|mmHg millimeter_Hg|psi pound_force_per_square_inch
degC degree_Celsius celsius °C degree_Celsius|degF degree_Fahrenheit °F fahrenheit|delta_degC delta_degree_Celsius
degree degree deg ° degrees|arcminute arcminute|arcsecond arcsecond|steradian steradian sr|h planck_constant
c speed_of_light|k_B boltzmann_constant k boltzmann_constant|e elementary_charge|m_e electron_mass|turn turn revolution cycle
rpm revolutions_per_minute|percent percent %|ppm ppm|ppb ppb|count count counts|dimensionless dimensionless
molar molar M|cal calorie|erg erg|dyne dyne dyn|debye debye D|pH picohenry|wavenumber reciprocal_centimeter|Ci curie|pixel pixel px`)

var prefixes = [][2]string{
	{"da", "deca"}, {"Q", "quetta"}, {"R", "ronna"}, {"Y", "yotta"}, {"Z", "zetta"}, {"E", "exa"}, {"P", "peta"},
	{"T", "tera"}, {"G", "giga"}, {"M", "mega"}, {"k", "kilo"}, {"h", "hecto"}, {"d", "deci"}, {"c", "centi"},
	{"m", "milli"}, {"µ", "micro"}, {"μ", "micro"}, {"u", "micro"}, {"n", "nano"}, {"p", "pico"}, {"f", "femto"},
	{"a", "atto"}, {"z", "zepto"}, {"y", "yocto"}, {"r", "ronto"}, {"q", "quecto"},
}

// trap names spellings that mean something else than most writers expect, and
// what to write instead.
var trap = map[string]string{"min": "minute", "h": "hour", "pH": "dimensionless", "dB": "dimensionless"}

func parseNames(table string) map[string]string {
	out := map[string]string{}
	for _, row := range strings.FieldsFunc(table, func(r rune) bool { return r == '|' || r == '\n' }) {
		words := strings.Fields(row)
		if len(words) < 2 {
			continue
		}
		out[words[0]] = words[1]
		for _, w := range words[1:] {
			out[w] = words[1]
		}
	}
	return out
}

// unitName gives the long form of one unit with an optional prefix.
func unitName(name string) (string, bool) {
	if long, ok := longUnit[name]; ok {
		return long, true
	}
	for _, p := range prefixes {
		for _, spelling := range p {
			if rest, ok := strings.CutPrefix(name, spelling); ok && rest != "" {
				if long, ok := longUnit[rest]; ok {
					return p[1] + long, true
				}
			}
		}
	}
	return "", false
}

// LongUnit spells a unit in long form: "nm" → "nanometer", "g/mol" → "gram / mole".
// A unit with a name this program does not know is passed on as written, with a
// warning; text that is no unit expression at all is an error.
func LongUnit(text string) (long string, warnings []string, err error) {
	p := &unitParser{rest: text, power: map[string]float64{}}
	if strings.TrimSpace(text) == "" {
		return "", nil, fmt.Errorf("the unit is empty; leave it out or write 'dimensionless'")
	}
	if err := p.product(1, 0); err != nil {
		return "", nil, fmt.Errorf("%q is not a unit: %w", text, err)
	}
	if p.skip(); p.rest != "" {
		return "", nil, fmt.Errorf("%q is not a unit: unexpected %q", text, p.rest)
	}
	for _, name := range p.names {
		if instead, ok := trap[name]; ok {
			long, _ := unitName(name)
			warnings = append(warnings, fmt.Sprintf("the unit %q means %s; write '%s' if you mean that", name, long, instead))
		}
	}
	if len(p.unknown) > 0 {
		sort.Strings(p.unknown)
		return text, append(warnings, fmt.Sprintf("the unit %q is not known and kept as written", strings.Join(p.unknown, ", "))), nil
	}
	return p.format(), warnings, nil
}

// unitParser reads products, quotients, powers and brackets of unit names.
type unitParser struct {
	rest    string
	power   map[string]float64
	names   []string
	unknown []string
}

func (p *unitParser) skip() { p.rest = strings.TrimLeft(p.rest, " \t") }

func (p *unitParser) take(prefix string) bool {
	p.skip()
	rest, ok := strings.CutPrefix(p.rest, prefix)
	if ok {
		p.rest = rest
	}
	return ok
}

func (p *unitParser) product(sign float64, depth int) error {
	if depth > 20 {
		return fmt.Errorf("too many brackets")
	}
	if err := p.factor(sign, depth); err != nil {
		return err
	}
	for {
		switch p.skip(); {
		case p.rest == "" || p.rest[0] == ')':
			return nil
		case p.take("/"):
			if err := p.factor(-sign, depth); err != nil {
				return err
			}
		default: // a blank or a sign between two units multiplies
			_ = p.take("*") || p.take("·")
			if err := p.factor(sign, depth); err != nil {
				return err
			}
		}
	}
}

func (p *unitParser) factor(sign float64, depth int) error {
	inner := &unitParser{power: map[string]float64{}}
	switch p.skip(); {
	case p.take("("):
		inner.rest = p.rest
		if err := inner.product(1, depth+1); err != nil {
			return err
		}
		if !inner.take(")") {
			return fmt.Errorf("a bracket is not closed")
		}
		p.rest = inner.rest
	default:
		word := p.word()
		if word == "" {
			if p.rest == "" {
				return fmt.Errorf("it ends too early")
			}
			return fmt.Errorf("unexpected %q", p.rest)
		}
		if _, err := strconv.ParseFloat(word, 64); err == nil {
			if word != "1" {
				return fmt.Errorf("a factor %s cannot stand in a unit", word)
			}
			return nil
		}
		inner.names = append(inner.names, word)
		if long, ok := unitName(word); ok {
			inner.power[long] = 1
		} else {
			inner.power[word] = 1
			inner.unknown = append(inner.unknown, word)
		}
	}
	exponent := 1.0
	if p.take("**") || p.take("^") {
		var err error
		if exponent, err = p.exponent(); err != nil {
			return err
		}
	}
	for name, n := range inner.power {
		p.power[name] += sign * n * exponent
	}
	p.names, p.unknown = append(p.names, inner.names...), append(p.unknown, inner.unknown...)
	return nil
}

func (p *unitParser) exponent() (float64, error) {
	bracket := p.take("(")
	p.skip()
	end := 0
	for end < len(p.rest) && strings.IndexByte("+-.0123456789", p.rest[end]) >= 0 {
		end++
	}
	n, err := strconv.ParseFloat(p.rest[:end], 64)
	if err != nil {
		return 0, fmt.Errorf("an exponent must be a number")
	}
	p.rest = p.rest[end:]
	if bracket && !p.take(")") {
		return 0, fmt.Errorf("a bracket is not closed")
	}
	return n, nil
}

func (p *unitParser) word() string {
	end := strings.IndexAny(p.rest, " \t*/^()·")
	if end < 0 {
		end = len(p.rest)
	}
	w := p.rest[:end]
	p.rest = p.rest[end:]
	return w
}

// format writes numerator and denominator in alphabetical order.
func (p *unitParser) format() string {
	names := make([]string, 0, len(p.power))
	for name, n := range p.power {
		if n != 0 && name != "dimensionless" {
			names = append(names, name)
		}
	}
	sort.Strings(names)
	var over, under []string
	for _, name := range names {
		n := p.power[name]
		text, size := name, max(n, -n)
		if size != 1 {
			text += " ** " + strconv.FormatFloat(size, 'g', -1, 64)
		}
		if n > 0 {
			over = append(over, text)
		} else {
			under = append(under, text)
		}
	}
	switch {
	case len(over) == 0 && len(under) == 0:
		return "dimensionless"
	case len(over) == 0:
		return "1 / " + strings.Join(under, " / ")
	case len(under) == 0:
		return strings.Join(over, " * ")
	}
	return strings.Join(over, " * ") + " / " + strings.Join(under, " / ")
}
