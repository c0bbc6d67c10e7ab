package source

import (
	"errors"
	"fmt"
	"io"

	"github.com/goccy/go-yaml/scanner"
	"github.com/goccy/go-yaml/token"
)

// tokenize cuts text into tokens, and gives the first one beyond most.
func tokenize(text string, most int) (tokens token.Tokens, beyond *token.Token) {
	var s scanner.Scanner
	s.Init(text)
	for {
		more, err := s.Scan()
		if errors.Is(err, io.EOF) {
			return tokens, nil
		}
		tokens.Add(more...) // what is wrong stands there as a token too
		if len(tokens) > most {
			return nil, tokens[most]
		}
	}
}

// mostEmpty bounds the values that are left out, as in "key:" without more. The
// library puts a token in for each one and moves all that follow it, which takes
// minutes for a file of a few megabytes that is made of them.
const mostEmpty = 10_000

// empty tells whether t announces a value that does not come. A list that stands
// at the column of its key is one that comes.
func empty(t *token.Token) bool {
	switch t.Type {
	case token.MappingKeyType: // "? key" mostly stands without a value
		return true
	case token.MappingValueType, token.SequenceEntryType:
	default:
		return false
	}
	next := t.Next
	for next != nil && next.Type == token.CommentType {
		next = next.Next
	}
	if next == nil {
		return true
	}
	switch next.Type {
	case token.CollectEntryType, token.MappingEndType, token.SequenceEndType, token.MappingValueType:
		return true
	case token.SequenceEntryType:
		if t.Type == token.MappingValueType {
			return next.Position.Column < column(t)
		}
	}
	return next.Position.Line > t.Position.Line && next.Position.Column <= column(t)
}

// column is where the key or dash stands that t belongs to.
func column(t *token.Token) int {
	if t.Type == token.MappingValueType && t.Prev != nil {
		return t.Prev.Position.Column
	}
	return t.Position.Column
}

// mostKeys bounds a YAML block mapping, for which the library takes time that
// grows with the square of the keys and stack that grows with them.
const mostKeys = 5000

// level is a column at which block content stands, and the tokens seen there
// other than the dashes of a list: the keys of a mapping.
type level struct{ column, keys int }

// brackets follows the flow collections that are open.
type brackets []bracket

type bracket struct{ mapping, key, value bool }

// enter takes the next token, and tells whether it ends a key of a flow mapping that has no value.
func (b *brackets) enter(t *token.Token) bool {
	open := *b
	switch t.Type {
	case token.SequenceStartType, token.MappingStartType:
		if n := len(open); n > 0 {
			open[n-1].key = true
		}
		*b = append(open, bracket{mapping: t.Type == token.MappingStartType})
		return false
	}
	if len(open) == 0 {
		return false
	}
	top := &open[len(open)-1]
	switch t.Type {
	case token.MappingValueType:
		top.value = true
	case token.CollectEntryType:
		bare := top.mapping && top.key && !top.value
		top.key, top.value = false, false
		return bare
	case token.SequenceEndType, token.MappingEndType:
		bare := top.mapping && top.key && !top.value
		*b = open[:len(open)-1]
		return bare
	case token.CommentType:
	default:
		top.key = true
	}
	return false
}

// hostile finds a token nested deeper than limit, or one key too many: open
// brackets plus block levels, a block level being a column to the right of the
// enclosing one.
func hostile(tokens token.Tokens, limit int) (*token.Token, string) {
	empties := 0
	var open brackets
	var levels []level
	for _, t := range tokens {
		if bare := open.enter(t); bare || empty(t) {
			if empties++; empties > mostEmpty {
				return t, fmt.Sprintf("the file leaves out more than %d values; leave out their keys too", mostEmpty)
			}
		}
		if len(open) == 0 && t.Position != nil {
			for len(levels) > 0 && levels[len(levels)-1].column > t.Position.Column {
				levels = levels[:len(levels)-1]
			}
			if len(levels) == 0 || levels[len(levels)-1].column < t.Position.Column {
				levels = append(levels, level{column: t.Position.Column})
			}
			if top := &levels[len(levels)-1]; t.Type != token.SequenceEntryType && t.Type != token.CommentType {
				if top.keys++; top.keys > mostKeys {
					return t, fmt.Sprintf("a mapping has more than %d keys; write it as JSON or as a list", mostKeys)
				}
			}
		}
		// A key, its colon and its value each take a column: three per level.
		if len(open) > limit || len(levels) > 3*(limit+1) {
			return t, tooDeep(limit)
		}
	}
	return nil, ""
}
