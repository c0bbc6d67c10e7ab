package filestore

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"oasis/internal/data/upload"
	"oasis/internal/data/upload/unpack"
)

// big is the size of the large body; decisions 29 measures with 1 GiB.
const big = 1 << 30

// noise is a body of n bytes that costs next to nothing to make.
func noise(n int64) io.Reader { return io.LimitReader(&repeating{block: make([]byte, 1<<20)}, n) }

type repeating struct {
	block []byte
	at    int
}

func (r *repeating) Read(p []byte) (int, error) {
	n := copy(p, r.block[r.at:])
	r.at = (r.at + n) % len(r.block)
	return n, nil
}

func benchStore(b *testing.B) *Store {
	b.Helper()
	s, err := Open(filepath.Join(b.TempDir(), "files"), Options{})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = s.Close() })
	return s
}

// The limits that a large PUT is compared with (decisions 29), and what we reach.
func BenchmarkLarge(b *testing.B) {
	ctx := context.Background()
	source := filepath.Join(b.TempDir(), "source")
	writeFile(b, source, noise(big), nil)

	b.Run("limit=copy+fsync", func(b *testing.B) {
		b.SetBytes(big)
		for b.Loop() {
			in := openFile(b, source)
			to := filepath.Join(b.TempDir(), "copy")
			writeFile(b, to, in, nil)
			_ = in.Close()
			b.StopTimer()
			_ = os.Remove(to)
			b.StartTimer()
		}
	})
	b.Run("limit=read+sha256+write+fsync", func(b *testing.B) {
		b.SetBytes(big)
		for b.Loop() {
			in := openFile(b, source)
			to := filepath.Join(b.TempDir(), "copy")
			sum := sha256.New()
			writeFile(b, to, in, sum)
			_ = in.Close()
			b.StopTimer()
			_ = os.Remove(to)
			b.StartTimer()
		}
	})
	b.Run("limit=loopback", func(b *testing.B) {
		post(b, source, func(r *http.Request) error {
			_, err := io.Copy(io.Discard, r.Body)
			return err
		})
	})
	b.Run("stage", func(b *testing.B) {
		s := benchStore(b)
		b.SetBytes(big)
		for b.Loop() {
			in := openFile(b, source)
			discard(b, s, must(s.Stage(ctx, in, -1)))
			_ = in.Close()
		}
	})
	b.Run("stage-over-loopback", func(b *testing.B) {
		s := benchStore(b)
		post(b, source, func(r *http.Request) error {
			staged, err := s.Stage(r.Context(), r.Body, -1)
			if err != nil {
				return err
			}
			return s.Discard(ctx, staged.Name)
		})
	})
}

// post measures a handler that takes the file as the body of a request.
func post(b *testing.B, source string, handle func(r *http.Request) error) {
	b.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := handle(r); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
		}
	}))
	defer server.Close()
	b.SetBytes(big)
	for b.Loop() {
		in := openFile(b, source)
		req, err := http.NewRequestWithContext(b.Context(), http.MethodPut, server.URL, in)
		if err != nil {
			b.Fatal(err)
		}
		req.ContentLength = big
		answer, err := server.Client().Do(req)
		if err != nil {
			b.Fatal(err)
		}
		if answer.StatusCode != http.StatusOK {
			b.Fatal(answer.Status)
		}
		_ = answer.Body.Close()
	}
}

func BenchmarkSmall(b *testing.B) {
	ctx := context.Background()
	body := bytes.Repeat([]byte("x"), 1024)
	b.Run("limit=create+fsync", func(b *testing.B) {
		dir := b.TempDir()
		for i := 0; b.Loop(); i++ {
			writeFile(b, filepath.Join(dir, fmt.Sprint(i)), bytes.NewReader(body), nil)
		}
	})
	b.Run("stage", func(b *testing.B) {
		s := benchStore(b)
		for b.Loop() {
			must(s.Stage(ctx, bytes.NewReader(body), -1))
		}
	})
	b.Run("stage+place", func(b *testing.B) {
		s := benchStore(b)
		for i := 0; b.Loop(); i++ {
			staged := must(s.Stage(ctx, bytes.NewReader(body), -1))
			if err := s.Place(ctx, "upload0", staged.Name, fmt.Sprintf("data/%d", i)); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkThousand stores 1,000 files of 2 KiB as one operation. On ext4, making a
// file takes ten times longer where many files were deleted in the last minutes
// (inodes are not used again at once): measure in a fresh TMPDIR, not beside builds.
func BenchmarkThousand(b *testing.B) {
	ctx := context.Background()
	body := bytes.Repeat([]byte("{\"name\": 1}\n"), 170)
	b.Run("batch", func(b *testing.B) {
		s := benchStore(b)
		for b.Loop() {
			batch := must(s.Batch())
			for range 1000 {
				must(batch.Stage(ctx, bytes.NewReader(body), -1))
			}
			if err := batch.Sync(ctx); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("unpack+batch", func(b *testing.B) {
		s := benchStore(b)
		var packed bytes.Buffer
		w := zip.NewWriter(&packed)
		for i := range 1000 {
			must(must(w.Create(fmt.Sprintf("eln/%d/%d.archive.json", i%10, i))).Write(body))
		}
		if err := w.Close(); err != nil {
			b.Fatal(err)
		}
		for b.Loop() {
			batch := must(s.Batch())
			err := unpack.Unpack(ctx, unpack.Zip, bytes.NewReader(packed.Bytes()), int64(packed.Len()), unpack.DefaultLimits(),
				func(ctx context.Context, m unpack.Member) error {
					_, err := batch.Stage(ctx, m.Body, -1)
					return err
				})
			if err == nil {
				err = batch.Sync(ctx)
			}
			if err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("batch+place+flush", func(b *testing.B) {
		s := benchStore(b)
		for b.Loop() {
			batch := must(s.Batch())
			var names []string
			for range 1000 {
				names = append(names, must(batch.Stage(ctx, bytes.NewReader(body), -1)).Name)
			}
			if err := batch.Sync(ctx); err != nil {
				b.Fatal(err)
			}
			for i, name := range names {
				if err := s.Place(ctx, "upload0", name, fmt.Sprintf("data/%d/%d.json", i%10, i)); err != nil {
					b.Fatal(err)
				}
			}
			if err := s.Flush(ctx); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("archives", func(b *testing.B) {
		s := benchStore(b)
		blobs := make([]upload.ArchiveBlob, 1000)
		for i := range blobs {
			blobs[i] = upload.ArchiveBlob{EntryID: fmt.Sprintf("entry%d", i), JSON: body}
		}
		for b.Loop() {
			if err := s.WriteArchives(ctx, "upload0", blobs); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("limit=fsync-each", func(b *testing.B) {
		for b.Loop() {
			dir := b.TempDir()
			for i := range 1000 {
				writeFile(b, filepath.Join(dir, fmt.Sprint(i)), bytes.NewReader(body), nil)
			}
		}
	})
}

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

func discard(b *testing.B, s *Store, staged upload.Staged) {
	b.Helper()
	if err := s.Discard(b.Context(), staged.Name); err != nil {
		b.Fatal(err)
	}
}

func openFile(b *testing.B, name string) *os.File {
	b.Helper()
	return must(os.Open(name))
}

// writeFile copies in to a new file, sums it up on the way if sum is there, and syncs it.
func writeFile(b *testing.B, name string, in io.Reader, sum io.Writer) {
	b.Helper()
	out := must(os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600))
	if sum != nil {
		in = io.TeeReader(in, sum)
	}
	buffer := make([]byte, 1<<20)
	_, err := io.CopyBuffer(struct{ io.Writer }{out}, struct{ io.Reader }{in}, buffer)
	if err == nil {
		err = out.Sync()
	}
	if err != nil {
		b.Fatal(err)
	}
	_ = out.Close()
}
