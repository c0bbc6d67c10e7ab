package upload

import (
	"context"
	"encoding/json"
	"fmt"
	"path"
	"slices"
	"strings"

	"oasis/internal/access/audit"
	"oasis/internal/problem"
)

// EntryFiles selects raw files by the entries that were made of them.
type EntryFiles struct {
	Owner Owner
	// Query in the form of the API.
	Query json.RawMessage
	// Parents means the directories of the files, with all that is in them.
	Parents bool
	// Confirm lists what is to be deleted, "/" = everything; nil = nobody was asked.
	Confirm []string
}

// whole is how Confirm names the root.
const whole = "/"

// DeleteEntryFiles removes the main files of entries, or their directories. One in
// the root then means every file of the upload: that has to be confirmed, and what
// is confirmed has to be what goes (spec uploads.md §7, §16).
func (s *Service) DeleteEntryFiles(ctx context.Context, v Viewer, id string, which EntryFiles) (Upload, error) {
	u, err := s.allowed(ctx, v, id, ChangeFiles)
	if err != nil {
		return Upload{}, err
	}
	files, err := s.finder.Mainfiles(ctx, v, id, which.Owner, which.Query)
	if err != nil {
		return Upload{}, fmt.Errorf("look for entries: %w", err)
	}
	paths := which.paths(files)
	if err := which.confirmed(paths); err != nil {
		return Upload{}, err
	}
	if len(paths) == 0 {
		return u, nil
	}
	return s.deletePaths(ctx, v, id, paths)
}

// paths gives what has to be deleted for some main files: none of them is in another.
func (w *EntryFiles) paths(mainfiles []string) []string {
	wanted := map[string]bool{}
	for _, f := range mainfiles {
		if w.Parents {
			f = strings.TrimPrefix(path.Dir(f), ".")
		}
		wanted[f] = true
	}
	var paths []string
	for p := range wanted {
		above := false
		for dir := range parents(p) {
			above = above || wanted[dir]
		}
		if !above {
			paths = append(paths, p)
		}
	}
	slices.Sort(paths)
	return paths
}

// mostShown is how many paths a refusal names.
const mostShown = 20

func (w *EntryFiles) confirmed(paths []string) error {
	shown := make([]string, len(paths))
	for i, p := range paths {
		shown[i] = p
		if p == "" {
			shown[i] = whole
		}
	}
	switch {
	case w.Confirm == nil && slices.Contains(shown, whole):
		return problem.Bad("The file of an entry lies in the root of the upload, so this would delete every file of it. " +
			"If that is what you want, send \"confirm\": [\"/\"] with the request.")
	case w.Confirm != nil && !slices.Equal(slices.Sorted(slices.Values(w.Confirm)), shown):
		more := ""
		if n := len(shown) - mostShown; n > 0 {
			shown, more = shown[:mostShown], fmt.Sprintf(" and %d more", n)
		}
		return problem.Clash("What would be deleted is not what was confirmed, so nothing was: %s%s.", strings.Join(shown, ", "), more)
	}
	return nil
}

// deletePaths removes files and directories together. What is gone meanwhile is fine.
func (s *Service) deletePaths(ctx context.Context, v Viewer, id string, paths []string) (Upload, error) {
	release, err := s.hold(ctx, id)
	if err != nil {
		return Upload{}, err
	}
	defer release()
	if err := s.catchUp(ctx, id); err != nil {
		return Upload{}, err
	}
	noted := audit.Note(ctx, audit.Event{
		Operation: audit.RawDelete, Object: audit.UploadObject(id),
		Detail: fmt.Sprintf("%d files or folders of entries, the first %q", len(paths), paths[0]),
	})
	err = s.carryOut(noted, func(tx Tx) ([]Intent, error) {
		if err := s.allowedInTx(ctx, tx, v, id, ChangeFiles); err != nil {
			return nil, err
		}
		var gone []string
		for _, p := range paths {
			err := tx.DeletePath(ctx, id, p)
			if problem.Is(err, problem.Missing) {
				continue
			}
			if err != nil {
				return nil, fmt.Errorf("delete rows: %w", err)
			}
			gone = append(gone, p)
		}
		return s.removals(id, gone), s.after(ctx, tx, id, Trigger{})
	})
	if err != nil {
		return Upload{}, err
	}
	return s.store.Upload(ctx, id)
}
