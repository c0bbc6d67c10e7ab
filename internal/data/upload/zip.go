package upload

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"
	"time"

	"oasis/internal/data/upload/rawpath"
	"oasis/internal/data/upload/zipstream"
	"oasis/internal/problem"
)

// Zip is a zip of files of an upload that is made while it is read.
type Zip struct {
	*zipstream.Archive
	// Name is the base name for the download, without ".zip".
	Name string
	// ModTime is when the newest of the files was stored.
	ModTime time.Time
}

// ZipWhole is Zip of all files of a published upload.
func (s *Service) ZipWhole(ctx context.Context, v Viewer, id string) (*Zip, error) {
	if _, err := s.allowed(ctx, v, id, ReadWhole); err != nil {
		return nil, err
	}
	return s.Zip(ctx, v, id, "", nil)
}

// Zip gives the file at a path, or all files below a directory ("" = the root),
// as a zip; member names are relative to the directory. keep, when not nil,
// selects by the path within the upload. Whether the bytes of a member are still
// those that were listed is checked while it is read.
func (s *Service) Zip(ctx context.Context, v Viewer, id, dir string, keep func(path string) bool) (*Zip, error) {
	l, err := s.RawDir(ctx, v, id, dir, 0, 0)
	if err != nil {
		return nil, err
	}
	z := &Zip{Name: path.Base(l.Path)}
	var files []File
	prefix := ""
	switch {
	case l.File != nil:
		files = []File{*l.File}
		prefix = strings.TrimSuffix(l.Path, z.Name)
	default:
		if files, err = s.store.Tree(ctx, id, l.Path); err != nil {
			return nil, fmt.Errorf("list files: %w", err)
		}
		if l.Path == "" {
			z.Name = id
		} else {
			prefix = l.Path + "/"
		}
	}
	var members []zipstream.Member
	paths := map[string]string{} // by the name of the member
	for i := range files {
		f := &files[i]
		if l.File == nil && keep != nil && !keep(f.Path) {
			continue
		}
		name := memberName(strings.TrimPrefix(f.Path, prefix), paths)
		paths[name] = f.Path
		members = append(members, zipstream.Member{Name: name, Size: f.Size, CRC32: f.CRC32, SHA256: f.SHA256})
		if f.ModTime.After(z.ModTime) {
			z.ModTime = f.ModTime
		}
	}
	if err := s.readable(ctx, id, members, paths); err != nil {
		return nil, err
	}
	// A changed name may have to stand elsewhere.
	slices.SortFunc(members, func(a, b zipstream.Member) int { return strings.Compare(a.Name, b.Name) })
	z.Archive, err = zipstream.New(members, func(ctx context.Context, i int) (io.ReadSeekCloser, error) {
		_, content, err := s.open(ctx, id, paths[members[i].Name])
		if problem.Is(err, problem.Missing) {
			return nil, fmt.Errorf("%q was removed while it was downloaded: %w", members[i].Name, err)
		}
		return content, err
	})
	if err != nil {
		return nil, fmt.Errorf("lay out zip: %w", err)
	}
	return z, nil
}

// mostLooked is how many files of a zip are looked at before it is begun; 10,000
// take a tenth of a second.
const mostLooked = 10_000

// readable finds files that the disk does not have as the rows tell, while that can
// still be said: once a zip has begun it can only be cut off.
func (s *Service) readable(ctx context.Context, id string, members []zipstream.Member, paths map[string]string) error {
	release, err := s.share(ctx, id)
	if err != nil {
		return err
	}
	defer release()
	for _, m := range members[:min(len(members), mostLooked)] {
		if err := ctx.Err(); err != nil {
			return err
		}
		at := paths[m.Name]
		if s.stuck.touches(id, at) {
			return unfinished()
		}
		content, err := s.files.Open(ctx, id, at)
		if errors.Is(err, fs.ErrNotExist) {
			if f, rowErr := s.file(ctx, id, at); rowErr == nil && f == nil {
				return problem.Clash("The files are being changed at this moment. Try again.").Because(err)
			}
		}
		if err != nil {
			return fmt.Errorf("file %q of upload %s cannot be read for a zip: %w", at, id, err)
		}
		size := content.Size()
		if err := content.Close(); err != nil {
			return fmt.Errorf("close file: %w", err)
		}
		if size != m.Size {
			return fmt.Errorf("file %q of upload %s has %d bytes, not %d: it was changed on the disk", at, id, size, m.Size)
		}
	}
	return nil
}

// memberName gives a name that is nobody's path where the zip is unpacked, and that no other member has.
func memberName(relative string, taken map[string]string) string {
	name := rawpath.Harmless(relative)
	for n := 2; ; n++ {
		if _, is := taken[name]; !is {
			return name
		}
		name = fmt.Sprintf("%s~%d", rawpath.Harmless(relative), n)
	}
}
