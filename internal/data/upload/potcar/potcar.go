// Package potcar leaves out of POTCAR files what their licence keeps from being
// shared: the tables of the pseudopotentials. What says which potentials were
// used stays (spec uploads.md §3.1, processing.md §2.3).
package potcar

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"
)

// Suffix is what the name of a stripped file ends in.
const Suffix = ".stripped"

// Licensed tells whether a raw file must not be published as it is, by its name:
// POTCAR and what begins so, unless it is stripped already.
func Licensed(file string) bool {
	name := path.Base(file)
	return strings.HasPrefix(name, "POTCAR") && (!strings.HasSuffix(name, Suffix) || strings.HasSuffix(name, Suffix+Suffix))
}

// Each potential is a description, which ends with a line that holds the first of
// these, and tables, which end with a line that holds the second.
const (
	endOfDescription = "END of PSCTR"
	endOfTables      = "End of Dataset"
)

// mostDescription bounds a description; a longer one is none. They have some 50 lines.
const mostDescription = 64 << 10

// Strip gives the descriptions of the potentials in a file below a line with the
// checksum of the whole file, by which somebody who has the file can tell that it is
// the same. Of a file that is no POTCAR only that line is left. Closing stops reading.
func Strip(ctx context.Context, whole io.ReadSeeker) (io.ReadCloser, error) {
	sum := sha256.New224()
	if _, err := io.Copy(sum, &interrupted{ctx, whole}); err != nil {
		return nil, fmt.Errorf("read the whole file: %w", err)
	}
	if _, err := whole.Seek(0, io.SeekStart); err != nil {
		return nil, fmt.Errorf("go back to the beginning: %w", err)
	}
	r, w := io.Pipe()
	go func() {
		_, err := fmt.Fprintf(w, "POTCAR without its tables. SHA-224 of the original: %s\n", hex.EncodeToString(sum.Sum(nil)))
		if err == nil {
			err = describe(w, &interrupted{ctx, whole})
		}
		w.CloseWithError(err)
	}()
	return r, nil
}

// describe copies descriptions and the lines that end a potential.
func describe(w io.Writer, r io.Reader) error {
	lines := bufio.NewReaderSize(r, mostDescription)
	var description bytes.Buffer
	inTables := false
	for {
		line, err := lines.ReadSlice('\n')
		switch {
		case errors.Is(err, bufio.ErrBufferFull): // no text: nothing of it is a description
			inTables = true
		case inTables && bytes.Contains(line, []byte(endOfTables)):
			inTables = false
			if _, err := w.Write(line); err != nil {
				return err
			}
		case inTables:
		default:
			description.Write(line)
			switch {
			case bytes.Contains(line, []byte(endOfDescription)):
				if _, err := w.Write(description.Bytes()); err != nil {
					return err
				}
				inTables = true
			case description.Len() > mostDescription:
				inTables = true
			}
		}
		if inTables {
			description.Reset()
		}
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
			if errors.Is(err, io.EOF) {
				return nil
			}
			return err
		}
	}
}

// interrupted ends reading when a context does.
type interrupted struct {
	ctx context.Context
	r   io.Reader
}

func (i *interrupted) Read(p []byte) (int, error) {
	if err := i.ctx.Err(); err != nil {
		return 0, err
	}
	return i.r.Read(p)
}
