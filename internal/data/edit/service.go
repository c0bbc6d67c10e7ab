package edit

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"oasis/internal/access/audit"
	"oasis/internal/access/identity"
	"oasis/internal/data/upload"
	"oasis/internal/problem"
)

// People finds who is meant by a reference.
type People interface {
	Find(ctx context.Context, s identity.Search) ([]identity.User, error)
}

// Groups tells which groups do not exist.
type Groups interface {
	Missing(ctx context.Context, ids []string) ([]string, error)
}

// Finder gives the ids of the entries of an upload that a query finds. What is
// wrong with the query is a problem of kind Unprocessable.
type Finder interface {
	Within(ctx context.Context, v upload.Viewer, uploadID string, owner upload.Owner, query json.RawMessage) ([]string, error)
}

// Service edits uploads.
type Service struct {
	Store   Store
	People  People
	Groups  Groups
	Entries Finder
	// Reserved tells whether name, description and coauthors of a published upload are for its main
	// author and administrators only (services.reserve_published_metadata).
	Reserved func() bool
	Now      func() time.Time
}

// messageDone is what clients read of an edit that has ended.
const messageDone = "Process completed successfully"

// errVerified ends the transaction of a request that only wanted to be checked.
var errVerified = errors.New("only verified")

// Upload carries an edit of one upload out, or only checks it, and gives the
// upload as it is then. All that is wrong with the request comes together in one
// 422; who may not write to the upload gets its 404 or 403 instead.
func (s *Service) Upload(ctx context.Context, v upload.Viewer, id string, r *Request) (upload.Upload, error) {
	u, err := s.Store.Upload(ctx, id)
	if err != nil {
		return upload.Upload{}, fmt.Errorf("read upload: %w", err)
	}
	if denied := upload.May(&u, v, upload.EditMetadata); denied != nil {
		return upload.Upload{}, denied
	}
	c := &checker{people: s.People, groups: s.Groups, admin: v.Admin, users: map[string]string{}}
	p, err := c.check(ctx, r)
	if err != nil {
		return upload.Upload{}, err
	}
	if c.wrong != nil {
		return upload.Upload{}, problem.InvalidAll(c.wrong)
	}
	work := &work{plan: p, request: r, now: s.Now().UTC()}
	if r.query != nil {
		if work.found, err = s.find(ctx, v, id, r); err != nil {
			return upload.Upload{}, err
		}
		work.chosen = make(map[string]bool, len(work.found))
		for _, entryID := range work.found {
			work.chosen[entryID] = true
		}
	}
	err = s.Store.InTx(p.noted(ctx, id), func(tx Tx) error {
		work.restart()
		return s.carryOut(ctx, tx, v, id, work)
	})
	if err != nil && !errors.Is(err, errVerified) {
		return upload.Upload{}, err
	}
	return s.Store.Upload(ctx, id)
}

// find gives the entries that the query of a request chooses.
func (s *Service) find(ctx context.Context, v upload.Viewer, id string, r *Request) ([]string, error) {
	ids, err := s.Entries.Within(ctx, v, id, r.owner, r.query)
	if refused := problem.As(err); refused != nil && refused.Kind == problem.Unprocessable {
		var reasons []string
		for _, f := range refused.Fields {
			reasons = append(reasons, f.Msg)
		}
		return nil, problem.Invalid("value_error", "Could not evaluate query: "+strings.Join(reasons, "; "), "query")
	}
	if err != nil {
		return nil, fmt.Errorf("look for entries: %w", err)
	}
	if len(ids) == 0 {
		return nil, problem.Invalid("value_error", textNoEntries, "query")
	}
	return ids, nil
}

// carryOut is the transaction of an edit.
func (s *Service) carryOut(ctx context.Context, tx Tx, v upload.Viewer, id string, w *work) error {
	u, err := tx.Upload(ctx, id)
	if err != nil {
		return fmt.Errorf("read upload: %w", err)
	}
	if denied := upload.May(&u, v, upload.EditMetadata); denied != nil {
		return denied
	}
	if wrong := s.rules(&u, v, w); wrong != nil {
		return problem.InvalidAll(wrong)
	}
	if u.Process.Status.Busy() && !w.request.VerifyOnly {
		return problem.Bad("Upload %s is blocked by another process", id)
	}
	if err := w.entries(ctx, tx, id); err != nil {
		return err
	}
	if err := w.applyAll(&u); err != nil {
		return err
	}
	if w.request.VerifyOnly {
		return errVerified
	}
	if len(w.plan.upload) > 0 || w.everything() {
		u.LastEdit = w.now
		if err := tx.SaveUpload(ctx, u); err != nil {
			return fmt.Errorf("store upload: %w", err)
		}
	}
	// That processing has failed must not be forgotten because somebody corrected the name.
	if u.Process.Status == upload.Failure && u.Process.Current != upload.ProcessEdit {
		return nil
	}
	done := upload.Process{
		Status: upload.Success, Current: upload.ProcessEdit, Message: messageDone, Warnings: u.Process.Warnings, CompleteTime: w.now,
	}
	if err := tx.SetProcess(ctx, id, done); err != nil {
		return fmt.Errorf("set process state: %w", err)
	}
	return nil
}

// rules are those that need the upload to be known.
func (s *Service) rules(u *upload.Upload, v upload.Viewer, w *work) (wrong []problem.Field) {
	refuse := func(c *change, format string, args ...any) {
		wrong = append(wrong, problem.Field{Loc: c.place, Type: "value_error", Msg: fmt.Sprintf(format, args...)})
	}
	reserved := u.Published() && s.Reserved() && upload.RoleOf(u, v) < upload.MainAuthor
	for i := range w.plan.upload {
		c := &w.plan.upload[i]
		switch {
		case c.field.owned && reserved:
			refuse(c, "AuthLevel.main_author access required for upload %s", u.ID)
		case c.field.name == fieldEmbargo && u.Published() && !v.Admin && c.number != 0:
			refuse(c, "Upload %s is published, embargo can only be lifted", u.ID)
		case c.field.name == fieldPublishTime && !u.Published():
			refuse(c, "Upload %s is not published: publish it first", u.ID)
		}
	}
	return wrong
}

// noted puts the events of the edit into the next transaction.
func (p *plan) noted(ctx context.Context, id string) context.Context {
	var people, others []string
	for i := range p.upload {
		if c := &p.upload[i]; c.field.ofPeople() {
			people = append(people, c.String())
		} else {
			others = append(others, c.String())
		}
	}
	for i := range p.all {
		others = append(others, p.all[i].String())
	}
	if n := len(p.keys); n > 0 {
		others = append(others, fmt.Sprintf("%d single entries", n))
	}
	if people != nil {
		ctx = audit.Note(ctx, audit.Event{Operation: audit.MembersChange, Object: audit.UploadObject(id), Detail: strings.Join(people, " / ")})
	}
	if others != nil {
		ctx = audit.Note(ctx, audit.Event{Operation: audit.UploadEdit, Object: audit.UploadObject(id), Detail: strings.Join(others, ", ")})
	}
	return ctx
}
