// Package source reads an archive file, YAML or JSON, into a tree that still
// knows on which line and column each value stands, so that every complaint
// about a value can name its place. It is safe for hostile input: size, depth
// and the total after following aliases are limited, and nothing panics.
package source

import (
	"fmt"
	"io"
	"path"
	"strconv"
	"strings"
)

// Kind tells which of the fields of a Node is in use.
type Kind uint8

// The kinds of node.
const (
	Scalar Kind = iota // Value: nil, bool, int64, uint64, float64 or string
	List               // Items
	Map                // Fields
)

// Node is one value of an archive file. Nodes reached through a YAML alias are
// shared, so a tree must not be changed after it is read.
type Node struct {
	Kind   Kind
	Value  any
	Items  []*Node
	Fields []Field
	// Line and Column are 1-based; 0 means the value was not read from a file.
	Line, Column int
}

// Field is one member of a mapping, in the order of the file.
type Field struct {
	Key          string
	Line, Column int
	Value        *Node
}

// Get gives the value of a mapping's member; nil if n is no mapping or has no such member.
func (n *Node) Get(key string) *Node {
	if f := n.Field(key); f != nil {
		return f.Value
	}
	return nil
}

// Field gives a mapping's member with its position; nil if there is none.
func (n *Node) Field(key string) *Field {
	if n == nil || n.Kind != Map {
		return nil
	}
	for i := range n.Fields {
		if n.Fields[i].Key == key {
			return &n.Fields[i]
		}
	}
	return nil
}

// Text gives the text of a text scalar, and whether n is one.
func (n *Node) Text() (string, bool) {
	if n == nil || n.Kind != Scalar {
		return "", false
	}
	s, ok := n.Value.(string)
	return s, ok
}

// IsNull tells whether n is absent or an explicit null.
func (n *Node) IsNull() bool { return n == nil || (n.Kind == Scalar && n.Value == nil) }

// Describe names the value for a message: quoted and cut text, a number, "a list", "a mapping".
func (n *Node) Describe() string {
	switch {
	case n.IsNull():
		return "null"
	case n.Kind == List:
		return "a list"
	case n.Kind == Map:
		return "a mapping"
	}
	if s, ok := n.Value.(string); ok {
		return Quote(s)
	}
	return fmt.Sprint(n.Value)
}

// Quote puts text in quotes for a message, cut to a readable length.
func Quote(s string) string {
	const most = 60
	if r := []rune(s); len(r) > most {
		s = string(r[:most]) + "…"
	}
	return strconv.Quote(s)
}

// Issue is one thing to tell about a place in an archive file. It is used as a
// warning, and as the error that fails the entry.
type Issue struct {
	File         string
	Line, Column int    // 0 if unknown
	Path         string // dotted path in the archive, "" for the whole file
	Message      string
}

// Error writes the issue as file:line:column: path: message, leaving out what is not known.
func (i *Issue) Error() string {
	var b strings.Builder
	if i.File != "" {
		b.WriteString(i.File)
		if i.Line > 0 {
			fmt.Fprintf(&b, ":%d", i.Line)
			if i.Column > 0 {
				fmt.Fprintf(&b, ":%d", i.Column)
			}
		}
		b.WriteString(": ")
	}
	if i.Path != "" {
		b.WriteString(i.Path)
		b.WriteString(": ")
	}
	b.WriteString(i.Message)
	return b.String()
}

// Limits bound what Read accepts.
type Limits struct {
	// JSONBytes and YAMLBytes bound the file.
	JSONBytes, YAMLBytes int64
	// YAMLTokens bounds the keys, values, marks and comments of a YAML file. Each one
	// costs some 300 bytes while the file is read, however short it is.
	YAMLTokens int
	// Depth bounds how far lists and mappings nest.
	Depth int
	// Nodes bounds the values of a file, Aliased those that YAML aliases repeat, which stops alias bombs.
	Nodes, Aliased int
}

// DefaultLimits are used where the caller has no reason for others.
func DefaultLimits() Limits {
	return Limits{JSONBytes: 64 << 20, YAMLBytes: 4 << 20, YAMLTokens: 250_000, Depth: 200, Nodes: 500_000, Aliased: 200_000}
}

// Read reads an archive file; the suffix of name chooses the language
// (spec processing.md §2.4). The top level must be a mapping. Every error
// about the content is an *Issue; errors of r are passed on.
func Read(name string, r io.Reader, lim Limits) (*Node, error) {
	most, isJSON := lim.YAMLBytes, path.Ext(name) == ".json"
	if isJSON {
		most = lim.JSONBytes
	}
	data, err := io.ReadAll(io.LimitReader(r, most+1))
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	if int64(len(data)) > most {
		hint := "split it"
		if !isJSON {
			hint = "split it or write it as JSON"
		}
		return nil, &Issue{File: name, Message: fmt.Sprintf("the file is larger than %d MiB; %s", most>>20, hint)}
	}
	var root *Node
	if isJSON {
		root, err = readJSON(name, data, lim)
	} else {
		root, err = readYAML(name, data, lim)
	}
	if err != nil {
		return nil, err
	}
	if root == nil || root.IsNull() {
		return nil, &Issue{File: name, Message: "the file is empty; an archive needs a top-level mapping with 'data' or 'definitions'"}
	}
	if root.Kind != Map {
		return nil, &Issue{File: name, Line: root.Line, Column: root.Column,
			Message: "the top level must be a mapping with keys such as 'data' or 'definitions', not " + root.Describe()}
	}
	return root, nil
}

// plain gives the node as maps, slices and scalars; used for opaque parts.
// Numbers that JSON cannot carry (NaN, infinities) become null.
func plain(n *Node) any {
	if n == nil {
		return nil
	}
	switch n.Kind {
	case List:
		out := make([]any, len(n.Items))
		for i, item := range n.Items {
			out[i] = plain(item)
		}
		return out
	case Map:
		out := make(map[string]any, len(n.Fields))
		for _, f := range n.Fields {
			out[f.Key] = plain(f.Value)
		}
		return out
	}
	if f, ok := n.Value.(float64); ok && (f != f || f-f != 0) {
		return nil
	}
	return n.Value
}

// Plain gives the node as map[string]any, []any and scalars, ready for JSON:
// numbers that JSON cannot carry (NaN, infinities) become null.
func (n *Node) Plain() any { return plain(n) }
