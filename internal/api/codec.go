package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
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

// encode writes v as JSON without HTML escapes into a buffer of the pool; give it
// back with free.
func encode(v any) (*bytes.Buffer, error) {
	b := buffers.Get().(*bytes.Buffer)
	b.Reset()
	e := json.NewEncoder(b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		free(b)
		return nil, fmt.Errorf("encode the answer: %w", err)
	}
	return b, nil
}

// codec is the JSON of the operations huma serves. An answer is encoded whole before
// its first byte is sent. Its status may be out by then, so a value that cannot be
// encoded cuts the connection: huma panics and rescue sees to the rest.
func codec() huma.Format {
	return huma.Format{
		Marshal: func(w io.Writer, v any) error {
			b, err := encode(v)
			if err != nil {
				return err
			}
			defer free(b)
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
