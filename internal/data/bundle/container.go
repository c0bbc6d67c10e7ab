package bundle

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// The container of archives (spec processing.md §3.2):
//
//	30 bytes  the magic text, with NUL bytes before it
//	10 bytes  where the table of contents begins, MessagePack, with NUL bytes before it
//	10 bytes  its length, likewise
//	          data; offsets count from here
//	          the table of contents
//
// A file for one entry holds {entry id: archive}. One for all entries of a published
// upload has a container for each entry as its data, which holds the archive itself.
const (
	magic     = "msglc-2024"
	dataStart = 50
	// maxArchive bounds the archive of one entry, which is read into memory.
	maxArchive = 256 << 20
)

var errContainer = errors.New("damaged archive file")

// header begins a container.
func header(tocStart, tocLength int64) []byte {
	b := make([]byte, dataStart)
	copy(b[30-len(magic):30], magic)
	for i, n := range []int64{tocStart, tocLength} {
		packed := appendInt(nil, n)
		copy(b[40+10*i-len(packed):40+10*i], packed)
	}
	return b
}

// wholeToc is the table of contents of a container with one value.
func wholeToc(length int64) []byte {
	toc, _ := appendValue(nil, map[string]any{"p": []any{json.Number("0"), jsonInt(length)}}) // fails only for what is no JSON
	return toc
}

func jsonInt(n int64) json.Number { return json.Number(fmt.Sprint(n)) }

// container puts one value into a container.
func container(value []byte) []byte {
	toc := wholeToc(int64(len(value)))
	// The table stands after the data; its start counts from the beginning of the data.
	b := append(header(int64(len(value)), int64(len(toc))), value...)
	return append(b, toc...)
}

// containerSize is the length of container(value) for a value of so many bytes.
func containerSize(length int64) int64 { return dataStart + length + int64(len(wholeToc(length))) }

// entryFile is the file for one entry.
func entryFile(entryID string, archive []byte) ([]byte, error) {
	packed, err := packJSON(archive)
	if err != nil {
		return nil, err
	}
	value := append([]byte{0x81}, appendLength(nil, len(entryID), 0xa0, 31, 0xd9, 0xda, 0xdb)...)
	return container(append(append(value, entryID...), packed...)), nil
}

// combinedToc is the table of contents of a file for all entries.
func combinedToc(ids []string, offsets []int64) ([]byte, error) {
	places := make(map[string]any, len(ids))
	for i, id := range ids {
		places[id] = jsonInt(offsets[i])
	}
	return appendValue(nil, map[string]any{"t": places})
}

// opened is a container that is read.
type opened struct {
	data io.ReaderAt
	// start of the container in data, and the end of what belongs to its values.
	start, end int64
	toc        any
	// left is how many bytes may still be read of the whole file. Tables of contents may lead
	// to one place many times; no honest one does.
	left *int64
}

// openContainer reads the table of contents of the container at start; all containers
// of a file share what is left to be read of it.
func openContainer(data io.ReaderAt, start, size int64, left *int64) (*opened, error) {
	var head [dataStart]byte
	if _, err := data.ReadAt(head[:], start); err != nil || !bytes.HasSuffix(head[:30], []byte(magic)) {
		return nil, errors.Join(errContainer, err)
	}
	var at [2]int64
	for i := range at {
		v, err := unpackValue(bytes.TrimLeft(head[30+10*i:40+10*i], "\x00"))
		if len(bytes.TrimLeft(head[30+10*i:40+10*i], "\x00")) == 0 {
			v, err = int64(0), nil
		}
		n, ok := whole(v)
		if err != nil || !ok || n < 0 {
			return nil, errContainer
		}
		at[i] = n
	}
	if at[1] > maxArchive || at[0] > size || start+dataStart+at[0]+at[1] > size {
		return nil, errContainer
	}
	o := &opened{data: data, start: start, end: at[0], left: left}
	toc, err := o.read(at[0], at[1])
	if err != nil {
		return nil, err
	}
	o.toc, err = unpackValue(toc)
	return o, err
}

// read gives n bytes at a place counted from the beginning of the data.
func (o *opened) read(from, n int64) ([]byte, error) {
	if *o.left -= n; *o.left < 0 {
		return nil, errContainer
	}
	b := make([]byte, n)
	if _, err := o.data.ReadAt(b, o.start+dataStart+from); err != nil {
		return nil, errors.Join(errContainer, err)
	}
	return b, nil
}

func whole(v any) (int64, bool) {
	switch v := v.(type) {
	case int64:
		return v, true
	case uint64:
		return int64(v), v < 1<<62 //nolint:gosec // just compared
	}
	return 0, false
}

// value gives the value that a table of contents leads to.
func (o *opened) value(toc any, depth int) (any, error) {
	node, ok := toc.(map[string]any)
	if !ok || depth > maxDepth {
		return nil, errContainer
	}
	if place, ok := node["p"].([]any); ok && len(place) == 2 {
		from, ok1 := whole(place[0])
		to, ok2 := whole(place[1])
		if !ok1 || !ok2 || from < 0 || to < from || to > o.end || to-from > maxArchive {
			return nil, errContainer
		}
		b, err := o.read(from, to-from)
		if err != nil {
			return nil, err
		}
		return unpackValue(b)
	}
	switch children := node["t"].(type) {
	case map[string]any:
		all := make(map[string]any, len(children))
		for key, child := range children {
			v, err := o.value(child, depth+1)
			if err != nil {
				return nil, err
			}
			all[key] = v
		}
		return all, nil
	case []any:
		all := make([]any, len(children))
		for i, child := range children {
			v, err := o.value(child, depth+1)
			if err != nil {
				return nil, err
			}
			all[i] = v
		}
		return all, nil
	}
	return nil, errContainer
}

// readEntryFile gives the archives in a file for one entry, by entry id.
func readEntryFile(data io.ReaderAt, size int64) (map[string]any, error) {
	left := size
	o, err := openContainer(data, 0, size, &left)
	if err != nil {
		return nil, err
	}
	v, err := o.value(o.toc, 0)
	if err != nil {
		return nil, err
	}
	archives, ok := v.(map[string]any)
	if !ok {
		return nil, errContainer
	}
	return archives, nil
}

// readCombined gives the archives in a file for all entries, one after another.
func readCombined(data io.ReaderAt, size int64, give func(entryID string, archive any) error) error {
	left := size
	o, err := openContainer(data, 0, size, &left)
	if err != nil {
		return err
	}
	root, _ := o.toc.(map[string]any)
	places, ok := root["t"].(map[string]any)
	if !ok {
		return errContainer
	}
	for id, place := range places {
		at, ok := whole(place)
		if !ok || at < 0 || at > o.end {
			return errContainer
		}
		nested, err := openContainer(data, dataStart+at, size, &left)
		if err != nil {
			return err
		}
		archive, err := nested.value(nested.toc, 0)
		if err != nil {
			return err
		}
		if err := give(id, archive); err != nil {
			return err
		}
	}
	return nil
}
