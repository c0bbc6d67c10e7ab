package bundle

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"slices"
	"time"

	"oasis/internal/access/group"
	"oasis/internal/access/identity"
	"oasis/internal/data/entry"
	"oasis/internal/data/upload"
	"oasis/internal/data/upload/zipstream"
	"oasis/internal/problem"
)

// People finds accounts.
type People interface {
	Find(ctx context.Context, s identity.Search) ([]identity.User, error)
}

// Groups finds groups.
type Groups interface {
	List(ctx context.Context, q group.Query) ([]group.Group, int, error)
	Missing(ctx context.Context, ids []string) ([]string, error)
}

// Archives reads the archives of entries.
type Archives interface {
	// OpenArchive gives the JSON of an archive; fs.ErrNotExist when there is none.
	OpenArchive(ctx context.Context, uploadID, entryID string) (io.ReadCloser, error)
}

// Service exports and imports uploads.
type Service struct {
	Uploads  *upload.Service
	Entries  entry.Store
	Archives Archives
	People   People
	Groups   Groups
	// Rules are asked at every import.
	Rules func() Rules
	// Defaults are what exports hold that say nothing about it; asked at every export.
	Defaults func() Contents
	// Source tells who exports; asked at every export.
	Source func() Source
	Now    func() time.Time
}

// Bundle is an upload on its way out. Write gives it.
type Bundle struct {
	Upload   upload.Upload
	service  *Service
	contents Contents
	files    []upload.File
	info     map[string]any
}

// Export prepares the bundle of an upload for somebody who may do op, Export or
// SendElsewhere. All that can be refused is refused here.
func (s *Service) Export(ctx context.Context, v upload.Viewer, id string, op upload.Operation, c Contents) (*Bundle, error) {
	u, files, err := s.Uploads.Export(ctx, v, id, op)
	if err != nil {
		return nil, err
	}
	return s.prepare(ctx, u, files, c)
}

// Whole is Export for whoever has asked before and works on the upload now.
func (s *Service) Whole(ctx context.Context, id string, c Contents) (*Bundle, error) {
	u, files, err := s.Uploads.Whole(ctx, id)
	if err != nil {
		return nil, err
	}
	return s.prepare(ctx, u, files, c)
}

func (s *Service) prepare(ctx context.Context, u upload.Upload, files []upload.File, c Contents) (*Bundle, error) {
	if !c.RawFiles && !c.ArchiveFiles {
		return nil, problem.Bad("Could not export due to error: Export must include the archive files or the raw files, or both")
	}
	b := &Bundle{Upload: u, service: s, contents: c}
	if c.RawFiles {
		b.files = files
	}
	source := s.Source()
	source.Version, source.Service = apiVersion, "oasis"
	b.info = map[string]any{
		"upload_id": u.ID, "source": source, "export_settings": c, "upload": recordOf(&u),
	}
	if c.Datasets {
		b.info["datasets"] = []datasetRecord{}
	}
	return b, b.name(ctx)
}

// name adds who the members are.
func (b *Bundle) name(ctx context.Context) error {
	u := &b.Upload
	people, teams := []person{}, []team{}
	found, err := b.service.People.Find(ctx, identity.Search{IDs: slices.Concat([]string{u.MainAuthor}, u.Coauthors, u.Reviewers), Everywhere: true})
	if err != nil {
		return fmt.Errorf("look up members: %w", err)
	}
	for i := range found {
		people = append(people, person{ID: found[i].ID, Username: found[i].Username, Name: found[i].Name()})
	}
	if ids := slices.Concat(u.CoauthorGroups, u.ReviewerGroups); len(ids) > 0 {
		groups, _, err := b.service.Groups.List(ctx, group.Query{IDs: ids, Limit: len(ids)})
		if err != nil {
			return fmt.Errorf("look up groups: %w", err)
		}
		for i := range groups {
			teams = append(teams, team{ID: groups[i].ID, Name: groups[i].Name})
		}
	}
	b.info["users"], b.info["groups"] = people, teams
	return nil
}

// access is the word for who may read, in the names of packed files.
func (b *Bundle) access() string {
	if b.Upload.EmbargoLength > 0 {
		return "restricted"
	}
	return "public"
}

// Write gives the bundle as a zip whose members are not compressed, bundle_info.json
// first. Memory does not grow with the files. After an error the zip is incomplete.
func (b *Bundle) Write(ctx context.Context, to io.Writer) error {
	z := zip.NewWriter(to)
	out, err := z.CreateHeader(stored(infoName))
	if err != nil {
		return err
	}
	if err := b.writeInfo(ctx, out); err != nil {
		return fmt.Errorf("write bundle_info.json: %w", err)
	}
	if b.contents.RawFiles {
		if err := b.writeRaw(ctx, z); err != nil {
			return fmt.Errorf("write raw files: %w", err)
		}
	}
	if b.contents.ArchiveFiles {
		if err := b.writeArchives(ctx, z); err != nil {
			return fmt.Errorf("write archives: %w", err)
		}
	}
	return z.Close()
}

// stored is the header of a member that is not compressed.
func stored(name string) *zip.FileHeader {
	return &zip.FileHeader{Name: name, Method: zip.Store, Modified: time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)}
}

func (b *Bundle) writeInfo(ctx context.Context, to io.Writer) error {
	head, err := json.Marshal(b.info)
	if err != nil {
		return err
	}
	if _, err := to.Write(append(head[:len(head)-1], `,"files":[`...)); err != nil {
		return err
	}
	for i := range b.files {
		f := fileRecord{b.files[i].Path, b.files[i].Size, b.files[i].SHA256}
		if err := element(to, i == 0, f); err != nil {
			return err
		}
	}
	if _, err := io.WriteString(to, `],"entries":[`); err != nil {
		return err
	}
	first := true
	err = b.eachEntry(ctx, func(e *entry.Entry) error {
		defer func() { first = false }()
		return element(to, first, entryRecordOf(e))
	})
	if err != nil {
		return err
	}
	_, err = io.WriteString(to, "]}\n")
	return err
}

// element writes an element of a list.
func element(to io.Writer, first bool, v any) error {
	text, err := json.Marshal(v)
	if err != nil {
		return err
	}
	if !first {
		text = append([]byte(","), text...)
	}
	_, err = to.Write(text)
	return err
}

// entriesAtOnce is how many entries are in memory.
const entriesAtOnce = 250

func (b *Bundle) eachEntry(ctx context.Context, give func(*entry.Entry) error) error {
	for offset := 0; ; offset += entriesAtOnce {
		entries, _, err := b.service.Entries.ListEntries(ctx, b.Upload.ID, entry.Page{OrderBy: entry.OrderMainfile, Offset: offset, Limit: entriesAtOnce})
		if err != nil {
			return fmt.Errorf("list entries: %w", err)
		}
		for i := range entries {
			if err := give(&entries[i]); err != nil {
				return err
			}
		}
		if len(entries) < entriesAtOnce {
			return nil
		}
	}
}

func entryRecordOf(e *entry.Entry) *entryRecord {
	r := &entryRecord{
		ID: e.ID, UploadID: e.UploadID, Mainfile: e.Mainfile, MainfileKey: some(e.MainfileKey), ParserName: e.ParserName,
		ProcessStatus: string(e.Process.Status), CreateTime: instant(e.CreateTime), LastProcessing: instant(e.LastProcessing),
		LastEdit: instant(e.LastEdit), Hash: some(e.Hash), Errors: list(e.Process.Errors), Warnings: list(e.Process.Warnings),
		CurrentProcess: some(e.Process.Current), Message: some(e.Process.Message), CompleteTime: instant(e.Process.CompleteTime),
		Oasis: &entryAdditions{Document: e.Document, Edits: e.Edits, InputKey: e.InputKey},
	}
	var said struct {
		Comment    *string  `json:"comment"`
		References []string `json:"references"`
		ExternalID *string  `json:"external_id"`
	}
	if json.Unmarshal(e.Edits, &said) == nil { // empty when nobody has edited it
		r.Comment, r.References, r.ExternalID = said.Comment, said.References, said.ExternalID
	}
	return r
}

func (b *Bundle) writeRaw(ctx context.Context, z *zip.Writer) error {
	if !b.Upload.Published() {
		for i := range b.files {
			if err := b.writeFile(ctx, z, &b.files[i]); err != nil {
				return fmt.Errorf("%q: %w", b.files[i].Path, err)
			}
		}
		return nil
	}
	members := make([]zipstream.Member, len(b.files))
	files := slices.SortedFunc(slices.Values(b.files), func(x, y upload.File) int { return bytes.Compare([]byte(x.Path), []byte(y.Path)) })
	for i := range files {
		members[i] = zipstream.Member{Name: files[i].Path, Size: files[i].Size, CRC32: files[i].CRC32, SHA256: files[i].SHA256}
	}
	packed, err := zipstream.New(members, func(ctx context.Context, i int) (io.ReadSeekCloser, error) {
		return b.service.Uploads.OpenRaw(ctx, b.Upload.ID, files[i].Path)
	})
	if err != nil {
		return err
	}
	out, err := z.CreateHeader(stored("raw-" + b.access() + ".plain.zip"))
	if err != nil {
		return err
	}
	from := packed.Reader(ctx)
	_, err = io.Copy(out, from)
	return errors.Join(err, from.Close())
}

// writeFile writes a raw file. Its size and checksum are known, so the zip has no
// place to be told of another content: that is an error.
func (b *Bundle) writeFile(ctx context.Context, z *zip.Writer, f *upload.File) error {
	h := stored("raw/" + f.Path)
	h.CRC32, h.UncompressedSize64, h.CompressedSize64 = f.CRC32, uint64(f.Size), uint64(f.Size) //nolint:gosec // never negative
	out, err := z.CreateRaw(h)
	if err != nil {
		return err
	}
	content, err := b.service.Uploads.OpenRaw(ctx, b.Upload.ID, f.Path)
	if err != nil {
		return err
	}
	sum := crc32.NewIEEE()
	n, err := io.Copy(io.MultiWriter(out, sum), content)
	if err == nil && (n != f.Size || sum.Sum32() != f.CRC32) {
		err = errors.New("it was changed while it was exported")
	}
	return errors.Join(err, content.Close())
}

// archive gives the archive of an entry, nil when it has none.
func (b *Bundle) archive(ctx context.Context, entryID string) ([]byte, error) {
	from, err := b.service.Archives.OpenArchive(ctx, b.Upload.ID, entryID)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(from)
	return text, errors.Join(err, from.Close())
}

func (b *Bundle) writeArchives(ctx context.Context, z *zip.Writer) error {
	if b.Upload.Published() {
		return b.writeCombined(ctx, z)
	}
	return b.eachEntry(ctx, func(e *entry.Entry) error {
		text, err := b.archive(ctx, e.ID)
		if err != nil || text == nil {
			return err
		}
		file, err := entryFile(e.ID, text)
		if err != nil {
			return fmt.Errorf("archive of %s: %w", e.ID, err)
		}
		h := stored("archive/" + e.ID + "-v1.2.msg")
		h.CRC32, h.UncompressedSize64, h.CompressedSize64 = crc32.ChecksumIEEE(file), uint64(len(file)), uint64(len(file))
		out, err := z.CreateRaw(h)
		if err == nil {
			_, err = out.Write(file)
		}
		return err
	})
}

// writeCombined writes all archives into one file. Its beginning says where its table
// of contents is, so the archives are measured first.
func (b *Bundle) writeCombined(ctx context.Context, z *zip.Writer) error {
	var ids []string
	var offsets []int64
	var length int64
	err := b.eachEntry(ctx, func(e *entry.Entry) error {
		packed, err := b.packed(ctx, e.ID)
		if err == nil {
			ids, offsets = append(ids, e.ID), append(offsets, length)
			length += containerSize(int64(len(packed)))
		}
		return err
	})
	if err != nil {
		return err
	}
	toc, err := combinedToc(ids, offsets)
	if err != nil {
		return err
	}
	out, err := z.CreateHeader(stored("archive-" + b.access() + "-v1.2.msg.msg"))
	if err != nil {
		return err
	}
	if _, err := out.Write(header(length, int64(len(toc)))); err != nil {
		return err
	}
	var written int64
	for i, id := range ids {
		packed, err := b.packed(ctx, id)
		if err != nil {
			return err
		}
		file := container(packed)
		if written != offsets[i] {
			return fmt.Errorf("the archive of %s was changed while it was exported", id)
		}
		n, err := out.Write(file)
		if err != nil {
			return err
		}
		written += int64(n)
	}
	if written != length {
		return errors.New("an archive was changed while it was exported")
	}
	_, err = out.Write(toc)
	return err
}

// packed gives the archive of an entry as MessagePack; one that is missing is empty.
func (b *Bundle) packed(ctx context.Context, id string) ([]byte, error) {
	text, err := b.archive(ctx, id)
	if err != nil {
		return nil, err
	}
	if text == nil {
		return []byte{0x80}, nil
	}
	packed, err := packJSON(text)
	if err != nil {
		return nil, fmt.Errorf("archive of %s: %w", id, err)
	}
	return packed, nil
}
