package v1

import (
	"cmp"
	"context"
	"net/http"
	"strings"

	"oasis/internal/access"
	"oasis/internal/access/scope"
	"oasis/internal/api"
	"oasis/internal/data/bundle"
	"oasis/internal/data/upload"
	"oasis/internal/problem"
	"oasis/internal/work/sending"
)

// SendOrder says where an upload is sent (spec uploads.md §13); unknown_users is ours.
type SendOrder struct {
	AuthToken    string `json:"auth_token" minLength:"1" doc:"Your access token at the target; it is kept in memory only, until the upload has arrived"`
	TargetURL    string `json:"target_deployment_url,omitempty" doc:"Address of the API of the target, ending in /api; the central server by default"`
	Embargo      *int   `json:"embargo_length,omitempty" nullable:"true" minimum:"0" maximum:"36" doc:"Months of embargo there; as here by default"`
	RawFiles     *bool  `json:"include_raw_files,omitempty" nullable:"true" doc:"true by default"`
	ArchiveFiles *bool  `json:"include_archive_files,omitempty" nullable:"true" doc:"true by default"`
	Datasets     *bool  `json:"include_datasets,omitempty" nullable:"true" doc:"true by default"`
	Schemas      *bool  `json:"include_schemas,omitempty" nullable:"true" doc:"Only false: schemas are files of the upload"`
	UnknownUsers string `json:"unknown_users,omitempty" enum:"refuse,importer" doc:"What the target does with people it does not know, if it is an Oasis like this one"`
}

func (s Services) sendRoutes() []api.Route {
	r := api.Row{
		Operation: access.Operation{ID: "sendUpload", Scopes: scope.Of(scope.UploadsExport), Reach: access.ReachUpload},
		Method:    http.MethodPost, Path: api.PathV1 + "/uploads/{upload_id}/action/transfer", Tag: "uploads",
		Summary: "Send a published upload to another server",
		Description: "Main author, coauthors and administrators may. The target has to stand in `oasis.transfer_targets`; there, the owner of the token imports " +
			"the bundle. The answer comes when it has arrived, or was refused; the sending goes on when you do not wait for that.",
		Errors: []int{http.StatusBadRequest, http.StatusNotFound}, Output: UploadAnswer{exampleUpload().UploadID, exampleUpload()},
		Input: SendOrder{AuthToken: "nomad_pat_…", TargetURL: "https://there.example/nomad-oasis/api"},
	}
	return []api.Route{api.Handle(r, s.sendUpload)}
}

func (s Services) sendUpload(ctx context.Context, in *struct {
	UploadInput
	Body SendOrder
},
) (*struct{ Body UploadAnswer }, error) {
	b := &in.Body
	or := func(given *bool) bool { return given == nil || *given }
	o := sending.Order{
		UploadID: in.UploadID, Target: cmp.Or(b.TargetURL, s.About().CentralURL), Token: b.AuthToken, Embargo: b.Embargo,
		Contents:  bundle.Contents{RawFiles: or(b.RawFiles), ArchiveFiles: or(b.ArchiveFiles), Datasets: or(b.Datasets)},
		Strangers: bundle.Strangers(b.UnknownUsers),
	}
	switch {
	case !o.Contents.RawFiles && !o.Contents.ArchiveFiles:
		return nil, problem.Invalid("value_error", "Value error, Include raw files or processed archives, or both.", "body")
	case b.Schemas != nil && *b.Schemas:
		return nil, problem.Invalid("extra_forbidden", "This Oasis does not support include_schemas here: leave it out", "body", "include_schemas")
	}
	return s.send(ctx, o)
}

func (s Services) send(ctx context.Context, o sending.Order) (*struct{ Body UploadAnswer }, error) {
	u, err := s.Sending.Send(ctx, api.Viewer(ctx), o)
	if err != nil {
		return nil, err
	}
	return oneUpload(&u, api.Viewer(ctx)), nil
}

// publishToCentral is publishing with to_central_nomad=true.
func (s Services) publishToCentral(ctx context.Context, uploadID string, embargo *int, token string) (*struct{ Body UploadAnswer }, error) {
	about := s.About()
	if err := s.Uploads.MayPublishToCentral(ctx, api.Viewer(ctx), uploadID, about.IsOasis); err != nil {
		return nil, err
	}
	if embargo != nil && (*embargo < 0 || *embargo > upload.MaxEmbargo) {
		return nil, problem.Bad("Invalid embargo_length. Must be between 0 and %d months.", upload.MaxEmbargo)
	}
	token = strings.TrimSpace(strings.TrimPrefix(token, "Bearer "))
	if token == "" {
		return nil, problem.Bad("Give a token of an account at the central server in the header Central-Token.")
	}
	return s.send(ctx, sending.Order{
		UploadID: uploadID, Target: about.CentralURL, Token: token, Embargo: embargo,
		Contents: bundle.Contents{RawFiles: true, ArchiveFiles: true, Datasets: true},
	})
}
