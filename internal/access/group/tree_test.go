package group

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
)

func TestSubgroupsMayBeEightDeepAndNeverInThemselves(t *testing.T) {
	t.Parallel()
	chain := map[string][]string{} // a1 holds a2 holds … a7
	for i := 1; i < 7; i++ {
		chain[fmt.Sprint("a", i)] = []string{fmt.Sprint("a", i+1)}
	}
	for name, tt := range map[string]struct {
		id    string
		sub   []string
		fault fault
		index int
	}{
		"none":                            {"a1", nil, fine, 0},
		"another one":                     {"a7", []string{"b"}, fine, 0},
		"in itself":                       {"b", []string{"c", "b"}, cyclic, 1},
		"in itself through others":        {"a7", []string{"a1"}, cyclic, 0},
		"an eighth level above":           {"b", []string{"a1"}, fine, 0},
		"one that is deep already":        {"a6", []string{"a7", "a5"}, cyclic, 1},
		"the middle of the chain":         {"b", []string{"a4"}, fine, 0},
		"what is replaced does not count": {"a1", []string{"b"}, fine, 0},
	} {
		if f, i := put(chain, tt.id, tt.sub); f != tt.fault || i != tt.index {
			t.Errorf("%s: got %d at %d, want %d at %d", name, f, i, tt.fault, tt.index)
		}
	}
	chain["a7"] = []string{"a8"}
	if f, _ := put(chain, "a8", []string{"b"}); f != tooDeep {
		t.Errorf("a ninth level below: %d", f)
	}
	if f, _ := put(chain, "b", []string{"a1"}); f != tooDeep {
		t.Errorf("a ninth level above: %d", f)
	}
}

// TestPutAgreesWithWalkingEveryWay compares put with trying all ways through random trees.
func TestPutAgreesWithWalkingEveryWay(t *testing.T) {
	t.Parallel()
	var longest func(inside map[string][]string, id string, way []string) int
	longest = func(inside map[string][]string, id string, way []string) int {
		if slices.Contains(way, id) {
			return 1000 // a cycle has no end
		}
		most := 0
		for _, in := range inside[id] {
			most = max(most, longest(inside, in, append(way, id)))
		}
		return min(most+1, 1000)
	}
	random := rand.New(rand.NewPCG(3, 4))
	faults := map[fault]int{}
	for range 300 {
		inside := map[string][]string{}
		ids := make([]string, 14)
		for i := range ids {
			ids[i] = fmt.Sprint("g", i)
		}
		for range 60 {
			id, sub := ids[random.IntN(len(ids))], []string{ids[random.IntN(len(ids))]}
			if random.IntN(3) == 0 {
				if other := ids[random.IntN(len(ids))]; other != sub[0] {
					sub = append(sub, other)
				}
			}
			after := map[string][]string{}
			for k, v := range inside {
				after[k] = v
			}
			after[id] = sub
			most := 0
			for _, each := range ids {
				most = max(most, longest(after, each, nil))
			}
			f, _ := put(inside, id, sub)
			faults[f]++
			if (most <= MaxDepth) != (f == fine) {
				t.Fatalf("put %v into %s of %v: %d, but the longest way is %d", sub, id, inside, f, most)
			}
			if f == fine {
				inside = after
			}
		}
	}
	if faults[fine] < 100 || faults[cyclic] < 100 || faults[tooDeep] < 20 {
		t.Errorf("the random trees show too little: %v", faults)
	}
}

func TestEverybodyIsInTheOuterGroupsToo(t *testing.T) {
	t.Parallel()
	tree := Tree{
		Groups: []Ref{{"A", "Lab"}, {"B", "X-Ray"}, {"C", "Interns"}, {"D", "Others"}},
		Inside: map[string][]string{"A": {"B", "C"}, "B": {"C"}},
		Of:     map[string][]string{"ivy": {"C"}, "bob": {"B", "D"}, "ada": {"A"}},
	}
	everyone := tree.Everyone()
	for user, want := range map[string][2][]string{
		"ivy": {{"a", "b", "c", "interns", "lab", "x-ray"}, {"A", "B", "C"}},
		"bob": {{"a", "b", "d", "lab", "others", "x-ray"}, {"A", "B", "D"}},
		"ada": {{"a", "lab"}, {"A"}},
		"eve": {nil, nil},
	} {
		names, ids := Names(everyone[user])
		if !reflect.DeepEqual([2][]string{names, ids}, want) {
			t.Errorf("%s: %v %v, want %v", user, names, ids, want)
		}
	}
	within := tree.Within("B")
	slices.Sort(within)
	if !slices.Equal(within, []string{"B", "C"}) {
		t.Errorf("within B: %v", within)
	}
}

func TestNamesThatLookLikeIDsAreKnown(t *testing.T) {
	t.Parallel()
	for range 100 {
		if id := newID(); !looksLikeID(id) || !looksLikeID(Key(id)) {
			t.Fatal(id)
		}
	}
	for _, name := range []string{"Crystal growth", "crystal-growth-group-1", "x", "w7HvJ0rTSkq3m1P5n2cX8 ", "ÄÄÄÄÄÄÄÄÄÄÄ"} {
		if looksLikeID(name) {
			t.Errorf("%q does not look like an id", name)
		}
	}
}
