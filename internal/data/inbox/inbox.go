// Package inbox holds what somebody is told: a process of an upload of theirs has
// ended, or somebody offers them an upload or a group. Who changes something posts
// the item in the same transaction; whoever listens hears of it at once.
package inbox

import (
	"context"
	"time"

	"oasis/internal/problem"
)

// Source tells whether an item is about what users do or from the server itself; the
// end of a process counts as the former, and nothing posts the latter yet.
type Source string

// The sources; All is none of them and restricts nothing.
const (
	All    Source = "all"
	User   Source = "user"
	System Source = "system"
)

// Type says what an item is about (spec datasets-groups.md §6).
type Type string

// The types that clients know.
const (
	OwnershipTransfer Type = "ownership_transfer"
	UploadProcess     Type = "upload_process"
	// UploadDeposit is ours: an instrument has made an upload for its user.
	UploadDeposit Type = "upload_deposit"
)

// Lifetime is how long items stay.
const Lifetime = 90 * 24 * time.Hour

// Item is one thing that one user is told.
type Item struct {
	// ID is unique; an item that is posted under the id of another replaces it.
	ID string
	// UserID is whom it is for.
	UserID string
	Source Source
	Type   Type
	// Actor is the id of the user who caused it, "" = nobody in particular.
	Actor   string
	Created time.Time
	// Expires is when it goes by itself.
	Expires time.Time
	// Read is when its user has read it; zero = not yet.
	Read time.Time
	// Data are the facts, by the names that clients know.
	Data map[string]string
}

// Resource is what an item is about: an upload or a group.
type Resource struct {
	// Type is "upload" or "group".
	Type, ID, Name string
}

// data begins the facts of an item about r.
func (r Resource) data() map[string]string {
	d := map[string]string{"resource_type": r.Type, "resource_id": r.ID}
	if r.Name != "" {
		d["resource_name"] = r.Name
	}
	return d
}

// Ended tells the main author of an upload that a process of it has ended. run is
// the id of this run of the process: told twice, it is one item.
func Ended(r Resource, mainAuthor, run, process, message string, succeeded bool, at time.Time) Item {
	d := r.data()
	d["process"], d["message"], d["result"] = process, message, "failure"
	if succeeded {
		d["result"] = "success"
	}
	return Item{
		ID: run, UserID: mainAuthor, Source: User, Type: UploadProcess, Created: at, Expires: at.Add(Lifetime), Data: d,
	}
}

// Deposited tells somebody that a depositor has made the upload r for them. A night
// of one instrument is one item: it names the latest upload of the day.
func Deposited(r Resource, userID, depositor string, at time.Time) Item {
	return Item{
		ID: "deposit-" + depositor + "-" + userID + "-" + at.UTC().Format("2006-01-02"), UserID: userID, Source: User, Type: UploadDeposit,
		Actor: depositor, Created: at, Expires: at.Add(Lifetime), Data: r.data(),
	}
}

// Event of a transfer of ownership that somebody is told.
type Event string

// The events: the target is told of a request, the source of its refusal.
const (
	Requested Event = "request"
	Refused   Event = "refused"
)

// TransferID is the id of the item about an event of a transfer.
func TransferID(e Event, transferID string) string {
	return "ownership-transfer-" + string(e) + "-" + transferID
}

// Transfer tells somebody of an event of a transfer of r.
func Transfer(e Event, r Resource, transferID, userID, actor string, at time.Time) Item {
	d := r.data()
	d["event"] = string(e)
	return Item{
		ID: TransferID(e, transferID), UserID: userID, Source: User, Type: OwnershipTransfer, Actor: actor,
		Created: at, Expires: at.Add(Lifetime), Data: d,
	}
}

// Newest is how many items a list shows, the newest first.
const Newest = 50

// Kept is how many items of one user stay; older ones go.
const Kept = 500

// Store keeps items. Others post in transactions of their own, see upload.Tx.
type Store interface {
	// Items gives what a user has at a time, newest first, at most limit.
	Items(ctx context.Context, userID string, source Source, at time.Time, limit int) ([]Item, error)
	// MarkRead sets or clears when a user has read an item; id "" = all of them. A
	// problem of kind Missing when the user has no such item.
	MarkRead(ctx context.Context, userID, id string, at time.Time) error
	// DeleteItem removes an item of a user, or gives a problem of kind Missing.
	DeleteItem(ctx context.Context, userID, id string) error
	// PruneItems removes what has expired, and of each user all but the newest.
	PruneItems(ctx context.Context, at time.Time, keep int) error
}

// NotFound is the refusal for an item the caller does not have.
func NotFound() *problem.Error {
	return problem.NotFound("You have no such notification; it may have expired.")
}
