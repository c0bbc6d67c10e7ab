package v1

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"path"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"oasis/internal/access/scope"
	"oasis/internal/api"
	"oasis/internal/data/upload"
	"oasis/internal/problem"
)

// rowOf makes a row below /uploads/{upload_id}.
type rowOf func(id, method, path, summary string, sc scope.Scope) api.Row

func (s Services) downloadRoutes(row rowOf) []api.Route {
	bytes := func(kinds ...string) func(*huma.Operation, huma.Registry) {
		return func(op *huma.Operation, _ huma.Registry) {
			content := map[string]*huma.Schema{}
			for _, kind := range kinds {
				content[kind] = nil
			}
			api.Answers(op, content)
		}
	}
	get := row("getRawFile", http.MethodGet, "/raw/{path...}", "Download a file, or files as a zip", scope.UploadsRead)
	get.Description = "Ranges, If-None-Match and HEAD work. With compress=true a file or directory comes as a zip, whose length is known beforehand."
	get.Anonymous, get.Errors = true, []int{http.StatusBadRequest, http.StatusNotFound, http.StatusUnprocessableEntity, http.StatusRequestedRangeNotSatisfiable}
	get.Undelivered = map[string]string{"decompress": "false"}
	get.Describe = bytes("application/octet-stream", "application/zip")
	get.Output = "(the bytes)"
	all := row("getRawZip", http.MethodGet, "/raw", "Download all files of a published upload as a zip", scope.UploadsRead)
	all.Anonymous, all.Errors = true, []int{http.StatusBadRequest, http.StatusNotFound, http.StatusRequestedRangeNotSatisfiable}
	all.Describe = bytes("application/zip")
	all.Output = "(the bytes)"
	return []api.Route{api.Handle(get, s.getRawFile), api.Handle(all, s.getRawZip)}
}

// Section is which bytes of a file are wanted.
type Section struct {
	Offset         int64               `query:"offset" doc:"First byte"`
	Length         api.Optional[int64] `query:"length" doc:"Number of bytes; -1, the default, is all the rest"`
	IgnoreMimeType bool                `query:"ignore_mime_type" doc:"Say application/octet-stream instead of looking at the content"`
}

func (s *Section) whole() bool { return s.Offset == 0 && s.Length.Or(-1) == -1 }

// check refuses sections that cannot be (spec uploads.md §6).
func (s *Section) check() error {
	switch n := s.Length.Or(-1); {
	case s.Offset < 0:
		return problem.Bad("Invalid offset provided.")
	case n <= 0 && n != -1:
		return problem.Bad("Invalid length provided. Should be greater than 0, or -1 if the remainder\nof the file should be read.")
	}
	return nil
}

func (s Services) getRawFile(ctx context.Context, in *struct {
	PathInput
	Section
	FileFilter
	Compress bool `query:"compress" doc:"Give a zip"`
}) (*api.Stream, error) {
	viewer := api.Viewer(ctx)
	if in.Compress {
		if !in.whole() {
			return nil, problem.Bad("Cannot specify `offset` or `length` when `compress` is true")
		}
		return s.zip(ctx, viewer, in.UploadID, in.Path.String(), &in.FileFilter)
	}
	if err := in.check(); err != nil {
		return nil, err
	}
	file, content, err := s.Uploads.OpenFile(ctx, viewer, in.UploadID, in.Path.String())
	if problem.Is(err, problem.Missing) {
		if l, dirErr := s.Uploads.RawDir(ctx, viewer, in.UploadID, in.Path.String(), 0, 0); dirErr == nil && l.File == nil {
			return nil, problem.Bad("Path is a directory, `compress` must be set to true")
		}
	}
	if err != nil {
		return nil, err
	}
	return send(file, content, &in.Section), nil
}

func (s Services) getRawZip(ctx context.Context, in *UploadInput) (*api.Stream, error) {
	z, err := s.Uploads.ZipWhole(ctx, api.Viewer(ctx), in.UploadID)
	if err != nil {
		return nil, err
	}
	return sendZip(z), nil
}

func (s Services) zip(ctx context.Context, v upload.Viewer, id, at string, filter *FileFilter) (*api.Stream, error) {
	keep, err := filter.compile()
	if err != nil {
		return nil, err
	}
	z, err := s.Uploads.Zip(ctx, v, id, at, keep)
	if err != nil {
		return nil, err
	}
	return sendZip(z), nil
}

func sendZip(z *upload.Zip) *api.Stream {
	return api.Write(func(w http.ResponseWriter, r *http.Request) {
		content := z.Reader(r.Context())
		defer func() { _ = content.Close() }() // only read from
		asDownload(w, z.Name+".zip", "application/zip")
		w.Header().Set("Etag", z.ETag())
		http.ServeContent(w, r, "", z.ModTime, content)
	})
}

// send gives a file, or the asked section of it.
func send(file upload.File, content upload.Content, s *Section) *api.Stream {
	return api.Write(func(w http.ResponseWriter, r *http.Request) {
		defer content.Close()
		kind := "application/octet-stream"
		if s.whole() && !s.IgnoreMimeType {
			kind = kindOf(file.Path, content)
		}
		asDownload(w, path.Base(file.Path), kind)
		if s.whole() {
			w.Header().Set("Etag", `"`+file.SHA256+`"`)
			http.ServeContent(w, r, "", file.ModTime, content)
			return
		}
		length := max(0, file.Size-s.Offset)
		if s.Length.Set && s.Length.Value != -1 {
			length = min(length, s.Length.Value)
		}
		w.Header().Set("Content-Length", strconv.FormatInt(length, 10))
		_, _ = io.Copy(w, io.NewSectionReader(content, s.Offset, length)) // the client may be gone
	})
}

// asDownload sets the headers under which bytes of users are sent: as a file to
// be saved, of a type that nobody guesses, and without any right in our origin
// should a browser show it all the same.
func asDownload(w http.ResponseWriter, name, kind string) {
	h := w.Header()
	h.Set("Content-Type", kind)
	h.Set("Content-Disposition", disposition(name))
	h.Set("Content-Security-Policy", "sandbox; default-src 'none'; frame-ancestors 'self'")
	h.Set("Cache-Control", "private, no-cache") // may be kept, must be asked for again
}

// disposition names the file for all browsers (RFC 6266): an ASCII form, and the
// true name percent-encoded.
func disposition(name string) string {
	var ascii strings.Builder
	for _, c := range name {
		switch {
		case c < 0x20 || c > 0x7e:
			ascii.WriteByte('_')
		case c == '"' || c == '\\':
			ascii.WriteByte('\\')
			ascii.WriteRune(c)
		default:
			ascii.WriteRune(c)
		}
	}
	return `attachment; filename="` + ascii.String() + `"; filename*=UTF-8''` + strings.ReplaceAll(url.QueryEscape(name), "+", "%20")
}

// sniffed is how much of a file is looked at to tell what it is (spec uploads.md §6).
const sniffed = 2048

// kindOf tells the media type of a file by looking into it.
func kindOf(name string, content io.ReaderAt) string {
	var head [sniffed]byte
	n, err := content.ReadAt(head[:], 0)
	if err != nil && err != io.EOF {
		return "application/octet-stream"
	}
	start := head[:n]
	if n == 0 {
		return "application/x-empty"
	}
	kind := http.DetectContentType(start)
	switch text := bytes.TrimSpace(start); {
	case strings.HasPrefix(kind, "text/plain") && looksLikeJSON(name, text, n < sniffed):
		return "application/json"
	case strings.HasPrefix(kind, "text/") && bytes.Contains(text, []byte("<svg")) && (bytes.HasPrefix(text, []byte("<svg")) || bytes.HasPrefix(text, []byte("<?xml"))):
		return "image/svg+xml"
	}
	return kind
}

func looksLikeJSON(name string, text []byte, complete bool) bool {
	if len(text) == 0 || text[0] != '{' && text[0] != '[' {
		return false
	}
	if complete {
		return json.Valid(text)
	}
	return strings.EqualFold(path.Ext(name), ".json")
}
