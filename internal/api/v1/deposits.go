package v1

import (
	"context"
	"net/http"

	"oasis/internal/access"
	"oasis/internal/access/scope"
	"oasis/internal/api"
)

// depositRoutes are about uploads that instruments make for people.
func (s Services) depositRoutes() []api.Route {
	example := exampleUpload()
	example.Deposit = &Deposit{Depositor: "5a0d5c2e-7f0b-4d56-8f0e-0c7c2f7f9a11", How: "named"}
	seal := api.Row{
		Operation: access.Operation{ID: "sealUpload", Scopes: scope.Of(scope.UploadsWrite), Reach: access.ReachUpload},
		Method:    http.MethodPost, Path: api.PathV1 + "/uploads/{upload_id}/action/seal", Tag: "uploads", Summary: "Close an upload to the instrument that made it",
		Description: "Tokens that only add may add to an upload that they made for `limits.deposit_window` (14 days); sealing ends that at once. " +
			"Its people go on working with it. Only the main author may, and administrators; sealing twice changes nothing. Not part of the NOMAD API.",
		Errors: []int{http.StatusNotFound, http.StatusBadRequest}, Output: UploadAnswer{example.UploadID, example},
	}
	return []api.Route{api.Handle(seal, s.sealUpload)}
}

func (s Services) sealUpload(ctx context.Context, in *UploadInput) (*struct{ Body UploadAnswer }, error) {
	u, err := s.Uploads.Seal(ctx, api.Viewer(ctx), in.UploadID)
	if err != nil {
		return nil, err
	}
	return oneUpload(&u, api.Viewer(ctx)), nil
}
