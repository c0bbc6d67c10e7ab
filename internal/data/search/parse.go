package search

import (
	"fmt"
	"time"

	"oasis/internal/problem"
)

// parser turns the query object of a request into a Node (spec entries.md §3).
type parser struct {
	now    time.Time
	values int
}

// query reads an object or null; prefix is the path of the enclosing sections.
func (p *parser) query(v any, prefix string) (Node, error) {
	if v == nil {
		return And{}, nil
	}
	o, ok := v.(object)
	switch {
	case !ok:
		return nil, problem.Invalid("dict_type", "A query must be an object", "body", "query")
	case o.has("name", "value"):
		if name, ok := o[0].value.(string); ok && o[0].key == "name" {
			return p.single(name, o[1].value, prefix)
		}
		if name, ok := o[1].value.(string); ok && o[1].key == "name" {
			return p.single(name, o[0].value, prefix)
		}
	case o.has("prefix", "query"):
		section, _ := o.get("prefix")
		inner, _ := o.get("query")
		if section, ok := section.(string); ok {
			return p.nested(section, inner, prefix)
		}
	}
	var all And
	for _, m := range o {
		n, err := p.member(m, prefix, &all)
		if err != nil {
			return nil, err
		}
		if n != nil {
			all = append(all, n)
		}
	}
	if len(all) == 1 {
		return all[0], nil
	}
	return all, nil
}

// single reads an explicit {"name": …, "value": …}.
func (p *parser) single(name string, value any, prefix string) (Node, error) {
	return p.query(object{{name, value}}, prefix)
}

func (p *parser) nested(section string, inner any, prefix string) (Node, error) {
	path := join(prefix, section)
	if _, isQuantity := Lookup(path); !knownSection(path) && !isQuantity {
		return nil, notQuantity(path)
	}
	of, err := p.query(inner, path)
	if err != nil {
		return nil, err
	}
	return Nested{Prefix: section, Path: path, Of: of}, nil
}

// member reads one member of a query object. A bound that belongs to a range
// among siblings is added there, and the result is nil.
func (p *parser) member(m member, prefix string, siblings *And) (Node, error) {
	switch m.key {
	case "and", "or":
		list, ok := m.value.([]any)
		if !ok {
			return nil, problem.Invalid("list_type", "Input should be a valid list", "body", "query", m.key)
		}
		nodes := make([]Node, 0, len(list))
		for _, item := range list {
			n, err := p.query(item, prefix)
			if err != nil {
				return nil, err
			}
			nodes = append(nodes, n)
		}
		if m.key == "or" {
			return Or(nodes), nil
		}
		return And(nodes), nil
	case "not":
		if _, ok := m.value.(object); !ok {
			return nil, problem.Invalid("dict_type", "Input should be an object: not takes one query", "body", "query", "not")
		}
		n, err := p.query(m.value, prefix)
		return Not{n}, err
	case "optimade_filter":
		return nil, problem.Invalid("unsupported", "optimade_filter is not supported by this Oasis yet", "body", "query", "optimade_filter")
	}
	name, op := cutOperator(m.key)
	if name == "" {
		return nil, wrong("an empty name is not a doc quantity", m.key)
	}
	if op == "" {
		return p.plain(name, m.value, prefix, siblings)
	}
	if o, isObject := m.value.(object); isObject || m.value == nil {
		return nil, wrong(fmt.Sprintf("operator %s needs a value or a list, not %s", op, kindOf(o, m.value)), m.key)
	}
	return p.operator(name, op, m.value, prefix, siblings)
}

func kindOf(o object, v any) string {
	if v == nil {
		return "null"
	}
	return fmt.Sprintf("an object of %d members", len(o))
}

// plain reads name: value without an operator in the key.
func (p *parser) plain(name string, value any, prefix string, siblings *And) (Node, error) {
	switch value := value.(type) {
	case object:
		operators := 0
		for _, m := range value {
			if isOperator(m.key) {
				operators++
			}
		}
		if _, err := quantity(join(prefix, name)); err == nil && len(value) == 0 {
			return nil, wrong("At least one range boundary must be defined", join(prefix, name))
		}
		if operators == 0 || operators < len(value) {
			return p.section(name, value, prefix)
		}
		var all And
		for _, m := range value {
			n, err := p.operator(name, m.key, m.value, prefix, &all)
			if err != nil {
				return nil, err
			}
			if n != nil {
				all = append(all, n)
			}
		}
		if c, ok := all[0].(*Criterion); ok && len(all) == 1 && c.Op == Range && len(value) == len(all) {
			return p.add(c, siblings)
		}
		if len(all) == 1 {
			return all[0], nil
		}
		return all, nil
	case []any:
		return p.operator(name, "all", value, prefix, siblings)
	default:
		q, err := quantity(join(prefix, name))
		if err != nil {
			return nil, err
		}
		v, err := p.value(q, value)
		if err != nil {
			return nil, err
		}
		return &Criterion{Name: name, Quantity: q, Op: Eq, Values: []Value{v}}, nil
	}
}

// section reads an object whose members are below name. A member that is
// neither below it nor an operator is answered with its full name.
func (p *parser) section(name string, value object, prefix string) (Node, error) {
	path := join(prefix, name)
	if !knownSection(path) {
		if len(value) == 0 {
			return nil, notQuantity(path)
		}
		for _, m := range value {
			if key, _ := cutOperator(m.key); !isOperator(key) {
				return nil, notQuantity(join(path, key))
			}
		}
	}
	of, err := p.query(value, path)
	if err != nil {
		return nil, err
	}
	return Nested{Prefix: name, Path: path, Of: of}, nil
}

// operator reads name op value.
func (p *parser) operator(name, op string, value any, prefix string, siblings *And) (Node, error) {
	full := join(prefix, name)
	q, err := quantity(full)
	if err != nil {
		return nil, err
	}
	list, isList := value.([]any)
	if bound := bounds[op]; bound != nil {
		if isList {
			return nil, wrong("operator "+op+" does not support multiple values", full)
		}
		if q.Type.Tokenised() || q.Type == Bool || q.Type == Section {
			return nil, wrong("operator "+op+" cannot be used with "+full+", it has no order", full)
		}
		v, err := p.value(q, value)
		if err != nil {
			return nil, err
		}
		c := &Criterion{Name: name, Quantity: q, Op: Range}
		*bound(&c.Range) = &v
		return p.add(c, siblings)
	}
	if !isList {
		list = []any{value} // a scalar is a list of one
	}
	c := &Criterion{Name: name, Quantity: q, Op: listOps[op], Values: make([]Value, 0, len(list))}
	for _, item := range list {
		v, err := p.value(q, item)
		if err != nil {
			return nil, err
		}
		c.Values = append(c.Values, v)
	}
	return c, nil
}

// add puts a range into a range on the same name among the siblings, or gives it back.
func (p *parser) add(c *Criterion, siblings *And) (Node, error) {
	for _, n := range *siblings {
		other, ok := n.(*Criterion)
		if !ok || other.Op != Range || other.Name != c.Name {
			continue
		}
		for _, bound := range bounds {
			mine, theirs := bound(&c.Range), bound(&other.Range)
			if *mine == nil {
				continue
			}
			if *theirs != nil {
				return nil, wrong("A quantity can only appear once in a query", c.Name)
			}
			*theirs = *mine
		}
		return nil, nil
	}
	return c, nil
}

func (p *parser) value(q *Quantity, given any) (Value, error) {
	if p.values++; p.values > maxValues {
		return Value{}, problem.Invalid("too_long", fmt.Sprintf("A query can have at most %d values", maxValues), "body", "query")
	}
	return q.value(given, p.now, q.Name)
}
