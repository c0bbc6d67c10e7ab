package entry

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"oasis/internal/data/metainfo"
)

// An archive on disk is what processing made. What people have said since is put into
// its metadata while it is read, so that an edit of all entries of an upload need
// not write all their archives anew.

// edited gives an archive with what people said about the entry; whole is when
// somebody last edited its upload. It takes over the archive.
func (e *Entry) edited(archive io.ReadCloser, whole time.Time) io.ReadCloser {
	last := e.LastEdit
	if whole.After(last) {
		last = whole
	}
	if last.IsZero() && len(e.Edits) == 0 {
		return archive
	}
	out, in := io.Pipe()
	go func() {
		w := bufio.NewWriterSize(in, 1<<16)
		err := splice(w, bufio.NewReaderSize(archive, 1<<16), func(metadata []byte) ([]byte, error) { return e.editedMetadata(metadata, last) })
		if err == nil {
			err = w.Flush()
		}
		in.CloseWithError(errors.Join(err, archive.Close())) // nil ends the archive
	}()
	return out
}

// editedMetadata is the metadata section with what people said.
func (e *Entry) editedMetadata(metadata []byte, last time.Time) ([]byte, error) {
	members := map[string]json.RawMessage{}
	if err := json.Unmarshal(metadata, &members); err != nil {
		return nil, fmt.Errorf("metadata of the archive of entry %s: %w", e.ID, err)
	}
	var said map[string]json.RawMessage
	if len(e.Edits) > 0 {
		if err := json.Unmarshal(e.Edits, &said); err != nil {
			return nil, fmt.Errorf("edits of entry %s: %w", e.ID, err)
		}
	}
	for key, value := range said {
		if string(value) == "null" {
			delete(members, key)
			continue
		}
		members[key] = value
	}
	for key, at := range map[string]time.Time{"last_edit_time": last, "entry_create_time": e.CreateTime} {
		if !at.IsZero() {
			members[key] = json.RawMessage(`"` + metainfo.FormatTime(at) + `"`)
		}
	}
	return json.Marshal(members)
}

// maxMetadata bounds the metadata section of an archive.
const maxMetadata = 64 << 20

// splice copies a JSON object and replaces the value of its member metadata. All else is
// copied byte by byte: an archive may be far larger than memory.
func splice(w *bufio.Writer, r *bufio.Reader, replace func([]byte) ([]byte, error)) error {
	var (
		depth           int
		inText, escaped bool
		key             []byte // the last text at depth 1
		value           *bytes.Buffer
	)
	for {
		c, err := r.ReadByte()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if value != nil && !inText && depth == 1 && (c == ',' || c == '}') { // the value has ended
			changed, err := replace(value.Bytes())
			if err != nil {
				return err
			}
			if _, err := w.Write(changed); err != nil {
				return err
			}
			value = nil
		}
		colon := false
		switch {
		case escaped:
			escaped = false
		case inText && c == '\\':
			escaped = true
		case c == '"':
			inText = !inText
			if inText && depth == 1 {
				key = key[:0]
			}
		case inText:
		case c == '{' || c == '[':
			depth++
		case c == '}' || c == ']':
			depth--
		case c == ':' && depth == 1:
			colon = true
		}
		switch {
		case value != nil:
			if value.Len() >= maxMetadata {
				return errors.New("the metadata of an archive is too large")
			}
			value.WriteByte(c)
		default:
			if inText && depth == 1 && c != '"' && len(key) < 64 {
				key = append(key, c)
			}
			if err := w.WriteByte(c); err != nil {
				return err
			}
			if colon && string(key) == "metadata" {
				value = &bytes.Buffer{}
			}
		}
	}
}
