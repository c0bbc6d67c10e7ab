package normalize

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"sync"

	"oasis/internal/data/archive"
	"oasis/internal/data/archive/source"
	"oasis/internal/data/metainfo"
	"oasis/internal/problem"
)

// Schemas remembers the definitions of an upload's schema files. Use one for a
// run over an upload, so that a schema shared by its entries is read once; a
// file that changes during the run keeps its first reading. It may be used by
// several goroutines; the zero value is ready.
type Schemas struct {
	mu    sync.Mutex
	files map[string]*schema
}

type schema struct {
	pkg     *metainfo.Package
	err     error
	reading bool
	needs   []string // other schema files it was read with
}

// resolver finds the definitions that one entry refers to.
type resolver struct {
	src     Source
	schemas *Schemas
	used    map[string]bool
	self    string // the file whose references are followed; "" is the main file
	inside  bool   // called while the lock of schemas is held
}

// files are the schema files asked for, found or not; sorted.
func (r *resolver) files() []string {
	if len(r.used) == 0 {
		return nil
	}
	return slices.Sorted(maps.Keys(r.used))
}

func (r *resolver) place() archive.Place {
	entry := r.src.EntryID
	if r.self != "" {
		entry = r.entryID(r.self)
	}
	return archive.Place{UploadID: r.src.UploadID, EntryID: entry, EntryIDOf: r.src.EntryIDOf}
}

func (r *resolver) entryID(file string) string {
	if r.src.EntryIDOf == nil {
		return file
	}
	return r.src.EntryIDOf(file)
}

// Settle turns a link into the asking file itself into a local one and leaves others as they are.
func (r *resolver) Settle(l metainfo.Link) metainfo.Link {
	if settled := r.place().Settle(l); settled.Local() {
		return settled
	}
	return l
}

// Package reads the definitions of another file of the same upload.
func (r *resolver) Package(ctx context.Context, l metainfo.Link) (*metainfo.Package, error) {
	if l.Host != "" || l.UploadID != "" && l.UploadID != r.src.UploadID {
		return nil, errors.New("definitions of another upload cannot be used; copy the schema file into this upload")
	}
	file := l.Mainfile
	if file == "" {
		var ok bool
		if file, ok = r.fileOf(l.EntryID); !ok {
			return nil, fmt.Errorf("there is no entry %s in this upload", source.Quote(l.EntryID))
		}
	}
	if file = path.Clean(file); strings.HasPrefix(file, "../") || file == ".." || strings.HasPrefix(file, "/") {
		return nil, errors.New("the file lies outside of the upload")
	}
	if !r.inside {
		r.schemas.mu.Lock()
		defer r.schemas.mu.Unlock()
	}
	return r.load(ctx, file)
}

func (r *resolver) fileOf(entryID string) (string, bool) {
	if r.src.MainfileOf != nil {
		return r.src.MainfileOf(entryID)
	}
	for _, f := range r.src.Files {
		if r.entryID(f) == entryID {
			return f, true
		}
	}
	return "", false
}

// load reads a schema file unless it was read before; the lock is held.
func (r *resolver) load(ctx context.Context, file string) (*metainfo.Package, error) {
	r.used[file] = true
	if s, ok := r.schemas.files[file]; ok {
		if s.reading {
			return nil, fmt.Errorf("%s refers back to itself through other files", file)
		}
		for _, n := range s.needs {
			r.used[n] = true
		}
		return s.pkg, s.err
	}
	s := &schema{reading: true}
	if r.schemas.files == nil {
		r.schemas.files = map[string]*schema{}
	}
	r.schemas.files[file] = s
	inner := &resolver{src: r.src, schemas: r.schemas, used: map[string]bool{}, self: file, inside: true}
	s.pkg, s.err = inner.read(ctx, file)
	s.reading = false
	for n := range inner.used {
		s.needs = append(s.needs, n)
		r.used[n] = true
	}
	if ctx.Err() != nil { // says nothing about the file
		delete(r.schemas.files, file)
	}
	return s.pkg, s.err
}

func (r *resolver) read(ctx context.Context, file string) (*metainfo.Package, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if r.src.Open == nil {
		return nil, errors.New("other files cannot be read here")
	}
	content, err := r.src.Open(file)
	var refused *problem.Error
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.As(err, &refused) && refused.Kind == problem.Missing:
		return nil, fmt.Errorf("there is no file %s in this upload", source.Quote(file))
	case err != nil:
		return nil, fmt.Errorf("open %s: %w", file, err)
	}
	defer content.Close()
	root, err := source.Read(file, content, source.DefaultLimits())
	if err != nil {
		return nil, err
	}
	defs := root.Get("definitions")
	if defs.IsNull() {
		return nil, fmt.Errorf("%s has no definitions", file)
	}
	registry, err := metainfo.Builtin()
	if err != nil {
		return nil, err
	}
	origin := metainfo.Origin{UploadID: r.src.UploadID, EntryID: r.entryID(file), Mainfile: file}
	p, _, err := metainfo.ReadPackage(ctx, file, defs, origin, registry, r) // its warnings belong to its own entry
	return p, err
}
