package v1

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"oasis/internal/access/scope"
	"oasis/internal/api"
	"oasis/internal/data/upload"
	"oasis/internal/problem"
)

// PutAnswer is the answer to new files.
type PutAnswer struct {
	UploadID   string         `json:"upload_id"`
	Data       UploadProcData `json:"data"`
	Processing *PutProcessing `json:"processing" doc:"What became of the file, with wait_for_processing; else null"`
}

// PutProcessing is what processing has made of one file while its sender waited.
type PutProcessing struct {
	UploadID   string         `json:"upload_id"`
	Path       string         `json:"path"`
	EntryID    *string        `json:"entry_id" doc:"null when no parser takes the file"`
	ParserName *string        `json:"parser_name"`
	Entry      *EntryProcData `json:"entry"`
	Archive    Archive        `json:"archive" doc:"With include_archive, when the entry could be processed"`
}

func (s Services) rawPutRoutes(row rowOf) []api.Route {
	example := UploadAnswer{exampleUpload().UploadID, exampleUpload()}
	put := row("putRawFile", http.MethodPut, "/raw/{path...}", "Add files to a directory of an upload, or move files in it", scope.UploadsWrite)
	put.Description = "path is the directory, which is made if need be; the name of the file comes from file_name or from the form. " +
		"All files of the body are stored or none, and they are on disk when the answer comes. Archives are unpacked. " +
		"With copy_or_move there is no body: a file or folder of the upload is copied, moved or renamed to file_name in the directory."
	put.UploadToken, put.TokenInQuery, put.Adds = true, true, true
	put.Streams, put.Output = true, PutAnswer{UploadID: example.UploadID, Data: example.Data}
	put.Errors = []int{http.StatusBadRequest, http.StatusNotFound, http.StatusConflict, http.StatusRequestEntityTooLarge, http.StatusInsufficientStorage}
	put.Undelivered = map[string]string{"local_path": ""}
	put.Describe = describeSent(reflect.TypeFor[PutAnswer]())

	dir := row("createRawDir", http.MethodPost, "/raw-create-dir/{path...}", "Make a directory in an upload", scope.UploadsWrite)
	dir.Description = "Directories above it are made too. One that exists is refused."
	dir.UploadToken, dir.Adds = true, true
	dir.Errors, dir.Output = []int{http.StatusBadRequest, http.StatusNotFound}, example
	dir.Describe = func(op *huma.Operation, schemas huma.Registry) {
		api.Answers(op, map[string]*huma.Schema{"application/json": schemas.Schema(reflect.TypeFor[UploadAnswer](), true, "")})
	}
	return []api.Route{api.Handle(put, s.putRaw), api.Handle(dir, s.createRawDir)}
}

type putRawInput struct {
	PathInput
	FileName       string             `query:"file_name" doc:"Name of the file that the body is"`
	AutoDecompress api.Optional[bool] `query:"auto_decompress" doc:"Unpack archives, true by default"`
	Overwrite      api.Optional[bool] `query:"overwrite_if_exists" doc:"Replace a file of the same path, true by default; else that is a 409"`
	Trigger        api.Optional[bool] `query:"trigger_processing" doc:"Process the upload afterwards, true by default"`
	CopyOrMove     string             `query:"copy_or_move" doc:"copy or move: take a file or folder of the upload instead of a body"`
	Source         string             `query:"copy_or_move_source_path" doc:"Path of that file or folder"`
	Wait           bool               `query:"wait_for_processing" doc:"Answer once the file is processed; for one plain file"`
	IncludeArchive bool               `query:"include_archive" doc:"Give the archive of the entry too; with wait_for_processing"`
	EntryHash      string             `query:"entry_hash" doc:"Replace the file only if metadata.entry_hash of its entry is still this; else that is a 409"`
}

func (s Services) putRaw(ctx context.Context, in *putRawInput) (*api.Stream, error) {
	viewer := api.Viewer(ctx)
	switch {
	case in.IncludeArchive && !in.Wait:
		return nil, problem.Bad("`include_archive` requires `wait_for_processing`.")
	case in.Wait && !in.Trigger.Or(true):
		return nil, problem.Bad("`trigger_processing` must be true when `wait_for_processing` is set.`")
	case viewer.AppendOnly && in.IncludeArchive:
		return nil, problem.Denied("This token may only add new files; it may not read what becomes of them.")
	}
	trigger := upload.Trigger{Hold: !in.Trigger.Or(true)}
	if in.CopyOrMove != "" || in.Source != "" {
		u, err := s.Uploads.Move(ctx, viewer, in.UploadID, upload.MoveOptions{
			Source: in.Source, Dir: in.Path.String(), Name: in.FileName, How: in.CopyOrMove, Wait: in.Wait, Trigger: trigger,
		})
		if err != nil {
			return nil, err
		}
		return s.sentFiles(&u, viewer, nil), nil
	}
	body, err := bodyOf(api.Body(ctx), in.FileName)
	if err != nil {
		return nil, err
	}
	var stored []upload.Receipt
	options := upload.PutOptions{
		Incoming: upload.Incoming{
			KeepArchives: !in.AutoDecompress.Or(true), Standing: api.Standing(ctx), Stored: func(r []upload.Receipt) { stored = r },
		},
		Trigger: trigger, KeepExisting: !in.Overwrite.Or(true), EntryHash: in.EntryHash,
	}
	if in.Wait {
		u, path, err := s.Uploads.PutOne(ctx, viewer, in.UploadID, in.Path.String(), options, body)
		if err != nil {
			return nil, err
		}
		if viewer.AppendOnly {
			_, err := s.ProcessFile(ctx, u.ID, path)
			return s.deposited(&u, stored), err
		}
		return s.processed(ctx, &u, path, in.IncludeArchive)
	}
	u, err := s.Uploads.PutFiles(ctx, viewer, in.UploadID, in.Path.String(), options, body)
	if err != nil {
		return nil, err
	}
	return s.sentFiles(&u, viewer, stored), nil
}

// sentFiles answers a change of files in the form the client prefers.
func (s Services) sentFiles(u *upload.Upload, v upload.Viewer, stored []upload.Receipt) *api.Stream {
	if v.AppendOnly {
		return s.deposited(u, stored)
	}
	return s.sent(map[string]any{"upload_id": u.ID, "data": withNulls(uploadOf(u, v)), "processing": nil})
}

// idlePatience is how long an answer waits for the upload to become idle, once the
// file it is about has been processed.
const idlePatience = time.Second

// processed processes one new file and answers with what became of it.
func (s Services) processed(ctx context.Context, u *upload.Upload, path string, archive bool) (*api.Stream, error) {
	viewer := api.Viewer(ctx)
	entryID, err := s.ProcessFile(ctx, u.ID, path)
	if err != nil {
		return nil, err
	}
	p := PutProcessing{UploadID: u.ID, Path: path}
	if entryID != "" {
		e, err := s.Reader.InUpload(ctx, viewer, u.ID, entryID)
		if err != nil {
			return nil, err
		}
		data := entryOf(&e)
		p.Entry, p.EntryID, p.ParserName = &data, some(e.ID), some(e.ParserName)
		if archive && e.Process.Status == upload.Success {
			if p.Archive, err = readArchive(s.Reader.ArchiveOf(ctx, e)); err != nil {
				return nil, err
			}
		}
	}
	now := s.idle(ctx, u)
	return api.Write(func(w http.ResponseWriter, _ *http.Request) {
		api.WriteJSON(w, http.StatusOK, map[string]any{"upload_id": now.ID, "data": withNulls(uploadOf(now, viewer)), "processing": p})
	}), nil
}

// idle waits a little for the run that the change has asked for too, so that the
// answer rarely tells of an upload that is still busy with nothing.
func (s Services) idle(ctx context.Context, u *upload.Upload) *upload.Upload {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	end := time.NewTimer(idlePatience)
	defer end.Stop()
	for {
		now, err := s.Uploads.Get(ctx, api.Viewer(ctx), u.ID)
		if err != nil { // the file is stored, whatever became of the upload since
			return u
		}
		if !now.Process.Status.Busy() {
			return &now
		}
		select {
		case <-ctx.Done():
			return &now
		case <-end.C:
			return &now
		case <-tick.C:
		}
	}
}

// Archive is the archive of an entry as JSON; nil = null.
type Archive = json.RawMessage

func readArchive(archive io.ReadCloser, err error) (Archive, error) {
	if err != nil {
		return nil, err
	}
	defer archive.Close()
	text, err := io.ReadAll(archive)
	if err != nil {
		return nil, fmt.Errorf("read archive: %w", err)
	}
	return text, nil
}

func (s Services) createRawDir(ctx context.Context, in *PathInput) (*api.Stream, error) {
	viewer := api.Viewer(ctx)
	u, err := s.Uploads.CreateDir(ctx, viewer, in.UploadID, in.Path.String())
	if err != nil {
		return nil, err
	}
	return api.Write(func(w http.ResponseWriter, _ *http.Request) {
		if viewer.AppendOnly {
			api.WriteJSON(w, http.StatusOK, s.depositOf(&u, nil))
			return
		}
		api.WriteJSON(w, http.StatusOK, oneUpload(&u, viewer).Body)
	}), nil
}
