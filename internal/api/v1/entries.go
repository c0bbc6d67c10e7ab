package v1

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net/http"
	"path"
	"reflect"
	"slices"

	"github.com/danielgtaylor/huma/v2"

	"oasis/internal/access"
	"oasis/internal/access/scope"
	"oasis/internal/api"
	"oasis/internal/data/entry"
	"oasis/internal/problem"
)

// EntryFiles are the files beside the main file of an entry (spec entries.md §8).
type EntryFiles struct {
	EntryID string         `json:"entry_id"`
	Data    EntryFilesData `json:"data"`
}

// EntryFilesData names the entry and lists the files.
type EntryFilesData struct {
	EntryID     string     `json:"entry_id"`
	UploadID    string     `json:"upload_id"`
	Mainfile    string     `json:"mainfile"`
	MainfileKey *string    `json:"mainfile_key,omitempty"`
	Files       []FileSize `json:"files"`
}

// FileSize is a file of an upload.
type FileSize struct {
	Path string `json:"path" doc:"Path below the upload"`
	Size int64  `json:"size"`
}

// SearchBody is the body of a search, judged by package data/search.
type SearchBody []byte

// maxSearch bounds the body of a search: it holds the longest list of entry ids it may have.
const maxSearch = 2 << 20

// UnmarshalJSON keeps the text.
func (b *SearchBody) UnmarshalJSON(text []byte) error {
	*b = append((*b)[:0], text...)
	return nil
}

// Schema describes the body.
func (SearchBody) Schema(r huma.Registry) *huma.Schema { return searchBodySchema(r) }

func (s Services) entryRoutes() []api.Route {
	row := func(id, method, path, summary string) api.Row {
		return api.Row{
			Operation: access.Operation{ID: id, Scopes: scope.Of(scope.EntriesRead), Anonymous: true, Reach: access.ReachVisible},
			Method:    method, Path: api.PathV1 + "/entries" + path, Tag: "entries", Summary: summary,
			Errors: []int{http.StatusNotFound, http.StatusUnprocessableEntity},
		}
	}
	hits := map[string]any{
		"owner": "public", "query": map[string]any{"name": "results.material.elements", "value": map[string]any{"all": []string{"Ti", "O"}}},
		"pagination": map[string]any{"page_size": 10, "order_by": "entry_id", "order": "asc", "total": 1},
		"data":       []any{map[string]any{"entry_id": "tUNivi2x_RmArL_hsW_AY-E4_kGT", "entry_name": "Sample 1"}},
	}
	query := row("queryEntries", http.MethodPost, "/query", "Search entries")
	query.Description = "The search language of NOMAD. Entries you may not see are neither found nor counted. A key that is not supported is refused by name."
	query.LooseBody, query.MaxBody, query.Heavy = true, maxSearch, true
	query.Errors, query.Output = []int{http.StatusUnprocessableEntity}, hits
	query.Input = map[string]any{
		"owner": "visible", "query": map[string]any{"results.material.elements:all": []string{"Ti", "O"}},
		"pagination": map[string]any{"page_size": 10}, "required": map[string]any{"include": []string{"entry_name"}},
	}
	query.Describe = describeAnswer("EntriesAnswer", entriesAnswerSchema)
	find := row("findEntries", http.MethodGet, "", "Search entries by parameters")
	find.Description = "Every search quantity is a parameter; `name__gte=3` and so on compare; `json_query` takes the query of the POST form."
	find.Heavy = true
	find.Errors, find.Output = []int{http.StatusUnprocessableEntity}, hits
	find.Describe = describeAnswer("EntriesAnswer", entriesAnswerSchema)
	get := row("getEntry", http.MethodGet, "/{entry_id}", "The metadata of one entry")
	get.Output = map[string]any{"entry_id": "tUNivi2x_RmArL_hsW_AY-E4_kGT", "data": map[string]any{"entry_name": "Sample 1"}}
	get.Describe = describeAnswer("EntryAnswer", entryAnswerSchema)
	archive := row("getEntryArchive", http.MethodGet, "/{entry_id}/archive", "The archive of one entry")
	archive.Output = map[string]any{
		"entry_id": "tUNivi2x_RmArL_hsW_AY-E4_kGT", "required": "*",
		"data": map[string]any{
			"entry_id": "tUNivi2x_RmArL_hsW_AY-E4_kGT", "upload_id": exampleUpload().UploadID, "parser_name": "parsers/archive",
			"archive": map[string]any{"data": map[string]any{"name": "Sample 1"}},
		},
	}
	archive.Describe = describeAnswer("EntryArchive", archiveSchema)
	download := row("downloadEntryArchive", http.MethodGet, "/{entry_id}/archive/download", "The bare archive of one entry as a file")
	download.Output = map[string]any{"data": map[string]any{"name": "Sample 1"}}
	download.Describe = func(op *huma.Operation, _ huma.Registry) {
		api.Answers(op, map[string]*huma.Schema{"application/json": {Type: huma.TypeObject, AdditionalProperties: true}})
	}
	dir := row("getEntryRawDir", http.MethodGet, "/{entry_id}/rawdir", "The files beside the main file of an entry")
	dir.Output = EntryFiles{"tUNivi2x_RmArL_hsW_AY-E4_kGT", EntryFilesData{
		EntryID: "tUNivi2x_RmArL_hsW_AY-E4_kGT", UploadID: exampleUpload().UploadID, Mainfile: "anneal/sample-1.archive.yaml",
		Files: []FileSize{{"anneal/sample-1.archive.yaml", 1200}},
	}}
	raw := row("getEntryRawFile", http.MethodGet, "/{entry_id}/raw/{path...}", "One of the files beside the main file of an entry")
	raw.Errors = append(raw.Errors, http.StatusBadRequest, http.StatusRequestedRangeNotSatisfiable)
	raw.Output = "(the bytes)"
	raw.Describe = func(op *huma.Operation, _ huma.Registry) {
		api.Answers(op, map[string]*huma.Schema{"application/octet-stream": nil})
	}
	return []api.Route{
		api.Handle(query, s.queryEntries), api.Handle(find, s.findEntries), api.Handle(get, s.getEntry),
		api.Handle(archive, s.getArchive), api.Handle(download, s.downloadArchive), api.Handle(dir, s.entryRawDir), api.Handle(raw, s.entryRawFile),
	}
}

func (s Services) queryEntries(ctx context.Context, in *struct{ Body SearchBody }) (*struct{ Body any }, error) {
	answer, err := s.Entries.Query(ctx, api.Viewer(ctx), in.Body)
	if err != nil {
		return nil, err
	}
	return &struct{ Body any }{answer}, nil
}

func (s Services) findEntries(ctx context.Context, _ *struct{}) (*struct{ Body any }, error) {
	answer, err := s.Entries.QueryValues(ctx, api.Viewer(ctx), api.Request(ctx).URL.Query())
	if err != nil {
		return nil, err
	}
	answer.Link(api.SelfURL(ctx))
	return &struct{ Body any }{answer}, nil
}

// EntryInput names an entry.
type EntryInput struct {
	EntryID string `path:"entry_id"`
}

func (s Services) getEntry(ctx context.Context, in *struct {
	EntryInput
	Include []string `query:"include,explode" doc:"Quantities to give, or patterns such as results*; allowed: what you may do with the entry; may be repeated"`
	Exclude []string `query:"exclude,explode" doc:"Quantities to leave out; may be repeated"`
}) (*struct{ Body any }, error) {
	rights := slices.Contains(in.Include, includeAllowed)
	if rights {
		in.Include = slices.DeleteFunc(in.Include, func(name string) bool { return name == includeAllowed })
		if len(in.Include) == 0 {
			in.Include = nil
		}
	}
	single, err := s.Entries.Get(ctx, api.Viewer(ctx), in.EntryID, in.Include, in.Exclude)
	if err != nil {
		return nil, err
	}
	if !rights {
		return &struct{ Body any }{single}, nil
	}
	u, err := s.Reader.Home(ctx, in.EntryID)
	if err != nil {
		return nil, err
	}
	return &struct{ Body any }{struct {
		entry.Single
		Allowed map[string]Allowed `json:"allowed"`
	}{single, allowedOn(ctx, &u)}}, nil
}

func (s Services) getArchive(ctx context.Context, in *EntryInput) (*api.Stream, error) {
	e, archive, err := s.Reader.Archive(ctx, api.Viewer(ctx), in.EntryID)
	if err != nil {
		return nil, err
	}
	return api.Write(func(w http.ResponseWriter, _ *http.Request) {
		defer archive.Close()
		w.Header().Set("Content-Type", "application/json")
		writeArchive(w, &e, archive)
	}), nil
}

// writeArchive puts the envelope of spec entries.md §9.1 around an archive while it
// is read, so that large ones need no memory. Once begun, a fault can only be
// told by cutting the connection.
func writeArchive(w io.Writer, e *entry.Entry, archive io.Reader) {
	out := bufio.NewWriter(w)
	id, upload, parser := quote(e.ID), quote(e.UploadID), quote(e.ParserName)
	_, _ = out.WriteString(`{"entry_id":` + id + `,"required":"*","data":{"entry_id":` + id + `,"upload_id":` + upload + `,"parser_name":` + parser + `,"archive":`)
	if err := copyArchive(out, bufio.NewReader(archive)); err != nil {
		api.Cut()
	}
	_, _ = out.WriteString("}}\n")
	_ = out.Flush() // the client may be gone
}

// copyArchive adds m_ref_archives, which every archive in an answer has.
func copyArchive(out *bufio.Writer, in *bufio.Reader) error {
	open, err := in.ReadByte()
	if err != nil || open != '{' {
		return errors.Join(err, errors.New("the archive is no object"))
	}
	_, _ = out.WriteString(`{"m_ref_archives":{}`)
	for {
		c, err := in.ReadByte()
		if err != nil {
			return err
		}
		if c == ' ' || c == '\n' || c == '\t' || c == '\r' {
			continue
		}
		if c != '}' {
			_ = out.WriteByte(',')
		}
		_ = out.WriteByte(c)
		break
	}
	_, err = io.Copy(out, in)
	return err
}

func (s Services) downloadArchive(ctx context.Context, in *EntryInput) (*api.Stream, error) {
	e, archive, err := s.Reader.Archive(ctx, api.Viewer(ctx), in.EntryID)
	if err != nil {
		return nil, err
	}
	return api.Write(func(w http.ResponseWriter, _ *http.Request) {
		defer archive.Close()
		asDownload(w, e.ID+".archive.json", "application/json")
		out := bufio.NewWriter(w)
		if err := copyArchive(out, bufio.NewReader(archive)); err != nil {
			api.Cut()
		}
		_ = out.Flush() // the client may be gone
	}), nil
}

// mostFiles bounds the list of files beside a main file.
const mostFiles = 10_000

func (s Services) entryRawDir(ctx context.Context, in *EntryInput) (*struct{ Body EntryFiles }, error) {
	viewer := api.Viewer(ctx)
	e, _, err := s.Reader.Visible(ctx, viewer, in.EntryID)
	if err != nil {
		return nil, err
	}
	dir := path.Dir(e.Mainfile)
	l, err := s.Uploads.RawDir(ctx, viewer, e.UploadID, dir, 0, mostFiles)
	if err != nil {
		return nil, err
	}
	data := EntryFilesData{EntryID: e.ID, UploadID: e.UploadID, Mainfile: e.Mainfile, MainfileKey: some(e.MainfileKey), Files: []FileSize{}}
	for _, c := range l.Dir.Entries {
		if c.IsFile {
			data.Files = append(data.Files, FileSize{path.Join(dir, c.Name), c.Size})
		}
	}
	return &struct{ Body EntryFiles }{EntryFiles{e.ID, data}}, nil
}

func (s Services) entryRawFile(ctx context.Context, in *struct {
	EntryInput
	Section
	Path api.FilePath `path:"path" doc:"Path below the folder of the main file"`
}) (*api.Stream, error) {
	if err := in.check(); err != nil {
		return nil, err
	}
	viewer := api.Viewer(ctx)
	e, _, err := s.Reader.Visible(ctx, viewer, in.EntryID)
	if err != nil {
		return nil, err
	}
	file, content, err := s.Uploads.OpenFile(ctx, viewer, e.UploadID, path.Join(path.Dir(e.Mainfile), in.Path.String()))
	if problem.Is(err, problem.Missing) {
		return nil, problem.NotFound("The requested file does not exist.").Because(err)
	}
	if err != nil {
		return nil, err
	}
	return send(ctx, file, content, &in.Section)
}

// describeAnswer documents an answer whose shape no Go type says.
func describeAnswer(name string, schema func(huma.Registry) *huma.Schema) func(*huma.Operation, huma.Registry) {
	return func(op *huma.Operation, schemas huma.Registry) {
		api.Answers(op, map[string]*huma.Schema{"application/json": api.Component(schemas, name, schema(schemas))})
	}
}

func metadataRef(schemas huma.Registry) *huma.Schema {
	return EntryMetadata{}.Schema(schemas)
}

func paginationRef(schemas huma.Registry) *huma.Schema {
	return schemas.Schema(reflect.TypeFor[api.Pagination](), true, "")
}
