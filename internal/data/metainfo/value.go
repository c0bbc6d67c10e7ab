package metainfo

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"oasis/internal/data/archive/source"
)

// Convert gives the stored form of a value for the quantity, or a sentence
// that says what is wrong with it. null means unset and gives nil, true.
// References come back as the text given; the caller rewrites them.
func (q *Quantity) Convert(n *source.Node) (value any, problem string) {
	if q.Type.NoTypeCheck || q.Type.Kind == Any {
		return n.Plain(), ""
	}
	value, problem = q.Type.shaped(n, q.Shape)
	if problem != "" && len(q.Shape) > 0 && q.Type.NoShapeCheck {
		return n.Plain(), ""
	}
	return value, problem
}

func (t *Type) shaped(n *source.Node, shape []string) (any, string) {
	if len(shape) == 0 {
		if n.Kind == source.List && !t.isObject() {
			return nil, "one value is expected, not a list"
		}
		return t.scalar(n)
	}
	if n.IsNull() {
		return nil, ""
	}
	if n.Kind != source.List {
		return nil, fmt.Sprintf("a list is expected, not %s", n.Describe())
	}
	if fixed, err := strconv.Atoi(shape[0]); err == nil && fixed != len(n.Items) {
		return nil, fmt.Sprintf("a list of %d values is expected, not of %d", fixed, len(n.Items))
	}
	out := make([]any, len(n.Items))
	for i, item := range n.Items {
		v, problem := t.shaped(item, shape[1:])
		if problem != "" {
			return nil, fmt.Sprintf("item %d: %s", i, problem)
		}
		out[i] = v
	}
	return out, ""
}

func (t *Type) isObject() bool { return t.Kind == JSON || t.Kind == HDF5Dataset }

func (t *Type) scalar(n *source.Node) (any, string) {
	if n.IsNull() {
		return nil, ""
	}
	switch t.Kind {
	case Text, HDF5Reference:
		if s, ok := scalarText(n); ok {
			return s, ""
		}
		return nil, fmt.Sprintf("a text is expected, not %s", n.Describe())
	case Int:
		return t.whole(n)
	case Float:
		return float(n)
	case Bool:
		return boolean(n)
	case Complex:
		return complexNumber(n)
	case Datetime:
		return datetime(n)
	case Enum:
		s, ok := scalarText(n)
		if ok && slices.Contains(t.Values, s) {
			return s, ""
		}
		if at := strings.LastIndexByte(s, '.'); at >= 0 && slices.Contains(t.Values, s[at+1:]) {
			return s[at+1:], ""
		}
		return nil, fmt.Sprintf("%s is none of %s", n.Describe(), list(t.Values))
	case JSON:
		if n.Kind != source.Map {
			return nil, fmt.Sprintf("a mapping is expected, not %s", n.Describe())
		}
		return n.Plain(), ""
	case Author, User, Reference:
		if s, ok := n.Text(); ok {
			return s, ""
		}
		if n.Kind == source.Map && t.Kind == Author {
			return n.Plain(), ""
		}
		return nil, fmt.Sprintf("a text that names the target is expected, not %s", n.Describe())
	}
	return n.Plain(), ""
}

func list(values []string) string {
	const most = 12
	if len(values) > most {
		return strings.Join(values[:most], ", ") + ", …"
	}
	return strings.Join(values, ", ")
}

// scalarText turns any scalar into text as NOMAD does: true becomes "True".
func scalarText(n *source.Node) (string, bool) {
	if n == nil || n.Kind != source.Scalar {
		return "", false
	}
	switch v := n.Value.(type) {
	case string:
		return v, true
	case bool:
		if v {
			return "True", true
		}
		return "False", true
	case int64:
		return strconv.FormatInt(v, 10), true
	case uint64:
		return strconv.FormatUint(v, 10), true
	case float64:
		return pythonFloat(v), true
	}
	return "", false
}

// pythonFloat writes a float as Python does: 5.0, not 5.
func pythonFloat(f float64) string {
	s := strconv.FormatFloat(f, 'g', -1, 64)
	if size := math.Abs(f); size >= 1e-4 && size < 1e16 || f == 0 {
		if s = strconv.FormatFloat(f, 'f', -1, 64); !strings.Contains(s, ".") {
			s += ".0"
		}
	}
	return s
}

func (t *Type) whole(n *source.Node) (any, string) {
	wrong := func() (any, string) {
		return nil, fmt.Sprintf("%s is not a whole number", n.Describe())
	}
	v := n.Value
	if s, ok := v.(string); ok {
		s = strings.TrimSpace(s)
		i, err := strconv.ParseInt(s, 10, 64)
		if err != nil {
			u, err := strconv.ParseUint(s, 10, 64)
			if err != nil {
				return wrong()
			}
			v = u
		} else {
			v = i
		}
	}
	if f, ok := v.(float64); ok {
		if f != math.Trunc(f) || math.Abs(f) >= 1<<63 {
			return wrong()
		}
		v = int64(f)
	}
	switch i := v.(type) {
	case int64:
		if t.Unsigned && (i < 0 || t.Bits < 64 && i >= 1<<t.Bits) || !t.Unsigned && t.Bits > 0 && t.Bits < 64 && (i < -1<<(t.Bits-1) || i >= 1<<(t.Bits-1)) {
			return nil, fmt.Sprintf("%d does not fit into %v", i, t.storedData)
		}
		return i, ""
	case uint64:
		if !t.Unsigned && t.Bits > 0 {
			return nil, fmt.Sprintf("%d does not fit into %v", i, t.storedData)
		}
		return i, ""
	}
	return wrong()
}

// number reads a float; ok is false for what is none.
func number(n *source.Node) (float64, bool) {
	switch v := n.Value.(type) {
	case int64:
		return float64(v), true
	case uint64:
		return float64(v), true
	case float64:
		return v, true
	case string:
		s := strings.TrimSpace(v)
		if strings.ContainsAny(s, "xXpP_") { // Go would take hexadecimal and 1_000
			return 0, false
		}
		f, err := strconv.ParseFloat(s, 64)
		return f, err == nil
	}
	return 0, false
}

// float stores NaN and the infinities as null, the form in which JSON answers show them (spec §2.1).
func float(n *source.Node) (any, string) {
	f, ok := number(n)
	if !ok {
		return nil, fmt.Sprintf("%s is not a number", n.Describe())
	}
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return nil, ""
	}
	return f, ""
}

func boolean(n *source.Node) (any, string) {
	switch v := n.Value.(type) {
	case bool:
		return v, ""
	case int64:
		if v == 0 || v == 1 {
			return v == 1, ""
		}
	case string:
		switch strings.ToLower(strings.TrimSpace(v)) {
		case "true", "yes", "on":
			return true, ""
		case "false", "no", "off":
			return false, ""
		}
	}
	return nil, fmt.Sprintf("%s is neither true nor false", n.Describe())
}

func complexNumber(n *source.Node) (any, string) {
	if n.Kind == source.Map {
		re, im := n.Get("re"), n.Get("im")
		if re != nil && im != nil {
			a, ok1 := number(re)
			b, ok2 := number(im)
			if ok1 && ok2 && !math.IsNaN(a+b) && !math.IsInf(a+b, 0) {
				return map[string]any{"re": a, "im": b}, ""
			}
		}
	} else if f, ok := number(n); ok && !math.IsNaN(f) && !math.IsInf(f, 0) {
		return map[string]any{"re": f, "im": 0.0}, ""
	} else if s, ok := n.Text(); ok {
		s = strings.NewReplacer("j", "i", "J", "i", " ", "").Replace(s)
		if c, err := strconv.ParseComplex(s, 128); err == nil {
			return map[string]any{"re": real(c), "im": imag(c)}, ""
		}
	}
	return nil, fmt.Sprintf("%s is not a complex number; write \"1+2j\" or {re: 1, im: 2}", n.Describe())
}
