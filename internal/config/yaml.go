package config

import (
	"errors"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

const (
	maxFileSize = 1 << 20
	// maxValues bounds what aliases of aliases can grow to.
	maxValues = 50000
)

// syntaxError is a place in a YAML text and what is wrong there.
type syntaxError struct {
	at      position
	message string
}

func (e *syntaxError) Error() string { return e.message }

// parseYAML reads one YAML document. An empty one is null.
func parseYAML(data []byte) (v value, err error) {
	data = []byte(strings.TrimPrefix(string(data), "\ufeff"))
	switch {
	case len(data) > maxFileSize:
		return value{}, &syntaxError{message: "is larger than 1 MiB"}
	case !utf8.Valid(data):
		return value{}, &syntaxError{message: "is not UTF-8 text"}
	case nestsTooDeeply(data):
		return value{}, &syntaxError{message: "is nested too deeply or too large"}
	}
	// The parser is not ours: should some text make it fail, that text is not a configuration.
	defer func() {
		if r := recover(); r != nil {
			v, err = value{}, &syntaxError{message: "is not valid YAML"}
		}
	}()
	tokens := lexer.Tokenize(string(data))
	if err := oneDocument(tokens); err != nil {
		return value{}, err
	}
	file, err := parser.Parse(tokens, 0)
	if err != nil {
		return value{}, fromParser(err)
	}
	var body ast.Node
	for _, doc := range file.Docs {
		if doc == nil || doc.Body == nil || doc.Body.Type() == ast.DirectiveType {
			continue
		}
		if body != nil {
			return value{}, errorAt(doc.Body, "begins a second document; a configuration file has one")
		}
		body = doc.Body
	}
	if body == nil {
		return value{kind: null}, nil
	}
	c := converter{anchors: map[string]anchor{}}
	return c.value(body, 0)
}

// oneDocument looks at the marks between documents itself, because the parser leaves
// out what follows an empty document.
func oneDocument(tokens token.Tokens) error {
	begun := false
	for _, t := range tokens {
		if t.Type != token.DocumentHeaderType {
			continue
		}
		if begun {
			return &syntaxError{position{t.Position.Line, t.Position.Column}, "begins a second document; a configuration file has one"}
		}
		begun = true
	}
	return nil
}

// nestsTooDeeply is a rough look before the parser, whose time and memory grow with the
// square of the nesting. It does not know quotes, so its bounds are far above honest files.
func nestsTooDeeply(data []byte) bool {
	open, dashes := 0, 0
	for i, b := range data {
		switch b {
		case '[', '{':
			open++
		case ']', '}':
			open = max(open-1, 0)
		case '\n':
			dashes = 0
		case '-', '?':
			if i+1 < len(data) && (data[i+1] == ' ' || data[i+1] == '\t') {
				dashes++
			}
		}
		if open > 1000 || dashes > 1000 {
			return true
		}
	}
	return false
}

func fromParser(err error) error {
	var known yaml.Error
	if !errors.As(err, &known) || known.GetToken() == nil || known.GetToken().Position == nil {
		return &syntaxError{message: "is not valid YAML: " + oneLine(err.Error())}
	}
	at := known.GetToken().Position
	return &syntaxError{position{at.Line, at.Column}, "is not valid YAML: " + oneLine(known.GetMessage())}
}

func errorAt(n ast.Node, message string) error { return &syntaxError{place(n), message} }

func place(n ast.Node) position {
	if t := n.GetToken(); t != nil && t.Position != nil {
		return position{t.Position.Line, t.Position.Column}
	}
	return position{}
}
