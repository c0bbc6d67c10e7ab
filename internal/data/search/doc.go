// Package search is the query language of entries: the catalogue of quantities
// that can be searched, one tree that every engine understands, and the shape of
// an answer. It is pure: parsing and rendering here, evaluation in an engine
// (package store/searchindex).
//
// A document has two parts. The entry's part is made by processing; the upload's
// part (names, members, embargo) is kept once per upload and joined when an
// answer is made, so that a change of members costs the same for one entry and
// for a thousand.
//
// One rule guards what is not for everybody: a quantity that the answer would
// withhold from the caller behaves as if it had no value, in conditions,
// sorting and aggregations as well.
package search
