package signin

import (
	"github.com/danielgtaylor/huma/v2"

	"oasis/internal/api"
)

// TransformSchema says what may be null.
func (Session) TransformSchema(_ huma.Registry, s *huma.Schema) *huma.Schema {
	return api.OrNull(s, "user", "contact", "second_factor", "access")
}

// TransformSchema says what may be null.
func (AccessStatus) TransformSchema(_ huma.Registry, s *huma.Schema) *huma.Schema {
	return api.OrNull(s, "request")
}

// TransformSchema says what may be null.
func (Methods) TransformSchema(_ huma.Registry, s *huma.Schema) *huma.Schema {
	return api.OrNull(s, "provider")
}
