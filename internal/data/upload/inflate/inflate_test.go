package inflate

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
)

// sample is what the files of testdata were made of: a table with repetitions near
// and far, longer than the smallest dictionary, and noise that cannot be compressed.
func sample() []byte {
	r := rand.New(rand.NewChaCha8([32]byte{1}))
	var b bytes.Buffer
	for i := range 4000 {
		fmt.Fprintf(&b, "%06d\t%8.3f\tsample %c\n", i, 20+float64(r.IntN(3000))/1000, 'A'+rune(r.IntN(5)))
	}
	noise := make([]byte, 3000)
	for i := range noise {
		noise[i] = byte(r.Uint32())
	}
	b.Write(noise)
	b.WriteString(strings.Repeat("the end ", 400))
	return b.Bytes()
}

// TestFilesOfXZ reads what xz 5.4 has made with the options in the names.
func TestFilesOfXZ(t *testing.T) {
	t.Parallel()
	want := sample()
	names, err := filepath.Glob("testdata/*.xz")
	if err != nil || len(names) < 9 {
		t.Fatalf("%d files, %v", len(names), err)
	}
	for _, name := range names {
		t.Run(filepath.Base(name), func(t *testing.T) {
			t.Parallel()
			packed, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			want := want
			switch {
			case strings.Contains(name, "empty"):
				want = nil
			case strings.Contains(name, "twice"):
				want = append(bytes.Clone(want), want...)
			}
			in, err := Open(name, iotest.OneByteReader(bytes.NewReader(packed)))
			if err != nil {
				t.Fatal(err)
			}
			got, err := io.ReadAll(in)
			if err != nil || !bytes.Equal(got, want) {
				t.Fatalf("got %d bytes, want %d; %v", len(got), len(want), err)
			}
			// A file that was cut or changed is never taken for a whole one.
			for cut := 0; cut < len(packed); cut += 1 + len(packed)/20 {
				if got, err := io.ReadAll(newXZ(bytes.NewReader(packed[:cut]))); err == nil && len(got) != len(want)/2 {
					t.Errorf("cut at %d: %d bytes and no error", cut, len(got))
				}
				if strings.Contains(name, "none") {
					continue
				}
				broken := bytes.Clone(packed)
				broken[cut] ^= 0x10
				if got, err := io.ReadAll(newXZ(bytes.NewReader(broken))); err == nil {
					t.Errorf("changed at %d: %d bytes and no error", cut, len(got))
				}
			}
		})
	}
}

func TestGzip(t *testing.T) {
	t.Parallel()
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	if _, err := w.Write(sample()); err != nil || w.Close() != nil {
		t.Fatal(err)
	}
	for name, in := range map[string]io.Reader{"a.GZ": &packed} {
		r, err := Open(name, in)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := io.ReadAll(r); err != nil || !bytes.Equal(got, sample()) {
			t.Errorf("%d bytes, %v", len(got), err)
		}
	}
	if _, err := Open("a.gz", strings.NewReader("no gzip at all")); err == nil {
		t.Error("plain text was taken for gzip")
	}
}

func TestKnows(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]bool{"a.gz": true, "a.XZ": true, "a.tar.gz": true, "a.zip": false, "gz": false, "xz/a": false} {
		if Knows(name) != want {
			t.Errorf("%s: %v", name, !want)
		}
	}
}

// A header that asks for gigabytes gets an error and no memory.
func TestLargeDictionaryIsRefused(t *testing.T) {
	t.Parallel()
	packed, err := os.ReadFile("testdata/large-dictionary")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadAll(newXZ(bytes.NewReader(packed))); !errors.Is(err, errXZLarge) {
		t.Errorf("got %v", err)
	}
}

// FuzzXZ: whatever comes, it ends, does not panic, and does not take more memory than a dictionary.
func FuzzXZ(f *testing.F) {
	names, _ := filepath.Glob("testdata/*.xz")
	for _, name := range names {
		if packed, err := os.ReadFile(name); err == nil && len(packed) < 18100 {
			f.Add(packed)
		}
	}
	f.Fuzz(func(t *testing.T, packed []byte) {
		x := newXZ(bytes.NewReader(packed))
		_, _ = io.Copy(io.Discard, io.LimitReader(x, 16<<20)) // that it ends is what is tested
		if x.block != nil && len(x.block.window) > mostDictionary {
			t.Error("the window grew beyond its limit")
		}
	})
}
