package config

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"testing"
)

func TestReferencePageIsMadeFromTheTable(t *testing.T) {
	path := filepath.Join("..", "..", "docs", "howto", "configure.md")
	want := Reference()
	if flag.Lookup("update").Value.String() == "true" {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, want, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v; run: go test ./internal/config -run TestReferencePage -update", err)
	}
	if !bytes.Equal(got, want) {
		t.Error("docs/howto/configure.md is stale; run: go test ./internal/config -run TestReferencePage -update")
	}
}
