package normalize_test

import (
	"bytes"
	"context"
	"fmt"
	"testing"
	"testing/fstest"

	"oasis/internal/work/normalize"
	"oasis/internal/work/parser/all"
)

// BenchmarkEntries parses and normalises small ELN archives one after another
// on one core; the goal is 3,000 entries per second. "lab schema" are entries
// that use a schema file of their upload.
func BenchmarkEntries(b *testing.B) {
	const body = `
  name: XRD of S1
  datetime: 2024-05-01T10:00:00+00:00
  method: XRD
  description: <p>A measurement of the film.</p>
  samples:
    - name: S1
      reference: "../upload/archive/mainfile/sample.archive.yaml#/data"
  instruments:
    - {name: Bruker D8, lab_id: D8-1}
  steps:
    - {name: align, comment: done by hand}
    - {name: scan}
  results:
    - {name: r1, result: ok}
  measurement_identifiers: {}
`
	schema := "definitions:\n  sections:\n    Scan:\n      base_sections: [nomad.datamodel.metainfo.eln.ELNMeasurement]\n      quantities:\n"
	for i := range 40 {
		schema += fmt.Sprintf("        q%d: {type: float, unit: nm}\n", i)
	}
	files := fstest.MapFS{"schema.archive.yaml": {Data: []byte(schema)}}
	for name, def := range map[string]string{"built in": "nomad.datamodel.metainfo.eln.ELNMeasurement", "lab schema": "'../upload/raw/schema.archive.yaml#Scan'"} {
		b.Run(name, func(b *testing.B) {
			content := []byte("data:\n  m_def: " + def + body)
			p, ok := all.Parsers().Match("m.archive.yaml", nil)
			if !ok {
				b.Fatal("not matched")
			}
			src := sourceIn(files, "m.archive.yaml")
			src.Schemas = &normalize.Schemas{}
			b.ReportAllocs()
			for b.Loop() {
				if _, err := normalize.Entry(context.Background(), p, src, bytes.NewReader(content)); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "entries/s")
		})
	}
}
