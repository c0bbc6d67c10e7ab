package source

import (
	"fmt"

	"github.com/goccy/go-yaml/token"
)

// mostKeys bounds a YAML block mapping, for which the library takes time that
// grows with the square of the keys and stack that grows with them.
const mostKeys = 5000

// level is a column at which block content stands, and the tokens seen there
// other than the dashes of a list: the keys of a mapping.
type level struct{ column, keys int }

// hostile finds a token nested deeper than limit, or one key too many: open
// brackets plus block levels, a block level being a column to the right of the
// enclosing one.
func hostile(tokens token.Tokens, limit int) (*token.Token, string) {
	flow := 0
	var levels []level
	for _, t := range tokens {
		switch t.Type {
		case token.SequenceStartType, token.MappingStartType:
			flow++
		case token.SequenceEndType, token.MappingEndType:
			flow = max(0, flow-1)
		}
		if flow == 0 && t.Position != nil {
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
		if flow > limit || len(levels) > 3*(limit+1) {
			return t, tooDeep(limit)
		}
	}
	return nil, ""
}
