package upload

import (
	"context"
	"fmt"
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

// Redo carries out the intents that a crash left, oldest first. An intent is
// skipped when a later one that touches the same path was certainly done: then
// it was done before that one, and doing it again could undo the later one.
func Redo(ctx context.Context, files Files, intents []Intent) error {
	stale := make([]bool, len(intents))
	later := map[string]*donePaths{}
	for i := len(intents) - 1; i >= 0; i-- {
		in := intents[i]
		seen := later[in.UploadID]
		stale[i] = seen.touches(in.Path)
		done := stale[i]
		// Of a body that was not durable nothing on the disk tells for certain.
		if !done && in.Body == nil {
			var err error
			if done, err = files.Done(ctx, in); err != nil {
				return fmt.Errorf("redo %s of %q in upload %s: %w", in.Kind, in.Path, in.UploadID, err)
			}
		}
		if done {
			if seen == nil {
				seen = &donePaths{whole: map[string]bool{}, above: map[string]bool{}}
				later[in.UploadID] = seen
			}
			seen.add(in.Path)
		}
	}
	for i, in := range intents {
		if stale[i] {
			continue
		}
		if err := in.redo(ctx, files); err != nil {
			return fmt.Errorf("redo %s of %q in upload %s: %w", in.Kind, in.Path, in.UploadID, err)
		}
	}
	return nil
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

func (d *donePaths) add(path string) {
	d.whole[path] = true
	for dir := range parents(path) {
		d.above[dir] = true
	}
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
