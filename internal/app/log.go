package app

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"time"
)

const (
	// logDelay is how long a line may wait for others, to be written together with them.
	logDelay = 10 * time.Millisecond
	// logBatch is how many bytes wait at most.
	logBatch = 32 << 10
)

// Log writes lines of text (key=value) without making each request wait for the
// terminal, file or pipe they go to: lines below warning are written some
// milliseconds later, many at once. Warnings and errors are written at once, with all
// that came before. Close it at the end.
type Log struct {
	*slog.Logger
	lines *lines
}

// NewLog makes a log that writes to out what is at least at the level.
func NewLog(out io.Writer, level slog.Leveler) *Log {
	l := &lines{out: out}
	l.timer = time.AfterFunc(logDelay, l.flush)
	return &Log{slog.New(&urgent{slog.NewTextHandler(l, &slog.HandlerOptions{Level: level}), l}), l}
}

// Close writes what waits. The log may still be used; then nothing waits any more.
func (l *Log) Close() {
	l.lines.mu.Lock()
	l.lines.closed = true
	l.lines.mu.Unlock()
	l.lines.flush()
}

// urgent writes at once what somebody should see soon.
type urgent struct {
	slog.Handler
	lines *lines
}

// Handle writes the record.
func (u *urgent) Handle(ctx context.Context, r slog.Record) error {
	if err := u.Handler.Handle(ctx, r); err != nil {
		return fmt.Errorf("write the log: %w", err)
	}
	if r.Level >= slog.LevelWarn {
		u.lines.flush()
	}
	return nil
}

// WithAttrs keeps being urgent.
func (u *urgent) WithAttrs(attrs []slog.Attr) slog.Handler {
	return &urgent{u.Handler.WithAttrs(attrs), u.lines}
}

// WithGroup keeps being urgent.
func (u *urgent) WithGroup(name string) slog.Handler {
	return &urgent{u.Handler.WithGroup(name), u.lines}
}

// lines are the lines that wait.
type lines struct {
	out   io.Writer
	timer *time.Timer

	mu      sync.Mutex
	waiting []byte
	closed  bool
}

// Write takes a line. It cannot fail: a log that cannot be written must not stop the server.
func (l *lines) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	first := len(l.waiting) == 0
	l.waiting = append(l.waiting, line...)
	switch {
	case l.closed || len(l.waiting) >= logBatch:
		l.write()
	case first:
		l.timer.Reset(logDelay)
	}
	return len(line), nil
}

func (l *lines) flush() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.write()
}

func (l *lines) write() {
	if len(l.waiting) > 0 {
		_, _ = l.out.Write(l.waiting) // there is nowhere to say that this failed
		l.waiting = l.waiting[:0]
	}
}
