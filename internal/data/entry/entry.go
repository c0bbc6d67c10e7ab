// Package entry holds what an entry is and the use cases that read entries:
// search, one entry, its archive.
//
// An entry is what processing makes of one main file of an upload.
package entry

import (
	"encoding/json"
	"time"

	"oasis/internal/data/upload"
)

// Entry is the stored record of an entry (spec uploads.md §1.4).
type Entry struct {
	// ID is 28 characters, see upload.EntryID.
	ID          string
	UploadID    string
	Mainfile    string
	MainfileKey string // "" but for child entries
	ParserName  string
	CreateTime  time.Time
	// LastProcessing is when the entry was last processed; zero = never.
	LastProcessing time.Time
	Process        upload.Process
	// InputKey tells whether the entry must be parsed again: a digest of the main file, the
	// files beside it, the files the parser read, and the parser's version.
	InputKey string
	// Hash is the entry_hash of spec processing.md §1, "" when not computed.
	Hash string
	// Document is the entry's part of the search document as JSON (spec search-quantities.md §2),
	// without what belongs to the upload (names, members, embargo), which is joined at read time.
	Document json.RawMessage
	// Edits are what people said about the entry (comment, references, external_id): a JSON object, empty
	// when nobody did, null for what was cleared. They count more than what processing found, and stay
	// when the entry is processed again.
	Edits json.RawMessage
	// LastEdit is when somebody last changed Edits or CreateTime of this very entry; zero = never.
	LastEdit time.Time
}
