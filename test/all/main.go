// Command all runs every test of the project, whatever language it is in, and
// closes with one line that counts them: "123 passed, 0 failed, 2 skipped". It
// goes on after a failure, so that one run tells everything. With CI=true a
// skipped test is a failure: a green run there has really run everything.
//
// Run it by `make test`, which first builds and installs what it needs; -fast
// leaves out what needs a server or a browser, -long raises the numbers (see
// package test/long) and adds the race detector.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"time"
)

// stage is one test runner: its command, and how its output is counted.
type stage struct {
	name  string
	args  []string
	env   []string
	tally func(output io.Reader, echo io.Writer) (counts, error)
}

func stages(fast, long bool) []stage {
	web := stage{"web", []string{"npm", "--prefix", "web", "test"}, []string{"NO_COLOR=1"}, tallyVitest}
	switch {
	case fast:
		return []stage{
			{"go", []string{"go", "test", "-json", "-short", "./..."}, nil, tallyGo},
			web,
		}
	case long:
		return []stage{
			web,
			{"browser", []string{"npm", "--prefix", "test/browser", "test"}, []string{"NO_COLOR=1"}, tallyNode},
			{"race", []string{"go", "test", "-json", "-count=1", "-race", "-timeout=60m", "./..."}, nil, tallyGo},
			{"go", []string{"go", "test", "-json", "-count=1", "-timeout=6h", "./..."}, []string{"OASIS_TEST_LONG=1"}, tallyGo},
		}
	default:
		return []stage{
			web,
			{"browser", []string{"npm", "--prefix", "test/browser", "test"}, []string{"NO_COLOR=1"}, tallyNode},
			// No cached results: the scripts in test/e2e depend on a binary that
			// the cache knows nothing about.
			{"go", []string{"go", "test", "-json", "-count=1", "-timeout=25m", "./..."}, nil, tallyGo},
		}
	}
}

func main() {
	fast := flag.Bool("fast", false, "leave out what needs a server or a browser")
	long := flag.Bool("long", false, "larger numbers of the same tests, and the race detector")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	// In a fast run skips are the point.
	strict := os.Getenv("CI") == "true" && !*fast
	if !run(ctx, stages(*fast, *long), strict, os.Stdout) {
		stop()
		os.Exit(1) //nolint:gocritic // stop has just been called
	}
}

// run runs all stages and reports whether nothing failed. A stage that ran no
// test has failed; under strict, so has a skipped test.
func run(ctx context.Context, stages []stage, strict bool, out io.Writer) bool {
	var total counts
	var report []string
	for _, s := range stages {
		fmt.Fprintf(out, "\n== %s: %v\n", s.name, s.args)
		start := time.Now()
		c, err := s.run(ctx, out)
		if err != nil && c.failed == 0 {
			c.failed++ // it did not build, or ended early: no test speaks for it
		}
		report = append(report, fmt.Sprintf("%-8s %s in %s%s", s.name, c, time.Since(start).Round(time.Second), note(err)))
		total = total.plus(c)
	}
	fmt.Fprintln(out)
	for _, line := range report {
		fmt.Fprintln(out, line)
	}
	ok := total.failed == 0
	if strict && total.skipped > 0 {
		fmt.Fprintln(out, "CI=true: a skipped test is a failure; each says above what it misses")
		ok = false
	}
	fmt.Fprintln(out, total)
	return ok
}

func note(err error) string {
	if err == nil {
		return ""
	}
	return " (" + err.Error() + ")"
}

// run runs one stage, showing its output as it comes.
func (s stage) run(ctx context.Context, out io.Writer) (counts, error) {
	cmd := exec.CommandContext(ctx, s.args[0], s.args[1:]...)
	cmd.Env = append(os.Environ(), s.env...)
	cmd.Stderr = out
	pipe, err := cmd.StdoutPipe()
	if err != nil {
		return counts{}, err
	}
	if err := cmd.Start(); err != nil {
		return counts{}, err
	}
	c, tallyErr := s.tally(pipe, out)
	// Read on after a tally gave up, or the runner would block on a full pipe.
	if _, err := io.Copy(out, pipe); err != nil && tallyErr == nil {
		tallyErr = err
	}
	if err := cmd.Wait(); err != nil {
		return c, err
	}
	if tallyErr == nil && c == (counts{}) {
		return c, fmt.Errorf("no test was run")
	}
	return c, tallyErr
}
