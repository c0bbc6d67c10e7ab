package source

import (
	"bytes"
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// jsonReader reads RFC 8259 JSON plus NaN and ±Infinity, which NOMAD's own
// files contain (spec metainfo-archive.md §2.1).
type jsonReader struct {
	file  string
	data  []byte
	pos   int
	line  int
	start int // offset of the current line's first byte
	lim   Limits
	nodes int
	// counted characters lie between the start of the line and the offset upTo.
	upTo, counted int
}

func readJSON(name string, data []byte, lim Limits) (*Node, error) {
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	j := &jsonReader{file: name, data: data, line: 1, lim: lim}
	j.space()
	if j.pos == len(data) {
		return nil, nil
	}
	root, err := j.value(0)
	if err != nil {
		return nil, err
	}
	j.space()
	if j.pos < len(data) {
		return nil, j.fail("unexpected %s after the end of the value", j.here())
	}
	return root, nil
}

func (j *jsonReader) fail(format string, args ...any) error {
	return &Issue{File: j.file, Line: j.line, Column: j.column(), Message: "not valid JSON: " + fmt.Sprintf(format, args...)}
}

// column counts characters, not bytes, as editors do. It goes on from where it
// was last asked, because a whole file may stand on one line.
func (j *jsonReader) column() int {
	pos := min(j.pos, len(j.data))
	if j.upTo < j.start || j.upTo > pos {
		j.upTo, j.counted = j.start, 0
	}
	j.counted += utf8.RuneCount(j.data[j.upTo:pos])
	j.upTo = pos
	return j.counted + 1
}

func (j *jsonReader) here() string {
	if j.pos >= len(j.data) {
		return "end of file"
	}
	r, _ := utf8.DecodeRune(j.data[j.pos:])
	return strconv.QuoteRune(r)
}

func (j *jsonReader) space() {
	for j.pos < len(j.data) {
		switch j.data[j.pos] {
		case '\n':
			j.line++
			j.start = j.pos + 1
		case ' ', '\t', '\r':
		default:
			return
		}
		j.pos++
	}
}

func (j *jsonReader) node() (*Node, error) {
	if j.nodes++; j.nodes > j.lim.Nodes {
		return nil, &Issue{File: j.file, Line: j.line, Message: fmt.Sprintf("the file has more than %d values", j.lim.Nodes)}
	}
	return &Node{Line: j.line, Column: j.column()}, nil
}

func (j *jsonReader) value(depth int) (*Node, error) {
	if depth > j.lim.Depth {
		return nil, &Issue{File: j.file, Line: j.line, Column: j.column(), Message: tooDeep(j.lim.Depth)}
	}
	n, err := j.node()
	if err != nil {
		return nil, err
	}
	if j.pos >= len(j.data) {
		return nil, j.fail("unexpected end of file")
	}
	switch j.data[j.pos] {
	case '{':
		return n, j.object(n, depth)
	case '[':
		return n, j.array(n, depth)
	case '"':
		n.Value, err = j.text()
		return n, err
	default:
		return n, j.literal(n)
	}
}

func (j *jsonReader) object(n *Node, depth int) error {
	n.Kind = Map
	j.pos++
	var seen map[string]bool
	for {
		j.space()
		if len(n.Fields) == 0 && j.take('}') {
			return nil
		}
		if j.pos >= len(j.data) || j.data[j.pos] != '"' {
			return j.fail("expected a key in double quotes, not %s", j.here())
		}
		f := Field{Line: j.line, Column: j.column()}
		var err error
		if f.Key, err = j.text(); err != nil {
			return err
		}
		if seen == nil {
			seen = make(map[string]bool)
		}
		if seen[f.Key] {
			return &Issue{File: j.file, Line: f.Line, Column: f.Column, Message: duplicate(f.Key)}
		}
		seen[f.Key] = true
		j.space()
		if !j.take(':') {
			return j.fail("expected ':' after the key %s, not %s", Quote(f.Key), j.here())
		}
		j.space()
		if f.Value, err = j.value(depth + 1); err != nil {
			return err
		}
		n.Fields = append(n.Fields, f)
		j.space()
		if j.take('}') {
			return nil
		}
		if !j.take(',') {
			return j.fail("expected ',' or '}', not %s", j.here())
		}
	}
}

func (j *jsonReader) array(n *Node, depth int) error {
	n.Kind = List
	j.pos++
	for {
		j.space()
		if len(n.Items) == 0 && j.take(']') {
			return nil
		}
		item, err := j.value(depth + 1)
		if err != nil {
			return err
		}
		n.Items = append(n.Items, item)
		j.space()
		if j.take(']') {
			return nil
		}
		if !j.take(',') {
			return j.fail("expected ',' or ']', not %s", j.here())
		}
	}
}

func (j *jsonReader) take(c byte) bool {
	if j.pos < len(j.data) && j.data[j.pos] == c {
		j.pos++
		return true
	}
	return false
}

func (j *jsonReader) literal(n *Node) error {
	end := j.pos
	for end < len(j.data) && !strings.ContainsRune(" \t\r\n,]}:[{\"", rune(j.data[end])) {
		end++
	}
	word := string(j.data[j.pos:end])
	switch word {
	case "":
		return j.fail("expected a value, not %s", j.here())
	case "null":
	case "true", "false":
		n.Value = word == "true"
	case "NaN":
		n.Value = math.NaN()
	case "Infinity":
		n.Value = math.Inf(1)
	case "-Infinity":
		n.Value = math.Inf(-1)
	default:
		if !jsonNumber(word) {
			return j.fail("%s is neither a number nor true, false or null", Quote(word))
		}
		n.Value = number(word)
	}
	j.pos = end
	return nil
}

// jsonNumber checks the number grammar of RFC 8259 §6.
func jsonNumber(s string) bool {
	s = strings.TrimPrefix(s, "-")
	digits := func() bool {
		i := 0
		for i < len(s) && s[i] >= '0' && s[i] <= '9' {
			i++
		}
		s = s[i:]
		return i > 0
	}
	if strings.HasPrefix(s, "0") {
		s = s[1:]
	} else if !digits() {
		return false
	}
	if strings.HasPrefix(s, ".") {
		s = s[1:]
		if !digits() {
			return false
		}
	}
	if s != "" && (s[0] == 'e' || s[0] == 'E') {
		s = s[1:]
		if s != "" && (s[0] == '+' || s[0] == '-') {
			s = s[1:]
		}
		if !digits() {
			return false
		}
	}
	return s == ""
}

// number keeps whole numbers exact where 64 bits hold them.
func number(s string) any {
	if i, err := strconv.ParseInt(s, 10, 64); err == nil {
		return i
	}
	if u, err := strconv.ParseUint(s, 10, 64); err == nil {
		return u
	}
	f, _ := strconv.ParseFloat(s, 64) // out of range gives ±Inf, which is what the text means here
	return f
}

func (j *jsonReader) text() (string, error) {
	begin := j.pos + 1
	for i := begin; i < len(j.data); i++ { // the usual string has nothing to unescape
		switch c := j.data[i]; {
		case c == '"':
			j.pos = i + 1
			return strings.ToValidUTF8(string(j.data[begin:i]), "\ufffd"), nil
		case c == '\\' || c < ' ':
			return j.escaped(begin, i)
		}
	}
	return "", j.fail("the text that starts here has no closing quote")
}

func (j *jsonReader) escaped(begin, i int) (string, error) {
	out := append([]byte(nil), j.data[begin:i]...)
	for i < len(j.data) {
		c := j.data[i]
		switch {
		case c == '"':
			j.pos = i + 1
			return strings.ToValidUTF8(string(out), "\ufffd"), nil
		case c < ' ':
			j.pos = i
			return "", j.fail("a line break or control character inside a text; write it as \\n or \\u%04x", c)
		case c != '\\':
			out = append(out, c)
			i++
		case i+1 >= len(j.data):
			i++
		default:
			var width int
			if out, width = unescape(out, j.data[i+1:]); width == 0 {
				j.pos = i
				return "", j.fail("unknown escape in a text")
			}
			i += 1 + width
		}
	}
	return "", j.fail("the text that starts here has no closing quote")
}

// unescape appends what follows a backslash and tells how many bytes it took; 0 = not an escape.
func unescape(out, rest []byte) ([]byte, int) {
	if at := strings.IndexByte(`"\/bfnrt`, rest[0]); at >= 0 {
		return append(out, "\"\\/\b\f\n\r\t"[at]), 1
	}
	r, ok := hex4(rest)
	if !ok {
		return out, 0
	}
	if utf16.IsSurrogate(r) {
		if len(rest) >= 11 && rest[5] == '\\' {
			if low, ok := hex4(rest[6:]); ok {
				if pair := utf16.DecodeRune(r, low); pair != utf8.RuneError {
					return utf8.AppendRune(out, pair), 11
				}
			}
		}
		r = utf8.RuneError
	}
	return utf8.AppendRune(out, r), 5
}

func hex4(b []byte) (rune, bool) {
	if len(b) < 5 || b[0] != 'u' {
		return 0, false
	}
	u, err := strconv.ParseUint(string(b[1:5]), 16, 16)
	return rune(u), err == nil
}
