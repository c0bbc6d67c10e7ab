package whatif

import (
	"oasis/internal/access"
	"oasis/internal/access/identity"
	"oasis/internal/access/scope"
)

// Standing is how an account stands to a policy.
type Standing uint8

// The standings.
const (
	// Outside: it is refused whatever it asks for.
	Outside Standing = iota
	// Limited: it is not on the allow list and holds only the scopes of people who are not.
	Limited
	// Inside: it is let in with its own rights.
	Inside
)

// StandingOf tells how an account that is signed in stands to a policy. Whoever
// has to set up a second factor first is not outside: that can be done.
func StandingOf(p *access.Policy, u *identity.User) Standing {
	probe := access.Operation{ID: "whatif", BeforeFactor: true}
	caller := Signed(*u)
	if u.Disabled {
		caller.UserState = access.UserDisabled
	}
	d := access.Decide(p, true, &probe, &caller, "")
	switch {
	case !d.Allowed:
		return Outside
	case !d.InForce.Grants(scope.Every()):
		return Limited
	}
	return Inside
}

// Change is what a draft means for the people of this Oasis.
type Change struct {
	// LockedOut are let in now and would not be, LetIn the other way round.
	LockedOut, LetIn []identity.User
	// Narrowed would keep only the scopes of people who are not on the list, Widened hold only those now.
	Narrowed, Widened []identity.User
	// NeedFactor would have to set up a second factor before anything else, and need not now.
	NeedFactor []identity.User
	// Stay outside are the accounts that the draft does not let in; disabled ones do not count.
	StayOutside []identity.User
	// Inside counts the accounts that the draft lets in, of Accounts that are not disabled.
	Inside, Accounts int
}

// People tells what a draft means for each account.
func People(now, draft *access.Policy, users []identity.User) Change {
	var c Change
	for i := range users {
		u := &users[i]
		if u.Disabled {
			continue
		}
		c.Accounts++
		before, after := StandingOf(now, u), StandingOf(draft, u)
		if after == Outside {
			c.StayOutside = append(c.StayOutside, *u)
		} else {
			c.Inside++
		}
		switch {
		case before != Outside && after == Outside:
			c.LockedOut = append(c.LockedOut, *u)
		case before == Outside && after != Outside:
			c.LetIn = append(c.LetIn, *u)
		case before == Inside && after == Limited:
			c.Narrowed = append(c.Narrowed, *u)
		case before == Limited && after == Inside:
			c.Widened = append(c.Widened, *u)
		}
		if after != Outside && lacksFactor(draft, u) && !lacksFactor(now, u) {
			c.NeedFactor = append(c.NeedFactor, *u)
		}
	}
	return c
}

func lacksFactor(p *access.Policy, u *identity.User) bool { return p.SecondFactor.Lacks(u) }

// LocksOut tells whether a draft would keep the caller from doing the operation
// with which the change is made, so that it could not be undone by the same way.
func LocksOut(draft *access.Policy, op *access.Operation, caller *access.Caller) bool {
	d := access.Decide(draft, true, op, caller, "")
	return !d.Allowed
}
