package group

import (
	"context"

	"oasis/internal/access/identity"
)

// Order says how lists of groups are sorted; ties go by id.
type Order string

// The orders of spec datasets-groups.md §3.2; the zero value is oldest first.
const (
	OrderID    Order = "group_id"
	OrderName  Order = "group_name"
	OrderOwner Order = "owner"
)

// Query selects and pages groups; what is empty does not restrict.
type Query struct {
	IDs []string
	// UserID must be a direct member, the owner included.
	UserID string
	// Terms must all be in the name, without regard to case.
	Terms   []string
	OrderBy Order
	Desc    bool
	Offset  int
	// Limit 0 only counts.
	Limit int
}

// Store keeps groups. When an account is removed it leaves all groups; one it owned
// goes to the first maintainer, or stays without an owner for an administrator to name one.
type Store interface {
	// Group gives one, or a problem of kind Missing.
	Group(ctx context.Context, id string) (Group, error)
	// Groups gives one page and the total.
	Groups(ctx context.Context, q Query) ([]Group, int, error)
	// MissingGroups gives those of the ids that no group has, in their order.
	MissingGroups(ctx context.Context, ids []string) ([]string, error)
	// GroupTree gives all groups with who is directly in them.
	GroupTree(ctx context.Context) (Tree, error)
	// GroupTx runs fn in one transaction. Transactions on groups follow one another.
	GroupTx(ctx context.Context, fn func(Tx) error) error
}

// Tx is what can be done to groups in a transaction.
type Tx interface {
	// Group gives one, or a problem of kind Missing.
	Group(ctx context.Context, id string) (Group, error)
	MissingGroups(ctx context.Context, ids []string) ([]string, error)
	// Inside gives the ids of the groups directly in each group.
	Inside(ctx context.Context) (map[string][]string, error)
	// PeopleIn gives the ids of everybody in a group, directly or through others.
	PeopleIn(ctx context.Context, id string) ([]string, error)
	// InsertGroup refuses a name that another group has with a Conflict, and so does UpdateGroup.
	InsertGroup(ctx context.Context, g Group) error
	UpdateGroup(ctx context.Context, g Group) error
	// DeleteGroup also takes the group out of other groups and out of the uploads that name it.
	DeleteGroup(ctx context.Context, id string) error
}

// People finds accounts.
type People interface {
	Find(ctx context.Context, s identity.Search) ([]identity.User, error)
}
