package search

// Echo gives the normal form of a condition that answers repeat (spec entries.md §3.6).
func Echo(n Node) any {
	switch n := n.(type) {
	case And:
		return map[string]any{"and": echoAll(n)}
	case Or:
		return map[string]any{"or": echoAll(n)}
	case Not:
		return map[string]any{"not": Echo(n.Of)}
	case Nested:
		return echoNested{n.Prefix, Echo(n.Of)}
	case *Criterion:
		return echoCriterion{n.Name, n.echoValue()}
	default:
		return map[string]any{"and": []any{}}
	}
}

type echoNested struct {
	Prefix string `json:"prefix"`
	Query  any    `json:"query"`
}

type echoCriterion struct {
	Name  string `json:"name"`
	Value any    `json:"value"`
}

type echoRange struct {
	LT  any `json:"lt,omitempty"`
	LTE any `json:"lte,omitempty"`
	GT  any `json:"gt,omitempty"`
	GTE any `json:"gte,omitempty"`
}

func echoAll(nodes []Node) []any {
	all := make([]any, len(nodes))
	for i, n := range nodes {
		all[i] = Echo(n)
	}
	return all
}

func (c *Criterion) echoValue() any {
	given := func(v *Value) any {
		if v == nil {
			return nil
		}
		return v.Given
	}
	if c.Op == Range {
		return echoRange{LT: given(c.Range.LT), LTE: given(c.Range.LTE), GT: given(c.Range.GT), GTE: given(c.Range.GTE)}
	}
	values := make([]any, len(c.Values))
	for i := range c.Values {
		values[i] = c.Values[i].Given
	}
	switch c.Op {
	case Any:
		return map[string]any{"any": values}
	case None:
		return map[string]any{"none": values}
	case All:
		return map[string]any{"all": values}
	default:
		return values[0]
	}
}
