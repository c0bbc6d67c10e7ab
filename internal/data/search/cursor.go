package search

import (
	"strconv"
	"strings"

	"oasis/internal/problem"
)

// Cursor is a place between two hits of a sorted answer: right behind the hit it names.
type Cursor struct {
	// Missing: the hit has no value for the sorted quantity.
	Missing bool
	// Text or Number is its sort value, after the type of the quantity.
	Text   string
	Number float64
	// EntryID is its id.
	EntryID string
}

// missing stands for "no value" in the text of a cursor. A value that consists
// of colons only is written with one colon more, so that the two never mix.
const missing = ":"

func colons(text string) bool { return text != "" && strings.Trim(text, ":") == "" }

// String writes the cursor as clients get it: the entry id when sorted by it,
// else <value>:<entry id> (spec entries.md §4).
func (c Cursor) String(by *Quantity) string {
	if by.Name == "entry_id" {
		return c.EntryID
	}
	value := c.Text
	switch {
	case c.Missing:
		value = missing
	case by.Type == Date:
		value = strconv.FormatInt(int64(c.Number), 10)
	case by.Type.Numeric():
		value = strconv.FormatFloat(c.Number, 'g', -1, 64)
	case colons(value):
		value += ":"
	}
	return value + ":" + c.EntryID
}

// ParseCursor reads the text of a cursor for the quantity that is sorted by.
func ParseCursor(text string, by *Quantity) (*Cursor, error) {
	if by.Name == "entry_id" {
		return &Cursor{Text: text, EntryID: text}, nil
	}
	last := strings.LastIndexByte(text, ':')
	c := &Cursor{EntryID: text[last+1:]}
	value := text[:last]
	switch {
	case value == missing:
		c.Missing = true
	case by.Type.Numeric():
		n, err := strconv.ParseFloat(value, 64)
		if err != nil {
			return nil, problem.Invalid("value_error",
				"page_after_value must be the next_page_after_value of the answer before", "body", "pagination", "page_after_value")
		}
		c.Number = n
	case colons(value):
		c.Text = value[1:]
	default:
		c.Text = value
	}
	return c, nil
}
