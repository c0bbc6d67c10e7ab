// Package upload holds what an upload is, who may do what with it, and the
// use cases that change it: create, add files, remove files, delete.
//
// An upload is a folder of raw files owned by one main author. Its files become
// entries by processing (package work/processing). While it is in staging its
// files may change; once published they may not.
package upload

import (
	"encoding/json"
	"time"
)

// Status is the state of the last process that ran on an upload or an entry
// (spec processing.md §4.1).
type Status string

// The process states clients know.
const (
	Ready   Status = "READY"
	Pending Status = "PENDING"
	Running Status = "RUNNING"
	Success Status = "SUCCESS"
	Failure Status = "FAILURE"
)

// Busy tells whether a process waits or runs.
func (s Status) Busy() bool { return s == Pending || s == Running }

// Names of processes as clients see them in current_process.
const (
	ProcessUpload  = "_process_upload"
	ProcessEdit    = "_edit_metadata"
	ProcessPublish = "_publish_upload"
	ProcessDelete  = "delete_upload"
	ProcessImport  = "_import_bundle"
	ProcessSend    = "_publish_externally"
)

// Process is what clients see of the last or current process.
type Process struct {
	Status Status
	// Current names the process, "" before the first one.
	Current string
	// Message is the last status message, "" = none.
	Message  string
	Errors   []string
	Warnings []string
	// CompleteTime is when the last process ended; zero = never.
	CompleteTime time.Time
}

// Upload is the stored record of an upload (spec uploads.md §1.2).
type Upload struct {
	// ID is 22 characters: 16 random bytes in URL-safe base64 (see NewID).
	ID          string
	Name        string // "" = no name
	Description string // "" = none
	CreateTime  time.Time
	// MainAuthor is the user id of the owner.
	MainAuthor     string
	Coauthors      []string // user ids
	Reviewers      []string // user ids
	CoauthorGroups []string // group ids
	ReviewerGroups []string // group ids, or "all"
	// PublishTime is when it was published; zero = still in staging.
	PublishTime time.Time
	// EmbargoLength in months, 0..36; above 0 the upload is embargoed once published. Stores
	// give 0 once the embargo has ended, see EmbargoEnd.
	EmbargoLength int
	License       string
	// ExternalDB names the database that the data were taken from, "" = none (spec uploads.md §9).
	ExternalDB string
	// Deposit tells who made it, if that was not its main author.
	Deposit         Deposit
	PublishDirectly bool
	// FromOasis tells that it was made on another Oasis, at OasisURL.
	FromOasis bool
	OasisURL  string
	// PublishedTo are the servers it was sent to.
	PublishedTo []string
	LastUpdate  time.Time
	// LastEdit is when somebody last changed what is said about the upload as a whole; zero = never.
	LastEdit time.Time
	// Included are entries of other uploads that are shown as part of this one; nil = none.
	Included *Included
	Process  Process
	// Stops counts how often processing was stopped: a run that began before writes nothing any more.
	Stops int
	// Entries and Failed count the entries and those of them whose processing failed.
	Entries, Failed int
	// Processed counts the entries whose processing ended, well or not.
	Processed int
	// Warned counts the entries that were read only in part: their processing ended well, with warnings.
	Warned int
	// Files and Bytes count the raw files.
	Files int
	Bytes int64
}

// Published tells whether the upload has left staging.
func (u *Upload) Published() bool { return !u.PublishTime.IsZero() }

// Included selects entries of other uploads (spec uploads.md §10).
type Included struct {
	// Query is what was asked for, in the form of the API.
	Query json.RawMessage
	// At is when it was asked: entries that were made later do not count.
	At time.Time
}

// File is one raw file of an upload.
type File struct {
	UploadID string
	// Path is relative to the raw root, with slashes, byte-exact as it was sent (decisions 21).
	Path string
	Size int64
	// SHA256 is the digest of the content, 64 hex digits.
	SHA256 string
	// CRC32 is the checksum of the content that zip archives need (IEEE).
	CRC32 uint32
	// ModTime is when these bytes were stored.
	ModTime time.Time
}

// DirEntry is one child of a directory of raw files.
type DirEntry struct {
	// Name is the last path segment.
	Name   string
	IsFile bool
	// Size of a file, or the sum of all files below a directory, in bytes.
	Size int64
	// SHA256 is empty for directories.
	SHA256  string
	ModTime time.Time
}

// DefaultLicense is what an upload gets unless an admin says otherwise (spec uploads.md §1.2).
const DefaultLicense = "CC BY 4.0"

// MaxEmbargo is the longest embargo in months.
const MaxEmbargo = 36
