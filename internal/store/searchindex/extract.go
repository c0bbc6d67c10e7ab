package searchindex

import (
	"encoding/json"
	"log/slog"
	"maps"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/klauspost/compress/s2"

	"oasis/internal/data/search"
)

// maxKeyword is the length above which a keyword cannot be searched (spec entries.md §3.3).
const maxKeyword = 8191

// whole stands for the entry itself where an item of a nested section is meant.
const whole = -1

// extract is an entry made ready to be added, which needs no lock.
type extract struct {
	entryID, uploadID, mainfile string
	packed                      []byte
	items                       []item
	values                      []value
	phrases                     []phrase
}

// item is one item of a nested section.
type item struct {
	section string
	parent  int // position in extract.items, or whole
}

// value is one searchable value.
type value struct {
	column columnKey
	item   int // position in extract.items, or whole
	text   string
	number float64
}

// phrase is a text whose words are searched in their order.
type phrase struct {
	column columnKey
	words  string
}

// columnKey names a column: quantities that read the same values in the same way share one.
type columnKey struct {
	path string
	kind kind
}

type kind uint8

const (
	exact kind = iota
	words
	segments
	numeric
)

func keyOf(q *search.Quantity) columnKey {
	path := q.Path
	if q.Dynamic {
		path = dynamicPath(q.Name, q.Type)
	}
	switch {
	case q.Type.Numeric():
		return columnKey{path, numeric}
	case q.Type == search.Segments:
		return columnKey{path, segments}
	case q.Type.Tokenised():
		return columnKey{path, words}
	default:
		return columnKey{path, exact}
	}
}

// dynamicPath keeps the columns of one custom-schema quantity apart by type.
func dynamicPath(name string, t search.Type) string {
	switch t {
	case search.Int:
		return name + "#int"
	case search.Float:
		return name + "#float"
	case search.Bool:
		return name + "#bool"
	case search.Date:
		return name + "#datetime"
	default:
		return name + "#str"
	}
}

// prepareAll makes the entries among the changes ready, on all processors.
func prepareAll(changes []search.Change) []*extract {
	ready := make([]*extract, len(changes))
	var next atomic.Int64
	var workers sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), 1+len(changes)/16) {
		workers.Go(func() {
			for i := int(next.Add(1)) - 1; i < len(changes); i = int(next.Add(1)) - 1 {
				if e := changes[i].Entry; e != nil {
					ready[i] = prepare(e)
				}
			}
		})
	}
	workers.Wait()
	return ready
}

// prepare makes an entry ready to be added. An entry whose document cannot be
// read is still found by what its record says: one such entry must not end all searches.
func prepare(e *search.Entry) *extract {
	part, err := search.Canonical(e)
	if err != nil {
		slog.Error("search index: entry is found by its id only, process it again", "entry_id", e.ID, "error", err)
		bare := *e
		bare.Document = nil
		if part, err = search.Canonical(&bare); err != nil {
			part = &search.Part{JSON: json.RawMessage("{}")}
		}
	}
	x := &extract{entryID: e.ID, uploadID: e.UploadID, mainfile: e.Mainfile, packed: s2.Encode(nil, part.JSON)}
	x.object(part.Tree, search.Fields(), whole)
	x.dynamic(part.Tree["search_quantities"])
	return x
}

func (x *extract) object(tree map[string]any, f *search.Field, at int) {
	for name, v := range tree {
		if child := f.Fields[name]; child != nil {
			x.value(v, child, at)
		}
	}
}

func (x *extract) value(v any, f *search.Field, at int) {
	switch v := v.(type) {
	case []any:
		for _, child := range v {
			x.value(child, f, at)
		}
	case map[string]any:
		if f.Nested {
			x.items = append(x.items, item{f.Path, at})
			at = len(x.items) - 1
		}
		x.object(v, f, at)
	default:
		done := map[columnKey]bool{}
		for _, q := range f.Quantities {
			if key := keyOf(q); !done[key] {
				done[key] = true
				x.scalar(key, q.Type, v, at)
			}
			if text, ok := v.(string); ok && q.Type == search.Phrase {
				x.phrases = append(x.phrases, phrase{keyOf(q), strings.Join(q.Type.Tokens(text), " ")})
			}
		}
	}
}

// scalar adds one value. What does not fit the type of the quantity cannot be searched.
func (x *extract) scalar(key columnKey, t search.Type, v any, at int) {
	var text string
	switch v := v.(type) {
	case string:
		text = v
	case json.Number:
		text = v.String()
	case bool:
		text = strconv.FormatBool(v)
	default:
		return
	}
	switch key.kind {
	case numeric:
		n, err := strconv.ParseFloat(text, 64)
		ok := err == nil
		if _, isText := v.(string); isText && t == search.Date {
			n, ok = search.ParseDate(text)
		}
		if ok {
			x.values = append(x.values, value{column: key, item: at, number: n})
		}
	case exact:
		if len(text) <= maxKeyword {
			x.values = append(x.values, value{column: key, item: at, text: text})
		}
	default:
		for _, token := range t.Tokens(text) {
			x.values = append(x.values, value{column: key, item: at, text: token})
		}
	}
}

var dynamicTypes = map[string]search.Type{"str": search.Keyword, "int": search.Int, "float": search.Float,
	"bool": search.Bool, "datetime": search.Date}

// dynamic adds the custom-schema quantities under the name of the schema and
// those of its base classes (spec search-quantities.md §6).
func (x *extract) dynamic(stored any) {
	list, _ := stored.([]any)
	for _, entry := range list {
		stored, ok := entry.(map[string]any)
		if !ok {
			continue
		}
		kind, v := search.DynamicValue(stored)
		id, _ := stored["id"].(string)
		t, known := dynamicTypes[kind]
		if !known || id == "" {
			continue
		}
		path, _, _ := strings.Cut(id, "#")
		names := []string{id}
		for _, definition := range schemas(stored) {
			if name := path + "#" + definition; !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
		for _, name := range names {
			q := &search.Quantity{Name: name, Type: t, Dynamic: true}
			x.scalar(keyOf(q), t, v, whole)
		}
	}
}

// schemas gives the definitions of the first path segment of a stored quantity: its schema and base classes.
func schemas(stored map[string]any) []string {
	segments, _ := stored["segments"].(map[string]any)
	keys := slices.Sorted(maps.Keys(segments))
	if len(keys) == 0 {
		return nil
	}
	first, _ := segments[keys[0]].(map[string]any)
	list, _ := first["definitions"].([]any)
	var out []string
	for _, d := range list {
		if name, ok := d.(string); ok {
			out = append(out, name)
		}
	}
	return out
}
