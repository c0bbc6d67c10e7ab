package filestore_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"oasis/internal/data/upload"
	"oasis/internal/problem"
	"oasis/internal/store/filestore"
)

// record is a line of the journal, which stands for the database: one line is
// one transaction, durable once it is written whole.
type record struct {
	Intents []upload.Intent
	// Sums has the digest of each body of Intents, "" for removals.
	Sums []string
	// Flushed counts the intents from the beginning that may be forgotten.
	Flushed int
}

// life is one run of the process that gets killed.
type life struct {
	*filestore.Store
	t       *testing.T
	random  *rand.Rand
	journal *os.File
	intents []upload.Intent
	flushed int
	steps   int
	dieAt   int
}

// step is a point between two steps; at the chosen one the process dies.
func (l *life) step() {
	l.steps++
	if l.steps == l.dieAt {
		ok(l.t, syscall.Kill(os.Getpid(), syscall.SIGKILL))
		select {}
	}
}

func (l *life) commit(r record) {
	line, err := json.Marshal(r)
	ok(l.t, err)
	_, err = l.journal.Write(append(line, '\n'))
	ok(l.t, err, l.journal.Sync())
	l.intents = append(l.intents, r.Intents...)
	l.flushed = max(l.flushed, r.Flushed)
	l.step()
}

// TestCrashLeavesEachFileWholeOrAbsent kills a process -9 again and again, at
// each step and in the middle of steps, and looks at what the next one finds.
func TestCrashLeavesEachFileWholeOrAbsent(t *testing.T) {
	const variable = "OASIS_TEST_CRASH"
	if setting := os.Getenv(variable); setting != "" {
		live(t, setting)
		return
	}
	t.Parallel()
	rounds := 20
	if os.Getenv("OASIS_TEST_LONG") != "" {
		rounds = 1000
	}
	dir := t.TempDir()
	random := rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), 0))
	committed := 0
	for round := range rounds {
		ctx, cancel := context.WithCancel(t.Context())
		dieAt := 1 + random.IntN(60)
		if round%3 == 0 { // in the middle of something
			dieAt = 0
			ctx, cancel = context.WithTimeout(t.Context(), time.Duration(20+random.IntN(150))*time.Millisecond)
		}
		setting := fmt.Sprintf("%d %d %s", random.Uint32(), dieAt, dir)
		child := exec.CommandContext(ctx, os.Args[0], "-test.run", "^"+t.Name()+"$") // kills with SIGKILL
		child.Env = append(os.Environ(), variable+"="+setting)
		out, err := child.CombinedOutput()
		cancel()
		var exit *exec.ExitError
		if !errors.As(err, &exit) || exit.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL {
			t.Fatalf("round %d (%s): %v\n%s", round, setting, err, out)
		}
		committed = verify(t, dir)
		if t.Failed() {
			t.Fatalf("round %d (%s)", round, setting)
		}
	}
	if committed < rounds {
		t.Errorf("only %d intents in %d rounds", committed, rounds)
	}
}

// history reads the journal without a last line that was cut.
func history(t *testing.T, dir string) (all record, lines int64) {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(dir, "journal"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	content = content[:bytes.LastIndexByte(content, '\n')+1]
	for scanner := bufio.NewScanner(bytes.NewReader(content)); scanner.Scan(); {
		var r record
		ok(t, json.Unmarshal(scanner.Bytes(), &r))
		all.Intents = append(all.Intents, r.Intents...)
		all.Sums = append(all.Sums, r.Sums...)
		all.Flushed = max(all.Flushed, r.Flushed)
	}
	return all, int64(len(content))
}

// recovered does what the server does at its start.
func recovered(t *testing.T, dir string) (*filestore.Store, record) {
	t.Helper()
	all, length := history(t, dir)
	if err := os.Truncate(filepath.Join(dir, "journal"), length); err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	s, err := filestore.Open(filepath.Join(dir, "files"), filestore.Options{})
	pending := all.Intents[all.Flushed:]
	names := map[string]bool{}
	for _, in := range pending {
		names[in.Staged] = true
	}
	ctx := context.Background()
	for _, left := range upload.Redo(ctx, s, pending) {
		t.Error(left.Err)
	}
	ok(t, err, s.Sweep(ctx, func(name string) bool { return names[name] }))
	return s, all
}

// verify compares the disk with what was committed.
func verify(t *testing.T, dir string) int {
	s, all := recovered(t, dir)
	defer func() { ok(t, s.Close()) }()
	want := map[string]string{}
	for i, in := range all.Intents {
		if in.Kind == upload.Place {
			want[in.Path] = all.Sums[i]
			continue
		}
		maps.DeleteFunc(want, func(path, _ string) bool {
			return in.Path == "" || path == in.Path || strings.HasPrefix(path, in.Path+"/")
		})
	}
	got := map[string]string{}
	raw := filepath.Join(dir, "files/uploads/ab", id, "raw")
	err := filepath.WalkDir(raw, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		sum := sha256.Sum256(content)
		got[strings.TrimPrefix(path, raw+"/")] = hex.EncodeToString(sum[:])
		return err
	})
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
	for path, sum := range want {
		if got[path] != sum {
			t.Errorf("%s was committed with %s, there is %q", path, sum, got[path])
		}
	}
	for path := range got {
		if want[path] == "" {
			t.Errorf("%s is there, but nothing put it there, or it was removed", path)
		}
	}
	for i := range 3 {
		in, err := s.OpenArchive(t.Context(), id, strconv.Itoa(i))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		ok(t, err)
		content, err := io.ReadAll(in) // a checksum is in the frame
		ok(t, err, in.Close())
		if !json.Valid(content) {
			t.Errorf("archive %d is not whole", i)
		}
	}
	if len(all.Intents) > 2000 {
		t.Logf("a long history: %d intents", len(all.Intents))
	}
	return len(all.Intents)
}

// live works until it is killed.
func live(t *testing.T, setting string) {
	var seed uint64
	var dir string
	l := &life{t: t}
	_, err := fmt.Sscan(setting, &seed, &l.dieAt, &dir)
	ok(t, err)
	s, all := recovered(t, dir)
	l.Store, l.intents, l.flushed = s, all.Intents, all.Flushed
	l.random = rand.New(rand.NewPCG(seed, 1))
	l.journal, err = os.OpenFile(filepath.Join(dir, "journal"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	ok(t, err)
	paths := []string{"a", "b", "d", "d/a", "d/b", "d/e/f", "d/e"}
	for {
		path := paths[l.random.IntN(len(paths))]
		switch l.random.IntN(8) {
		case 0, 1, 2:
			l.put(path)
		case 3:
			l.batch("m/" + path)
		case 4:
			l.remove(path)
		case 5:
			l.remove([]string{"", "m", "d", "m/d"}[l.random.IntN(4)])
		case 6:
			l.archives()
		default:
			l.flush()
		}
	}
}

func (l *life) body() []byte {
	body := make([]byte, l.random.IntN(3)*l.random.IntN(1<<20)+l.random.IntN(100))
	for i := range body {
		body[i] = byte(l.random.Uint32())
		if i > 1000 {
			break
		}
	}
	return body
}

func (l *life) put(path string) {
	ctx := context.Background()
	staged, err := l.Stage(ctx, bytes.NewReader(l.body()), -1)
	ok(l.t, err)
	l.step()
	if err := l.Check(ctx, id, []string{path}, nil); problem.As(err) != nil {
		ok(l.t, l.Discard(ctx, staged.Name))
		return
	}
	in := upload.Intent{Kind: upload.Place, UploadID: id, Staged: staged.Name, Path: path, Body: staged.Body}
	l.commit(record{Intents: []upload.Intent{in}, Sums: []string{staged.SHA256}})
	ok(l.t, in.Apply(ctx, l))
	l.step()
}

func (l *life) batch(dir string) {
	ctx := context.Background()
	batch, err := l.Batch()
	ok(l.t, err)
	var r record
	var paths []string
	for i := range 20 + l.random.IntN(80) {
		staged, err := batch.Stage(ctx, strings.NewReader(strings.Repeat("x", i)), -1)
		ok(l.t, err)
		path := fmt.Sprintf("%s/%d/%d", dir, i%7, i)
		r.Intents = append(r.Intents, upload.Intent{Kind: upload.Place, UploadID: id, Staged: staged.Name, Path: path})
		r.Sums = append(r.Sums, staged.SHA256)
		paths = append(paths, path)
	}
	l.step()
	if err := l.Check(ctx, id, paths, nil); problem.As(err) != nil {
		ok(l.t, batch.Discard())
		return
	}
	ok(l.t, batch.Sync(ctx))
	l.commit(r)
	for i, in := range r.Intents {
		ok(l.t, in.Apply(ctx, l))
		if i%16 == 0 {
			l.step()
		}
	}
}

func (l *life) remove(path string) {
	in := upload.Intent{Kind: upload.Remove, UploadID: id, Path: path, Staged: upload.NewName()}
	l.commit(record{Intents: []upload.Intent{in}, Sums: []string{""}})
	ok(l.t, in.Apply(context.Background(), l))
	l.step()
}

func (l *life) archives() {
	var blobs []upload.ArchiveBlob
	for i := range 3 {
		blobs = append(blobs, upload.ArchiveBlob{EntryID: strconv.Itoa(i), JSON: fmt.Appendf(nil, "%q", bytes.Repeat([]byte{'x'}, l.random.IntN(9999)))})
	}
	ok(l.t, l.WriteArchives(context.Background(), id, blobs))
	l.step()
}

func (l *life) flush() {
	ctx := context.Background()
	done := len(l.intents)
	ok(l.t, l.Flush(ctx))
	l.step()
	l.commit(record{Flushed: done})
	ok(l.t, l.EmptyTrash(ctx, func(name string) bool {
		return slices.ContainsFunc(l.intents[l.flushed:], func(in upload.Intent) bool { return in.Staged == name })
	}))
	l.step()
}
