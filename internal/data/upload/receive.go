package upload

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"path"

	"oasis/internal/data/upload/unpack"
	"oasis/internal/problem"
)

// Part is one file of a request body.
type Part struct {
	// Name as given by the client; "" for a body without a name, which then has to be an archive.
	Name   string
	Reader io.Reader
}

// Body yields the parts of a request body one after another. A part is read
// before the next is asked for.
type Body interface {
	// Next gives io.EOF after the last part.
	Next() (*Part, error)
}

// Incoming says how a body is read.
type Incoming struct {
	// KeepArchives stores archives as they are (auto_decompress=false).
	KeepArchives bool
	// Standing asks again, when all has come, whether the sender may still do this: sending may take
	// hours; nil = nobody can tell.
	Standing func(context.Context) error
	// Stored, when not nil, is given the receipts of a viewer who may only add.
	Stored func([]Receipt)
	// room is what there is, and deposit tells that nobody's but that of the whole counts.
	room    room
	deposit bool
}

// arrival is what a body has brought: staged, durable, not placed yet.
type arrival struct {
	service *Service
	// uploadID is set once it is known where the files go.
	uploadID string
	files    []File
	folders  []string
	// staged[i] is the staged body of files[i].
	staged []string
	// bodies are those that Stage gave back, by staged name.
	bodies map[string][]byte
	// removals are carried out after the files are placed.
	removals []Intent
	// plain are the paths of files that were not in an archive.
	plain []string
	// deposit tells that it comes from a token that deposits for others.
	deposit bool
	// receipts of files for a viewer who may only add.
	receipts []Receipt
	// name is a name for an upload made of this: that of the only part.
	name  string
	parts int
	kept  bool
	// unpacked tells that the files are the members of one archive.
	unpacked bool
	// batch, once begun, makes all that comes after it durable together.
	batch Batch
	// received and unfolded count the bytes of the request and of the members of its
	// archives: limits hold for all of a request, in however many parts it comes.
	received, unfolded int64
	// held counts the bytes of bodies.
	held int64
}

// What one request may leave in its intents instead of syncing it. More of it
// would be kept in memory and in the database to save nothing: many files wait
// for one sync together.
const (
	mostHeldFiles = 64
	mostHeldBytes = 1 << 20
)

// stage takes one body in: alone while there are few, else into the batch.
func (a *arrival) stage(ctx context.Context, r io.Reader, limit int64) (Staged, error) {
	if a.batch == nil && a.parts < mostHeldFiles && a.held < mostHeldBytes {
		staged, err := a.service.files.Stage(ctx, r, limit)
		a.held += int64(len(staged.Body))
		return staged, err
	}
	batch, err := a.inBatch()
	if err != nil {
		return Staged{}, err
	}
	return batch.Stage(ctx, r, limit)
}

func (a *arrival) inBatch() (_ Batch, err error) {
	if a.batch == nil {
		if a.batch, err = a.service.files.Batch(); err != nil {
			return nil, fmt.Errorf("begin batch: %w", err)
		}
	}
	return a.batch, nil
}

// settle makes what is in the batch durable.
func (a *arrival) settle(ctx context.Context) error {
	if a.batch == nil {
		return nil
	}
	if err := a.batch.Sync(ctx); err != nil {
		return fmt.Errorf("store the files of the request: %w", err)
	}
	return nil
}

func (a *arrival) empty() bool { return len(a.files) == 0 && len(a.folders) == 0 }

// discard removes what was staged unless it has been committed.
func (a *arrival) discard(ctx context.Context) {
	if a.kept {
		return
	}
	if a.batch != nil {
		_ = a.batch.Discard() // the next start sweeps what stays
	}
	if len(a.staged) == 0 {
		return
	}
	// A cancelled request must not leave its bodies lying around.
	_ = a.service.files.Discard(context.WithoutCancel(ctx), a.staged...) // the next start sweeps what stays
}

// nameless is the name of a body that has none (spec uploads.md §3.3).
const nameless = "NO NAME"

// receive stages everything the body holds, below dir. On an error nothing stays.
func (s *Service) receive(ctx context.Context, dir string, in Incoming, body Body) (_ *arrival, err error) {
	if err := newPath("Bad path provided", dir); err != nil {
		return nil, err
	}
	a := &arrival{service: s, deposit: in.deposit}
	defer func() {
		if err != nil {
			a.discard(ctx)
		}
	}()
	for body != nil {
		part, err := body.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, brokenBody(err)
		}
		if err := s.receivePart(ctx, a, dir, in, part); err != nil {
			return nil, err
		}
	}
	if in.Standing != nil {
		if err := in.Standing(ctx); err != nil {
			return nil, err
		}
	}
	return a, a.settle(ctx)
}

// brokenBody is the 400 for a transfer that was cut.
func brokenBody(cause error) error {
	if p := problem.As(cause); p != nil {
		return p
	}
	return problem.Bad("Some IO went wrong, upload probably aborted/disrupted.").Because(cause)
}

func (s *Service) receivePart(ctx context.Context, a *arrival, dir string, in Incoming, part *Part) error {
	if part.Name != "" {
		if err := SafeBase(part.Name); err != nil {
			return err
		}
		if err := newPath("Bad file name provided", part.Name); err != nil {
			return err
		}
	}
	limits := s.limits()
	if most := limits.Archive.Members; a.parts >= most {
		return problem.New(problem.TooLarge, "The request has more than %d files, the most one may have. Send them in several requests.", most)
	}
	limit := int64(-1)
	if limits.FileBytes > 0 {
		limit = limits.FileBytes - a.received
	}
	limit, full := in.room.cut(a.received, limit)
	staged, err := a.stage(ctx, part.Reader, limit)
	if problem.Is(err, problem.TooLarge) && full != nil {
		return full
	}
	if problem.Is(err, problem.TooLarge) && a.parts > 0 {
		return problem.New(problem.TooLarge, "The files of the request have more than the %d bytes that are allowed together. Send them in several requests.", limits.FileBytes).Because(err)
	}
	if err != nil {
		return fmt.Errorf("store body: %w", err)
	}
	a.received += staged.Size
	if part.Name == "" && staged.Size == 0 { // a request without a body
		return s.files.Discard(ctx, staged.Name)
	}
	a.parts++
	kind, err := s.kindOf(ctx, part.Name, staged)
	if err == nil && part.Name == "" && kind == unpack.None {
		err = problem.Bad("No file name provided, and the file does not look like a zip or tar file.")
	}
	if err == nil && kind != unpack.None && !in.KeepArchives {
		return s.receiveArchive(ctx, a, dir, kind, part.Name, staged)
	}
	if err != nil {
		return errors.Join(err, s.files.Discard(ctx, staged.Name))
	}
	name := part.Name
	if name == "" {
		name = nameless + kind.Extension()
	}
	a.add(File{Path: path.Join(dir, name), Size: staged.Size, SHA256: staged.SHA256, CRC32: staged.CRC32, ModTime: s.now().UTC()}, staged.Name)
	if staged.Body != nil {
		if a.bodies == nil {
			a.bodies = map[string][]byte{}
		}
		a.bodies[staged.Name] = staged.Body
	}
	a.plain = append(a.plain, path.Join(dir, name))
	a.named(part.Name)
	return nil
}

func (a *arrival) add(f File, staged string) {
	a.files = append(a.files, f)
	a.staged = append(a.staged, staged)
}

// named remembers the name of the only part, which becomes that of a new upload.
func (a *arrival) named(name string) {
	a.name = name
	if a.parts > 1 {
		a.name = ""
	}
}

// kindOf tells what sort of archive a staged body is, by name or, without one, by content.
func (s *Service) kindOf(ctx context.Context, name string, staged Staged) (unpack.Kind, error) {
	if staged.Body != nil {
		return unpack.Detect(name, bytes.NewReader(staged.Body))
	}
	content, err := s.files.OpenStaged(ctx, staged.Name)
	if err != nil {
		return unpack.None, fmt.Errorf("read staged body: %w", err)
	}
	defer content.Close()
	return unpack.Detect(name, content)
}

// receiveArchive stages the members of a staged archive and drops the archive.
func (s *Service) receiveArchive(ctx context.Context, a *arrival, dir string, kind unpack.Kind, name string, staged Staged) (err error) {
	defer func() { err = errors.Join(err, s.files.Discard(ctx, staged.Name)) }()
	if err := s.unpackStaged(ctx, a, dir, kind, staged); err != nil {
		return err
	}
	a.named(name)
	return nil
}

// unpackStaged stages the members of a staged archive.
func (s *Service) unpackStaged(ctx context.Context, a *arrival, dir string, kind unpack.Kind, staged Staged) error {
	content, err := s.files.OpenStaged(ctx, staged.Name)
	if err != nil {
		return fmt.Errorf("read staged archive: %w", err)
	}
	defer content.Close()
	batch, err := a.inBatch()
	if err != nil {
		return err
	}
	return unpack.Unpack(ctx, kind, content, content.Size(), a.archiveLimits(), func(ctx context.Context, m unpack.Member) error {
		if m.Folder {
			a.folders = append(a.folders, path.Join(dir, m.Path))
			return nil
		}
		st, err := batch.Stage(ctx, m.Body, -1)
		if err != nil {
			return err
		}
		a.unfolded += st.Size
		a.add(File{Path: path.Join(dir, m.Path), Size: st.Size, SHA256: st.SHA256, CRC32: st.CRC32, ModTime: s.now().UTC()}, st.Name)
		return nil
	})
}

// archiveLimits is what is left of the limits for the next archive of the request.
func (a *arrival) archiveLimits() unpack.Limits {
	left := a.service.limits().Archive
	left.Members = max(0, left.Members-len(a.files)-len(a.folders))
	left.Bytes = max(0, left.Bytes-a.unfolded)
	left.Slack = max(0, left.Slack-a.unfolded)
	return left
}
