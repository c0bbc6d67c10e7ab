package search

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"oasis/internal/problem"
)

// maxDepth bounds how deep objects and lists of a request may nest.
const maxDepth = 48

// object is a JSON object whose members keep their order, so that the echo of a
// query does not change from one answer to the next.
type object []member

type member struct {
	key   string
	value any
}

func (o object) get(key string) (any, bool) {
	for _, m := range o {
		if m.key == key {
			return m.value, true
		}
	}
	return nil, false
}

// has tells whether o consists of exactly these keys.
func (o object) has(keys ...string) bool {
	if len(o) != len(keys) {
		return false
	}
	for _, key := range keys {
		if _, ok := o.get(key); !ok {
			return false
		}
	}
	return true
}

var errTooDeep = errors.New("nested too deep")

// twiceError is a key that stands twice in one object.
type twiceError string

func (e twiceError) Error() string { return "key " + string(e) + " twice" }

// decode reads one JSON value: object, []any, string, json.Number, bool or nil.
func decode(text []byte) (any, error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	v, err := decodeValue(d, 0)
	if err != nil {
		return nil, err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("more than one value")
	}
	return v, nil
}

func decodeValue(d *json.Decoder, depth int) (any, error) {
	if depth > maxDepth {
		return nil, errTooDeep
	}
	token, err := d.Token()
	if err != nil {
		return nil, err
	}
	switch token {
	case json.Delim('{'):
		return decodeObject(d, depth)
	case json.Delim('['):
		list := []any{}
		for d.More() {
			v, err := decodeValue(d, depth+1)
			if err != nil {
				return nil, err
			}
			list = append(list, v)
		}
		_, err := d.Token()
		return list, err
	default:
		return token, nil
	}
}

func decodeObject(d *json.Decoder, depth int) (any, error) {
	o := object{}
	seen := map[string]bool{}
	for d.More() {
		token, err := d.Token()
		if err != nil {
			return nil, err
		}
		key, ok := token.(string)
		if !ok {
			return nil, fmt.Errorf("key %v is not a string", token)
		}
		if seen[key] {
			return nil, twiceError(key)
		}
		seen[key] = true
		v, err := decodeValue(d, depth+1)
		if err != nil {
			return nil, err
		}
		o = append(o, member{key, v})
	}
	_, err := d.Token()
	return o, err
}

// decodeError turns an error of decode into the refusal of a body or parameter.
func decodeError(err error, loc ...any) *problem.Error {
	var twice twiceError
	switch {
	case errors.As(err, &twice):
		return problem.Invalid("value_error", "A quantity can only appear once in a query", []any{string(twice)}).Because(err)
	case errors.Is(err, errTooDeep):
		return problem.Invalid("value_error", fmt.Sprintf("The request nests objects deeper than %d levels", maxDepth), loc...)
	default:
		return problem.Invalid("json_invalid", "JSON decode error", loc...).Because(err)
	}
}

// wrong is a refusal of the search layer; the location is a list in a list (spec entries.md §13).
func wrong(msg string, path ...any) *problem.Error {
	return problem.Invalid("value_error", msg, path)
}

// notQuantity is the refusal that clients know by its ending.
func notQuantity(name string, path ...any) *problem.Error {
	if len(path) == 0 {
		path = []any{name}
	}
	return wrong(name+" is not a doc quantity", path...)
}
