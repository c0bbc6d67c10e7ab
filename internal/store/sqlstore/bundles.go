package sqlstore

import (
	"context"
	"fmt"

	"oasis/internal/data/edit"
	"oasis/internal/data/entry"
	"oasis/internal/data/upload"
)

// PutEntries fits bundle.Tx: entries of a new upload, with what people said about them.
func (t uploadTx) PutEntries(ctx context.Context, uploadID string, entries []entry.Entry) error {
	if err := t.changeEntries(ctx, uploadID, entries, nil); err != nil {
		return err
	}
	var edited []edit.Target
	for i := range entries {
		if e := &entries[i]; len(e.Edits) > 0 || !e.LastEdit.IsZero() {
			edited = append(edited, edit.Target{EntryID: e.ID, CreateTime: e.CreateTime, Edits: e.Edits, LastEdit: e.LastEdit})
		}
	}
	return editTx{t}.SaveEdits(ctx, uploadID, edited)
}

// AddPublishedTo notes a server that an upload was sent to, once.
func (t uploadTx) AddPublishedTo(ctx context.Context, uploadID, address string) error {
	u, err := t.Upload(ctx, uploadID)
	if err != nil {
		return err
	}
	for _, known := range u.PublishedTo {
		if known == address {
			return nil
		}
	}
	n, err := affected(t.ExecContext(ctx, `update uploads set published_to = $1 where id = $2`, array(append(u.PublishedTo, address)), uploadID))
	if err == nil && n == 0 {
		return upload.NotFound()
	}
	if err != nil {
		return fmt.Errorf("note where the upload was sent: %w", err)
	}
	return nil
}
