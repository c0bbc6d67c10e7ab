package search

import (
	"context"
	"encoding/json"
	"time"
)

// Change is one step of the history that an index follows. Exactly one of
// Entry, DeletedEntry, Upload and DeletedUpload is set.
type Change struct {
	// Rev is the committed revision the change belongs to; several changes may share one.
	Rev int64
	// Entry is the new state of an entry.
	Entry *Entry
	// DeletedEntry is the id of an entry that is gone.
	DeletedEntry string
	// Upload is the new state of what an upload gives to its entries.
	Upload *UploadFacts
	// DeletedUpload is the id of an upload that is gone, with all its entries.
	DeletedUpload string
}

// Entry is what an index keeps of one entry.
type Entry struct {
	ID, UploadID, Mainfile string
	CreateTime             time.Time
	// ProcessStatus is the state of the entry's last processing, such as SUCCESS.
	ProcessStatus string
	// Document is the entry's part of the search document as processing made it
	// (entry_name, entry_type, results, …), a JSON object or empty.
	Document json.RawMessage
	// Edits are what people said about the entry, a JSON object or empty. They replace members of
	// Document; null takes one out.
	Edits json.RawMessage
}

// UploadFacts is what belongs to an upload and is joined into each of its entries.
type UploadFacts struct {
	ID, Name, Description string
	// PublishTime is zero while the upload is in staging.
	CreateTime, PublishTime time.Time
	// EmbargoLength is in months; above 0 the upload is embargoed.
	EmbargoLength int
	License       string
	// ExternalDB is where the data were taken from, "" = nowhere.
	ExternalDB           string
	MainAuthor           Person
	Coauthors, Reviewers []Person
	CoauthorGroups       []string
	ReviewerGroups       []string
}

// Person is a user as answers show one.
type Person struct{ UserID, Name string }

// Source is the committed history that an index follows.
type Source interface {
	// Rev gives the newest committed revision. It is asked before every search, so it must be cheap.
	Rev(ctx context.Context) (int64, error)
	// Changes yields what changed after a revision, in order of Rev; the facts of an
	// upload come before or with its entries. It stops at the first error of yield and returns it.
	Changes(ctx context.Context, after int64, yield func(Change) error) error
}
