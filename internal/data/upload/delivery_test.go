package upload_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"oasis/internal/data/upload"
	"oasis/internal/problem"
)

// sender is somebody with a good credential.
func sender(v upload.Viewer) upload.Sender { return upload.Sender{Viewer: v, Credential: "its token"} }

func piece(at int64, content string) upload.Piece {
	return upload.Piece{Offset: at, Body: strings.NewReader(content), Length: int64(len(content))}
}

// cut is a piece whose connection breaks after its content.
func cut(at int64, content string) upload.Piece {
	return upload.Piece{Offset: at, Body: io.MultiReader(strings.NewReader(content), iotest.ErrReader(io.ErrUnexpectedEOF)), Length: -1}
}

// begin announces a file.
func (s *shelf) begin(t *testing.T, v upload.Viewer, id string, n upload.NewDelivery) upload.Delivery {
	t.Helper()
	got, err := s.BeginDelivery(t.Context(), sender(v), id, n)
	must(t, err)
	return got
}

// at tells how far a delivery is.
func (s *shelf) at(t *testing.T, x upload.Delivery) int64 {
	t.Helper()
	got, err := s.Delivery(t.Context(), sender(upload.Viewer{UserID: x.UserID}), x.UploadID, x.ID)
	must(t, err)
	return got.Received()
}

// kind holds an error against the kind of a refusal.
func kind(t *testing.T, err error, want problem.Kind) {
	t.Helper()
	if !problem.Is(err, want) {
		t.Errorf("got %v, want a problem of kind %d", err, want)
	}
}

func sumOf(content string) string {
	sum := sha256.Sum256([]byte(content))
	return hex.EncodeToString(sum[:])
}

func TestDeliveryInPiecesIsStoredWithTheLastOne(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	ctx, id := t.Context(), s.create(t, ada).ID
	x := s.begin(t, ada, id, upload.NewDelivery{Path: "deep/er/film.raw", Size: 10, SHA256: sumOf("0123456789")})
	add := func(p upload.Piece) (upload.Delivery, error) {
		return s.AddToDelivery(ctx, sender(ada), id, x.ID, p)
	}
	if got, err := add(piece(0, "0123")); err != nil || got.Received() != 4 {
		t.Fatalf("%+v %v", got, err)
	}
	_, err := add(piece(0, "0123"))
	kind(t, err, problem.Conflict)
	_, err = add(piece(4, "456789x"))
	kind(t, err, problem.TooLarge)
	_, err = add(cut(4, "45"))
	kind(t, err, problem.BadRequest)
	if at := s.at(t, x); at != 6 {
		t.Errorf("what a cut piece brought is not kept: %d bytes", at)
	}
	s.open() // a restart
	must(t, s.Recover(ctx, func(err error) { t.Error(err) }))
	if at := s.at(t, x); at != 6 {
		t.Errorf("after a restart there are %d bytes", at)
	}
	if _, err := s.store.File(ctx, id, "deep/er/film.raw"); !problem.Is(err, problem.Missing) {
		t.Errorf("half a file is there: %v", err)
	}
	got, err := add(piece(6, "6789"))
	must(t, err)
	if got.Finished.IsZero() || s.at(t, x) != 10 {
		t.Errorf("at the end %+v", got)
	}
	s.reads(t, id, "deep/er/film.raw", "0123456789")
	f, err := s.store.File(ctx, id, "deep/er/film.raw")
	must(t, err)
	if f.SHA256 != sumOf("0123456789") || f.Size != 10 {
		t.Errorf("row %+v", f)
	}
	u, err := s.Get(ctx, ada, id)
	must(t, err)
	if u.Process.Status != upload.Pending {
		t.Errorf("not processed: %+v", u.Process)
	}
	// A client that has not heard of the end asks again and sends nothing.
	if got, err := add(piece(10, "")); err != nil || got.Received() != 10 {
		t.Errorf("%+v %v", got, err)
	}
	if left, err := s.Deliveries(ctx, ada, id); err != nil || len(left) != 0 {
		t.Errorf("%v %v", left, err)
	}
}

// reads compares a raw file.
func (s *shelf) reads(t *testing.T, id, path, want string) {
	t.Helper()
	_, in, err := s.OpenFile(t.Context(), upload.Viewer{UserID: "x", Admin: true}, id, path)
	must(t, err)
	got, err := io.ReadAll(in)
	must(t, errors.Join(err, in.Close()))
	if string(got) != want {
		t.Errorf("%s is %.40q, want %.40q", path, got, want)
	}
}

func TestDeliveryOfManyBytesIsOneFile(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	s.limits.FileBytes = 0
	ctx, id := t.Context(), s.create(t, ada).ID
	content := strings.Repeat("0123456789abcdef!", 200_000) // several buffers
	x := s.begin(t, ada, id, upload.NewDelivery{Path: "a", Size: int64(len(content)), SHA256: sumOf(content)})
	at := int64(0)
	for _, n := range []int{1, 700_000, 1 << 20, len(content) - 700_001 - 1<<20} {
		p := piece(at, content[at:at+int64(n)])
		p.Body = iotest.HalfReader(p.Body)
		_, err := s.AddToDelivery(ctx, sender(ada), id, x.ID, p)
		must(t, err)
		at += int64(n)
	}
	s.reads(t, id, "a", content)
}

func TestPieceWithAnotherChecksumDoesNotCount(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	ctx, id := t.Context(), s.create(t, ada).ID
	x := s.begin(t, ada, id, upload.NewDelivery{Path: "a", Size: 6})
	send := func(at int64, content, sumOf string, broken bool) error {
		p := piece(at, content)
		if broken {
			p = cut(at, content)
		}
		sum := sha256.Sum256([]byte(sumOf))
		p.Check, p.Sum = sha256.New(), sum[:]
		_, err := s.AddToDelivery(ctx, sender(ada), id, x.ID, p)
		return err
	}
	must(t, send(0, "012", "012", false))
	kind(t, send(3, "345", "34x", false), problem.BadChecksum)
	kind(t, send(3, "34", "345", true), problem.BadRequest)
	if at := s.at(t, x); at != 3 {
		t.Errorf("%d bytes", at)
	}
	must(t, send(3, "345", "345", false))
	s.reads(t, id, "a", "012345")
}

func TestFileWithAnotherChecksumIsNotStored(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	ctx, id := t.Context(), s.create(t, ada).ID
	x := s.begin(t, ada, id, upload.NewDelivery{Path: "a", Size: 3, SHA256: sumOf("abc")})
	_, err := s.AddToDelivery(ctx, sender(ada), id, x.ID, piece(0, "abd"))
	kind(t, err, problem.BadChecksum)
	_, err = s.SendWhole(ctx, sender(ada), id, upload.NewDelivery{Path: "b", Size: 3, SHA256: sumOf("abc")}, piece(0, "abd"))
	kind(t, err, problem.BadChecksum)
	_, err = s.Delivery(ctx, sender(ada), id, x.ID)
	kind(t, err, problem.Missing)
	s.noFiles(t, id)
	_, err = s.BeginDelivery(ctx, sender(ada), id, upload.NewDelivery{Path: "a", Size: 3, SHA256: "abc"})
	kind(t, err, problem.BadRequest)
}

// noFiles wants neither rows nor staged bodies.
func (s *shelf) noFiles(t *testing.T, id string) {
	t.Helper()
	files, err := s.store.Tree(t.Context(), id, "")
	must(t, err)
	var staged []string
	must(t, s.files.Sweep(t.Context(), func(name string) bool { staged = append(staged, name); return true }))
	if len(files)+len(staged) > 0 {
		t.Errorf("files %v, staged %v", files, staged)
	}
}

func TestSmallFileThatComesWholeIsOneCommit(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	ctx, id := t.Context(), s.create(t, ada).ID
	for path, content := range map[string]string{"empty": "", "small": "abc", "larger": strings.Repeat("x", 100_000)} {
		got, err := s.SendWhole(ctx, sender(ada), id, upload.NewDelivery{Path: path, Size: int64(len(content)), SHA256: sumOf(content)}, piece(0, content))
		must(t, err)
		if got.Finished.IsZero() || s.at(t, got) != int64(len(content)) {
			t.Errorf("%s: %+v", path, got)
		}
		s.reads(t, id, path, content)
	}
	if got := s.begin(t, ada, id, upload.NewDelivery{Path: "none"}); got.Finished.IsZero() {
		t.Errorf("a file without bytes waits: %+v", got)
	}
	s.reads(t, id, "none", "")
	_, err := s.SendWhole(ctx, sender(ada), id, upload.NewDelivery{Path: "short", Size: 5}, upload.Piece{Body: strings.NewReader("abc"), Length: 5})
	kind(t, err, problem.BadRequest)
	if got, err := s.SendWhole(ctx, sender(ada), id, upload.NewDelivery{Path: "part", Size: 5}, piece(0, "abc")); err != nil || got.Received() != 3 {
		t.Errorf("%+v %v", got, err)
	}
}

func TestDeliveryUnpacksAnArchiveWhenAsked(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	ctx, id := t.Context(), s.create(t, ada).ID
	zip := zipped(t, "x/a.txt", "one", "b.txt", "two")
	x := s.begin(t, ada, id, upload.NewDelivery{Path: "in/data.zip", Size: int64(len(zip)), Unpack: true})
	_, err := s.AddToDelivery(ctx, sender(ada), id, x.ID, piece(0, zip[:10]))
	must(t, err)
	_, err = s.AddToDelivery(ctx, sender(ada), id, x.ID, piece(10, zip[10:]))
	must(t, err)
	s.reads(t, id, "in/x/a.txt", "one")
	s.reads(t, id, "in/b.txt", "two")
	must(t, s.Recover(ctx, func(err error) { t.Error(err) }))
	if files, err := s.store.Tree(ctx, id, ""); err != nil || len(files) != 2 {
		t.Errorf("%v %v", files, err)
	}
	_, err = s.SendWhole(ctx, sender(ada), id, upload.NewDelivery{Path: "bad.zip", Size: 3, Unpack: true}, piece(0, "abc"))
	kind(t, err, problem.BadRequest)
	_, err = s.SendWhole(ctx, sender(ada), id, upload.NewDelivery{Path: "kept.zip", Size: int64(len(zip))}, piece(0, zip))
	must(t, err)
	s.reads(t, id, "kept.zip", zip)
}

func TestDeliveryIsForWhoBeganIt(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	ctx, id := t.Context(), s.create(t, ada).ID
	x := s.begin(t, ada, id, upload.NewDelivery{Path: "a", Size: 4})
	_, err := s.AddToDelivery(ctx, sender(bert), id, x.ID, piece(0, "abcd"))
	kind(t, err, problem.Forbidden)
	_, err = s.AddToDelivery(ctx, sender(root), id, x.ID, piece(0, "abcd"))
	kind(t, err, problem.Missing)
	_, err = s.AddToDelivery(ctx, sender(ada), s.create(t, ada).ID, x.ID, piece(0, "abcd"))
	kind(t, err, problem.Missing)

	for _, c := range []struct {
		user, credential, delivery string
		want                       bool
	}{{ada.UserID, "its token", x.ID, true}, {ada.UserID, "another", x.ID, false}, {bert.UserID, "its token", x.ID, false}, {ada.UserID, "its token", "x", false}} {
		if began, err := s.DeliveryBegan(ctx, id, c.delivery, c.user, c.credential); err != nil || began != c.want {
			t.Errorf("%+v: %v %v", c, began, err)
		}
	}
	_, err = s.AddToDelivery(ctx, sender(ada), id, x.ID, piece(0, "ab"))
	must(t, err)
	late := sender(ada)
	late.Standing = func(context.Context) error { return problem.New(problem.Unauthenticated, "revoked") }
	_, err = s.AddToDelivery(ctx, late, id, x.ID, piece(2, "cd"))
	kind(t, err, problem.Unauthenticated)
	if _, err := s.store.File(ctx, id, "a"); !problem.Is(err, problem.Missing) {
		t.Errorf("stored with a revoked credential: %v", err)
	}
	must(t, s.EndDelivery(ctx, sender(root), id, x.ID))
	kind(t, s.EndDelivery(ctx, sender(ada), id, x.ID), problem.Missing)
	s.noFiles(t, id)
}

func TestDeliveryOfSomebodyWhoMayOnlyAdd(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	ctx, id := t.Context(), s.create(t, ada).ID
	adds := ada
	adds.AppendOnly = true
	_, err := s.PutFiles(ctx, ada, id, "", upload.PutOptions{}, body("old", "x"))
	must(t, err)
	_, err = s.BeginDelivery(ctx, sender(adds), id, upload.NewDelivery{Path: "old", Size: 1})
	kind(t, err, problem.Conflict)
	x := s.begin(t, adds, id, upload.NewDelivery{Path: "new", Size: 2})
	_, err = s.PutFiles(ctx, ada, id, "", upload.PutOptions{}, body("new", "first"))
	must(t, err)
	_, err = s.AddToDelivery(ctx, sender(adds), id, x.ID, piece(0, "zz"))
	kind(t, err, problem.Conflict)
	s.reads(t, id, "new", "first")
	_, err = s.SendWhole(ctx, sender(adds), id, upload.NewDelivery{Path: "other", Size: 2}, piece(0, "zz"))
	must(t, err)
	if receipts, n, err := s.Receipts(ctx, adds, upload.ReceiptQuery{Limit: 9}); err != nil || n != 1 || receipts[0].Path != "other" {
		t.Errorf("receipts %+v %v", receipts, err)
	}
	zip := zipped(t, "new", "zz", "more", "zz")
	_, err = s.SendWhole(ctx, sender(adds), id, upload.NewDelivery{Path: "a.zip", Size: int64(len(zip)), Unpack: true}, piece(0, zip))
	kind(t, err, problem.Conflict)
	_, err = s.SendWhole(ctx, sender(ada), id, upload.NewDelivery{Path: "new", Size: 2, KeepExisting: true}, piece(0, "zz"))
	kind(t, err, problem.Conflict)
	s.reads(t, id, "new", "first")
}

// waits is a body that tells that it is read, and ends when it is told to.
type waits struct {
	first  string
	reads  chan struct{}
	ending chan struct{}
}

func (w *waits) Read(p []byte) (int, error) {
	if w.first != "" {
		n := copy(p, w.first)
		w.first = w.first[n:]
		return n, nil
	}
	w.reads <- struct{}{}
	<-w.ending
	return 0, errors.New("deadline")
}

func TestDeliveryHasOneWriter(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	ctx, id := t.Context(), s.create(t, ada).ID
	x := s.begin(t, ada, id, upload.NewDelivery{Path: "a", Size: 4})
	w := &waits{first: "ab", reads: make(chan struct{}, 9), ending: make(chan struct{}, 9)}
	ended := make(chan error, 1)
	go func() {
		_, err := s.AddToDelivery(ctx, sender(ada), id, x.ID, upload.Piece{Body: w, Length: 4, Stop: func() { w.ending <- struct{}{} }})
		ended <- err
	}()
	<-w.reads
	_, err := s.AddToDelivery(ctx, sender(ada), id, x.ID, piece(0, "xxxx"))
	kind(t, err, problem.Locked)

	// Who comes back after the connection broke ends the piece that brings nothing any more.
	s.mu.Lock()
	s.clock = s.clock.Add(time.Minute)
	s.mu.Unlock()
	if at := s.at(t, x); at != 2 {
		t.Errorf("%d bytes", at)
	}
	kind(t, <-ended, problem.BadRequest)
	_, err = s.AddToDelivery(ctx, sender(ada), id, x.ID, piece(2, "cd"))
	must(t, err)
	s.reads(t, id, "a", "abcd")
}

func TestDeliveriesAreForgottenAfterAWeek(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	ctx, id := t.Context(), s.create(t, ada).ID
	old := s.begin(t, ada, id, upload.NewDelivery{Path: "old", Size: 4})
	alive := s.begin(t, ada, id, upload.NewDelivery{Path: "alive", Size: 4})
	done, err := s.SendWhole(ctx, sender(ada), id, upload.NewDelivery{Path: "done", Size: 2}, piece(0, "ab"))
	must(t, err)
	_, err = s.AddToDelivery(ctx, sender(ada), id, old.ID, piece(0, "ab"))
	must(t, err)
	s.later(4 * 24 * time.Hour)
	_, err = s.AddToDelivery(ctx, sender(ada), id, alive.ID, piece(0, "ab"))
	must(t, err)
	s.later(4 * 24 * time.Hour)
	_, err = s.AddToDelivery(ctx, sender(ada), id, old.ID, piece(2, "cd"))
	kind(t, err, problem.Missing)
	must(t, s.PruneDeliveries(ctx))
	if _, err := s.files.OpenStaged(ctx, old.ID); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the bytes of an old delivery: %v", err)
	}
	_, err = s.Delivery(ctx, sender(ada), id, done.ID)
	kind(t, err, problem.Missing)
	s.reads(t, id, "done", "ab")
	_, err = s.AddToDelivery(ctx, sender(ada), id, alive.ID, piece(2, "cd"))
	must(t, err)
	s.reads(t, id, "alive", "abcd")
}

func (s *shelf) later(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.clock = s.clock.Add(d)
}

func TestDeletedUploadTakesItsDeliveriesAlong(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	ctx, id := t.Context(), s.create(t, ada).ID
	x := s.begin(t, ada, id, upload.NewDelivery{Path: "a", Size: 4})
	_, err := s.AddToDelivery(ctx, sender(ada), id, x.ID, piece(0, "ab"))
	must(t, err)
	_, err = s.Delete(ctx, ada, id)
	must(t, err)
	if _, err := s.store.Delivery(ctx, x.ID); !problem.Is(err, problem.Missing) {
		t.Errorf("row: %v", err)
	}
	if _, err := s.files.OpenStaged(ctx, x.ID); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("body: %v", err)
	}
}

func TestLostPartBeginsAnew(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	ctx, id := t.Context(), s.create(t, ada).ID
	x := s.begin(t, ada, id, upload.NewDelivery{Path: "a", Size: 4})
	_, err := s.AddToDelivery(ctx, sender(ada), id, x.ID, piece(0, "ab"))
	must(t, err)
	must(t, s.files.Discard(ctx, x.ID))
	_, err = s.AddToDelivery(ctx, sender(ada), id, x.ID, piece(2, "cd"))
	kind(t, err, problem.Conflict)
	if at := s.at(t, x); at != 0 {
		t.Errorf("goes on at %d", at)
	}
	_, err = s.AddToDelivery(ctx, sender(ada), id, x.ID, piece(0, "abcd"))
	must(t, err)
	s.reads(t, id, "a", "abcd")
}

// TestPieceIsKeptWhileItComes holds with the clock of the test what is on the disk
// while a long piece comes in.
func TestPieceIsKeptWhileItComes(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	ctx, id := t.Context(), s.create(t, ada).ID
	x := s.begin(t, ada, id, upload.NewDelivery{Path: "a", Size: 6})
	asked := 0
	by := sender(ada)
	by.Standing = func(context.Context) error { asked++; return nil }
	var at []int64
	r := readerFunc(func(p []byte) (int, error) {
		s.later(5 * time.Second)
		row, err := s.store.Delivery(ctx, x.ID)
		must(t, err)
		at = append(at, row.Progress.Size)
		return copy(p, "ab"), nil
	})
	_, err := s.AddToDelivery(ctx, by, id, x.ID, upload.Piece{Body: r, Length: 6})
	must(t, err)
	if !slices.Equal(at, []int64{0, 2, 4}) || asked != 3 {
		t.Errorf("kept %v, asked %d times", at, asked)
	}
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

func TestDeliveryThatIsBeyondTheRoomIsRefusedBeforeItIsSent(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	s.limits.Room = upload.Room{User: 5}
	ctx, id := t.Context(), s.create(t, ada).ID
	_, err := s.BeginDelivery(ctx, sender(ada), id, upload.NewDelivery{Path: "a", Size: 6})
	kind(t, err, problem.StorageFull)
	one, two := s.begin(t, ada, id, upload.NewDelivery{Path: "a", Size: 5}), s.begin(t, ada, id, upload.NewDelivery{Path: "b", Size: 5})
	_, err = s.AddToDelivery(ctx, sender(ada), id, one.ID, piece(0, "12345"))
	must(t, err)
	_, err = s.AddToDelivery(ctx, sender(ada), id, two.ID, piece(0, "12345"))
	kind(t, err, problem.StorageFull)
	s.has(t, id, "a=12345")
}
