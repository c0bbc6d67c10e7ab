package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

func jsonCommand(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) == 0 {
		ts.Fatalf("usage: json PATH VAR, json PATH == VALUE, json PATH != VALUE, ! json PATH")
	}
	body := here(ts).body
	value, found, err := lookup(body, args[0])
	ts.Check(err)
	switch {
	case neg && len(args) == 1:
		if found {
			ts.Fatalf("%s is there: %s", args[0], value)
		}
	case neg:
		ts.Fatalf("use != instead of ! with ==")
	case !found:
		ts.Fatalf("%s is not in\n%s", args[0], body)
	case len(args) == 2:
		ts.Setenv(args[1], value)
	case len(args) == 3 && args[1] == "==":
		if value != args[2] {
			ts.Fatalf("%s is %q, not %q, in\n%s", args[0], value, args[2], body)
		}
	case len(args) == 3 && args[1] == "!=":
		if value == args[2] {
			ts.Fatalf("%s is %q in\n%s", args[0], value, body)
		}
	default:
		ts.Fatalf("usage: json PATH VAR, json PATH == VALUE, json PATH != VALUE, ! json PATH")
	}
}

// lookup finds the value at a path of keys and indices, such as data.0.id, or
// the number of a list's items at data.#. A string is given without quotes, all
// else as compact JSON.
func lookup(body []byte, path string) (value string, found bool, err error) {
	decode := json.NewDecoder(bytes.NewReader(body))
	decode.UseNumber() // 1 stays 1
	var at any
	if err := decode.Decode(&at); err != nil {
		return "", false, fmt.Errorf("the last answer is not JSON: %w\n%s", err, body)
	}
	for step := range strings.SplitSeq(path, ".") {
		var ok bool
		switch v := at.(type) {
		case map[string]any:
			at, ok = v[step]
		case []any:
			var i int
			if i, err = strconv.Atoi(step); err == nil && i >= 0 && i < len(v) {
				at, ok = v[i], true
			} else if step == "#" {
				at, ok = len(v), true
			}
		}
		if !ok {
			return "", false, nil
		}
	}
	if s, ok := at.(string); ok {
		return s, true, nil
	}
	text, err := json.Marshal(at)
	return string(text), true, err
}

func TestLookup(t *testing.T) {
	t.Parallel()
	const body = `{"data": [{"id": "a", "n": 3, "on": true, "none": null, "tags": ["x", "y"]}]}`
	tests := []struct{ path, want string }{
		{"data.0.id", "a"},
		{"data.0.n", "3"},
		{"data.0.on", "true"},
		{"data.0.none", "null"},
		{"data.#", "1"},
		{"data.0.tags", `["x","y"]`},
		{"data.1.id", "(missing)"},
		{"data.-1", "(missing)"},
		{"data.0.id.deeper", "(missing)"},
	}
	for _, tt := range tests {
		got, found, err := lookup([]byte(body), tt.path)
		if err != nil {
			t.Fatal(err)
		}
		if !found {
			got = "(missing)"
		}
		if got != tt.want {
			t.Errorf("%s is %q, want %q", tt.path, got, tt.want)
		}
	}
}
