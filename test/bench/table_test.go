package bench

import (
	"bytes"
	"cmp"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// figure is one line of the table.
type figure struct {
	what, unit string
	key        string // short name in the output of the benchmark
	ours       float64
	// limit of this machine, 0 = there is none but the goal; of tells what it is.
	limit float64
	of    string
	// less tells that a smaller figure is better.
	less bool
	// ratio, where it is not 0, was measured in pairs and is better than dividing the medians.
	ratio float64
	// wanted is the goal: a ratio, or where goalIsFigure a figure.
	wanted       float64
	goalIsFigure bool
	// nomad is what NOMAD 2.0.0 reached on a machine of this size, "" = unknown.
	nomad string
}

// share is how much of the limit we reach; 1 = as good as the limit.
func (f *figure) share() float64 {
	switch {
	case f.ratio != 0:
		return f.ratio
	case f.limit == 0 || f.ours == 0:
		return 0
	case f.less:
		return f.limit / f.ours
	default:
		return f.ours / f.limit
	}
}

// met tells whether the goal is reached.
func (f *figure) met() bool {
	switch {
	case !f.goalIsFigure:
		return f.share() >= f.wanted
	case f.less:
		return f.ours <= f.wanted
	default:
		return f.ours >= f.wanted
	}
}

func (f *figure) goal() string {
	sign := "≥"
	if f.goalIsFigure && f.less {
		sign = "≤"
	}
	text := sign + " " + number(f.wanted)
	if f.goalIsFigure {
		text += " " + f.unit
	} else {
		text = "ratio " + text
	}
	if !f.met() {
		text += " — **missed**"
	}
	return text
}

// number prints three significant digits.
func number(v float64) string {
	switch {
	case v >= 100:
		return strconv.FormatFloat(v, 'f', 0, 64)
	case v >= 10:
		return strconv.FormatFloat(v, 'f', 1, 64)
	default:
		return strconv.FormatFloat(v, 'f', 2, 64)
	}
}

// table collects the figures of one run.
type table struct{ figures []figure }

// add keeps a figure and reports it as the result of the benchmark.
func (t *table) add(b *testing.B, f figure) {
	b.Helper()
	t.figures = append(t.figures, f)
	b.ReportMetric(f.ours, f.key+"_"+f.unit)
	if f.limit != 0 {
		b.ReportMetric(f.limit, f.key+"_limit_"+f.unit)
		b.ReportMetric(f.share(), f.key+"_ratio")
	}
}

// markdown renders the table as it stands in docs/measured.md.
func (t *table) markdown() string {
	rows := [][]string{{"what", "Oasis", "limit, same run", "ratio", "goal", "NOMAD 2.0.0"}}
	for _, f := range t.figures {
		limit, ratio := "—", "—"
		if f.limit != 0 {
			limit, ratio = fmt.Sprintf("%s %s (%s)", number(f.limit), f.unit, f.of), number(f.share())
		}
		rows = append(rows, []string{f.what, number(f.ours) + " " + f.unit, limit, ratio, f.goal(), cmp.Or(f.nomad, "—")})
	}
	widths := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, cell := range row {
			widths[i] = max(widths[i], len([]rune(cell)))
		}
	}
	var out bytes.Buffer
	for n, row := range rows {
		for i, cell := range row {
			fmt.Fprintf(&out, "| %s%s ", cell, strings.Repeat(" ", widths[i]-len([]rune(cell))))
		}
		out.WriteString("|\n")
		if n == 0 {
			for _, w := range widths {
				out.WriteString("|" + strings.Repeat("-", w+2))
			}
			out.WriteString("|\n")
		}
	}
	return out.String()
}

// page is docs/measured.md.
func (t *table) page(b *testing.B) string {
	b.Helper()
	commit, err := exec.CommandContext(b.Context(), "git", "describe", "--always", "--dirty=, with changes").Output()
	if err != nil {
		commit = []byte("unknown")
	}
	return fmt.Sprintf(`# Measured

Written by %[1]smake bench WRITE=1%[1]s; do not edit. How each figure is taken, and what
its limit is, stands in %[1]stest/bench%[1]s. Our rounds and those of the limit take turns
on the same machine; a ratio of 1 is as good as the limit, and more is better.
NOMAD 2.0.0 was measured before, on a machine of this size.

%[2]s, commit %[3]s, %[4]d processors, %[5]s of memory, client and server together.

%[6]s`, "`", time.Now().UTC().Format(time.DateOnly), strings.TrimSpace(string(commit)), runtime.NumCPU(), memory(), t.markdown())
}

// memory tells the size of the machine.
func memory() string {
	text, err := os.ReadFile("/proc/meminfo")
	if err != nil {
		return "an unknown amount"
	}
	kib := field(string(text), "MemTotal:")
	return fmt.Sprintf("%.0f GiB", kib/(1<<20))
}

// field reads a number behind a word, 0 = not there.
func field(text, word string) float64 {
	_, rest, _ := strings.Cut(text, word)
	fields := strings.Fields(rest)
	if len(fields) == 0 {
		return 0
	}
	n, err := strconv.ParseFloat(fields[0], 64)
	if err != nil {
		return 0
	}
	return n
}

// median of a non-empty list.
func median[T int | float64 | time.Duration](values []T) T { return quantile(values, 0.5) }

// quantile of a non-empty list: the smallest value that a share q is not above.
func quantile[T int | float64 | time.Duration](values []T, q float64) T {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[min(int(q*float64(len(sorted))), len(sorted)-1)]
}

func TestTable(t *testing.T) {
	t.Parallel()
	tests := []struct {
		figure figure
		share  float64
		met    bool
	}{
		{figure{ours: 90, limit: 100, wanted: 0.9}, 0.9, true},
		{figure{ours: 80, limit: 100, wanted: 0.9}, 0.8, false},
		{figure{ours: 80, limit: 100, ratio: 0.95, wanted: 0.9}, 0.95, true},
		{figure{ours: 2, limit: 1, less: true, wanted: 2, goalIsFigure: true}, 0.5, true},
		{figure{ours: 3, limit: 1, less: true, wanted: 2, goalIsFigure: true}, 1.0 / 3, false},
		{figure{ours: 700, wanted: 500, goalIsFigure: true}, 0, true},
	}
	for _, tt := range tests {
		if got := tt.figure.share(); got != tt.share {
			t.Errorf("%+v: ratio %v, want %v", tt.figure, got, tt.share)
		}
		if got := tt.figure.met(); got != tt.met {
			t.Errorf("%+v: met %t, want %t", tt.figure, got, tt.met)
		}
	}
	if got := median([]int{5, 1, 3}); got != 3 {
		t.Errorf("median is %d, want 3", got)
	}
	if got := quantile([]int{1, 2, 3, 4}, 0.95); got != 4 {
		t.Errorf("the 95th percentile is %d, want 4", got)
	}
}
