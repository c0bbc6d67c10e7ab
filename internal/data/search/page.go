package search

// MaxPageSize is the largest page; more is asked for page by page.
const MaxPageSize = 10000

// Page says which hits, in which order, an answer shows (spec entries.md §4).
type Page struct {
	// Size is the number of hits; 0 = only the total and the buckets.
	Size int
	// OrderBy is the quantity to sort by, entry_id by default; ties are broken by entry_id.
	OrderBy *Quantity
	Desc    bool
	// After is where the previous page ended; nil = start at Offset.
	After *Cursor
	// Offset is the number of hits to leave out.
	Offset int
}
