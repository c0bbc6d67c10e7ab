package app

import (
	"bytes"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// writes remembers each write.
type writes struct {
	mu  sync.Mutex
	all [][]byte
}

func (w *writes) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.all = append(w.all, bytes.Clone(p))
	return len(p), nil
}

func (w *writes) count() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.all)
}

func TestLinesWaitForEachOtherButNotForLong(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		out := &writes{}
		log := NewLog(out, slog.LevelInfo)
		for n := range 20 {
			log.Info("request", "n", n)
		}
		log.Debug("not at this level")
		synctest.Wait()
		if n := out.count(); n != 0 {
			t.Fatalf("%d writes at once", n)
		}
		<-time.After(logDelay)
		synctest.Wait()
		if n := out.count(); n != 1 || bytes.Count(out.all[0], []byte("\n")) != 20 {
			t.Fatalf("%d writes: %q", n, out.all)
		}
		log.Info("one more")
		<-time.After(logDelay)
		synctest.Wait()
		if n := out.count(); n != 2 {
			t.Fatalf("%d writes after the second wait", n)
		}
	})
}

func TestWarningsAreWrittenAtOnceWithWhatCameBefore(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		out := &writes{}
		log := NewLog(out, slog.LevelInfo)
		log.Info("first")
		log.With("part", "x").WithGroup("g").Warn("second")
		if n := out.count(); n != 1 || !strings.Contains(string(out.all[0]), "msg=first") || !strings.Contains(string(out.all[0]), "msg=second part=x") {
			t.Fatalf("%d writes: %q", n, out.all)
		}
	})
}

func TestNothingWaitsInAFullOrClosedLog(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		out := &writes{}
		log := NewLog(out, slog.LevelInfo)
		log.Info(strings.Repeat("x", logBatch))
		if n := out.count(); n != 1 {
			t.Fatalf("%d writes of a full batch", n)
		}
		log.Info("last")
		log.Close()
		log.Info("after")
		if n := out.count(); n != 3 {
			t.Fatalf("%d writes after closing: %q", n, out.all[1:])
		}
	})
}

func TestLinesOfManyAreWhole(t *testing.T) {
	t.Parallel()
	out := &writes{}
	log := NewLog(out, slog.LevelInfo)
	var all sync.WaitGroup
	for w := range 8 {
		all.Go(func() {
			for n := range 500 {
				log.Info("line", "of", fmt.Sprint(w, "-", n), "text", strings.Repeat("y", 100))
			}
		})
	}
	all.Wait()
	log.Close()
	whole := bytes.Join(out.all, nil)
	lines := strings.Split(strings.TrimSuffix(string(whole), "\n"), "\n")
	if len(lines) != 4000 {
		t.Fatalf("%d lines", len(lines))
	}
	for _, line := range lines {
		if !strings.HasPrefix(line, "time=") || !strings.HasSuffix(line, "yyy") {
			t.Fatalf("torn line %q", line)
		}
	}
}
