package scope

import "math/bits"

// Set is a set of scopes; the zero value is empty.
type Set uint64

// Of makes a set.
func Of(scopes ...Scope) Set {
	var s Set
	for _, sc := range scopes {
		s |= 1 << sc
	}
	return s
}

// Every is the set of all scopes that belong to the wildcard *:*.
func Every() Set { return matching(func(i Info) bool { return !i.Reserved }) }

// EveryRead is the set of the 19 scopes that belong to *:read.
func EveryRead() Set { return matching(func(i Info) bool { return i.Action == "read" && !i.Reserved }) }

// Tokens is the set of scopes that a personal access token never holds: a token cannot make tokens.
func Tokens() Set { return Of(TokensCreate, TokensDelete, TokensRead) }

func matching(want func(Info) bool) Set {
	var s Set
	for i := range catalog {
		if want(catalog[i]) {
			s |= 1 << catalog[i].Scope
		}
	}
	return s
}

// Grants tells whether s holds every scope of need.
func (s Set) Grants(need Set) bool { return s&need == need }

// Has tells whether s holds one scope.
func (s Set) Has(sc Scope) bool { return s&(1<<sc) != 0 }

// Without removes scopes.
func (s Set) Without(other Set) Set { return s &^ other }

// Len counts the scopes.
func (s Set) Len() int { return bits.OnesCount64(uint64(s)) }

// Names lists the scopes by name, in order.
func (s Set) Names() []string {
	names := make([]string, 0, s.Len())
	for i := range catalog {
		if s.Has(catalog[i].Scope) {
			names = append(names, catalog[i].Name)
		}
	}
	return names
}

// ParseNames makes a set of names and aliases; names that are no scope are
// returned apart, in their order. Wildcards are not names.
func ParseNames(names []string) (set Set, unknown []string) {
	for _, n := range names {
		if sc, ok := Parse(n); ok {
			set |= 1 << sc
		} else {
			unknown = append(unknown, n)
		}
	}
	return set, unknown
}

// Each calls what for each scope of the set.
func (s Set) Each(what func(Scope)) {
	for rest := uint64(s); rest != 0; rest &= rest - 1 {
		what(Scope(bits.TrailingZeros64(rest)))
	}
}
