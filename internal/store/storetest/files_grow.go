package storetest

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"hash/crc32"
	"io/fs"
	"slices"
	"strings"
	"testing"

	"oasis/internal/data/upload"
)

func growsInPieces(t *testing.T, f filesTest) {
	ctx := t.Context()
	content := strings.Repeat("0123456789abcdefg", 300_000)
	const name = "growing"
	var at upload.Progress
	for _, size := range []int{1, 1 << 20, 17, 3 << 20} {
		g, err := f.Grow(ctx, name, at)
		f.ok(err)
		write := func(text string) {
			n, err := g.Write([]byte(text))
			f.ok(err)
			if n != len(text) {
				t.Errorf("%d of %d bytes were written", n, len(text))
			}
		}
		write(content[at.Size : at.Size+int64(size)])
		at, err = g.Sync(ctx)
		f.ok(err)
		write("lost, because nobody made it durable")
		f.ok(g.Close())
		if size == 17 { // as another version would have written it
			at.Sums = nil
		}
	}
	g, err := f.Grow(ctx, name, at)
	f.ok(err)
	_, err = g.Write([]byte(content[at.Size:]))
	f.ok(err)
	staged, err := g.Finish(ctx)
	f.ok(err)
	sum := sha256.Sum256([]byte(content))
	if staged.Name == name || staged.Size != int64(len(content)) || staged.SHA256 != hex.EncodeToString(sum[:]) || staged.CRC32 != crc32.ChecksumIEEE([]byte(content)) {
		t.Errorf("got %+v", staged)
	}
	f.ok(f.Place(ctx, fileUpload, staged.Name, "grown"))
	f.ok(g.Close())
	f.ok(f.Discard(ctx, name))
	f.want("grown", content)
	if _, err := f.Grow(ctx, name, at); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a placed body grows on: %v", err)
	}
}

func growsForOne(t *testing.T, f filesTest) {
	ctx := t.Context()
	g, err := f.Grow(ctx, "one", upload.Progress{})
	f.ok(err)
	if _, err := f.Grow(ctx, "one", upload.Progress{}); !errors.Is(err, upload.ErrBusy) {
		t.Errorf("two have it: %v", err)
	}
	_, err = g.Write([]byte("abc"))
	f.ok(err)
	_, err = g.Sync(ctx)
	f.ok(errors.Join(err, g.Close()))
	if _, err := f.Grow(ctx, "one", upload.Progress{Size: 4}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("less than there should be: %v", err)
	}
	if _, err := f.Grow(ctx, "none", upload.Progress{Size: 4}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("not there: %v", err)
	}
	if _, err := f.Grow(ctx, "../one", upload.Progress{}); err == nil {
		t.Error("a name of somebody else's making")
	}
	if names := f.stagedNames(); !slices.Equal(names, []string{"one"}) {
		t.Errorf("staged %v", names)
	}
	f.ok(f.Discard(ctx, "one"))
	g, err = f.Grow(ctx, "one", upload.Progress{})
	f.ok(err)
	if s, err := g.Finish(ctx); err != nil || s.Size != 0 {
		t.Errorf("begun anew: %+v %v", s, err)
	}
	f.ok(g.Close())
}
