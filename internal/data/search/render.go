package search

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
)

// withheld are the members of a document that GuardFull keeps back (spec entries.md
// §15, and processing_errors, because messages quote values).
var withheld = []string{"data", "text_search_contents", "search_quantities", "files", "processing_errors"}

// Renderer cuts documents to what a request asks for. It works on the JSON text
// itself: what stays is copied, nothing is decoded. It remembers what it decided
// for a path, so one is used for all hits of an answer, by one goroutine.
type Renderer struct {
	required Required
	include  []pattern
	exclude  []pattern
	verdicts [2]map[string]verdict // for the public and the full view
	path     []byte
}

type verdict uint8

const (
	drop        verdict = iota
	keep                // the whole value
	descend             // some members, and no value that stands here itself
	descendKeep         // some members, and a value that stands here itself
)

// NewRenderer prepares for one request.
func NewRenderer(r Required) *Renderer {
	always := paths(r.Always)
	r.Always = always
	out := &Renderer{required: r, verdicts: [2]map[string]verdict{{}, {}}}
	for _, text := range r.Include {
		out.include = append(out.include, pattern(text))
	}
	for _, text := range r.Exclude {
		out.exclude = append(out.exclude, pattern(text))
	}
	if r.Include == nil {
		// Long, and of use to nobody but the matching: only on request.
		out.exclude = append(out.exclude, "text_search_contents")
	}
	return out
}

// Document joins the upload's and the entry's part. Without full, what only
// readers of the whole entry may see is left out.
func (r *Renderer) Document(entry, upload json.RawMessage, full bool) json.RawMessage {
	out := make([]byte, 0, len(entry)+len(upload))
	out = append(out, '{')
	out = r.members(out, entry, full)
	out = r.members(out, upload, full)
	return append(out, '}')
}

// members appends the kept members of the object text to out.
func (r *Renderer) members(out []byte, text []byte, full bool) []byte {
	for i := 1; i < len(text) && text[i] != '}'; {
		if text[i] == ',' {
			i++
		}
		keyEnd := skip(text, i)
		valueEnd := skip(text, keyEnd+1)
		key, value := text[i:keyEnd], text[keyEnd+1:valueEnd]
		i = valueEnd
		length := len(r.path)
		if length > 0 {
			r.path = append(r.path, '.')
		}
		r.path = appendKey(r.path, key)
		mark := len(out)
		if out[mark-1] != '{' {
			out = append(out, ',')
		}
		out = append(append(out, key...), ':')
		start := len(out)
		if out = r.value(out, value, full); len(out) == start {
			out = out[:mark]
		}
		r.path = r.path[:length]
	}
	return out
}

// value appends what is kept of the value at the current path, maybe nothing.
func (r *Renderer) value(out, value []byte, full bool) []byte {
	v := r.verdict(full)
	switch {
	case v == drop:
		return out
	case v == keep:
		return append(out, value...)
	case value[0] == '{':
		mark := len(out)
		out = r.members(append(out, '{'), value, full)
		if len(out) == mark+1 && !(v == descendKeep && len(value) == 2) {
			return out[:mark]
		}
		return append(out, '}')
	case value[0] == '[':
		mark := len(out)
		out = append(out, '[')
		for i := 1; value[i] != ']'; {
			if value[i] == ',' {
				i++
			}
			end := skip(value, i)
			before := len(out)
			if out[before-1] != '[' {
				out = append(out, ',')
			}
			start := len(out)
			if out = r.value(out, value[i:end], full); len(out) == start {
				out = out[:before]
			}
			i = end
		}
		if len(out) == mark+1 && !(v == descendKeep && len(value) == 2) {
			return out[:mark]
		}
		return append(out, ']')
	case v == descendKeep:
		return append(out, value...)
	default:
		return out
	}
}

func (r *Renderer) verdict(full bool) verdict {
	cache := r.verdicts[0]
	if full {
		cache = r.verdicts[1]
	}
	v, ok := cache[string(r.path)]
	if !ok {
		v = r.decide(string(r.path), full)
		if len(cache) < 10_000 {
			cache[string(r.path)] = v
		}
	}
	return v
}

// decide says what happens to the value at a path.
func (r *Renderer) decide(path string, full bool) verdict {
	top, _, _ := strings.Cut(path, ".")
	if !full && slices.Contains(withheld, top) {
		return drop
	}
	included := r.required.Include == nil || covers(r.include, path)
	excluded := covers(r.exclude, path)
	always := slices.Contains(r.required.Always, path)
	below := slices.ContainsFunc(r.required.Always, func(name string) bool { return strings.HasPrefix(name, path+".") })
	if !included {
		below = below || slices.ContainsFunc(r.include, func(p pattern) bool { return p.below(path) })
	}
	here := included && !excluded || always
	switch {
	case here && !slices.ContainsFunc(r.exclude, func(p pattern) bool { return p.below(path) }):
		return keep
	case here:
		return descendKeep
	case below:
		return descend
	default:
		return drop
	}
}

// covers tells whether a pattern matches the path or one of the sections it lies in.
func covers(patterns []pattern, path string) bool {
	for _, p := range patterns {
		for end := range len(path) + 1 {
			if (end == len(path) || path[end] == '.') && p.matches(path[:end]) {
				return true
			}
		}
	}
	return false
}

// pattern is a dotted name in which * stands for any text, dots included.
type pattern string

func (p pattern) matches(path string) bool {
	first, rest, star := strings.Cut(string(p), "*")
	if !star {
		return string(p) == path
	}
	text, ok := strings.CutPrefix(path, first)
	if !ok {
		return false
	}
	for {
		part, next, more := strings.Cut(rest, "*")
		if !more {
			return strings.HasSuffix(text, part)
		}
		i := strings.Index(text, part)
		if i < 0 {
			return false
		}
		text, rest = text[i+len(part):], next
	}
}

// below tells whether p could match something below the path.
func (p pattern) below(path string) bool {
	first, _, star := strings.Cut(string(p), "*")
	return strings.HasPrefix(first, path+".") || star && strings.HasPrefix(path+".", first)
}

// skip gives the end of the JSON value that starts at i; the text is valid and compact.
func skip(text []byte, i int) int {
	depth := 0
	for ; i < len(text); i++ {
		switch text[i] {
		case '"':
			i = stringEnd(text, i+1)
			if depth == 0 {
				return i + 1
			}
		case '{', '[':
			depth++
		case '}', ']':
			if depth == 0 {
				return i // behind a number or a word
			}
			if depth--; depth == 0 {
				return i + 1
			}
		case ',', ':':
			if depth == 0 {
				return i
			}
		}
	}
	return i
}

// stringEnd gives the position of the quote that ends the string whose content starts at i.
func stringEnd(text []byte, i int) int {
	for {
		i += bytes.IndexByte(text[i:], '"')
		escapes := 0
		for text[i-1-escapes] == '\\' {
			escapes++
		}
		if escapes%2 == 0 {
			return i
		}
		i++
	}
}

func appendKey(path, quoted []byte) []byte {
	plain := quoted[1 : len(quoted)-1]
	if bytes.IndexByte(plain, '\\') < 0 {
		return append(path, plain...)
	}
	var key string
	_ = json.Unmarshal(quoted, &key) // valid: it was written by encoding/json
	return append(path, key...)
}
