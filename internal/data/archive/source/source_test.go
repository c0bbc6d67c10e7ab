package source_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"reflect"
	"strings"
	"testing"

	"oasis/internal/data/archive/source"
)

func read(name, text string) (*source.Node, error) {
	return source.Read(name, strings.NewReader(text), source.DefaultLimits())
}

func TestValuesOfBothLanguages(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, text string
		want       map[string]any
	}{
		{"a.yaml", "i: 3\nf: 1.5\ne: 1e3\nt: true\nn: null\nempty:\ns: hello\nd: 2024-05-01\nno: no\n",
			map[string]any{"i": int64(3), "f": 1.5, "e": "1e3", "t": true, "n": nil, "empty": nil, "s": "hello", "d": "2024-05-01", "no": "no"}},
		{"a.yml", "l: [1, two, [3]]\nm: {a: b}\nt: |\n  one\n  two\n", map[string]any{
			"l": []any{int64(1), "two", []any{int64(3)}}, "m": map[string]any{"a": "b"}, "t": "one\ntwo\n"}},
		{"a.yaml", "base: &b {x: 1, y: 2}\nuse: *b\nmore: {<<: *b, y: 3}\n", map[string]any{
			"base": map[string]any{"x": int64(1), "y": int64(2)}, "use": map[string]any{"x": int64(1), "y": int64(2)},
			"more": map[string]any{"x": int64(1), "y": int64(3)}}},
		{"a.yaml", "1: one\ntrue: yes\nn: !!str 5\nnan: .nan\n", map[string]any{"1": "one", "true": "yes", "n": "5", "nan": nil}},
		{"a.json", `{"i": 3, "big": 18446744073709551615, "f": -1.5e2, "u": "\u00e4\ud83d\ude00\n", "n": null, "l": [], "m": {}, "x": NaN, "y": -Infinity}`,
			map[string]any{"i": int64(3), "big": uint64(math.MaxUint64), "f": -150.0, "u": "ä😀\n", "n": nil, "l": []any{}, "m": map[string]any{}, "x": nil, "y": nil}},
		{"a.json", "\ufeff{}", map[string]any{}},
	} {
		n, err := read(c.name, c.text)
		if err != nil {
			t.Errorf("%s: %v", c.text, err)
			continue
		}
		if got := n.Plain(); !reflect.DeepEqual(got, any(c.want)) {
			t.Errorf("%s\n got %#v\nwant %#v", c.text, got, c.want)
		}
	}
}

func TestEveryValueKnowsItsPlace(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"a.yaml": "data:\n  name: x\n  list:\n    - ü: {temperature: 45O}\n",
		"a.json": "{\"data\":\n { \"name\": \"x\",\n\"list\":\n   [  {\"ü\": {\"temperature\": \"45O\"}}]}}",
	} {
		n, err := read(name, text)
		if err != nil {
			t.Fatal(err)
		}
		f := n.Get("data").Get("list").Items[0].Get("ü").Field("temperature")
		want := map[string][4]int{"a.yaml": {4, 11, 4, 24}, "a.json": {4, 14, 4, 29}}[name]
		if got := [4]int{f.Line, f.Column, f.Value.Line, f.Value.Column}; got != want {
			t.Errorf("%s: key and value stand at %v, want %v", name, got, want)
		}
	}
}

func TestFilesThatCannotBeReadNameThePlaceAndTheReason(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, text, want string }{
		{"a.yaml", "data:\n  a: [1, 2\nb: 3\n", "a.yaml:"},
		{"a.yaml", "- 1\n- 2\n", "a.yaml:1:1: the top level must be a mapping with keys such as 'data' or 'definitions', not a list"},
		{"a.yaml", "", "a.yaml: the file is empty"},
		{"a.yaml", "# only a comment\n", "the file is empty"},
		{"a.yaml", "just text", "not \"just text\""},
		{"a.yaml", "a: 1\nb: 2\na: 3\n", `a.yaml:3:1: the key "a" stands here twice`},
		{"a.yaml", "a: 1\n---\nb: 2\n", "more than one YAML document"},
		{"a.yaml", "a: *nothing\n", "a.yaml:1:4: the alias *nothing has no anchor"},
		{"a.yaml", "a: &x [*x]\n", "has no anchor"},
		{"a.yaml", "a: !!python/object:os.system rm\n", "the YAML tag \"!!python/object:os.system\" is not allowed"},
		{"a.yaml", "a: \xff\xfe\n", "a.yaml:1: the file is not UTF-8"},
		{"a.yaml", "a: " + strings.Repeat("[", 5000), "nest deeper than 200"},
		{"a.yaml", "a: {[1]: 2}", "not valid YAML: found an invalid key"},
		{"a.yaml", bomb(), "aliases repeat more than 200000 values"},
		{"a.json", `{"a": 1, "a": 2}`, `a.json:1:10: the key "a" stands here twice`},
		{"a.json", "{\n \"a\": 1,\n}", "a.json:3:1: not valid JSON: expected a key in double quotes, not '}'"},
		{"a.json", `{"a": 01}`, `"01" is neither a number nor true, false or null`},
		{"a.json", `{"a": "x}`, "has no closing quote"},
		{"a.json", "{\"a\": \"x\ny\"}", "a.json:1:9: not valid JSON: a line break"},
		{"a.json", `{"a": "\q"}`, "unknown escape"},
		{"a.json", `{"a": 1} x`, "unexpected 'x' after the end"},
		{"a.json", `{"a" 1}`, "expected ':'"},
		{"a.json", `{"a": [1 2]}`, "expected ',' or ']'"},
		{"a.json", `{"a": `, "unexpected end of file"},
		{"a.json", strings.Repeat(`{"a":`, 5000), "nest deeper than 200"},
		{"a.json", "[]", "the top level must be a mapping"},
	} {
		_, err := read(c.name, c.text)
		var issue *source.Issue
		if !errors.As(err, &issue) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%.60q:\n got %v\nwant %s", c.text, err, c.want)
		}
	}
}

// bomb is ten levels of ten aliases each.
func bomb() string {
	var b strings.Builder
	b.WriteString("l0: &l0 [x, x, x, x, x, x, x, x, x, x]\n")
	for i := 1; i < 10; i++ {
		fmt.Fprintf(&b, "l%d: &l%d [%s]\n", i, i, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*l%d, ", i-1), 10), ", "))
	}
	return b.String()
}

func TestFileLargerThanTheLimitIsRefused(t *testing.T) {
	t.Parallel()
	lim := source.DefaultLimits()
	lim.YAMLBytes, lim.JSONBytes = 1<<20, 2<<20
	text := `{"a": "` + strings.Repeat("x", 1<<20) + `"}`
	if _, err := source.Read("a.json", strings.NewReader(text), lim); err != nil {
		t.Errorf("JSON of 1 MiB: %v", err)
	}
	if _, err := source.Read("a.yaml", strings.NewReader(text), lim); err == nil || !strings.Contains(err.Error(), "larger than 1 MiB") {
		t.Errorf("YAML of 1 MiB: %v", err)
	}
}

func TestMappingWithManyKeys(t *testing.T) {
	t.Parallel()
	keys := func(n int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, "key%d: %d\n", i, i)
		}
		return b.String()
	}
	n, err := read("a.yaml", keys(4000))
	if err != nil || len(n.Fields) != 4000 {
		t.Fatalf("%v", err)
	}
	if _, err := read("a.yaml", keys(4000)+"key77: 1\n"); err == nil || !strings.Contains(err.Error(), `:4001:1: the key "key77"`) {
		t.Errorf("a late duplicate: %v", err)
	}
	if _, err := read("a.yaml", keys(20_000)); err == nil || !strings.Contains(err.Error(), "more than 5000 keys") {
		t.Errorf("too many keys: %v", err)
	}
	items := "list:\n" + strings.Repeat("  - {a: 1}\n  - b: 2\n", 20_000)
	if n, err := read("a.yaml", items); err != nil || len(n.Get("list").Items) != 40_000 {
		t.Errorf("a long list: %v", err)
	}
}

// A quadratic reader would need hours for this.
func TestLongLineOfJSON(t *testing.T) {
	t.Parallel()
	text := `{"a": [` + strings.Repeat(`"ä", `, 400_000) + `45O]}`
	_, err := read("a.json", text)
	if err == nil || !strings.Contains(err.Error(), `a.json:1:2000008: not valid JSON: "45O" is neither`) {
		t.Errorf("got %v", err)
	}
}

func FuzzReadYAML(f *testing.F) {
	for _, s := range []string{"data:\n  m_def: x\n", "a: &x [1]\nb: *x\n", "a: |\n  x\n", "{a: 1, <<: {b: 2}}", "? a\n: b\n", "a: !!str 1\n", "- - - a", bomb()} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		n, err := read("a.archive.yaml", text)
		var issue *source.Issue
		if err != nil && !errors.As(err, &issue) {
			t.Fatalf("an error without a place: %v", err)
		}
		if err == nil {
			encodes(t, n)
		}
	})
}

func encodes(t *testing.T, n *source.Node) {
	if _, err := json.Marshal(n.Plain()); err != nil {
		t.Fatalf("what was read cannot be written as JSON: %v", err)
	}
}

func FuzzReadJSON(f *testing.F) {
	for _, s := range []string{`{"a": [1, 2.5e-3, "x\u00e4", null, true]}`, `{"a": NaN}`, `{"a": {"b": {}}}`, `{"\ud83d\ude00": -0}`, `{"a":1,"a":2}`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		n, err := read("a.archive.json", text)
		var want map[string]any
		plainErr := json.Unmarshal([]byte(text), &want)
		if err == nil {
			encodes(t, n)
		}
		if plainErr == nil && want != nil && err != nil {
			// Stricter than the standard library only where we say so.
			if m := err.Error(); !strings.Contains(m, "twice") && !strings.Contains(m, "deeper") {
				t.Fatalf("%q: %v", text, err)
			}
		}
		if plainErr != nil && err == nil && !strings.Contains(text, "NaN") && !strings.Contains(text, "Infinity") && !strings.HasPrefix(text, "\ufeff") &&
			!strings.Contains(plainErr.Error(), "cannot unmarshal number") {
			t.Fatalf("%q is read here, elsewhere: %v", text, plainErr)
		}
	})
}
