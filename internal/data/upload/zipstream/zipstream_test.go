package zipstream_test

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"oasis/internal/data/upload/zipstream"
)

// closer makes a file out of a reader and counts what is open.
type closer struct {
	io.ReadSeeker
	open *int
}

func (c closer) Close() error { *c.open--; return nil }

func archive(t *testing.T, contents map[string]string) (*zipstream.Archive, *int) {
	t.Helper()
	var members []zipstream.Member
	for name, content := range contents {
		members = append(members, zipstream.Member{Name: name, Size: int64(len(content)), CRC32: crc32.ChecksumIEEE([]byte(content))})
	}
	slices.SortFunc(members, func(a, b zipstream.Member) int { return strings.Compare(a.Name, b.Name) })
	open := new(int)
	a, err := zipstream.New(members, func(_ context.Context, i int) (io.ReadSeekCloser, error) {
		*open++
		return closer{strings.NewReader(contents[members[i].Name]), open}, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return a, open
}

func some() map[string]string {
	return map[string]string{
		"a.txt": "hello", "empty": "", "data/ü.csv": strings.Repeat("1,2,3\n", 999), "data/z": "\x00\xff", "x/y/z/日本": "deep",
	}
}

func TestZipIsReadByOthersAndHasTheAnnouncedLength(t *testing.T) {
	t.Parallel()
	for name, contents := range map[string]map[string]string{"some": some(), "none": {}, "one": {"a": "b"}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a, open := archive(t, contents)
			reader := a.Reader(t.Context())
			all, err := io.ReadAll(reader)
			if err != nil {
				t.Fatal(err)
			}
			if int64(len(all)) != a.Size() {
				t.Errorf("%d bytes, announced were %d", len(all), a.Size())
			}
			if err := reader.Close(); err != nil || *open != 0 {
				t.Errorf("close: %v, %d files left open", err, *open)
			}
			z, err := zip.NewReader(bytes.NewReader(all), int64(len(all)))
			if err != nil {
				t.Fatal(err)
			}
			if len(z.File) != len(contents) {
				t.Errorf("%d members, want %d", len(z.File), len(contents))
			}
			for _, f := range z.File {
				in, err := f.Open()
				if err != nil {
					t.Fatal(err)
				}
				got, err := io.ReadAll(in) // checks the CRC too
				if err != nil || string(got) != contents[f.Name] {
					t.Errorf("%s: %q, %v", f.Name, got, err)
				}
				if f.Method != zip.Store || f.Mode() != 0o600 || !f.Modified.Equal(time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)) {
					t.Errorf("%s: method %d, mode %v, date %v", f.Name, f.Method, f.Mode(), f.Modified)
				}
			}
		})
	}
}

func TestAnyRangeIsThatOfTheWhole(t *testing.T) {
	t.Parallel()
	a, _ := archive(t, some())
	all, err := io.ReadAll(a.Reader(t.Context()))
	if err != nil {
		t.Fatal(err)
	}
	if err := iotest.TestReader(a.Reader(t.Context()), all); err != nil {
		t.Error(err)
	}
	random := rand.New(rand.NewPCG(1, 2))
	reader := a.Reader(t.Context())
	for range 2000 {
		from := random.Int64N(a.Size() + 1)
		length := min(random.Int64N(300), a.Size()-from)
		if _, err := reader.Seek(from, io.SeekStart); err != nil {
			t.Fatal(err)
		}
		got := make([]byte, length)
		if _, err := io.ReadFull(reader, got); err != nil || !bytes.Equal(got, all[from:from+length]) {
			t.Fatalf("bytes %d to %d differ (%v)", from, from+length, err)
		}
	}
}

func TestZipIsServedWithRangesAndETag(t *testing.T) {
	t.Parallel()
	a, _ := archive(t, some())
	all, err := io.ReadAll(a.Reader(t.Context()))
	if err != nil {
		t.Fatal(err)
	}
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", a.ETag())
		w.Header().Set("Content-Type", "application/zip")
		http.ServeContent(w, r, "", time.Time{}, a.Reader(r.Context()))
	})
	request := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
	request.Header.Set("Range", "bytes=100-299")
	answer := httptest.NewRecorder()
	handler.ServeHTTP(answer, request)
	if answer.Code != http.StatusPartialContent || !bytes.Equal(answer.Body.Bytes(), all[100:300]) {
		t.Errorf("range: %d, %d bytes", answer.Code, answer.Body.Len())
	}
	request = httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
	request.Header.Set("If-None-Match", a.ETag())
	answer = httptest.NewRecorder()
	handler.ServeHTTP(answer, request)
	if answer.Code != http.StatusNotModified {
		t.Errorf("same ETag: %d", answer.Code)
	}
}

func TestETagTellsOtherContentApart(t *testing.T) {
	t.Parallel()
	first, _ := archive(t, map[string]string{"a": "1", "b": "2"})
	same, _ := archive(t, map[string]string{"b": "2", "a": "1"})
	other, _ := archive(t, map[string]string{"a": "1", "b": "3"})
	if first.ETag() != same.ETag() || first.ETag() == other.ETag() {
		t.Errorf("ETags %s %s %s", first.ETag(), same.ETag(), other.ETag())
	}
}

// zeros is a file of any size without content worth storing.
type zeros struct{ size, at int64 }

func (z *zeros) Read(p []byte) (int, error) {
	n := min(int64(len(p)), z.size-z.at)
	if n == 0 {
		return 0, io.EOF
	}
	clear(p[:n])
	z.at += n
	return int(n), nil
}

func (z *zeros) Seek(offset int64, whence int) (int64, error) {
	if whence == io.SeekEnd {
		offset += z.size
	}
	z.at = offset
	return offset, nil
}

func (z *zeros) Close() error { return nil }

// readerAt lets archive/zip read the end of a zip that is far too large for memory.
type readerAt struct{ archive *zipstream.Archive }

func (r readerAt) ReadAt(p []byte, off int64) (int, error) {
	reader := r.archive.Reader(context.Background())
	if _, err := reader.Seek(off, io.SeekStart); err != nil {
		return 0, err
	}
	n, err := io.ReadFull(reader, p)
	if errors.Is(err, io.ErrUnexpectedEOF) {
		err = io.EOF
	}
	return n, errors.Join(err, reader.Close())
}

func TestLargeZipsUseZip64(t *testing.T) {
	t.Parallel()
	many := make([]zipstream.Member, 70_000)
	for i := range many {
		many[i].Name = fmt.Sprintf("%06d", i)
	}
	tests := map[string][]zipstream.Member{
		"a large member":       {{Name: "a", Size: 5 << 30}, {Name: "b", Size: 7}},
		"exactly 32 bits":      {{Name: "a", Size: 1<<32 - 1}, {Name: "b", Size: 1}},
		"just below 32 bits":   {{Name: "a", Size: 1<<32 - 2}, {Name: "b", Size: 1}},
		"a large total":        {{Name: "a", Size: 3 << 30}, {Name: "b", Size: 3 << 30}, {Name: "c", Size: 1}},
		"many members":         many,
		"petabytes, many zero": {{Name: "a", Size: 1 << 50}, {Name: "b"}},
	}
	for name, members := range tests {
		for i, m := range members {
			if m.Size < 10 { // read whole by the test, so the checksum is looked at
				members[i].CRC32 = crc32.ChecksumIEEE(make([]byte, m.Size))
			}
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a, err := zipstream.New(members, func(_ context.Context, i int) (io.ReadSeekCloser, error) {
				return &zeros{size: members[i].Size}, nil
			})
			if err != nil {
				t.Fatal(err)
			}
			z, err := zip.NewReader(readerAt{a}, a.Size())
			if err != nil {
				t.Fatal(err)
			}
			if len(z.File) != len(members) {
				t.Fatalf("%d members, want %d", len(z.File), len(members))
			}
			for i, f := range []*zip.File{z.File[0], z.File[len(z.File)-1]} {
				want := members[i*(len(members)-1)]
				offset, err := f.DataOffset()
				if err != nil || f.Name != want.Name || int64(f.UncompressedSize64) != want.Size || f.CompressedSize64 != f.UncompressedSize64 {
					t.Errorf("member %s: %d bytes at %d, %v", f.Name, f.UncompressedSize64, offset, err)
				}
			}
		})
	}
}

func TestChangedFileBreaksTheStream(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ content, reason string }{
		"shorter":       {"hell", "it was changed"},
		"longer":        {"hello!", "it was changed"},
		"other content": {"hallo", "checksum is wrong"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			open := 0
			a, err := zipstream.New([]zipstream.Member{{Name: "a", Size: 5, CRC32: crc32.ChecksumIEEE([]byte("hello"))}},
				func(context.Context, int) (io.ReadSeekCloser, error) {
					open++
					return closer{strings.NewReader(test.content), &open}, nil
				})
			if err != nil {
				t.Fatal(err)
			}
			reader := a.Reader(t.Context())
			if _, err = io.ReadAll(reader); err == nil || !strings.Contains(err.Error(), test.reason) || !strings.Contains(err.Error(), `"a"`) {
				t.Errorf("got %v", err)
			}
			if err := reader.Close(); err != nil || open != 0 {
				t.Errorf("close: %v, %d files left open", err, open)
			}
		})
	}
}

func TestLayoutRefusesWhatIsNotAList(t *testing.T) {
	t.Parallel()
	for name, members := range map[string][]zipstream.Member{
		"unsorted":  {{Name: "b"}, {Name: "a"}},
		"twice":     {{Name: "a"}, {Name: "a"}},
		"no name":   {{}},
		"negative":  {{Name: "a", Size: -1}},
		"long name": {{Name: strings.Repeat("a", 65536)}},
	} {
		if _, err := zipstream.New(members, nil); err == nil {
			t.Errorf("%s was accepted", name)
		}
	}
}

func TestCancelledRequestStopsReading(t *testing.T) {
	t.Parallel()
	a, _ := archive(t, some())
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := io.ReadAll(a.Reader(ctx)); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}
