package storetest

import (
	"errors"
	"io/fs"
	"testing"
)

// stageRaw gives files a second place without the two becoming one.
func stageRaw(t *testing.T, f filesTest) {
	ctx := t.Context()
	f.put("a/b", "1")
	small := f.stage("small") // not durable before the next Flush
	f.ok(f.Place(ctx, fileUpload, small.Name, "small"))
	batch, err := f.Batch()
	f.ok(err)
	one, err := batch.StageRaw(ctx, fileUpload, "a/b")
	f.ok(err)
	two, err := batch.StageRaw(ctx, fileUpload, "small")
	f.ok(err)
	for _, path := range []string{"a", "none", "a/b/c", ""} {
		if _, err := batch.StageRaw(ctx, fileUpload, path); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%q was staged: %v", path, err)
		}
	}
	f.ok(batch.Sync(ctx))
	f.ok(f.Remove(ctx, fileUpload, "small", "trash1"))
	f.ok(f.Place(ctx, fileUpload, one, "c"))
	f.ok(f.Place(ctx, fileUpload, two, "d"))
	f.want("small", "-")
	f.want("d", "small")
	f.put("c", "2") // replaces the name, not what is behind it
	f.want("a/b", "1")
	f.want("c", "2")
	f.ok(f.Flush(ctx))
	f.ok(f.EmptyTrash(ctx, func(string) bool { return false }))
	f.want("d", "small")

	batch, err = f.Batch()
	f.ok(err)
	for range 200 { // beyond what is kept open at once
		if _, err := batch.StageRaw(ctx, fileUpload, "a/b"); err != nil {
			t.Fatal(err)
		}
	}
	f.ok(batch.Discard())
	if names := f.stagedNames(); len(names) != 0 {
		t.Errorf("discarded, but there are %v", names)
	}
	f.want("a/b", "1")
}
