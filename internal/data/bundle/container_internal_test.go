package bundle

import (
	"bytes"
	"encoding/json"
	"errors"
	"testing"
)

// A table of contents that leads to one place again and again would make a small
// file fill the memory.
func TestTableThatRepeatsAPlaceIsRefused(t *testing.T) {
	t.Parallel()
	value := bytes.Repeat([]byte("x"), 1000)
	value = append([]byte{0xda, 0x03, 0xe8}, value...)
	place := map[string]any{"p": []any{json.Number("0"), jsonInt(int64(len(value)))}}
	for _, c := range []struct {
		times int
		err   error
	}{{1, nil}, {50, errContainer}} {
		var children []any
		for range c.times {
			children = append(children, place)
		}
		toc, err := appendValue(nil, map[string]any{"t": children})
		if err != nil {
			t.Fatal(err)
		}
		file := append(append(header(int64(len(value)), int64(len(toc))), value...), toc...)
		left := int64(len(file))
		o, err := openContainer(bytes.NewReader(file), 0, int64(len(file)), &left)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := o.value(o.toc, 0); !errors.Is(err, c.err) {
			t.Errorf("%d times: %v", c.times, err)
		}
	}
}

func TestTooManyValuesAreRefused(t *testing.T) {
	t.Parallel()
	list := append([]byte{0xdc, 0, 100}, bytes.Repeat([]byte{0xc0}, 100)...)
	r := reader{list, 101}
	if _, err := r.value(0); err != nil {
		t.Error(err)
	}
	r = reader{list, 100}
	if _, err := r.value(0); !errors.Is(err, errMsgpack) {
		t.Errorf("error %v", err)
	}
}

// FuzzUnpackValue looks for bytes that break the reader, or that mean something
// else once they were written again.
func FuzzUnpackValue(f *testing.F) {
	for _, seed := range [][]byte{
		{0xc0}, {0x93, 1, 0xa1, 'x', 0xc3}, {0x81, 0xa1, 'k', 0xcb, 0x3f, 0xf0, 0, 0, 0, 0, 0, 0},
		{0xdd, 0xff, 0xff, 0xff, 0xff}, {0xdf, 0xff, 0xff, 0xff, 0xff, 0xc0}, {0xc9, 0xff, 0xff, 0xff, 0xff, 1}, bytes.Repeat([]byte{0x91}, 600),
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		v, err := unpackValue(b)
		if err != nil {
			return
		}
		text, err := json.Marshal(v)
		if err != nil {
			t.Fatalf("%x is read as %#v, which is no JSON: %v", b, v, err)
		}
		packed, err := packJSON(text)
		if err != nil {
			t.Fatalf("%x is read as %s, which cannot be written: %v", b, text, err)
		}
		if _, err := unpackValue(packed); err != nil {
			t.Fatalf("%x is read as %s and written as %x, which cannot be read: %v", b, text, packed, err)
		}
	})
}
