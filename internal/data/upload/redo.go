package upload

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
)

// Apply carries the intent out. Staged is the name in the trash for Remove and
// Drop, made with NewName when the intent is.
func (in Intent) Apply(ctx context.Context, files RawFiles) error {
	switch in.Kind {
	case Place:
		return files.Place(ctx, in.UploadID, in.Staged, in.Path)
	case Remove:
		return files.Remove(ctx, in.UploadID, in.Path, in.Staged)
	case Drop:
		return files.RemoveUpload(ctx, in.UploadID, in.Staged)
	default:
		return fmt.Errorf("unknown kind of intent %q", in.Kind)
	}
}

// Undone is an intent that could not be redone.
type Undone struct {
	Intent
	// Err is fs.ErrNotExist when the content is lost; then no other try helps.
	Err error
}

// Redo carries out the intents that a crash left, oldest first. An intent is
// skipped when a later one that touches the same path was certainly done: then
// it was done before that one, and doing it again could undo the later one. What
// cannot be done is given back, together with all that follows in its upload
// unless its content is lost.
func Redo(ctx context.Context, files Files, intents []Intent) []Undone {
	stale := make([]bool, len(intents))
	later := map[string]*donePaths{}
	for i := len(intents) - 1; i >= 0; i-- {
		in := intents[i]
		done := later[in.UploadID].touches(in.Path)
		stale[i] = done
		// Of a body that was not durable nothing on the disk tells for certain.
		if !done && in.Body == nil {
			var err error
			if done, err = files.Done(ctx, in); err != nil {
				done = false // trying it tells the same, or does it
			}
		}
		if done {
			later[in.UploadID] = later[in.UploadID].with(in.Path)
		}
	}
	var left []Undone
	blocked := map[string]error{}
	for i, in := range intents {
		if stale[i] {
			continue
		}
		err := blocked[in.UploadID]
		if err == nil {
			if err = in.redo(ctx, files); err == nil {
				continue
			}
			err = fmt.Errorf("redo %s of %q in upload %s: %w", in.Kind, in.Path, in.UploadID, err)
			if !errors.Is(err, fs.ErrNotExist) {
				blocked[in.UploadID] = fmt.Errorf("not done because of an earlier change of the upload: %w", err)
			}
		}
		left = append(left, Undone{Intent: in, Err: err})
	}
	return left
}

// redo is Apply after a crash: a body that was not durable is made again.
func (in Intent) redo(ctx context.Context, files Files) error {
	if in.Body != nil {
		if err := files.Restage(ctx, in.Staged, in.Body); err != nil {
			return err
		}
	}
	return in.Apply(ctx, files)
}

// donePaths are paths of one upload, and the folders above them.
type donePaths struct{ whole, above map[string]bool }

// with adds a path; d may be nil.
func (d *donePaths) with(path string) *donePaths {
	if d == nil {
		d = &donePaths{whole: map[string]bool{}, above: map[string]bool{}}
	}
	d.whole[path] = true
	for dir := range parents(path) {
		d.above[dir] = true
	}
	return d
}

// touches tells whether path is one of the paths, or above or below one.
func (d *donePaths) touches(path string) bool {
	if d == nil {
		return false
	}
	if d.whole[path] || d.above[path] {
		return true
	}
	for dir := range parents(path) {
		if d.whole[dir] {
			return true
		}
	}
	return false
}

// parents gives the folders above path, the nearest first and the root "" last.
func parents(path string) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		for path != "" {
			path = path[:max(strings.LastIndexByte(path, '/'), 0)]
			if !yield(path) {
				return
			}
		}
	}
}
