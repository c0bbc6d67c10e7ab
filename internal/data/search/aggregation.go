package search

// Aggregation counts entries by the values of a quantity (spec entries.md §6, type terms).
type Aggregation struct {
	Name     string
	Quantity *Quantity
	// Given is the name of the quantity as the caller wrote it.
	Given string
	// ExcludeFromSearch: the query's criteria on this very quantity do not apply here.
	ExcludeFromSearch bool
	// Size is the greatest number of buckets.
	Size int
	// Contains, if not "", keeps only values with this substring.
	Contains string
	// Only, if not nil, keeps only these values.
	Only []string
	// Metrics are asked for per bucket.
	Metrics []string
}
