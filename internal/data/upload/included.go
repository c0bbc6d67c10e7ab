package upload

import (
	"context"
	"encoding/json"
	"fmt"

	"oasis/internal/access/audit"
	"oasis/internal/problem"
)

// Finder finds entries by a query in the form of the API. What is wrong with a
// query is a problem of kind Unprocessable, an owner that the viewer may not use
// one of kind Forbidden or Unauthenticated.
type Finder interface {
	// Mainfiles gives the main files of the entries of an upload that a query finds.
	Mainfiles(ctx context.Context, v Viewer, uploadID string, owner Owner, query json.RawMessage) ([]string, error)
	// CountIncluded counts the entries of other uploads that a selection gives, and those of them that are public.
	CountIncluded(ctx context.Context, v Viewer, uploadID string, in Included) (total, public int, err error)
}

// FindWith sets what finds entries. It is called once, before the service is used:
// searching asks the object rules, which are in this package.
func (s *Service) FindWith(f Finder) { s.finder = f }

// Include shows the entries of other uploads that a query finds now as part of an
// upload in staging; nil shows none any more (spec uploads.md §10). It gives the
// selection and how many entries it has.
func (s *Service) Include(ctx context.Context, v Viewer, id string, query json.RawMessage) (*Included, int, error) {
	if err := s.MayChange(ctx, v, id); err != nil {
		return nil, 0, err
	}
	var in *Included
	total := 0
	if query != nil {
		in = &Included{Query: query, At: s.now().UTC()}
		var err error
		if total, _, err = s.finder.CountIncluded(ctx, v, id, *in); err != nil {
			return nil, 0, fmt.Errorf("look for entries: %w", err)
		}
	}
	noted := audit.Note(ctx, audit.Event{Operation: audit.UploadInclude, Object: audit.UploadObject(id), Detail: fmt.Sprintf("%d entries", total)})
	_, err := s.change(noted, id, func(tx Tx, u *Upload) error {
		switch denied := May(u, v, ChangeFiles); {
		case denied != nil:
			return denied
		case u.Process.Status.Busy():
			return problem.Bad(textBlocked)
		}
		if err := tx.SetIncluded(ctx, id, in); err != nil {
			return fmt.Errorf("store included entries: %w", err)
		}
		return nil
	})
	return in, total, err
}

// MayChange gives the refusal for who may not change the files of an upload, or nil.
func (s *Service) MayChange(ctx context.Context, v Viewer, id string) error {
	_, err := s.allowed(ctx, v, id, ChangeFiles)
	return err
}
