package bundle

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"oasis/internal/access/audit"
	"oasis/internal/data/entry"
	"oasis/internal/data/inbox"
	"oasis/internal/data/upload"
	"oasis/internal/data/upload/unpack"
	"oasis/internal/problem"
)

// Strangers says what becomes of people the server does not know.
type Strangers string

// The ways.
const (
	// Refuse refuses a bundle that names one.
	Refuse Strangers = "refuse"
	// Importer makes whoever imports the main author in place of somebody unknown, or of
	// somebody else when the importer is no administrator, and leaves other members out.
	Importer Strangers = "importer"
)

// Options say how a bundle is imported; DefaultOptions are what NOMAD does.
type Options struct {
	RawFiles, ArchiveFiles, Datasets bool
	// FromOasis notes where the upload comes from.
	FromOasis bool
	// KeepTimes takes the times of creating and publishing from the bundle.
	KeepTimes bool
	// Trigger processes the upload here.
	Trigger bool
	// Embargo replaces the embargo length; nil = as it is.
	Embargo   *int
	Strangers Strangers
}

// DefaultOptions gives the options of an import that asks for nothing else.
func DefaultOptions() Options {
	return Options{RawFiles: true, ArchiveFiles: true, Datasets: true, FromOasis: true, Strangers: Refuse}
}

// changed names a setting that only an administrator may change and that differs.
func (o *Options) changed() string {
	d := DefaultOptions()
	for _, s := range []struct {
		name    string
		is, was bool
	}{
		{"include_raw_files", o.RawFiles, d.RawFiles}, {"include_archive_files", o.ArchiveFiles, d.ArchiveFiles},
		{"include_datasets", o.Datasets, d.Datasets}, {"keep_original_timestamps", o.KeepTimes, d.KeepTimes},
		{"set_from_oasis", o.FromOasis, d.FromOasis}, {"trigger_processing", o.Trigger, d.Trigger},
	} {
		if s.is != s.was {
			return s.name
		}
	}
	return ""
}

// Tx is what an import does beside upload.Tx in the transaction that makes the upload.
type Tx interface {
	upload.Tx
	// PutEntries stores entries of a new upload with what people said about them.
	PutEntries(ctx context.Context, uploadID string, entries []entry.Entry) error
}

// incoming is a bundle that is being imported.
type incoming struct {
	*Service
	viewer  upload.Viewer
	options Options
	bundle  *upload.Spooled
	info    *info
	// entries tells the status of each entry, files the row of each raw file that was listed.
	entries map[string]upload.Status
	files   map[string]fileRecord
	// documents are the search documents of entries that the bundle only has archives of.
	documents map[string]json.RawMessage
	warnings  []string
	upload    upload.Upload
}

// Import makes an upload of a bundle, under the ids it has there: whole or not at all.
// Whoever is no administrator imports uploads of their own only. Refusals are 400s that
// begin with "Failed to import bundle", and 403s for what the importer may not do.
func (s *Service) Import(ctx context.Context, v upload.Viewer, body upload.Body, o Options) (upload.Upload, error) {
	switch name := o.changed(); {
	case v.UserID == "":
		return upload.Upload{}, problem.New(problem.Unauthenticated, "Authentication required.")
	case v.Uploads != nil || v.AppendOnly:
		return upload.Upload{}, problem.Denied("This token is restricted; it may not import uploads.")
	case !v.Admin && name != "":
		return upload.Upload{}, problem.Denied("Changing the setting %s requires an admin user", name)
	case !o.RawFiles && !o.ArchiveFiles:
		return upload.Upload{}, failed("Import the raw files, the archive files, or both")
	}
	spooled, err := s.Uploads.Spool(ctx, body, "Can only provide one bundle file at a time")
	if err != nil {
		return upload.Upload{}, err
	}
	if spooled == nil {
		return upload.Upload{}, problem.Bad("No bundle file provided")
	}
	in := &incoming{
		Service: s, viewer: v, options: o, bundle: spooled,
		entries: map[string]upload.Status{}, files: map[string]fileRecord{}, documents: map[string]json.RawMessage{},
	}
	made, err := in.run(ctx)
	return made, errors.Join(explained(err), spooled.Drop(ctx))
}

// explained puts the words clients know before a 400.
func explained(err error) error {
	const before = "Failed to import bundle: "
	p := problem.As(err)
	if p == nil || p.Kind != problem.BadRequest && p.Kind != problem.Conflict || strings.HasPrefix(p.Detail, before) {
		return err
	}
	return problem.Bad("%s%s", before, p.Detail).Because(err)
}

func (in *incoming) run(ctx context.Context) (upload.Upload, error) {
	if err := in.read(ctx); err != nil {
		return upload.Upload{}, err
	}
	if err := in.info.check(&in.options, in.Rules(), in.Now()); err != nil {
		return upload.Upload{}, err
	}
	if err := in.admit(); err != nil {
		return upload.Upload{}, err
	}
	if err := in.describe(ctx); err != nil {
		return upload.Upload{}, err
	}
	return in.Uploads.Adopt(ctx, upload.Adoption{
		Upload: in.upload, Raw: in.raw, Archives: in.archives, More: in.store,
		Event: audit.Event{Operation: audit.UploadImport, Object: audit.UploadObject(in.info.UploadID), Detail: "from " + in.info.Source.DeploymentURL},
	})
}

// read reads bundle_info.json for everything but the documents of entries.
func (in *incoming) read(ctx context.Context) (err error) {
	in.info, err = in.walk(ctx, func(raw json.RawMessage) error {
		var light struct {
			ID     string `json:"_id"`
			Status string `json:"process_status"`
		}
		if err := json.Unmarshal(raw, &light); err != nil {
			return failed("an entry is no JSON object")
		}
		if _, twice := in.entries[light.ID]; twice {
			return failed("entry %s is in the bundle twice", light.ID)
		}
		in.entries[light.ID] = upload.Status(light.Status)
		return nil
	}, func(f fileRecord) error {
		in.files[f.Path] = f
		return nil
	})
	if err != nil {
		return err
	}
	if in.info.Upload == nil || in.info.Source == nil || in.info.Contents == nil {
		return in.info.check(&in.options, in.Rules(), in.Now())
	}
	// What an entry must be depends on the upload, which may stand after it.
	_, err = in.walk(ctx, func(raw json.RawMessage) error {
		_, err := in.info.readEntry(raw, in.Now())
		return err
	}, nil)
	return err
}

// walk goes through bundle_info.json.
func (in *incoming) walk(ctx context.Context, onEntry func(json.RawMessage) error, onFile func(fileRecord) error) (*info, error) {
	var found *info
	err := unpack.Unpack(ctx, unpack.Zip, in.bundle, in.bundle.Size(), in.Uploads.Unpacking(), func(_ context.Context, m unpack.Member) (err error) {
		if m.Path != infoName || m.Folder {
			return nil
		}
		found, err = walk(m.Body, onEntry, onFile)
		if err != nil && problem.As(err) == nil {
			err = failed("%s", err)
		}
		return err
	})
	if err == nil && found == nil {
		err = failed("The file is no bundle: it has no bundle_info.json")
	}
	return found, err
}

// admit asks whether the importer may have the upload in this state.
func (in *incoming) admit() error {
	u, rules := in.info.Upload, in.Rules()
	published := !time.Time(u.PublishTime).IsZero()
	if published && len(in.entries) == 0 {
		return failed("Upload published but no entries in bundle_info.json")
	}
	if in.viewer.Admin {
		return nil
	}
	switch {
	case u.MainAuthor != in.viewer.UserID && in.options.Strangers != Importer:
		return problem.Denied("Only an administrator may import an upload of somebody else. With unknown_users=importer it becomes yours.")
	case published && !rules.FromOases:
		return problem.Denied("Only an administrator may import a published upload; bundle_import.allow_bundles_from_oasis would let others do so.")
	case !published && rules.FromOases && !rules.Unpublished:
		return problem.Bad("Bundles uploaded from an oasis must be published in the oasis first.")
	}
	return nil
}

// raw gives the raw files of the bundle.
func (in *incoming) raw(ctx context.Context, put func(string, io.Reader) (upload.File, error), mkdir func(string)) error {
	if !in.options.RawFiles {
		return nil
	}
	found := 0
	take := func(at string, m unpack.Member) error {
		if m.Folder {
			mkdir(at)
			return nil
		}
		f, err := put(at, m.Body)
		if err != nil {
			return err
		}
		found++
		if want, listed := in.files[at]; listed && (want.Size != f.Size || want.SHA256 != f.SHA256) {
			return failed("the file %q is not what bundle_info.json says of it: it was damaged or changed", at)
		}
		return nil
	}
	left := in.Uploads.Unpacking()
	err := in.members(ctx, func(ctx context.Context, m unpack.Member) error {
		if at, ok := strings.CutPrefix(m.Path, "raw/"); ok {
			return take(at, m)
		}
		if m.Path != "raw-public.plain.zip" && m.Path != "raw-restricted.plain.zip" || m.Folder {
			return nil
		}
		return in.at(ctx, m, func(packed *io.SectionReader) error {
			return unpack.Unpack(ctx, unpack.Zip, packed, packed.Size(), left, func(_ context.Context, m unpack.Member) error { return take(m.Path, m) })
		})
	})
	if err == nil && in.info.keys[""]["files"] && found != len(in.files) {
		err = failed("The bundle has %d raw files, and lists %d", found, len(in.files))
	}
	return err
}

func (in *incoming) members(ctx context.Context, give unpack.Sink) error {
	return unpack.Unpack(ctx, unpack.Zip, in.bundle, in.bundle.Size(), in.Uploads.Unpacking(), give)
}

// at gives the content of a member to read from any place; one that is compressed is unfolded first.
func (in *incoming) at(ctx context.Context, m unpack.Member, read func(*io.SectionReader) error) error {
	if m.At != nil {
		return read(m.At)
	}
	spooled, err := in.Uploads.Spool(ctx, &onePart{m.Body}, "")
	if err != nil || spooled == nil {
		return err
	}
	return errors.Join(read(io.NewSectionReader(spooled, 0, spooled.Size())), spooled.Drop(ctx))
}

// onePart is a body of one part.
type onePart struct{ body io.Reader }

// Next gives the part once.
func (p *onePart) Next() (*upload.Part, error) {
	if p.body == nil {
		return nil, io.EOF
	}
	part := &upload.Part{Name: "bundle", Reader: p.body}
	p.body = nil
	return part, nil
}

// Archives are written in portions.
const (
	archivesAtOnce = 250
	bytesAtOnce    = 32 << 20
	// mostDocuments bounds the search documents that are made of archives, in bytes.
	mostDocuments = 512 << 20
)

// store stores the entries and how the import ended.
func (in *incoming) store(ctx context.Context, tx upload.Tx) error {
	wide, ok := tx.(Tx)
	if !ok {
		return errors.New("this store cannot import entries")
	}
	if !in.viewer.Admin && !in.upload.Published() {
		n, err := tx.CountUnpublished(ctx, in.upload.MainAuthor)
		if err != nil {
			return fmt.Errorf("count uploads: %w", err)
		}
		if err := in.Uploads.MayHaveOneMore(n - 1); err != nil { // the new one is counted
			return err
		}
	}
	var portion []entry.Entry
	_, err := in.walk(ctx, func(raw json.RawMessage) error {
		r, err := in.info.readEntry(raw, in.Now())
		if err != nil {
			return err
		}
		portion = append(portion, in.storedEntry(r))
		if len(portion) < entriesAtOnce {
			return nil
		}
		defer func() { portion = nil }()
		return wide.PutEntries(ctx, in.upload.ID, portion)
	}, nil)
	if err == nil {
		err = wide.PutEntries(ctx, in.upload.ID, portion)
	}
	if err != nil {
		return fmt.Errorf("store entries: %w", err)
	}
	if in.upload.Process.Status.Busy() {
		args := upload.ProcessArgs{UploadID: in.upload.ID}
		if err := tx.Enqueue(ctx, upload.JobProcess, in.upload.ID, args); err != nil {
			return fmt.Errorf("enqueue processing: %w", err)
		}
	}
	resource := inbox.Resource{Type: "upload", ID: in.upload.ID, Name: in.upload.Name}
	return tx.Post(ctx, inbox.Ended(resource, in.upload.MainAuthor, "import-"+in.upload.ID, upload.ProcessImport, done, true, in.Now().UTC()))
}

// done is what the process says at its end.
const done = "Process completed successfully"
