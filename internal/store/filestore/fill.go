package filestore

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"hash"
	"hash/crc32"
	"io"
	"os"
	"sync"
	"sync/atomic"

	"oasis/internal/data/upload"
)

const (
	// chunkSize is what goes through the pipeline at once. Smaller bodies skip it.
	chunkSize = 1 << 20
	// chunks is how many are under way for one body; with chunkSize the memory it takes.
	chunks = 4
	// writebackEvery is after how many bytes the disk is asked to begin writing, so
	// that the fsync at the end has little left to wait for.
	writebackEvery = 8 << 20
	// roomEvery is after how many bytes the free space is looked at again.
	roomEvery = 64 << 20
	// smallBody is up to how many bytes a body is kept in its intent instead of being
	// synced. Committing a larger one would take longer than the sync it saves.
	smallBody = 16 << 10
)

// digest sums up a body as it passes.
type digest struct {
	size   int64
	sha256 hash.Hash
	crc32  uint32
}

func (d *digest) write(p []byte) {
	d.size += int64(len(p))
	d.sha256.Write(p)
	d.crc32 = crc32.Update(d.crc32, crc32.IEEETable, p)
}

func (d *digest) staged() upload.Staged {
	return upload.Staged{Size: d.size, SHA256: hex.EncodeToString(d.sha256.Sum(nil)), CRC32: d.crc32}
}

// fill copies a body into file and sums it up; it gives a small body back. Reading, summing and writing go
// on at the same time for bodies above one chunk.
func (s *Store) fill(ctx context.Context, file *os.File, body io.Reader, limit int64) (upload.Staged, error) {
	source := &source{ctx: ctx, body: body, limit: limit}
	sum := &digest{sha256: sha256.New()}
	var small []byte
	first := s.buffers.Get().(*[chunkSize]byte)
	n, err := source.fill(first[:])
	if err == nil {
		err = s.pipe(source, first, sum, file)
	} else {
		if errors.Is(err, io.EOF) {
			err = nil
			sum.write(first[:n])
			if _, werr := file.Write(first[:n]); werr != nil {
				err = full(werr)
			}
			if n > 0 && n <= smallBody {
				small = bytes.Clone(first[:n])
			}
		}
		s.buffers.Put(first)
	}
	if err != nil {
		return upload.Staged{}, err
	}
	staged := sum.staged()
	staged.Body = small
	return staged, nil
}

// source reads a body in whole chunks and watches limit and context.
type source struct {
	ctx   context.Context
	body  io.Reader
	limit int64
	read  int64
}

// fill fills p. It gives io.EOF with what there was when the body ended before p
// was full, and a refusal when the body broke off or is beyond the limit.
func (s *source) fill(p []byte) (int, error) {
	n := 0
	for n < len(p) {
		if s.ctx.Err() != nil {
			return n, bodyError(s.ctx, s.ctx.Err())
		}
		m, err := s.body.Read(p[n:])
		n += m
		s.read += int64(m)
		switch {
		case s.limit >= 0 && s.read > s.limit:
			return n, tooLarge(s.limit)
		case err == io.EOF: // a wrapped EOF is a body that broke off
			return n, io.EOF
		case err != nil:
			return n, bodyError(s.ctx, err)
		}
	}
	return n, nil
}

// chunk is a part of a body that two goroutines read.
type chunk struct {
	buffer *[chunkSize]byte
	size   int
	users  atomic.Int32
}

// pipe copies the rest of a body whose first chunk was read already.
func (s *Store) pipe(source *source, first *[chunkSize]byte, sum *digest, file *os.File) error {
	free := make(chan *chunk, chunks)
	toSum, toWrite := make(chan *chunk, chunks), make(chan *chunk, chunks)
	release := func(c *chunk) {
		if c.users.Add(-1) == 0 {
			free <- c
		}
	}
	for range chunks - 1 {
		free <- &chunk{}
	}
	var failed atomic.Bool
	var writeErr error
	var both sync.WaitGroup
	both.Go(func() {
		for c := range toSum {
			sum.write(c.buffer[:c.size])
			release(c)
		}
	})
	both.Go(func() {
		out := &diskWriter{store: s, file: file}
		for c := range toWrite {
			if writeErr == nil {
				if writeErr = out.write(c.buffer[:c.size]); writeErr != nil {
					failed.Store(true)
				}
			}
			release(c)
		}
	})

	var readErr error
	next := &chunk{buffer: first, size: chunkSize}
	for readErr == nil && !failed.Load() {
		next.users.Store(2)
		toSum <- next
		toWrite <- next
		next = <-free
		if next.buffer == nil {
			next.buffer = s.buffers.Get().(*[chunkSize]byte)
		}
		next.size, readErr = source.fill(next.buffer[:])
	}
	if errors.Is(readErr, io.EOF) {
		readErr = nil
		next.users.Store(2)
		toSum <- next
		toWrite <- next
	} else {
		free <- next
	}
	close(toSum)
	close(toWrite)
	both.Wait()
	for range chunks {
		if c := <-free; c.buffer != nil {
			s.buffers.Put(c.buffer)
		}
	}
	if writeErr != nil {
		return full(writeErr)
	}
	return readErr
}

// diskWriter writes one file from its beginning to its end, and makes the disk
// begin early.
type diskWriter struct {
	store   *Store
	file    *os.File
	written int64
	begun   int64 // up to here writing to the disk was asked for
	looked  int64 // up to here the free space was watched
}

func (w *diskWriter) write(p []byte) error {
	n, err := w.file.Write(p)
	w.written += int64(n)
	if err != nil {
		return err
	}
	if w.written-w.begun >= writebackEvery {
		beginWriteback(w.file, w.begun, w.written-w.begun)
		w.begun = w.written
	}
	if w.written-w.looked >= roomEvery {
		w.looked = w.written
		return w.store.roomLeft()
	}
	return nil
}
