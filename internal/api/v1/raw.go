package v1

import (
	"github.com/danielgtaylor/huma/v2"

	"oasis/internal/api"
)

// Anything is any JSON value of a request, kept as it was sent.
type Anything []byte

// UnmarshalJSON keeps the value.
func (a *Anything) UnmarshalJSON(text []byte) error {
	*a = append((*a)[:0], text...)
	return nil
}

// Schema takes everything.
func (Anything) Schema(huma.Registry) *huma.Schema { return &huma.Schema{} }

// SearchQuery is a query as it was sent.
type SearchQuery []byte

// MarshalJSON writes the query.
func (q SearchQuery) MarshalJSON() ([]byte, error) { return q, nil }

// Schema describes an object, see the operation queryEntries.
func (SearchQuery) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeObject, AdditionalProperties: true, Description: "A query in the search language of NOMAD"}
}

// EntryMetadata is the search document of an entry as JSON.
type EntryMetadata []byte

// MarshalJSON writes the document.
func (m EntryMetadata) MarshalJSON() ([]byte, error) { return m, nil }

// Schema describes an object; its members are the search quantities.
func (EntryMetadata) Schema(r huma.Registry) *huma.Schema {
	return api.Component(r, "EntryMetadata", &huma.Schema{
		Type: huma.TypeObject, AdditionalProperties: true,
		Description: "The metadata of an entry: the search quantities that have a value",
	})
}

// Null is a member that is always null.
type Null struct{}

// MarshalJSON writes null.
func (Null) MarshalJSON() ([]byte, error) { return []byte("null"), nil }

// Schema says so.
func (Null) Schema(huma.Registry) *huma.Schema { return &huma.Schema{Type: "null"} }
