package group

import (
	"slices"
	"strings"
)

// MaxDepth is how many groups can be in each other, the outermost and the innermost
// included (decisions 26).
const MaxDepth = 8

// Ref is a group by its two names.
type Ref struct{ ID, Name string }

// Tree is which groups are in which, and who is directly in them.
type Tree struct {
	Groups []Ref
	// Inside gives the ids of the groups directly in a group, by its id.
	Inside map[string][]string
	// Of gives the ids of the groups somebody is directly in, by user id.
	Of map[string][]string
}

// Within gives the ids of a group and of all groups in it, at any depth.
func (t *Tree) Within(id string) []string { return reach([]string{id}, t.Inside) }

// Names fills what a caller carries about the groups of a user, see identity.User:
// the ids and the names in lower case, and the ids as they are. Both are sorted.
func Names(refs []Ref) (names, ids []string) {
	for _, r := range refs {
		ids = append(ids, r.ID)
		names = append(names, strings.ToLower(r.ID), Key(r.Name))
	}
	slices.Sort(ids)
	slices.Sort(names)
	return slices.Compact(names), ids
}

// Everyone gives for each user the groups they are in, directly or through others.
func (t *Tree) Everyone() map[string][]Ref {
	outer, refs := map[string][]string{}, map[string]Ref{}
	for id, inner := range t.Inside {
		for _, in := range inner {
			outer[in] = append(outer[in], id)
		}
	}
	for _, r := range t.Groups {
		refs[r.ID] = r
	}
	all := make(map[string][]Ref, len(t.Of))
	for user, direct := range t.Of {
		for _, id := range reach(direct, outer) {
			all[user] = append(all[user], refs[id])
		}
	}
	return all
}

// reach gives the start and everything that steps lead to from there, each once.
func reach(start []string, steps map[string][]string) []string {
	seen := make(map[string]bool, len(start))
	var found []string
	for todo := slices.Clone(start); len(todo) > 0; {
		id := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if !seen[id] {
			seen[id] = true
			found = append(found, id)
			todo = append(todo, steps[id]...)
		}
	}
	return found
}

// fault is what is wrong with putting groups into another one.
type fault uint8

const (
	fine fault = iota
	cyclic
	tooDeep
)

// put tells whether a group may have these subgroups in place of those it has; of
// the first that cannot be, it gives the index.
func put(inside map[string][]string, id string, subgroups []string) (fault, int) {
	above := map[string][]string{}
	for outer, inner := range inside {
		for _, in := range inner {
			if outer != id { // what is replaced does not count
				above[in] = append(above[in], outer)
			}
		}
	}
	levels := height(id, above, map[string]int{})
	below := map[string]int{}
	for i, sub := range subgroups {
		switch {
		case slices.Contains(reach([]string{sub}, inside), id):
			return cyclic, i
		case levels+height(sub, inside, below) > MaxDepth:
			return tooDeep, i
		}
	}
	return fine, 0
}

// height counts the groups on the longest way along steps, the first one included.
// There are no cycles: put keeps them out.
func height(id string, steps map[string][]string, known map[string]int) int {
	if h, ok := known[id]; ok {
		return h
	}
	h := 0
	for _, next := range steps[id] {
		h = max(h, height(next, steps, known))
	}
	known[id] = h + 1
	return h + 1
}
