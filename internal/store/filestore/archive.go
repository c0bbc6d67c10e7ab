package filestore

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"

	"oasis/internal/data/upload"

	"github.com/klauspost/compress/zstd"
)

// archivePath gives the place of the archive of an entry.
func archivePath(uploadID, entryID string) (string, error) {
	dir, err := uploadPath(uploadID)
	if err != nil {
		return "", err
	}
	if err := checkName(entryID); err != nil {
		return "", fmt.Errorf("%q is not an entry id", entryID)
	}
	return dir + "/archive/" + entryID + ".json.zst", nil
}

// WriteArchives fits upload.Archives.
func (s *Store) WriteArchives(ctx context.Context, uploadID string, archives []upload.ArchiveBlob) error {
	if len(archives) == 0 {
		return nil
	}
	batch, err := s.newBatch()
	if err != nil {
		return err
	}
	names := make([]string, len(archives))
	var packed []byte
	for i, archive := range archives {
		packed = s.encoder.EncodeAll(archive.JSON, packed[:0])
		staged, err := batch.Stage(ctx, bytes.NewReader(packed), -1)
		if err != nil {
			return errors.Join(fmt.Errorf("write archives: %w", err), batch.Discard())
		}
		names[i] = staged.Name
	}
	if err := batch.Sync(ctx); err != nil {
		return fmt.Errorf("write archives: %w", err)
	}
	for i, archive := range archives {
		to, err := archivePath(uploadID, archive.EntryID)
		if err == nil {
			err = s.place(stagedDir+"/"+names[i], to)
		}
		if err != nil {
			return s.undo(fmt.Errorf("write the archive of entry %s: %w", archive.EntryID, full(err)), names[i:]...)
		}
	}
	dir, err := uploadPath(uploadID)
	if err != nil {
		return err
	}
	// The folders above may be new; syncing one that is not costs next to nothing.
	return s.syncAll([]string{dir + "/archive", dir, path.Dir(dir), uploadsDir})
}

// OpenArchive fits upload.Archives.
func (s *Store) OpenArchive(_ context.Context, uploadID, entryID string) (io.ReadCloser, error) {
	name, err := archivePath(uploadID, entryID)
	if err != nil {
		return nil, err
	}
	if _, err := s.lstat(name); err != nil {
		return nil, err
	}
	file, opened := s.openFile(name)
	if !opened {
		var err error
		if file, err = s.root.Open(name); err != nil {
			return nil, err
		}
	}
	decoder, err := s.decoder(file)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open the archive of entry %s: %w", entryID, err), file.Close())
	}
	return &archiveReader{store: s, decoder: decoder, file: file}, nil
}

// decoder gives a decoder that starts no goroutines: archives are small, and
// many are read at the same time.
func (s *Store) decoder(from io.Reader) (*zstd.Decoder, error) {
	if idle, ok := s.decoders.Get().(*zstd.Decoder); ok {
		return idle, idle.Reset(from)
	}
	return zstd.NewReader(from, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true),
		zstd.WithDecoderMaxWindow(32<<20))
}

type archiveReader struct {
	store   *Store
	decoder *zstd.Decoder
	file    *os.File
}

func (a *archiveReader) Read(p []byte) (int, error) {
	if a.decoder == nil {
		return 0, fs.ErrClosed
	}
	return a.decoder.Read(p)
}

func (a *archiveReader) Close() error {
	if a.decoder == nil {
		return fs.ErrClosed
	}
	if a.decoder.Reset(nil) == nil {
		a.store.decoders.Put(a.decoder)
	}
	a.decoder = nil
	return a.file.Close()
}

// RemoveArchives fits upload.Archives.
func (s *Store) RemoveArchives(_ context.Context, uploadID string, entryIDs ...string) error {
	for _, id := range entryIDs {
		name, err := archivePath(uploadID, id)
		if err != nil {
			return err
		}
		if err := s.root.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("remove the archive of entry %s: %w", id, err)
		}
		s.touch(path.Dir(name))
	}
	return nil
}
