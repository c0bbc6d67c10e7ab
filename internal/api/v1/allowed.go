package v1

import (
	"context"
	"slices"

	"oasis/internal/api"
	"oasis/internal/data/entry"
	"oasis/internal/data/upload"
)

// Allowed tells whether the caller may do something and, if not, why.
type Allowed struct {
	OK  bool   `json:"ok"`
	Why string `json:"why,omitempty" doc:"What the operation would answer"`
}

// IncludeInput asks for members of an answer that cost something.
type IncludeInput struct {
	Include []string `query:"include,explode" enum:"allowed" doc:"allowed: what you may do with it, by the id of the operation; not part of the NOMAD API"`
}

func (in *IncludeInput) allowed() bool { return slices.Contains(in.Include, includeAllowed) }

const includeAllowed = "allowed"

// allowedOn tells of each operation on an upload or its entries whether the caller of
// the request may do it: as the guard decides, and then the rule that the operation
// itself asks. What stands in the way only now and then, such as a process that
// runs, it does not tell.
func allowedOn(ctx context.Context, u *upload.Upload) map[string]Allowed {
	caller, viewer := api.Caller(ctx), api.Viewer(ctx)
	all := map[string]Allowed{}
	for _, tried := range api.Try(ctx, &caller, u.ID, asksObject) {
		denied := tried.Decision.Denial
		switch rule, ofUpload := ObjectRule(tried.Row.ID); {
		case !tried.Decision.Allowed:
		case ofUpload:
			denied = upload.May(u, viewer, rule)
		default:
			denied = entry.MayRead(u, viewer)
		}
		a := Allowed{OK: denied == nil}
		if denied != nil {
			a.Why = denied.Detail
		}
		all[tried.Row.ID] = a
	}
	return all
}

// asksObject chooses the operations that ask a rule of an upload or an entry.
func asksObject(row *api.Row) bool {
	_, ofUpload := ObjectRule(row.ID)
	return ofUpload || ofEntry(row.ID)
}
