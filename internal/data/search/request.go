package search

import (
	"bytes"
	"fmt"
	"time"

	"oasis/internal/data/upload"
	"oasis/internal/problem"
)

// Request is a parsed search request. Besides what is asked for it keeps what answers repeat.
type Request struct {
	Owner        upload.Owner
	Where        Node
	Page         Page
	Required     Required
	Aggregations []Aggregation
	// Paging is the pagination as it is repeated, without total and cursor.
	Paging Paging
	// RequiredEcho is the required part as it is repeated; nil = nothing was given.
	RequiredEcho *RequiredEcho
}

// Paging repeats the pagination in an answer, in the order of spec entries.md §4.
type Paging struct {
	PageSize       int    `json:"page_size"`
	OrderBy        string `json:"order_by"`
	Order          string `json:"order"`
	PageAfterValue string `json:"page_after_value,omitempty"`
	Page           int    `json:"page,omitempty"`
	PageOffset     *int   `json:"page_offset,omitempty"`
}

// RequiredEcho repeats the required part in an answer.
type RequiredEcho struct {
	Include *[]string `json:"include,omitempty"`
	Exclude *[]string `json:"exclude,omitempty"`
}

// ParseBody reads the body of POST /entries/query. A key it does not know is
// refused by name. now is what date math counts from. Errors are *problem.Error.
func ParseBody(body []byte, now time.Time) (*Request, error) {
	if len(bytes.TrimSpace(body)) == 0 {
		return nil, problem.Invalid("missing", "Field required", "body")
	}
	v, err := decode(body)
	if err != nil {
		return nil, decodeError(err, "body")
	}
	o, ok := v.(object)
	if !ok {
		return nil, problem.Invalid("dict_type", "The body must be an object", "body")
	}
	r := &Request{Where: And{}, Owner: upload.OwnerPublic}
	var pagination, required, aggregations any
	for _, m := range o {
		switch m.key {
		case "owner":
			err = r.setOwner(m.value)
		case "query":
			p := parser{now: now}
			r.Where, err = p.query(m.value, "")
		case "pagination":
			pagination = m.value
		case "required":
			required = m.value
		case "aggregations":
			aggregations = m.value
		default:
			err = unknownKey("body", m.key)
		}
		if err != nil {
			return nil, err
		}
	}
	if err := r.setPage(pagination); err != nil {
		return nil, err
	}
	if err := r.setRequired(required); err != nil {
		return nil, err
	}
	return r, r.setAggregations(aggregations)
}

func unknownKey(loc ...any) *problem.Error {
	return problem.Invalid("extra_forbidden", fmt.Sprintf("%v is not supported by this Oasis: leave it out", loc[len(loc)-1]), loc...)
}

func (r *Request) setOwner(v any) error {
	name, isString := v.(string)
	if v == nil {
		return nil // null is the default
	}
	r.Owner = upload.Owner(name)
	switch r.Owner {
	case upload.OwnerPublic, upload.OwnerAll, upload.OwnerVisible, upload.OwnerShared, upload.OwnerUser, upload.OwnerStaging, upload.OwnerAdmin:
		if isString {
			return nil
		}
	}
	return problem.Invalid("enum", "Input should be 'public', 'all', 'visible', 'shared', 'user', 'staging' or 'admin'", "body", "owner")
}
