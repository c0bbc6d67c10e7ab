package entry

import (
	"context"
	"encoding/json"
	"fmt"

	"oasis/internal/data/search"
	"oasis/internal/data/upload"
)

// Within gives the ids of all entries of an upload that a query in the form of the
// API finds for the viewer. What is wrong with the query is a 422, an owner that the
// viewer may not use a 401 or 403.
func (s *Service) Within(ctx context.Context, v upload.Viewer, uploadID string, owner upload.Owner, query json.RawMessage) ([]string, error) {
	body, err := json.Marshal(map[string]any{
		"owner": owner, "query": map[string]any{"and": []any{query, map[string]string{"upload_id": uploadID}}},
		"pagination": map[string]int{"page_size": search.MaxPageSize}, "required": map[string]any{"include": []string{"entry_id"}},
	})
	if err != nil {
		return nil, fmt.Errorf("write request: %w", err)
	}
	r, err := search.ParseBody(body, s.now())
	if err != nil {
		return nil, err
	}
	var ids []string
	for {
		result, err := s.search(ctx, v, r)
		if err != nil {
			return nil, err
		}
		for i := range result.Hits {
			ids = append(ids, result.Hits[i].EntryID)
		}
		if result.Next == "" {
			return ids, nil
		}
		if r.Page.After, err = search.ParseCursor(result.Next, r.Page.OrderBy); err != nil {
			return nil, err
		}
	}
}
