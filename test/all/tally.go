package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
)

// counts are numbers of tests; a Go subtest counts as a test of its own.
type counts struct{ passed, failed, skipped int }

func (c counts) plus(d counts) counts {
	return counts{c.passed + d.passed, c.failed + d.failed, c.skipped + d.skipped}
}

// String gives the closing line that build servers of any kind understand.
func (c counts) String() string {
	return fmt.Sprintf("%d passed, %d failed, %d skipped", c.passed, c.failed, c.skipped)
}

// goEvent is one line of `go test -json` (see `go doc test2json`).
type goEvent struct {
	Action, Package, Test, Output string
	Elapsed                       float64
}

// tallyGo counts the events of `go test -json` and echoes what a person wants
// to read: one line per package, and the whole output of a test that failed or
// was skipped.
func tallyGo(output io.Reader, echo io.Writer) (counts, error) {
	var c counts
	said := map[string][]string{} // output so far, by package and test
	blamed := map[string]bool{}   // packages that already have a failed test
	lines := bufio.NewReader(output)
	for {
		line, err := lines.ReadString('\n')
		var e goEvent
		if json.Unmarshal([]byte(line), &e) == nil {
			c = c.plus(e.tell(said, blamed, echo))
		} else if line != "" {
			fmt.Fprint(echo, line) // the go command itself speaks, such as a package that does not build
		}
		if err == io.EOF {
			return c, nil
		}
		if err != nil {
			return c, err
		}
	}
}

// tell echoes one event and counts the test it ends, if it ends one. A package
// that fails without a failed test, because it does not build or its TestMain
// gave up, counts as one.
func (e goEvent) tell(said map[string][]string, blamed map[string]bool, echo io.Writer) counts {
	key := e.Package + " " + e.Test
	show := func() {
		for _, line := range said[key] {
			fmt.Fprint(echo, line)
		}
		delete(said, key)
	}
	switch e.Action {
	case "output":
		if !strings.HasPrefix(e.Output, "=== ") {
			said[key] = append(said[key], e.Output)
		}
	case "build-output":
		fmt.Fprint(echo, e.Output)
	case "pass":
		delete(said, key)
		if e.Test == "" {
			fmt.Fprintf(echo, "ok    %s %.1fs\n", e.Package, e.Elapsed)
			return counts{}
		}
		return counts{passed: 1}
	case "fail":
		show()
		if e.Test == "" && blamed[e.Package] {
			return counts{}
		}
		blamed[e.Package] = true
		return counts{failed: 1}
	case "skip":
		if e.Test == "" { // a package without test files
			delete(said, key)
			return counts{}
		}
		show()
		return counts{skipped: 1}
	}
	return counts{}
}

var (
	vitestLine = regexp.MustCompile(`^\s*Tests\s+\d`)
	vitestPart = regexp.MustCompile(`(\d+) (passed|failed|skipped|todo)`)
	nodeLine   = regexp.MustCompile(`^\S+ (pass|fail|cancelled|skipped|todo) (\d+)$`)
)

// tallyVitest echoes the output of vitest and counts its closing line, such as
// "Tests  1 failed | 41 passed (42)".
func tallyVitest(output io.Reader, echo io.Writer) (counts, error) {
	var c counts
	err := eachLine(output, echo, func(line string) {
		if !vitestLine.MatchString(line) {
			return
		}
		for _, part := range vitestPart.FindAllStringSubmatch(line, -1) {
			c = c.plus(count(part[2], part[1]))
		}
	})
	return c, err
}

// tallyNode echoes the output of `node --test` and counts its closing lines,
// such as "ℹ pass 3".
func tallyNode(output io.Reader, echo io.Writer) (counts, error) {
	var c counts
	err := eachLine(output, echo, func(line string) {
		if part := nodeLine.FindStringSubmatch(line); part != nil {
			c = c.plus(count(part[1], part[2]))
		}
	})
	return c, err
}

func eachLine(output io.Reader, echo io.Writer, see func(string)) error {
	lines := bufio.NewScanner(output)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		fmt.Fprintln(echo, lines.Text())
		see(lines.Text())
	}
	return lines.Err()
}

// count maps a runner's word to ours; n is digits, as the patterns above saw to.
func count(word, n string) counts {
	number, err := strconv.Atoi(n)
	if err != nil {
		return counts{failed: 1}
	}
	switch word {
	case "passed", "pass":
		return counts{passed: number}
	case "skipped", "todo":
		return counts{skipped: number}
	default: // failed, fail, cancelled
		return counts{failed: number}
	}
}
