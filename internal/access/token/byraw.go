package token

import (
	"context"

	"oasis/internal/problem"
)

// ByRaw finds an active token by its secret, for whoever holds it; a problem of
// kind Missing when there is none. It is no use of the token.
func (s *Service) ByRaw(ctx context.Context, raw string) (PAT, error) {
	if !WellFormed(raw) {
		return PAT{}, problem.NotFound(textUnknown)
	}
	p, err := s.Store.PATByDigest(ctx, Digest(raw))
	if err != nil {
		return PAT{}, err
	}
	if p.State(s.Now()) != Active {
		return PAT{}, problem.NotFound(textUnknown)
	}
	return p, nil
}
