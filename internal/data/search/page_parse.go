package search

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"oasis/internal/problem"
)

// entryID is the quantity that every order ends with.
func entryID() *Quantity {
	q, _ := Lookup("entry_id")
	return q
}

// setPage reads the pagination object (spec entries.md §4).
func (r *Request) setPage(v any) error {
	r.Page = Page{Size: 10, OrderBy: entryID()}
	r.Paging = Paging{PageSize: 10, OrderBy: "entry_id", Order: "asc"}
	if v == nil {
		return nil
	}
	o, ok := v.(object)
	if !ok {
		return problem.Invalid("dict_type", "The pagination must be an object", "body", "pagination")
	}
	for _, m := range o {
		var err error
		switch m.key {
		case "page_size":
			err = r.setInt(m, &r.Paging.PageSize)
		case "page":
			err = r.setPageNumber(m)
		case "page_offset":
			if m.value != nil {
				r.Paging.PageOffset = new(int)
				err = r.setInt(m, r.Paging.PageOffset)
			}
		case "order_by":
			err = r.setOrderBy(m.value)
		case "order":
			err = r.setOrder(m.value)
		case "page_after_value":
			r.Paging.PageAfterValue, err = textOf(m)
		default:
			err = unknownKey("body", "pagination", m.key)
		}
		if err != nil {
			return err
		}
	}
	return r.checkPage()
}

func textOf(m member) (string, error) {
	switch v := m.value.(type) {
	case nil:
		return "", nil
	case string:
		return v, nil
	case json.Number:
		return v.String(), nil
	default:
		return "", problem.Invalid("string_type", "Input should be a valid string", "body", "pagination", m.key)
	}
}

func (r *Request) setInt(m member, to *int) error {
	text, err := textOf(m)
	if m.value == nil {
		return nil
	}
	n, parseErr := strconv.Atoi(text)
	if err != nil || parseErr != nil {
		return problem.Invalid("int_type", "Input should be a valid integer", "body", "pagination", m.key)
	}
	*to = n
	return nil
}

func (r *Request) setPageNumber(m member) error {
	if m.value == nil {
		return nil
	}
	if err := r.setInt(m, &r.Paging.Page); err != nil {
		return err
	}
	if r.Paging.Page < 1 {
		return pageError("page", "Page has to be larger than 1")
	}
	return nil
}

func (r *Request) setOrder(v any) error {
	switch v {
	case nil, "asc":
		return nil
	case "desc":
		r.Page.Desc, r.Paging.Order = true, "desc"
		return nil
	default:
		return problem.Invalid("enum", "Input should be 'asc' or 'desc'", "body", "pagination", "order")
	}
}

func (r *Request) setOrderBy(v any) error {
	if v == nil {
		return nil
	}
	name, ok := v.(string)
	if !ok {
		return problem.Invalid("string_type", "Input should be a valid string", "body", "pagination", "order_by")
	}
	if name == "mainfile_path" {
		name = "mainfile"
	}
	q, err := quantity(name)
	switch {
	case name == "_score" || name == "_doc":
		return wrong("sorting by "+name+" is not supported by this Oasis: use a quantity", "pagination", "order_by")
	case err != nil && !strings.Contains(name, "#"):
		return notQuantity(name, "pagination", "order_by")
	case err != nil:
		return err
	case q.Type.Tokenised() || q.Type == Section:
		return wrong("the order_by quantity must be a number, a date, a boolean or a keyword", "pagination", "order_by")
	case q.List && !sortsByItem(name):
		return wrong("the order_by quantity must be a scalar", "pagination", "order_by")
	}
	r.Page.OrderBy, r.Paging.OrderBy = q, q.Name
	return nil
}

// sortsByItem tells whether a quantity has one value in each item of a list of
// people or datasets; such an entry sorts by its smallest or largest value.
func sortsByItem(name string) bool {
	section, _, _ := strings.Cut(name, ".")
	switch section {
	case "authors", "writers", "viewers", "datasets":
		return true
	}
	return false
}

func pageError(key, msg string) *problem.Error {
	return problem.Invalid("value_error", msg, "body", "pagination", key)
}

// checkPage applies the rules between the fields and makes Page from Paging.
func (r *Request) checkPage() error {
	p := &r.Paging
	offset := p.PageOffset != nil && *p.PageOffset != 0
	given := 0
	for _, is := range []bool{p.PageAfterValue != "", p.Page != 0, offset} {
		if is {
			given++
		}
	}
	switch {
	case p.PageSize < 0:
		return pageError("page_size", "page_size must be >= 0")
	case p.PageSize > MaxPageSize:
		return pageError("page_size", fmt.Sprintf("page_size must be <= %d: get more with page_after_value", MaxPageSize))
	case offset && *p.PageOffset < 0:
		return pageError("page_offset", "Page offset has to be larger than 0")
	case given > 1:
		return pageError("page", "Can only specify one of: page_offset, page, or page_after_value")
	case p.PageSize == 0 && given > 0:
		name := "page_after_value"
		if p.Page != 0 {
			name = "page"
		} else if offset {
			name = "page_offset"
		}
		return pageError(name, "Cannot specify "+name+" when page_size is set to 0")
	}
	r.Page.Size = p.PageSize
	if p.Page > 0 {
		if p.Page > (1<<31)/max(1, p.PageSize) {
			return pageError("page", "The page is beyond what any index can hold")
		}
		r.Page.Offset = (p.Page - 1) * p.PageSize
	}
	if offset {
		r.Page.Offset = *p.PageOffset
	}
	if p.PageAfterValue == "" {
		return nil
	}
	if p.OrderBy != "entry_id" && !strings.Contains(p.PageAfterValue, ":") {
		p.PageAfterValue += ":"
	}
	after, err := ParseCursor(p.PageAfterValue, r.Page.OrderBy)
	r.Page.After = after
	return err
}
