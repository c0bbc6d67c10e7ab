package processing

import (
	"context"
	"fmt"
)

// Recover asks again for the processing of uploads that are marked as being
// processed. The queue has their jobs already unless a stop came between two
// steps that belong together; asking twice makes one job.
func (s *Service) Recover(ctx context.Context, enqueue func(ctx context.Context, uploadID string) error) error {
	ids, err := s.Store.Unfinished(ctx)
	if err != nil {
		return fmt.Errorf("list unfinished uploads: %w", err)
	}
	for _, id := range ids {
		if err := enqueue(ctx, id); err != nil {
			return fmt.Errorf("take up upload %s: %w", id, err)
		}
	}
	return nil
}
