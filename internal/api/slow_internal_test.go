package api

import (
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"
)

// slowClient is the writer of a connection whose client takes its time for each stretch.
type slowClient struct {
	http.ResponseWriter
	t        *testing.T
	pace     time.Duration
	deadline time.Time
	reads    []time.Time
	got      int64
	file     io.Reader
}

var errCut = errors.New("the deadline passed")

func (c *slowClient) SetWriteDeadline(at time.Time) error { c.deadline = at; return nil }

func (c *slowClient) SetReadDeadline(at time.Time) error { c.reads = append(c.reads, at); return nil }

func (c *slowClient) Header() http.Header { return http.Header{} }

func (c *slowClient) WriteHeader(int) {}

func (c *slowClient) Write(p []byte) (int, error) {
	if len(p) > stretch {
		c.t.Errorf("%d bytes at once, with one deadline", len(p))
	}
	<-time.After(c.pace)
	if !time.Now().Before(c.deadline) {
		return 0, errCut
	}
	c.got += int64(len(p))
	return len(p), nil
}

func (c *slowClient) ReadFrom(r io.Reader) (int64, error) {
	limited, is := r.(*io.LimitedReader)
	if !is || c.file != nil && limited.R != c.file {
		c.t.Errorf("%T hides the file from the kernel", r)
	}
	<-time.After(c.pace)
	if !time.Now().Before(c.deadline) {
		return 0, errCut
	}
	n, err := io.Copy(io.Discard, r)
	c.got += n
	return n, err
}

// Some hours for an answer are fine as long as it gets on; nothing for minutes is not.
func TestAnswerIsCutOnlyWhenTheClientStopsReading(t *testing.T) {
	t.Parallel()
	text := make([]byte, 20*stretch+77)
	path := filepath.Join(t.TempDir(), "f")
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, send := range map[string]func(w *recorder, c *slowClient) error{
		"bytes": func(w *recorder, _ *slowClient) error { _, err := w.Write(text); return err },
		"file": func(w *recorder, c *slowClient) error {
			f, err := os.Open(path)
			if err != nil {
				return err
			}
			defer f.Close()
			c.file = f
			_, err = io.CopyN(w, f, int64(len(text)))
			return err
		},
		"file to its end": func(w *recorder, c *slowClient) error {
			f, err := os.Open(path)
			if err != nil {
				return err
			}
			defer f.Close()
			_, err = io.Copy(w, struct{ io.Reader }{f})
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c := &slowClient{t: t, pace: time.Second}
				began := time.Now()
				w := &recorder{ResponseWriter: c}
				w.WriteHeader(http.StatusOK)
				if err := send(w, c); err != nil || c.got != int64(len(text)) || w.bytes != c.got {
					t.Errorf("%d of %d bytes after %v: %v", c.got, len(text), time.Since(began), err)
				}
				c.got, c.pace = 0, writePatience-writePatience/8-time.Second
				if err := send(w, c); err != nil || c.got != int64(len(text)) {
					t.Errorf("%d of %d bytes in %v: %v", c.got, len(text), time.Since(began), err)
				}
				c.pace = 2 * writePatience
				if err := send(w, c); !errors.Is(err, errCut) {
					t.Errorf("a client that does not read: %v", err)
				}
			})
		})
	}
}

// A form that comes byte by byte, each in time, has to be complete in time all the
// same; a stream only has to get on.
func TestFormsHaveOneDeadlineAndStreamsARollingOne(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for name, patience := range map[string]time.Duration{"form": 0, "stream": streamPatience} {
			c := &slowClient{t: t}
			b := &bodyWatch{ReadCloser: io.NopCloser(endless{}), w: c, patience: patience}
			began := time.Now()
			for range 10 {
				if _, err := b.Read(make([]byte, 1)); err != nil {
					t.Fatal(err)
				}
				<-time.After(20 * time.Second)
			}
			last := c.reads[len(c.reads)-1]
			if patience == 0 && (len(c.reads) != 1 || last.Sub(began) != jsonPatience) || patience > 0 && last.Sub(began) < streamPatience+time.Minute {
				t.Errorf("%s: deadlines %v, begun at %v", name, c.reads, began)
			}
		}
	})
}

type endless struct{}

func (endless) Read(p []byte) (int, error) { return len(p), nil }
