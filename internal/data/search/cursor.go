package search

// Cursor is a place between two hits of a sorted answer.
type Cursor struct {
	// Missing: the hit before has no value for the sorted quantity.
	Missing bool
	// Text or Number is the sort value of the hit before, after the type of the quantity.
	Text   string
	Number float64
	// EntryID is the id of the hit before; "" is before all with the same value (after, when descending).
	EntryID string
}
