// Package all is the explicit list of the parsers this program has. A new
// parser is one package and one line here.
package all

import (
	"oasis/internal/data/archive/source"
	"oasis/internal/work/parser"
	"oasis/internal/work/parser/nomadarchive"
)

// Parsers gives every parser in the order in which they are asked.
func Parsers() parser.Registry {
	return parser.Registry{
		nomadarchive.New(source.DefaultLimits()),
	}
}
