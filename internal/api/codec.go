package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"sync"

	"github.com/danielgtaylor/huma/v2"
)

// buffers are reused between answers; large ones are given back to the runtime.
var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

const keepBuffer = 1 << 20

func free(b *bytes.Buffer) {
	if b.Cap() <= keepBuffer {
		buffers.Put(b)
	}
}

// errJSON is what huma is told about a body that is no JSON; see wrongValues.
var errJSON = errors.New("JSON decode error")

// codec is JSON without HTML escapes. An answer is encoded whole before its first
// byte is sent, so that a fault still becomes a proper 500.
func codec() huma.Format {
	return huma.Format{
		Marshal: func(w io.Writer, v any) error {
			b := buffers.Get().(*bytes.Buffer)
			b.Reset()
			defer free(b)
			e := json.NewEncoder(b)
			e.SetEscapeHTML(false)
			if err := e.Encode(v); err != nil {
				return err
			}
			turnEnds(w)
			_, _ = w.Write(b.Bytes()) // the client may be gone; the log has the size
			return nil
		},
		Unmarshal: func(data []byte, v any) error {
			if !json.Valid(data) {
				return errJSON
			}
			return json.Unmarshal(data, v)
		},
	}
}
