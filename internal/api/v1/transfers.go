package v1

import (
	"context"
	"net/http"

	"oasis/internal/access"
	"oasis/internal/access/scope"
	"oasis/internal/api"
	"oasis/internal/data/transfer"
	"oasis/internal/problem"
)

// Transfer is an offer of an upload or a group (spec datasets-groups.md §5); state
// and keep_former_owner are ours.
type Transfer struct {
	TransferID   string  `json:"transfer_id"`
	ResourceType string  `json:"resource_type" enum:"upload,group"`
	ResourceID   string  `json:"resource_id"`
	ResourceName *string `json:"resource_name,omitempty"`
	SourceUserID string  `json:"source_user_id" doc:"The owner"`
	TargetUserID string  `json:"target_user_id" doc:"Who shall become the owner"`
	RequestedAt  string  `json:"requested_at" format:"date-time"`
	UpdatedAt    string  `json:"updated_at" format:"date-time"`
	ActorUserID  string  `json:"actor_user_id" doc:"Who asked: the owner or an administrator"`
	State        string  `json:"state" enum:"pending,refused"`
	Keep         bool    `json:"keep_former_owner" doc:"Whether the former owner becomes coauthor of the upload, or maintainer of the group"`
}

// TransferList is somebody's transfers.
type TransferList struct {
	Transfers []Transfer `json:"transfers" nullable:"false"`
}

// TransferRequest offers something to somebody.
type TransferRequest struct {
	ResourceType   string `json:"resource_type" doc:"upload or group"`
	ResourceID     string `json:"resource_id" minLength:"1"`
	TargetUser     string `json:"target_user" minLength:"1" doc:"Who shall become the owner"`
	TargetUserType string `json:"target_user_type,omitempty" enum:"user_id,username,email" default:"user_id" doc:"What target_user is"`
	Keep           bool   `json:"keep_former_owner,omitempty" doc:"The former owner becomes coauthor of the upload, or maintainer of the group; without it they keep no role"`
}

// TransferAnswer answers an offer.
type TransferAnswer struct {
	Action string `json:"action" enum:"accept,refuse"`
}

// TransferResult is what an offer left that was answered or cancelled.
type TransferResult struct {
	TransferID   string           `json:"transfer_id"`
	ResourceType string           `json:"resource_type" enum:"upload,group"`
	ResourceID   string           `json:"resource_id"`
	Result       TransferredThing `json:"result"`
}

// TransferredThing is the upload or the group.
type TransferredThing struct {
	UploadID *string `json:"upload_id,omitempty"`
	GroupID  *string `json:"group_id,omitempty"`
	Data     any     `json:"data" doc:"The upload or the group, as the operations on those show it"`
}

func exampleTransfer() Transfer {
	return Transfer{
		TransferID: "5f2a9c01b3d4e6f75f2a9c01", ResourceType: "upload", ResourceID: exampleUpload().UploadID, ResourceName: exampleUpload().UploadName,
		SourceUserID: exampleUpload().MainAuthor, TargetUserID: "0d5c1d8e-9c55-4f0e-8a53-3a1b7a1f6a02", ActorUserID: exampleUpload().MainAuthor,
		RequestedAt: "2026-01-31T12:00:00.000000Z", UpdatedAt: "2026-01-31T12:00:00.000000Z", State: "pending",
	}
}

func (s Services) transferRoutes() []api.Route {
	row := func(id, method, path, summary string, scopes ...scope.Scope) api.Row {
		return api.Row{
			Operation: access.Operation{ID: id, Scopes: scope.Of(scopes...)},
			Method:    method, Path: api.PathV1 + "/ownership-transfers" + path, Tag: "transfers", Summary: summary,
			Errors: []int{http.StatusBadRequest, http.StatusNotFound}, Output: exampleTransfer(),
		}
	}
	example := exampleTransfer()
	result := TransferResult{example.TransferID, example.ResourceType, example.ResourceID, TransferredThing{UploadID: &example.ResourceID, Data: exampleUpload()}}
	list := row("listTransfers", http.MethodGet, "", "Uploads or groups that you offer or are offered", scope.UploadsRead)
	list.Errors, list.Output = []int{http.StatusBadRequest}, TransferList{[]Transfer{example}}
	request := row("requestTransfer", http.MethodPost, "", "Offer an upload or a group to somebody", scope.UploadsRead, scope.UploadsWrite)
	request.Description = "The target is told, and becomes a reviewer of an upload until the offer ends. An offer of the same thing that is pending " +
		"is replaced, and its target loses that right. Offers end after 90 days."
	request.Input = TransferRequest{ResourceType: "upload", ResourceID: example.ResourceID, TargetUser: "jane", TargetUserType: "username"}
	get := row("getTransfer", http.MethodGet, "/{transfer_id}", "One transfer", scope.UploadsRead)
	respond := row("respondToTransfer", http.MethodPost, "/{transfer_id}/respond", "Accept or refuse what you are offered", scope.UploadsRead, scope.UploadsWrite)
	respond.Input, respond.Output = TransferAnswer{"accept"}, result
	cancel := row("cancelTransfer", http.MethodPost, "/{transfer_id}/cancel", "Take back what you offered", scope.UploadsRead, scope.UploadsWrite)
	cancel.Output = result
	return []api.Route{
		api.Handle(list, s.listTransfers), api.Handle(request, s.requestTransfer), api.Handle(get, s.getTransfer),
		api.Handle(respond, s.respondToTransfer), api.Handle(cancel, s.cancelTransfer),
	}
}

func transferOf(v *transfer.View) Transfer {
	return Transfer{
		TransferID: v.ID, ResourceType: string(v.Kind), ResourceID: v.ResourceID, ResourceName: some(v.Name),
		SourceUserID: v.Source, TargetUserID: v.Target, RequestedAt: Stamp(v.Requested), UpdatedAt: Stamp(v.Updated),
		ActorUserID: v.Actor, State: string(v.State), Keep: v.Keep,
	}
}

func (s Services) listTransfers(ctx context.Context, in *struct {
	Direction    string `query:"direction" enum:"incoming,outgoing,all" default:"all"`
	ResourceType string `query:"resource_type" default:"upload" doc:"upload or group"`
	ResourceID   string `query:"resource_id"`
	State        string `query:"state" enum:"pending,refused"`
},
) (*struct{ Body TransferList }, error) {
	views, err := s.Transfers.List(ctx, transfer.Query{
		UserID: api.UserID(ctx), Direction: transfer.Direction(in.Direction), Kind: transfer.Kind(in.ResourceType),
		ResourceID: in.ResourceID, State: transfer.State(in.State),
	})
	if err != nil {
		return nil, err
	}
	out := &struct{ Body TransferList }{TransferList{[]Transfer{}}}
	for i := range views {
		out.Body.Transfers = append(out.Body.Transfers, transferOf(&views[i]))
	}
	return out, nil
}

func (s Services) requestTransfer(ctx context.Context, in *struct{ Body TransferRequest }) (*struct{ Body Transfer }, error) {
	view, err := s.Transfers.Request(ctx, api.Viewer(ctx), transfer.Offer{
		Kind: transfer.Kind(in.Body.ResourceType), ResourceID: in.Body.ResourceID,
		Target: in.Body.TargetUser, TargetType: in.Body.TargetUserType, Keep: in.Body.Keep,
	})
	if err != nil {
		return nil, err
	}
	return &struct{ Body Transfer }{transferOf(&view)}, nil
}

// TransferInput names a transfer. NOMAD clients also say of what kind it is.
type TransferInput struct {
	ID           string `path:"transfer_id" maxLength:"100"`
	ResourceType string `query:"resource_type" doc:"upload or group; need not be said"`
}

// check refuses kinds that do not exist.
func (in *TransferInput) check() error {
	switch transfer.Kind(in.ResourceType) {
	case "", transfer.Upload, transfer.Group:
		return nil
	default:
		return problem.Bad(`Unsupported resource_type='%s'. Currently only "upload", "group" are supported.`, in.ResourceType)
	}
}

func (s Services) getTransfer(ctx context.Context, in *TransferInput) (*struct{ Body Transfer }, error) {
	if err := in.check(); err != nil {
		return nil, err
	}
	view, err := s.Transfers.Get(ctx, api.Viewer(ctx), in.ID)
	if err != nil {
		return nil, err
	}
	return &struct{ Body Transfer }{transferOf(&view)}, nil
}

func (s Services) respondToTransfer(ctx context.Context, in *struct {
	TransferInput
	Body TransferAnswer
},
) (*struct{ Body TransferResult }, error) {
	if err := in.check(); err != nil {
		return nil, err
	}
	r, err := s.Transfers.Respond(ctx, api.Viewer(ctx), in.ID, in.Body.Action == "accept")
	if err != nil {
		return nil, err
	}
	return transferResult(ctx, &r), nil
}

func (s Services) cancelTransfer(ctx context.Context, in *TransferInput) (*struct{ Body TransferResult }, error) {
	if err := in.check(); err != nil {
		return nil, err
	}
	r, err := s.Transfers.Cancel(ctx, api.Viewer(ctx), in.ID)
	if err != nil {
		return nil, err
	}
	return transferResult(ctx, &r), nil
}

func transferResult(ctx context.Context, r *transfer.Result) *struct{ Body TransferResult } {
	out := TransferResult{TransferID: r.ID, ResourceType: string(r.Kind), ResourceID: r.ResourceID}
	if r.Kind == transfer.Group {
		out.Result = TransferredThing{GroupID: &r.ResourceID, Data: groupOf(&r.Group, true)}
	} else {
		out.Result = TransferredThing{UploadID: &r.ResourceID, Data: uploadOf(&r.Upload, api.Viewer(ctx))}
	}
	return &struct{ Body TransferResult }{out}
}
