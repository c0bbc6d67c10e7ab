// Package processing turns the raw files of an upload into entries: match the
// main files, parse and normalise each in isolation, store archives, index.
package processing

import (
	"context"
	"errors"
	"time"

	"oasis/internal/data/entry"
	"oasis/internal/data/upload"
)

// Known is what the last run left of an entry.
type Known struct {
	EntryID    string
	Mainfile   string
	InputKey   string
	ParserName string
	Status     upload.Status
	CreateTime time.Time
}

// Outcome is what a batch of work adds to the store in one transaction.
type Outcome struct {
	Put    []entry.Entry
	Delete []string // entry ids
	// Process, when not nil, becomes the upload's process state in the same transaction. An end
	// state (not busy) is not written while another job of kind upload.JobProcess waits for the
	// upload: then it stays pending, because files have changed since this run looked.
	Process *upload.Process
	// Run is the id of the run that ends with Process: the main author is told of an end state that is
	// written, once for each run. "" = nobody is told.
	Run string
	// Stops is that of the upload when the run began.
	Stops int
}

// ErrStopped is returned to a run that somebody has stopped; it writes nothing any more.
var ErrStopped = errors.New("processing was stopped by hand")

// Store is what processing reads and writes.
type Store interface {
	Upload(ctx context.Context, id string) (upload.Upload, error)
	// Tree gives all files of an upload, ordered by path.
	Tree(ctx context.Context, uploadID, dir string) ([]upload.File, error)
	// File gives the row of one file, or a problem of kind Missing.
	File(ctx context.Context, uploadID, path string) (upload.File, error)
	// Stops gives Upload.Stops, or NotFound.
	Stops(ctx context.Context, uploadID string) (int, error)
	// KnownEntries lists what the upload has, ordered by main file.
	KnownEntries(ctx context.Context, uploadID string) ([]Known, error)
	// SaveOutcome writes a batch, keeps the upload's counts right, and puts the entries into the
	// search feed. NotFound when the upload is gone, ErrStopped when its Stops are not those of the outcome.
	SaveOutcome(ctx context.Context, uploadID string, o Outcome) error
	// PersonName gives first and last name and affiliation of a user, empty when unknown.
	PersonName(ctx context.Context, userID string) (name, affiliation string, err error)
	// Unfinished lists uploads whose process is pending or running, whatever the queue says.
	Unfinished(ctx context.Context) ([]string, error)
}
