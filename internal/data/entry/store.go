package entry

import "context"

// Order says how the entries of an upload are sorted; ties go by entry id ascending.
type Order string

// The orders of spec uploads.md §6.
const (
	OrderMainfile       Order = "mainfile"
	OrderParser         Order = "parser_name"
	OrderStatus         Order = "process_status"
	OrderCurrentProcess Order = "current_process"
	OrderCreateTime     Order = "entry_create_time"
)

// Page selects entries of one upload.
type Page struct {
	OrderBy Order
	Desc    bool
	Offset  int
	Limit   int // 0 = only the total
}

// Store reads entries.
type Store interface {
	// Entry gives one entry, or a problem of kind Missing.
	Entry(ctx context.Context, id string) (Entry, error)
	// ListEntries gives one page of an upload's entries and the total.
	ListEntries(ctx context.Context, uploadID string, p Page) ([]Entry, int, error)
	// MadeOf tells which entries (without child entries) were made of the given files, by path.
	MadeOf(ctx context.Context, uploadID string, paths []string) (map[string]Made, error)
}

// Made is what a list of files says of an entry: it is asked for often and for many.
type Made struct {
	EntryID    string
	ParserName string
}
