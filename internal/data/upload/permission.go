package upload

import (
	"slices"

	"oasis/internal/problem"
)

// Viewer is who asks, as far as object rules read it. The zero value is the
// anonymous visitor.
type Viewer struct {
	// UserID is empty for the anonymous visitor.
	UserID string
	// Groups are the ids of the groups the user is in, "all" not among them.
	Groups []string
	// Admin tells whether the user is an administrator of this Oasis.
	Admin bool
	// Uploads, when not nil, restricts everything to these upload ids (a token restriction).
	Uploads []string
	// AppendOnly restricts the viewer to adding new files (a token restriction, decisions 22).
	AppendOnly bool
}

// AllGroup is the pseudo group that everybody is in, also anonymous visitors.
const AllGroup = "all"

// Role is what a viewer is to one upload (spec uploads.md §2); a higher role
// includes the rights of the lower ones where the table says so.
type Role uint8

// The roles.
const (
	Anonymous Role = iota
	Other
	Reviewer
	Coauthor
	MainAuthor
	Admin
)

// State is where an upload stands between staging and public.
type State uint8

// The states.
const (
	Staging State = iota
	Embargoed
	Public
)

// State gives the state of u. The embargo counts as long as its length is not 0.
func (u *Upload) State() State {
	switch {
	case !u.Published():
		return Staging
	case u.EmbargoLength > 0:
		return Embargoed
	default:
		return Public
	}
}

// RoleOf tells what v is to u.
func RoleOf(u *Upload, v Viewer) Role {
	inGroups := func(groups []string) bool {
		return slices.ContainsFunc(v.Groups, func(g string) bool { return slices.Contains(groups, g) })
	}
	switch {
	case v.UserID != "" && v.Admin:
		return Admin
	case v.UserID != "" && v.UserID == u.MainAuthor:
		return MainAuthor
	case v.UserID != "" && (slices.Contains(u.Coauthors, v.UserID) || inGroups(u.CoauthorGroups)):
		return Coauthor
	case slices.Contains(u.ReviewerGroups, AllGroup):
		return Reviewer
	case v.UserID != "" && (slices.Contains(u.Reviewers, v.UserID) || inGroups(u.ReviewerGroups)):
		return Reviewer
	case v.UserID != "":
		return Other
	default:
		return Anonymous
	}
}

// Operation is what somebody wants to do with an upload; the values are the
// rows of the matrix in spec uploads.md §2.3.
type Operation uint8

// The operations that exist.
const (
	// Read covers the record, its entries, its raw files and archives.
	Read Operation = iota
	// ReadOwn is Read without the rule that published data are for everybody.
	ReadOwn
	// ChangeFiles covers adding and removing raw files and creating directories.
	ChangeFiles
	// Delete removes the whole upload.
	Delete
	// ReadWhole is Read of all raw files at once, which only published uploads give
	// (spec uploads.md §6).
	ReadWhole
)

// Texts of refusals that NOMAD clients know (spec uploads.md §2).
const (
	textUnknown   = "The specified upload_id was not found."
	textNoAccess  = "You do not have access to the specified upload."
	textEmbargo   = "You do not have access to the specified upload - published with embargo."
	textLogIn     = "You need to log in to access the specified upload."
	textNoWrite   = "You do not have write access to the specified upload."
	textMainOnly  = "Only main author has permissions for this operation."
	textPublished = "Upload is already published, operation not possible."
	textAdminOnly = "Upload is already published, only admins can perform this operation."
	textStaging   = "Cannot download raw files .zip from non published uploads. Use '/{upload_id}/raw/' instead\n" +
		"to recursively create and download a .zip file with all files."
)

// NotFound is the refusal for an upload id that does not exist.
func NotFound() *problem.Error { return problem.NotFound(textUnknown) }

// Allows is the rule of spec uploads.md §2: may someone in this role do op to
// an upload in this state? nil = yes. It is pure and total.
func Allows(role Role, state State, op Operation) *problem.Error {
	switch op {
	case Read:
		return allowsRead(role, state)
	case ReadWhole:
		if denied := allowsRead(role, state); denied != nil || state != Staging {
			return denied
		}
		return problem.Bad(textStaging)
	case ReadOwn:
		if role >= Reviewer {
			return nil
		}
		return problem.Denied(textNoAccess)
	case ChangeFiles:
		switch {
		case role < Coauthor:
			return problem.Denied(textNoWrite)
		case state != Staging:
			return problem.Bad(textPublished)
		}
		return nil
	case Delete:
		switch {
		case role < Coauthor:
			return problem.Denied(textNoWrite)
		case role < MainAuthor:
			return problem.Denied(textMainOnly)
		case state != Staging && role != Admin:
			return problem.Denied(textAdminOnly)
		}
		return nil
	default:
		return problem.Denied(textNoAccess)
	}
}

func allowsRead(role Role, state State) *problem.Error {
	switch {
	case role >= Reviewer, state == Public:
		return nil
	case state == Embargoed:
		return problem.Denied(textEmbargo)
	case role == Anonymous:
		return problem.New(problem.Unauthenticated, textLogIn)
	default:
		return problem.Denied(textNoAccess)
	}
}

// May asks Allows for one upload and one viewer, and applies the viewer's
// restriction to certain uploads first.
func May(u *Upload, v Viewer, op Operation) *problem.Error {
	if v.Uploads != nil && !slices.Contains(v.Uploads, u.ID) {
		return problem.Denied("This token may only be used with certain uploads, and this is not one of them.")
	}
	return Allows(RoleOf(u, v), u.State(), op)
}

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
// owner admin; being admin widens no other owner (spec entries.md §2).
func Visible(v Viewer, owner Owner) (Filter, *problem.Error) {
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
