package upload

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"time"

	"oasis/internal/problem"
)

// Piece is a part of a file that is sent.
type Piece struct {
	// Offset is how much of the file the sender believes to be here.
	Offset int64
	Body   io.Reader
	// Length of the body, -1 = not told.
	Length int64
	// Check, when not nil, sums up the body, which counts only if the sum is Sum.
	Check hash.Hash
	Sum   []byte
	// Stop makes a read of the body that waits return soon; it may be called at any time.
	Stop func()
}

const (
	// keepEvery is after how many bytes, or how long, what has come is made durable: so much is
	// sent again after the server died. What a cut connection brought is kept always.
	keepEvery     = 64 << 20
	keepEveryTime = 3 * time.Second
	// pieceBuffer is what is written at once; gatherFor is how long a slow sender may take to fill it.
	pieceBuffer = 512 << 10
	gatherFor   = 500 * time.Millisecond
	// wholeAtOnce is up to which size a file that comes whole with its announcement goes the short way.
	wholeAtOnce = 1 << 20
)

// SendWhole announces a file and takes its first piece. A small file that is whole
// is stored like that of a PUT; when that fails, nothing is left of it.
func (s *Service) SendWhole(ctx context.Context, by Sender, uploadID string, n NewDelivery, p Piece) (Delivery, error) {
	if p.Length == n.Size && n.Size <= wholeAtOnce {
		t, err := s.announced(ctx, by, uploadID, n)
		if err != nil {
			return Delivery{}, err
		}
		return s.takeWhole(ctx, by, t, p)
	}
	t, err := s.BeginDelivery(ctx, by, uploadID, n)
	if err != nil {
		return Delivery{}, err
	}
	added, err := s.AddToDelivery(ctx, by, uploadID, t.ID, p)
	if err != nil && added.ID == "" && ctx.Err() == nil {
		// It has no address yet, so nobody can go on with it.
		err = errors.Join(err, s.dropDelivery(context.WithoutCancel(ctx), t.ID))
	}
	return added, err
}

// takeWhole stores a file that comes in one small piece.
func (s *Service) takeWhole(ctx context.Context, by Sender, t Delivery, p Piece) (Delivery, error) {
	body := p.Body
	if body == nil {
		body = bytes.NewReader(nil)
	}
	if p.Check != nil {
		body = io.TeeReader(body, p.Check)
	}
	staged, err := s.files.Stage(ctx, io.LimitReader(body, t.Size), -1)
	if err != nil {
		return Delivery{}, fmt.Errorf("store body: %w", err)
	}
	switch {
	case staged.Size < t.Size:
		err = brokenBody(io.ErrUnexpectedEOF)
	case p.Check != nil && !bytes.Equal(p.Check.Sum(nil), p.Sum):
		err = otherPiece()
	default:
		return s.finishDelivery(ctx, by, t, staged, false)
	}
	return Delivery{}, errors.Join(err, s.files.Discard(context.WithoutCancel(ctx), staged.Name))
}

func otherPiece() *problem.Error {
	return problem.New(problem.BadChecksum, "The piece does not have the checksum it was announced with; it was not kept. Send it again.")
}

// AddToDelivery takes a piece of a file; with the last one the file is stored. What a
// piece that breaks off has brought is kept, unless it has a checksum.
func (s *Service) AddToDelivery(ctx context.Context, by Sender, uploadID, id string, p Piece) (_ Delivery, err error) {
	if _, err := s.allowed(ctx, by.Viewer, uploadID, ChangeFiles); err != nil {
		return Delivery{}, err
	}
	t, err := s.delivery(ctx, uploadID, id)
	if err != nil {
		return Delivery{}, err
	}
	if !by.owns(&t) {
		return Delivery{}, noDelivery()
	}
	me, err := s.sending.enter(ctx, id, p.Stop, s.now)
	if err != nil {
		return Delivery{}, err
	}
	defer s.sending.leave(id, me)
	if t, err = s.delivery(ctx, uploadID, id); err != nil { // somebody may have added to it meanwhile
		return Delivery{}, err
	}
	left := t.Size - t.Received()
	switch {
	case p.Offset != t.Received():
		return Delivery{}, problem.Clash("The delivery has %d bytes, and this piece begins at %d. Ask how far it is, and go on from there.", t.Received(), p.Offset)
	case p.Length > left:
		return Delivery{}, problem.New(problem.TooLarge, "The file has %d bytes by its announcement; this piece would make it longer.", t.Size)
	case left == 0:
		return t, nil
	}
	g, err := s.files.Grow(ctx, id, t.Progress)
	switch {
	case errors.Is(err, ErrBusy):
		return Delivery{}, busyDelivery()
	case errors.Is(err, fs.ErrNotExist):
		return Delivery{}, s.beginAnew(ctx, t, err)
	case err != nil:
		return Delivery{}, err
	}
	defer func() { _ = g.Close() }() // not before the commit: until then nobody else may have it
	f := filling{service: s, by: &by, t: t, piece: &p, me: me, body: g, kept: s.now()}
	err = f.fill(ctx)
	if err == nil && f.whole() {
		f.t, err = f.finish(ctx)
	}
	if problem.Is(err, problem.Missing) { // somebody has ended it
		_ = s.files.Discard(context.WithoutCancel(ctx), id) // the next start sweeps what stays
	}
	return f.t, err
}

// finish commits the file. The bytes stay under the name of the delivery until that
// is done, so that the sender can try again.
func (f *filling) finish(ctx context.Context) (Delivery, error) {
	staged, err := f.body.Finish(context.WithoutCancel(ctx))
	if errors.Is(err, fs.ErrNotExist) {
		return Delivery{}, noDelivery().Because(err)
	}
	if err != nil {
		return Delivery{}, err
	}
	done, err := f.service.finishDelivery(ctx, *f.by, f.t, staged, true)
	if err == nil {
		_ = f.service.files.Discard(context.WithoutCancel(ctx), f.t.ID) // the next start sweeps what stays
	}
	return done, err
}

// beginAnew is for a delivery whose bytes are lost: it goes on from the start.
func (s *Service) beginAnew(ctx context.Context, t Delivery, cause error) error {
	if err := s.store.SaveDelivery(ctx, t.ID, t.Progress.Size, Progress{}, s.now().Add(DeliveryLife)); err != nil {
		return errors.Join(cause, err)
	}
	return problem.Clash("What was here of the file is lost. Send it from its beginning.").Because(cause)
}

// filling adds one piece to a body.
type filling struct {
	service *Service
	by      *Sender
	t       Delivery
	piece   *Piece
	me      *sender
	body    Growing
	// written is what the piece has brought, and unkept what of it is not durable.
	written, unkept int64
	kept            time.Time
}

// whole tells whether all bytes of the file are written.
func (f *filling) whole() bool { return f.t.Progress.Size+f.unkept == f.t.Size }

// fill reads the piece to its end, or to that of the file. The last bytes of the
// file do not count before it is committed.
func (f *filling) fill(ctx context.Context) error {
	buffer, _ := f.service.buffers.Get().(*[pieceBuffer]byte)
	if buffer == nil {
		buffer = new([pieceBuffer]byte)
	}
	defer f.service.buffers.Put(buffer)
	var broken error
	for broken == nil && !f.whole() {
		left := f.t.Size - f.t.Progress.Size - f.unkept
		n, err := f.gather(buffer[:min(pieceBuffer, left)])
		broken = err
		if n > 0 {
			if _, err := f.body.Write(buffer[:n]); err != nil {
				return err
			}
			if f.piece.Check != nil {
				f.piece.Check.Write(buffer[:n])
			}
			f.written += int64(n)
			f.unkept += int64(n)
		}
		if err := f.keepNowAndThen(ctx); err != nil {
			return err
		}
	}
	if errors.Is(broken, io.EOF) {
		broken = nil
		if f.piece.Length >= 0 && f.written < f.piece.Length {
			broken = io.ErrUnexpectedEOF
		}
	}
	if broken == nil && f.whole() {
		broken = f.excess()
	}
	if f.piece.Check != nil {
		if broken != nil {
			return brokenBody(broken)
		}
		if !bytes.Equal(f.piece.Check.Sum(nil), f.piece.Sum) {
			return otherPiece()
		}
	}
	ctx = context.WithoutCancel(ctx) // a sender who is gone will come back for this
	if broken != nil && !f.whole() {
		return errors.Join(brokenBody(broken), f.keep(ctx))
	}
	if f.whole() {
		return nil
	}
	return f.keep(ctx)
}

// gather reads until p is full or some time has passed.
func (f *filling) gather(p []byte) (n int, err error) {
	began := f.service.now()
	for n < len(p) {
		m, err := f.piece.Body.Read(p[n:])
		n += m
		now := f.service.now()
		if m > 0 && !f.me.hear(now) && err == nil {
			err = errInterrupted
		}
		if err != nil {
			return n, err
		}
		if now.Sub(began) > gatherFor {
			break
		}
	}
	return n, nil
}

var errInterrupted = errors.New("the sender has come back, or the delivery was ended")

// excess refuses bytes beyond the end of the file.
func (f *filling) excess() error {
	if f.piece.Length >= 0 {
		return nil // known to fit
	}
	var one [1]byte
	if n, _ := io.ReadFull(f.piece.Body, one[:]); n > 0 {
		return problem.New(problem.TooLarge, "The file has %d bytes by its announcement; this piece would make it longer.", f.t.Size)
	}
	return nil
}

// keepNowAndThen makes what has come durable once it is worth it, and asks whether
// the sender may still go on. A piece with a checksum counts as a whole or not at all.
func (f *filling) keepNowAndThen(ctx context.Context) error {
	now := f.service.now()
	if f.unkept < keepEvery && now.Sub(f.kept) < keepEveryTime || f.whole() {
		return nil
	}
	f.kept = now
	if err := f.by.stands(ctx); err != nil {
		return err
	}
	if f.piece.Check != nil {
		return nil
	}
	return f.keep(context.WithoutCancel(ctx))
}

// keep makes what has come durable and stores how much that is.
func (f *filling) keep(ctx context.Context) error {
	if f.unkept == 0 {
		return nil
	}
	progress, err := f.body.Sync(ctx)
	if err != nil {
		return err
	}
	expires := f.service.now().UTC().Add(DeliveryLife)
	if err := f.service.store.SaveDelivery(ctx, f.t.ID, f.t.Progress.Size, progress, expires); err != nil {
		if problem.Is(err, problem.Missing) {
			return noDelivery()
		}
		return fmt.Errorf("store how far the delivery is: %w", err)
	}
	f.t.Progress, f.t.Expires, f.unkept = progress, expires, 0
	return nil
}
