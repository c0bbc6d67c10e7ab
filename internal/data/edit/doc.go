// Package edit changes what people say about uploads and their entries: names,
// descriptions, who may read and write, embargo, comments, references (spec
// uploads.md §9). An edit is read from JSON, checked as a whole, and carried out
// in one transaction or not at all.
package edit
