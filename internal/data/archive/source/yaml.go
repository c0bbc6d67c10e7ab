package source

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

func tooDeep(depth int) string {
	return fmt.Sprintf("lists and mappings nest deeper than %d levels", depth)
}

func duplicate(key string) string { return fmt.Sprintf("the key %s stands here twice", Quote(key)) }

// readYAML reads the first document of a YAML file.
func readYAML(name string, data []byte, lim Limits) (root *Node, err error) {
	if !utf8.Valid(data) {
		return nil, &Issue{File: name, Line: invalidLine(data), Message: "the file is not UTF-8 text; save it as UTF-8"}
	}
	// The YAML library is third-party code fed with hostile input; should it
	// panic, the entry fails with a sentence instead of the worker.
	defer func() {
		if p := recover(); p != nil {
			root, err = nil, &Issue{File: name, Message: fmt.Sprintf("not valid YAML: the reader gave up (%v)", p)}
		}
	}()
	text := strings.TrimPrefix(string(data), "\ufeff")
	tokens, beyond := tokenize(text, lim.YAMLTokens)
	if beyond != nil {
		return nil, &Issue{File: name, Line: beyond.Position.Line, Column: beyond.Position.Column,
			Message: fmt.Sprintf("the file has more than %d keys, values and marks; split it or write it as JSON", lim.YAMLTokens)}
	}
	// The library's parser recurses on nesting and on the keys of a block
	// mapping: refuse what would overflow the stack, which no recover stops.
	if t, reason := hostile(tokens, lim.Depth); t != nil {
		return nil, &Issue{File: name, Line: t.Position.Line, Column: t.Position.Column, Message: reason}
	}
	file, err := parser.Parse(tokens, 0, parser.AllowDuplicateMapKey()) // ours is the check for duplicates: theirs is quadratic
	if err != nil {
		return nil, yamlError(name, err)
	}
	y := &yamlReader{file: name, lim: lim, anchors: map[string]*anchored{}}
	for _, doc := range file.Docs {
		if doc.Body == nil || doc.Body.Type() == ast.CommentType {
			continue
		}
		if root != nil {
			n := at(doc.Body)
			return nil, &Issue{File: name, Line: n.Line, Column: n.Column, Message: "the file holds more than one YAML document; keep one"}
		}
		if root, _, err = y.node(doc.Body, 0); err != nil {
			return nil, err
		}
	}
	return root, nil
}

func invalidLine(data []byte) int {
	line := 1
	for len(data) > 0 {
		r, size := utf8.DecodeRune(data)
		if r == utf8.RuneError && size == 1 {
			break
		}
		if r == '\n' {
			line++
		}
		data = data[size:]
	}
	return line
}

func yamlError(name string, err error) error {
	issue := &Issue{File: name, Message: "not valid YAML"}
	var syntax *yaml.SyntaxError
	var dup *yaml.DuplicateKeyError
	var tok *token.Token
	var msg string
	switch {
	case errors.As(err, &syntax):
		tok, msg = syntax.Token, syntax.Message
	case errors.As(err, &dup):
		tok, msg = dup.Token, dup.Message
	default:
		msg, _, _ = strings.Cut(err.Error(), "\n")
	}
	if tok != nil && tok.Position != nil {
		issue.Line, issue.Column = tok.Position.Line, tok.Position.Column
	}
	if msg != "" {
		issue.Message += ": " + msg
	}
	return issue
}

// anchored remembers what an anchor names and how many nodes and levels it holds.
type anchored struct {
	node *Node
	size int
}

type yamlReader struct {
	file    string
	lim     Limits
	anchors map[string]*anchored
	nodes   int
	aliased int
}

func (y *yamlReader) fail(n *Node, format string, args ...any) error {
	return &Issue{File: y.file, Line: n.Line, Column: n.Column, Message: fmt.Sprintf(format, args...)}
}

// at makes a node with the position of a YAML node.
func at(a ast.Node) *Node {
	n := &Node{}
	t := a.GetToken()
	if m, ok := a.(*ast.MappingNode); ok && !m.IsFlowStyle && len(m.Values) > 0 {
		t = m.Values[0].Key.GetToken() // the token of a block mapping is its first colon
	}
	if m, ok := a.(*ast.MappingValueNode); ok {
		t = m.Key.GetToken()
	}
	if t != nil && t.Position != nil {
		n.Line, n.Column = t.Position.Line, t.Position.Column
	}
	return n
}

// node converts a YAML node and tells how many values it holds.
func (y *yamlReader) node(a ast.Node, depth int) (*Node, int, error) {
	n := at(a)
	if depth > y.lim.Depth {
		return nil, 0, y.fail(n, "%s", tooDeep(y.lim.Depth))
	}
	if y.nodes++; y.nodes > y.lim.Nodes {
		return nil, 0, y.fail(n, "the file has more than %d values", y.lim.Nodes)
	}
	switch v := a.(type) {
	case *ast.NullNode:
	case *ast.BoolNode:
		n.Value = v.Value
	case *ast.IntegerNode:
		n.Value = whole(v.Value)
	case *ast.FloatNode:
		n.Value = v.Value
	case *ast.InfinityNode:
		n.Value = v.Value
	case *ast.NanNode:
		n.Value = v.GetValue()
	case *ast.StringNode:
		n.Value = v.Value
	case *ast.LiteralNode:
		n.Value = v.Value.Value
	case *ast.TagNode:
		return y.tag(v, depth)
	case *ast.AnchorNode:
		return y.anchor(v, depth)
	case *ast.AliasNode:
		return y.alias(v, n, depth)
	case *ast.SequenceNode:
		n.Kind = List
		return y.sequence(v, n, depth)
	case *ast.MappingNode:
		n.Kind = Map
		return y.mapping(v.Values, n, depth)
	case *ast.MappingValueNode:
		n.Kind = Map
		return y.mapping([]*ast.MappingValueNode{v}, n, depth)
	default:
		return nil, 0, y.fail(n, "not valid YAML: a %s cannot stand here", strings.ToLower(a.Type().String()))
	}
	return n, 1, nil
}

// repeat counts the values that an alias or a merge key repeats.
func (y *yamlReader) repeat(n *Node, more int) error {
	if y.aliased += more; y.aliased > y.lim.Aliased {
		return y.fail(n, "aliases repeat more than %d values", y.lim.Aliased)
	}
	return nil
}

func whole(v any) any {
	switch i := v.(type) {
	case int:
		return int64(i)
	case uint64:
		if i <= 1<<63-1 {
			return int64(i)
		}
	}
	return v
}

func (y *yamlReader) sequence(v *ast.SequenceNode, n *Node, depth int) (*Node, int, error) {
	size := 1
	n.Items = make([]*Node, 0, len(v.Values))
	for _, item := range v.Values {
		child, s, err := y.node(item, depth+1)
		if err != nil {
			return nil, 0, err
		}
		n.Items = append(n.Items, child)
		size += s
	}
	return n, size, nil
}

func (y *yamlReader) mapping(values []*ast.MappingValueNode, n *Node, depth int) (*Node, int, error) {
	size := 1
	n.Fields = make([]Field, 0, len(values))
	var merged []*Node
	for _, mv := range values {
		child, s, err := y.node(mv.Value, depth+1)
		if err != nil {
			return nil, 0, err
		}
		size += s
		if mv.Key.IsMergeKey() {
			merged = append(merged, child)
			continue
		}
		k := at(mv.Key)
		key, err := y.key(mv.Key, k)
		if err != nil {
			return nil, 0, err
		}
		n.Fields = append(n.Fields, Field{Key: key, Line: k.Line, Column: k.Column, Value: child})
	}
	if err := y.distinct(n); err != nil {
		return nil, 0, err
	}
	return n, size, y.merge(n, merged)
}

// distinct refuses a key that stands twice. Small mappings, the usual ones, are compared without a set.
func (y *yamlReader) distinct(n *Node) error {
	twice := func(f Field) error {
		return &Issue{File: y.file, Line: f.Line, Column: f.Column, Message: duplicate(f.Key)}
	}
	if len(n.Fields) <= 12 {
		for i, f := range n.Fields {
			for _, g := range n.Fields[:i] {
				if f.Key == g.Key {
					return twice(f)
				}
			}
		}
		return nil
	}
	seen := make(map[string]bool, len(n.Fields))
	for _, f := range n.Fields {
		if seen[f.Key] {
			return twice(f)
		}
		seen[f.Key] = true
	}
	return nil
}

// merge applies YAML 1.1 merge keys (<<): members already there win.
func (y *yamlReader) merge(n *Node, merged []*Node) error {
	for _, m := range merged {
		sources := []*Node{m}
		if m.Kind == List {
			sources = m.Items
		}
		for _, s := range sources {
			if s.Kind != Map {
				return y.fail(s, "'<<' needs a mapping, not %s", s.Describe())
			}
			if err := y.repeat(s, len(s.Fields)); err != nil {
				return err
			}
			have := make(map[string]bool, len(n.Fields)+len(s.Fields))
			for _, f := range n.Fields {
				have[f.Key] = true
			}
			for _, f := range s.Fields {
				if !have[f.Key] {
					n.Fields = append(n.Fields, f)
				}
			}
		}
	}
	return nil
}

// key gives a mapping key as text; numbers and booleans keep the spelling of the file.
func (y *yamlReader) key(k ast.Node, n *Node) (string, error) {
	switch v := k.(type) {
	case *ast.StringNode:
		return v.Value, nil
	case *ast.MappingKeyNode:
		return y.key(v.Value, n)
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.NullNode, *ast.InfinityNode, *ast.NanNode:
		return k.GetToken().Value, nil
	case *ast.LiteralNode:
		return v.Value.Value, nil
	}
	return "", y.fail(n, "a key must be plain text")
}

func (y *yamlReader) anchor(v *ast.AnchorNode, depth int) (*Node, int, error) {
	n, size, err := y.node(v.Value, depth)
	if err != nil {
		return nil, 0, err
	}
	y.anchors[v.Name.GetToken().Value] = &anchored{n, size}
	return n, size, nil
}

// alias shares the named node; an anchor is known only after its value ended, so no circle can arise.
func (y *yamlReader) alias(v *ast.AliasNode, n *Node, depth int) (*Node, int, error) {
	name := v.Value.GetToken().Value
	a, ok := y.anchors[name]
	if !ok {
		return nil, 0, y.fail(n, "the alias *%s has no anchor &%s before it", name, name)
	}
	if err := y.repeat(n, a.size); err != nil {
		return nil, 0, err
	}
	if depth+height(a.node) > y.lim.Depth {
		return nil, 0, y.fail(n, "%s", tooDeep(y.lim.Depth))
	}
	return a.node, a.size, nil
}

func height(n *Node) int {
	h := 0
	for _, i := range n.Items {
		h = max(h, 1+height(i))
	}
	for _, f := range n.Fields {
		h = max(h, 1+height(f.Value))
	}
	return h
}

// tag accepts the tags of the safe YAML subset and refuses all others, which would name code to run.
func (y *yamlReader) tag(v *ast.TagNode, depth int) (*Node, int, error) {
	if v.Value == nil {
		return at(v), 1, nil
	}
	n, size, err := y.node(v.Value, depth)
	if err != nil {
		return nil, 0, err
	}
	switch name := v.Start.Value; name {
	case "!!str", "!":
		if n.Kind == Scalar && n.Value != nil {
			if _, isText := n.Value.(string); !isText {
				n.Value = v.Value.GetToken().Value
			}
		}
	case "!!int", "!!float", "!!bool", "!!null", "!!map", "!!seq", "!!timestamp":
	default:
		return nil, 0, y.fail(n, "the YAML tag %s is not allowed here", Quote(name))
	}
	return n, size, nil
}
