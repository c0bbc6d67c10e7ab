package upload

import (
	"context"
	"errors"
	"fmt"

	"oasis/internal/access/audit"
	"oasis/internal/problem"
)

// Sentences about publishing that NOMAD clients know (spec uploads.md §8).
const (
	textFailed    = "Cannot publish an upload that failed processing."
	textNothing   = "Cannot publish an upload without any resulting entries."
	textUnpublic  = "The upload has %d unpublished included entries. Have those published first."
	textEmbargoed = "Invalid embargo_length. Must be between 0 and 36 months."
	textChanged   = "The files of the upload were changed at this moment. Try again."
)

// Publish makes an upload public, or embargoed for a number of months (nil = what
// the upload says already). It is one transaction: after a crash the upload is in
// staging as it was, or published whole.
//
// Publishing drops directories without files, and licensed POTCAR files, which
// leave what may be shown of them in a file beside (see potcar.go).
func (s *Service) Publish(ctx context.Context, v Viewer, id string, embargo *int) (Upload, error) {
	u, err := s.allowed(ctx, v, id, Publish)
	if err != nil {
		return Upload{}, err
	}
	// Searching cannot be part of the transaction; what is included may lose its publication at any time anyway.
	included, unpublic, err := s.countIncluded(ctx, v, &u)
	if err != nil {
		return Upload{}, err
	}
	ctx = audit.Note(ctx, audit.Event{Operation: audit.UploadPublish, Object: audit.UploadObject(id), Detail: embargoDetail(&u, embargo)})
	return s.publish(ctx, id, func(_ Tx, u *Upload) (Process, error) {
		if denied := May(u, v, Publish); denied != nil {
			return Process{}, denied
		}
		if err := publishable(u, included, unpublic, embargo); err != nil {
			return Process{}, err
		}
		if embargo != nil {
			u.EmbargoLength = *embargo
		}
		return s.ended(ProcessPublish), nil
	})
}

func embargoDetail(u *Upload, embargo *int) string {
	months := u.EmbargoLength
	if embargo != nil {
		months = *embargo
	}
	if months == 0 {
		return ""
	}
	return fmt.Sprintf("embargo of %d months", months)
}

// publishable gives the first reason of spec uploads.md §8 not to publish, in its order.
func publishable(u *Upload, included, unpublic int, embargo *int) error {
	switch {
	case u.Process.Status.Busy():
		return problem.Bad(textRunning)
	case u.Process.Status == Failure:
		return problem.Bad(textFailed)
	case unpublic > 0:
		return problem.Bad(textUnpublic, unpublic)
	case u.Processed == 0 && included == 0:
		return problem.Bad(textNothing)
	case embargo != nil && (*embargo < 0 || *embargo > MaxEmbargo):
		return problem.Bad(textEmbargoed)
	}
	return nil
}

// countIncluded counts the entries of others that are shown with an upload, and those of them that are not public.
func (s *Service) countIncluded(ctx context.Context, v Viewer, u *Upload) (all, unpublic int, err error) {
	if u.Included == nil {
		return 0, 0, nil
	}
	total, public, err := s.finder.CountIncluded(ctx, v, u.ID, *u.Included)
	if err != nil {
		return 0, 0, fmt.Errorf("look for included entries: %w", err)
	}
	return total, total - public, nil
}

// PublishDirectly publishes an upload whose maker asked for it when it was
// created, at the end of a run of processing. It gives what was left out, or why
// the upload stays in staging. Files that came in since are processed first.
func (s *Service) PublishDirectly(ctx context.Context, id string) (warnings []string, err error) {
	u, err := s.publish(s.noteDirect(ctx, id), id, func(tx Tx, u *Upload) (Process, error) {
		waiting, err := tx.Waiting(ctx, JobProcess, id)
		switch {
		case err != nil:
			return Process{}, fmt.Errorf("look for waiting job: %w", err)
		case u.Published(), !u.PublishDirectly, waiting:
			return Process{}, errNotNow
		case u.Processed == 0:
			warnings = []string{"The upload was not published, because no entry came of its files."}
			return Process{}, errNotNow
		}
		return u.Process, nil // the run itself tells of its end
	})
	if errors.Is(err, errNotNow) {
		return warnings, nil
	}
	return u.Process.Warnings, err
}

// errNotNow ends a transaction that has nothing to do.
var errNotNow = errors.New("not to be published now")

func (s *Service) noteDirect(ctx context.Context, id string) context.Context {
	return audit.Note(ctx, audit.Event{
		Operation: audit.UploadPublish, Object: audit.UploadObject(id), Actor: audit.Server, ActorName: audit.Server,
		Detail: "as its maker asked when it was created",
	})
}

// publish does it; decide looks at the locked row, may change the length of the
// embargo and gives the process that is shown afterwards, without warnings.
func (s *Service) publish(ctx context.Context, id string, decide func(Tx, *Upload) (Process, error)) (Upload, error) {
	release, err := s.hold(ctx, id)
	if err != nil {
		return Upload{}, err
	}
	defer release()
	if err := s.catchUp(ctx, id); err != nil {
		return Upload{}, err
	}
	before, err := s.store.Upload(ctx, id)
	if err != nil {
		return Upload{}, fmt.Errorf("read upload: %w", err)
	}
	strip, err := s.stripLicensed(ctx, id)
	if err != nil {
		return Upload{}, err
	}
	defer strip.made.discard(ctx)
	err = s.carryOutKeeping(ctx, strip.made, func(tx Tx) ([]Intent, error) {
		u, err := tx.Upload(ctx, id)
		if err != nil {
			return nil, fmt.Errorf("read upload: %w", err)
		}
		p, err := decide(tx, &u)
		if err != nil {
			return nil, err
		}
		if u.Files != before.Files || u.Bytes != before.Bytes { // by another server process
			return nil, problem.Clash(textChanged)
		}
		u.PublishTime = s.now().UTC()
		u.LastUpdate = u.PublishTime
		if p.Status == Success {
			p.CompleteTime = u.PublishTime
		}
		if err := tx.SaveUpload(ctx, u); err != nil {
			return nil, fmt.Errorf("store publication: %w", err)
		}
		p.Warnings = append(p.Warnings, strip.warnings()...)
		if p.Status == Success {
			err = s.finish(ctx, tx, &u, p)
		} else { // the run that publishes tells of its own end
			err = s.setProcess(ctx, tx, id, p)
		}
		if err != nil {
			return nil, err
		}
		intents, err := strip.store(ctx, tx, id)
		if err != nil {
			return nil, err
		}
		empty, err := tx.DropEmptyDirs(ctx, id)
		if err != nil {
			return nil, fmt.Errorf("drop empty folders: %w", err)
		}
		return append(intents, s.removals(id, empty)...), nil
	})
	if err != nil {
		return Upload{}, err
	}
	return s.store.Upload(ctx, id)
}

// removals are the promises to remove what is at these paths.
func (s *Service) removals(id string, paths []string) []Intent {
	intents := make([]Intent, len(paths))
	for i, path := range paths {
		intents[i] = Intent{UploadID: id, Kind: Remove, Staged: s.newName(), Path: path}
	}
	return intents
}

// MayPublishToCentral asks what NOMAD asks before an upload is sent to the central
// server (to_central_nomad=true, spec uploads.md §8).
func (s *Service) MayPublishToCentral(ctx context.Context, v Viewer, id string, isOasis bool) error {
	u, err := s.allowed(ctx, v, id, EditMetadata) // who may write, in every state
	switch {
	case err != nil:
		return err
	case !isOasis:
		return problem.Bad("Must be on an OASIS to publish to the central NOMAD repository.")
	case !u.Published():
		return problem.Bad("The upload must be published on the OASIS first.")
	case RoleOf(&u, v) != Admin:
		return problem.Denied("Only admin of OASIS can publish to the central NOMAD.")
	default:
		return nil
	}
}
