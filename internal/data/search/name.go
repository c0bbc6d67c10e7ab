package search

import (
	"slices"
	"strings"
)

// quantity finds a static or custom-schema quantity by its full name.
func quantity(full string) (*Quantity, error) {
	if q, ok := Lookup(full); ok {
		return q, nil
	}
	if strings.HasPrefix(full, "data.") && strings.Contains(full, "#") {
		return dynamic(full)
	}
	return nil, notQuantity(full)
}

// dynamicTypes are the names of types behind the last # of a custom-schema quantity.
var dynamicTypes = map[string]Type{"int": Int, "str": Keyword, "float": Float, "bool": Bool, "datetime": Date}

// dynamic reads data.<path>#<schema>#<type> (spec search-quantities.md §6). The
// types of schemas are not known here, so the type is needed.
func dynamic(full string) (*Quantity, error) {
	last := strings.LastIndexByte(full, '#')
	t, ok := dynamicTypes[full[last+1:]]
	if !ok || strings.Count(full, "#") < 2 {
		return nil, wrong("Could not resolve the data type for quantity "+full+
			`. Please include the data type in the quantity name using the "#<type>" postfix.`, full)
	}
	path, _, _ := strings.Cut(full, "#")
	return &Quantity{Name: full[:last], Type: t, Path: path, Size: 10, Aggregatable: t == Keyword || t == Bool,
		Dynamic: true, Guard: GuardFull}, nil
}

// bounds finds the place of a range operator.
var bounds = map[string]func(*Bounds) **Value{
	"gt":  func(b *Bounds) **Value { return &b.GT },
	"gte": func(b *Bounds) **Value { return &b.GTE },
	"lt":  func(b *Bounds) **Value { return &b.LT },
	"lte": func(b *Bounds) **Value { return &b.LTE },
}

var listOps = map[string]Op{"all": All, "any": Any, "none": None}

func isOperator(name string) bool {
	return slices.Contains([]string{"all", "any", "none", "gt", "gte", "lt", "lte"}, name)
}

// cutOperator splits name:op; only what stands behind the last colon can be an operator.
func cutOperator(key string) (name, op string) {
	if i := strings.LastIndexByte(key, ':'); i >= 0 && isOperator(key[i+1:]) {
		return key[:i], key[i+1:]
	}
	return key, ""
}

func join(prefix, name string) string {
	if prefix == "" {
		return name
	}
	return prefix + "." + name
}

// knownSection tells whether quantities stand below a path; what is in data only its schema knows.
func knownSection(path string) bool {
	return catalogue.sections[path] || path == "data" || strings.HasPrefix(path, "data.")
}
