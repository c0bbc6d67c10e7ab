package search

// Node is a condition on entries: And, Or, Not, Nested or *Criterion.
type Node interface{ node() }

// And holds when all members hold; an empty one always holds.
type And []Node

// Or holds when one member holds; an empty one never holds.
type Or []Node

// Not holds when its member does not.
type Not struct{ Of Node }

// Nested puts a common prefix before the names within. If Path is a nested
// section, all conditions within must hold for one and the same of its items.
type Nested struct {
	// Prefix is the name as given, Path the full path.
	Prefix, Path string
	Of           Node
}

func (And) node()        {}
func (Or) node()         {}
func (Not) node()        {}
func (Nested) node()     {}
func (*Criterion) node() {}

// Op is the way a Criterion combines its values.
type Op uint8

// The operators.
const (
	Eq    Op = iota // the one value
	All             // every value
	Any             // at least one value
	None            // no value
	Range           // between Criterion.Range's bounds
)

// Criterion is a condition on one quantity.
type Criterion struct {
	// Name is the name as given, relative to the enclosing Nested; it is echoed.
	Name     string
	Quantity *Quantity
	Op       Op
	Values   []Value
	Range    Bounds
}

// Value is one value of a condition, already of the type of its quantity.
type Value struct {
	// Given is the value as the caller wrote it: string, json.Number or bool; it is echoed.
	Given any
	// Text is the value for keyword, text and bool quantities ("true", "false").
	Text string
	// Low and High are the inclusive interval for number and date quantities. A
	// number is one point, a date given as a day is the whole day in milliseconds.
	Low, High float64
}

// Bounds are the limits of a range; nil = open.
type Bounds struct{ GT, GTE, LT, LTE *Value }

// Without gives the condition that is left when the top-level criteria on one
// quantity are dropped. Only criteria that are AND-ed at the root count (spec entries.md §6).
func Without(n Node, quantity string) Node {
	switch n := n.(type) {
	case *Criterion:
		if n.Quantity.Name == quantity {
			return nil
		}
	case And:
		kept := make(And, 0, len(n))
		for _, child := range n {
			if child = Without(child, quantity); child != nil {
				kept = append(kept, child)
			}
		}
		return kept
	}
	return n
}

// Reached tells whether a number is not below the lower bounds.
func (b Bounds) Reached(n float64) bool {
	return (b.GT == nil || n > b.GT.High) && (b.GTE == nil || n >= b.GTE.Low)
}

// Passed tells whether a number is above the upper bounds.
func (b Bounds) Passed(n float64) bool {
	return b.LT != nil && n >= b.LT.Low || b.LTE != nil && n > b.LTE.High
}

// TextReached tells whether a string is not below the lower bounds.
func (b Bounds) TextReached(text string) bool {
	return (b.GT == nil || text > b.GT.Text) && (b.GTE == nil || text >= b.GTE.Text)
}

// TextPassed tells whether a string is above the upper bounds.
func (b Bounds) TextPassed(text string) bool {
	return b.LT != nil && text >= b.LT.Text || b.LTE != nil && text > b.LTE.Text
}
