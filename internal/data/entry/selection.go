package entry

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"oasis/internal/data/search"
	"oasis/internal/data/upload"
)

// Selections of entries that uploads work with: the entries of theirs whose files
// are to go, and the entries of others that they include.

var _ upload.Finder = (*Service)(nil)

// body is a request in the form of the API, so that what it may say and how it is
// refused are the same everywhere.
type body struct {
	Owner      upload.Owner    `json:"owner"`
	Query      json.RawMessage `json:"query"`
	Pagination json.RawMessage `json:"pagination,omitempty"`
	Required   required        `json:"required"`
}

type required struct {
	Include []string `json:"include"`
}

// both demands all of the queries.
func both(queries ...any) (json.RawMessage, error) {
	text, err := json.Marshal(map[string]any{"and": queries})
	if err != nil {
		return nil, fmt.Errorf("join queries: %w", err)
	}
	return text, nil
}

func (s *Service) request(b body) (*search.Request, error) {
	text, err := json.Marshal(b)
	if err != nil {
		return nil, fmt.Errorf("write request: %w", err)
	}
	return search.ParseBody(text, s.now())
}

// Mainfiles fits upload.Finder.
func (s *Service) Mainfiles(ctx context.Context, v upload.Viewer, uploadID string, owner upload.Owner, query json.RawMessage) ([]string, error) {
	var files []string
	err := s.each(ctx, v, uploadID, owner, query, func(h *search.Hit) { files = append(files, h.Mainfile) })
	return files, err
}

// Within gives the ids of all entries of an upload that a query in the form of the
// API finds for the viewer. What is wrong with the query is a 422, an owner that the
// viewer may not use a 401 or 403.
func (s *Service) Within(ctx context.Context, v upload.Viewer, uploadID string, owner upload.Owner, query json.RawMessage) ([]string, error) {
	var ids []string
	err := s.each(ctx, v, uploadID, owner, query, func(h *search.Hit) { ids = append(ids, h.EntryID) })
	return ids, err
}

// each walks all entries of an upload that a query finds.
func (s *Service) each(ctx context.Context, v upload.Viewer, uploadID string, owner upload.Owner, query json.RawMessage, f func(*search.Hit)) error {
	joined, err := both(query, map[string]string{"upload_id": uploadID})
	if err != nil {
		return err
	}
	r, err := s.request(body{
		Owner: owner, Query: joined, Required: required{[]string{"entry_id"}},
		Pagination: json.RawMessage(fmt.Sprintf(`{"page_size": %d}`, search.MaxPageSize)),
	})
	if err != nil {
		return err
	}
	for {
		result, err := s.search(ctx, v, r)
		if err != nil {
			return err
		}
		for i := range result.Hits {
			f(&result.Hits[i])
		}
		if result.Next == "" {
			return nil
		}
		if r.Page.After, err = search.ParseCursor(result.Next, r.Page.OrderBy); err != nil {
			return err
		}
	}
}

// includedBody selects what an upload includes: all that the query finds but the
// upload's own entries and those that came after it was asked (spec uploads.md §10).
func includedBody(uploadID string, in upload.Included, owner upload.Owner, pagination json.RawMessage) (body, error) {
	joined, err := both(in.Query, map[string]any{"not": map[string]string{"upload_id": uploadID}},
		map[string]string{"entry_create_time:lte": in.At.UTC().Format(time.RFC3339Nano)})
	return body{Owner: owner, Query: joined, Pagination: pagination, Required: required{[]string{"entry_id", "upload_id", "published"}}}, err
}

// CountIncluded fits upload.Finder.
func (s *Service) CountIncluded(ctx context.Context, v upload.Viewer, uploadID string, in upload.Included) (total, public int, err error) {
	for owner, n := range map[upload.Owner]*int{upload.OwnerAll: &total, upload.OwnerPublic: &public} {
		b, err := includedBody(uploadID, in, owner, json.RawMessage(`{"page_size": 0}`))
		if err != nil {
			return 0, 0, err
		}
		r, err := s.request(b)
		if err != nil {
			return 0, 0, err
		}
		result, err := s.search(ctx, v, r)
		if err != nil {
			return 0, 0, err
		}
		*n = result.Total
	}
	return total, public, nil
}

// Include is an entry that an upload includes.
type Include struct {
	EntryID   string `json:"entry_id"`
	UploadID  string `json:"upload_id"`
	Published bool   `json:"published"`
}

// Includes is a page of the entries that an upload would include.
type Includes struct {
	// At is when it was asked: entries made later do not count.
	At         time.Time
	Pagination Pagination
	Entries    []Include
	// Unpublished counts all of them that are not public.
	Unpublished int
}

// Included gives a page of what an upload would include by a query; pagination is
// in the form of the API, nil = the first ten.
func (s *Service) Included(ctx context.Context, v upload.Viewer, uploadID string, query, pagination json.RawMessage) (Includes, error) {
	in := upload.Included{Query: query, At: s.now().UTC()}
	b, err := includedBody(uploadID, in, upload.OwnerAll, pagination)
	if err != nil {
		return Includes{}, err
	}
	r, err := s.request(b)
	if err != nil {
		return Includes{}, err
	}
	result, err := s.search(ctx, v, r)
	if err != nil {
		return Includes{}, err
	}
	page := Includes{
		At:         in.At,
		Pagination: Pagination{Paging: r.Paging, Total: result.Total, Next: result.Next},
		Entries:    make([]Include, len(result.Hits)),
	}
	for i := range result.Hits {
		if err := json.Unmarshal(result.Hits[i].Document, &page.Entries[i]); err != nil {
			return Includes{}, fmt.Errorf("document of entry %s: %w", result.Hits[i].EntryID, err)
		}
	}
	total, public, err := s.CountIncluded(ctx, v, uploadID, in)
	page.Unpublished = total - public
	return page, err
}
