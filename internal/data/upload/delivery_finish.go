package upload

import (
	"context"
	"errors"
	"fmt"
	"path"

	"oasis/internal/data/upload/unpack"
	"oasis/internal/problem"
)

// finishDelivery commits the file, or what is in it; otherwise the staged body goes.
// begun tells that there is a row of the delivery already.
func (s *Service) finishDelivery(ctx context.Context, by Sender, t Delivery, staged Staged, begun bool) (_ Delivery, err error) {
	var arrived *arrival
	defer func() {
		if arrived != nil && arrived.unpacked {
			arrived.discard(ctx) // the members
		}
		if arrived == nil || !arrived.kept || arrived.unpacked {
			_ = s.files.Discard(context.WithoutCancel(ctx), staged.Name) // the next start sweeps what stays
		}
	}()
	if t.SHA256 != "" && t.SHA256 != staged.SHA256 {
		other := problem.New(problem.BadChecksum, "The file arrived with the SHA-256 %s, but was announced with %s. Nothing of it was stored: send it again.",
			staged.SHA256, t.SHA256)
		return Delivery{}, errors.Join(other, s.dropDelivery(context.WithoutCancel(ctx), t.ID))
	}
	if err := by.stands(ctx); err != nil {
		return Delivery{}, err
	}
	if arrived, err = s.arrivedBy(ctx, &t, staged); err != nil {
		return Delivery{}, err
	}
	arrived.deposit = by.DepositFor != nil
	t.Finished = s.now().UTC()
	t.Expires = t.Finished.Add(finishedLife)
	release, err := s.hold(ctx, t.UploadID)
	if err != nil {
		return Delivery{}, err
	}
	defer release()
	if t.KeepExisting {
		if err := s.refuseExisting(ctx, t.UploadID, arrived); err != nil {
			return Delivery{}, err
		}
	}
	err = s.commit(ctx, t.UploadID, arrived, func(tx Tx) error {
		if err := s.allowedInTx(ctx, tx, by.Viewer, t.UploadID, ChangeFiles); err != nil {
			return err
		}
		if err := appends(ctx, tx, by.Viewer, t.UploadID, arrived); err != nil {
			return err
		}
		if by.AppendOnly {
			u, err := tx.Upload(ctx, t.UploadID)
			if err != nil {
				return fmt.Errorf("read upload: %w", err)
			}
			if err := s.acknowledge(ctx, tx, by.Viewer, &u, arrived); err != nil {
				return err
			}
		}
		if err := endRow(ctx, tx, t, begun); err != nil {
			return err
		}
		return s.after(ctx, tx, t.UploadID, Trigger{Hold: t.Hold})
	})
	return t, err
}

// arrivedBy makes what a delivery has brought what a request would have brought.
func (s *Service) arrivedBy(ctx context.Context, t *Delivery, staged Staged) (*arrival, error) {
	a := &arrival{service: s, parts: 1}
	dir, name := path.Split(t.Path)
	dir = path.Clean(dir)
	if dir == "." {
		dir = ""
	}
	if t.Unpack {
		kind, err := s.kindOf(ctx, name, staged)
		if err != nil {
			return nil, err
		}
		if kind != unpack.None {
			a.unpacked = true
			if err := s.unpackStaged(ctx, a, dir, kind, staged); err != nil {
				a.discard(ctx)
				return nil, err
			}
			return a, a.settle(ctx)
		}
	}
	a.add(File{Path: t.Path, Size: staged.Size, SHA256: staged.SHA256, CRC32: staged.CRC32, ModTime: s.now().UTC()}, staged.Name)
	if staged.Body != nil {
		a.bodies = map[string][]byte{staged.Name: staged.Body}
	}
	a.plain = []string{t.Path}
	return a, nil
}

// endRow stores the end of a delivery in the transaction that commits its file.
func endRow(ctx context.Context, tx Tx, t Delivery, begun bool) error {
	if !begun {
		return insertDelivery(ctx, tx, t)
	}
	err := tx.FinishDelivery(ctx, t.ID, t.Finished, t.Expires)
	switch {
	case problem.Is(err, problem.Missing):
		return noDelivery()
	case err != nil:
		return fmt.Errorf("store the end of a delivery: %w", err)
	}
	return nil
}
