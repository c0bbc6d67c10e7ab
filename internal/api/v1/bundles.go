package v1

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"oasis/internal/access"
	"oasis/internal/access/scope"
	"oasis/internal/api"
	"oasis/internal/data/bundle"
	"oasis/internal/data/upload"
	"oasis/internal/problem"
)

func (s Services) bundleRoutes() []api.Route {
	row := func(id, method, path, summary string, sc scope.Scope) api.Row {
		return api.Row{
			Operation: access.Operation{ID: id, Scopes: scope.Of(sc), Reach: reachOf(path)},
			Method:    method, Path: api.PathV1 + "/uploads" + path, Tag: "uploads", Summary: summary,
			Errors: []int{http.StatusBadRequest},
		}
	}
	export := func(id, path, note string) api.Route {
		r := row(id, http.MethodGet, "/{upload_id}"+path, "Take a whole upload elsewhere, as a zip", scope.UploadsExport)
		r.Description = "Whoever may read the upload may export it. The bundle has raw files, archives, entries and members, and is what `/uploads/import` takes, here and at NOMAD." + note
		r.Anonymous, r.Errors = true, append(r.Errors, http.StatusNotFound)
		r.Undelivered = map[string]string{"include_schemas": "false"}
		r.Output = "(the bytes)"
		r.Describe = func(op *huma.Operation, _ huma.Registry) {
			api.Answers(op, map[string]*huma.Schema{"application/zip": nil})
		}
		return api.Handle(r, s.exportUpload)
	}
	take := func(id, path, note string) api.Route {
		r := row(id, http.MethodPost, path, "Take in an upload that was exported elsewhere", scope.UploadsImport)
		r.Description = "The body is one bundle, as it is or in a form. The upload keeps its id; it is here whole or not at all when the answer comes. " +
			"Without being an administrator you import what is yours and not published; settings other than the defaults need an administrator." + note
		r.Streams, r.UploadToken = true, true
		r.Errors = append(r.Errors, http.StatusUnprocessableEntity, http.StatusRequestEntityTooLarge, http.StatusInsufficientStorage)
		r.Undelivered = map[string]string{"local_path": ""}
		r.Output = UploadAnswer{exampleUpload().UploadID, exampleUpload()}
		r.Describe = func(op *huma.Operation, _ huma.Registry) {
			api.Takes(op, true, map[string]*huma.Schema{"application/zip": nil, "multipart/form-data": {
				Type: huma.TypeObject, Properties: map[string]*huma.Schema{"file": {Type: huma.TypeString, Format: "binary"}},
			}})
		}
		return api.Handle(r, s.importUpload)
	}
	const older = " An older name of the same operation."
	return []api.Route{
		export("exportUpload", "/export", ""), export("exportUploadBundle", "/bundle", older),
		take("importUpload", "/import", ""), take("importUploadBundle", "/bundle", older),
	}
}

// Included says what a bundle holds.
type Included struct {
	RawFiles     api.Optional[bool] `query:"include_raw_files" doc:"true by default"`
	ArchiveFiles api.Optional[bool] `query:"include_archive_files" doc:"true by default"`
	Datasets     api.Optional[bool] `query:"include_datasets" doc:"true by default"`
}

func (s Services) exportUpload(ctx context.Context, in *struct {
	UploadInput
	Included
	Format string `query:"format" enum:"bundle"`
},
) (*api.Stream, error) {
	d := s.Bundles.Defaults()
	b, err := s.Bundles.Export(ctx, api.Viewer(ctx), in.UploadID, upload.Export, bundle.Contents{
		RawFiles: in.RawFiles.Or(d.RawFiles), ArchiveFiles: in.ArchiveFiles.Or(d.ArchiveFiles), Datasets: in.Datasets.Or(d.Datasets),
	})
	if err != nil {
		return nil, err
	}
	return api.Write(func(w http.ResponseWriter, r *http.Request) {
		asDownload(w, in.UploadID+".zip", "application/zip")
		if err := b.Write(r.Context(), w); err != nil {
			api.CutOff(r, err) // a zip that ends early would look like one that was sent
		}
	}), nil
}

func (s Services) importUpload(ctx context.Context, in *struct {
	Included
	Format       string             `query:"format" enum:"bundle"`
	Embargo      api.Optional[int]  `query:"embargo_length" doc:"Months, 0 to 36; as in the bundle by default"`
	Info         api.Optional[bool] `query:"include_bundle_info" doc:"What bundle_info.json says is taken over in either case"`
	KeepTimes    bool               `query:"keep_original_timestamps" doc:"Take the times of creating and publishing from the bundle"`
	FromOasis    api.Optional[bool] `query:"set_from_oasis" doc:"Note where the upload comes from; true by default"`
	Trigger      bool               `query:"trigger_processing" doc:"Process the upload here"`
	UnknownUsers string             `query:"unknown_users" enum:"refuse,importer" default:"refuse" doc:"With importer you become the main author in place of somebody unknown here, and other unknown members are left out; not part of the NOMAD API"`
},
) (*struct{ Body UploadAnswer }, error) {
	if e := in.Embargo; e.Set && (e.Value < 0 || e.Value > upload.MaxEmbargo) {
		return nil, problem.Invalid("value_error", "Value should be between 0 and 36", "query", "embargo_length")
	}
	body, err := bodyOf(api.Body(ctx), "bundle.zip")
	if err != nil {
		return nil, err
	}
	viewer := api.Viewer(ctx)
	u, err := s.Bundles.Import(ctx, viewer, body, bundle.Options{
		RawFiles: in.RawFiles.Or(true), ArchiveFiles: in.ArchiveFiles.Or(true), Datasets: in.Datasets.Or(true), FromOasis: in.FromOasis.Or(true),
		KeepTimes: in.KeepTimes, Trigger: in.Trigger, Embargo: in.Embargo.Pointer(), Strangers: bundle.Strangers(in.UnknownUsers),
	})
	if err != nil {
		return nil, err
	}
	return oneUpload(&u, viewer), nil
}
