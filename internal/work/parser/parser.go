// Package parser defines what a parser is: a rule for the files it takes and a
// function that turns such a file into an archive tree. The parsers themselves
// live in the packages below; package all lists them.
package parser

import (
	"bytes"
	"context"
	"io"
	"path"
	"regexp"
	"strings"
	"sync"
	"unicode/utf8"

	"oasis/internal/data/archive/source"
)

// HeadSize is how many bytes of a file matching looks at (spec processing.md §2.2).
const HeadSize = 12_000

// Candidate is a file that may be a main file.
type Candidate struct {
	// Path is relative to the upload's raw root, with '/' separators.
	Path string
	// Head gives the first HeadSize bytes, or the whole file if it is smaller. It reads
	// the file, so a rule asks for it last.
	Head func() []byte
}

// Input is a matched main file to parse.
type Input struct {
	// Mainfile is the path in the upload; messages name its last element.
	Mainfile string
	// Content is the file's bytes, read once.
	Content io.Reader
}

// Parser turns files of one format into archive trees.
type Parser interface {
	// Name is the parser_name clients see, such as "parsers/archive".
	Name() string
	// Level orders parsing: entries of a lower level are done before those of a higher one.
	Level() int
	// Match tells whether the file is a main file of this parser. It must not fail or be slow.
	Match(c Candidate) bool
	// Parse reads the file. Issues are warnings; an error fails the entry and
	// is a *source.Issue when it concerns a place in the file.
	Parse(ctx context.Context, in Input) (*source.Node, []*source.Issue, error)
}

// Rules are the matching conditions of spec processing.md §2.2; all that are set must hold.
type Rules struct {
	// Name must match the whole path.
	Name *regexp.Regexp
	// Header must occur in the head's bytes.
	Header []byte
	// Contents must be found in the head's text; a head that is not UTF-8 has no text.
	Contents *regexp.Regexp
}

// Match tells whether all rules hold. Without any rule nothing matches, and
// neither do hidden and temporary files (base name starting with '.' or '~').
func (r Rules) Match(c Candidate) bool {
	if r.Name == nil && r.Header == nil && r.Contents == nil {
		return false
	}
	if base := path.Base(c.Path); strings.HasPrefix(base, ".") || strings.HasPrefix(base, "~") {
		return false
	}
	if r.Name != nil {
		at := r.Name.FindStringIndex(c.Path)
		if at == nil || at[0] != 0 || at[1] != len(c.Path) {
			return false
		}
	}
	if r.Header != nil && !bytes.Contains(c.Head(), r.Header) {
		return false
	}
	if r.Contents != nil {
		text, ok := headText(c.Head())
		if !ok || !r.Contents.Match(text) {
			return false
		}
	}
	return true
}

// headText leaves out a character that the end of the window cut in two.
func headText(head []byte) ([]byte, bool) {
	if len(head) >= HeadSize {
		for cut := 0; cut < utf8.UTFMax && len(head) > 0; cut++ {
			if r, size := utf8.DecodeLastRune(head); r != utf8.RuneError || size != 1 {
				break
			}
			head = head[:len(head)-1]
		}
	}
	return head, utf8.Valid(head)
}

// Registry is an ordered list of parsers.
type Registry []Parser

// ByName gives the parser of a name.
func (r Registry) ByName(name string) (Parser, bool) {
	for _, p := range r {
		if p.Name() == name {
			return p, true
		}
	}
	return nil, false
}

// Match gives the first parser that takes the file. head reads its first HeadSize
// bytes; it is called at most once, and not at all when the name decides.
func (r Registry) Match(filePath string, head func() []byte) (Parser, bool) {
	candidate := Candidate{Path: filePath, Head: sync.OnceValue(head)}
	for _, p := range r {
		if p.Match(candidate) {
			return p, true
		}
	}
	return nil, false
}
