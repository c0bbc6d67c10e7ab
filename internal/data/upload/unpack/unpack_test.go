package unpack_test

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"oasis/internal/data/upload/rawpath"
	"oasis/internal/data/upload/unpack"
	"oasis/internal/problem"
)

var update = flag.Bool("update", false, "write the fixtures of the hostile corpus again")

// take unpacks an archive into memory.
func take(ctx context.Context, name string, archive []byte, limits unpack.Limits) (map[string]string, error) {
	kind, err := unpack.Detect(name, bytes.NewReader(archive))
	if err != nil {
		return nil, err
	}
	got := map[string]string{}
	err = unpack.Unpack(ctx, kind, bytes.NewReader(archive), int64(len(archive)), limits, func(_ context.Context, m unpack.Member) error {
		if m.Folder {
			got[m.Path+"/"] = ""
			return nil
		}
		content, err := io.ReadAll(m.Body)
		got[m.Path] = string(content)
		return err
	})
	return got, err
}

func TestHostileArchivesAreRefusedByName(t *testing.T) {
	t.Parallel()
	for _, s := range corpus() {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			built := s.build(t)
			fixture := filepath.Join("testdata", "corpus", s.name)
			if *update {
				ok(t, os.MkdirAll(filepath.Dir(fixture), 0o755), os.WriteFile(fixture, built, 0o644))
			}
			stored, err := os.ReadFile(fixture)
			ok(t, err)
			limits := unpack.DefaultLimits()
			if s.limits != nil {
				limits = *s.limits
			}
			for from, archive := range map[string][]byte{"built": built, "stored": stored} {
				_, err := take(t.Context(), s.name, archive, limits)
				switch {
				case s.want == "" && err != nil:
					t.Errorf("%s: refused: %v", from, err)
				case s.want == "":
				case err == nil:
					t.Errorf("%s: accepted", from)
				case !problem.Is(err, s.kind) || !strings.Contains(problem.As(err).Detail, s.want):
					t.Errorf("%s: got %v, want %q", from, err, s.want)
				}
			}
		})
	}
}

func TestHonestArchivesComeOutWhole(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		archive []byte
		want    map[string]string
	}{
		"a.zip": {zipOf("./a.txt", "1", "d/", "", "d/e/f.txt", "2", "xx:y", "3")(t), map[string]string{"a.txt": "1", "d/": "", "d/e/f.txt": "2", "xx:y": "3"}},
		// Written without the UTF-8 flag, as by an old Windows: 0x81 is ü in code page 437.
		"b.ELN":     {withoutFlag(zipOf("m\x81ll.txt", "1")(t)), map[string]string{"müll.txt": "1"}},
		"empty.zip": {zipOf()(t), map[string]string{}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := take(t.Context(), name, test.archive, unpack.DefaultLimits())
			ok(t, err)
			if len(got) != len(test.want) {
				t.Errorf("got %v, want %v", got, test.want)
			}
			for path, content := range test.want {
				if got[path] != content {
					t.Errorf("%s: %q, want %q", path, got[path], content)
				}
			}
		})
	}
}

// withoutFlag takes the UTF-8 flag out of every header.
func withoutFlag(b []byte) []byte {
	for i := range len(b) - 10 {
		if string(b[i:i+4]) == "PK\x03\x04" {
			b[i+7] &^= 8
		}
		if string(b[i:i+4]) == "PK\x01\x02" {
			b[i+9] &^= 8
		}
	}
	return b
}

func TestDetectGoesByNameAndByContentWithoutOne(t *testing.T) {
	t.Parallel()
	zipped, plain := zipOf("a", "1")(t), []byte("a,b\n1,2\n")
	tarred := corpusBytes(t, "tar-mixed.tar")
	tests := []struct {
		name    string
		content []byte
		want    unpack.Kind
	}{
		{"a.zip", plain, unpack.Zip},
		{"A.ZIP", zipped, unpack.Zip},
		{"a.eln", zipped, unpack.Zip},
		{"a.tar", plain, unpack.Tar},
		{"a.tgz", plain, unpack.Tar},
		{"a.tar.gz", plain, unpack.Tar},
		{"a.tar.bz2", plain, unpack.Tar},
		{"a.gz", gz(raw(tarred))(t), unpack.Tar},
		{"data.csv.gz", gz(raw(plain))(t), unpack.None},
		{"data.csv.gz", plain, unpack.None},
		{"data.csv.gz", zipped, unpack.None},
		{"empty.gz", nil, unpack.None},
		{"a.7z", zipped, unpack.None},
		{"a.xlsx", zipped, unpack.None},
		{"zip", zipped, unpack.None},
		{"", zipped, unpack.Zip},
		{"", zipOf()(t), unpack.Zip},
		{"", tarred, unpack.Tar},
		{"", gz(raw(tarred))(t), unpack.Tar},
		{"", bzip2Bomb, unpack.Tar},
		{"", gz(raw(plain))(t), unpack.None},
		{"", plain, unpack.None},
		{"", make([]byte, 4096), unpack.None},
		{"", nil, unpack.None},
	}
	for _, test := range tests {
		got, err := unpack.Detect(test.name, bytes.NewReader(test.content))
		if err != nil || got != test.want {
			t.Errorf("%q with %d bytes: %d, %v; want %d", test.name, len(test.content), got, err, test.want)
		}
	}
}

func corpusBytes(t testing.TB, name string) []byte {
	t.Helper()
	for _, s := range corpus() {
		if s.name == name {
			return s.build(t)
		}
	}
	t.Fatalf("the corpus has no %s", name)
	return nil
}

// broken is a source whose disk fails after some bytes.
type broken struct {
	*bytes.Reader
	after int64
	err   error
}

func (b broken) ReadAt(p []byte, off int64) (int, error) {
	if off+int64(len(p)) > b.after {
		return 0, b.err
	}
	return b.Reader.ReadAt(p, off)
}

func TestFaultsOfOursAreNotBlamedOnTheArchive(t *testing.T) {
	t.Parallel()
	disk := errors.New("disk on fire")
	for _, name := range []string{"zip-honest.zip", "tar-honest.tar.gz"} {
		archive := corpusBytes(t, name)
		kind, err := unpack.Detect(name, bytes.NewReader(archive))
		ok(t, err)
		nothing := func(context.Context, unpack.Member) error { return nil }
		err = unpack.Unpack(t.Context(), kind, broken{bytes.NewReader(archive), 3, disk}, int64(len(archive)), unpack.DefaultLimits(), nothing)
		if !errors.Is(err, disk) || problem.As(err) != nil {
			t.Errorf("%s: reading fails: %v", name, err)
		}
		err = unpack.Unpack(t.Context(), kind, bytes.NewReader(archive), int64(len(archive)), unpack.DefaultLimits(), func(context.Context, unpack.Member) error { return disk })
		if !errors.Is(err, disk) || problem.As(err) != nil {
			t.Errorf("%s: the sink fails: %v", name, err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		err = unpack.Unpack(ctx, kind, bytes.NewReader(archive), int64(len(archive)), unpack.DefaultLimits(), nothing)
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%s: cancelled: %v", name, err)
		}
	}
}

// TestMemoryDoesNotGrowWithTheArchive unfolds 64 MiB out of 64 KiB.
func TestMemoryDoesNotGrowWithTheArchive(t *testing.T) {
	archive := gz(func(t testing.TB) []byte {
		return append(tarHeader(t, "zeros", 64<<20), make([]byte, 64<<20+1024)...)
	})(t)
	limits := unpack.DefaultLimits()
	limits.Ratio = 2000
	runtime.GC()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	var size int64
	err := unpack.Unpack(t.Context(), unpack.Tar, bytes.NewReader(archive), int64(len(archive)), limits, func(_ context.Context, m unpack.Member) (err error) {
		size, err = io.Copy(io.Discard, m.Body)
		return err
	})
	runtime.ReadMemStats(&after)
	if err != nil || size != 64<<20 {
		t.Fatalf("%d bytes, %v", size, err)
	}
	if grown := after.TotalAlloc - before.TotalAlloc; grown > 3<<20 {
		t.Errorf("allocated %d bytes for 64 MiB", grown)
	}
}

// FuzzUnpack wants no panic, no path that leaves, no bytes beyond the limits.
func FuzzUnpack(f *testing.F) {
	for _, s := range corpus() {
		if archive := s.build(f); len(archive) < 10_000 {
			f.Add(archive, strings.HasSuffix(s.name, ".zip"))
		}
	}
	f.Fuzz(func(t *testing.T, archive []byte, isZip bool) {
		kind := unpack.Tar
		if isZip {
			kind = unpack.Zip
		}
		limits := unpack.Limits{Members: 100, Bytes: 1 << 20, Ratio: 50, Slack: 1 << 16}
		var total int64
		seen := map[string]bool{}
		err := unpack.Unpack(t.Context(), kind, bytes.NewReader(archive), int64(len(archive)), limits, func(_ context.Context, m unpack.Member) error {
			if clean, err := rawpath.Clean(m.Path); err != nil || clean != m.Path || clean == "" {
				t.Errorf("path %q: %v", m.Path, err)
			}
			if m.Folder {
				return nil
			}
			if key := rawpath.ClashKey(m.Path); seen[key] {
				t.Errorf("%q came twice", m.Path)
			} else {
				seen[key] = true
			}
			n, err := io.Copy(io.Discard, m.Body)
			total += n
			return err
		})
		if err == nil && total > limits.Bytes || len(seen) > limits.Members {
			t.Errorf("%d bytes in %d files got through", total, len(seen))
		}
		if err != nil && problem.As(err) == nil {
			t.Errorf("not explained: %v", err)
		}
		if _, err := unpack.Detect("", bytes.NewReader(archive)); err != nil {
			t.Errorf("detect: %v", err)
		}
	})
}

func BenchmarkThousandMembers(b *testing.B) {
	var pairs []string
	for i := range 1000 {
		pairs = append(pairs, strings.Repeat("d/", i%3)+string(rune('a'+i%26))+strings.Repeat("x", i), strings.Repeat("{\"a\": 1}", 200))
	}
	for i := range pairs {
		if i%2 == 0 {
			pairs[i] = pairs[i][:min(len(pairs[i]), 200)] + string(rune(0x4e00+i))
		}
	}
	archive := zipOf(pairs...)(b)
	for b.Loop() {
		if _, err := take(b.Context(), "a.zip", archive, unpack.DefaultLimits()); err != nil {
			b.Fatal(err)
		}
	}
}
