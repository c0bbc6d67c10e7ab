package search

import (
	"encoding/json"
	"regexp"
	"slices"

	"oasis/internal/problem"
)

// maxBuckets bounds the size of a terms aggregation.
const maxBuckets = 10000

// maxAggregations bounds the number of aggregations of one request.
const maxAggregations = 100

var substringFilter = regexp.MustCompile(`^[a-zA-Z0-9_\-\s]+$`)

// setAggregations reads the aggregations of a request. Types and parameters that
// are not supported are refused by name.
func (r *Request) setAggregations(v any) error {
	if v == nil {
		return nil
	}
	o, ok := v.(object)
	if !ok || len(o) > maxAggregations {
		return problem.Invalid("dict_type", "The aggregations must be an object with at most 100 members", "body", "aggregations")
	}
	for _, m := range o {
		kinds, ok := m.value.(object)
		if !ok || len(kinds) == 0 {
			return problem.Invalid("missing", `An aggregation needs a type, such as {"terms": {"quantity": "entry_type"}}`, "body", "aggregations", m.key)
		}
		for _, kind := range kinds {
			if kind.key != "terms" {
				return unknownKey("body", "aggregations", m.key, kind.key)
			}
			params, ok := kind.value.(object)
			if !ok {
				return problem.Invalid("dict_type", "Input should be an object", "body", "aggregations", m.key, "terms")
			}
			a, err := terms(m.key, params)
			if err != nil {
				return err
			}
			r.Aggregations = append(r.Aggregations, a)
		}
	}
	return nil
}

func terms(name string, params object) (Aggregation, error) {
	a := Aggregation{Name: name, Metrics: []string{}}
	invalid := func(typ, msg, key string) error {
		return problem.Invalid(typ, msg, "body", "aggregations", name, "terms", key)
	}
	for _, m := range params {
		if m.value == nil {
			continue
		}
		switch m.key {
		case "quantity":
			text, _ := m.value.(string)
			q, err := quantity(text)
			if err != nil {
				return a, err
			}
			if !q.Aggregatable {
				return a, wrong("The aggregation quantity cannot be used in a terms aggregation.", "aggregation", name, "terms", "quantity")
			}
			a.Quantity, a.Given = q, text
		case "exclude_from_search":
			flag, ok := m.value.(bool)
			if !ok {
				return a, invalid("bool_type", "Input should be a valid boolean", m.key)
			}
			a.ExcludeFromSearch = flag
		case "size":
			n, ok := m.value.(json.Number)
			size, err := n.Int64()
			if !ok || err != nil || size <= 0 || size > maxBuckets {
				return a, invalid("int_type", "Input should be an integer from 1 to 10000", m.key)
			}
			a.Size = int(size)
		case "include":
			if err := a.setInclude(m.value); err != nil {
				return a, err
			}
		case "metrics":
			if err := a.setMetrics(m.value); err != nil {
				return a, err
			}
		default:
			return a, unknownKey("body", "aggregations", name, "terms", m.key)
		}
	}
	if a.Quantity == nil {
		return a, invalid("missing", "Field required", "quantity")
	}
	if a.Size == 0 {
		a.Size = a.Quantity.Size
	}
	return a, nil
}

func (a *Aggregation) setInclude(v any) error {
	switch v := v.(type) {
	case string:
		if !substringFilter.MatchString(v) {
			return problem.Invalid("string_pattern_mismatch", `String should match pattern '^[a-zA-Z0-9_\-\s]+$'`,
				"body", "aggregations", a.Name, "terms", "include")
		}
		a.Contains = v
		return nil
	case []any:
		a.Only = make([]string, len(v))
		for i, item := range v {
			text, ok := item.(string)
			if !ok {
				return problem.Invalid("string_type", "Input should be a valid string", "body", "aggregations", a.Name, "terms", "include", i)
			}
			a.Only[i] = text
		}
		return nil
	default:
		return problem.Invalid("string_type", "Input should be a string or a list of strings", "body", "aggregations", a.Name, "terms", "include")
	}
}

// Metrics are the names of the numbers that a bucket can carry (spec entries.md §6).
func Metrics() []string {
	return []string{"n_entries", "n_uploads", "n_authors", "n_materials", "n_quantities", "n_calculations"}
}

func (a *Aggregation) setMetrics(v any) error {
	list, ok := v.([]any)
	if !ok {
		return problem.Invalid("list_type", "Input should be a valid list", "body", "aggregations", a.Name, "terms", "metrics")
	}
	for _, item := range list {
		name, _ := item.(string)
		if !slices.Contains(Metrics(), name) {
			return wrong("metric must be the qualified name of a suitable search quantity", "statistic", "metrics")
		}
		a.Metrics = append(a.Metrics, name)
	}
	return nil
}

// Include repeats the filter of an aggregation, nil = none.
func (a *Aggregation) Include() any {
	switch {
	case a.Only != nil:
		return a.Only
	case a.Contains != "":
		return a.Contains
	default:
		return nil
	}
}
