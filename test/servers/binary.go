package servers

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
)

// BenchTag is the build tag of the benchmark binary: internal/api then also
// serves some handlers without authentication, to measure what that costs.
const BenchTag = "bench"

// The binaries of this test binary, each built at the first call.
var (
	binaries     = sync.OnceValues(func() (string, error) { return os.MkdirTemp("", "oasis-bin-") })
	plainBinary  = sync.OnceValues(func() (string, error) { return buildBinary("oasis", "") })
	taggedBinary = sync.OnceValues(func() (string, error) { return buildBinary("oasis-bench", BenchTag) })
)

// Main runs the tests of a package that uses Oasis and removes the binaries it
// has built; it gives the exit status:
//
//	func TestMain(m *testing.M) { os.Exit(servers.Main(m)) }
func Main(m *testing.M) int {
	defer func() {
		if dir, err := binaries(); err == nil {
			os.RemoveAll(dir)
		}
	}()
	return m.Run()
}

// Binary returns the path of the program under test: the one that OASIS_BIN
// names, else one built from cmd/oasis. A package that calls it needs Main.
func Binary(t testing.TB) string {
	t.Helper()
	return must(t, plainBinary)
}

// BenchBinary returns the program built with BenchTag.
func BenchBinary(t testing.TB) string {
	t.Helper()
	return must(t, taggedBinary)
}

func must(t testing.TB, build func() (string, error)) string {
	t.Helper()
	path, err := build()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// buildBinary builds as the Makefile does, so that both share the build cache.
func buildBinary(name, tags string) (string, error) {
	if given := os.Getenv("OASIS_BIN"); given != "" && tags == "" {
		return filepath.Abs(given)
	}
	dir, err := binaries()
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, name)
	build := exec.CommandContext(context.Background(), "go", "build", "-trimpath", "-tags", tags, "-o", path, "oasis/cmd/oasis")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build the binary under test: %w\n%s", err, out)
	}
	return path, nil
}
