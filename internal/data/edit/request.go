package edit

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"oasis/internal/data/upload"
	"oasis/internal/problem"
)

// member is a member of a JSON object. The order of members decides the order of what is said about them.
type member struct {
	key   string
	value json.RawMessage
}

// Request is an edit as it was sent (spec uploads.md §9).
type Request struct {
	metadata []member
	entries  []keyed
	// mainfiles tells that the keys of entries are main files and not entry ids.
	mainfiles bool
	noKeys    bool
	query     json.RawMessage
	owner     upload.Owner
	// VerifyOnly checks everything and changes nothing.
	VerifyOnly bool
}

// keyed are values for one entry.
type keyed struct {
	key    string
	fields []member
}

// The ways to name entries.
const (
	keyEntryID  = "entry_id"
	keyMainfile = "mainfile"
)

// maxKeyed bounds how many entries one edit may name.
const maxKeyed = 10_000

// Parse reads the body of an edit. What is not of the right shape is a 422.
func Parse(body []byte) (*Request, error) {
	top, err := membersOf(body)
	if err != nil {
		return nil, problem.Invalid("dict_type", "Input should be a valid dictionary: "+err.Error(), "body")
	}
	r := &Request{owner: upload.OwnerPublic}
	var wrong []problem.Field
	bad := func(typ, msg string, loc ...any) {
		wrong = append(wrong, problem.Field{Loc: append([]any{"body"}, loc...), Type: typ, Msg: msg})
	}
	for _, m := range top {
		switch m.key {
		case "metadata":
			if r.metadata, err = membersOf(m.value); err != nil {
				bad("dict_type", "Input should be a valid dictionary", m.key)
			}
		case "entries":
			r.readEntries(m.value, bad)
		case "entries_key":
			r.readKey(m.value, bad)
		case "query":
			if !null(m.value) {
				r.query = m.value
			}
		case "owner":
			owner := string(r.owner)
			if json.Unmarshal(m.value, &owner) != nil {
				bad("enum", "Input should be the name of an owner, such as 'visible'", m.key)
			}
			r.owner = upload.Owner(owner)
		case "verify_only":
			if json.Unmarshal(m.value, &r.VerifyOnly) != nil {
				bad("bool_type", "Input should be a valid boolean", m.key)
			}
		}
	}
	if wrong != nil {
		return nil, problem.InvalidAll(wrong)
	}
	return r, nil
}

func (r *Request) readEntries(value json.RawMessage, bad func(typ, msg string, loc ...any)) {
	list, err := membersOf(value)
	switch {
	case err != nil:
		bad("dict_type", "Input should be a valid dictionary", "entries")
		return
	case len(list) > maxKeyed:
		bad("too_long", fmt.Sprintf("At most %d entries can be named at once", maxKeyed), "entries")
		return
	}
	for _, m := range list {
		fields, err := membersOf(m.value)
		if err != nil {
			bad("dict_type", "Input should be a valid dictionary", "entries", m.key)
			continue
		}
		r.entries = append(r.entries, keyed{m.key, fields})
	}
}

func (r *Request) readKey(value json.RawMessage, bad func(typ, msg string, loc ...any)) {
	if null(value) {
		r.noKeys = true
		return
	}
	var name string
	if json.Unmarshal(value, &name) != nil || name != keyEntryID && name != keyMainfile {
		bad("enum", "Input should be 'entry_id' or 'mainfile'", "entries_key")
	}
	r.mainfiles = name == keyMainfile
}

// fields gives every mentioned field with its place, those of metadata first. A
// null says nothing.
func (r *Request) fields(yield func(place []any, m member)) {
	walk := func(place []any, list []member) {
		for _, m := range list {
			if !null(m.value) {
				yield(append(slices.Clone(place), m.key), m)
			}
		}
	}
	walk([]any{"metadata"}, r.metadata)
	for _, k := range r.entries {
		walk([]any{"entries", k.key}, k.fields)
	}
}

func null(value json.RawMessage) bool { return bytes.Equal(bytes.TrimSpace(value), []byte("null")) }

var errNoObject = errors.New("it is no JSON object")

// membersOf reads a JSON object, or null as an empty one. Of two members with one
// key the later counts.
func membersOf(text json.RawMessage) ([]member, error) {
	if null(text) {
		return nil, nil
	}
	d := json.NewDecoder(bytes.NewReader(text))
	if open, err := d.Token(); err != nil || open != json.Delim('{') {
		return nil, errNoObject
	}
	list, at := []member{}, map[string]int{}
	for d.More() {
		token, err := d.Token()
		if err != nil {
			return nil, fmt.Errorf("JSON decode error: %w", err)
		}
		key, _ := token.(string)
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return nil, fmt.Errorf("JSON decode error: %w", err)
		}
		if i, again := at[key]; again {
			list[i].value = value
			continue
		}
		at[key] = len(list)
		list = append(list, member{key, value})
	}
	if _, err := d.Token(); err != nil {
		return nil, fmt.Errorf("JSON decode error: %w", err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("there is more behind its end")
	}
	return list, nil
}
