package layout

import (
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const root = "../.."

func TestPackagesKeepToTheDirectionRule(t *testing.T) {
	t.Parallel()
	lookAround(t)
	for _, v := range violations(list(t)) {
		t.Error(v)
	}
}

func TestDependenciesPageNamesEachModuleWeImport(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile(filepath.Join(root, "docs/dependencies.md"))
	if err != nil {
		t.Fatal(err)
	}
	goMod, err := os.ReadFile(filepath.Join(root, "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	required := regexp.MustCompile(`(?m)^\t(\S+) (v\S+)`).FindAllStringSubmatch(string(goMod), -1)
	used := map[string]bool{}
	for _, p := range list(t) {
		for _, imported := range slices.Concat(p.Imports, p.TestImports, p.XTestImports) {
			for _, m := range required {
				if imported == m[1] || strings.HasPrefix(imported, m[1]+"/") {
					used["| "+m[1]+" | "+m[2]+" |"] = true
				}
			}
		}
	}
	if len(used) == 0 {
		t.Fatal("no package imports any module: the test looks in the wrong place")
	}
	for row := range used {
		if !strings.Contains(string(page), row) {
			t.Errorf("docs/dependencies.md lacks a row that begins %q", row)
		}
	}
}

// list returns every package of the module, also one that does not build.
func list(t *testing.T) []pkg {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", "list", "-e", "-json=ImportPath,Doc,Imports,TestImports,XTestImports", "./...")
	cmd.Dir = root
	var said strings.Builder
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, &said)
	}
	var pkgs []pkg
	for decode := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p pkg
		err := decode.Decode(&p)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		pkgs = append(pkgs, p)
	}
	if len(pkgs) < 10 {
		t.Fatalf("go list named %d packages only: the test looks in the wrong place", len(pkgs))
	}
	return pkgs
}

// lookAround opens every folder, because the cache of `go test` sees what a test
// opens itself, and not what a command it starts reads.
func lookAround(t *testing.T) {
	t.Helper()
	err := fs.WalkDir(os.DirFS(root), ".", func(path string, d fs.DirEntry, err error) error {
		if d != nil && d.IsDir() && (d.Name() == "node_modules" || d.Name() == ".git" || path == "data") {
			return fs.SkipDir
		}
		if errors.Is(err, fs.ErrNotExist) { // gone since its folder was read
			return nil
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestViolationsAreFound(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		pkg  pkg
		want string
	}{
		{"a package that fits", pkg{ImportPath: "oasis/internal/access/scope", Doc: "Package scope …", Imports: []string{"fmt", "oasis/internal/problem", "oasis/internal/access/token"}}, ""},
		{"an import against the direction", pkg{ImportPath: "oasis/internal/data/upload", Doc: "Package …", Imports: []string{"oasis/internal/store/sqlstore"}}, "data may import only: access, problem"},
		{"stores and api that know each other", pkg{ImportPath: "oasis/internal/api/v1", Doc: "Package …", Imports: []string{"oasis/internal/store/sqlstore"}}, "api may import only"},
		{"the leaf that imports", pkg{ImportPath: "oasis/internal/problem", Doc: "Package …", Imports: []string{"oasis/internal/access"}}, "nothing of ours"},
		{"an unknown chapter", pkg{ImportPath: "oasis/internal/utils", Doc: "Package …", Imports: nil}, "no known chapter"},
		{"a new folder at the top", pkg{ImportPath: "oasis/pkg/thing", Doc: "Package …", Imports: nil}, "no known chapter"},
		{"a missing comment", pkg{ImportPath: "oasis/internal/data/entry", Doc: "", Imports: nil}, "no package comment"},
		{"a test helper, free to import", pkg{ImportPath: "oasis/test/e2e", Doc: "Package …", Imports: []string{"oasis/internal/store/sqlstore"}}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			found := violations([]pkg{tt.pkg})
			switch {
			case tt.want == "" && len(found) > 0:
				t.Errorf("refused: %v", found)
			case tt.want != "" && (len(found) != 1 || !strings.Contains(found[0], tt.want)):
				t.Errorf("got %q, want one sentence with %q", found, tt.want)
			}
		})
	}
}

// A table in prose goes stale unless somebody compares.
func TestArchitecturePageShowsTheTable(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join(root, "docs/architecture.md"))
	if err != nil {
		t.Fatal(err)
	}
	row := regexp.MustCompile("(?m)^\\| `([a-z]+)` \\| ([a-z, ]+) \\|$")
	shown := map[string]string{}
	for _, m := range row.FindAllStringSubmatch(string(text), -1) {
		shown[m[1]] = m[2]
	}
	for chapter, allowed := range mayImport() {
		if want := or(allowed, "nothing of ours"); sorted(shown[chapter]) != sorted(want) {
			t.Errorf("docs/architecture.md says %q may import %q, the rule is %q", chapter, shown[chapter], want)
		}
	}
	if len(shown) != len(mayImport()) {
		t.Errorf("docs/architecture.md has %d rows, the rule %d", len(shown), len(mayImport()))
	}
}

func sorted(list string) string {
	names := strings.Split(list, ", ")
	slices.Sort(names)
	return strings.Join(names, ", ")
}
