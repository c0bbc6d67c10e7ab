// Package transfer hands uploads and groups over to other people: the owner, or an
// administrator, offers one to somebody, who accepts or refuses (spec
// datasets-groups.md §5). Each step is one transaction with the notification and the
// rights it brings.
package transfer

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"time"

	"oasis/internal/access/group"
	"oasis/internal/data/inbox"
	"oasis/internal/data/upload"
	"oasis/internal/problem"
)

// Kind is what is handed over.
type Kind string

// The kinds.
const (
	Upload Kind = "upload"
	Group  Kind = "group"
)

// State of a transfer that is still known; accepted and cancelled ones are gone.
type State string

// The states.
const (
	Pending State = "pending"
	Refused State = "refused"
)

// Lifetime is how long an offer holds, and how long a refused one is remembered.
const Lifetime = inbox.Lifetime

// Record is one offer. A resource has at most one that is pending; a new one
// replaces it and keeps its id.
type Record struct {
	// ID has 24 hex digits.
	ID         string
	Kind       Kind
	ResourceID string
	// Source is the owner at the time of the request, Target who shall become it.
	Source, Target string
	// Actor is who asked: the owner or an administrator.
	Actor string
	State State
	// Admitted tells that Target was made a reviewer of the upload by the request, and
	// is one only as long as it lasts.
	Admitted bool
	// Keep gives the former owner a role afterwards: coauthor, or maintainer of the group.
	Keep      bool
	Requested time.Time
	Updated   time.Time
}

// expired tells whether an offer, or the memory of a refusal, has ended by time.
func (r *Record) expired(now time.Time) bool { return !now.Before(r.Updated.Add(Lifetime)) }

func newID() string {
	var b [12]byte
	_, _ = rand.Read(b[:]) // never fails (crypto/rand aborts the program instead)
	return hex.EncodeToString(b[:])
}

// Direction of transfers as somebody sees them.
type Direction string

// The directions.
const (
	Incoming Direction = "incoming"
	Outgoing Direction = "outgoing"
	Both     Direction = "all"
)

// Query selects transfers; what is empty does not restrict.
type Query struct {
	UserID     string
	Direction  Direction
	Kind       Kind
	ResourceID string
	State      State
}

// Store keeps transfers with what they are about.
type Store interface {
	// Transfers gives those of a user as Query says, newest update first; without a user all.
	Transfers(ctx context.Context, q Query) ([]Record, error)
	// Transfer gives one, or a problem of kind Missing.
	Transfer(ctx context.Context, id string) (Record, error)
	Upload(ctx context.Context, id string) (upload.Upload, error)
	Group(ctx context.Context, id string) (group.Group, error)
	// InTx runs fn in one transaction. Those that hand over groups follow one another.
	InTx(ctx context.Context, fn func(Tx) error) error
}

// Tx is what a transfer does inside a transaction. Rows read are locked until it ends.
type Tx interface {
	Transfer(ctx context.Context, id string) (Record, error)
	// PendingTransfer gives the pending one of a resource, or a problem of kind Missing.
	PendingTransfer(ctx context.Context, kind Kind, resourceID string) (Record, error)
	// PutTransfer stores one, in place of what has its id.
	PutTransfer(ctx context.Context, r Record) error
	// DeleteTransfers forgets all of a resource.
	DeleteTransfers(ctx context.Context, kind Kind, resourceID string) error
	DeleteTransfer(ctx context.Context, id string) error
	// Upload, SaveUpload and Post are those of upload.Tx.
	Upload(ctx context.Context, id string) (upload.Upload, error)
	SaveUpload(ctx context.Context, u upload.Upload) error
	Post(ctx context.Context, item inbox.Item) error
	// Withdraw takes notifications back.
	Withdraw(ctx context.Context, ids ...string) error
	// Group, UpdateGroup and PeopleIn are those of group.Tx.
	Group(ctx context.Context, id string) (group.Group, error)
	UpdateGroup(ctx context.Context, g group.Group) error
	PeopleIn(ctx context.Context, id string) ([]string, error)
}

// Refusals in the words clients know.
func errUnknown() *problem.Error { return problem.NotFound("Transfer does not exist.") }

func errNotPending() *problem.Error {
	return problem.Bad("No pending transfer request for this transfer id. The request may have expired or already been handled.")
}

func errKind(k Kind) *problem.Error {
	return problem.Bad(`Unsupported resource_type='%s'. Currently only "upload", "group" are supported.`, k)
}
