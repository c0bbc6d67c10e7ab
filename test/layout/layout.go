// Package layout knows which part of Oasis may import which, and its test
// checks that they keep to it. The rule and its reasons are explained in
// docs/architecture.md; the table there is compared with the one here.
//
// Only imports of the packages themselves count. A test may import any package,
// so that rules are tested on real stores instead of on mocks.
package layout

import (
	"fmt"
	"slices"
	"strings"
)

// module is the path of our Go module.
const module = "oasis"

// mayImport is the direction rule: for each chapter, the other chapters it may
// import. Within a chapter every order goes that the compiler accepts.
func mayImport() map[string][]string {
	all := []string{"problem", "web", "examples", "access", "config", "data", "work", "store", "api"}
	return map[string][]string{
		"problem":  nil,
		"client":   nil,
		"web":      nil,
		"examples": nil,
		"access":   {"problem"},
		"config":   {"access", "problem"},
		"data":     {"access", "problem"},
		"work":     {"data", "access", "client", "problem"},
		"store":    {"work", "data", "access", "problem"},
		"api":      {"work", "data", "access", "problem"},
		"agent":    {"client", "problem"},
		"app":      all,
		"cli":      {"app", "agent", "client", "config", "access", "problem"},
		"cmd":      {"cli"},
	}
}

// pkg is what the rule needs of one entry of `go list -json`.
type pkg struct {
	ImportPath, Doc                    string
	Imports, TestImports, XTestImports []string
}

// violations returns a sentence for each break of the rule, in the order of the
// packages given.
func violations(pkgs []pkg) []string {
	table := mayImport()
	var found []string
	for _, p := range pkgs {
		if p.Doc == "" {
			found = append(found, fmt.Sprintf("%s has no package comment: say what it is for in one sentence, in doc.go or its main file", p.ImportPath))
		}
		from := chapter(p.ImportPath)
		if from == "test" {
			continue
		}
		allowed, known := table[from]
		if !known {
			found = append(found, fmt.Sprintf("%s is in no known chapter: see \"where things go\" in CONTRIBUTING.md", p.ImportPath))
			continue
		}
		for _, imported := range p.Imports {
			to := chapter(imported)
			if to != "" && to != from && !slices.Contains(allowed, to) {
				found = append(found, fmt.Sprintf("%s imports %s, but %s may import only: %s", p.ImportPath, imported, from, or(allowed, "nothing of ours")))
			}
		}
	}
	return found
}

// chapter returns the chapter of a package of ours, such as access for
// oasis/internal/access/scope, and "" for anybody else's.
func chapter(importPath string) string {
	inside, ours := strings.CutPrefix(importPath, module+"/")
	if !ours {
		return ""
	}
	inside = strings.TrimPrefix(inside, "internal/")
	first, _, _ := strings.Cut(inside, "/")
	return first
}

func or(names []string, none string) string {
	if len(names) == 0 {
		return none
	}
	return strings.Join(names, ", ")
}
