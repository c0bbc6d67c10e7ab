// Package whatif tells what a policy means before it is in force: who may do
// what, whom a change would lock out or let in, and whether it would lock out the
// person who makes it. It decides nothing itself: every answer is one of
// access.Decide.
package whatif

import (
	"oasis/internal/access"
	"oasis/internal/access/identity"
	"oasis/internal/access/scope"
	"oasis/internal/access/token"
)

// Deed is something people do, as the operation of the API that does it.
type Deed struct {
	Name      string
	Operation access.Operation
}

// Who is a sort of caller.
type Who string

// The sorts of callers.
const (
	Visitor    Who = "visitor"
	Unlisted   Who = "unlisted"
	Listed     Who = "listed"
	Instrument Who = "instrument"
)

// Everyone lists the sorts in the order of their rights.
func Everyone() []Who { return []Who{Visitor, Unlisted, Listed, Instrument} }

// Row is what one sort of caller may do.
type Row struct {
	Who   Who
	Cells []Cell
}

// Cell is whether somebody may do something, now and with the draft.
type Cell struct {
	Deed string
	// Now and Then are the decisions of the policy in force and of the draft.
	Now, Then access.Decision
}

// Changed tells whether the draft gives another answer.
func (c *Cell) Changed() bool { return c.Now.Allowed != c.Then.Allowed }

// Matrix tells who may do what under two policies. Object rules come after it:
// "may" means that the decision does not stand in the way.
func Matrix(now, draft *access.Policy, deeds []Deed) []Row {
	rows := make([]Row, 0, len(Everyone()))
	for _, who := range Everyone() {
		row := Row{Who: who}
		for i := range deeds {
			row.Cells = append(row.Cells, Cell{
				Deed: deeds[i].Name, Now: decide(now, who, &deeds[i].Operation), Then: decide(draft, who, &deeds[i].Operation),
			})
		}
		rows = append(rows, row)
	}
	return rows
}

// decide asks for somebody of a sort. The allow list is replaced by one that
// holds nobody or everybody, because the caller is nobody in particular.
func decide(p *access.Policy, who Who, op *access.Operation) access.Decision {
	as := *p
	switch {
	case who == Unlisted && p.Authorized != nil:
		as.Authorized = access.NewAllowList(nil)
	default:
		as.Authorized = nil
	}
	caller := callerOf(who)
	return access.Decide(&as, true, op, &caller, "")
}

func callerOf(who Who) access.Caller {
	person := identity.User{ID: "whatif", Username: "whatif", SecondFactor: true}
	switch who {
	case Visitor:
		return access.Caller{}
	case Instrument:
		return access.Caller{
			Kind: access.PersonalToken, State: access.Valid, User: person,
			Granted:      scope.Of(scope.UploadsRead, scope.UploadsWrite),
			Restrictions: &token.Restrictions{AppendOnly: true},
		}
	}
	return Signed(person)
}

// Signed is a person who is signed in with the browser.
func Signed(u identity.User) access.Caller {
	return access.Caller{Kind: access.SessionCookie, State: access.Valid, User: u, Granted: scope.Every()}
}
