package v1

import (
	"context"
	"net/http"

	"oasis/internal/access"
	"oasis/internal/access/scope"
	"oasis/internal/api"
	"oasis/internal/data/entry"
	"oasis/internal/data/upload"
)

// UploadEntries is a page of the entries of an upload.
type UploadEntries struct {
	Pagination           api.Pagination  `json:"pagination"`
	ProcessingSuccessful int             `json:"processing_successful" doc:"Entries that were processed well"`
	ProcessingFailed     int             `json:"processing_failed" doc:"Entries that could not be processed"`
	Upload               UploadProcData  `json:"upload"`
	Data                 []EntryProcData `json:"data"`
}

// UploadEntry is one entry of an upload.
type UploadEntry struct {
	EntryID string        `json:"entry_id"`
	Data    EntryProcData `json:"data"`
}

func exampleEntry() EntryProcData {
	e := entry.Entry{
		ID: "tUNivi2x_RmArL_hsW_AY-E4_kGT", UploadID: exampleUpload().UploadID, Mainfile: "anneal/sample-1.archive.yaml",
		ParserName: "parsers/archive", Process: upload.Process{Status: upload.Success},
	}
	data := entryOf(&e)
	data.EntryMetadata = EntryMetadata(`{"entry_name": "Sample 1"}`)
	return data
}

func (s Services) uploadEntriesRow() api.Row {
	return api.Row{
		Operation: access.Operation{ID: "listUploadEntries", Scopes: scope.Of(scope.UploadsRead), Anonymous: true, Reach: access.ReachUpload},
		Method:    http.MethodGet, Path: api.PathV1 + "/uploads/{upload_id}/entries", Tag: "uploads", Summary: "The entries of an upload",
		Errors: []int{http.StatusNotFound, http.StatusBadRequest, http.StatusUnprocessableEntity},
		Output: UploadEntries{
			Pagination: api.Pagination{PageSize: 10, Total: 1}, ProcessingSuccessful: 1, Upload: exampleUpload(), Data: []EntryProcData{exampleEntry()},
		},
	}
}

func (s Services) uploadEntryRow() api.Row {
	return api.Row{
		Operation: access.Operation{ID: "getUploadEntry", Scopes: scope.Of(scope.UploadsRead), Reach: access.ReachUpload},
		Method:    http.MethodGet, Path: api.PathV1 + "/uploads/{upload_id}/entries/{entry_id}", Tag: "uploads", Summary: "One entry of an upload",
		Description: "For members of the upload; others find published entries at /entries/{entry_id}.",
		Errors:      []int{http.StatusNotFound}, Output: UploadEntry{exampleEntry().EntryID, exampleEntry()},
	}
}

type uploadEntriesInput struct {
	UploadInput
	IncludeInput
	api.PageInput
	api.OrderInput
	OrderBy string `query:"order_by" doc:"mainfile (default), parser_name, process_status, current_process or entry_create_time"`
}

func (s Services) listUploadEntries(ctx context.Context, in *uploadEntriesInput) (*struct{ Body UploadEntries }, error) {
	w, err := in.Window()
	if err != nil {
		return nil, err
	}
	page := entry.Page{OrderBy: entry.OrderMainfile, Desc: in.Order == "desc", Offset: w.Offset, Limit: w.Limit}
	if in.OrderBy != "" && in.OrderBy != "mainfile_path" {
		page.OrderBy = entry.Order(in.OrderBy)
		if err := oneOf("order_by", in.OrderBy, entry.OrderMainfile, entry.OrderParser, entry.OrderStatus, entry.OrderCurrentProcess, entry.OrderCreateTime); err != nil {
			return nil, err
		}
	}
	viewer := api.Viewer(ctx)
	entries, u, total, err := s.Reader.OfUpload(ctx, viewer, in.UploadID, page)
	if err != nil {
		return nil, err
	}
	p, err := w.Pagination(ctx, string(page.OrderBy), direction(in.Order), total)
	if err != nil {
		return nil, err
	}
	ids := make([]string, len(entries))
	for i := range entries {
		ids[i] = entries[i].ID
	}
	metadata, err := s.Entries.Metadata(ctx, viewer, ids)
	if err != nil {
		return nil, err
	}
	out := &struct{ Body UploadEntries }{UploadEntries{
		Pagination: p, ProcessingSuccessful: u.Processed - u.Failed, ProcessingFailed: u.Failed, Upload: uploadOf(&u, viewer), Data: []EntryProcData{},
	}}
	if in.allowed() {
		out.Body.Upload.Allowed = allowedOn(ctx, &u)
	}
	for i := range entries {
		data := entryOf(&entries[i])
		data.EntryMetadata = EntryMetadata(metadata[entries[i].ID])
		out.Body.Data = append(out.Body.Data, data)
	}
	return out, nil
}

func (s Services) getUploadEntry(ctx context.Context, in *struct {
	UploadInput
	IncludeInput
	EntryID string `path:"entry_id"`
}) (*struct{ Body UploadEntry }, error) {
	e, err := s.Reader.InUpload(ctx, api.Viewer(ctx), in.UploadID, in.EntryID)
	if err != nil {
		return nil, err
	}
	answer := &struct{ Body UploadEntry }{UploadEntry{e.ID, entryOf(&e)}}
	if in.allowed() {
		u, err := s.Reader.Home(ctx, e.ID)
		if err != nil {
			return nil, err
		}
		answer.Body.Data.Allowed = allowedOn(ctx, &u)
	}
	return answer, nil
}
