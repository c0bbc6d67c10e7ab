package processing

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"oasis/internal/problem"
)

// watched gives a context that ends soon after the run was stopped or its upload
// deleted, whichever server process was asked to; end stops watching.
func (s *Service) watched(ctx context.Context, uploadID string, stops int) (_ context.Context, end func()) {
	ctx, cancel := context.WithCancelCause(ctx)
	watching := make(chan struct{})
	go func() {
		defer close(watching)
		tick := time.NewTicker(cmp.Or(s.Watch, time.Second/2))
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			}
			now, err := s.Store.Stops(ctx, uploadID)
			switch {
			case problem.Is(err, problem.Missing):
				cancel(err)
			case err == nil && now != stops:
				cancel(ErrStopped)
			}
		}
	}()
	return ctx, func() {
		cancel(nil)
		<-watching
	}
}

// publishDirectly publishes an upload whose maker wants it to be as soon as it is
// processed. A crash after it repeats the run, which then has nothing to do.
func (s *Service) publishDirectly(ctx context.Context, p *plan) (warnings []string, err error) {
	if s.Publisher == nil || !p.upload.PublishDirectly || p.upload.Published() {
		return nil, nil
	}
	if warnings, err = s.Publisher.PublishDirectly(ctx, p.upload.ID); err != nil {
		return nil, fmt.Errorf("publish upload %s: %w", p.upload.ID, err)
	}
	return warnings, nil
}
