package v1

import (
	"context"
	"encoding/json"
	"net/http"

	"oasis/internal/access"
	"oasis/internal/access/scope"
	"oasis/internal/api"
	"oasis/internal/data/entry"
	"oasis/internal/data/upload"
	"oasis/internal/problem"
)

// lifecycleRoutes are what is done to an upload as a whole (spec uploads.md §8, §10).
func (s Services) lifecycleRoutes() []api.Route {
	example := UploadAnswer{exampleUpload().UploadID, exampleUpload()}
	row := func(id, path, summary, description string, sc scope.Scope) api.Row {
		return api.Row{
			Operation: access.Operation{ID: id, Scopes: scope.Of(sc), Reach: access.ReachUpload},
			Method:    http.MethodPost, Path: api.PathV1 + "/uploads/{upload_id}" + path, Tag: "uploads", Summary: summary, Description: description,
			Errors: []int{http.StatusBadRequest, http.StatusNotFound}, Output: example,
		}
	}
	published := exampleUpload()
	published.Published, published.PublishTime = true, some("2026-02-01T12:00:00.000000Z")
	published.CurrentProcess = some(upload.ProcessPublish)

	publish := row("publishUpload", "/action/publish", "Publish an upload",
		"Afterwards its files do not change any more, and everybody may read them once the embargo is over, if there is one. "+
			"It needs an entry whose processing has ended, and no process that runs or has failed. "+
			"Directories without files are dropped, and POTCAR files leave only what may be shared of them. The upload is published when the answer comes.",
		scope.UploadsPublish)
	publish.Errors = append(publish.Errors, http.StatusConflict, http.StatusInsufficientStorage)
	publish.Output = UploadAnswer{published.UploadID, published}
	lift := row("liftEmbargo", "/action/lift-embargo", "End the embargo of a published upload now",
		"It is public, and found by everybody, when the answer comes. By itself an embargo ends at its last day, without anybody doing anything.", scope.UploadsPublish)
	lift.Output = publish.Output
	process := row("processUpload", "/action/process", "Process all files of an upload anew",
		"Once it is published, only administrators may. The answer tells of the process that waits.", scope.UploadsProcess)
	stop := row("stopProcessing", "/action/stop-processing", "Stop the processing of an upload",
		"Entries that are made already stay. The files are processed when they change again, or when that is asked for.", scope.UploadsProcess)

	remove := row("deleteEntryFiles", "/action/delete-entry-files", "Delete the files that entries were made of",
		"All entries of the upload that the query finds; their files are deleted together or none. When this would delete every file of the upload, it has to be confirmed.",
		scope.UploadsWrite)
	remove.Errors = append(remove.Errors, http.StatusConflict)
	remove.MaxBody, remove.Heavy = maxSearch, true
	remove.Input = map[string]any{"query": map[string]any{"entry_id:any": []string{exampleEntry().EntryID}}, "include_parent_folders": false}

	include := row("setIncludedEntries", "/included-entries", "Show entries of other uploads as part of this one",
		"All that the query finds now; the empty query `{}` shows none any more. They must be public before this upload can be published.", scope.UploadsWrite)
	include.MaxBody, include.Heavy = maxSearch, true
	include.Input = map[string]any{"query": map[string]any{"datasets.dataset_name": "Films"}}
	include.Output = map[string]any{"query": include.Input.(map[string]any)["query"], "timestamp": "2026-02-01T12:00:00.000000Z", "total": 12}
	validate := row("validateIncludedEntries", "/included-entries/validate", "What a query would include", "Changes nothing.", scope.UploadsWrite)
	validate.MaxBody, validate.Heavy = maxSearch, true
	validate.Input = include.Input
	validate.Output = IncludedPage{
		Query: SearchQuery(`{"datasets.dataset_name": "Films"}`), Timestamp: "2026-02-01T12:00:00.000000Z",
		Entries: []entry.Include{{EntryID: exampleEntry().EntryID, UploadID: exampleUpload().UploadID, Published: true}},
	}
	return []api.Route{
		api.Handle(publish, s.publishUpload), api.Handle(lift, s.liftEmbargo), api.Handle(process, s.processUpload), api.Handle(stop, s.stopProcessing),
		api.Handle(remove, s.deleteEntryFiles), api.Handle(include, s.setIncluded), api.Handle(validate, s.validateIncluded),
	}
}

func (s Services) publishUpload(ctx context.Context, in *struct {
	UploadInput
	EmbargoLength api.Optional[int]  `query:"embargo_length" doc:"Months of embargo, 0 to 36; by default what the upload says"`
	Wait          api.Optional[bool] `query:"wait_for_processing" doc:"The upload is published when the answer comes, whatever this says"`
	Central       bool               `query:"to_central_nomad" doc:"Send a published upload to the central server; administrators only"`
	CentralToken  string             `header:"Central-Token" doc:"With to_central_nomad: a token of your account there; not part of the NOMAD API"`
}) (*struct{ Body UploadAnswer }, error) {
	viewer := api.Viewer(ctx)
	if in.Central {
		return s.publishToCentral(ctx, in.UploadID, in.EmbargoLength.Pointer(), in.CentralToken)
	}
	return answerWith(ctx)(s.Uploads.Publish(ctx, viewer, in.UploadID, in.EmbargoLength.Pointer()))
}

// answerWith makes the answer of what a service gives.
func answerWith(ctx context.Context) func(upload.Upload, error) (*struct{ Body UploadAnswer }, error) {
	return func(u upload.Upload, err error) (*struct{ Body UploadAnswer }, error) {
		if err != nil {
			return nil, err
		}
		return oneUpload(&u, api.Viewer(ctx)), nil
	}
}

func (s Services) liftEmbargo(ctx context.Context, in *UploadInput) (*struct{ Body UploadAnswer }, error) {
	return answerWith(ctx)(s.Uploads.LiftEmbargo(ctx, api.Viewer(ctx), in.UploadID))
}

func (s Services) processUpload(ctx context.Context, in *UploadInput) (*struct{ Body UploadAnswer }, error) {
	return answerWith(ctx)(s.Uploads.Process(ctx, api.Viewer(ctx), in.UploadID))
}

func (s Services) stopProcessing(ctx context.Context, in *UploadInput) (*struct{ Body UploadAnswer }, error) {
	return answerWith(ctx)(s.Uploads.StopProcessing(ctx, api.Viewer(ctx), in.UploadID))
}

func (s Services) deleteEntryFiles(ctx context.Context, in *struct {
	UploadInput
	Body struct {
		Query   Anything `json:"query,omitempty" doc:"Finds the entries, in the search language of NOMAD"`
		Owner   string   `json:"owner,omitempty" enum:"public,all,visible,shared,user,staging,admin" doc:"Breadth of the search; all by default"`
		Parents bool     `json:"include_parent_folders,omitempty" doc:"Delete the directories of the files, with all that is in them"`
		Confirm []string `json:"confirm,omitempty" nullable:"true" doc:"The paths that are to go, / for everything; not part of the NOMAD API"`
	}
}) (*struct{ Body UploadAnswer }, error) {
	if none(in.Body.Query) {
		return nil, problem.Bad("A query must be specified.")
	}
	which := upload.EntryFiles{Owner: upload.OwnerAll, Query: json.RawMessage(in.Body.Query), Parents: in.Body.Parents, Confirm: in.Body.Confirm}
	if in.Body.Owner != "" {
		which.Owner = upload.Owner(in.Body.Owner)
	}
	return answerWith(ctx)(s.Uploads.DeleteEntryFiles(ctx, api.Viewer(ctx), in.UploadID, which))
}

// none tells whether a value was left out or is null.
func none(v Anything) bool { return len(v) == 0 || string(v) == "null" }
