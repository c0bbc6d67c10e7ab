package api

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"math"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
)

// recorder notes status and size of an answer.
type recorder struct {
	http.ResponseWriter
	call   *call
	status int
	bytes  int64
	// instead, when set, is sent in place of the status huma has chosen.
	instead int
	// made, when set, is told that the answer is in memory and only has to be sent.
	made func()
	// armed is when the deadline for writing was set.
	armed time.Time
}

// WriteHeader sends the status once.
func (w *recorder) WriteHeader(status int) {
	if w.instead != 0 {
		status = w.instead
	}
	if status >= 200 && w.status == 0 {
		w.status = status
	}
	w.arm()
	w.ResponseWriter.WriteHeader(status)
}

func (w *recorder) Write(b []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	written := 0
	for {
		w.arm()
		n, err := w.ResponseWriter.Write(b[:min(len(b), stretch)])
		written += n
		w.bytes += int64(n)
		if b = b[n:]; err != nil || len(b) == 0 {
			return written, err
		}
	}
}

// ReadFrom lets files go to the socket without a copy in memory.
func (w *recorder) ReadFrom(r io.Reader) (int64, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	// The kernel sends a file itself only when it finds it right below one limit.
	whole, isLimited := r.(*io.LimitedReader)
	if !isLimited {
		whole = &io.LimitedReader{R: r, N: math.MaxInt64}
	}
	var written int64
	for whole.N > 0 {
		w.arm()
		part := &io.LimitedReader{R: whole.R, N: min(whole.N, stretch)}
		want := part.N
		n, err := io.Copy(w.ResponseWriter, part)
		written += n
		w.bytes += n
		whole.N -= want - part.N
		if err != nil {
			return written, err
		}
		if part.N > 0 {
			break
		}
	}
	return written, nil
}

// An answer has to get on: each stretch of it within the patience. That is some
// 4 KiB/s, so that the slowest honest client gets the largest file, while one
// that does not read gives its connection and memory back.
const (
	stretch       = 512 << 10
	writePatience = 2 * time.Minute
)

// arm gives the client time for the next stretch.
func (w *recorder) arm() {
	if now := time.Now(); now.Sub(w.armed) > writePatience/8 {
		_ = http.NewResponseController(w.ResponseWriter).SetWriteDeadline(now.Add(writePatience)) // only fails on writers that know no deadline
		w.armed = now
	}
}

// Unwrap is for http.ResponseController.
func (w *recorder) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// streamPatience is how long a client may send nothing while its body is read.
const streamPatience = 2 * time.Minute

// bodyWatch notes whether a body was read to its end, and ends bodies that stall.
type bodyWatch struct {
	io.ReadCloser
	w        http.ResponseWriter
	patience time.Duration // 0 = all of the body has to come within jsonPatience of the first read
	armed    time.Time
	ended    bool
	// load counts the bytes that are kept; nil = whoever reads does not keep them.
	load          *load
	read, counted int64
	// refusal is why reading was ended.
	refusal error
}

func (b *bodyWatch) Read(p []byte) (int, error) {
	if b.patience > 0 {
		// Arming the timer for every read would cost more than reading.
		if now := time.Now(); now.Sub(b.armed) > b.patience/8 {
			_ = huma.SetReadDeadline(b.w, now.Add(b.patience)) // only fails on writers that know no deadline
			b.armed = now
		}
	} else if b.armed.IsZero() {
		b.armed = time.Now()
		_ = huma.SetReadDeadline(b.w, b.armed.Add(jsonPatience)) // as above
	}
	n, err := b.ReadCloser.Read(p)
	if err := b.buffer(n); err != nil {
		return 0, err
	}
	if errors.Is(err, io.EOF) {
		b.ended = true
		_ = huma.SetReadDeadline(b.w, time.Time{}) // as above
	}
	return n, err
}

// log writes the one line about a request. It never holds the query or a header,
// where secrets may stand.
func (c *call) log(ctx context.Context) {
	level := slog.LevelInfo
	switch {
	case c.decided && !c.decision.Allowed: // also the 503 of a server that waits for its set-up
	case c.cause != nil && c.r.Context().Err() != nil && errors.Is(c.cause, context.Canceled): // the client went away
	case c.w.status >= 500:
		level = slog.LevelError
	case c.route != nil && c.route.Quiet:
		level = slog.LevelDebug
	}
	log := c.server.opts.Log
	if !log.Enabled(ctx, level) {
		return
	}
	attrs := make([]slog.Attr, 0, 10)
	attrs = append(attrs,
		slog.String("request_id", c.id), slog.String("method", c.r.Method), slog.Int("status", c.w.status),
		slog.Int64("bytes", c.w.bytes), slog.Duration("duration", time.Since(c.started)), slog.String("from", c.address))
	if c.route != nil {
		attrs = append(attrs, slog.String("route", c.route.Path))
	}
	if c.caller.User.ID != "" {
		attrs = append(attrs, slog.String("user", c.caller.User.ID))
	}
	if c.caller.CredentialID != "" {
		attrs = append(attrs, slog.String("credential", c.caller.CredentialID))
	}
	if c.cause != nil {
		attrs = append(attrs, slog.Any("err", c.cause))
	}
	log.LogAttrs(ctx, level, "request", attrs...)
}
