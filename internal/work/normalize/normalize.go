// Package normalize turns a matched main file into what is kept of an entry:
// its archive and its search document. It applies the rules of the built-in
// base sections (spec metainfo-archive.md §8). It reads nothing but the files
// the caller hands it and runs nothing a file names.
package normalize

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"oasis/internal/data/archive"
	"oasis/internal/data/archive/source"
	"oasis/internal/data/metainfo"
	"oasis/internal/work/parser"
)

// Source is one main file, already matched, and what is known about its entry.
type Source struct {
	UploadID, EntryID, Mainfile, MainfileKey string
	EntryCreateTime                          time.Time
	// Hash is the entry_hash that clients send back when they change the main file; "" = none.
	Hash string
	// Files are the names for the entry's files field, main file first.
	Files []string
	// AuthorName and AuthorAffiliation are the main author's, for readable identifiers.
	AuthorName, AuthorAffiliation string
	// Open opens another raw file of the same upload, by its path from the raw root.
	Open func(path string) (io.ReadCloser, error)
	// EntryIDOf gives the id of the entry that a main file of the same upload has or would have.
	EntryIDOf func(mainfile string) string
	// MainfileOf is the reverse for existing entries of the upload; nil means
	// that schemas can be named by file only, not by entry id.
	MainfileOf func(entryID string) (mainfile string, ok bool)
	// Schemas remembers schema files between the entries of one run; nil reads them anew.
	Schemas *Schemas
	// Now is the clock for log times; nil means time.Now.
	Now func() time.Time
}

// Result is what processing keeps of an entry. Archive and Document consist of
// map[string]any, []any and JSON scalars, so that they always encode.
type Result struct {
	// Archive is the stored archive: metadata, data, results, workflow2, definitions, processing_logs.
	Archive map[string]any
	// Document is the entry-level part of the search document; upload-level fields are joined at read time.
	Document                         map[string]any
	EntryName, EntryType, ParserName string
	// Warnings do not fail the entry; Errors are empty unless it failed.
	Warnings, Errors []string
	// Dependencies are the raw files read besides the main file, such as schemas; sorted.
	Dependencies []string
}

// run is the work on one entry.
type run struct {
	src      Source
	file     string // what messages call the main file
	parser   string
	rules    *rules
	archive  *archive.Archive
	pkg      *metainfo.Package
	meta     given
	warnings []*source.Issue
	name     string
	kind     string
	// results and its eln are found once; noted holds what the lists of eln contain.
	results, eln *archive.Section
	noted        map[[2]string]bool
	// made is the workflow that normalisation made; nil if the file has one.
	made *archive.Section
}

// Entry parses and normalises one main file. An error fails the entry and is
// shown with Failed; whatever concerns a place in a file is an *source.Issue.
// The caller recovers panics.
func Entry(ctx context.Context, p parser.Parser, src Source, content io.Reader) (*Result, error) {
	rules, err := builtinRules()
	if err != nil {
		return nil, err
	}
	root, warnings, err := p.Parse(ctx, parser.Input{Mainfile: src.Mainfile, Content: content})
	if err != nil {
		return nil, err
	}
	if src.Now == nil {
		src.Now = time.Now
	}
	r := &run{src: src, file: src.Mainfile, parser: p.Name(), rules: rules, warnings: warnings}
	r.metadata(root.Field("metadata"))
	res := &resolver{src: src, schemas: src.Schemas, used: map[string]bool{}}
	if res.schemas == nil {
		res.schemas = &Schemas{}
	}
	if err := r.build(ctx, root, res); err != nil {
		return nil, &failure{cause: err, needs: res.files()}
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	r.name = r.meta.entryName
	r.normalize()
	out := r.result()
	out.Dependencies = res.files()
	return out, nil
}

// failure carries the files that were read before an entry failed, so that it
// is tried again when one of them is mended.
type failure struct {
	cause error
	needs []string
}

func (f *failure) Error() string { return f.cause.Error() }

func (f *failure) Unwrap() error { return f.cause }

// build reads the definitions of the file and then everything else by them.
func (r *run) build(ctx context.Context, root *source.Node, res *resolver) error {
	place := res.place()
	if defs := root.Field("definitions"); defs != nil && !defs.Value.IsNull() {
		origin := metainfo.Origin{UploadID: r.src.UploadID, EntryID: r.src.EntryID, Mainfile: r.src.Mainfile}
		p, warnings, err := metainfo.ReadPackage(ctx, r.file, defs.Value, origin, r.rules.registry, res)
		if err != nil {
			return err
		}
		r.pkg = p
		r.warnings = append(r.warnings, warnings...)
	}
	scope := &metainfo.Scope{Local: r.pkg, Builtin: r.rules.registry, Resolver: res}
	a, err := archive.Build(ctx, archive.Input{File: r.file, Place: place, Scope: scope, Root: r.rules.root,
		Skip: []string{"metadata", "definitions", "processing_logs", "entry_id"}}, root)
	if err != nil {
		return err
	}
	r.archive = a
	r.warnings = append(r.warnings, a.Warnings...)
	return nil
}

// given is what a file may say about its own entry.
type given struct {
	entryName, comment string
	references         []any
}

// metadata takes entry_name, comment and references from the file and names
// what else stands there and is not taken (spec processing.md §2.4).
func (r *run) metadata(f *source.Field) {
	if f == nil || f.Value.IsNull() {
		return
	}
	note := func(line, column int, p, format string, args ...any) {
		r.warnings = append(r.warnings, &source.Issue{File: r.file, Line: line, Column: column, Path: p, Message: fmt.Sprintf(format, args...)})
	}
	if f.Value.Kind != source.Map {
		note(f.Line, f.Column, "metadata", "a mapping is expected, not %s", f.Value.Describe())
		return
	}
	ignored := ""
	for _, m := range f.Value.Fields {
		text, isText := m.Value.Text()
		at := "metadata." + m.Key
		switch {
		case m.Value.IsNull():
		case m.Key == "entry_name" && isText:
			r.meta.entryName = text
		case m.Key == "comment" && isText:
			r.meta.comment = text
		case m.Key == "references" && isText:
			r.meta.references = []any{text}
		case m.Key == "references" && m.Value.Kind == source.List:
			for i, item := range m.Value.Items {
				if text, ok := item.Text(); ok {
					r.meta.references = append(r.meta.references, text)
				} else {
					note(item.Line, item.Column, fmt.Sprintf("%s.%d", at, i), "a text is expected, not %s", item.Describe())
				}
			}
		case m.Key == "entry_name" || m.Key == "comment" || m.Key == "references":
			note(m.Line, m.Column, at, "a text is expected, not %s", m.Value.Describe())
		case m.Key == "domain" || m.Key == "m_def":
		default:
			if ignored != "" {
				ignored += ", "
			}
			ignored += m.Key
		}
	}
	if ignored != "" {
		note(f.Line, f.Column, "metadata", "only entry_name, comment and references are taken from a file; ignored: %s", ignored)
	}
}

// messages lists every issue that an error carries, one sentence each.
func messages(err error) []string {
	var several interface{ Unwrap() []error }
	if errors.As(err, &several) {
		var out []string
		for _, e := range several.Unwrap() {
			out = append(out, messages(e)...)
		}
		return out
	}
	return []string{strings.ReplaceAll(err.Error(), "\n", "; ")}
}
