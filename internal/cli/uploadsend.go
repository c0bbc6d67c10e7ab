package cli

import (
	"archive/tar"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"time"

	"oasis/client"
	"oasis/internal/app"
)

// Small files go together: many requests would cost more than their bytes.
const (
	smallUpTo   = 64 << 10
	batchFiles  = 500
	batchBytes  = 8 << 20
	fewestSmall = 8
)

// groups parts files into those that are sent alone and batches of small ones;
// what is there already is left out.
func (s *sending) groups(files []outgoing) [][]outgoing {
	var small []outgoing
	var groups [][]outgoing
	for _, f := range files {
		switch {
		case s.journal.done(&f):
			s.bar.add(f.size)
			s.bar.file()
		case f.size <= smallUpTo:
			small = append(small, f)
		default:
			groups = append(groups, []outgoing{f})
		}
	}
	if len(small) < fewestSmall {
		for _, f := range small {
			groups = append(groups, []outgoing{f})
		}
		return groups
	}
	var batch []outgoing
	var bytes int64
	for _, f := range small {
		if len(batch) == batchFiles || bytes+f.size > batchBytes {
			groups, batch, bytes = append(groups, batch), nil, 0
		}
		batch, bytes = append(batch, f), bytes+f.size
	}
	return append(groups, batch)
}

// file sends one file. One that changes meanwhile is sent once more.
func (s *sending) file(ctx context.Context, f *outgoing) error {
	for again := range 2 {
		sum, err := hashOf(ctx, f.local)
		if err != nil {
			return err
		}
		counted := int64(0)
		out := &client.Outgoing{
			UploadID: s.uploadID, Path: f.name, Size: f.size, SHA256: sum, Address: s.journal.address(f, sum),
			Open:  func() (io.ReadSeekCloser, error) { return os.Open(f.local) },
			Begun: func(address string) error { return s.journal.note(recordOf(f, sum, address)) },
			At: func(at int64) {
				s.bar.add(at - counted)
				counted = at
			},
		}
		err = s.server.Send(ctx, out)
		if err == nil {
			s.bar.add(f.size - counted)
			s.bar.file()
			done := recordOf(f, sum, out.Address)
			done.Done = true
			return s.journal.note(done)
		}
		s.bar.add(-counted)
		if !client.IsOtherBytes(err) || again > 0 {
			return fmt.Errorf("send %s: %w", f.local, err)
		}
		info, err := os.Stat(f.local)
		if err != nil {
			return fmt.Errorf("look at %s: %w", f.local, err)
		}
		f.size, f.changed = info.Size(), info.ModTime().UnixNano()
	}
	return &app.RefusalError{Text: f.local + " changes while it is sent. Send it when it is finished."}
}

func hashOf(ctx context.Context, path string) (string, error) {
	file, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer file.Close()
	sum := sha256.New()
	if _, err := io.Copy(sum, untilDone{ctx, file}); err != nil {
		return "", fmt.Errorf("read %s: %w", path, err)
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}

// untilDone ends reading with the context.
type untilDone struct {
	ctx context.Context
	io.Reader
}

func (u untilDone) Read(p []byte) (int, error) {
	if err := u.ctx.Err(); err != nil {
		return 0, err
	}
	return u.Reader.Read(p)
}

// batch sends small files as one archive, which the server unpacks: all of them are
// there or none.
func (s *sending) batch(ctx context.Context, files []outgoing) error {
	var packed bytes.Buffer
	w := tar.NewWriter(&packed)
	var size int64
	for i := range files {
		f := &files[i]
		content, err := os.ReadFile(f.local)
		if err != nil {
			return err
		}
		err = w.WriteHeader(&tar.Header{Name: f.name, Mode: 0o600, Size: int64(len(content)), ModTime: time.Unix(0, f.changed), Format: tar.FormatPAX})
		if err == nil {
			_, err = w.Write(content)
		}
		if err != nil {
			return fmt.Errorf("pack %s: %w", f.local, err)
		}
		size += f.size
	}
	if err := w.Close(); err != nil {
		return fmt.Errorf("pack small files: %w", err)
	}
	sum := sha256.Sum256(packed.Bytes())
	err := s.server.Send(ctx, &client.Outgoing{
		UploadID: s.uploadID, Path: "small-files.tar", Size: int64(packed.Len()), SHA256: hex.EncodeToString(sum[:]), Unpack: true,
		Open: func() (io.ReadSeekCloser, error) { return inMemory{bytes.NewReader(packed.Bytes())}, nil },
	})
	if err != nil {
		return fmt.Errorf("send %d small files: %w", len(files), err)
	}
	s.bar.add(size)
	for i := range files {
		s.bar.file()
		done := recordOf(&files[i], "", "")
		done.Done = true
		if err := s.journal.note(done); err != nil {
			return err
		}
	}
	return nil
}

type inMemory struct{ *bytes.Reader }

// Close has nothing to do.
func (inMemory) Close() error { return nil }
