package parser_test

import (
	"bytes"
	"regexp"
	"testing"

	"oasis/internal/work/parser"
	"oasis/internal/work/parser/all"
)

// The names are those of spec processing.md §2.1, verified with NOMAD 2.0.0.
func TestArchiveParserGoesByTheName(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]bool{
		"x.archive.json": true, "archive.yaml": true, "myarchive.yml": true, "metainfo.json": true, "foo.metainfo.yaml": true, "a/b c/empty.archive.yaml": true,
		"ä/ü.archive.yaml": true, "x.archive.JSON": false, "nomad.yaml": false, "x.archive.json.bak": false, "x.archive.json.gz": false,
		".x.archive.yaml": false, "a/~x.archive.yaml": false, "data.csv": false, "archive.yaml/readme": false,
	} {
		p, ok := all.Parsers().Match(name, nil)
		if ok != want || ok && p.Name() != "parsers/archive" {
			t.Errorf("%s: %v", name, ok)
		}
	}
	if p, ok := all.Parsers().Match("x.archive.yaml", nil); !ok || p.Level() != -1 {
		t.Error("the parser is not on level -1")
	}
}

func TestRulesMustAllHold(t *testing.T) {
	t.Parallel()
	rules := parser.Rules{Name: regexp.MustCompile(`.*\.out`), Header: []byte("CODE"), Contents: regexp.MustCompile(`(?m)^Version \d`)}
	for _, c := range []struct {
		path, head string
		want       bool
	}{
		{"a.out", "CODE\nVersion 3", true},
		{"a.out.txt", "CODE\nVersion 3", false},
		{"a.out", "code\nVersion 3", false},
		{"a.out", "CODE\nversion 3", false},
		{"a.out", "CODE\nVersion 3 \xff", false},
	} {
		if got := rules.Match(parser.Candidate{Path: c.path, Head: func() []byte { return []byte(c.head) }}); got != c.want {
			t.Errorf("%s %q: %v", c.path, c.head, got)
		}
	}
	if (parser.Rules{}).Match(parser.Candidate{Path: "a"}) {
		t.Error("no rules match everything")
	}
}

// NOMAD takes such a file for ISO-8859-1 and rewrites it (spec processing.md §2.3).
func TestCharacterCutByTheWindowIsStillText(t *testing.T) {
	t.Parallel()
	head := append(bytes.Repeat([]byte("x"), parser.HeadSize-1), "é"[0])
	rules := parser.Rules{Contents: regexp.MustCompile(`^xxx`)}
	if !rules.Match(parser.Candidate{Path: "a", Head: func() []byte { return head }}) {
		t.Error("the cut character makes the head no text")
	}
}
