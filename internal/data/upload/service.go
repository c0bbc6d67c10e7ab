package upload

import (
	"context"
	"fmt"
	"sync"
	"time"

	"oasis/internal/access/audit"
	"oasis/internal/data/upload/unpack"
	"oasis/internal/problem"
)

// JobProcess is the kind of the job that processes an upload; its key and its
// argument are the upload id. Package work/processing does the work.
const JobProcess = "process_upload"

// ProcessArgs are the arguments of a JobProcess.
type ProcessArgs struct {
	UploadID string `json:"upload_id"`
}

// Limits are the rules for uploads that the configuration sets.
type Limits struct {
	// Unpublished is how many uploads in staging one user may have (services.upload_limit).
	Unpublished int
	// FileBytes is the largest body taken in, 0 = no limit.
	FileBytes int64
	Archive   unpack.Limits
	Room      Room
	// DepositWindow is how long a token that only adds may add to what it deposited (limits.deposit_window).
	DepositWindow time.Duration
	// ShareLicensed publishes POTCAR files as they are (process.exclude_potcar: false).
	ShareLicensed bool
}

// Service holds the use cases of uploads. Each asks the object rule first.
type Service struct {
	store  Store
	files  Files
	limits func() Limits
	now    func() time.Time
	people People
	locks  [lockStripes]sync.RWMutex
	placed placedIntents
	pace   pace
	stuck  stuckIntents
	// peers are nil in the only process on these files.
	peers   Peers
	carried carriedOut
	finder  Finder
	// sending are the deliveries that are added to, buffers *[pieceBuffer]byte for them.
	sending sending
	buffers sync.Pool
}

// NewService joins the stores. limits is asked at every use, so a changed
// configuration holds at once.
func NewService(store Store, files Files, limits func() Limits, now func() time.Time) *Service {
	return &Service{store: store, files: files, limits: limits, now: now}
}

// Get gives one upload to somebody who may look at it.
func (s *Service) Get(ctx context.Context, v Viewer, id string) (Upload, error) {
	return s.allowed(ctx, v, id, Read)
}

// allowed reads an upload and asks the object rule.
func (s *Service) allowed(ctx context.Context, v Viewer, id string, op Operation) (Upload, error) {
	u, err := s.store.Upload(ctx, id)
	if err != nil {
		return Upload{}, fmt.Errorf("read upload: %w", err)
	}
	if denied := s.may(&u, v, op); denied != nil {
		return Upload{}, denied
	}
	return u, nil
}

// may asks the object rule, and the clock for those whom it concerns.
func (s *Service) may(u *Upload, v Viewer, op Operation) *problem.Error {
	if denied := May(u, v, op); denied != nil {
		return denied
	}
	return s.mayStillAdd(u, v)
}

// List gives a page of the uploads in which the viewer has a role, and the total.
func (s *Service) List(ctx context.Context, v Viewer, q ListQuery) ([]Upload, int, error) {
	filter, denied := Visible(v, OwnerShared)
	if denied != nil {
		return nil, 0, denied
	}
	q.Viewer, q.Visible = v, filter
	if len(q.Roles) == 0 { // not "no restriction": uploads open to everybody count only with IncludeAll
		q.Roles = []Role{MainAuthor, Coauthor, Reviewer}
	}
	return s.store.ListUploads(ctx, q)
}

// CreateOptions describe a new upload.
type CreateOptions struct {
	Name          string
	EmbargoLength int
	// MainAuthor is the user name, id or e-mail address of whom the upload is for, "" = the viewer.
	MainAuthor string
	// PublishDirectly publishes the upload once it is processed.
	PublishDirectly bool
	Incoming
}

// Create makes an upload of the viewer, or of the one it is deposited for, with the files of the body, or without
// any. It is there whole, files and all, or not at all. Refusals are the 400s of
// spec uploads.md §5 and those of the archives in the body.
func (s *Service) Create(ctx context.Context, v Viewer, o CreateOptions, body Body) (Upload, error) {
	switch {
	case v.UserID == "":
		return Upload{}, problem.New(problem.Unauthenticated, "Authentication required.")
	case v.AppendOnly && o.PublishDirectly:
		return Upload{}, problem.Denied("This token may only add files; it may not publish them. Leave publish_directly out.")
	case v.Uploads != nil:
		return Upload{}, problem.Denied("This token may only be used with certain uploads; it may not create new ones.")
	}
	owner, deposit, err := s.owner(ctx, v, o.MainAuthor)
	if err != nil {
		return Upload{}, err
	}
	counts := !v.Admin && !deposit.onBehalf()
	if counts {
		if err := s.roomForOneMore(ctx, v); err != nil {
			return Upload{}, err
		}
	}
	if o.EmbargoLength < 0 || o.EmbargoLength > MaxEmbargo {
		return Upload{}, problem.Bad("`embargo_length` must be between 0 and %d months.", MaxEmbargo)
	}
	o.deposit = v.DepositFor != nil
	if o.room, err = s.roomFor(ctx, payer(owner, v.DepositFor != nil), 0); err != nil {
		return Upload{}, err
	}
	arrived, err := s.receive(ctx, "", o.Incoming, body)
	if err != nil {
		return Upload{}, err
	}
	defer arrived.discard(ctx)
	u := Upload{
		ID: NewID(), Name: o.Name, CreateTime: s.now().UTC(), MainAuthor: owner, Deposit: deposit,
		EmbargoLength: o.EmbargoLength, PublishDirectly: o.PublishDirectly, License: DefaultLicense, Process: Process{Status: Ready},
	}
	if u.Name == "" {
		u.Name = arrived.name
	}
	release, err := s.hold(ctx, u.ID)
	if err != nil {
		return Upload{}, err
	}
	defer release()
	err = s.commit(noteDeposit(ctx, &u), u.ID, arrived, func(tx Tx) error {
		if counts {
			n, err := tx.CountUnpublished(ctx, v.UserID)
			if err != nil {
				return fmt.Errorf("count uploads: %w", err)
			}
			if err := s.mayHaveOneMore(n); err != nil {
				return err
			}
		}
		if err := shareFromStart(ctx, tx, &u); err != nil {
			return err
		}
		if err := tx.InsertUpload(ctx, u); err != nil {
			return fmt.Errorf("store upload: %w", err)
		}
		if err := s.tellOwner(ctx, tx, &u); err != nil {
			return err
		}
		if arrived.empty() {
			return nil
		}
		if err := s.acknowledge(ctx, tx, v, &u, arrived); err != nil {
			return err
		}
		return s.trigger(ctx, tx, u.ID, s.now())
	})
	if err != nil {
		return Upload{}, err
	}
	arrived.hand(o.Incoming)
	return s.store.Upload(ctx, u.ID)
}

// roomForOneMore asks the limit before the body is read, so that nobody sends
// gigabytes for nothing; the transaction asks it again.
func (s *Service) roomForOneMore(ctx context.Context, v Viewer) error {
	n, err := s.store.CountUnpublished(ctx, v.UserID)
	if err != nil {
		return fmt.Errorf("count uploads: %w", err)
	}
	return s.mayHaveOneMore(n)
}

// MayHaveOneMore is the rule for somebody who has n uploads in staging.
func (s *Service) MayHaveOneMore(n int) error { return s.mayHaveOneMore(n) }

// mayHaveOneMore is the rule for somebody who has n uploads in staging.
func (s *Service) mayHaveOneMore(n int) error {
	if n >= s.limits().Unpublished {
		return problem.Bad("Limit of unpublished uploads exceeded for user.")
	}
	return nil
}

// trigger asks for processing from a time on, in the transaction that makes it necessary.
func (s *Service) trigger(ctx context.Context, tx Tx, uploadID string, at time.Time) error {
	err := tx.SetProcess(ctx, uploadID, Process{Status: Pending, Current: ProcessUpload, Message: messageQueued})
	if err != nil {
		return fmt.Errorf("set process state: %w", err)
	}
	if err := tx.EnqueueAt(ctx, at, JobProcess, uploadID, ProcessArgs{UploadID: uploadID}); err != nil {
		return fmt.Errorf("enqueue processing: %w", err)
	}
	return nil
}

// Trigger says what a change of files does besides changing them.
type Trigger struct {
	// Hold leaves the upload unprocessed (trigger_processing=false).
	Hold bool
}

// after asks for processing, or marks the upload as not processed. While a run
// goes on or waits the mark is its own to set: it may see the change or not.
func (s *Service) after(ctx context.Context, tx Tx, uploadID string, t Trigger) error {
	if !t.Hold {
		return s.trigger(ctx, tx, uploadID, s.pace.next(uploadID, s.now()))
	}
	u, err := tx.Upload(ctx, uploadID)
	if err != nil {
		return fmt.Errorf("read upload: %w", err)
	}
	if u.Process.Status.Busy() {
		return nil
	}
	if err := tx.SetProcess(ctx, uploadID, Process{Status: Ready, Current: ProcessUpload}); err != nil {
		return fmt.Errorf("set process state: %w", err)
	}
	return nil
}

// allowedInTx asks the object rule again on the locked row: rights or state may
// have changed while the body came in.
func (s *Service) allowedInTx(ctx context.Context, tx Tx, v Viewer, id string, op Operation) error {
	u, err := tx.Upload(ctx, id)
	if err != nil {
		return fmt.Errorf("read upload: %w", err)
	}
	if denied := s.may(&u, v, op); denied != nil {
		return denied
	}
	if u.Process.Status.Busy() && u.Process.Current != ProcessUpload {
		return problem.Bad("The upload is currently blocked by another process.")
	}
	return nil
}

// DeletePath removes a file, or a directory and all below it ("" = all files).
func (s *Service) DeletePath(ctx context.Context, v Viewer, id, path string, t Trigger) (Upload, error) {
	if _, err := s.allowed(ctx, v, id, ChangeFiles); err != nil {
		return Upload{}, err
	}
	path, err := SafePath(path)
	if err != nil {
		return Upload{}, err
	}
	release, err := s.hold(ctx, id)
	if err != nil {
		return Upload{}, err
	}
	defer release()
	if err := s.catchUp(ctx, id); err != nil {
		return Upload{}, err
	}
	noted := audit.Note(ctx, audit.Event{Operation: audit.RawDelete, Object: audit.RawObject(id, path)})
	err = s.carryOut(noted, func(tx Tx) ([]Intent, error) {
		if err := s.allowedInTx(ctx, tx, v, id, ChangeFiles); err != nil {
			return nil, err
		}
		err := tx.DeletePath(ctx, id, path)
		if problem.Is(err, problem.Missing) {
			return nil, problem.NotFound("No file or folder with that path found.")
		}
		if err != nil {
			return nil, fmt.Errorf("delete rows: %w", err)
		}
		return []Intent{{UploadID: id, Kind: Remove, Staged: s.newName(), Path: path}}, s.after(ctx, tx, id, t)
	})
	if err != nil {
		return Upload{}, err
	}
	return s.store.Upload(ctx, id)
}

// Delete removes an upload with everything it has. The answer is what it was,
// with the process that removed it (spec uploads.md §8).
func (s *Service) Delete(ctx context.Context, v Viewer, id string) (Upload, error) {
	release, err := s.hold(ctx, id)
	if err != nil {
		return Upload{}, err
	}
	defer release()
	// What the disk has refused before need not be done any more: all of it goes.
	moot, err := s.setAside(ctx, id)
	if err != nil {
		return Upload{}, err
	}
	var gone Upload
	var cut []string
	noted := audit.Note(ctx, audit.Event{Operation: audit.UploadDelete, Object: audit.UploadObject(id)})
	err = s.carryOut(noted, func(tx Tx) ([]Intent, error) {
		u, err := tx.Upload(ctx, id)
		if err != nil {
			return nil, fmt.Errorf("read upload: %w", err)
		}
		if denied := May(&u, v, Delete); denied != nil {
			return nil, denied
		}
		if cut, err = tx.DeleteDeliveries(ctx, id); err != nil {
			return nil, fmt.Errorf("delete deliveries: %w", err)
		}
		if err := tx.DeleteUpload(ctx, id); err != nil {
			return nil, fmt.Errorf("delete upload: %w", err)
		}
		gone = u
		return []Intent{{UploadID: id, Kind: Drop, Staged: s.newName()}}, nil
	})
	if err != nil {
		s.stuck.putBack(moot)
		return Upload{}, err
	}
	s.forget(ctx, moot)
	for _, delivery := range cut {
		s.sending.interrupt(delivery)
	}
	_ = s.files.Discard(context.WithoutCancel(ctx), cut...) // the next start sweeps what stays
	gone.Process = Process{Status: Pending, Current: ProcessDelete}
	return gone, nil
}
