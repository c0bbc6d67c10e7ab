package metainfo_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"oasis/internal/data/archive/source"
)

// TestValuesAreConvertedAsTheTypeSays follows the table of spec metainfo-archive.md §4.
func TestValuesAreConvertedAsTheTypeSays(t *testing.T) {
	t.Parallel()
	const bad = "\x00" // the value is refused
	for _, c := range []struct {
		typ, in string
		want    any
	}{
		{"str", "5", "5"}, {"str", "true", "True"}, {"str", "1.0", "1.0"}, {"str", "{a: 1}", bad}, {"str", "[a]", bad},
		{"int", "1.0", int64(1)}, {"int", "'3'", int64(3)}, {"int", "1.5", bad}, {"int", "x", bad}, {"int", "true", bad},
		{"np.int8", "127", int64(127)}, {"np.int8", "128", bad}, {"np.uint8", "255", int64(255)}, {"np.uint8", "-1", bad}, {"np.uint8", "256", bad},
		{"float", "'1.5'", 1.5}, {"float", "2", 2.0}, {"float", "1e3", 1000.0}, {"float", "45O", bad}, {"float", "null", nil}, {"float", ".nan", nil}, {"float", ".inf", nil},
		{"float", "'0x10'", bad}, {"float", "true", bad}, {"float", "[1]", bad}, {"np.float64", "-3.5", -3.5},
		{"bool", "true", true}, {"bool", "1", true}, {"bool", "'true'", true}, {"bool", "no", false}, {"bool", "2", bad}, {"bool", "maybe", bad},
		{"complex", "1+2j", map[string]any{"re": 1.0, "im": 2.0}}, {"complex", "{re: 1, im: 2}", map[string]any{"re": 1.0, "im": 2.0}}, {"complex", "3", map[string]any{"re": 3.0, "im": 0.0}}, {"complex", "x", bad},
		{"Datetime", "2024-05-01T12:00:00+02:00", "2024-05-01T10:00:00+00:00"}, {"Datetime", "2024-05-01", "2024-05-01T00:00:00+00:00"},
		{"Datetime", "'2024-05-01 10:00'", "2024-05-01T10:00:00+00:00"}, {"Datetime", "1714557600", "2024-05-01T10:00:00+00:00"}, {"Datetime", "1 May 2024", "2024-05-01T00:00:00+00:00"},
		{"Datetime", "2024-05-01T10:00:00.25Z", "2024-05-01T10:00:00.250000+00:00"}, {"datetime", "soon", bad}, {"np.datetime64", "2024-02-30", bad}, {"Datetime", "1e300", bad},
		{"{type_kind: enum, type_data: [a, b]}", "a", "a"}, {"{type_kind: enum, type_data: [a, b]}", "Cls.b", "b"}, {"{type_kind: enum, type_data: [a, b]}", "c", bad},
		{"JSON", "{a: [1]}", map[string]any{"a": []any{int64(1)}}}, {"JSON", "[1]", bad}, {"JSON", "3", bad},
		{"Any", "[1, {a: b}]", []any{int64(1), map[string]any{"a": "b"}}},
		{"URL", "https://x", "https://x"}, {"User", "abc", "abc"}, {"User", "{a: b}", bad}, {"Author", "{first_name: A}", map[string]any{"first_name": "A"}},
		{"nomad.metainfo.data_type.Datetime", "2024-05-01", "2024-05-01T00:00:00+00:00"}, {"FLOAT", "1", 1.0}, {"{type_kind: numpy, type_data: float64}", "1", 1.0},
		{"np.float64, shape: ['*']", "[1, 2]", []any{1.0, 2.0}}, {"np.float64, shape: ['*']", "[1, null]", []any{1.0, nil}}, {"np.float64, shape: ['*']", "1", bad},
		{"np.float64, shape: [3]", "[1, 2]", bad}, {"np.float64, shape: ['*', '*']", "[[1], [2]]", []any{[]any{1.0}, []any{2.0}}}, {"np.float64, shape: ['*', '*']", "[1]", bad},
		{"float, shape: ['*']", "[1, x]", bad},
	} {
		p, _, err := readSchema(t, fmt.Sprintf("definitions: {sections: {A: {quantities: {q: {type: %s}}}}}", c.typ))
		if err != nil {
			t.Errorf("%s: %v", c.typ, err)
			continue
		}
		root, err := source.Read("v.yaml", strings.NewReader("v: "+c.in), source.DefaultLimits())
		if err != nil {
			t.Fatal(err)
		}
		q, _ := p.Find("A").Property("q")
		got, problem := q.Quantity.Convert(root.Get("v"))
		if refused := problem != ""; refused != (c.want == any(bad)) || !refused && !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s for %s: got %#v, %q; want %#v", c.in, c.typ, got, problem, c.want)
		}
	}
}
