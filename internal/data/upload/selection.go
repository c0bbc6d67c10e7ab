package upload

import (
	"context"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"
	"time"

	"oasis/internal/data/upload/rawpath"
)

// Selection is files of an upload that are downloaded together.
type Selection struct {
	// Name is the base name for the download, without extension.
	Name string
	// ModTime is when the newest of the files was stored.
	ModTime time.Time
	// Items are ordered by name.
	Items []SelectedFile
}

// SelectedFile is a file with the name it has in the download.
type SelectedFile struct {
	// Name is relative to the directory that is downloaded, and harmless where it is unpacked.
	Name string
	File File
}

// Select chooses the file at a path, or all files below a directory ("" = the
// root); names are relative to the directory. keep, when not nil, chooses of those
// of a directory by their path within the upload.
func (s *Service) Select(ctx context.Context, v Viewer, id, dir string, keep func(path string) bool) (*Selection, error) {
	l, err := s.RawDir(ctx, v, id, dir, 0, 0)
	if err != nil {
		return nil, err
	}
	chosen := &Selection{Name: path.Base(l.Path)}
	var files []File
	prefix := ""
	switch {
	case l.File != nil:
		files = []File{*l.File}
		prefix = strings.TrimSuffix(l.Path, chosen.Name)
	default:
		if files, err = s.store.Tree(ctx, id, l.Path); err != nil {
			return nil, fmt.Errorf("list files: %w", err)
		}
		if l.Path == "" {
			chosen.Name = id
		} else {
			prefix = l.Path + "/"
		}
	}
	taken := map[string]bool{}
	for i := range files {
		f := files[i]
		if l.File == nil && keep != nil && !keep(f.Path) {
			continue
		}
		name := memberName(strings.TrimPrefix(f.Path, prefix), taken)
		taken[name] = true
		chosen.Items = append(chosen.Items, SelectedFile{name, f})
		if f.ModTime.After(chosen.ModTime) {
			chosen.ModTime = f.ModTime
		}
	}
	// A changed name may have to stand elsewhere.
	slices.SortFunc(chosen.Items, func(a, b SelectedFile) int { return strings.Compare(a.Name, b.Name) })
	return chosen, nil
}

// WriteSums writes the SHA-256 of each file in the form that `sha256sum --check`
// reads. Names need no escapes there: those of a selection have neither
// backslashes nor line ends.
func (c *Selection) WriteSums(w io.Writer) error {
	for i := range c.Items {
		if _, err := fmt.Fprintf(w, "%s  %s\n", c.Items[i].File.SHA256, c.Items[i].Name); err != nil {
			return err
		}
	}
	return nil
}

// memberName gives a name that is nobody's path where the download is unpacked, and
// that no other file of it has.
func memberName(relative string, taken map[string]bool) string {
	name := rawpath.Harmless(relative)
	for n := 2; taken[name]; n++ {
		name = fmt.Sprintf("%s~%d", rawpath.Harmless(relative), n)
	}
	return name
}
