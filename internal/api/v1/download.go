package v1

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"oasis/internal/access/scope"
	"oasis/internal/api"
	"oasis/internal/data/upload"
	"oasis/internal/problem"
)

// rowOf makes a row below /uploads/{upload_id}.
type rowOf func(id, method, path, summary string, sc scope.Scope) api.Row

func (s Services) downloadRoutes(row rowOf) []api.Route {
	answers := func(kinds ...string) func(*huma.Operation, huma.Registry) {
		return func(op *huma.Operation, _ huma.Registry) {
			content := map[string]*huma.Schema{}
			for _, kind := range kinds {
				content[kind] = nil
			}
			api.Answers(op, content)
		}
	}
	get := row("getRawFile", http.MethodGet, "/raw/{path...}", "Download a file, or files as a zip", scope.UploadsRead)
	get.Description = "Ranges, HEAD and conditional requests work, also for a zip, so that a download can be taken up where it broke off. " +
		"`Repr-Digest` (RFC 9530) has the SHA-256 of a file. With compress=true a file or directory comes as a zip, whose length is known beforehand; " +
		"with checksums=sha256 as a list for `sha256sum --check` of the files that this zip would have."
	get.Anonymous, get.Errors = true, []int{http.StatusBadRequest, http.StatusNotFound, http.StatusUnprocessableEntity, http.StatusRequestedRangeNotSatisfiable}
	get.Describe = answers("application/octet-stream", "application/zip", "text/plain")
	get.Output = "(the bytes)"
	all := row("getRawZip", http.MethodGet, "/raw", "Download all files of a published upload as a zip", scope.UploadsRead)
	all.Anonymous, all.Errors = true, []int{http.StatusBadRequest, http.StatusNotFound, http.StatusRequestedRangeNotSatisfiable}
	all.Describe = answers("application/zip")
	all.Output = "(the bytes)"
	return []api.Route{api.Handle(get, s.getRawFile), api.Handle(all, s.getRawZip)}
}

func (s Services) getRawFile(ctx context.Context, in *struct {
	PathInput
	Section
	FileFilter
	Compress  bool   `query:"compress" doc:"Give a zip"`
	Checksums string `query:"checksums" enum:"sha256" doc:"Give a list of checksums instead of the files; not part of the NOMAD API"`
}) (*api.Stream, error) {
	viewer := api.Viewer(ctx)
	switch {
	case in.Compress && !in.whole():
		return nil, problem.Bad("Cannot specify `offset` or `length` when `compress` is true")
	case in.Checksums != "":
		return s.sums(ctx, viewer, in.UploadID, in.Path.String(), &in.FileFilter)
	case in.Compress:
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
	return send(ctx, file, content, &in.Section)
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

// sums gives the checksums of the files that zip would give.
func (s Services) sums(ctx context.Context, v upload.Viewer, id, at string, filter *FileFilter) (*api.Stream, error) {
	keep, err := filter.compile()
	if err != nil {
		return nil, err
	}
	chosen, err := s.Uploads.Select(ctx, v, id, at, keep)
	if err != nil {
		return nil, err
	}
	var list bytes.Buffer
	if err := chosen.WriteSums(&list); err != nil {
		return nil, fmt.Errorf("write checksums: %w", err)
	}
	return api.Write(func(w http.ResponseWriter, r *http.Request) {
		asDownload(w, "SHA256SUMS", "text/plain; charset=utf-8")
		sum := sha256.Sum256(list.Bytes())
		setDigest(w, sum[:])
		w.Header().Set("Etag", `"`+hex.EncodeToString(sum[:])+`"`)
		http.ServeContent(w, r, "", chosen.ModTime, bytes.NewReader(list.Bytes()))
	}), nil
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
