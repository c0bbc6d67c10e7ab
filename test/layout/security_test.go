package layout

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// A checklist that names tests is worth nothing when the tests are gone.
func TestSecurityPageNamesTestsThatExist(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile(filepath.Join(root, "docs/security.md"))
	if err != nil {
		t.Fatal(err)
	}
	exist := allTests(t)
	named := regexp.MustCompile("`((?:Test|Fuzz)[A-Z]\\w+|[\\w-]+\\.test\\.mjs)`").FindAllStringSubmatch(string(page), -1)
	for _, m := range named {
		if !exist[m[1]] {
			t.Errorf("docs/security.md names %s, which does not exist", m[1])
		}
	}
	if len(named) < 50 {
		t.Fatalf("only %d names seen: the test looks in the wrong place", len(named))
	}
	rows := regexp.MustCompile(`(?m)^\| (\d\.[\d.–]+) \|.*$`).FindAllStringSubmatch(string(page), -1)
	for _, row := range rows {
		cells := strings.Split(row[0], " | ")
		last := cells[len(cells)-1]
		if !strings.Contains(last, "`") && !strings.Contains(last, "No test: ") && !strings.Contains(row[0], "**not met**") && !strings.Contains(row[0], "**Not met**") {
			t.Errorf("docs/security.md: %s names neither a test nor why there is none", row[1])
		}
	}
	if len(rows) < 60 {
		t.Errorf("docs/security.md has %d lines of the checklist only", len(rows))
	}
}

// allTests are the names of the tests in Go, and the files of those in a browser.
func allTests(t *testing.T) map[string]bool {
	t.Helper()
	names := map[string]bool{}
	function := regexp.MustCompile(`(?m)^func ((?:Test|Fuzz)[A-Z]\w+)\(`)
	for _, dir := range []string{"internal", "test", "client"} {
		err := fs.WalkDir(os.DirFS(root), dir, func(path string, d fs.DirEntry, err error) error {
			switch {
			case os.IsNotExist(err):
				return nil
			case err != nil:
				return err
			case d.IsDir() && d.Name() == "node_modules":
				return fs.SkipDir
			case strings.HasSuffix(path, ".test.mjs"):
				names[d.Name()] = true
			case strings.HasSuffix(path, "_test.go"):
				source, err := os.ReadFile(filepath.Join(root, path))
				if err != nil {
					return err
				}
				for _, m := range function.FindAllSubmatch(source, -1) {
					names[string(m[1])] = true
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return names
}
