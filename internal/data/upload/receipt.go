package upload

import (
	"context"
	"fmt"
	"time"
)

// Receipt says that a file of a depositor was stored. It stays when the file goes.
type Receipt struct {
	// Depositor is the account whose token sent it, Owner the main author then.
	Depositor, Owner string
	UploadID, Path   string
	Size             int64
	SHA256           string
	Time             time.Time
}

// ReceiptQuery selects and pages the receipts of one depositor, oldest first. Empty members do not restrict.
type ReceiptQuery struct {
	Depositor string
	UploadID  string
	// SHA256 are digests in lower-case hex.
	SHA256 []string
	// Uploads, when not nil, are the only uploads that count (a token restriction).
	Uploads       []string
	Offset, Limit int
}

// Receipts gives a page of what the tokens of the viewer's account that only add
// have stored, and the total. It is all that such a token learns of its files.
func (s *Service) Receipts(ctx context.Context, v Viewer, q ReceiptQuery) ([]Receipt, int, error) {
	q.Depositor, q.Uploads = v.UserID, v.Uploads
	return s.store.Receipts(ctx, q)
}

// acknowledge stores the receipts of what arrived from a token that only adds, in
// the transaction that stores the files.
func (s *Service) acknowledge(ctx context.Context, tx Tx, v Viewer, u *Upload, a *arrival) error {
	if !v.AppendOnly || len(a.files) == 0 {
		return nil
	}
	now := s.now().UTC().Truncate(time.Microsecond) // as it is stored: signed again later it is the same
	last := make(map[string]int, len(a.files))
	for i := range a.files {
		last[a.files[i].Path] = i
	}
	a.receipts = a.receipts[:0] // a transaction may be tried again
	for i := range a.files {
		if f := &a.files[i]; last[f.Path] == i { // of two with one path the later is stored
			a.receipts = append(a.receipts, Receipt{
				Depositor: v.UserID, Owner: u.MainAuthor, UploadID: u.ID, Path: f.Path, Size: f.Size, SHA256: f.SHA256, Time: now,
			})
		}
	}
	if err := tx.AddReceipts(ctx, a.receipts); err != nil {
		return fmt.Errorf("store receipts: %w", err)
	}
	return nil
}

// hand gives the receipts to whoever asked for them, once all is committed.
func (a *arrival) hand(in Incoming) {
	if in.Stored != nil && len(a.receipts) > 0 {
		in.Stored(a.receipts)
	}
}
