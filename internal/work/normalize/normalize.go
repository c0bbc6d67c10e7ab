// Package normalize turns a matched main file into what is kept of an entry:
// its archive and its search document.
package normalize

import (
	"context"
	"errors"
	"io"
	"path"
	"time"

	"oasis/internal/data/archive/source"
	"oasis/internal/work/parser"
)

// Source is one main file, already matched, and what is known about its entry.
type Source struct {
	UploadID, EntryID, Mainfile, MainfileKey string
	EntryCreateTime                          time.Time
	// Files are the names for the entry's files field, main file first.
	Files []string
	// AuthorName and AuthorAffiliation are the main author's, for readable identifiers.
	AuthorName, AuthorAffiliation string
	// Open opens another raw file of the same upload.
	Open func(path string) (io.ReadCloser, error)
	// EntryIDOf gives the id of the entry that a main file of the same upload has or would have.
	EntryIDOf func(mainfile string) string
	// Now is the clock for log times; nil means time.Now.
	Now func() time.Time
}

// Result is what processing keeps of an entry.
type Result struct {
	// Archive is the stored archive: metadata, data, results, workflow2, definitions, processing_logs.
	Archive map[string]any
	// Document is the entry-level part of the search document; upload-level fields are joined at read time.
	Document                         map[string]any
	EntryName, EntryType, ParserName string
	// Warnings do not fail the entry; Errors are empty unless it failed.
	Warnings, Errors []string
	// Dependencies are the raw files read besides the main file, such as schemas.
	Dependencies []string
}

// Entry parses and normalises one main file. An error fails the entry; see Failed.
func Entry(ctx context.Context, p parser.Parser, src Source, content io.Reader) (*Result, error) {
	root, issues, err := p.Parse(ctx, parser.Input{Mainfile: src.Mainfile, Content: content})
	if err != nil {
		return nil, err
	}
	name := path.Base(src.Mainfile)
	res := &Result{EntryName: name, ParserName: p.Name()}
	for _, i := range issues {
		res.Warnings = append(res.Warnings, i.Error())
	}
	res.Archive, _ = root.Plain().(map[string]any)
	res.Document = map[string]any{"entry_name": name, "parser_name": p.Name(), "mainfile": src.Mainfile, "processed": true}
	return res, nil
}

// Failed gives what is kept of an entry whose processing failed with err: an
// archive of metadata and processing_logs, and a document with processed=false.
func Failed(src Source, parserName string, err error) *Result {
	name := path.Base(src.Mainfile)
	res := &Result{EntryName: name, ParserName: parserName, Errors: []string{err.Error()}}
	var issue *source.Issue
	if errors.As(err, &issue) {
		res.Errors = []string{issue.Error()}
	}
	res.Archive = map[string]any{"metadata": map[string]any{"entry_name": name, "mainfile": src.Mainfile, "parser_name": parserName, "processed": false}}
	res.Document = map[string]any{"entry_name": name, "parser_name": parserName, "mainfile": src.Mainfile, "processed": false, "processing_errors": res.Errors}
	return res
}
