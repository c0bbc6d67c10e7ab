package search

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"oasis/internal/problem"
)

// maxDepth bounds how deep objects and lists of a request may nest.
const maxDepth = 48

// maxNodes bounds how many objects, lists and members a request may have, and
// maxValues how many plain values its lists may have besides, because a list of
// entry ids is long in honest requests.
const (
	maxNodes  = 10_000
	maxValues = 1 << 16
)

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

// tooManyError is a request of more parts than its bytes should make the server keep.
type tooManyError struct {
	place []any
	what  string
	most  int
}

func (e *tooManyError) Error() string { return fmt.Sprintf("more than %d %s", e.most, e.what) }

// decoder reads JSON and counts while it reads: a request of a few megabytes may
// be millions of empty objects, each of which costs far more than its two bytes.
type decoder struct {
	json   *json.Decoder
	nodes  int
	values int
	place  []any
}

// decode reads one JSON value: object, []any, string, json.Number, bool or nil.
func decode(text []byte) (any, error) {
	d := decoder{json: json.NewDecoder(bytes.NewReader(text))}
	d.json.UseNumber()
	v, err := d.value(0, false)
	if err != nil {
		return nil, err
	}
	if _, err := d.json.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("more than one value")
	}
	return v, nil
}

// value reads one value. Plain values of a list have an allowance of their own,
// everything else is a node.
func (d *decoder) value(depth int, inList bool) (any, error) {
	if depth > maxDepth {
		return nil, errTooDeep
	}
	token, err := d.json.Token()
	if err != nil {
		return nil, err
	}
	_, nested := token.(json.Delim)
	if err := d.count(inList && !nested); err != nil {
		return nil, err
	}
	switch token {
	case json.Delim('{'):
		return d.object(depth)
	case json.Delim('['):
		return d.list(depth)
	default:
		return token, nil
	}
}

func (d *decoder) count(listed bool) error {
	if listed {
		if d.values++; d.values > maxValues {
			return &tooManyError{slices.Clone(d.place), "values in lists", maxValues}
		}
		return nil
	}
	if d.nodes++; d.nodes > maxNodes {
		return &tooManyError{slices.Clone(d.place), "objects, lists and members", maxNodes}
	}
	return nil
}

func (d *decoder) list(depth int) (any, error) {
	list := []any{}
	for d.json.More() {
		d.place = append(d.place, len(list))
		v, err := d.value(depth+1, true)
		if err != nil {
			return nil, err
		}
		d.place = d.place[:len(d.place)-1]
		list = append(list, v)
	}
	_, err := d.json.Token()
	return list, err
}

func (d *decoder) object(depth int) (any, error) {
	o := object{}
	seen := map[string]bool{}
	for d.json.More() {
		token, err := d.json.Token()
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
		d.place = append(d.place, key)
		v, err := d.value(depth+1, false)
		if err != nil {
			return nil, err
		}
		d.place = d.place[:len(d.place)-1]
		o = append(o, member{key, v})
	}
	_, err := d.json.Token()
	return o, err
}

// decodeError turns an error of decode into the refusal of a body or parameter.
func decodeError(err error, loc ...any) *problem.Error {
	var twice twiceError
	var many *tooManyError
	switch {
	case errors.As(err, &many):
		return problem.Invalid("too_long", fmt.Sprintf("A request can have at most %d %s: split it into several", many.most, many.what), append(loc, many.place...)...)
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
