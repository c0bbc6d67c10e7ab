package v1

import (
	"context"
	"net/http"
	"path"
	"strings"

	"oasis/internal/access"
	"oasis/internal/access/scope"
	"oasis/internal/api"
	"oasis/internal/data/entry"
	"oasis/internal/data/upload"
)

// RawDir is what is at a path: a file, or a page of a directory (spec uploads.md §6).
type RawDir struct {
	Path       string          `json:"path"`
	Access     string          `json:"access" enum:"unpublished,embargoed,public"`
	File       *RawFile        `json:"file_metadata,omitempty"`
	Directory  *RawDirectory   `json:"directory_metadata,omitempty"`
	Pagination *api.Pagination `json:"pagination,omitempty"`
}

// RawFile is one file.
type RawFile struct {
	Name       string  `json:"name"`
	Size       int64   `json:"size"`
	SHA256     string  `json:"sha256" doc:"Digest of the content, 64 hex digits"`
	Stored     *string `json:"stored" format:"date-time" nullable:"false" doc:"When these bytes were stored"`
	EntryID    *string `json:"entry_id,omitempty" doc:"The entry that this file makes"`
	ParserName *string `json:"parser_name,omitempty"`
}

// RawDirectory is one directory.
type RawDirectory struct {
	Name    string       `json:"name"`
	Size    int64        `json:"size" doc:"All files below together"`
	Content []RawDirItem `json:"content"`
}

// RawDirItem is a child of a directory.
type RawDirItem struct {
	Name       string  `json:"name"`
	IsFile     bool    `json:"is_file"`
	Size       int64   `json:"size"`
	SHA256     string  `json:"sha256,omitempty" doc:"Digest of the content of a file, 64 hex digits"`
	Stored     *string `json:"stored,omitempty" format:"date-time" doc:"When the bytes of a file were stored"`
	EntryID    *string `json:"entry_id,omitempty"`
	ParserName *string `json:"parser_name,omitempty"`
}

func (s Services) rawRoutes() []api.Route {
	example := UploadAnswer{exampleUpload().UploadID, exampleUpload()}
	row := func(id, method, path, summary string, sc scope.Scope) api.Row {
		return api.Row{
			Operation: access.Operation{ID: id, Scopes: scope.Of(sc), Reach: access.ReachUpload},
			Method:    method, Path: api.PathV1 + "/uploads/{upload_id}" + path, Tag: "uploads", Summary: summary,
		}
	}
	remove := row("deleteRawFile", http.MethodDelete, "/raw/{path...}", "Remove a file or directory of an upload", scope.UploadsWrite)
	remove.UploadToken = true
	remove.Description = "An empty path removes all files."
	remove.Errors, remove.Output = []int{http.StatusBadRequest, http.StatusNotFound}, example

	dir := row("getRawDir", http.MethodGet, "/rawdir/{path...}", "What is at a path of an upload", scope.UploadsRead)
	dir.Anonymous, dir.Errors = true, []int{http.StatusBadRequest, http.StatusNotFound, http.StatusUnprocessableEntity}
	dir.Output = RawDir{
		Path: "anneal", Access: "unpublished", Pagination: &api.Pagination{PageSize: 10, Total: 1},
		Directory: &RawDirectory{Name: "anneal", Size: 1200, Content: []RawDirItem{{Name: "sample-1.archive.yaml", IsFile: true, Size: 1200}}},
	}
	root := dir
	root.ID, root.Path, root.Summary = "getRawRoot", strings.TrimSuffix(dir.Path, "/{path...}"), "The root directory of an upload"

	return append([]api.Route{
		api.Handle(remove, s.deleteRaw), api.Handle(dir, s.getRawDir), api.Handle(root, s.getRawRoot),
	}, append(s.rawPutRoutes(row), s.downloadRoutes(row)...)...)
}

// PathInput names a place in an upload.
type PathInput struct {
	UploadInput
	Path api.FilePath `path:"path" doc:"Path below the upload; may contain slashes and may be empty"`
}

func (s Services) deleteRaw(ctx context.Context, in *struct {
	PathInput
	Trigger api.Optional[bool] `query:"trigger_processing" doc:"Process the upload afterwards, true by default"`
}) (*struct{ Body UploadAnswer }, error) {
	u, err := s.Uploads.DeletePath(ctx, api.Viewer(ctx), in.UploadID, in.Path.String(), upload.Trigger{Hold: !in.Trigger.Or(true)})
	if err != nil {
		return nil, err
	}
	return oneUpload(&u, api.Viewer(ctx)), nil
}

// RawDirInput chooses a page of a directory.
type RawDirInput struct {
	api.PageInput
	EntryInfo bool `query:"include_entry_info" doc:"Tell which files make entries"`
}

func (s Services) getRawRoot(ctx context.Context, in *struct {
	UploadInput
	RawDirInput
}) (*struct{ Body RawDir }, error) {
	return s.rawDir(ctx, in.UploadID, "", &in.RawDirInput)
}

func (s Services) getRawDir(ctx context.Context, in *struct {
	PathInput
	RawDirInput
}) (*struct{ Body RawDir }, error) {
	return s.rawDir(ctx, in.UploadID, in.Path.String(), &in.RawDirInput)
}

func (s Services) rawDir(ctx context.Context, id, at string, in *RawDirInput) (*struct{ Body RawDir }, error) {
	w, err := in.Window()
	if err != nil {
		return nil, err
	}
	viewer := api.Viewer(ctx)
	l, err := s.Uploads.RawDir(ctx, viewer, id, at, w.Offset, w.Limit)
	if err != nil {
		return nil, err
	}
	out := &struct{ Body RawDir }{RawDir{Path: strings.TrimSuffix(at, "/"), Access: accessOf(&l.Upload)}}
	var entries map[string]entry.Made
	if in.EntryInfo {
		if entries, err = s.Reader.ByMainfile(ctx, viewer, id, pathsOf(&l)); err != nil {
			return nil, err
		}
	}
	makes := func(file string) (entryID, parser *string) {
		e := entries[file]
		return some(e.EntryID), some(e.ParserName)
	}
	if l.File != nil {
		f := &RawFile{Name: path.Base(l.Path), Size: l.File.Size, SHA256: l.File.SHA256, Stored: stamp(l.File.ModTime)}
		f.EntryID, f.ParserName = makes(l.Path)
		out.Body.File = f
		return out, nil
	}
	d := &RawDirectory{Size: l.Dir.Size, Content: []RawDirItem{}}
	if at != "" && !strings.HasSuffix(at, "/") {
		d.Name = path.Base(l.Path)
	}
	for _, c := range l.Dir.Entries {
		item := RawDirItem{Name: c.Name, IsFile: c.IsFile, Size: c.Size}
		if c.IsFile {
			item.SHA256, item.Stored = c.SHA256, stamp(c.ModTime)
			item.EntryID, item.ParserName = makes(path.Join(l.Path, c.Name))
		}
		d.Content = append(d.Content, item)
	}
	p, err := w.Pagination(ctx, "", "", l.Dir.Total)
	if err != nil {
		return nil, err
	}
	out.Body.Directory, out.Body.Pagination = d, &p
	return out, nil
}

// pathsOf lists the files of a listing.
func pathsOf(l *upload.Listing) []string {
	if l.File != nil {
		return []string{l.Path}
	}
	var paths []string
	for _, c := range l.Dir.Entries {
		if c.IsFile {
			paths = append(paths, path.Join(l.Path, c.Name))
		}
	}
	return paths
}

func accessOf(u *upload.Upload) string {
	switch u.State() {
	case upload.Public:
		return "public"
	case upload.Embargoed:
		return "embargoed"
	default:
		return "unpublished"
	}
}
