package rawpath

import (
	"slices"
	"strings"
	"testing"
)

func TestElsewhere(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		paths []string
		says  []string // parts of the sentences, one each
	}{
		{"nothing", nil, nil},
		{"plain", []string{"a/b.txt", "a/c.txt", "ab/b.txt", "größe.csv", "con/x"[1:], "console.log", "COM10", "LPT", "...a", " a"}, nil},
		{"case", []string{"Data.csv", "data.csv"}, []string{`"Data.csv" and "data.csv". Rename`}},
		{"composed and not", []string{"e\u0301.txt", "\u00e9.txt"}, []string{"\"e\u0301.txt\" and \"\u00e9.txt\""}},
		{"a folder and a file", []string{"Run", "run/a"}, []string{`"Run" and "run"`}},
		{"two folders, told once", []string{"Run/a", "Run/b", "run/c", "run/d"}, []string{`"Run" and "run". Rename`}},
		{"below such folders", []string{"Run/a", "run/A"}, []string{`"Run" and "run", "Run/a" and "run/A"`}},
		{"not in one folder", []string{"a/X", "b/x"}, nil},
		{"full folding", []string{"straSSe", "straße"}, []string{`"straSSe" and "straße"`}},
		{"many", []string{"A", "B", "C", "D", "a", "b", "c", "d"}, []string{`"A" and "a", "B" and "b", "C" and "c" and 1 more.`}},
		{"devices", []string{"aux", "NUL.txt", "com1.csv", "LPT².x", "con .log"}, []string{`"LPT².x" (is the name of a device), "NUL.txt" (is the name of a device), "aux" (is the name of a device) and 2 more`}},
		{"characters", []string{"a:b", "what?/x"}, []string{`"a:b" (has ":" in it), "what?" (has "?" in it).`}},
		{"ends", []string{"a.", "b /c"}, []string{`"a." (ends in "."), "b " (ends in " ")`}},
		{"both", []string{"A.", "a."}, []string{`"A." and "a."`, `"A." (ends in ".")`}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			slices.Sort(tt.paths)
			got := Elsewhere(tt.paths)
			if len(got) != len(tt.says) {
				t.Fatalf("got %q", got)
			}
			for i, want := range tt.says {
				if !strings.Contains(got[i], want) {
					t.Errorf("%s does not say %s", got[i], want)
				}
			}
		})
	}
}
