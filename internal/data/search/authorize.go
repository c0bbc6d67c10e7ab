package search

import (
	"oasis/internal/data/upload"
)

// Authorize makes the query that a viewer may ask: with the visibility of the
// request's owner, and with what the viewer may read of the entries found. An
// owner that the viewer may not use is a 401 or 403.
func Authorize(r *Request, viewer upload.Viewer) (*Query, error) {
	visible, refusal := upload.Visible(viewer, r.Owner)
	if refusal != nil {
		return nil, refusal
	}
	q := &Query{Visible: visible, Where: r.Where, Page: r.Page, Required: r.Required, Aggregations: r.Aggregations}
	everything := upload.Filter{AnyOf: []upload.Condition{{}}, Uploads: viewer.Uploads}
	admin := viewer.UserID != "" && viewer.Admin
	if admin && r.Owner == upload.OwnerAdmin {
		q.Full = everything
	} else if q.Full, refusal = upload.Visible(viewer, upload.OwnerVisible); refusal != nil {
		return nil, refusal
	}
	if admin {
		q.Members = everything
	} else {
		member := &upload.Viewer{UserID: viewer.UserID, Groups: viewer.Groups}
		q.Members = upload.Filter{AnyOf: []upload.Condition{{Viewer: member}}, Uploads: viewer.Uploads}
	}
	return q, nil
}

// ForEntry makes the request for the metadata of one entry, which sees as far
// as owner all does (spec entries.md §2). nil lists are not given.
func ForEntry(id string, include, exclude []string) (*Request, error) {
	r := &Request{Owner: upload.OwnerAll, Page: Page{Size: 1, OrderBy: entryID()}}
	r.Where = &Criterion{Name: "entry_id", Quantity: r.Page.OrderBy, Values: []Value{{Given: id, Text: id}}}
	r.Required.Always = []string{"entry_id"}
	if err := r.require(include, exclude); err != nil {
		return nil, err
	}
	if r.RequiredEcho == nil {
		r.RequiredEcho = &RequiredEcho{}
	}
	return r, nil
}

// ForEntries makes the request for the whole metadata of entries that are shown
// with their upload: what the viewer may see of them, an administrator all of it.
func ForEntries(ids []string, viewer upload.Viewer) *Request {
	r := &Request{Owner: upload.OwnerVisible, Page: Page{Size: len(ids), OrderBy: entryID()}}
	if viewer.Admin {
		r.Owner = upload.OwnerAdmin
	}
	wanted := &Criterion{Name: "entry_id", Quantity: r.Page.OrderBy, Op: Any}
	for _, id := range ids {
		wanted.Values = append(wanted.Values, Value{Given: id, Text: id})
	}
	r.Where = wanted
	return r
}
