package upload

import (
	"slices"

	"oasis/internal/problem"
)

// Owner is the breadth of a search (spec entries.md §2).
type Owner string

// The owners.
const (
	OwnerPublic  Owner = "public"
	OwnerVisible Owner = "visible"
	OwnerAll     Owner = "all"
	OwnerShared  Owner = "shared"
	OwnerUser    Owner = "user"
	OwnerStaging Owner = "staging"
	OwnerAdmin   Owner = "admin"
)

// Filter is the list form of the object rules: an upload passes when it meets
// at least one of AnyOf and, if Uploads is not nil, is one of Uploads. Stores
// and search engines translate it and never re-invent it.
type Filter struct {
	AnyOf   []Condition
	Uploads []string
}

// Condition holds when all of its set members hold.
type Condition struct {
	// Published: nil = does not matter.
	Published *bool
	// Embargoed (embargo length above 0): nil = does not matter.
	Embargoed *bool
	// MainAuthor, when not empty, must be the main author.
	MainAuthor string
	// Viewer, when not nil, must be able to look at it by membership: main author, coauthor,
	// reviewer, in one of their groups, or the upload is open to the group "all".
	Viewer *Viewer
}

// Visible gives the filter for a search by v with the given owner. Anonymous
// visitors get a 401 for owners that mean "mine", and only an admin may use
// owner admin; being admin widens no other owner (spec entries.md §2). Tokens that
// deposit for others see nothing.
func Visible(v Viewer, owner Owner) (Filter, *problem.Error) {
	if v.DepositFor != nil { // sees nothing, not even what it deposited
		return Filter{}, nil
	}
	yes, no := true, false
	public := Condition{Published: &yes, Embargoed: &no}
	member := Condition{Viewer: &Viewer{UserID: v.UserID, Groups: v.Groups}}
	needUser := func(c Condition) (Filter, *problem.Error) {
		if v.UserID == "" {
			return Filter{}, problem.New(problem.Unauthenticated, "Authentication required for owner='%s'.", owner)
		}
		return Filter{AnyOf: []Condition{c}, Uploads: v.Uploads}, nil
	}
	switch owner {
	case OwnerPublic, "":
		return Filter{AnyOf: []Condition{public}, Uploads: v.Uploads}, nil
	case OwnerVisible:
		return Filter{AnyOf: []Condition{public, member}, Uploads: v.Uploads}, nil
	case OwnerAll:
		return Filter{AnyOf: []Condition{{Published: &yes}, member}, Uploads: v.Uploads}, nil
	case OwnerShared:
		return needUser(member)
	case OwnerUser:
		return needUser(Condition{MainAuthor: v.UserID})
	case OwnerStaging:
		staging := member
		staging.Published = &no
		return needUser(staging)
	case OwnerAdmin:
		if v.UserID != "" && !v.Admin {
			return Filter{}, problem.Denied("This can only be used by the admin user.")
		}
		return needUser(Condition{})
	default:
		return Filter{}, problem.Invalid("enum",
			"Input should be 'public', 'all', 'visible', 'shared', 'user', 'staging' or 'admin'", "body", "owner")
	}
}

// Matches applies a filter to one upload. It is the reference that stores and
// search engines are tested against.
func (f Filter) Matches(u *Upload) bool {
	if f.Uploads != nil && !slices.Contains(f.Uploads, u.ID) {
		return false
	}
	return slices.ContainsFunc(f.AnyOf, func(c Condition) bool {
		switch {
		case c.Published != nil && *c.Published != u.Published():
			return false
		case c.Embargoed != nil && *c.Embargoed != (u.EmbargoLength > 0):
			return false
		case c.MainAuthor != "" && c.MainAuthor != u.MainAuthor:
			return false
		case c.Viewer != nil && RoleOf(u, *c.Viewer) < Reviewer:
			return false
		}
		return true
	})
}
