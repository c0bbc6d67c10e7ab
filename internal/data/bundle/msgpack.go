package bundle

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
)

// Archives in bundles are MessagePack (https://github.com/msgpack/msgpack, spec.md);
// ours are JSON. Numbers without fraction become integers, and back.

// maxDepth bounds the nesting of values.
const maxDepth = 512

// maxValues bounds how many values one archive has: a byte may become one that takes
// fifty in memory.
const maxValues = 16 << 20

var errMsgpack = errors.New("damaged MessagePack")

// appendValue appends a value that json.Decoder with UseNumber has given.
func appendValue(b []byte, v any) ([]byte, error) {
	switch v := v.(type) {
	case nil:
		return append(b, 0xc0), nil
	case bool:
		if v {
			return append(b, 0xc3), nil
		}
		return append(b, 0xc2), nil
	case string:
		return append(appendLength(b, len(v), 0xa0, 31, 0xd9, 0xda, 0xdb), v...), nil
	case json.Number:
		return appendNumber(b, v)
	case []any:
		b = appendLength(b, len(v), 0x90, 15, 0, 0xdc, 0xdd)
		for _, element := range v {
			var err error
			if b, err = appendValue(b, element); err != nil {
				return nil, err
			}
		}
		return b, nil
	case map[string]any:
		b = appendLength(b, len(v), 0x80, 15, 0, 0xde, 0xdf)
		keys := make([]string, 0, len(v))
		for key := range v {
			keys = append(keys, key)
		}
		slices.Sort(keys)
		for _, key := range keys {
			b = append(appendLength(b, len(key), 0xa0, 31, 0xd9, 0xda, 0xdb), key...)
			var err error
			if b, err = appendValue(b, v[key]); err != nil {
				return nil, err
			}
		}
		return b, nil
	default:
		return nil, fmt.Errorf("a value of type %T is no JSON", v)
	}
}

// appendLength begins a text, list or map; short lengths stand in the first byte.
// Lists and maps have no form with one byte for the length.
func appendLength(b []byte, n int, fix byte, most int, one, two, four byte) []byte {
	switch {
	case n <= most:
		return append(b, fix|byte(n)) //nolint:gosec // at most 31
	case n <= math.MaxUint8 && one != 0:
		return append(b, one, byte(n))
	case n <= math.MaxUint16:
		return binary.BigEndian.AppendUint16(append(b, two), uint16(n))
	default:
		return binary.BigEndian.AppendUint32(append(b, four), uint32(n)) //nolint:gosec // JSON of this size is never read
	}
}

func appendNumber(b []byte, v json.Number) ([]byte, error) {
	if !strings.ContainsAny(v.String(), ".eE") {
		if n, err := v.Int64(); err == nil {
			return appendInt(b, n), nil
		}
		var u uint64
		if err := json.Unmarshal([]byte(v), &u); err == nil {
			return binary.BigEndian.AppendUint64(append(b, 0xcf), u), nil
		}
	}
	f, err := v.Float64()
	if err != nil {
		return nil, fmt.Errorf("the number %s: %w", v, err)
	}
	return binary.BigEndian.AppendUint64(append(b, 0xcb), math.Float64bits(f)), nil
}

func appendInt(b []byte, n int64) []byte {
	switch {
	case n >= 0 && n < 128, n < 0 && n >= -32:
		return append(b, byte(n)) //nolint:gosec // the low byte is the form
	case n >= math.MinInt32 && n <= math.MaxInt32:
		return binary.BigEndian.AppendUint32(append(b, 0xd2), uint32(n)) //nolint:gosec // two's complement
	default:
		return binary.BigEndian.AppendUint64(append(b, 0xd3), uint64(n)) //nolint:gosec // two's complement
	}
}

// reader reads one value after another. Lengths are believed only as far as there
// are bytes.
type reader struct {
	b []byte
	// left is how many values may still come.
	left int
}

func (r *reader) take(n uint64) ([]byte, error) {
	if n > uint64(len(r.b)) {
		return nil, errMsgpack
	}
	taken := r.b[:n]
	r.b = r.b[n:]
	return taken, nil
}

// number reads an unsigned integer of so many bytes.
func (r *reader) number(bytes uint64) (n uint64, err error) {
	b, err := r.take(bytes)
	for _, x := range b {
		n = n<<8 | uint64(x)
	}
	return n, err
}

// value reads any value in the forms that appendValue takes.
func (r *reader) value(depth int) (any, error) {
	if r.left--; depth > maxDepth || r.left < 0 {
		return nil, errMsgpack
	}
	first, err := r.take(1)
	if err != nil {
		return nil, err
	}
	switch c := first[0]; {
	case c < 0x80:
		return int64(c), nil
	case c >= 0xe0:
		return int64(int8(c)), nil //nolint:gosec // negative fixint
	case c&0xf0 == 0x80:
		return r.object(uint64(c&0x0f), depth)
	case c&0xf0 == 0x90:
		return r.list(uint64(c&0x0f), depth)
	case c&0xe0 == 0xa0:
		return r.text(uint64(c & 0x1f))
	case c == 0xc0:
		return nil, nil
	case c == 0xc2, c == 0xc3:
		return c == 0xc3, nil
	default:
		return r.long(c, depth)
	}
}

// long reads the values whose size stands in bytes of its own.
func (r *reader) long(c byte, depth int) (any, error) {
	width := func(first byte) (uint64, error) { return r.number(1 << (c - first)) }
	switch {
	case c >= 0xc4 && c <= 0xc6: // bytes
		n, err := width(0xc4)
		if err != nil {
			return nil, err
		}
		b, err := r.take(n)
		return base64.StdEncoding.EncodeToString(b), err
	case c >= 0xc7 && c <= 0xc9: // extensions mean nothing here
		n, err := width(0xc7)
		if err == nil {
			_, err = r.take(n + 1)
		}
		return nil, err
	case c >= 0xd4 && c <= 0xd8:
		_, err := r.take(1<<(c-0xd4) + 1)
		return nil, err
	case c == 0xca:
		n, err := r.number(4)
		return finite(float64(math.Float32frombits(uint32(n)))), err //nolint:gosec // four bytes
	case c == 0xcb:
		n, err := r.number(8)
		return finite(math.Float64frombits(n)), err
	case c >= 0xcc && c <= 0xcf:
		return width(0xcc)
	case c >= 0xd0 && c <= 0xd3:
		n, err := width(0xd0)
		shift := 64 - 8<<(c-0xd0)
		return int64(n<<shift) >> shift, err //nolint:gosec // sign extension
	case c >= 0xd9 && c <= 0xdb:
		n, err := width(0xd9)
		if err != nil {
			return nil, err
		}
		return r.text(n)
	case c == 0xdc, c == 0xdd:
		n, err := r.number(2 << (c - 0xdc))
		if err != nil {
			return nil, err
		}
		return r.list(n, depth)
	case c == 0xde, c == 0xdf:
		n, err := r.number(2 << (c - 0xde))
		if err != nil {
			return nil, err
		}
		return r.object(n, depth)
	default:
		return nil, errMsgpack
	}
}

// finite gives nil for what JSON has no number for.
func finite(f float64) any {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return nil
	}
	return f
}

func (r *reader) text(n uint64) (any, error) {
	b, err := r.take(n)
	return string(b), err
}

func (r *reader) list(n uint64, depth int) (any, error) {
	if n > uint64(len(r.b)) { // an element has at least one byte
		return nil, errMsgpack
	}
	all := make([]any, 0, min(n, 4096))
	for range n {
		v, err := r.value(depth + 1)
		if err != nil {
			return nil, err
		}
		all = append(all, v)
	}
	return all, nil
}

func (r *reader) object(n uint64, depth int) (any, error) {
	if n > uint64(len(r.b)) {
		return nil, errMsgpack
	}
	all := make(map[string]any, min(n, 4096))
	for range n {
		key, err := r.value(depth + 1)
		if err != nil {
			return nil, err
		}
		v, err := r.value(depth + 1)
		if err != nil {
			return nil, err
		}
		all[keyText(key)] = v
	}
	return all, nil
}

// keyText makes a JSON key of a key of any type.
func keyText(key any) string {
	if s, ok := key.(string); ok {
		return s
	}
	return fmt.Sprint(key)
}

// packJSON is JSON as MessagePack.
func packJSON(text []byte) ([]byte, error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, fmt.Errorf("read JSON: %w", err)
	}
	return appendValue(nil, v)
}

// unpackValue reads the one value that b is.
func unpackValue(b []byte) (any, error) {
	r := reader{b, maxValues}
	return r.value(0)
}
