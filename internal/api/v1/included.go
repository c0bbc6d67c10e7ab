package v1

import (
	"bytes"
	"context"
	"encoding/json"

	"oasis/internal/api"
	"oasis/internal/data/entry"
	"oasis/internal/problem"
)

// IncludedPage is a page of the entries that a query would include (spec uploads.md §10).
type IncludedPage struct {
	Query       SearchQuery     `json:"query"`
	Timestamp   string          `json:"timestamp" format:"date-time" doc:"Entries made after it do not count"`
	Pagination  IncludedPaging  `json:"pagination"`
	Entries     []entry.Include `json:"entries"`
	Unpublished int             `json:"n_unpublished" doc:"How many of all that are found are not public"`
}

// IncludedPaging repeats the pagination of a search.
type IncludedPaging entry.Pagination

// IncludedAnswer is what an upload includes now; all members are left out when it is nothing.
type IncludedAnswer struct {
	Query     SearchQuery `json:"query,omitempty"`
	Timestamp *string     `json:"timestamp,omitempty" format:"date-time"`
	Total     *int        `json:"total,omitempty" doc:"How many entries are found"`
}

// maxIncluded is how long a stored query may be: it is read with its upload.
const maxIncluded = 64 << 10

type includedBody struct {
	Query Anything `json:"query,omitempty" doc:"Finds the entries, in the search language of NOMAD"`
}

// query gives the query in compact form.
func (b *includedBody) query() (json.RawMessage, error) {
	if none(b.Query) {
		return nil, problem.Invalid("missing", "Field required", "body", "query")
	}
	var compact bytes.Buffer
	if err := json.Compact(&compact, b.Query); err != nil {
		return nil, problem.Invalid("json_invalid", "The query is no JSON", "body", "query").Because(err)
	}
	if compact.Len() > maxIncluded {
		return nil, problem.Invalid("too_long", "The query is longer than 64 KiB: find the entries by a property they share, such as their upload or dataset", "body", "query")
	}
	return compact.Bytes(), nil
}

func (s Services) setIncluded(ctx context.Context, in *struct {
	UploadInput
	Body includedBody
}) (*struct{ Body IncludedAnswer }, error) {
	query, err := in.Body.query()
	if err != nil {
		return nil, err
	}
	if string(query) == "{}" { // every entry there is cannot be meant (spec uploads.md §10)
		query = nil
	}
	included, total, err := s.Uploads.Include(ctx, api.Viewer(ctx), in.UploadID, query)
	if err != nil {
		return nil, err
	}
	out := &struct{ Body IncludedAnswer }{}
	if included != nil {
		out.Body = IncludedAnswer{SearchQuery(included.Query), stamp(included.At), &total}
	}
	return out, nil
}

func (s Services) validateIncluded(ctx context.Context, in *struct {
	UploadInput
	Body struct {
		includedBody
		Pagination Anything `json:"pagination,omitempty" doc:"As in a search: page_size, page, page_offset, page_after_value, order_by, order"`
	}
}) (*struct{ Body IncludedPage }, error) {
	viewer := api.Viewer(ctx)
	if err := s.Uploads.MayChange(ctx, viewer, in.UploadID); err != nil {
		return nil, err
	}
	query, err := in.Body.query()
	if err != nil {
		return nil, err
	}
	page, err := s.Entries.Included(ctx, viewer, in.UploadID, query, json.RawMessage(in.Body.Pagination))
	if err != nil {
		return nil, err
	}
	return &struct{ Body IncludedPage }{IncludedPage{
		Query: SearchQuery(query), Timestamp: Stamp(page.At), Pagination: IncludedPaging(page.Pagination), Entries: page.Entries, Unpublished: page.Unpublished,
	}}, nil
}
