package upload

import (
	"fmt"
	"slices"
	"testing"
)

func TestWhoseStandingSharesCount(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		deposit Deposit
		want    []string
	}{
		"own":                        {Deposit{}, []string{"", "ada"}},
		"own with a token that adds": {Deposit{By: "ada", How: DepositOwn}, []string{"", "ada"}},
		"deposited for somebody":     {Deposit{By: "microscope", How: DepositNamed}, []string{"", "ada", "microscope"}},
		"for the default user":       {Deposit{By: "microscope", How: DepositDefault}, []string{"", "ada", "microscope"}},
		"meant for somebody else":    {Deposit{By: "microscope", How: DepositInstead}, []string{"", "microscope"}},
		"held":                       {Deposit{By: "microscope", How: DepositHeld}, []string{"", "microscope"}},
	} {
		u := Upload{MainAuthor: "ada", Deposit: tt.deposit}
		if got := sharersOf(&u); !slices.Equal(got, tt.want) {
			t.Errorf("%s: %q, want %q", name, got, tt.want)
		}
	}
}

func TestStandingSharesMakeOrdinaryMembers(t *testing.T) {
	t.Parallel()
	u := Upload{MainAuthor: "ada", Reviewers: []string{"dan"}}
	for _, s := range []StandingShare{
		{Role: Coauthor, Member: "bob"}, {Role: Coauthor, Member: "g", Group: true}, {Role: Coauthor, Member: "ada"},
		{Role: Reviewer, Member: "bob"}, {Role: Reviewer, Member: "dan"}, {Role: Reviewer, Member: "g"},
		{Role: Reviewer, Member: "g", Group: true}, {Role: Reviewer, Member: AllGroup, Group: true}, {Role: Reviewer, Member: "eve"},
	} {
		s.apply(&u)
	}
	got := fmt.Sprint(u.Coauthors, u.CoauthorGroups, u.Reviewers, u.ReviewerGroups)
	if want := "[bob] [g] [dan g eve] [all]"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
