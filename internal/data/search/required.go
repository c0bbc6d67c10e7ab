package search

import (
	"fmt"
	"slices"
	"strings"

	"oasis/internal/problem"
)

// maxPatterns bounds the number of names and patterns of required.
const maxPatterns = 1000

// Required says which parts of a document are returned (spec entries.md §5).
type Required struct {
	// Include, if not nil, are the names and patterns to return; Exclude those to leave out.
	Include, Exclude []string
	// Always are the names that are returned in any case.
	Always []string
}

// setRequired reads the required object. The entry id and the sorted quantity
// are always returned; the repeated lists say so.
func (r *Request) setRequired(v any) error {
	r.Required.Always = []string{"entry_id", r.Page.OrderBy.Name}
	if v == nil {
		return nil
	}
	o, ok := v.(object)
	if !ok {
		return problem.Invalid("dict_type", "required must be an object with include and exclude", "body", "required")
	}
	var include, exclude []string
	for _, m := range o {
		var err error
		switch m.key {
		case "include":
			include, err = names(m)
		case "exclude":
			exclude, err = names(m)
		default:
			err = unknownKey("body", "required", m.key)
		}
		if err != nil {
			return err
		}
	}
	return r.require(include, exclude)
}

func names(m member) ([]string, error) {
	list, ok := m.value.([]any)
	if m.value == nil {
		return nil, nil
	}
	if !ok || len(list) > maxPatterns {
		return nil, problem.Invalid("list_type", fmt.Sprintf("Input should be a list of at most %d names", maxPatterns), "body", "required", m.key)
	}
	out := make([]string, len(list))
	for i, item := range list {
		if out[i], ok = item.(string); !ok {
			return nil, problem.Invalid("string_type", "Input should be a valid string", "body", "required", m.key, i)
		}
	}
	return out, nil
}

// require checks the lists and sets what is returned and repeated. nil = not given.
func (r *Request) require(include, exclude []string) error {
	for _, name := range slices.Concat(include, exclude) {
		if strings.Contains(name, "*") {
			continue
		}
		if _, err := quantity(name); err != nil {
			if strings.Contains(name, "#") {
				return err
			}
			return notQuantity(name, "required")
		}
	}
	if include == nil && exclude == nil {
		return nil
	}
	r.RequiredEcho = &RequiredEcho{}
	if include != nil {
		for _, name := range r.Required.Always {
			if !slices.Contains(include, name) {
				include = append(include, name)
			}
		}
		r.Required.Include = paths(include)
		r.RequiredEcho.Include = &include
	}
	if exclude != nil {
		exclude = slices.DeleteFunc(exclude, func(name string) bool { return slices.Contains(r.Required.Always, name) })
		r.Required.Exclude = paths(exclude)
		r.RequiredEcho.Exclude = &exclude
	}
	return nil
}

// paths cuts the schema off the names of custom-schema quantities.
func paths(names []string) []string {
	out := make([]string, len(names))
	for i, name := range names {
		out[i], _, _ = strings.Cut(name, "#")
	}
	return out
}
