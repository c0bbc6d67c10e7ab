package upload

import (
	"context"
	"encoding/hex"
	"fmt"
	"slices"
	"time"

	"oasis/internal/problem"
)

// Delivery is a file that comes into an upload in as many pieces as it takes.
//
// It is decided when it begins, and carries its own right to finish: whoever began
// it may go on with the credential it began with, even when that has run out since.
// Only what somebody does on purpose ends it: revoking the credential, disabling
// the account, taking away the role. The bytes are a staged body that grows; how
// much of it is durable stands in the row. With the last piece it is committed like
// any other file, and the row is kept for a while to say so.
type Delivery struct {
	// ID is also the name of the staged body.
	ID       string
	UploadID string
	// UserID and Credential are who began it, and with what.
	UserID     string
	Credential string
	// Path of the file in the upload; the folder to unpack into is the one it is in.
	Path string
	// Size of the whole file.
	Size int64
	// SHA256 that the whole file must have, 64 hex digits; "" = not told.
	SHA256 string
	// Unpack unpacks an archive instead of storing it.
	Unpack bool
	// KeepExisting refuses a path that is taken.
	KeepExisting bool
	// Hold leaves the upload unprocessed.
	Hold    bool
	Created time.Time
	// Expires is when it is forgotten unless something happens before.
	Expires time.Time
	// Finished is when the file was committed; zero = not yet.
	Finished time.Time
	// Progress is never the whole file before it is committed.
	Progress Progress
}

// Received tells how many bytes need not be sent again.
func (t *Delivery) Received() int64 {
	if !t.Finished.IsZero() {
		return t.Size
	}
	return t.Progress.Size
}

// How long deliveries are remembered.
const (
	// DeliveryLife is how long a cut one waits to be taken up again (decisions 21).
	DeliveryLife = 7 * 24 * time.Hour
	// finishedLife is how long one that is done can be asked for: by a client that has not
	// heard the last answer.
	finishedLife = 24 * time.Hour
)

// mostDeliveries is how many unfinished ones a user may have.
const mostDeliveries = 10_000

// Sender is who sends a delivery.
type Sender struct {
	Viewer
	// Credential names what the request came with.
	Credential string
	// Standing asks again whether the sender may still do this; nil = nobody can tell. It is
	// asked while bytes come in, because that may take days.
	Standing func(context.Context) error
}

func (s *Sender) stands(ctx context.Context) error {
	if s.Standing == nil {
		return nil
	}
	return s.Standing(ctx)
}

// owns tells whether the sender may go on with a delivery.
func (s *Sender) owns(t *Delivery) bool {
	return s.UserID != "" && s.UserID == t.UserID
}

// noDelivery is the refusal for a delivery that is not there, or not the sender's.
func noDelivery() *problem.Error {
	return problem.NotFound("There is no such delivery; it was finished or ended long ago, or its time is over. Begin anew.")
}

// NewDelivery describes a file that is to come.
type NewDelivery struct {
	Path         string
	Size         int64
	SHA256       string
	Unpack       bool
	KeepExisting bool
	Trigger
}

// MostBytes is the largest file that is taken in, 0 = no limit.
func (s *Service) MostBytes() int64 { return s.limits().FileBytes }

// MayDelivery tells whether the sender may add files to an upload at all.
func (s *Service) MayDelivery(ctx context.Context, v Viewer, uploadID string) error {
	_, err := s.allowed(ctx, v, uploadID, ChangeFiles)
	return err
}

// BeginDelivery announces a file. One without bytes is finished at once. Refusals are
// those that the last piece would meet, as far as they can be known now.
func (s *Service) BeginDelivery(ctx context.Context, by Sender, uploadID string, n NewDelivery) (Delivery, error) {
	t, err := s.announced(ctx, by, uploadID, n)
	if err != nil {
		return Delivery{}, err
	}
	if t.Size == 0 {
		return s.takeWhole(ctx, by, t, Piece{})
	}
	err = s.store.InTx(ctx, func(tx Tx) error {
		if err := s.allowedInTx(ctx, tx, by.Viewer, uploadID, ChangeFiles); err != nil {
			return err
		}
		return insertDelivery(ctx, tx, t)
	})
	return t, err
}

func insertDelivery(ctx context.Context, tx Tx, t Delivery) error {
	n, err := tx.CountDeliveries(ctx, t.UserID)
	if err != nil {
		return fmt.Errorf("count deliveries: %w", err)
	}
	if n >= mostDeliveries {
		return problem.New(problem.TooMany, "You have %d unfinished deliveries. Finish some of them, or end them.", n)
	}
	if err := tx.InsertDelivery(ctx, t); err != nil {
		return fmt.Errorf("store delivery: %w", err)
	}
	return nil
}

// announced checks what can be checked before the first byte.
func (s *Service) announced(ctx context.Context, by Sender, uploadID string, n NewDelivery) (Delivery, error) {
	u, err := s.allowed(ctx, by.Viewer, uploadID, ChangeFiles)
	if err != nil {
		return Delivery{}, err
	}
	clean, err := SafePath(n.Path)
	if err == nil && clean == "" {
		err = problem.Bad("The delivery needs the path of a file.")
	}
	if err == nil {
		err = newPath("Bad path provided", clean)
	}
	if err != nil {
		return Delivery{}, err
	}
	if sum, err := hex.DecodeString(n.SHA256); err != nil || n.SHA256 != "" && len(sum) != 32 {
		return Delivery{}, problem.Bad("The SHA-256 of the file has to be 64 hexadecimal digits.")
	}
	if most := s.limits().FileBytes; most > 0 && n.Size > most {
		return Delivery{}, problem.New(problem.TooLarge, "The file has more than the %d bytes that are allowed here.", most)
	}
	room, err := s.roomFor(ctx, payer(u.MainAuthor, by.DepositFor != nil), u.Bytes)
	if err != nil {
		return Delivery{}, err
	}
	if room.limited && n.Size > room.bytes {
		return Delivery{}, room.refusal
	}
	if (by.AppendOnly || n.KeepExisting) && !n.Unpack {
		if err := s.refuseTaken(ctx, by.Viewer, uploadID, clean); err != nil {
			return Delivery{}, err
		}
	}
	now := s.now().UTC()
	return Delivery{
		ID: NewName(), UploadID: uploadID, UserID: by.UserID, Credential: by.Credential, Path: clean, Size: n.Size, SHA256: n.SHA256,
		Unpack: n.Unpack, KeepExisting: n.KeepExisting, Hold: n.Hold, Created: now, Expires: now.Add(DeliveryLife),
	}, nil
}

// refuseTaken spares the sender the bytes of a file that could not be stored.
func (s *Service) refuseTaken(ctx context.Context, v Viewer, uploadID, path string) error {
	_, err := s.store.File(ctx, uploadID, path)
	switch {
	case problem.Is(err, problem.Missing):
		return nil
	case err != nil:
		return fmt.Errorf("look up file: %w", err)
	case v.AppendOnly:
		return problem.Clash("There is a file %q already. This token may only add new files, so nothing was stored.", path)
	default:
		return problem.Clash("The provided path already exists and overwrite_if_exists is set to False.")
	}
}

// Delivery gives a delivery to who began it.
func (s *Service) Delivery(ctx context.Context, by Sender, uploadID, id string) (Delivery, error) {
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
	s.sending.wakeStalled(ctx, t.ID, s.now)
	return s.delivery(ctx, uploadID, id)
}

// DeliveryBegan tells whether a delivery was begun by a user with a credential.
func (s *Service) DeliveryBegan(ctx context.Context, uploadID, id, userID, credential string) (bool, error) {
	t, err := s.delivery(ctx, uploadID, id)
	if problem.Is(err, problem.Missing) {
		return false, nil
	}
	return err == nil && t.UserID == userID && t.Credential == credential, err
}

// delivery reads a row that still counts.
func (s *Service) delivery(ctx context.Context, uploadID, id string) (Delivery, error) {
	t, err := s.store.Delivery(ctx, id)
	switch {
	case problem.Is(err, problem.Missing), err == nil && (t.UploadID != uploadID || t.Expires.Before(s.now())):
		return Delivery{}, noDelivery()
	case err != nil:
		return Delivery{}, fmt.Errorf("read delivery: %w", err)
	}
	return t, nil
}

// Deliveries lists what is on its way into an upload, the newest first: all of it for
// main author and administrators, and for others what they send themselves.
func (s *Service) Deliveries(ctx context.Context, v Viewer, uploadID string) ([]Delivery, error) {
	u, err := s.allowed(ctx, v, uploadID, ChangeFiles)
	if err != nil {
		return nil, err
	}
	all, err := s.store.ListDeliveries(ctx, uploadID, s.now())
	if err != nil {
		return nil, fmt.Errorf("list deliveries: %w", err)
	}
	if RoleOf(&u, v) >= MainAuthor {
		return all, nil
	}
	return slices.DeleteFunc(all, func(t Delivery) bool { return t.UserID != v.UserID }), nil
}

// EndDelivery drops a delivery with all its bytes: the sender's own, and any for main
// author and administrators. The file of a finished one stays.
func (s *Service) EndDelivery(ctx context.Context, by Sender, uploadID, id string) error {
	u, err := s.allowed(ctx, by.Viewer, uploadID, ChangeFiles)
	if err != nil {
		return err
	}
	t, err := s.delivery(ctx, uploadID, id)
	if err != nil {
		return err
	}
	if !by.owns(&t) && (by.AppendOnly || RoleOf(&u, by.Viewer) < MainAuthor) {
		return noDelivery()
	}
	return s.dropDelivery(ctx, id)
}

// dropDelivery forgets a delivery and its bytes; who is sending it meanwhile finds out.
func (s *Service) dropDelivery(ctx context.Context, id string) error {
	unfinished, err := s.store.DeleteDelivery(ctx, id)
	if err != nil {
		return fmt.Errorf("delete delivery: %w", err)
	}
	s.sending.interrupt(id)
	if !unfinished {
		return nil // the body belongs to a committed file now
	}
	return s.files.Discard(context.WithoutCancel(ctx), id) // what cannot be removed now the next start sweeps
}

// PruneDeliveries forgets deliveries whose time is over. The server calls it now and then.
func (s *Service) PruneDeliveries(ctx context.Context) error {
	unfinished, err := s.store.PruneDeliveries(ctx, s.now())
	if err != nil {
		return fmt.Errorf("delete old deliveries: %w", err)
	}
	if err := s.files.Discard(ctx, unfinished...); err != nil {
		return fmt.Errorf("remove the bodies of old deliveries: %w", err)
	}
	return nil
}
