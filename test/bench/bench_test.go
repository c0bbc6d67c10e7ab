package bench

import (
	"flag"
	"fmt"
	"os"
	"testing"

	"oasis/test/servers"
)

var write = flag.Bool("write", false, "write docs/measured.md")

func TestMain(m *testing.M) { os.Exit(servers.Main(m)) }

// unpublished lets our one user have as many uploads as a benchmark makes.
const unpublished = "NOMAD_SERVICES_UPLOAD_LIMIT=100000"

// BenchmarkOasis measures everything; its parts can be chosen by name, as in
// -bench 'Oasis/large file'.
func BenchmarkOasis(b *testing.B) {
	t := &table{}
	b.Run("requests", t.requests)
	b.Run("large file", t.largeFile)
	b.Run("small files", t.smallFiles)
	b.Run("transfers", t.transfers)
	b.Run("many files", t.manyFiles)
	b.Run("start", t.start)
	b.Run("reload", t.reload)
	b.Run("entries", t.entries)
	if len(t.figures) == 0 {
		return
	}
	fmt.Fprintf(os.Stdout, "\n%s\n", t.markdown())
	if *write {
		if err := os.WriteFile("../../docs/measured.md", []byte(t.page(b)), 0o644); err != nil {
			b.Fatal(err)
		}
	}
}
