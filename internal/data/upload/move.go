package upload

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"oasis/internal/access/audit"
	"oasis/internal/problem"
)

// MoveOptions say which file or folder of an upload gets which other place in it.
type MoveOptions struct {
	// Source is what is moved or copied.
	Source string
	// Dir is the folder it goes to, which has to exist; Name is what it is called there.
	Dir, Name string
	// How is "copy", which leaves the source where it is, or "move".
	How string
	// Wait is a wish that cannot be fulfilled: nothing of this is processed in the request.
	Wait bool
	Trigger
}

func (o *MoveOptions) copies() bool { return o.How == "copy" }

// Move moves, renames or copies a file, or a folder with all below it, inside an
// upload. All of it is moved or nothing, and no bytes are copied where the disk
// knows two names for one file. Refusals are those of spec uploads.md §7.
func (s *Service) Move(ctx context.Context, v Viewer, id string, o MoveOptions) (Upload, error) {
	if _, err := s.allowed(ctx, v, id, ChangeFiles); err != nil {
		return Upload{}, err
	}
	if v.AppendOnly {
		return Upload{}, problem.Denied("This token may only add new files; it may not copy or move any.")
	}
	source, target, err := o.paths()
	if err != nil {
		return Upload{}, err
	}
	release, err := s.hold(ctx, id)
	if err != nil {
		return Upload{}, err
	}
	defer release()
	if err := s.catchUp(ctx, id); err != nil {
		return Upload{}, err
	}
	if err := s.mayMove(ctx, id, source, target, &o); err != nil {
		return Upload{}, err
	}
	a := &arrival{service: s}
	defer a.discard(ctx)
	if err := s.stageAgain(ctx, id, source, target, a); err != nil {
		return Upload{}, err
	}
	noted := ctx
	if !o.copies() {
		noted = audit.Note(ctx, audit.Event{Operation: audit.RawMove, Object: audit.RawObject(id, source)})
		a.removals = []Intent{{UploadID: id, Kind: Remove, Staged: s.newName(), Path: source}}
	}
	err = s.commit(noted, id, a, func(tx Tx) error {
		if err := s.allowedInTx(ctx, tx, v, id, ChangeFiles); err != nil {
			return err
		}
		if !o.copies() {
			if err := tx.DeletePath(ctx, id, source); err != nil {
				return fmt.Errorf("delete rows: %w", err)
			}
		}
		return s.after(ctx, tx, id, o.Trigger)
	})
	if err != nil {
		return Upload{}, err
	}
	return s.store.Upload(ctx, id)
}

// paths checks what was asked for and gives the canonical paths.
func (o *MoveOptions) paths() (source, target string, err error) {
	dir, err := SafePath(o.Dir)
	if err != nil {
		return "", "", err
	}
	switch {
	case o.How != "" && o.How != "copy" && o.How != "move":
		return "", "", problem.Bad("The copy_or_move query parameter should be one of 'copy' or 'move' options.")
	case o.How == "" || o.Name == "" || o.Source == "":
		return "", "", problem.Bad("For a successful copy/move operation, all three query parameters: file_name, copy_or_move and copy_or_move_source_path are required.")
	}
	if SafeBase(o.Name) != nil {
		return "", "", problem.Bad("Bad file name provided")
	}
	if source, err = SafePath(o.Source); err != nil || source == "" {
		return "", "", problem.Bad("Bad source path provided.").Because(err)
	}
	if strings.ContainsAny(o.Dir+o.Name+o.Source, "*?[]") {
		return "", "", problem.Bad("File and folder names must not contain the wildcard characters '*', '?', '[' or ']'.")
	}
	if err := newPath("Bad file name provided", o.Name); err != nil {
		return "", "", err
	}
	if target, err = SafePath(path.Join(dir, o.Name)); err != nil { // together they may be too long
		return "", "", err
	}
	return source, target, nil
}

// mayMove compares what was asked for with what is there.
func (s *Service) mayMove(ctx context.Context, id, source, target string, o *MoveOptions) error {
	there, _, err := s.at(ctx, id, target)
	if err != nil {
		return err
	}
	if there {
		return problem.Clash("The provided path already exists.")
	}
	there, isFile, err := s.at(ctx, id, strings.TrimSuffix(path.Dir(target), "."))
	if err != nil {
		return err
	}
	if !there || isFile {
		return problem.NotFound("No file or folder with that path found.")
	}
	if there, _, err = s.at(ctx, id, source); err != nil {
		return err
	}
	if !there {
		return problem.Clash("No file or folder with that source path: %s", source)
	}
	if strings.HasPrefix(target+"/", source+"/") {
		return problem.Clash("Cannot %s '%s' into itself or one of its own subfolders ('%s').", o.How, source, target)
	}
	if o.Wait {
		return problem.Bad("Cannot move/copy the file with wait_for_processing set to true.")
	}
	return nil
}

// at tells whether something is at a path, and whether that is a file.
func (s *Service) at(ctx context.Context, id, path string) (there, isFile bool, err error) {
	if f, err := s.file(ctx, id, path); f != nil || err != nil {
		return f != nil, true, err
	}
	_, err = s.store.Dir(ctx, id, path, 0, 0)
	if problem.Is(err, problem.Missing) {
		return false, false, nil
	}
	if err != nil {
		return false, false, fmt.Errorf("look up folder: %w", err)
	}
	return true, false, nil
}

// stageAgain stages all that is at source for target.
func (s *Service) stageAgain(ctx context.Context, id, source, target string, a *arrival) error {
	file, err := s.file(ctx, id, source)
	if err != nil {
		return fmt.Errorf("look up file: %w", err)
	}
	files := []File{}
	if file != nil {
		files = append(files, *file)
	} else {
		if files, err = s.store.Tree(ctx, id, source); err != nil {
			return fmt.Errorf("list files: %w", err)
		}
		if a.folders, err = s.store.Folders(ctx, id, source); err != nil {
			return fmt.Errorf("list folders: %w", err)
		}
		a.folders = append([]string{source}, a.folders...)
	}
	moved := func(p string) (string, error) { return SafePath(target + strings.TrimPrefix(p, source)) }
	for i := range a.folders {
		if a.folders[i], err = moved(a.folders[i]); err != nil {
			return err
		}
	}
	batch, err := a.inBatch()
	if err != nil {
		return err
	}
	for _, f := range files {
		staged, err := batch.StageRaw(ctx, id, f.Path)
		if errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("file %q of upload %s has a row but no bytes: %w", f.Path, id, err)
		}
		if err != nil {
			return fmt.Errorf("stage %q again: %w", f.Path, err)
		}
		if f.Path, err = moved(f.Path); err != nil {
			return err
		}
		a.add(f, staged)
	}
	return a.settle(ctx)
}

// CreateDir makes a folder and those above it; one that exists is a 400 (spec uploads.md §7).
func (s *Service) CreateDir(ctx context.Context, v Viewer, id, dir string) (Upload, error) {
	if _, err := s.allowed(ctx, v, id, ChangeFiles); err != nil {
		return Upload{}, err
	}
	clean, err := SafePath(dir)
	if err != nil {
		return Upload{}, err
	}
	if clean == "" {
		return Upload{}, problem.Bad("Bad path provided.")
	}
	if err := newPath("Bad path provided", clean); err != nil {
		return Upload{}, err
	}
	release, err := s.hold(ctx, id)
	if err != nil {
		return Upload{}, err
	}
	defer release()
	there, _, err := s.at(ctx, id, clean)
	if err != nil {
		return Upload{}, err
	}
	if there {
		return Upload{}, problem.Bad("Path `%s` already exists.", clean)
	}
	err = s.commit(ctx, id, &arrival{service: s, folders: []string{clean}}, func(tx Tx) error {
		if err := s.allowedInTx(ctx, tx, v, id, ChangeFiles); err != nil {
			return err
		}
		u, err := tx.Upload(ctx, id)
		if err != nil {
			return fmt.Errorf("read upload: %w", err)
		}
		if u.Process.Status.Busy() {
			return nil
		}
		u.Process.CompleteTime = s.now().UTC()
		if err := tx.SetProcess(ctx, id, u.Process); err != nil {
			return fmt.Errorf("set process state: %w", err)
		}
		return nil
	})
	if err != nil {
		return Upload{}, err
	}
	return s.store.Upload(ctx, id)
}
