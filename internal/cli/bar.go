package cli

import (
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"

	"golang.org/x/term"
)

// bar shows on a terminal how far something is, on one line; elsewhere nothing.
type bar struct {
	out   io.Writer
	files int
	bytes int64
	began time.Time
	ended chan struct{}
	drawn chan struct{}
	once  sync.Once

	mu        sync.Mutex
	filesDone int
	bytesDone int64
}

const (
	barWidth = 30
	barEvery = 200 * time.Millisecond
)

func newBar(out io.Writer, files int, bytes int64) *bar {
	b := &bar{out: out, files: files, bytes: bytes, began: time.Now(), ended: make(chan struct{}), drawn: make(chan struct{})}
	terminal, ok := out.(*os.File)
	if !ok || !term.IsTerminal(int(terminal.Fd())) { //nolint:gosec // a file descriptor
		close(b.drawn)
		return b
	}
	go func() {
		defer close(b.drawn)
		tick := time.NewTicker(barEvery)
		defer tick.Stop()
		for {
			fmt.Fprintf(out, "\r%s", b.line(time.Now()))
			select {
			case <-tick.C:
			case <-b.ended:
				fmt.Fprintf(out, "\r%s\n", b.line(time.Now()))
				return
			}
		}
	}()
	return b
}

func (b *bar) add(bytes int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.bytesDone += bytes
}

func (b *bar) file() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.filesDone++
}

func (b *bar) stop() {
	b.once.Do(func() { close(b.ended) })
	<-b.drawn
}

// line is what is shown at a time.
func (b *bar) line(now time.Time) string {
	b.mu.Lock()
	defer b.mu.Unlock()
	part := 1.0
	if b.bytes > 0 {
		part = max(0, min(1, float64(b.bytesDone)/float64(b.bytes)))
	}
	full := int(part * barWidth)
	rate := ""
	if s := now.Sub(b.began).Seconds(); s >= 1 {
		rate = "  " + amount(int64(float64(b.bytesDone)/s)) + "/s"
	}
	return fmt.Sprintf("[%s%s] %3.0f%%  %d of %d files  %s of %s%s   ", strings.Repeat("=", full), strings.Repeat(" ", barWidth-full),
		part*100, b.filesDone, b.files, amount(b.bytesDone), amount(b.bytes), rate)
}

// amount writes bytes for people.
func amount(bytes int64) string {
	const units = "KMGTPE"
	if bytes < 1024 {
		return fmt.Sprintf("%d B", max(0, bytes))
	}
	value, unit := float64(bytes)/1024, 0
	for value >= 1024 && unit < len(units)-1 {
		value, unit = value/1024, unit+1
	}
	return fmt.Sprintf("%.1f %ciB", value, units[unit])
}
