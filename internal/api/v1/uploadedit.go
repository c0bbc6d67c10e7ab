package v1

import (
	"context"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"oasis/internal/access/scope"
	"oasis/internal/api"
	"oasis/internal/data/edit"
)

// EditBody is the body of an edit, judged by package data/edit.
type EditBody []byte

// maxEdit bounds the body of an edit: it holds a comment for each of the entries that one may name.
const maxEdit = 8 << 20

// UnmarshalJSON keeps the text.
func (b *EditBody) UnmarshalJSON(body []byte) error {
	*b = append((*b)[:0], body...)
	return nil
}

// Schema describes the body.
func (EditBody) Schema(schemas huma.Registry) *huma.Schema {
	fields := func() *huma.Schema {
		return &huma.Schema{
			Type: huma.TypeObject, AdditionalProperties: true,
			Description: "Values by quantity. null leaves a quantity alone, an empty text clears it. A list is a value, a list, {\"set\": …}, or {\"add\": …, \"remove\": …}.",
		}
	}
	return api.Component(schemas, "MetadataEdit", object(nil, map[string]*huma.Schema{
		"metadata":    fields(),
		"entries":     {Type: huma.TypeObject, AdditionalProperties: fields(), Description: "Values of single entries by their key; they count more than those of metadata"},
		"entries_key": {Type: huma.TypeString, Enum: []any{"entry_id", "mainfile"}, Description: "What the keys of entries are, entry_id by default"},
		"query":       free("Only the entries of the upload that this finds are edited"),
		"owner":       owner(),
		"verify_only": {Type: huma.TypeBoolean, Description: "Check everything and change nothing"},
	}))
}

func (s Services) uploadEditRow() api.Row {
	row := uploadRow("editUpload", http.MethodPost, "/{upload_id}/edit", "Edit what is said about an upload and its entries", scope.UploadsWrite)
	row.Description = strings.Join([]string{
		"Of the upload: `upload_name`, `description`, `external_db`, `embargo_length`, `coauthors`, `reviewers` (by user id, user name or e-mail address),",
		"`coauthor_groups`, `reviewer_groups` (by group id; `all` lets everybody look), and for administrators `main_author`, `upload_create_time`, `publish_time`, `license`.",
		"Of its entries: `comment`, `external_id`, `references`, and for administrators `entry_create_time`. Entries keep these when they are processed again.",
		"`datasets` are known by name, but this Oasis has none yet, so each reference to one is refused.",
		"All of it is done, or nothing; searches find it at once.",
	}, " ")
	row.LooseBody, row.MaxBody = true, maxEdit
	row.Input = map[string]any{
		"metadata": map[string]any{
			"upload_name": "TiO2 annealing", "coauthors": map[string]any{"add": []string{"mara"}}, "reviewer_groups": []string{"all"}, "comment": "measured in air",
		},
		"entries_key": "mainfile",
		"entries":     map[string]any{"anneal/sample-1.archive.yaml": map[string]any{"comment": "the oven was opened once"}},
	}
	row.Errors = []int{http.StatusBadRequest, http.StatusNotFound, http.StatusRequestEntityTooLarge, http.StatusUnprocessableEntity}
	return row
}

func (s Services) editUpload(ctx context.Context, in *struct {
	UploadInput
	Wait api.Optional[bool] `query:"wait_for_processing" doc:"Editing is always complete when the answer comes"`
	Body EditBody
}) (*struct{ Body UploadAnswer }, error) {
	request, err := edit.Parse(in.Body)
	if err != nil {
		return nil, err
	}
	viewer := api.Viewer(ctx)
	u, err := s.Edits.Upload(ctx, viewer, in.UploadID, request)
	if err != nil {
		return nil, err
	}
	return oneUpload(&u, viewer), nil
}
