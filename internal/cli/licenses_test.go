package cli

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the golden files again")

// licenceFile matches the names under which modules keep what has to be passed on.
var licenceFile = regexp.MustCompile(`(?i)^(licen[cs]e|copying|notice|unlicense)([-_.].*)?$`)

// A module that is linked into the binary must stand in what `oasis licenses` prints.
func TestLicencesOfAllModulesAreInside(t *testing.T) {
	t.Parallel()
	want := collectLicences(t)
	if *update {
		if err := os.WriteFile("licenses.txt", []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if goLicenses != want {
		t.Error("licenses.txt is not what the linked modules say; write it again: make generate")
	}
}

// collectLicences reads the texts of all modules that the binary is made of;
// modules of one text share it.
func collectLicences(t *testing.T) string {
	t.Helper()
	found := map[string]string{} // module → folder
	list := exec.CommandContext(t.Context(), "go", "list", "-deps", "-f", "{{with .Module}}{{if not .Main}}{{.Path}} {{.Version}}\t{{.Dir}}{{end}}{{end}}", "oasis/cmd/oasis")
	list.Env = append(os.Environ(), "GOOS=linux", "CGO_ENABLED=0")
	out, err := list.Output()
	if err != nil {
		t.Fatalf("list modules: %v", err)
	}
	for line := range strings.Lines(string(out)) {
		if module, dir, ok := strings.Cut(strings.TrimSpace(line), "\t"); ok {
			found[module] = dir
		}
	}
	users := map[string][]string{}
	for module, dir := range found {
		text := licenceOf(t, dir)
		if text == "" {
			t.Errorf("%s has no licence file", module)
		}
		users[text] = append(users[text], module)
	}
	var sections []string
	for text, modules := range users {
		slices.Sort(modules)
		sections = append(sections, strings.Join(modules, "\n")+"\n\n"+text)
	}
	slices.Sort(sections)
	var all bytes.Buffer
	fmt.Fprintf(&all, "Oasis is under the Apache License 2.0. It contains these Go modules:\n")
	for _, section := range sections {
		fmt.Fprintf(&all, "\n%s\n%s", strings.Repeat("=", 78), section)
	}
	return all.String()
}

func licenceOf(t *testing.T, dir string) string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var text bytes.Buffer
	for _, e := range entries {
		if e.IsDir() || !licenceFile.MatchString(e.Name()) {
			continue
		}
		content, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		text.Write(bytes.ReplaceAll(content, []byte("\r\n"), []byte("\n")))
		text.WriteByte('\n')
	}
	return text.String()
}
