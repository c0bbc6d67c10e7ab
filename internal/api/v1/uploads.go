package v1

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"oasis/internal/access"
	"oasis/internal/access/scope"
	"oasis/internal/api"
	"oasis/internal/data/upload"
	"oasis/internal/problem"
)

// UploadAnswer is one upload.
type UploadAnswer struct {
	UploadID string         `json:"upload_id"`
	Data     UploadProcData `json:"data"`
}

// UploadList is a page of uploads with the filters that chose it.
type UploadList struct {
	Query      map[string]any   `json:"query" doc:"The filters that were given"`
	Pagination api.Pagination   `json:"pagination"`
	Data       []UploadProcData `json:"data"`
}

func exampleUpload() UploadProcData {
	u := upload.Upload{
		ID: "w7HvJ0rTSkq3m1P5n2cX8A", Name: "TiO2 annealing", MainAuthor: "8b1f0b5e-3f0a-4c39-9d4c-0c1b1e1c2a3d", License: upload.DefaultLicense,
		Process: upload.Process{Status: upload.Success, Current: upload.ProcessUpload, Message: "Process completed successfully"},
		Entries: 3, Processed: 3, Files: 5, Bytes: 48213,
	}
	data := uploadOf(&u, upload.Viewer{UserID: u.MainAuthor})
	data.UploadCreateTime = some("2026-01-31T12:00:00.000000Z")
	return data
}

// describeSent documents the two forms of an answer to files, and the two forms of the body.
func describeSent(answer reflect.Type) func(*huma.Operation, huma.Registry) {
	return func(op *huma.Operation, schemas huma.Registry) {
		api.Answers(op, map[string]*huma.Schema{
			"application/json": schemas.Schema(answer, true, ""), "text/plain": {Type: huma.TypeString},
		})
		api.Takes(op, false, map[string]*huma.Schema{
			"application/octet-stream": nil,
			"multipart/form-data": {
				Type: huma.TypeObject, Properties: map[string]*huma.Schema{
					"file": {Type: huma.TypeArray, Items: &huma.Schema{Type: huma.TypeString, Format: "binary"}},
				},
			},
		})
	}
}

// uploadRow begins the row of an operation on uploads that answers with one.
func uploadRow(id, method, path, summary string, sc scope.Scope) api.Row {
	return api.Row{
		Operation: access.Operation{ID: id, Scopes: scope.Of(sc), Reach: reachOf(path)},
		Method:    method, Path: api.PathV1 + "/uploads" + path, Tag: "uploads", Summary: summary,
		Output: UploadAnswer{exampleUpload().UploadID, exampleUpload()},
	}
}

func (s Services) uploadRoutes() []api.Route {
	row := uploadRow
	create := row("createUpload", http.MethodPost, "", "Create an upload and send files", scope.UploadsWrite)
	create.Description = "The body is one file, or a multipart form with parts named `file`, or empty. Zip and tar archives are unpacked. " +
		"The upload is there whole or not at all. Clients that do not ask for JSON get a sentence. " +
		"A token that deposits for others names the owner as main_author. A name that it may not use is no error: " +
		"its default user gets the upload, and a note says so."
	create.Streams, create.UploadToken, create.TokenInQuery, create.Adds = true, true, true, true
	create.Errors = []int{http.StatusBadRequest, http.StatusRequestEntityTooLarge, http.StatusInsufficientStorage}
	create.Undelivered = map[string]string{"local_path": "", "example_upload_id": ""}
	create.Describe = describeSent(reflect.TypeFor[UploadAnswer]())

	listing := row("listUploads", http.MethodGet, "", "Uploads in which you have a role", scope.UploadsRead)
	listing.Reach = access.ReachVisible
	listing.Errors = []int{http.StatusBadRequest, http.StatusUnprocessableEntity}
	listing.Undelivered = map[string]string{"doi": ""}
	listing.Output = UploadList{Query: map[string]any{"is_published": false}, Pagination: api.Pagination{PageSize: 10, Total: 1}, Data: []UploadProcData{exampleUpload()}}

	get := row("getUpload", http.MethodGet, "/{upload_id}", "One upload", scope.UploadsRead)
	get.Anonymous, get.Errors = true, []int{http.StatusNotFound}

	remove := row("deleteUpload", http.MethodDelete, "/{upload_id}", "Delete an upload with everything in it", scope.UploadsWrite)
	remove.Description = "Only the main author may, and only before it is published; administrators always. The answer is the upload as it was."
	remove.Errors = []int{http.StatusNotFound, http.StatusBadRequest}

	return []api.Route{
		api.Handle(create, s.createUpload), api.Handle(listing, s.listUploads),
		api.Handle(get, s.getUpload), api.Handle(remove, s.deleteUpload), api.Handle(s.uploadEditRow(), s.editUpload),
		api.Handle(s.uploadEntriesRow(), s.listUploadEntries), api.Handle(s.uploadEntryRow(), s.getUploadEntry),
	}
}

// reachOf tells whether the operations at a path reach for the upload in it.
func reachOf(path string) access.Reach {
	if strings.HasPrefix(path, "/{upload_id}") {
		return access.ReachUpload
	}
	return access.ReachElse
}

type createUploadInput struct {
	UploadName     string             `query:"upload_name" maxLength:"500" doc:"Name of the upload; by default that of its only file"`
	FileName       string             `query:"file_name" doc:"Name of the file that the body is"`
	EmbargoLength  int                `query:"embargo_length" doc:"Months of embargo after publishing, 0 to 36"`
	Directly       bool               `query:"publish_directly" doc:"Publish the upload once it is processed and has an entry; needs the scope uploads:publish too"`
	AutoDecompress api.Optional[bool] `query:"auto_decompress" doc:"Unpack archives, true by default"`
	MainAuthor     string             `query:"main_author" maxLength:"200" doc:"User name, id or e-mail address of whom the upload is for: with tokens that deposit for others, and for administrators; not part of the NOMAD API"`
}

func (s Services) createUpload(ctx context.Context, in *createUploadInput) (*api.Stream, error) {
	if in.Directly {
		if err := api.Need(ctx, scope.UploadsPublish); err != nil {
			return nil, err
		}
	}
	body, err := bodyOf(api.Body(ctx), in.FileName)
	if err != nil {
		return nil, err
	}
	name := in.UploadName
	if name == "" {
		name = in.FileName
	}
	viewer := api.Viewer(ctx)
	var stored []upload.Receipt
	u, err := s.Uploads.Create(ctx, viewer, upload.CreateOptions{
		Name: name, EmbargoLength: in.EmbargoLength, PublishDirectly: in.Directly, MainAuthor: in.MainAuthor,
		Incoming: upload.Incoming{
			KeepArchives: !in.AutoDecompress.Or(true), Standing: api.Standing(ctx), Stored: func(r []upload.Receipt) { stored = r },
		},
	}, body)
	if err != nil {
		return nil, err
	}
	if viewer.AppendOnly {
		return s.deposited(&u, stored), nil
	}
	return s.sent(map[string]any{"upload_id": u.ID, "data": withNulls(uploadOf(&u, viewer))}), nil
}

// depositOf is all that an append-only token learns of an upload (decisions 22).
func (s Services) depositOf(u *upload.Upload, stored []upload.Receipt) map[string]any {
	return map[string]any{"upload_id": u.ID, "receipt": s.receiptFor(stored), "data": map[string]any{
		"upload_id": u.ID, "upload_name": some(u.Name), "upload_create_time": stamp(u.CreateTime), "main_author": u.MainAuthor, "note": some(u.Deposit.Note()),
	}}
}

// deposited answers a token that only adds: always as JSON, also to a plain curl, because
// the note and the receipt must not be lost.
func (s Services) deposited(u *upload.Upload, stored []upload.Receipt) *api.Stream {
	return api.Write(func(w http.ResponseWriter, _ *http.Request) { api.WriteJSON(w, http.StatusOK, s.depositOf(u, stored)) })
}

func oneUpload(u *upload.Upload, v upload.Viewer) *struct{ Body UploadAnswer } {
	return &struct{ Body UploadAnswer }{UploadAnswer{u.ID, uploadOf(u, v)}}
}

// UploadInput names an upload.
type UploadInput struct {
	UploadID string `path:"upload_id"`
}

func (s Services) getUpload(ctx context.Context, in *struct {
	UploadInput
	IncludeInput
}) (*struct{ Body UploadAnswer }, error) {
	u, err := s.Uploads.Get(ctx, api.Viewer(ctx), in.UploadID)
	if err != nil {
		return nil, err
	}
	answer := oneUpload(&u, api.Viewer(ctx))
	if in.allowed() {
		answer.Body.Data.Allowed = allowedOn(ctx, &u)
	}
	return answer, nil
}

func (s Services) deleteUpload(ctx context.Context, in *struct {
	UploadInput
	Wait api.Optional[bool] `query:"wait_for_processing" doc:"Deleting is always complete when the answer comes"`
}) (*struct{ Body UploadAnswer }, error) {
	u, err := s.Uploads.Delete(ctx, api.Viewer(ctx), in.UploadID)
	if err != nil {
		return nil, err
	}
	return oneUpload(&u, api.Viewer(ctx)), nil
}

type listUploadsInput struct {
	api.PageInput
	IncludeInput
	api.OrderInput
	OrderBy       string             `query:"order_by" doc:"upload_create_time (default), publish_time, upload_name, last_status_message or process_status"`
	UploadID      []string           `query:"upload_id,explode" doc:"Ids; may be repeated"`
	UploadName    []string           `query:"upload_name,explode" doc:"Names, or JSON {\"value\": …, \"type\": \"exact\" | \"fuzzy\"}; may be repeated"`
	IsProcessing  api.Optional[bool] `query:"is_processing"`
	ProcessStatus string             `query:"process_status" doc:"State of the last process; wins over is_processing"`
	Attention     api.Optional[bool] `query:"needs_attention" doc:"true: processing failed, or entries failed or were read only in part; not part of the NOMAD API"`
	IsPublished   api.Optional[bool] `query:"is_published"`
	IsOwned       api.Optional[bool] `query:"is_owned" doc:"true: you are the main author; false: you are not"`
	Roles         []string           `query:"roles,explode" enum:"main_author,coauthor,reviewer" doc:"Your roles; all by default"`
	IncludeAll    bool               `query:"include_all" doc:"Also uploads that everybody may review"`
}

func (s Services) listUploads(ctx context.Context, in *listUploadsInput) (*struct{ Body UploadList }, error) {
	w, err := in.Window()
	if err != nil {
		return nil, err
	}
	q := upload.ListQuery{
		IDs: in.UploadID, Busy: in.IsProcessing.Pointer(), Status: upload.Status(strings.ToUpper(in.ProcessStatus)),
		Attention: in.Attention.Pointer(), IsPublished: in.IsPublished.Pointer(), IsOwned: in.IsOwned.Pointer(), IncludeAll: in.IncludeAll,
		OrderBy: upload.OrderCreateTime, Desc: in.Order == "desc", Offset: w.Offset, Limit: w.Limit,
	}
	if q.Status != "" {
		q.Busy = nil
	}
	if q.Names, err = namesOf(in.UploadName); err != nil {
		return nil, err
	}
	for _, name := range in.Roles {
		q.Roles = append(q.Roles, map[string]upload.Role{"main_author": upload.MainAuthor, "coauthor": upload.Coauthor, "reviewer": upload.Reviewer}[name])
	}
	if in.OrderBy != "" {
		q.OrderBy = upload.Order(in.OrderBy)
		if err := oneOf("order_by", in.OrderBy, upload.OrderCreateTime, upload.OrderPublishTime, upload.OrderName, upload.OrderMessage, upload.OrderStatus); err != nil {
			return nil, err
		}
	}
	viewer := api.Viewer(ctx)
	uploads, total, err := s.Uploads.List(ctx, viewer, q)
	if err != nil {
		return nil, err
	}
	p, err := w.Pagination(ctx, string(q.OrderBy), direction(in.Order), total)
	if err != nil {
		return nil, err
	}
	out := &struct{ Body UploadList }{UploadList{Query: in.echo(), Pagination: p, Data: []UploadProcData{}}}
	for i := range uploads {
		data := uploadOf(&uploads[i], viewer)
		if in.allowed() {
			data.Allowed = allowedOn(ctx, &uploads[i])
		}
		out.Body.Data = append(out.Body.Data, data)
	}
	return out, nil
}

func direction(order string) string {
	if order == "" {
		return "asc"
	}
	return order
}

// oneOf refuses an order that does not exist in the words NOMAD clients know.
func oneOf[T ~string](name, value string, known ...T) error {
	names := make([]string, len(known))
	for i, k := range known {
		if string(k) == value {
			return nil
		}
		names[i] = "'" + string(k) + "'"
	}
	return problem.Invalid("value_error", fmt.Sprintf("%s is '%s', must be one of (%s)", name, value, strings.Join(names, ", ")), "query")
}

// namesOf reads the values of upload_name: plain text, or JSON that says how to match.
func namesOf(values []string) ([]upload.NameMatch, error) {
	var names []upload.NameMatch
	for _, text := range values {
		if !strings.HasPrefix(strings.TrimSpace(text), "{") {
			names = append(names, upload.NameMatch{Value: text})
			continue
		}
		var m struct{ Value, Type string }
		if err := json.Unmarshal([]byte(text), &m); err != nil || m.Type != "exact" && m.Type != "fuzzy" && m.Type != "" {
			return nil, problem.Bad(`Invalid upload_name query value: %s. Write {"value": "…", "type": "exact"} or "fuzzy".`, text)
		}
		fuzzy := m.Type == "fuzzy"
		if fuzzy && strings.TrimSpace(m.Value) == "" {
			return nil, problem.Bad("The upload_name query parameter must contain at least one non-empty value for fuzzy matching.")
		}
		names = append(names, upload.NameMatch{Value: m.Value, Fuzzy: fuzzy})
	}
	return names, nil
}

// echo repeats the filters that were given.
func (in *listUploadsInput) echo() map[string]any {
	given := map[string]any{}
	for name, values := range map[string][]string{"upload_id": in.UploadID, "upload_name": in.UploadName, "roles": in.Roles} {
		if len(values) > 0 {
			given[name] = values
		}
	}
	for name, value := range map[string]api.Optional[bool]{"is_processing": in.IsProcessing, "needs_attention": in.Attention, "is_published": in.IsPublished, "is_owned": in.IsOwned} {
		if value.Set {
			given[name] = value.Value
		}
	}
	if in.ProcessStatus != "" {
		given["process_status"] = strings.ToUpper(in.ProcessStatus)
	}
	if in.IncludeAll {
		given["include_all"] = true
	}
	return given
}
