// Package nomadarchive is the parser of files that are already archives:
// *.archive.json, *.archive.yaml and their like (spec processing.md §2.4).
package nomadarchive

import (
	"context"
	"regexp"

	"oasis/internal/data/archive/source"
	"oasis/internal/work/parser"
)

// Name is the parser_name of entries made from archive files.
const Name = "parsers/archive"

// Parser reads archive files within its limits.
type Parser struct {
	limits source.Limits
	rules  parser.Rules
}

// New makes the parser.
func New(limits source.Limits) *Parser {
	return &Parser{limits: limits, rules: parser.Rules{Name: regexp.MustCompile(`(?s).*(archive|metainfo)\.(json|yaml|yml)`)}}
}

// Name is "parsers/archive".
func (*Parser) Name() string { return Name }

// Level is −1: archive files may hold the schemas that other entries use.
func (*Parser) Level() int { return -1 }

// Match goes by the name alone; case matters.
func (p *Parser) Match(c parser.Candidate) bool { return p.rules.Match(c) }

// Parse reads the file; syntax errors, exceeded limits and a top level that is no mapping are *source.Issue errors.
func (p *Parser) Parse(ctx context.Context, in parser.Input) (*source.Node, []*source.Issue, error) {
	if err := ctx.Err(); err != nil {
		return nil, nil, err
	}
	root, err := source.Read(in.Mainfile, in.Content, p.limits)
	return root, nil, err
}
