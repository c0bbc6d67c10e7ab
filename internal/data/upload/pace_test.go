package upload

import (
	"fmt"
	"testing"
	"time"
)

func TestPaceRunsAtOnceAndThenTogether(t *testing.T) {
	t.Parallel()
	var p pace
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for i, step := range []struct{ at, want time.Duration }{
		{0, 0}, // the first change is processed at once
		{time.Millisecond, paceInterval},
		{paceInterval / 2, paceInterval},
		{paceInterval - 1, paceInterval},
		{paceInterval, 2 * paceInterval}, // that run may have begun already
		{paceInterval + 1, 2 * paceInterval},
		{9 * paceInterval, 9 * paceInterval},
		{9*paceInterval + 1, 10 * paceInterval},
	} {
		if got := p.next("u", start.Add(step.at)); got != start.Add(step.want) {
			t.Errorf("step %d: a change at %s is processed at %s, want %s", i, step.at, got.Sub(start), step.want)
		}
	}
	if got := p.next("other", start.Add(time.Second)); got != start.Add(time.Second) {
		t.Errorf("another upload has to wait: %s", got.Sub(start))
	}
}

func TestPaceForgetsUploadsThatAreQuiet(t *testing.T) {
	t.Parallel()
	var p pace
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for i := range 10 * paceRemembers {
		now = now.Add(time.Millisecond)
		p.next(fmt.Sprint(i), now)
	}
	if len(p.due) > paceRemembers {
		t.Errorf("%d uploads are remembered", len(p.due))
	}
}
