package api

import (
	"context"
	"net/url"
	"strconv"

	"oasis/internal/problem"
)

// PageInput are the parameters that choose a page of a list (spec auth.md §6).
type PageInput struct {
	PageSize       Optional[int] `query:"page_size" minimum:"0" maximum:"10000" doc:"Items per page; 0 gives only the total"`
	Page           Optional[int] `query:"page" doc:"Number of the page, from 1"`
	PageOffset     Optional[int] `query:"page_offset" minimum:"0" doc:"Number of items to leave out"`
	PageAfterValue string        `query:"page_after_value" doc:"The next_page_after_value of the answer before"`
}

// OrderInput is the direction of a list.
type OrderInput struct {
	Order string `query:"order" enum:"asc,desc" doc:"Direction, asc by default"`
}

const defaultPageSize = 10

// Window is a chosen page as the stores want it.
type Window struct {
	Offset, Limit int
	in            *PageInput
}

// Window checks the parameters. At most one of page, page_offset and
// page_after_value may be given.
func (p *PageInput) Window() (Window, error) {
	w := Window{Limit: p.PageSize.Or(defaultPageSize), in: p}
	given := 0
	for _, is := range []bool{p.Page.Set, p.PageOffset.Set, p.PageAfterValue != ""} {
		if is {
			given++
		}
	}
	if given > 1 {
		return w, problem.Invalid("multiple_pagination_criteria", "Can only specify one of: page_offset, page, or page_after_value", "query")
	}
	switch {
	case p.Page.Set && p.Page.Value < 1:
		return w, problem.Invalid("value_error", "Page has to be larger than 1", "query", "page")
	case p.Page.Set && p.Page.Value > 1<<30/max(1, w.Limit):
		return w, problem.Invalid("value_error", "No list is that long", "query", "page")
	case p.Page.Set:
		w.Offset = (p.Page.Value - 1) * w.Limit
	case p.PageOffset.Set:
		w.Offset = p.PageOffset.Value
	case p.PageAfterValue != "":
		after, err := strconv.Atoi(p.PageAfterValue)
		if err != nil || after < 0 || after > 1<<30 {
			return w, problem.Invalid("int_parsing", "Give the next_page_after_value of the answer before", "query", "page_after_value")
		}
		w.Offset = after + 1
	}
	return w, nil
}

// Pagination tells where a page lies and how to get the others.
type Pagination struct {
	PageSize           int     `json:"page_size" doc:"Items per page"`
	OrderBy            *string `json:"order_by,omitempty" doc:"What the list is sorted by"`
	Order              *string `json:"order,omitempty" doc:"Direction: asc or desc"`
	PageAfterValue     *string `json:"page_after_value,omitempty"`
	Page               *int    `json:"page,omitempty" doc:"Number of this page"`
	PageOffset         *int    `json:"page_offset,omitempty" doc:"Number of items before this page"`
	Total              int     `json:"total" doc:"Items on all pages together"`
	NextPageAfterValue *string `json:"next_page_after_value,omitempty" doc:"Goes into page_after_value for the next page; missing on the last"`
	PageURL            *string `json:"page_url,omitempty"`
	NextPageURL        *string `json:"next_page_url,omitempty"`
	PrevPageURL        *string `json:"prev_page_url,omitempty"`
	FirstPageURL       *string `json:"first_page_url,omitempty"`
}

// PaginationWithNulls is Pagination that shows what is not there as null, as
// clients of the token operations are used to.
type PaginationWithNulls struct {
	PageSize           int     `json:"page_size"`
	OrderBy            *string `json:"order_by"`
	Order              *string `json:"order"`
	PageAfterValue     *string `json:"page_after_value"`
	Page               *int    `json:"page"`
	PageOffset         *int    `json:"page_offset"`
	Total              int     `json:"total"`
	NextPageAfterValue *string `json:"next_page_after_value"`
	PageURL            *string `json:"page_url"`
	NextPageURL        *string `json:"next_page_url"`
	PrevPageURL        *string `json:"prev_page_url"`
	FirstPageURL       *string `json:"first_page_url"`
}

// Pagination makes the paging part of an answer. A page beyond the end is a 400.
// orderBy and order are left out when empty.
func (w Window) Pagination(ctx context.Context, orderBy, order string, total int) (Pagination, error) {
	if w.in.Page.Set && w.in.Page.Value > 1 && w.Offset >= total {
		return Pagination{}, problem.Bad("Page out of range requested.")
	}
	p := Pagination{
		PageSize: w.Limit, OrderBy: pointer(orderBy), Order: pointer(order), PageAfterValue: pointer(w.in.PageAfterValue),
		Page: w.in.Page.Pointer(), PageOffset: w.in.PageOffset.Pointer(), Total: total,
	}
	c := callOf(ctx)
	self := c.selfURL()
	p.PageURL = pointer(self.String())
	if w.Limit == 0 {
		return p, nil
	}
	p.FirstPageURL = link(self, "", 0)
	end := w.Offset + w.Limit
	if end < total {
		p.NextPageAfterValue = pointer(strconv.Itoa(end - 1))
		if w.in.Page.Set {
			p.NextPageURL = link(self, "page", w.in.Page.Value+1)
		} else {
			p.NextPageURL = link(self, "page_after_value", end-1)
		}
	}
	if w.Offset > 0 {
		switch {
		case w.in.Page.Set:
			p.PrevPageURL = link(self, "page", w.in.Page.Value-1)
		case w.Offset > w.Limit:
			p.PrevPageURL = link(self, "page_offset", w.Offset-w.Limit)
		default:
			p.PrevPageURL = p.FirstPageURL
		}
	}
	return p, nil
}

// link is the address of another page of the same list.
func link(self *url.URL, key string, value int) *string {
	u := *self
	q := u.Query()
	q.Del("page")
	q.Del("page_offset")
	q.Del("page_after_value")
	if key != "" {
		q.Set(key, strconv.Itoa(value))
	}
	u.RawQuery = q.Encode()
	return pointer(u.String())
}

// SelfURL is the address of the request as the client sees it.
func SelfURL(ctx context.Context) *url.URL { return callOf(ctx).selfURL() }

func pointer(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
