package upload

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// StandingShare says that new uploads have a member from the start. Uploads that
// are there already are not concerned, and afterwards members change as always.
type StandingShare struct {
	ID string
	// Owner is the user whose new uploads it is about, "" = everybody's.
	Owner string
	// Role is Coauthor or Reviewer.
	Role Role
	// Group tells that Member is the id of a group, or AllGroup; else it is that of a user.
	Group  bool
	Member string
	// CreatedBy is the user id of who made it.
	CreatedBy string
	Created   time.Time
}

// shareFromStart gives a new upload the members that standing shares name, in the
// transaction that stores it.
func shareFromStart(ctx context.Context, tx Tx, u *Upload) error {
	shares, err := tx.StandingShares(ctx, sharersOf(u))
	if err != nil {
		return fmt.Errorf("read standing shares: %w", err)
	}
	for _, role := range []Role{Coauthor, Reviewer} { // the stronger one first, it counts
		for i := range shares {
			if shares[i].Role == role {
				shares[i].apply(u)
			}
		}
	}
	return nil
}

// sharersOf gives whose standing shares count for an upload: everybody's, those of its
// main author, and of the instrument that deposits it. An upload that came to a
// default user instead of the person it was meant for is not shared as if it were theirs.
func sharersOf(u *Upload) []string {
	sharers := []string{""}
	if u.Deposit.How != DepositInstead && u.Deposit.How != DepositHeld {
		sharers = append(sharers, u.MainAuthor)
	}
	if u.Deposit.onBehalf() && u.Deposit.By != u.MainAuthor {
		sharers = append(sharers, u.Deposit.By)
	}
	return sharers
}

// apply adds the member unless the upload has it, in this role or a stronger one.
func (s *StandingShare) apply(u *Upload) {
	list := map[bool]map[Role]*[]string{
		true:  {Coauthor: &u.CoauthorGroups, Reviewer: &u.ReviewerGroups},
		false: {Coauthor: &u.Coauthors, Reviewer: &u.Reviewers},
	}[s.Group]
	if !s.Group && s.Member == u.MainAuthor || slices.Contains(*list[Coauthor], s.Member) || slices.Contains(*list[s.Role], s.Member) {
		return
	}
	*list[s.Role] = append(*list[s.Role], s.Member)
}
