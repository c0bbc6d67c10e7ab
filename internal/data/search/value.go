package search

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// value makes a value of a condition on q from what the caller wrote: string,
// json.Number or bool. at names the place for a refusal.
func (q *Quantity) value(given any, now time.Time, at string) (Value, error) {
	v := Value{Given: given}
	switch given := given.(type) {
	case string:
		v.Text = given
	case json.Number:
		v.Text = given.String()
	case bool:
		v.Text = strconv.FormatBool(given)
	case nil:
		return v, wrong("null is not a value: leave the quantity out, or negate it with none or not", at)
	default:
		return v, wrong("the value of "+at+" must be a string, a number, true or false", at)
	}
	switch q.Type {
	case Int, Float:
		n, ok := number(given, v.Text)
		if !ok {
			return v, wrong(fmt.Sprintf("%s is a number, %q is not", at, v.Text), at)
		}
		v.Low, v.High = n, n
	case Date:
		var err error
		if v.Low, v.High, err = dateInterval(given, now); err != nil {
			return v, wrong(fmt.Sprintf("%q is %v", v.Text, err), at).Because(err)
		}
	case Bool:
		if v.Text != "true" && v.Text != "false" {
			return v, wrong(fmt.Sprintf("%s is true or false, %q is neither", at, v.Text), at)
		}
	case Keyword:
		v.Text = q.Form.convert(v.Text)
	}
	return v, nil
}

func number(given any, text string) (float64, bool) {
	if _, isBool := given.(bool); isBool || strings.ContainsAny(text, "xX_pP") {
		return 0, false
	}
	n, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
	return n, err == nil && !math.IsNaN(n) && !math.IsInf(n, 0)
}

// Tokens splits a text the way the quantity's type does, lower-cased where the
// type says so (spec entries.md §3.3).
func (t Type) Tokens(text string) []string {
	switch t {
	case Text, Phrase, Words:
		return words(text)
	case Segments:
		return strings.FieldsFunc(text, func(r rune) bool { return r == '/' })
	default:
		return []string{text}
	}
}
