package v1

import (
	"context"
	"net/http"
	"reflect"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"oasis/internal/access"
	"oasis/internal/access/scope"
	"oasis/internal/api"
	"oasis/internal/data/upload"
	"oasis/internal/problem"
)

// What we speak of tus, the protocol for uploads that can be resumed
// (https://tus.io/protocols/resumable-upload, version 1.0.0).
const (
	tusVersion    = "1.0.0"
	tusExtensions = "creation,creation-with-upload,checksum,expiration,termination"
	tusAlgorithms = "sha256,sha1"
	tusMedia      = "application/offset+octet-stream"
)

// DeliveryList is what is on its way into an upload.
type DeliveryList struct {
	UploadID string         `json:"upload_id"`
	Data     []DeliveryData `json:"data"`
}

// DeliveryData is one file on its way.
type DeliveryData struct {
	DeliveryID string  `json:"delivery_id"`
	UploadID   string  `json:"upload_id"`
	UserID     string  `json:"user_id" doc:"Who sends it"`
	Path       string  `json:"path" doc:"Where the file will be"`
	Size       int64   `json:"size" doc:"Of the whole file"`
	Offset     int64   `json:"offset" doc:"How much of it is here and on disk"`
	CreateTime string  `json:"create_time"`
	Expires    string  `json:"expires" doc:"When it is forgotten unless more comes before"`
	FinishTime *string `json:"finish_time" doc:"When the whole file was stored; null = not yet"`
}

func deliveryOf(t *upload.Delivery) DeliveryData {
	return DeliveryData{
		DeliveryID: t.ID, UploadID: t.UploadID, UserID: t.UserID, Path: t.Path, Size: t.Size, Offset: t.Received(),
		CreateTime: Stamp(t.Created), Expires: Stamp(t.Expires), FinishTime: stamp(t.Finished),
	}
}

func exampleDelivery() DeliveryData {
	return DeliveryData{
		DeliveryID: "Q5XJ4RZ2KAMB7PLDTQ4E5YOW3U", UploadID: "w7HvJ0rTSkq3m1P5n2cX8A", UserID: "8b1f0b5e-3f0a-4c39-9d4c-0c1b1e1c2a3d",
		Path: "run-7/film.raw", Size: 8 << 30, Offset: 3 << 30, CreateTime: "2026-01-31T12:00:00.000000Z", Expires: "2026-02-07T12:04:00.000000Z",
	}
}

func (s Services) tusRoutes() []api.Route {
	const at, one = "/uploads/{upload_id}/tus", "/uploads/{upload_id}/tus/{delivery_id}"
	row := func(id, method, path, summary string) api.Row {
		return api.Row{
			Operation: access.Operation{ID: id, Scopes: scope.Of(scope.UploadsWrite), Reach: access.ReachUpload, Adds: true},
			Method:    method, Path: api.PathV1 + path, Tag: "uploads", Summary: summary,
			Headers: map[string]string{"Tus-Resumable": tusVersion},
		}
	}
	can := row("describeDeliveries", http.MethodOptions, at, "What this server can do of tus")
	can.Operation = access.Operation{ID: can.ID, Open: true}
	can.Status = http.StatusNoContent

	begin := row("beginDelivery", http.MethodPost, at, "Announce a file that comes in pieces")
	begin.Description = "The beginning of tus 1.0, the protocol for uploads that can be resumed. `Upload-Metadata` says which file it is: " +
		"`path` (its path in the upload, or a folder with `/` at its end to which `filename` is added) or only `filename`; " +
		"`sha256` of the whole file, which is compared at the end; `auto_decompress`, `overwrite_if_exists` and `trigger_processing` as for PUT, " +
		"but archives are kept as they are unless `auto_decompress` is `true`. The body may be the first piece. " +
		"The delivery can be finished with the token that began it, even when the time of the token is over; it ends when the token is revoked."
	begin.Streams, begin.Status = true, http.StatusCreated
	begin.Errors = append(tusErrors(), http.StatusTooManyRequests)
	begin.Output = exampleDelivery()
	begin.Describe = func(op *huma.Operation, schemas huma.Registry) {
		takesPiece(op, schemas)
		givesDelivery(op, schemas)
	}

	listing := row("listDeliveries", http.MethodGet, at, "Files on their way into an upload")
	listing.Adds = false
	listing.Description = "All that are not finished for the main author, and for others those they send themselves. Each is forgotten a week after its last piece."
	listing.Errors = []int{http.StatusBadRequest, http.StatusNotFound}
	listing.Output = DeliveryList{UploadID: exampleDelivery().UploadID, Data: []DeliveryData{exampleDelivery()}}

	get := row("getDelivery", http.MethodGet, one, "How far a delivery is")
	get.Description = "HEAD gives the headers of tus, GET the same as JSON."
	get.Began, get.Errors, get.Output = s.began, []int{http.StatusBadRequest, http.StatusNotFound, http.StatusPreconditionFailed}, exampleDelivery()

	get.Describe = givesDelivery

	add := row("addToDelivery", http.MethodPatch, one, "Add a piece to a delivery")
	add.Description = "With the last piece the file is stored, as PUT would have stored it. What a piece that breaks off has brought is kept, unless it has a checksum."
	add.Began, add.Streams, add.Status, add.Errors, add.Describe = s.began, true, http.StatusNoContent, append(tusErrors(), http.StatusLocked), takesPiece

	end := row("endDelivery", http.MethodDelete, one, "Drop a delivery with what is here of it")
	end.Began, end.Status, end.Errors = s.began, http.StatusNoContent, []int{http.StatusBadRequest, http.StatusNotFound, http.StatusPreconditionFailed}

	instead := row("overrideDelivery", http.MethodPost, one, "PATCH or DELETE for clients that can only POST")
	instead.Description = "The header `X-HTTP-Method-Override` says which."
	instead.Began, instead.Streams, instead.Status, instead.Errors, instead.Describe = s.began, true, http.StatusNoContent, add.Errors, takesPiece

	return []api.Route{
		api.Handle(can, s.describeDeliveries), api.Handle(begin, s.beginDelivery), api.Handle(listing, s.listDeliveries),
		api.Handle(get, s.getDelivery), api.Handle(add, s.addToDelivery), api.Handle(end, s.endDelivery), api.Handle(instead, s.overrideDelivery),
	}
}

// began tells whether the delivery in the path was begun by a user with a credential.
func (s Services) began(ctx context.Context, r *http.Request, userID, credential string) (bool, error) {
	return s.Uploads.DeliveryBegan(ctx, r.PathValue("upload_id"), r.PathValue("delivery_id"), userID, credential)
}

func tusErrors() []int {
	return []int{
		http.StatusBadRequest, http.StatusNotFound, http.StatusConflict, http.StatusPreconditionFailed, http.StatusRequestEntityTooLarge,
		http.StatusUnsupportedMediaType, http.StatusInsufficientStorage, api.StatusBadChecksum,
	}
}

func takesPiece(op *huma.Operation, _ huma.Registry) {
	api.Takes(op, false, map[string]*huma.Schema{tusMedia: nil})
}

func givesDelivery(op *huma.Operation, schemas huma.Registry) {
	api.Answers(op, map[string]*huma.Schema{"application/json": schemas.Schema(reflect.TypeFor[DeliveryData](), true, "")})
}

// DeliveryInput names a delivery.
type DeliveryInput struct {
	UploadInput
	DeliveryID string `path:"delivery_id"`
	Resumable  string `header:"Tus-Resumable" doc:"1.0.0"`
}

func (s Services) describeDeliveries(ctx context.Context, _ *UploadInput) (*struct{}, error) {
	h := api.Header(ctx)
	h.Set("Tus-Version", tusVersion)
	h.Set("Tus-Extension", tusExtensions)
	h.Set("Tus-Checksum-Algorithm", tusAlgorithms)
	if most := s.Uploads.MostBytes(); most > 0 {
		h.Set("Tus-Max-Size", strconv.FormatInt(most, 10))
	}
	return nil, nil
}

// speaksTus refuses other versions (tus 1.0.0, "Tus-Resumable"). Requests without a
// body may leave the version out.
func speaksTus(ctx context.Context, version string, needed bool) error {
	if version == tusVersion || version == "" && !needed {
		return nil
	}
	api.Header(ctx).Set("Tus-Version", tusVersion)
	return problem.New(problem.Precondition, "This server speaks tus %s. Send the header Tus-Resumable: %s.", tusVersion, tusVersion)
}

func (s Services) beginDelivery(ctx context.Context, in *struct {
	UploadInput
	PieceInput
	Resumable string `header:"Tus-Resumable" doc:"1.0.0"`
	Length    string `header:"Upload-Length" doc:"Bytes of the whole file"`
	Metadata  string `header:"Upload-Metadata" doc:"Pairs of a key and a value in base64, with commas between them"`
}) (*api.Stream, error) {
	sender := api.Sender(ctx)
	if err := s.Uploads.MayDelivery(ctx, sender.Viewer, in.UploadID); err != nil {
		return nil, err
	}
	if err := speaksTus(ctx, in.Resumable, true); err != nil {
		return nil, err
	}
	n, err := newDelivery(in.Length, in.Metadata)
	if err != nil {
		return nil, err
	}
	var t upload.Delivery
	r := api.Request(ctx)
	if r.ContentLength == 0 || r.Body == http.NoBody {
		t, err = s.Uploads.BeginDelivery(ctx, sender, in.UploadID, n)
	} else {
		var p upload.Piece
		if p, err = pieceOf(ctx, &in.PieceInput, 0); err == nil {
			t, err = s.Uploads.SendWhole(ctx, sender, in.UploadID, n, p)
		}
	}
	if err != nil {
		return nil, err
	}
	return api.Write(func(w http.ResponseWriter, r *http.Request) {
		tellDelivery(w.Header(), &t)
		w.Header().Set("Location", strings.TrimSuffix(api.AskedPath(r.Context()), "/")+"/"+t.ID)
		api.WriteJSON(w, http.StatusCreated, deliveryOf(&t))
	}), nil
}

func tellDelivery(h http.Header, t *upload.Delivery) {
	h.Set("Upload-Offset", strconv.FormatInt(t.Received(), 10))
	h.Set("Upload-Expires", t.Expires.UTC().Format(http.TimeFormat))
}

func (s Services) listDeliveries(ctx context.Context, in *UploadInput) (*struct{ Body DeliveryList }, error) {
	all, err := s.Uploads.Deliveries(ctx, api.Viewer(ctx), in.UploadID)
	if err != nil {
		return nil, err
	}
	out := &struct{ Body DeliveryList }{DeliveryList{UploadID: in.UploadID, Data: []DeliveryData{}}}
	for i := range all {
		out.Body.Data = append(out.Body.Data, deliveryOf(&all[i]))
	}
	return out, nil
}

func (s Services) getDelivery(ctx context.Context, in *DeliveryInput) (*api.Stream, error) {
	t, err := s.Uploads.Delivery(ctx, api.Sender(ctx), in.UploadID, in.DeliveryID)
	if err != nil {
		return nil, err
	}
	if err := speaksTus(ctx, in.Resumable, false); err != nil {
		return nil, err
	}
	return api.Write(func(w http.ResponseWriter, r *http.Request) {
		tellDelivery(w.Header(), &t)
		w.Header().Set("Upload-Length", strconv.FormatInt(t.Size, 10))
		if r.Method == http.MethodHead {
			w.WriteHeader(http.StatusOK)
			return
		}
		api.WriteJSON(w, http.StatusOK, deliveryOf(&t))
	}), nil
}

func (s Services) addToDelivery(ctx context.Context, in *struct {
	DeliveryInput
	Piece
}) (*api.Stream, error) {
	return s.addPiece(ctx, &in.DeliveryInput, &in.Piece)
}

func (s Services) addPiece(ctx context.Context, in *DeliveryInput, piece *Piece) (*api.Stream, error) {
	sender := api.Sender(ctx)
	if err := s.Uploads.MayDelivery(ctx, sender.Viewer, in.UploadID); err != nil {
		return nil, err
	}
	if err := speaksTus(ctx, in.Resumable, true); err != nil {
		return nil, err
	}
	offset, err := count("Upload-Offset", piece.Offset)
	if err != nil {
		return nil, err
	}
	p, err := pieceOf(ctx, &piece.PieceInput, offset)
	if err != nil {
		return nil, err
	}
	t, err := s.Uploads.AddToDelivery(ctx, sender, in.UploadID, in.DeliveryID, p)
	if err != nil {
		return nil, err
	}
	return api.Write(func(w http.ResponseWriter, _ *http.Request) {
		tellDelivery(w.Header(), &t)
		w.WriteHeader(http.StatusNoContent)
	}), nil
}

func (s Services) endDelivery(ctx context.Context, in *DeliveryInput) (*struct{}, error) {
	sender := api.Sender(ctx)
	if err := s.Uploads.MayDelivery(ctx, sender.Viewer, in.UploadID); err != nil {
		return nil, err
	}
	if err := speaksTus(ctx, in.Resumable, false); err != nil {
		return nil, err
	}
	return nil, s.Uploads.EndDelivery(ctx, sender, in.UploadID, in.DeliveryID)
}

func (s Services) overrideDelivery(ctx context.Context, in *struct {
	DeliveryInput
	Piece
	Method string `header:"X-HTTP-Method-Override" doc:"PATCH or DELETE"`
}) (*api.Stream, error) {
	switch strings.ToUpper(in.Method) {
	case http.MethodPatch:
		return s.addPiece(ctx, &in.DeliveryInput, &in.Piece)
	case http.MethodDelete:
		if _, err := s.endDelivery(ctx, &in.DeliveryInput); err != nil {
			return nil, err
		}
		return api.Write(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }), nil
	}
	if err := s.Uploads.MayDelivery(ctx, api.Viewer(ctx), in.UploadID); err != nil {
		return nil, err
	}
	return nil, problem.Bad("The header X-HTTP-Method-Override has to be PATCH or DELETE.")
}
