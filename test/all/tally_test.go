package main

import (
	"bytes"
	"io"
	"strings"
	"testing"
)

func TestEachRunnersClosingWordsAreCounted(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		tally  func(io.Reader, io.Writer) (counts, error)
		output string
		want   counts
	}{
		{"go", tallyGo, `{"Action":"pass","Package":"p","Test":"TestA/sub"}
{"Action":"pass","Package":"p","Test":"TestA"}
{"Action":"fail","Package":"p","Test":"TestB"}
{"Action":"skip","Package":"p","Test":"TestC"}
{"Action":"fail","Package":"p"}
{"Action":"fail","Package":"does not build"}
{"Action":"skip","Package":"no test files"}
{"Action":"pass","Package":"q"}
`, counts{2, 2, 1}},
		{"vitest, all well", tallyVitest, " Test Files  3 passed (3)\n      Tests  41 passed (41)\n", counts{41, 0, 0}},
		{"vitest, mixed", tallyVitest, "      Tests  1 failed | 40 passed | 2 skipped | 3 todo (46)\n", counts{40, 1, 5}},
		{"node", tallyNode, "✔ opens (1ms)\nℹ tests 7\nℹ suites 0\nℹ pass 3\nℹ fail 1\nℹ cancelled 1\nℹ skipped 1\nℹ todo 1\n", counts{3, 2, 2}},
		{"nothing ran", tallyGo, "", counts{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := tt.tally(strings.NewReader(tt.output), io.Discard)
			if err != nil {
				t.Fatal(err)
			}
			if got != tt.want {
				t.Errorf("counted %v, want %v", got, tt.want)
			}
		})
	}
}

func TestOutputOfAGoTestIsShownOnlyWhenItFailsOrSkips(t *testing.T) {
	t.Parallel()
	const output = `{"Action":"output","Package":"p","Test":"TestGood","Output":"boring\n"}
{"Action":"pass","Package":"p","Test":"TestGood"}
{"Action":"output","Package":"p","Test":"TestBad","Output":"a_test.go:1: why\n"}
{"Action":"fail","Package":"p","Test":"TestBad"}
{"Action":"output","Package":"p","Test":"TestAway","Output":"PostgreSQL is missing\n"}
{"Action":"skip","Package":"p","Test":"TestAway"}
`
	var echo bytes.Buffer
	if _, err := tallyGo(strings.NewReader(output), &echo); err != nil {
		t.Fatal(err)
	}
	if got, want := echo.String(), "a_test.go:1: why\nPostgreSQL is missing\n"; got != want {
		t.Errorf("showed %q, want %q", got, want)
	}
}

func TestARunFails(t *testing.T) {
	t.Parallel()
	echo := func(text string) []string { return []string{"printf", text} }
	tests := []struct {
		name   string
		args   []string
		strict bool
		wantOK bool
		last   string
	}{
		{"not when all pass", echo("ℹ pass 2\n"), true, true, "2 passed, 0 failed, 0 skipped"},
		{"when a test fails", echo("ℹ fail 1\n"), false, false, "0 passed, 1 failed, 0 skipped"},
		{"when the runner fails before any test", []string{"false"}, false, false, "0 passed, 1 failed, 0 skipped"},
		{"when the runner does not exist", []string{"no-such-runner"}, false, false, "0 passed, 1 failed, 0 skipped"},
		{"when no test was run", echo("hello\n"), false, false, "0 passed, 1 failed, 0 skipped"},
		{"when CI skipped a test", echo("ℹ pass 1\nℹ skipped 1\n"), true, false, "1 passed, 0 failed, 1 skipped"},
		{"not when a developer skipped a test", echo("ℹ pass 1\nℹ skipped 1\n"), false, true, "1 passed, 0 failed, 1 skipped"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var out bytes.Buffer
			ok := run(t.Context(), []stage{{"x", tt.args, nil, tallyNode}}, tt.strict, &out)
			if ok != tt.wantOK {
				t.Errorf("ok = %v, want %v\n%s", ok, tt.wantOK, &out)
			}
			if !strings.HasSuffix(out.String(), "\n"+tt.last+"\n") {
				t.Errorf("does not close with %q:\n%s", tt.last, &out)
			}
		})
	}
}
