package bundle_test

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"oasis/internal/access/group"
	"oasis/internal/access/identity"
	"oasis/internal/data/bundle"
	"oasis/internal/data/entry"
	"oasis/internal/data/upload"
	"oasis/internal/data/upload/unpack"
	"oasis/internal/problem"
	"oasis/internal/store/filestore"
	"oasis/internal/store/sqlstore"
	"oasis/internal/work/jobs"
	"oasis/internal/work/parser/all"
	"oasis/internal/work/processing"
)

// site is a server without its HTTP side: real stores, real processing.
type site struct {
	*bundle.Service
	t     *testing.T
	db    *sqlstore.DB
	files *filestore.Store
	dir   string
	clock time.Time
	rules bundle.Rules
	work  *processing.Service
	users map[string]identity.User
}

func newSite(t *testing.T, name string) *site {
	t.Helper()
	s := &site{
		t: t, dir: t.TempDir(), clock: time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC), users: map[string]identity.User{},
		rules: bundle.Rules{OldestVersion: "1.1.2"},
	}
	now := func() time.Time { return s.clock }
	var err error
	s.db, err = sqlstore.Open(t.Context(), sqlstore.Config{Path: filepath.Join(s.dir, "oasis.db"), Now: now})
	must(t, err)
	s.files, err = filestore.Open(filepath.Join(s.dir, "files"), filestore.Options{})
	must(t, err)
	t.Cleanup(func() { must(t, errors.Join(s.files.Close(), s.db.Close())) })
	limits := upload.Limits{Unpublished: 3, FileBytes: 64 << 20, Archive: unpack.DefaultLimits()}
	uploads := upload.NewService(s.db.Uploads(), s.files, func() upload.Limits { return limits }, now)
	people, err := identity.NewService(t.Context(), s.db.Identity(), func(string) {}, now)
	must(t, err)
	s.Service = &bundle.Service{
		Uploads: uploads, Entries: s.db.Entries(), Archives: s.files, People: people, Groups: &group.Service{Store: s.db.Groups(), People: people, Now: now},
		Rules: func() bundle.Rules { return s.rules }, Now: now,
		Source: func() bundle.Source {
			return bundle.Source{Deployment: name, DeploymentURL: "https://" + name + ".example/api"}
		},
	}
	s.work = &processing.Service{Store: s.db.Processing(), Raw: uploads, Archives: uploads, Parsers: all.Parsers(), Now: now, Log: slog.New(slog.DiscardHandler)}
	return s
}

// knows adds accounts that exist under one id on several sites.
func knows(t *testing.T, ids map[string]string, sites ...*site) {
	t.Helper()
	for name, id := range ids {
		for _, s := range sites {
			u := identity.User{ID: id, Username: name, Email: name + "@example.org", FirstName: strings.ToUpper(name), LastName: "Doe", Admin: name == "root", Created: s.clock}
			must(t, s.db.Identity().InsertUser(t.Context(), u, ""))
			s.users[name] = u
		}
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (s *site) viewer(name string) upload.Viewer {
	return upload.Viewer{UserID: s.users[name].ID, Admin: name == "root"}
}

type parts []upload.Part

func (p *parts) Next() (*upload.Part, error) {
	if len(*p) == 0 {
		return nil, io.EOF
	}
	next := &(*p)[0]
	*p = (*p)[1:]
	return next, nil
}

func body(b []byte) *parts { return &parts{{Name: "bundle.zip", Reader: bytes.NewReader(b)}} }

// make makes an upload of ann with an entry that fails, one that does not, and a plain file in a folder.
func (s *site) make(published bool) upload.Upload {
	s.t.Helper()
	ctx := s.t.Context()
	u, err := s.Uploads.Create(ctx, s.viewer("ann"), upload.CreateOptions{Name: "TiO2"}, &parts{
		{Name: "good.archive.yaml", Reader: strings.NewReader("data:\n  m_def: nomad.datamodel.metainfo.eln.ELNSample\n  name: a sample\n  description: made of 3.5 mg\n")},
		{Name: "bad.archive.yaml", Reader: strings.NewReader("data: [\n")},
	})
	must(s.t, err)
	_, err = s.Uploads.PutFiles(ctx, s.viewer("ann"), u.ID, "sub dir/ü", upload.PutOptions{}, &parts{{Name: "plain.txt", Reader: strings.NewReader(strings.Repeat("x", 100_000))}})
	must(s.t, err)
	s.process()
	must(s.t, s.db.Uploads().InTx(ctx, func(tx upload.Tx) error {
		got, err := tx.Upload(ctx, u.ID)
		if err != nil {
			return err
		}
		got.Description, got.Coauthors, got.Reviewers = "what it is", []string{s.users["bob"].ID}, []string{s.users["cid"].ID}
		got.ReviewerGroups = []string{"all"}
		if published {
			got.PublishTime, got.EmbargoLength = s.clock.Add(-time.Hour), 12
		}
		return tx.SaveUpload(ctx, got)
	}))
	u, err = s.db.Uploads().Upload(ctx, u.ID)
	must(s.t, err)
	return u
}

// process does the jobs that wait.
func (s *site) process() (n int) {
	s.t.Helper()
	ctx := s.t.Context()
	claimed, err := s.db.Jobs().ClaimJobs(ctx, "w", []string{upload.JobProcess}, 9, 9, s.clock.Add(time.Hour), s.clock.Add(2*time.Hour))
	must(s.t, err)
	for _, job := range claimed {
		must(s.t, s.work.Job(ctx, jobs.Job{ID: job.ID, Args: job.Args}))
		must(s.t, s.db.Jobs().FinishJob(ctx, "w", job.ID))
	}
	return len(claimed)
}

func (s *site) export(id string) []byte {
	s.t.Helper()
	b, err := s.Export(s.t.Context(), s.viewer("ann"), id, upload.Export, bundle.Contents{RawFiles: true, ArchiveFiles: true, Datasets: true})
	must(s.t, err)
	var out bytes.Buffer
	must(s.t, b.Write(s.t.Context(), &out))
	return out.Bytes()
}

// everything is all a site has of an upload, for comparing.
type everything struct {
	files    []string
	entries  []entry.Entry
	archives map[string]any
}

func (s *site) all(id string) everything {
	s.t.Helper()
	ctx := s.t.Context()
	e := everything{archives: map[string]any{}}
	files, err := s.db.Uploads().Tree(ctx, id, "")
	must(s.t, err)
	for _, f := range files {
		content, err := s.Uploads.OpenRaw(ctx, id, f.Path)
		must(s.t, err)
		text, err := io.ReadAll(content)
		must(s.t, errors.Join(err, content.Close()))
		e.files = append(e.files, f.Path+" "+f.SHA256+" "+string(text[:min(len(text), 20)]))
	}
	e.entries, _, err = s.db.Entries().ListEntries(ctx, id, entry.Page{OrderBy: entry.OrderMainfile, Limit: 100})
	must(s.t, err)
	for i := range e.entries {
		from, err := s.files.OpenArchive(ctx, id, e.entries[i].ID)
		must(s.t, err)
		var archive any
		must(s.t, errors.Join(json.NewDecoder(from).Decode(&archive), from.Close()))
		e.archives[e.entries[i].ID] = archive
		var document map[string]any
		must(s.t, json.Unmarshal(e.entries[i].Document, &document))
		e.entries[i].Document, err = json.Marshal(document) // keys in one order
		must(s.t, err)
	}
	return e
}

// leftovers counts files on the disk of a site.
func (s *site) leftovers() (n int) {
	s.t.Helper()
	must(s.t, s.Uploads.Settle(s.t.Context()))
	must(s.t, filepath.WalkDir(filepath.Join(s.dir, "files"), func(_ string, d os.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			n++
		}
		return err
	}))
	return n
}

func TestUploadIsTheSameOnAnotherServer(t *testing.T) {
	t.Parallel()
	for name, published := range map[string]bool{"draft": false, "published": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			here, there := newSite(t, "here"), newSite(t, "there")
			knows(t, map[string]string{"ann": "1", "bob": "2", "cid": "3", "root": "4"}, here, there)
			there.clock = there.clock.Add(24 * time.Hour)
			was := here.make(published)
			packed := here.export(was.ID)
			z, err := zip.NewReader(bytes.NewReader(packed), int64(len(packed)))
			must(t, err)
			var names []string
			for _, f := range z.File {
				names = append(names, f.Name)
				if f.Method != zip.Store {
					t.Errorf("%s is compressed", f.Name)
				}
			}
			want := []string{"bundle_info.json", "raw/bad.archive.yaml", "raw/good.archive.yaml", "raw/sub dir/ü/plain.txt",
				"archive/" + upload.EntryID(was.ID, "bad.archive.yaml", "") + "-v1.2.msg", "archive/" + upload.EntryID(was.ID, "good.archive.yaml", "") + "-v1.2.msg"}
			if published {
				want = []string{"bundle_info.json", "raw-restricted.plain.zip", "archive-restricted-v1.2.msg.msg"}
			}
			if !slices.Equal(names, want) {
				t.Errorf("members %q\nwant %q", names, want)
			}
			got, err := there.Import(t.Context(), there.viewer("root"), body(packed), bundle.DefaultOptions())
			must(t, err)
			if got.ID != was.ID || got.Name != was.Name || got.Description != was.Description || got.MainAuthor != was.MainAuthor ||
				!slices.Equal(got.Coauthors, was.Coauthors) || !slices.Equal(got.Reviewers, was.Reviewers) || !slices.Equal(got.ReviewerGroups, was.ReviewerGroups) ||
				got.EmbargoLength != was.EmbargoLength || got.Published() != published || got.Entries != was.Entries || got.Failed != was.Failed ||
				got.Files != was.Files || got.Bytes != was.Bytes || !got.FromOasis || got.OasisURL != "https://here.example/api" ||
				got.Process.Status != upload.Success || got.Process.Current != "_import_bundle" || !got.CreateTime.Equal(there.clock) {
				t.Errorf("imported %+v\nwas %+v", got, was)
			}
			is, before := there.all(was.ID), here.all(was.ID)
			if !slices.Equal(is.files, before.files) || len(is.files) != 3 {
				t.Errorf("files %q, before %q", is.files, before.files)
			}
			if !reflect.DeepEqual(is.archives, before.archives) {
				t.Errorf("archives\n%v\nbefore\n%v", is.archives, before.archives)
			}
			for i := range before.entries {
				before.entries[i].Process.Current = is.entries[i].Process.Current
			}
			if !reflect.DeepEqual(is.entries, before.entries) {
				t.Errorf("entries\n%+v\nbefore\n%+v", is.entries, before.entries)
			}
			// The entries are what processing here would make: it finds nothing to do.
			must(t, there.work.Run(t.Context(), was.ID, ""))
			if again := there.all(was.ID); !reflect.DeepEqual(again.entries, is.entries) {
				t.Error("processing made other entries")
			}
			items, err := there.db.Inbox().Items(t.Context(), was.MainAuthor, "all", there.clock, 10)
			must(t, err)
			if len(items) != 1 || items[0].Data["process"] != "_import_bundle" {
				t.Errorf("the main author is told %+v", items)
			}
			_, err = there.Import(t.Context(), there.viewer("root"), body(packed), bundle.DefaultOptions())
			refused(t, err, problem.BadRequest, "Failed to import bundle: Upload with id "+was.ID+" already exists")
			if n := there.leftovers(); n != here.leftovers() {
				t.Errorf("%d files on the disk", n)
			}
		})
	}
}

func refused(t *testing.T, err error, kind problem.Kind, detail string) {
	t.Helper()
	p := problem.As(err)
	if p == nil || p.Kind != kind || !strings.HasPrefix(p.Detail, detail) {
		t.Errorf("got %v, want %d %s", err, kind, detail)
	}
}

// change packs a bundle anew with other content.
func change(t *testing.T, packed []byte, edit func(name string, content []byte) (string, []byte)) []byte {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(packed), int64(len(packed)))
	must(t, err)
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, f := range z.File {
		from, err := f.Open()
		must(t, err)
		content, err := io.ReadAll(from)
		must(t, errors.Join(err, from.Close()))
		name, content := edit(f.Name, content)
		if name == "" {
			continue
		}
		to, err := w.Create(name) // compressed
		must(t, err)
		_, err = to.Write(content)
		must(t, err)
	}
	must(t, w.Close())
	return out.Bytes()
}

// changeInfo changes bundle_info.json.
func changeInfo(t *testing.T, packed []byte, edit func(info map[string]any)) []byte {
	t.Helper()
	return change(t, packed, func(name string, content []byte) (string, []byte) {
		if name != "bundle_info.json" {
			return name, content
		}
		var info map[string]any
		must(t, json.Unmarshal(content, &info))
		edit(info)
		content, err := json.Marshal(info)
		must(t, err)
		return name, content
	})
}

func TestBundlesThatAreNotImported(t *testing.T) {
	t.Parallel()
	here, there := newSite(t, "here"), newSite(t, "there")
	knows(t, map[string]string{"ann": "1", "bob": "2", "cid": "3", "root": "4"}, here, there)
	draft, public := here.export(here.make(false).ID), here.export(here.make(true).ID)
	at := func(keys ...string) func(value any) func(map[string]any) {
		return func(value any) func(map[string]any) {
			return func(info map[string]any) {
				object := info
				for _, key := range keys[:len(keys)-1] {
					next := object[key]
					if all, isList := next.([]any); isList {
						next = all[0]
					}
					object = next.(map[string]any)
				}
				if value == nil {
					delete(object, keys[len(keys)-1])
				} else {
					object[keys[len(keys)-1]] = value
				}
			}
		}
	}
	future := map[string]any{"$datetime": there.clock.Add(3 * time.Minute).Format("2006-01-02T15:04:05.000000")}
	tests := map[string]struct {
		packed []byte
		kind   problem.Kind
		detail string
	}{
		"no zip":            {[]byte("no zip at all"), problem.BadRequest, ""},
		"no info":           {change(t, draft, func(n string, c []byte) (string, []byte) { return strings.TrimPrefix(n, "bundle_info.json"), c }), problem.BadRequest, "The file is no bundle"},
		"info is no object": {change(t, draft, func(n string, c []byte) (string, []byte) { return n, []byte("[]") }), problem.BadRequest, "bundle_info.json is no JSON object"},
		"cut":               {draft[:len(draft)/2], problem.BadRequest, ""},
		"no source":         {changeInfo(t, draft, at("source")(nil)), problem.BadRequest, "Missing key in bundle_info.json: source"},
		"no license":        {changeInfo(t, draft, at("upload", "license")(nil)), problem.BadRequest, "Missing key in bundle_info.json: license"},
		"no parser":         {changeInfo(t, draft, at("entries", "parser_name")(nil)), problem.BadRequest, "Missing key in bundle_info.json: parser_name"},
		"old":               {changeInfo(t, draft, at("source", "version")("1.1.1")), problem.BadRequest, "Bad bundle version"},
		"other id":          {changeInfo(t, draft, at("upload", "_id")("x")), problem.BadRequest, "Mismatching upload_id"},
		"id is a path": {changeInfo(t, draft, func(info map[string]any) {
			info["upload_id"] = "../../../etc"
			info["upload"].(map[string]any)["_id"] = "../../../etc"
			info["entries"] = []any{}
		}), problem.BadRequest, `"../../../etc" is not the id of an upload`},
		"embargo":            {changeInfo(t, draft, at("upload", "embargo_length")(37)), problem.BadRequest, "Invalid embargo_length, must be between 0 and 36 months"},
		"future":             {changeInfo(t, draft, at("upload", "upload_create_time")(future)), problem.BadRequest, "Timestamp is in the future"},
		"entry id":           {changeInfo(t, draft, at("entries", "_id")("x")), problem.BadRequest, "Provided entry id does not match generated value"},
		"entry of another":   {changeInfo(t, draft, at("entries", "upload_id")("x")), problem.BadRequest, "Mismatching upload_id in entry definition"},
		"entry runs":         {changeInfo(t, draft, at("entries", "process_status")("RUNNING")), problem.BadRequest, "Invalid entry `process_status`"},
		"entry in future":    {changeInfo(t, draft, at("entries", "entry_create_time")(future)), problem.BadRequest, "Timestamp is in the future"},
		"no entries":         {changeInfo(t, public, at("entries")([]any{})), problem.BadRequest, "Upload published but no entries in bundle_info.json"},
		"lacks raw":          {changeInfo(t, draft, at("export_settings", "include_raw_files")(false)), problem.BadRequest, "The bundle does not hold everything"},
		"author":             {changeInfo(t, draft, at("upload", "main_author")("9")), problem.BadRequest, "Invalid main_author: 9"},
		"coauthor":           {changeInfo(t, draft, at("upload", "coauthors")([]string{"9"})), problem.BadRequest, "Invalid coauthor reference: 9"},
		"reviewer":           {changeInfo(t, draft, at("upload", "reviewers")([]string{"9"})), problem.BadRequest, "Invalid reviewers reference: 9"},
		"climbs out":         {change(t, draft, func(n string, c []byte) (string, []byte) { return strings.Replace(n, "raw/sub", "raw/../../sub", 1), c }), problem.BadRequest, ""},
		"climbs out, nested": {change(t, public, func(n string, c []byte) (string, []byte) { return n, nest(t, n, c) }), problem.BadRequest, ""},
		"other bytes": {change(t, draft, func(n string, c []byte) (string, []byte) { return n, bytes.Replace(c, []byte("xxx"), []byte("xyx"), 1) }),
			problem.BadRequest, `the file "sub dir/ü/plain.txt" is not what bundle_info.json says of it`},
		"file missing":    {change(t, draft, func(n string, c []byte) (string, []byte) { return strings.TrimPrefix(n, "raw/good.archive.yaml"), c }), problem.BadRequest, "The bundle has 2 raw files, and lists 3"},
		"archive damaged": {change(t, draft, func(n string, c []byte) (string, []byte) { return n, damage(n, c) }), problem.BadRequest, "an archive file is damaged"},
	}
	for name, tt := range tests {
		_, err := there.Import(t.Context(), there.viewer("root"), body(tt.packed), bundle.DefaultOptions())
		p := problem.As(err)
		if p == nil || p.Kind != tt.kind || !strings.HasPrefix(p.Detail, "Failed to import bundle: "+tt.detail) {
			t.Errorf("%s: got %v, want %s", name, err, tt.detail)
		}
	}
	if n := there.leftovers(); n != 0 {
		t.Errorf("%d files are left on the disk", n)
	}
	if intents, err := there.db.Uploads().Intents(t.Context(), ""); err != nil || len(intents) != 0 {
		t.Errorf("promises are left: %v %v", intents, err)
	}
}

// nest puts a hostile member into the packed raw files.
func nest(t *testing.T, name string, content []byte) []byte {
	if !strings.HasPrefix(name, "raw-") {
		return content
	}
	return change(t, content, func(n string, c []byte) (string, []byte) { return strings.Replace(n, "good", "../../good", 1), c })
}

func damage(name string, content []byte) []byte {
	if strings.HasSuffix(name, ".msg") {
		content = slices.Clone(content)
		for i := 50; i < len(content); i++ {
			content[i] = 0xc1
		}
	}
	return content
}

// In NOMAD 2.0.0 anybody may import a published upload in the name of anybody.
func TestImportIsForOnesOwn(t *testing.T) {
	t.Parallel()
	here, there := newSite(t, "here"), newSite(t, "there")
	knows(t, map[string]string{"ann": "1", "bob": "2", "cid": "3", "root": "4"}, here, there)
	draft, public := here.export(here.make(false).ID), here.export(here.make(true).ID)
	try := func(who string, packed []byte, change func(*bundle.Options)) (upload.Upload, error) {
		o := bundle.DefaultOptions()
		if change != nil {
			change(&o)
		}
		return there.Import(t.Context(), there.viewer(who), body(packed), o)
	}
	_, err := there.Import(t.Context(), upload.Viewer{}, body(draft), bundle.DefaultOptions())
	refused(t, err, problem.Unauthenticated, "")
	_, err = there.Import(t.Context(), upload.Viewer{UserID: "1", AppendOnly: true}, body(draft), bundle.DefaultOptions())
	refused(t, err, problem.Forbidden, "This token is restricted")
	_, err = try("bob", draft, nil)
	refused(t, err, problem.Forbidden, "Only an administrator may import an upload of somebody else.")
	_, err = try("ann", public, nil)
	refused(t, err, problem.Forbidden, "Only an administrator may import a published upload")
	_, err = try("ann", draft, func(o *bundle.Options) { o.KeepTimes = true })
	refused(t, err, problem.Forbidden, "Changing the setting keep_original_timestamps requires an admin user")
	there.rules.FromOases = true
	_, err = try("ann", draft, nil)
	refused(t, err, problem.BadRequest, "Failed to import bundle: Bundles uploaded from an oasis must be published in the oasis first.")
	u, err := try("ann", public, nil)
	must(t, err)
	if !u.Published() || u.MainAuthor != "1" {
		t.Errorf("%+v", u)
	}
	there.rules.FromOases = false
	forged := changeInfo(t, draft, func(info map[string]any) {
		info["upload"].(map[string]any)["license"] = "mine"
		oasis := info["entries"].([]any)[0].(map[string]any)["oasis"].(map[string]any)
		oasis["document"].(map[string]any)["main_author"] = "root"
		oasis["document"].(map[string]any)["upload_id"] = u.ID
	})
	u, err = try("ann", forged, nil)
	must(t, err)
	if u.Published() || u.License != upload.DefaultLicense {
		t.Errorf("%+v", u)
	}
	for _, e := range there.all(u.ID).entries {
		if text := string(e.Document); strings.Contains(text, "main_author") || !strings.Contains(text, `"upload_id":"`+u.ID+`"`) {
			t.Errorf("a document was believed: %s", text)
		}
	}
	must(t, deleteUpload(there, u.ID))
	u, err = try("bob", draft, func(o *bundle.Options) { o.Strangers = bundle.Importer })
	must(t, err)
	if u.MainAuthor != "2" || slices.Contains(u.Coauthors, "2") || !strings.Contains(u.Description, "Authors at https://here.example/api: ANN Doe (1).") {
		t.Errorf("%+v", u)
	}
	for range 2 { // three drafts are the most
		_, err = try("bob", here.export(here.make(false).ID), func(o *bundle.Options) { o.Strangers = bundle.Importer })
		must(t, err)
		must(t, deleteUploads(here))
	}
	_, err = try("bob", here.export(here.make(false).ID), func(o *bundle.Options) { o.Strangers = bundle.Importer })
	refused(t, err, problem.BadRequest, "Failed to import bundle: Limit of unpublished uploads exceeded for user.")
}

func deleteUpload(s *site, id string) error {
	_, err := s.Uploads.Delete(s.t.Context(), s.viewer("root"), id)
	return err
}

// deleteUploads makes room for ann.
func deleteUploads(s *site) error {
	uploads, _, err := s.Uploads.List(s.t.Context(), s.viewer("ann"), upload.ListQuery{Limit: 100})
	for i := range uploads {
		err = errors.Join(err, deleteUpload(s, uploads[i].ID))
	}
	return err
}

func TestOptionsOfAnImport(t *testing.T) {
	t.Parallel()
	here, there := newSite(t, "here"), newSite(t, "there")
	knows(t, map[string]string{"ann": "1", "bob": "2", "cid": "3", "root": "4"}, here)
	knows(t, map[string]string{"root": "40"}, there)
	was := here.make(true)
	there.clock = there.clock.Add(24 * time.Hour)
	packed := changeInfo(t, here.export(was.ID), func(info map[string]any) { // as NOMAD writes it
		delete(info, "files")
		delete(info, "users")
		for _, e := range info["entries"].([]any) {
			delete(e.(map[string]any), "oasis")
		}
		info["upload"].(map[string]any)["coauthor_groups"] = []string{"none"}
	})
	o := bundle.DefaultOptions()
	o.KeepTimes, o.Strangers, o.FromOasis = true, bundle.Importer, false
	none := 0
	o.Embargo = &none
	u, err := there.Import(t.Context(), there.viewer("root"), body(packed), o)
	must(t, err)
	if u.MainAuthor != "40" || len(u.Coauthors)+len(u.Reviewers)+len(u.CoauthorGroups) > 0 || !u.PublishTime.Equal(was.PublishTime) ||
		!u.CreateTime.Equal(was.CreateTime) || u.EmbargoLength != 0 || u.FromOasis {
		t.Errorf("%+v", u)
	}
	if warned := strings.Join(u.Process.Warnings, " "); !strings.Contains(warned, "reviewer 3") || !strings.Contains(warned, "group none") || !strings.Contains(warned, "1, 2") {
		t.Errorf("warned: %s", warned)
	}
	is, before := there.all(was.ID), here.all(was.ID)
	if !reflect.DeepEqual(is.archives, before.archives) {
		t.Error("other archives")
	}
	for i := range is.entries { // made of the archives
		var made, was map[string]any
		must(t, errors.Join(json.Unmarshal(is.entries[i].Document, &made), json.Unmarshal(before.entries[i].Document, &was)))
		for _, key := range []string{"entry_hash"} { // stands in archives only
			delete(made, key)
		}
		for key := range was {
			if !reflect.DeepEqual(made[key], was[key]) {
				t.Errorf("%s is %v, was %v", key, made[key], was[key])
			}
			delete(made, key)
		}
		if len(made) > 0 {
			t.Errorf("also made %v", made)
		}
	}
	must(t, deleteUpload(there, was.ID))
	o = bundle.DefaultOptions()
	o.ArchiveFiles, o.Strangers = false, bundle.Importer
	u, err = there.Import(t.Context(), there.viewer("root"), body(packed), o)
	must(t, err)
	if u.Process.Status != upload.Pending {
		t.Errorf("%+v", u.Process)
	}
	if n := there.process(); n != 1 {
		t.Errorf("%d jobs", n)
	}
	if again := there.all(was.ID); len(again.archives) != 2 {
		t.Errorf("processing made %d archives", len(again.archives))
	}
}

func TestExportsThatAreRefused(t *testing.T) {
	t.Parallel()
	s := newSite(t, "here")
	knows(t, map[string]string{"ann": "1", "bob": "2", "cid": "3", "root": "4"}, s)
	u := s.make(false)
	export := func(v upload.Viewer, id string, c bundle.Contents) error {
		_, err := s.Export(t.Context(), v, id, upload.Export, c)
		return err
	}
	whole := bundle.Contents{RawFiles: true}
	refused(t, export(s.viewer("ann"), "none", whole), problem.Missing, "The specified upload_id was not found.")
	must(t, s.db.Uploads().InTx(t.Context(), func(tx upload.Tx) error {
		u.ReviewerGroups = nil
		return tx.SaveUpload(t.Context(), u)
	}))
	refused(t, export(upload.Viewer{UserID: "9"}, u.ID, whole), problem.Forbidden, "You do not have access")
	refused(t, export(s.viewer("ann"), u.ID, bundle.Contents{}), problem.BadRequest, "Could not export due to error: Export must include the archive files or the raw files, or both")
	must(t, s.db.Uploads().InTx(t.Context(), func(tx upload.Tx) error {
		return tx.SetProcess(t.Context(), u.ID, upload.Process{Status: upload.Pending})
	}))
	refused(t, export(s.viewer("ann"), u.ID, whole), problem.BadRequest, "The upload is currently being processed, operation not allowed.")
}
