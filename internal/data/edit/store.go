package edit

import (
	"context"
	"encoding/json"
	"time"

	"oasis/internal/data/upload"
)

// Store keeps what is edited.
type Store interface {
	// Upload gives one upload, or NotFound.
	Upload(ctx context.Context, id string) (upload.Upload, error)
	// InTx runs fn in one transaction and commits it durably unless fn or the commit fails.
	InTx(ctx context.Context, fn func(Tx) error) error
}

// Tx is what an edit does inside a transaction.
type Tx interface {
	// Upload gives one upload and locks it until the transaction ends; NotFound when there is none.
	Upload(ctx context.Context, id string) (upload.Upload, error)
	// SaveUpload is that of upload.Tx.
	SaveUpload(ctx context.Context, u upload.Upload) error
	// SetProcess writes the process fields, nothing else.
	SetProcess(ctx context.Context, uploadID string, p upload.Process) error
	// Targets gives the next page of the selected entries of an upload, ordered by main file and id.
	Targets(ctx context.Context, uploadID string, s Selection) ([]Target, error)
	// SaveEdits writes the edits of entries of an upload and puts them into the search feed.
	SaveEdits(ctx context.Context, uploadID string, entries []Target) error
}

// Selection chooses entries of one upload.
type Selection struct {
	// IDs and Mainfiles restrict to entries that one of them names; both nil = all entries.
	IDs, Mainfiles []string
	// After is the last entry of the page before.
	After Target
	Limit int
}

// Target is an entry as far as an edit reads and writes it.
type Target struct {
	EntryID, Mainfile string
	CreateTime        time.Time
	// Document is what processing made of it, as in entry.Entry; SaveEdits does not write it.
	Document json.RawMessage
	// Edits are those of entry.Entry.
	Edits    json.RawMessage
	LastEdit time.Time
}
