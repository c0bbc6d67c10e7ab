package transfer

import (
	"context"
	"fmt"
	"time"

	"oasis/internal/access/audit"
	"oasis/internal/access/group"
	"oasis/internal/access/identity"
	"oasis/internal/data/inbox"
	"oasis/internal/data/upload"
	"oasis/internal/problem"
)

// People finds accounts.
type People interface {
	Find(ctx context.Context, s identity.Search) ([]identity.User, error)
}

// Service holds the use cases of transfers.
type Service struct {
	Store  Store
	People People
	// Changed is called after the groups of these users may have changed.
	Changed func(userIDs []string)
	Now     func() time.Time
}

// Offer is a request to hand something over.
type Offer struct {
	Kind       Kind
	ResourceID string
	// Target is a user id, user name or e-mail address, as TargetType says.
	Target     string
	TargetType string
	// Keep is that of Record.
	Keep bool
}

// View is a transfer with the name of what it is about.
type View struct {
	Record
	Name string
}

// Result is what an answered or cancelled transfer leaves: the upload or the group.
type Result struct {
	Record
	Upload upload.Upload
	Group  group.Group
}

// Request offers something to somebody. A pending offer of the same thing is replaced:
// its target loses what the offer gave. Refusals are those of spec datasets-groups.md §5.
func (s *Service) Request(ctx context.Context, v upload.Viewer, o Offer) (View, error) {
	before, err := read(ctx, s.Store, o.Kind, o.ResourceID)
	if err != nil {
		return View{}, err
	}
	if err := before.mayOffer(v); err != nil {
		return View{}, err
	}
	target, err := s.resolve(ctx, o)
	if err != nil {
		return View{}, err
	}
	var view View
	noted := audit.Note(ctx, audit.Event{Operation: audit.OwnershipOffer, Object: objectOf(o.Kind, o.ResourceID), Detail: "to " + target})
	err = s.Store.InTx(noted, func(tx Tx) error {
		r, err := read(ctx, tx, o.Kind, o.ResourceID)
		if err != nil {
			return err
		}
		if err := r.mayOffer(v); err != nil {
			return err
		}
		if target == r.owner() {
			return problem.Bad("The specified user is already the owner of this %s.", o.Kind)
		}
		record, err := s.begin(ctx, tx, &r)
		if err != nil {
			return err
		}
		record.Source, record.Target, record.Actor, record.Keep = r.owner(), target, v.UserID, o.Keep
		record.Admitted = r.admit(target)
		if r.kind == Upload {
			if err := r.save(ctx, tx); err != nil {
				return err
			}
		}
		if err := tx.PutTransfer(ctx, record); err != nil {
			return fmt.Errorf("store transfer: %w", err)
		}
		view = View{record, r.name()}
		return tx.Post(ctx, inbox.Transfer(inbox.Requested, r.described(), record.ID, target, v.UserID, record.Updated))
	})
	return view, err
}

// begin gives the record of a new offer. It takes the id and the rights of one that
// is pending.
func (s *Service) begin(ctx context.Context, tx Tx, r *resource) (Record, error) {
	now := s.Now().UTC()
	fresh := Record{ID: newID(), Kind: r.kind, ResourceID: r.id(), State: Pending, Requested: now, Updated: now}
	pending, err := tx.PendingTransfer(ctx, r.kind, r.id())
	switch {
	case problem.Is(err, problem.Missing):
		return fresh, nil
	case err != nil:
		return fresh, fmt.Errorf("look for a pending transfer: %w", err)
	}
	r.dismiss(&pending)
	if s.stale(&pending, r) {
		return fresh, s.drop(ctx, tx, &pending)
	}
	fresh.ID = pending.ID
	return fresh, nil
}

// stale tells whether an offer holds no more: its time is over, or the owner is
// another one meanwhile.
func (s *Service) stale(record *Record, r *resource) bool {
	return record.expired(s.Now()) || record.Source != r.owner()
}

// drop forgets a transfer and what was told of it.
func (s *Service) drop(ctx context.Context, tx Tx, record *Record) error {
	if err := tx.DeleteTransfer(ctx, record.ID); err != nil {
		return fmt.Errorf("delete transfer: %w", err)
	}
	return tx.Withdraw(ctx, inbox.TransferID(inbox.Requested, record.ID))
}

// resolve finds the target of an offer.
func (s *Service) resolve(ctx context.Context, o Offer) (string, error) {
	search := identity.Search{Everywhere: true, Limit: 2}
	switch o.TargetType {
	case "username":
		search.Usernames = []string{o.Target}
	case "email":
		search.Emails = []string{o.Target}
	default:
		search.IDs = []string{o.Target}
	}
	found, err := s.People.Find(ctx, search)
	if err != nil {
		return "", fmt.Errorf("look up the new owner: %w", err)
	}
	if len(found) != 1 || found[0].Disabled {
		return "", problem.Bad("Could not resolve target user by %s. Provide a valid %s.", o.TargetType, o.TargetType)
	}
	return found[0].ID, nil
}

// Get gives one transfer to its source, its target or an administrator.
func (s *Service) Get(ctx context.Context, v upload.Viewer, id string) (View, error) {
	record, err := s.Store.Transfer(ctx, id)
	if err != nil {
		return View{}, err
	}
	if !v.Admin && v.UserID != record.Source && v.UserID != record.Target {
		return View{}, problem.Denied("You are not authorized to access this transfer.")
	}
	r, err := read(ctx, s.Store, record.Kind, record.ResourceID)
	if problem.Is(err, problem.Missing) || err == nil && record.State == Pending && s.stale(&record, &r) || record.expired(s.Now()) {
		return View{}, errUnknown()
	}
	return View{record, r.name()}, err
}

// List gives the transfers of somebody, newest update first. What holds no more, and
// what is about something that is gone, is left out.
func (s *Service) List(ctx context.Context, q Query) ([]View, error) {
	if q.Kind != Upload && q.Kind != Group {
		return nil, errKind(q.Kind)
	}
	records, err := s.Store.Transfers(ctx, q)
	if err != nil {
		return nil, fmt.Errorf("list transfers: %w", err)
	}
	views := make([]View, 0, len(records))
	for i := range records {
		r, err := read(ctx, s.Store, records[i].Kind, records[i].ResourceID)
		if problem.Is(err, problem.Missing) || err == nil && (records[i].expired(s.Now()) || records[i].State == Pending && s.stale(&records[i], &r)) {
			continue
		}
		if err != nil {
			return nil, err
		}
		views = append(views, View{records[i], r.name()})
	}
	return views, nil
}

func objectOf(kind Kind, id string) string {
	if kind == Group {
		return audit.GroupObject(id)
	}
	return audit.UploadObject(id)
}
