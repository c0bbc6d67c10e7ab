package source_test

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// Files of a few megabytes that took the reader minutes, because its time grew
// with the square of what is repeated in them. Whether such a file is read or
// refused, it has to be soon.
func TestCostlyFilesEndSoon(t *testing.T) {
	t.Parallel()
	const soon = 20 * time.Second // each takes less than one; the slowest machine under the race detector has to pass
	for name, text := range map[string]string{
		"null in a list":      "data:\n  m_def: x\n  x:\n" + strings.Repeat("   - b:\n", 400_000),
		"null in list, bound": "data:\n  m_def: x\n  x:\n" + strings.Repeat("   - b:\n", 80_000),
		"two nulls":           "x:\n" + strings.Repeat("   - b:\n     c:\n", 60_000),
		"null and value":      "x:\n" + strings.Repeat("   - a: 1\n     b:\n", 40_000),
		"nested nulls":        "x:\n" + strings.Repeat("   - b:\n      - c:\n", 40_000),
		"dashes":              "x:\n" + strings.Repeat("   -\n", 240_000),
		"question marks":      "x:\n" + strings.Repeat("   - ? b\n", 60_000),
		"flow nulls":          "x: [" + strings.Repeat("{a: },", 40_000) + "]",
		"flow list":           "x: [" + strings.Repeat("a,", 120_000) + "]",
		"flow key only":       "x: {" + strings.Repeat("a,", 120_000) + "}",
		"two keys":            "x:\n" + strings.Repeat("   - b: 1\n     c: 2\n", 30_000),
		"comments":            "x: 1\n" + strings.Repeat("# a\n", 240_000),
		"comment after key":   "x:\n" + strings.Repeat("   - b: # c\n", 50_000),
		"literals":            "x:\n" + strings.Repeat("   - |\n     a\n", 60_000),
		"groups":              strings.Repeat("x:\n - a:\n", 4900),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			began := time.Now()
			_, err := read("x.archive.yaml", text)
			if took := time.Since(began); took > soon {
				t.Errorf("it took %v", took)
			} else {
				t.Log(took, fmt.Sprintf("%.200v", err))
			}
		})
	}
}

// A few empty values are what templates are full of.
func TestEmptyValuesAreRead(t *testing.T) {
	t.Parallel()
	if _, err := read("x.archive.yaml", "x:\n"+strings.Repeat(" - a:\n   b:\n   c:\n   - 1\n   -\n   d: # none\n   e: {f: , g}\n", 1000)); err != nil {
		t.Error(err)
	}
	// A list at the column of its key is no empty value.
	if _, err := read("x.archive.yaml", "x:\n"+strings.Repeat("- a:\n  - 1\n", 12_000)); err != nil {
		t.Error(err)
	}
	if _, err := read("x.archive.yaml", "x:\n"+strings.Repeat("- a:\n", 12_000)); err == nil || !strings.Contains(err.Error(), "leaves out more than") {
		t.Error(err)
	}
}
