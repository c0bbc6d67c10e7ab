package searchindex_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"runtime"
	"strconv"
	"testing"
	"time"

	"oasis/internal/data/search"
	"oasis/internal/data/upload"
	"oasis/internal/store/searchindex"
)

// corpusSize is the number of entries of the benchmarks; OASIS_BENCH_ENTRIES changes it.
func corpusSize() int {
	if n, err := strconv.Atoi(os.Getenv("OASIS_BENCH_ENTRIES")); err == nil {
		return n
	}
	return 100_000
}

var symbols = []string{"Ti", "O", "H", "C", "N", "Fe", "Cu", "Zn", "Ga", "As", "Si", "Al", "Na", "Cl", "K", "Ca", "Sr", "Ba", "Pb", "I"}

// sample makes entry i: about 6 kB, as processing makes for a small ELN entry.
func sample(r *rand.Rand, i, uploads int) *search.Entry {
	stored, defs, paths := []any{}, []any{}, []any{"", "data", "metadata", "results"}
	for q := range 6 {
		stored = append(stored, map[string]any{"id": fmt.Sprintf("data.q%d#lab.schema.Sample", q), "definition": fmt.Sprintf("lab.schema.Sample.q%d", q),
			"path_archive": fmt.Sprintf("data.q%d", q), "float_value": r.Float64(), "segments": map[string]any{"1": map[string]any{"path": fmt.Sprint("q", q),
				"definitions": []string{"lab.schema.Sample", "nomad.datamodel.metainfo.eln.ELNSample", "nomad.datamodel.metainfo.basesections.v1.Entity", "nomad.datamodel.metainfo.basesections.v1.BaseSection", "nomad.datamodel.data.ArchiveSection", "nomad.datamodel.data.EntryData"}}}})
	}
	for d := range 12 {
		defs = append(defs, map[string]any{"definition_qualified_name": fmt.Sprintf("nomad.datamodel.metainfo.basesections.v1.Section%d", d), "definition_id": fmt.Sprintf("%040d", d), "used_directly": d%3 == 0})
	}
	for p := range 40 {
		paths = append(paths, fmt.Sprintf("data.section_%d.quantity_%d", p/8, p))
	}
	elements := []string{symbols[r.IntN(len(symbols))], symbols[r.IntN(len(symbols))]}
	text, _ := json.Marshal(map[string]any{
		"entry_name": fmt.Sprintf("sample %d of batch %d", i, i/50), "entry_type": fmt.Sprint("Type", r.IntN(30)), "parser_name": "parsers/archive",
		"files": []string{"a.csv", "b.png", fmt.Sprintf("%d.archive.yaml", i)}, "quantities": paths, "section_defs": defs, "search_quantities": stored,
		"last_processing_time": epoch.Add(time.Duration(i) * time.Minute).Format(time.RFC3339), "n_quantities": 20 + r.IntN(50),
		"text_search_contents": []string{fmt.Sprintf("annealed at %d K", r.IntN(1500)), "glove box", fmt.Sprint("operator ", r.IntN(50))},
		"results": map[string]any{"material": map[string]any{"elements": elements, "n_elements": 2, "chemical_formula_hill": elements[0] + elements[1]},
			"eln":        map[string]any{"sections": []string{"ELNSample"}, "lab_ids": []string{fmt.Sprint("lab-", i)}, "names": []string{fmt.Sprint("sample ", i)}},
			"properties": map[string]any{"available_properties": []string{}, "electronic": map[string]any{"band_gap": []any{map[string]any{"value": r.Float64(), "type": "direct"}}}}},
	})
	return &search.Entry{ID: fmt.Sprintf("%08x%020d", r.Uint32(), i), UploadID: fmt.Sprint("u", i%uploads), Mainfile: fmt.Sprintf("%d.archive.yaml", i), CreateTime: epoch, ProcessStatus: "SUCCESS", Document: text}
}

func corpus(entries int) *history {
	source, r := &history{}, rand.New(rand.NewPCG(1, 2))
	uploads := max(1, entries/100)
	for u := range uploads {
		f := &search.UploadFacts{ID: fmt.Sprint("u", u), Name: fmt.Sprint("upload ", u), CreateTime: epoch.AddDate(0, 0, u%700), MainAuthor: people[u%3], Coauthors: people[:u%3]}
		if u%10 < 7 {
			f.PublishTime = epoch.AddDate(1, 0, 0)
		}
		source.add(search.Change{Upload: f})
	}
	for i := range entries {
		source.add(search.Change{Entry: sample(r, i, uploads)})
	}
	return source
}

func heap() float64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return float64(m.HeapAlloc) / (1 << 20)
}

func query(b *testing.B, body string) *search.Query {
	b.Helper()
	r, err := search.ParseBody([]byte(body), epoch)
	if err != nil {
		b.Fatal(err)
	}
	q, err := search.Authorize(r, upload.Viewer{UserID: "ann"})
	if err != nil {
		b.Fatal(err)
	}
	return q
}

func BenchmarkSearch(b *testing.B) {
	for _, entries := range []int{1300, corpusSize()} {
		source := corpus(entries)
		before := heap()
		index := searchindex.New(source, clock)
		started := time.Now()
		if err := index.Refresh(b.Context()); err != nil {
			b.Fatal(err)
		}
		b.Logf("%d entries: built in %v, %.0f MiB", entries, time.Since(started).Round(time.Millisecond), heap()-before)
		for _, row := range []struct{ name, body string }{
			{"page", `{"owner":"visible"}`},
			{"page-ids", `{"owner":"visible","required":{"include":["entry_id"]}}`},
			{"sorted", `{"owner":"visible","pagination":{"order_by":"last_processing_time","order":"desc"},"required":{"include":["entry_name"]}}`},
			{"sorted-deep", `{"owner":"visible","pagination":{"order_by":"upload_create_time","page_offset":900},"required":{"include":["entry_name"]}}`},
			{"elements", `{"owner":"visible","query":{"results.material.elements":["Ti","O"]},"required":{"include":["entry_name"]}}`},
			{"text", `{"owner":"visible","query":{"text_search_contents":"operator 17"},"required":{"include":["entry_name"]}}`},
			{"nested", `{"owner":"visible","query":{"results.properties.electronic.band_gap":{"value":{"gte":0.2,"lt":0.3},"type":"direct"}},"required":{"include":["entry_name"]}}`},
			{"dynamic", `{"owner":"visible","query":{"data.q1#lab.schema.Sample#float":{"gte":0.9}},"required":{"include":["entry_name"]}}`},
			{"facets", `{"owner":"visible","pagination":{"page_size":0},"aggregations":{"e":{"terms":{"quantity":"results.material.elements","size":20}},"t":{"terms":{"quantity":"entry_type"}},"a":{"terms":{"quantity":"authors.name"}},"u":{"terms":{"quantity":"upload_name","size":100}}}}`},
			{"facet-nested", `{"owner":"visible","pagination":{"page_size":0},"aggregations":{"e":{"terms":{"quantity":"section_defs.definition_qualified_name"}}}}`},
		} {
			q := query(b, row.body)
			b.Run(fmt.Sprintf("%d/%s", entries, row.name), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					if _, err := index.Search(b.Context(), q); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
		writes(b, index, source, entries)
	}
}

// writes measures what a change costs until it can be found.
func writes(b *testing.B, index *searchindex.Index, source *history, entries int) {
	q := query(b, `{"owner":"visible","pagination":{"order_by":"last_processing_time"},"required":{"include":["entry_name"]}}`)
	found := func(b *testing.B) {
		if _, err := index.Search(b.Context(), q); err != nil {
			b.Fatal(err)
		}
	}
	r := rand.New(rand.NewPCG(3, 4))
	next := entries
	b.Run(fmt.Sprintf("%d/add-1000-and-search", entries), func(b *testing.B) {
		for b.Loop() {
			b.StopTimer()
			for range 1000 {
				source.add(search.Change{Entry: sample(r, next, max(1, entries/100))})
				next++
			}
			b.StartTimer()
			found(b)
		}
	})
	b.Run(fmt.Sprintf("%d/add-1-and-search", entries), func(b *testing.B) {
		for b.Loop() {
			source.add(search.Change{Entry: sample(r, next, max(1, entries/100))})
			next++
			found(b)
		}
	})
	b.Run(fmt.Sprintf("%d/change-upload-and-search", entries), func(b *testing.B) {
		for b.Loop() {
			source.add(search.Change{Upload: &search.UploadFacts{ID: "u0", MainAuthor: people[0], EmbargoLength: next % 36}})
			next++
			found(b)
		}
	})
}
