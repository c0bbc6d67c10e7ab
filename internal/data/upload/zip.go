package upload

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"time"

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

// Zip gives what Select chooses as a zip. Whether the bytes of a member are still
// those that were listed is checked while it is read.
func (s *Service) Zip(ctx context.Context, v Viewer, id, dir string, keep func(path string) bool) (*Zip, error) {
	chosen, err := s.Select(ctx, v, id, dir, keep)
	if err != nil {
		return nil, err
	}
	if err := s.readable(ctx, id, chosen.Items); err != nil {
		return nil, err
	}
	members := make([]zipstream.Member, len(chosen.Items))
	for i := range chosen.Items {
		f := &chosen.Items[i].File
		members[i] = zipstream.Member{Name: chosen.Items[i].Name, Size: f.Size, CRC32: f.CRC32, SHA256: f.SHA256}
	}
	z := &Zip{Name: chosen.Name, ModTime: chosen.ModTime}
	z.Archive, err = zipstream.New(members, func(ctx context.Context, i int) (io.ReadSeekCloser, error) {
		_, content, err := s.open(ctx, id, chosen.Items[i].File.Path)
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
func (s *Service) readable(ctx context.Context, id string, items []SelectedFile) error {
	release, err := s.share(ctx, id)
	if err != nil {
		return err
	}
	defer release()
	for i := range items[:min(len(items), mostLooked)] {
		if err := ctx.Err(); err != nil {
			return err
		}
		at := items[i].File.Path
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
		if want := items[i].File.Size; size != want {
			return fmt.Errorf("file %q of upload %s has %d bytes, not %d: it was changed on the disk", at, id, size, want)
		}
	}
	return nil
}
