package processing

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"runtime/debug"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"oasis/internal/data/upload"
	"oasis/internal/data/upload/rawpath"
	"oasis/internal/work/normalize"
	"oasis/internal/work/parser"
)

// plan is what a run has to do.
type plan struct {
	upload upload.Upload
	// stops is Upload.Stops when the run began.
	stops       int
	author      string
	affiliation string
	// listed are all files.
	listed []upload.File
	// digests of all files by path.
	digests map[string]string
	// siblings lists the names of files by directory, in path order.
	siblings map[string][]string
	// folders are the digests of the names in a folder, as far as they were needed.
	folders map[string]string
	// mainfiles are the main files of all entries there will be, by entry id.
	mainfiles map[string]string
	// schemas remembers schema files between the entries of the run.
	schemas *normalize.Schemas
	todo    []task
	// stuck tells that work was left behind which did not end.
	stuck atomic.Bool
	// total counts all entries that there will be, done before or not.
	total int
	// gone are the ids of entries whose main file is gone or no longer one.
	gone []string
}

// task is one entry to be made.
type task struct {
	file      upload.File
	parser    parser.Parser
	entryID   string
	createdAt time.Time
	// key is the digest of what the entry is made of, without files the parser will name.
	key string
}

// engineVersion goes into every input key; raising it makes every upload be
// parsed anew when it is next processed.
const engineVersion = "1"

// plan tells what a run has to do.
func (s *Service) plan(ctx context.Context, uploadID string) (*plan, error) {
	p, known, err := s.survey(ctx, uploadID)
	if err != nil {
		return nil, err
	}
	return p, s.match(ctx, p, p.listed, known)
}

// survey reads what there is.
func (s *Service) survey(ctx context.Context, uploadID string) (*plan, []Known, error) {
	u, err := s.Store.Upload(ctx, uploadID)
	if err != nil {
		return nil, nil, fmt.Errorf("read upload: %w", err)
	}
	files, err := s.Store.Tree(ctx, uploadID, "")
	if err != nil {
		return nil, nil, fmt.Errorf("list files: %w", err)
	}
	known, err := s.Store.KnownEntries(ctx, uploadID)
	if err != nil {
		return nil, nil, fmt.Errorf("list entries: %w", err)
	}
	p := &plan{
		upload: u, stops: u.Stops, listed: files, digests: make(map[string]string, len(files)), siblings: map[string][]string{}, folders: map[string]string{},
		mainfiles: map[string]string{}, schemas: &normalize.Schemas{},
	}
	if p.author, p.affiliation, err = s.Store.PersonName(ctx, u.MainAuthor); err != nil {
		return nil, nil, fmt.Errorf("look up main author: %w", err)
	}
	for i := range files {
		p.digests[files[i].Path] = files[i].SHA256
		dir := path.Dir(files[i].Path)
		p.siblings[dir] = append(p.siblings[dir], files[i].Path)
	}
	return p, known, nil
}

// mayChange tells what the run may do to entries: everything while the upload is in staging.
func (s *Service) mayChange(u *upload.Upload) Rules {
	if u.Published() && s.OfPublished != nil {
		return s.OfPublished()
	}
	return Rules{Rematch: true, Existing: true, Add: true, Delete: true}
}

// wanted tells whether a file may become, or stay, an entry.
func (r Rules) wanted(exists bool) bool { return exists || r.Rematch && r.Add }

// keeps gives the name of the parser that an entry stays with, "" = parsers are asked.
func (r Rules) keeps(before Known) string {
	if r.OriginalParser || !r.Rematch {
		return before.ParserName
	}
	return ""
}

// elsewhere tells what would go wrong with the names of the files on other machines.
func (p *plan) elsewhere() []string {
	paths := make([]string, len(p.listed))
	for i := range p.listed {
		paths[i] = p.listed[i].Path
	}
	return rawpath.Elsewhere(paths)
}

// match finds the main files and tells which of them have to be parsed.
func (s *Service) match(ctx context.Context, p *plan, files []upload.File, known []Known) error {
	rules := s.mayChange(&p.upload)
	left := make(map[string]Known, len(known))
	for _, k := range known {
		left[k.EntryID] = k
	}
	for i := range files {
		if err := ctx.Err(); err != nil {
			return err
		}
		before, exists := left[upload.EntryID(p.upload.ID, files[i].Path, "")]
		if !rules.wanted(exists) {
			continue
		}
		t, ok, err := s.taskOf(ctx, p, files[i], rules.keeps(before))
		if err != nil {
			return err
		}
		if !ok {
			continue
		}
		p.total++
		p.mainfiles[t.entryID] = t.file.Path
		delete(left, t.entryID)
		if exists {
			t.createdAt = before.CreateTime
		}
		if !exists || rules.Existing && !p.unchanged(before.InputKey, t.key) {
			p.todo = append(p.todo, t)
		}
	}
	if !rules.Delete {
		return nil
	}
	for id := range left {
		p.gone = append(p.gone, id)
	}
	slices.Sort(p.gone)
	return nil
}

// taskOf tells what is to be made of a file; ok is false when no parser takes it, or
// it was removed since the list was read: then the next run is queued already. name,
// when not "", is the parser to be taken if there is still one of that name.
func (s *Service) taskOf(ctx context.Context, p *plan, f upload.File, name string) (t task, ok bool, err error) {
	matched, ok := s.Parsers.ByName(name)
	if !ok {
		matched, ok = s.parserOf(ctx, f.Path, func() (head []byte) {
			head, err = s.head(ctx, p.upload.ID, f.Path)
			return head
		})
	}
	if errors.Is(err, fs.ErrNotExist) {
		return task{}, false, nil
	}
	if err != nil || !ok {
		return task{}, false, err
	}
	dir := path.Dir(f.Path)
	if p.folders[dir] == "" {
		p.folders[dir] = p.folderNames(dir)
	}
	t = task{file: f, parser: matched, entryID: upload.EntryID(p.upload.ID, f.Path, "")}
	t.key = inputKey(matched, f.SHA256, p.folders[dir])
	return t, true, nil
}

// parserOf asks the parsers; one that panics takes nothing, and the run goes on.
func (s *Service) parserOf(ctx context.Context, file string, head func() []byte) (matched parser.Parser, ok bool) {
	defer func() {
		if r := recover(); r != nil {
			s.Log.ErrorContext(ctx, "parser panic while matching", "file", file, "panic", fmt.Sprint(r), "stack", string(debug.Stack()))
			matched, ok = nil, false
		}
	}()
	return s.Parsers.Match(file, head)
}

// inputKey is the digest of what an entry is made of, but for the contents of
// other files it reads: the version of the code, the parser, the main file, and
// the names of the files it lists as auxiliary.
func inputKey(p parser.Parser, digest, folder string) string {
	sum := sha256.Sum256([]byte(engineVersion + "\x00" + p.Name() + "\x00" + digest + "\x00" + folder))
	return hex.EncodeToString(sum[:16])
}

// folderNames is the digest of the names in a folder that its entries list. Files
// further down change no entry, so that adding a file to a large folder costs one
// entry and not all of them.
func (p *plan) folderNames(dir string) string {
	h := sha256.New()
	for _, name := range p.siblings[dir][:min(len(p.siblings[dir]), maxAuxiliary+1)] {
		fmt.Fprintf(h, "%s\x00", name)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// fullKey adds the other files that were read, with their digests, to a key.
func (p *plan) fullKey(key string, dependencies []string) string {
	var b strings.Builder
	b.WriteString(key)
	for _, d := range slices.Compact(slices.Sorted(slices.Values(dependencies))) {
		b.WriteString("\n" + p.digests[d] + " " + d)
	}
	return b.String()
}

// unchanged tells whether an entry stored under the full key before would be the
// same now: key and every file it depended on are what they were.
func (p *plan) unchanged(before, key string) bool {
	lines := strings.Split(before, "\n")
	if lines[0] != key {
		return false
	}
	for _, line := range lines[1:] {
		digest, name, _ := strings.Cut(line, " ")
		if p.digests[name] != digest {
			return false
		}
	}
	return true
}
