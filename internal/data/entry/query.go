package entry

import (
	"encoding/json"
	"net/url"
	"strconv"

	"oasis/internal/data/search"
	"oasis/internal/data/upload"
)

// Answer is the answer to a search, in the field order of spec entries.md §7.
type Answer struct {
	Owner        upload.Owner           `json:"owner"`
	Query        any                    `json:"query"`
	Pagination   Pagination             `json:"pagination"`
	Required     *search.RequiredEcho   `json:"required,omitempty"`
	Aggregations map[string]Aggregation `json:"aggregations,omitempty"`
	Data         []json.RawMessage      `json:"data"`
}

// Pagination repeats the asked page and says how to go on (spec entries.md §4).
type Pagination struct {
	search.Paging
	Total int `json:"total"`
	// Next is the cursor of the following page, "" on the last one.
	Next string `json:"next_page_after_value,omitempty"`
	// The addresses are set by Answer.Link.
	PageURL  string `json:"page_url,omitempty"`
	NextURL  string `json:"next_page_url,omitempty"`
	PrevURL  string `json:"prev_page_url,omitempty"`
	FirstURL string `json:"first_page_url,omitempty"`
}

// Single is the metadata of one entry.
type Single struct {
	EntryID  string               `json:"entry_id"`
	Required *search.RequiredEcho `json:"required,omitempty"`
	Data     json.RawMessage      `json:"data"`
}

// Aggregation holds one aggregation of an answer under the name of its type.
type Aggregation struct {
	Terms *Terms `json:"terms,omitempty"`
}

// Terms repeats a terms aggregation and gives its buckets (spec entries.md §6).
type Terms struct {
	Quantity          string   `json:"quantity"`
	ExcludeFromSearch bool     `json:"exclude_from_search"`
	Metrics           []string `json:"metrics"`
	Size              int      `json:"size"`
	Include           any      `json:"include,omitempty"`
	Data              []Bucket `json:"data"`
}

// Bucket is one value of a terms aggregation.
type Bucket struct {
	Count       int              `json:"count"`
	NestedCount int              `json:"nested_count"`
	Metrics     map[string]int64 `json:"metrics,omitempty"`
	Value       any              `json:"value"`
}

func termsAnswer(a *search.Aggregation, buckets []search.Bucket) Aggregation {
	t := &Terms{Quantity: a.Given, ExcludeFromSearch: a.ExcludeFromSearch, Metrics: a.Metrics, Size: a.Size,
		Include: a.Include(), Data: make([]Bucket, len(buckets))}
	for i, b := range buckets {
		t.Data[i] = Bucket{Count: b.Count, NestedCount: b.Items, Value: b.Value}
		for j, name := range a.Metrics {
			if t.Data[i].Metrics == nil {
				t.Data[i].Metrics = map[string]int64{}
			}
			t.Data[i].Metrics[name] = b.Metrics[j]
		}
	}
	return Aggregation{Terms: t}
}

// Link sets the addresses of this page and its neighbours, which only GET
// answers have. self is the address of the request as the client sees it.
func (a *Answer) Link(self *url.URL) {
	p := &a.Pagination
	with := func(key, value string) string {
		u := *self
		values := u.Query()
		for _, other := range []string{"page", "page_offset", "page_after_value"} {
			values.Del(other)
		}
		if key != "" {
			values.Set(key, value)
		}
		u.RawQuery = values.Encode()
		return u.String()
	}
	p.PageURL = self.String()
	if p.PageSize > 0 {
		p.FirstURL = with("", "")
	}
	if p.Next != "" {
		p.NextURL = with("page_after_value", p.Next)
		if p.Page > 0 {
			p.NextURL = with("page", strconv.Itoa(p.Page+1))
		}
	}
	if p.Page > 1 {
		p.PrevURL = with("page", strconv.Itoa(p.Page-1))
	}
}
