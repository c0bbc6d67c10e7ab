package upload

import (
	"context"
	"fmt"
)

// WriteArchives stores archives for processing. NotFound when the upload is gone:
// nothing is written for an upload whose deletion has begun, because nobody would
// ever remove it again.
func (s *Service) WriteArchives(ctx context.Context, id string, archives []ArchiveBlob) error {
	release, err := s.share(ctx, id)
	if err != nil {
		return err
	}
	defer release()
	if _, err := s.store.Upload(ctx, id); err != nil {
		return fmt.Errorf("read upload: %w", err)
	}
	return s.files.WriteArchives(ctx, id, archives)
}

// RemoveArchives deletes the archives of these entries for processing; unknown ids are fine.
func (s *Service) RemoveArchives(ctx context.Context, id string, entryIDs ...string) error {
	return s.files.RemoveArchives(ctx, id, entryIDs...)
}
