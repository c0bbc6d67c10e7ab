package filestore

import (
	"context"
	"crypto/sha256"
	"encoding"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"

	"oasis/internal/data/upload"
)

// Grow fits upload.StagingArea.
func (s *Store) Grow(ctx context.Context, name string, from upload.Progress) (_ upload.Growing, err error) {
	if err := s.roomLeft(); err != nil {
		return nil, err
	}
	at, err := nameIn(stagedDir, name)
	if err != nil {
		return nil, err
	}
	flags := os.O_RDWR
	if from.Size == 0 {
		flags |= os.O_CREATE
	}
	file, err := s.root.OpenFile(at, flags, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open a staged body that grows: %w", full(err))
	}
	g := &growing{store: s, out: diskWriter{store: s, file: file}, sum: digest{sha256: sha256.New()}, name: name}
	if err := g.resume(ctx, at, from); err != nil {
		return nil, errors.Join(fmt.Errorf("go on with a staged body: %w", err), file.Close())
	}
	return g, nil
}

// growing is a staged body that comes in pieces.
type growing struct {
	store *Store
	name  string
	out   diskWriter
	sum   digest
	// failed is why what was written is not what was given.
	failed error
}

// resume takes hold of the file and brings it to what is durable of it.
func (g *growing) resume(ctx context.Context, at string, from upload.Progress) error {
	file := g.out.file
	if err := lockFile(file); err != nil {
		return err
	}
	info, err := file.Stat()
	if err != nil {
		return err
	}
	now, err := g.store.root.Lstat(at)
	switch {
	case err != nil:
		return err
	case !os.SameFile(info, now): // it was placed while this waited
		return fmt.Errorf("it has gone: %w", os.ErrNotExist)
	case info.Size() < from.Size:
		return fmt.Errorf("it has %d of %d bytes: %w", info.Size(), from.Size, os.ErrNotExist)
	case info.Size() > from.Size:
		if err := file.Truncate(from.Size); err != nil {
			return full(err)
		}
	}
	if err := g.restore(ctx, from); err != nil {
		return err
	}
	_, err = file.Seek(from.Size, io.SeekStart)
	g.out.written, g.out.begun, g.out.looked = from.Size, from.Size, from.Size
	return err
}

// restore takes the sums up again, and makes them anew of the file when another
// version has written their state.
func (g *growing) restore(ctx context.Context, from upload.Progress) error {
	if from.Size == 0 {
		return nil
	}
	if state, ok := g.sum.sha256.(encoding.BinaryUnmarshaler); ok && len(from.Sums) > crc32.Size &&
		state.UnmarshalBinary(from.Sums[crc32.Size:]) == nil {
		g.sum.crc32, g.sum.size = binary.BigEndian.Uint32(from.Sums), from.Size
		return nil
	}
	g.sum = digest{sha256: sha256.New()}
	buffer := g.store.buffers.Get().(*[chunkSize]byte)
	defer g.store.buffers.Put(buffer)
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		n, err := g.out.file.Read(buffer[:])
		g.sum.write(buffer[:n])
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// Write fits upload.Growing. Summing and writing go on at the same time.
func (g *growing) Write(p []byte) (int, error) {
	if g.failed != nil {
		return 0, g.failed
	}
	summed := make(chan struct{})
	go func() {
		g.sum.write(p)
		close(summed)
	}()
	err := g.out.write(p)
	<-summed
	if err != nil {
		g.failed = fmt.Errorf("add to a staged body: %w", full(err))
		return 0, g.failed
	}
	return len(p), nil
}

// Sync fits upload.Growing.
func (g *growing) Sync(context.Context) (upload.Progress, error) {
	if g.failed != nil {
		return upload.Progress{}, g.failed
	}
	err := g.out.file.Sync()
	if err == nil && !nameIsDurable {
		err = g.store.syncAll([]string{stagedDir})
	}
	if err != nil {
		// What an fsync has failed to write is not tried again by the next one.
		g.failed = fmt.Errorf("make a staged body durable: %w", full(err))
		return upload.Progress{}, g.failed
	}
	sums := binary.BigEndian.AppendUint32(nil, g.sum.crc32)
	if state, ok := g.sum.sha256.(encoding.BinaryMarshaler); ok {
		text, err := state.MarshalBinary()
		if err != nil {
			return upload.Progress{}, fmt.Errorf("keep the sums of a staged body: %w", err)
		}
		sums = append(sums, text...)
	}
	return upload.Progress{Size: g.sum.size, Sums: sums}, nil
}

// Finish fits upload.Growing. Syncing a file makes a name that was added to it
// durable, too.
func (g *growing) Finish(ctx context.Context) (upload.Staged, error) {
	if g.failed != nil {
		return upload.Staged{}, g.failed
	}
	name := g.store.newName()
	from, to := stagedDir+"/"+g.name, stagedDir+"/"+name
	err := g.store.root.Link(from, to)
	if err != nil && !errors.Is(err, os.ErrNotExist) && !isFull(err) {
		err = g.store.root.Rename(from, to)
	}
	if err != nil {
		return upload.Staged{}, fmt.Errorf("finish a staged body: %w", full(err))
	}
	if _, err := g.Sync(ctx); err != nil {
		return upload.Staged{}, g.store.undo(err, name)
	}
	staged := g.sum.staged()
	staged.Name = name
	return staged, nil
}

// Close fits upload.Growing.
func (g *growing) Close() error { return g.out.file.Close() }
