package normalize_test

import (
	"fmt"
	"io"
	"sync"
	"sync/atomic"
	"testing"

	"oasis/internal/work/normalize"
)

func TestSchemaFileIsReadOncePerRun(t *testing.T) {
	t.Parallel()
	files := folder("s.archive.yaml", "definitions: {sections: {A: {base_section: nomad.datamodel.metainfo.eln.ELNSample, quantities: {x: {type: int}}}}}",
		"a.archive.yaml", "data: {m_def: '../upload/raw/s.archive.yaml#A', x: 1}")
	var opened atomic.Int32
	shared := &normalize.Schemas{}
	var workers sync.WaitGroup
	errs := make(chan error, 16)
	for range 8 {
		workers.Go(func() {
			src := sourceIn(files, "a.archive.yaml")
			src.Schemas = shared
			src.Open = func(name string) (io.ReadCloser, error) {
				opened.Add(1)
				return files.Open(name)
			}
			res, err := entry(t, src, files)
			if err != nil {
				errs <- err
			} else if len(res.Dependencies) != 1 || len(res.Warnings) != 0 {
				errs <- fmt.Errorf("dependencies %q, warnings %q", res.Dependencies, res.Warnings)
			}
		})
	}
	workers.Wait()
	close(errs)
	for err := range errs {
		t.Error(err)
	}
	if n := opened.Load(); n != 1 {
		t.Errorf("the schema was read %d times", n)
	}
}
