package entry

import (
	"context"
	"encoding/json"
	"net/url"
	"time"

	"oasis/internal/data/search"
	"oasis/internal/data/upload"
	"oasis/internal/problem"
)

// Service answers searches over entries.
type Service struct {
	Index search.Index
	// Now is what date math such as now-7d counts from; nil = the system clock.
	Now func() time.Time
}

// textNotVisible is the refusal that clients know for an entry that does not
// exist or may not be seen (spec entries.md §7).
const textNotVisible = "The entry with the given id does not exist or is not visible to you."

// Query answers POST /entries/query. What is wrong with the body is a 422, an
// owner that the viewer may not use a 401 or 403.
func (s *Service) Query(ctx context.Context, viewer upload.Viewer, body []byte) (Answer, error) {
	r, err := search.ParseBody(body, s.now())
	if err != nil {
		return Answer{}, err
	}
	return s.answer(ctx, viewer, r)
}

// QueryValues answers GET /entries from its parameters; see Answer.Link for the addresses of pages.
func (s *Service) QueryValues(ctx context.Context, viewer upload.Viewer, values url.Values) (Answer, error) {
	r, err := search.ParseValues(values, s.now())
	if err != nil {
		return Answer{}, err
	}
	return s.answer(ctx, viewer, r)
}

// Get answers GET /entries/{id}: the metadata of one entry, cut to include and
// exclude (nil = not given). An entry that the viewer may not see is a 404.
func (s *Service) Get(ctx context.Context, viewer upload.Viewer, entryID string, include, exclude []string) (Single, error) {
	r, err := search.ForEntry(entryID, include, exclude)
	if err != nil {
		return Single{}, err
	}
	result, err := s.search(ctx, viewer, r)
	if err != nil {
		return Single{}, err
	}
	if len(result.Hits) == 0 {
		return Single{}, problem.NotFound(textNotVisible)
	}
	return Single{EntryID: entryID, Required: r.RequiredEcho, Data: result.Hits[0].Document}, nil
}

// Metadata gives what search says of entries, by id, to be shown with their upload.
// Entries that are not indexed, or that the viewer may not see, are left out.
func (s *Service) Metadata(ctx context.Context, viewer upload.Viewer, ids []string) (map[string]json.RawMessage, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	result, err := s.search(ctx, viewer, search.ForEntries(ids, viewer))
	if err != nil {
		return nil, err
	}
	found := make(map[string]json.RawMessage, len(result.Hits))
	for i := range result.Hits {
		found[result.Hits[i].EntryID] = result.Hits[i].Document
	}
	return found, nil
}

func (s *Service) now() time.Time {
	if s.Now == nil {
		return time.Now()
	}
	return s.Now()
}

func (s *Service) search(ctx context.Context, viewer upload.Viewer, r *search.Request) (*search.Result, error) {
	q, err := search.Authorize(r, viewer)
	if err != nil {
		return nil, err
	}
	return s.Index.Search(ctx, q)
}

func (s *Service) answer(ctx context.Context, viewer upload.Viewer, r *search.Request) (Answer, error) {
	result, err := s.search(ctx, viewer, r)
	if err != nil {
		return Answer{}, err
	}
	a := Answer{
		Owner:      r.Owner,
		Query:      search.Echo(r.Where),
		Pagination: Pagination{Paging: r.Paging, Total: result.Total, Next: result.Next},
		Required:   r.RequiredEcho,
		Data:       make([]json.RawMessage, len(result.Hits)),
	}
	for i := range result.Hits {
		a.Data[i] = result.Hits[i].Document
	}
	for i := range r.Aggregations {
		if a.Aggregations == nil {
			a.Aggregations = map[string]Aggregation{}
		}
		a.Aggregations[r.Aggregations[i].Name] = termsAnswer(&r.Aggregations[i], result.Buckets[i])
	}
	return a, nil
}
