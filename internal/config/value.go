package config

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// value is what a file or a variable says before it is given a type: scalars
// keep their text, so that `1e5` or `true` can still become a string.
type value struct {
	kind   valueKind
	text   string
	items  []value
	fields []field
	at     position
}

type field struct {
	key   string
	at    position
	value value
}

type position struct{ line, column int }

type valueKind uint8

const (
	null valueKind = iota
	scalar
	list
	mapping
)

func (k valueKind) String() string {
	return [...]string{"nothing (null)", "a single value", "a list", "a mapping"}[k]
}

// maxNesting bounds recursion over hostile input.
const maxNesting = 64

var errTooDeep = errors.New("is nested too deeply")

// parseJSON reads one JSON value, keeping numbers as text and refusing keys that stand twice.
func parseJSON(text string) (value, error) {
	dec := json.NewDecoder(bytes.NewReader([]byte(text)))
	dec.UseNumber()
	v, err := jsonValue(dec, 0)
	if err != nil {
		return value{}, err
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return value{}, errors.New("has text after the JSON value")
	}
	return v, nil
}

func jsonValue(dec *json.Decoder, depth int) (value, error) {
	if depth > maxNesting {
		return value{}, errTooDeep
	}
	token, err := dec.Token()
	if err != nil {
		return value{}, errors.New("is not valid JSON")
	}
	switch t := token.(type) {
	case nil:
		return value{kind: null}, nil
	case bool:
		return value{kind: scalar, text: fmt.Sprint(t)}, nil
	case json.Number:
		return value{kind: scalar, text: t.String()}, nil
	case string:
		return value{kind: scalar, text: t}, nil
	case json.Delim:
		if t == '[' {
			return jsonList(dec, depth)
		}
		return jsonMapping(dec, depth)
	}
	return value{}, errors.New("is not valid JSON")
}

func jsonList(dec *json.Decoder, depth int) (value, error) {
	v := value{kind: list}
	for dec.More() {
		item, err := jsonValue(dec, depth+1)
		if err != nil {
			return value{}, err
		}
		v.items = append(v.items, item)
	}
	if _, err := dec.Token(); err != nil {
		return value{}, errors.New("is not valid JSON")
	}
	return v, nil
}

func jsonMapping(dec *json.Decoder, depth int) (value, error) {
	v, seen := value{kind: mapping}, map[string]bool{}
	for dec.More() {
		token, err := dec.Token()
		key, ok := token.(string)
		if err != nil || !ok {
			return value{}, errors.New("is not valid JSON")
		}
		if seen[key] {
			return value{}, fmt.Errorf("has the key %q twice", key)
		}
		seen[key] = true
		item, err := jsonValue(dec, depth+1)
		if err != nil {
			return value{}, err
		}
		v.fields = append(v.fields, field{key: key, value: item})
	}
	if _, err := dec.Token(); err != nil {
		return value{}, errors.New("is not valid JSON")
	}
	return v, nil
}
