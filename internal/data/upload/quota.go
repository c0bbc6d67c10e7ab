package upload

import (
	"context"
	"fmt"

	"oasis/internal/problem"
)

// Room is how many bytes raw files may take; 0 = no limit.
type Room struct {
	// User is for all uploads of one main author together.
	User int64
	// Whole is for all uploads.
	Whole int64
}

// BytesCounter sums up raw files.
type BytesCounter interface {
	// BytesOf gives the bytes of the raw files of all uploads of a main author, or with "" of everybody.
	BytesOf(ctx context.Context, userID string) (int64, error)
}

// room is what a request may bring before anybody has to look closer.
type room struct {
	limited bool
	bytes   int64
	// refusal says whose limit it is.
	refusal error
}

// roomFor tells how much a main author may add by one request, so that nobody sends
// gigabytes for nothing; the transaction decides. Up to replaceable bytes may make
// room for themselves, because files are replaced.
func (s *Service) roomFor(ctx context.Context, mainAuthor string, replaceable int64) (room, error) {
	var r room
	err := s.eachLimit(mainAuthor, func(userID string, limit int64, refusal error) error {
		used, err := s.store.BytesOf(ctx, userID)
		if err != nil {
			return fmt.Errorf("sum up files: %w", err)
		}
		if left := max(0, limit-used) + replaceable; !r.limited || left < r.bytes {
			r = room{limited: true, bytes: left, refusal: refusal}
		}
		return nil
	})
	return r, err
}

// payer gives whose limit holds, "" = nobody's: what is deposited for somebody is
// taken in although they have no room left, because nobody is there at night to make some.
func payer(mainAuthor string, deposit bool) string {
	if deposit {
		return ""
	}
	return mainAuthor
}

// eachLimit goes through the limits that are set; userID "" stands for everybody.
// Without a main author only the limit of the whole counts.
func (s *Service) eachLimit(mainAuthor string, check func(userID string, limit int64, refusal error) error) error {
	limits := s.limits().Room
	if limits.User > 0 && mainAuthor != "" {
		err := check(mainAuthor, limits.User, problem.New(problem.StorageFull,
			"The uploads of one main author may hold %s together, and this does not fit any more. Nothing of it was stored. "+
				"Delete what is not needed, or ask the administrator for more room.", sizeText(limits.User)))
		if err != nil {
			return err
		}
	}
	if limits.Whole > 0 {
		return check("", limits.Whole, problem.New(problem.StorageFull,
			"All uploads of this Oasis may hold %s together, and this does not fit any more. Nothing of it was stored. "+
				"Ask the administrator for more room.", sizeText(limits.Whole)))
	}
	return nil
}

// cut is what a body may have at most, with the refusal of one that has more; nil = that of the limit itself.
func (r *room) cut(received, limit int64) (int64, error) {
	if !r.limited {
		return limit, nil
	}
	if left := max(0, r.bytes-received); limit < 0 || left < limit {
		return left, r.refusal
	}
	return limit, nil
}

// putWithinRoom stores the rows of files unless that makes an upload larger and a
// limit is exceeded then.
func (s *Service) putWithinRoom(ctx context.Context, tx Tx, uploadID string, a *arrival) error {
	if s.limits().Room == (Room{}) {
		return tx.PutFiles(ctx, uploadID, a.files)
	}
	before, err := tx.Upload(ctx, uploadID)
	if err != nil {
		return fmt.Errorf("read upload: %w", err)
	}
	if err := tx.PutFiles(ctx, uploadID, a.files); err != nil {
		return err
	}
	after, err := tx.Upload(ctx, uploadID)
	if err != nil {
		return fmt.Errorf("read upload: %w", err)
	}
	if after.Bytes <= before.Bytes {
		return nil
	}
	return s.eachLimit(payer(after.MainAuthor, a.deposit), func(userID string, limit int64, refusal error) error {
		used, err := tx.BytesOf(ctx, userID)
		if err != nil {
			return fmt.Errorf("sum up files: %w", err)
		}
		if used > limit {
			return refusal
		}
		return nil
	})
}

// sizeText writes a number of bytes for people.
func sizeText(n int64) string {
	value, unit := float64(n), "bytes"
	for _, larger := range []string{"KiB", "MiB", "GiB", "TiB"} {
		if value < 1024 {
			break
		}
		value, unit = value/1024, larger
	}
	return fmt.Sprintf("%.4g %s", value, unit)
}
