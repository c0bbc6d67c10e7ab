package transfer

import (
	"context"
	"fmt"
	"slices"

	"oasis/internal/access/group"
	"oasis/internal/data/inbox"
	"oasis/internal/data/upload"
	"oasis/internal/problem"
)

// resource is an upload or a group inside a transaction. All that differs between
// them is here.
type resource struct {
	kind   Kind
	upload upload.Upload
	group  group.Group
	// affected are the people whose groups change.
	affected []string
}

// source gives what can be read; Store and Tx are some.
type source interface {
	Upload(ctx context.Context, id string) (upload.Upload, error)
	Group(ctx context.Context, id string) (group.Group, error)
}

// read reads a resource, locked when from is a transaction.
func read(ctx context.Context, from source, kind Kind, id string) (r resource, err error) {
	r.kind = kind
	unknown := problem.NotFound("Upload does not exist.")
	switch kind {
	case Upload:
		r.upload, err = from.Upload(ctx, id)
	case Group:
		unknown = problem.NotFound("User Group does not exist.")
		r.group, err = from.Group(ctx, id)
	default:
		return r, errKind(kind)
	}
	if problem.Is(err, problem.Missing) {
		return r, unknown
	}
	if err != nil {
		return r, fmt.Errorf("read what is handed over: %w", err)
	}
	return r, nil
}

func (r *resource) id() string {
	if r.kind == Group {
		return r.group.ID
	}
	return r.upload.ID
}

func (r *resource) name() string {
	if r.kind == Group {
		return r.group.Name
	}
	return r.upload.Name
}

func (r *resource) owner() string {
	if r.kind == Group {
		return r.group.Owner()
	}
	return r.upload.MainAuthor
}

func (r *resource) described() inbox.Resource {
	return inbox.Resource{Type: string(r.kind), ID: r.id(), Name: r.name()}
}

// mayOffer is the rule for who may start a transfer.
func (r *resource) mayOffer(v upload.Viewer) error {
	if r.kind == Group {
		if v.UserID == "" || !v.Admin && r.owner() != v.UserID {
			return problem.Denied("You are not authorized to transfer user group '%s'. "+
				"Only group owners and admins are allowed to transfer group ownership.", r.id())
		}
		return nil
	}
	if denied := upload.May(&r.upload, v, upload.TransferOwnership); denied != nil {
		return denied
	}
	return r.idle()
}

// idle refuses an upload that a process works on.
func (r *resource) idle() error {
	if r.kind == Upload && r.upload.Process.Status.Busy() {
		return problem.Bad("The upload is currently being processed, operation not allowed.")
	}
	return nil
}

// admit lets the target of an offer look at the upload and tells whether that was new.
func (r *resource) admit(userID string) bool {
	if r.kind == Group || slices.Contains(r.upload.Coauthors, userID) || slices.Contains(r.upload.Reviewers, userID) {
		return false
	}
	r.upload.Reviewers = append(slices.Clone(r.upload.Reviewers), userID)
	return true
}

// dismiss takes back what admit gave.
func (r *resource) dismiss(record *Record) {
	if record.Admitted {
		r.upload.Reviewers = without(r.upload.Reviewers, record.Target)
	}
}

// handOver makes the target the owner.
func (r *resource) handOver(record *Record) {
	former := r.owner()
	if r.kind == Upload {
		u := &r.upload
		u.MainAuthor = record.Target
		u.Reviewers = without(without(u.Reviewers, record.Target), former)
		u.Coauthors = without(u.Coauthors, former)
		if record.Keep {
			u.Coauthors = append(without(u.Coauthors, record.Target), former)
		}
		return
	}
	members := make([]group.Member, 0, len(r.group.Members)+1)
	members = append(members, group.Member{UserID: record.Target, Role: group.Owner})
	for _, m := range r.group.Members {
		switch {
		case m.UserID == record.Target:
		case m.UserID != former:
			members = append(members, m)
		case record.Keep:
			members = append(members, group.Member{UserID: former, Role: group.Maintainer})
		}
	}
	r.group.Members = members
}

// save stores what was changed.
func (r *resource) save(ctx context.Context, tx Tx) error {
	if r.kind == Upload {
		if err := tx.SaveUpload(ctx, r.upload); err != nil {
			return fmt.Errorf("store upload: %w", err)
		}
		return nil
	}
	before, err := tx.PeopleIn(ctx, r.group.ID)
	if err != nil {
		return fmt.Errorf("read who is in the group: %w", err)
	}
	if err := tx.UpdateGroup(ctx, r.group); err != nil {
		return fmt.Errorf("store group: %w", err)
	}
	after, err := tx.PeopleIn(ctx, r.group.ID)
	if err != nil {
		return fmt.Errorf("read who is in the group: %w", err)
	}
	r.affected = append(before, after...)
	return nil
}

func without(ids []string, gone string) []string {
	return slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return id == gone })
}
