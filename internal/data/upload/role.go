package upload

import (
	"slices"

	"oasis/internal/access/token"
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
	// DepositFor, when not nil, is whom a token may deposit for (decisions 24). Such a viewer may
	// make uploads and add to those that its account deposited, and is nothing to all others.
	DepositFor *token.Deposit
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
