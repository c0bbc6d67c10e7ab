package search

import (
	"context"
	"encoding/json"

	"oasis/internal/data/upload"
)

// Index answers queries over all entries.
type Index interface {
	// Search answers from a state that is at least as new as the newest revision
	// committed before the call (read your own writes).
	Search(ctx context.Context, q *Query) (*Result, error)
	// Refresh brings the index up to the newest committed revision.
	Refresh(ctx context.Context) error
}

// Query is a search as an engine gets it: parsed, checked and with the caller's rights.
type Query struct {
	// Visible says which uploads' entries exist for this caller; it applies to hits, counts and buckets.
	Visible upload.Filter
	// Full says in which uploads the caller may read everything (see GuardFull).
	Full upload.Filter
	// Members says of which uploads the caller may see the members (see GuardMembers).
	Members upload.Filter
	// Where is the condition; nil matches everything.
	Where        Node
	Page         Page
	Required     Required
	Aggregations []Aggregation
}

// Result is the answer of an engine.
type Result struct {
	// Total counts all hits, not only those of the page.
	Total int
	Hits  []Hit
	// Next is the cursor of the following page, "" when there is none.
	Next string
	// Buckets holds one list per aggregation of the query, in the same order.
	Buckets [][]Bucket
}

// Hit is one entry of a page.
type Hit struct {
	EntryID, UploadID, Mainfile string
	// Document is the joined metadata as the caller may see it, cut to Query.Required.
	Document json.RawMessage
}

// Bucket is one value of a terms aggregation.
type Bucket struct {
	// Value is a string, or a bool for boolean quantities.
	Value any
	// Count is the number of entries, Items that of the items of the nested section
	// (equal to Count when the quantity is not nested).
	Count, Items int
	// Metrics are the asked for numbers in the order of Aggregation.Metrics.
	Metrics []int64
}
