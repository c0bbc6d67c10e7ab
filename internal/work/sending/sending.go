// Package sending takes uploads to other servers: a job makes the bundle and streams it
// into the import of the target. The token for the target is in memory only; when the
// server that has it stops, the sending has failed and is asked for again.
package sending

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"oasis/internal/access/audit"
	"oasis/internal/data/bundle"
	"oasis/internal/data/inbox"
	"oasis/internal/data/upload"
	"oasis/internal/problem"
	"oasis/internal/work/jobs"
)

// Job is the kind of the job that sends an upload; its key is the upload id.
const Job = "send_upload"

// Order says where an upload goes.
type Order struct {
	UploadID string `json:"upload_id"`
	// Target is the address of the API of a server, ending in /api.
	Target   string          `json:"target"`
	Contents bundle.Contents `json:"contents"`
	Embargo  *int            `json:"embargo,omitempty"`
	// Strangers is what the target is asked to do with people it does not know, "" = what it does by itself.
	Strangers bundle.Strangers `json:"strangers,omitempty"`
	// Token is the sender's at the target. It is never stored.
	Token string `json:"-"`
}

// Tx is what the end of a sending does beside upload.Tx.
type Tx interface {
	upload.Tx
	// AddPublishedTo notes a server that an upload was sent to, once.
	AddPublishedTo(ctx context.Context, uploadID, address string) error
}

// Service sends uploads. Make it with New.
type Service struct {
	store   upload.Store
	bundles *bundle.Service
	// targets are the servers that may be called (oasis.transfer_targets); asked at every use.
	targets func() []string
	// alone tells that no other server may hold the token of a job.
	alone  bool
	now    func() time.Time
	log    *slog.Logger
	remote Remote

	mu     sync.Mutex
	orders map[string]*waiting // by upload
}

// waiting is an order whose token this server has.
type waiting struct {
	token string
	ended chan struct{}
}

// Config is what a Service is made of.
type Config struct {
	Store   upload.Store
	Bundles *bundle.Service
	Targets func() []string
	Alone   bool
	Remote  Remote
	Now     func() time.Time
	Log     *slog.Logger
}

// New makes a service.
func New(c Config) *Service {
	return &Service{
		store: c.Store, bundles: c.Bundles, targets: c.Targets, alone: c.Alone, now: c.Now, log: c.Log, remote: c.Remote,
		orders: map[string]*waiting{},
	}
}

// errTarget is all that a caller learns of a target that does not answer: the words of
// the network would tell what there is on it.
func errTarget() *problem.Error {
	return problem.Bad("The target deployment is not available or the URL is incorrectly formatted. The target deployment URL should end with /api.")
}

// check refuses a target that must not be called. Only what an administrator has listed is.
func (s *Service) check(target string) error {
	invalid := func(text string) error { return problem.New(problem.Unprocessable, "%s", text) }
	u, err := url.Parse(target)
	switch {
	case err != nil || u.Scheme != "http" && u.Scheme != "https":
		return invalid("URL must start with http:// or https://")
	case u.Host == "" || u.User != nil:
		return invalid("URL must contain a valid host (e.g., example.com)")
	case !strings.HasSuffix(u.Path, "/api") || u.RawQuery != "" || u.Fragment != "":
		return invalid("URL path must end with '/api'")
	}
	same := func(listed string) bool { return strings.TrimSuffix(listed, "/") == target }
	if !slices.ContainsFunc(s.targets(), same) {
		return problem.Bad("This server does not send uploads there. An administrator can list the address in oasis.transfer_targets.")
	}
	return nil
}

// Send sends an upload and gives it as it is when that has ended, or when ctx ends; the
// sending goes on then. Whoever may write to a published upload may send it. A target
// that refuses is a 400 with its words.
func (s *Service) Send(ctx context.Context, v upload.Viewer, o Order) (upload.Upload, error) {
	o.Target = strings.TrimSuffix(o.Target, "/")
	if _, err := s.bundles.Export(ctx, v, o.UploadID, upload.SendElsewhere, o.Contents); err != nil {
		return upload.Upload{}, err
	}
	if err := s.check(o.Target); err != nil {
		return upload.Upload{}, err
	}
	if err := s.healthy(ctx, o.Target); err != nil {
		return upload.Upload{}, err
	}
	w, err := s.begin(ctx, v, o)
	if err != nil {
		return upload.Upload{}, err
	}
	u, err := s.await(ctx, o.UploadID, w)
	if err == nil && u.Process.Status == upload.Failure && len(u.Process.Errors) > 0 {
		return u, problem.Bad("%s", u.Process.Errors[0])
	}
	return u, err
}

// begin marks the upload and enqueues the job in one transaction.
func (s *Service) begin(ctx context.Context, v upload.Viewer, o Order) (*waiting, error) {
	w := &waiting{token: o.Token, ended: make(chan struct{})}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.orders[o.UploadID] != nil {
		return nil, errBusy()
	}
	noted := audit.Note(ctx, audit.Event{Operation: audit.UploadSend, Object: audit.UploadObject(o.UploadID), Detail: "to " + o.Target})
	s.orders[o.UploadID] = w // before the commit, which wakes the queue
	err := s.store.InTx(noted, func(tx upload.Tx) error {
		u, err := tx.Upload(ctx, o.UploadID)
		if err != nil {
			return err
		}
		if denied := upload.May(&u, v, upload.SendElsewhere); denied != nil {
			return denied
		}
		if u.Process.Status.Busy() {
			return errBusy()
		}
		if err := tx.SetProcess(ctx, u.ID, upload.Process{Status: upload.Pending, Current: upload.ProcessSend, Message: "Creating bundle."}); err != nil {
			return err
		}
		return tx.Enqueue(ctx, Job, u.ID, o)
	})
	if err != nil {
		delete(s.orders, o.UploadID)
		return nil, err
	}
	return w, nil
}

func errBusy() *problem.Error {
	return problem.Bad("The upload is currently being processed, operation not allowed.")
}

// lookEvery is how often the end of a job is looked for that another server does.
const lookEvery = time.Second

func (s *Service) await(ctx context.Context, id string, w *waiting) (upload.Upload, error) {
	look := time.NewTicker(lookEvery)
	defer look.Stop()
	for {
		select {
		case <-ctx.Done():
			return upload.Upload{}, ctx.Err()
		case <-w.ended:
			return s.store.Upload(ctx, id)
		case <-look.C:
			u, err := s.store.Upload(ctx, id)
			if err != nil || !u.Process.Status.Busy() {
				return u, err
			}
		}
	}
}

// Handle does a job of kind Job.
func (s *Service) Handle(ctx context.Context, job jobs.Job) error {
	var o Order
	if err := json.Unmarshal(job.Args, &o); err != nil {
		return fmt.Errorf("arguments of job %s: %w", job.ID, err)
	}
	s.mu.Lock()
	w := s.orders[o.UploadID]
	s.mu.Unlock()
	if w == nil {
		if !s.alone && job.Attempt < job.MaxAttempts {
			return errors.New("another server has the token of this sending")
		}
		return s.finish(ctx, job.ID, &o, errors.New("the server was stopped before the upload had arrived; send it again"))
	}
	o.Token = w.token
	sent := s.deliver(ctx, &o)
	if ctx.Err() != nil {
		sent = errors.New("the server was stopped before the upload had arrived; send it again")
	}
	err := s.finish(context.WithoutCancel(ctx), job.ID, &o, sent)
	if err == nil {
		s.mu.Lock()
		delete(s.orders, o.UploadID)
		s.mu.Unlock()
		close(w.ended)
	}
	return err
}

// GiveUp marks the upload of a job that has failed for good.
func (s *Service) GiveUp(ctx context.Context, job jobs.Job, _ error) error {
	var o Order
	if err := json.Unmarshal(job.Args, &o); err != nil {
		return nil //nolint:nilerr // such a job has no upload; the queue tells of it
	}
	return s.finish(ctx, job.ID, &o, errors.New("the server that was to send the upload is gone; send it again"))
}

// finish stores how it ended and tells the main author.
func (s *Service) finish(ctx context.Context, run string, o *Order, failed error) error {
	p := upload.Process{Status: upload.Success, Current: upload.ProcessSend, Message: "Process completed successfully", CompleteTime: s.now().UTC()}
	if failed != nil {
		s.log.WarnContext(ctx, "an upload was not sent", "upload_id", o.UploadID, "target", o.Target, "err", failed)
		p.Status, p.Errors = upload.Failure, []string{said(failed)}
		p.Message = "Process " + upload.ProcessSend + " failed: " + said(failed)
	}
	err := s.store.InTx(ctx, func(tx upload.Tx) error {
		u, err := tx.Upload(ctx, o.UploadID)
		if err != nil {
			return err
		}
		if !u.Process.Status.Busy() || u.Process.Current != upload.ProcessSend {
			return nil // it has ended before
		}
		if failed == nil {
			wide, ok := tx.(Tx)
			if !ok {
				return errors.New("this store cannot note where an upload was sent")
			}
			if err := wide.AddPublishedTo(ctx, u.ID, o.Target); err != nil {
				return err
			}
		}
		if err := tx.SetProcess(ctx, u.ID, p); err != nil {
			return err
		}
		resource := inbox.Resource{Type: "upload", ID: u.ID, Name: u.Name}
		return tx.Post(ctx, inbox.Ended(resource, u.MainAuthor, run, p.Current, p.Message, failed == nil, s.now().UTC()))
	})
	if problem.Is(err, problem.Missing) {
		return nil // deleted meanwhile
	}
	if err != nil {
		return fmt.Errorf("store the end of sending upload %s: %w", o.UploadID, err)
	}
	return nil
}

// said is what people are told of a failure.
func said(err error) string {
	if p := problem.As(err); p != nil {
		return p.Detail
	}
	return err.Error()
}
