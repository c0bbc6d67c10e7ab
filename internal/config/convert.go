package config

import (
	"fmt"
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"
)

// converter turns syntax into values and follows anchors, aliases and merge keys.
type converter struct {
	anchors map[string]anchor
	count   int
}

type anchor struct {
	value value
	size  int
}

func (c *converter) value(n ast.Node, depth int) (value, error) {
	c.count++
	if c.count > maxValues || depth > maxNesting {
		return value{}, errorAt(n, "is nested too deeply or too large")
	}
	if err := noTab(n); err != nil {
		return value{}, err
	}
	switch n := n.(type) {
	case *ast.NullNode:
		return value{kind: null, at: place(n)}, nil
	case *ast.StringNode:
		return value{kind: scalar, text: n.Value, at: place(n)}, nil
	case *ast.LiteralNode:
		return value{kind: scalar, text: n.Value.Value, at: place(n)}, nil
	case *ast.BoolNode, *ast.IntegerNode, *ast.FloatNode, *ast.InfinityNode, *ast.NanNode:
		return value{kind: scalar, text: n.GetToken().Value, at: place(n)}, nil
	case *ast.SequenceNode:
		return c.list(n, depth)
	case *ast.MappingNode:
		return c.mapping(n, n.Values, depth)
	case *ast.MappingValueNode:
		return c.mapping(n, []*ast.MappingValueNode{n}, depth)
	case *ast.AnchorNode:
		return c.anchor(n, depth)
	case *ast.AliasNode:
		return c.alias(n)
	case *ast.TagNode:
		return c.tag(n, depth)
	}
	return value{}, errorAt(n, "is not valid YAML for a configuration")
}

func (c *converter) list(n *ast.SequenceNode, depth int) (value, error) {
	v := value{kind: list, at: place(n)}
	for _, item := range n.Values {
		got, err := c.value(item, depth+1)
		if err != nil {
			return value{}, err
		}
		v.items = append(v.items, got)
	}
	return v, nil
}

func (c *converter) mapping(n ast.Node, entries []*ast.MappingValueNode, depth int) (value, error) {
	v, own := value{kind: mapping, at: place(n)}, map[string]bool{}
	var merged []field
	for _, entry := range entries {
		if entry.Key.IsMergeKey() {
			fields, err := c.merge(entry.Value, depth+1)
			if err != nil {
				return value{}, err
			}
			merged = append(merged, fields...)
			continue
		}
		key, err := keyText(entry.Key)
		if err != nil {
			return value{}, err
		}
		if own[key] {
			return value{}, errorAt(entry.Key, fmt.Sprintf("has the key %s twice", shown(key)))
		}
		own[key] = true
		got, err := c.value(entry.Value, depth+1)
		if err != nil {
			return value{}, err
		}
		v.fields = append(v.fields, field{key, place(entry.Key), got})
	}
	// Of merged fields the first wins, and what the mapping says itself wins over all.
	for _, f := range merged {
		if !own[f.key] {
			own[f.key] = true
			v.fields = append(v.fields, f)
		}
	}
	return v, nil
}

func (c *converter) merge(n ast.Node, depth int) ([]field, error) {
	v, err := c.value(n, depth)
	if err != nil {
		return nil, err
	}
	sources := []value{v}
	if v.kind == list {
		sources = v.items
	}
	var fields []field
	for _, source := range sources {
		if source.kind != mapping {
			return nil, errorAt(n, "merges (<<) something that is not a mapping")
		}
		fields = append(fields, source.fields...)
	}
	return fields, nil
}

func keyText(n ast.MapKeyNode) (string, error) {
	if err := noTab(n); err != nil {
		return "", err
	}
	switch n := n.(type) {
	case *ast.StringNode:
		return n.Value, nil
	case *ast.BoolNode, *ast.IntegerNode, *ast.FloatNode, *ast.NullNode:
		return n.GetToken().Value, nil
	}
	return "", errorAt(n, "has a key that is not plain text")
}

// noTab refuses a tab inside unquoted text, because the parser would drop it:
// a password would silently become another one.
func noTab(n ast.Node) error {
	t := n.GetToken()
	if t == nil || t.Type == token.SingleQuoteType || t.Type == token.DoubleQuoteType {
		return nil
	}
	if _, word := n.(ast.ScalarNode); word && strings.Contains(strings.TrimSpace(t.Origin), "\t") {
		return errorAt(n, "has a tab inside unquoted text; put the text in quotes")
	}
	return nil
}

func (c *converter) anchor(n *ast.AnchorNode, depth int) (value, error) {
	if n.Name == nil || n.Value == nil {
		return value{}, errorAt(n, "has an anchor (&) without a name or value")
	}
	before := c.count
	v, err := c.value(n.Value, depth+1)
	if err != nil {
		return value{}, err
	}
	c.anchors[n.Name.GetToken().Value] = anchor{v, c.count - before}
	return v, nil
}

func (c *converter) alias(n *ast.AliasNode) (value, error) {
	name := ""
	if n.Value != nil && n.Value.GetToken() != nil {
		name = n.Value.GetToken().Value
	}
	a, ok := c.anchors[name]
	if !ok {
		return value{}, errorAt(n, fmt.Sprintf("uses the alias %s, which is not defined; text that begins with a star must be quoted: '*%s'", shown("*"+name), printable(name)))
	}
	if c.count += a.size; c.count > maxValues {
		return value{}, errorAt(n, "is nested too deeply or too large")
	}
	return a.value, nil
}

// tag follows the standard tags; `!!str 5` is text like every scalar here.
func (c *converter) tag(n *ast.TagNode, depth int) (value, error) {
	switch n.Start.Value {
	case "!!str", "!!int", "!!float", "!!bool", "!!map", "!!seq":
		if n.Value != nil {
			return c.value(n.Value, depth+1)
		}
	}
	return value{}, errorAt(n, fmt.Sprintf("uses the tag %s, which has no meaning here", shown(n.Start.Value)))
}
