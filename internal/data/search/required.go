package search

// Required says which parts of a document are returned (spec entries.md §5).
type Required struct {
	// Include, if not nil, are the names and patterns to return; Exclude those to leave out.
	Include, Exclude []string
}
