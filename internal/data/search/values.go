package search

import (
	"encoding/json"
	"errors"
	"net/url"
	"slices"
	"strings"
	"time"

	"oasis/internal/data/upload"
	"oasis/internal/problem"
)

// transportKeys are parameters of a GET request that belong to sign-in, not to the search.
var transportKeys = []string{"token", "signature_token"}

// ParseValues reads the parameters of GET /entries (spec entries.md §3.5). A
// parameter it does not know is refused by name. Errors are *problem.Error.
func ParseValues(values url.Values, now time.Time) (*Request, error) {
	r := &Request{Where: And{}, Owner: upload.OwnerPublic}
	g := getQuery{parser: parser{now: now}}
	var pagination object
	var include, exclude []string
	var jsonQuery string
	keys := make([]string, 0, len(values))
	for key := range values {
		keys = append(keys, key)
	}
	slices.Sort(keys) // the same request gives the same echo
	for _, key := range keys {
		given := values[key]
		if len(given) == 0 || slices.Contains(transportKeys, key) {
			continue
		}
		last := given[len(given)-1]
		var err error
		switch key {
		case "owner":
			err = r.setOwner(last)
		case "page_size", "order_by", "order", "page_after_value", "page", "page_offset":
			pagination = append(pagination, member{key, last})
		case "include":
			include = given
		case "exclude":
			exclude = given
		case "json_query":
			jsonQuery = last
		case "q":
			err = g.addQ(given)
		default:
			err = g.addParameter(key, given)
		}
		if err != nil {
			return nil, inQuery(err)
		}
	}
	var err error
	if r.Where, err = g.node(jsonQuery); err != nil {
		return nil, inQuery(err)
	}
	if err := r.setPage(pagination); err != nil {
		return nil, inQuery(err)
	}
	if err := r.setRequired(nil); err != nil {
		return nil, err
	}
	if err := r.require(include, exclude); err != nil {
		return nil, err
	}
	if r.RequiredEcho == nil {
		r.RequiredEcho = &RequiredEcho{}
	}
	return r, nil
}

// inQuery moves a refusal that names a place in a body to the query parameter of that name.
func inQuery(err error) error {
	p := problem.As(err)
	if p == nil {
		return err
	}
	fields := slices.Clone(p.Fields)
	for i, f := range fields {
		if len(f.Loc) == 0 || f.Loc[0] != "body" {
			continue
		}
		if rest := f.Loc[1:]; len(rest) > 1 && rest[0] == "pagination" {
			fields[i].Loc = append([]any{"query"}, rest[1:]...)
		} else {
			fields[i].Loc = append([]any{"query"}, rest...)
		}
	}
	copied := *p
	copied.Fields = fields
	return &copied
}

// getQuery collects the conditions of a GET request by quantity and operator.
type getQuery struct {
	parser
	terms []getTerm
}

type getTerm struct {
	name, op string
	values   []string
}

func (g *getQuery) add(name, op string, values ...string) {
	for i := range g.terms {
		if g.terms[i].name == name && g.terms[i].op == op {
			g.terms[i].values = append(g.terms[i].values, values...)
			return
		}
	}
	g.terms = append(g.terms, getTerm{name, op, values})
}

func badParameter(key, msg string) error { return problem.Invalid("value_error", msg, "query", key) }

// addQ reads q=name__value and q=name__op__value.
func (g *getQuery) addQ(given []string) error {
	for _, text := range given {
		parts := strings.SplitN(text, "__", 3)
		if len(parts) < 2 {
			return badParameter("q", "wrong format, use <quantity>[__<op>]__<value>")
		}
		name, op := parts[0], ""
		if len(parts) == 3 {
			op = parts[1]
		}
		key := strings.Join(parts[:len(parts)-1], "__")
		if len(parts) == 2 {
			key = text
		}
		if err := g.check(name, op, key); err != nil {
			return err
		}
		g.add(name, op, parts[len(parts)-1])
	}
	return nil
}

// addParameter reads name=value and name__op=value.
func (g *getQuery) addParameter(key string, given []string) error {
	name, op := key, ""
	if _, err := quantity(key); err != nil {
		if i := strings.LastIndex(key, "__"); i >= 0 {
			name, op = key[:i], key[i+2:]
		}
	}
	if err := g.check(name, op, key); err != nil {
		return err
	}
	g.add(name, op, given...)
	return nil
}

func (g *getQuery) check(name, op, key string) error {
	if _, err := quantity(name); err != nil {
		if strings.Contains(name, "#") {
			return err
		}
		return badParameter(key, name+" is not a doc quantity")
	}
	if op != "" && !isOperator(op) {
		return badParameter(key, "operator "+op+" is unknown")
	}
	return nil
}

// node joins what was collected with the json_query, whose keys replace equal ones.
func (g *getQuery) node(jsonQuery string) (Node, error) {
	var extra object
	if jsonQuery != "" {
		v, err := decode([]byte(jsonQuery))
		o, ok := v.(object)
		if many := (*tooManyError)(nil); errors.As(err, &many) {
			return nil, decodeError(err, "query", "json_query")
		}
		if err != nil || !ok {
			return nil, badParameter("json_query", "cannot parse json_query")
		}
		extra = o
		for _, m := range extra {
			name, _ := cutOperator(m.key)
			g.terms = slices.DeleteFunc(g.terms, func(t getTerm) bool { return t.name == name })
		}
	}
	var all And
	for _, t := range g.terms {
		n, err := g.term(t, &all)
		if err != nil {
			return nil, err
		}
		if n != nil {
			all = append(all, n)
		}
	}
	if len(extra) > 0 {
		n, err := g.query(extra, "")
		if err != nil {
			return nil, err
		}
		all = append(all, n)
	}
	if len(all) == 1 {
		return all[0], nil
	}
	return all, nil
}

// term makes the condition of one parameter.
func (g *getQuery) term(t getTerm, siblings *And) (Node, error) {
	q, err := quantity(t.name)
	if err != nil {
		return nil, err
	}
	list := make([]any, len(t.values))
	for i, text := range t.values {
		list[i] = q.typed(text)
	}
	key := t.name + "__" + t.op
	switch {
	case bounds[t.op] != nil && len(list) > 1:
		return nil, badParameter(key, "operator "+t.op+" does not support multiple values")
	case bounds[t.op] != nil:
		return g.operator(t.name, t.op, list[0], "", siblings)
	case t.op != "":
		return g.operator(t.name, t.op, list, "", siblings)
	case len(list) == 1:
		return g.plain(t.name, list[0], "", siblings)
	case q.AllByDefault:
		return g.operator(t.name, "all", list, "", siblings)
	default:
		return g.operator(t.name, "any", list, "", siblings)
	}
}

// typed gives a parameter the type that its quantity has, so that the echo shows it so.
func (q *Quantity) typed(text string) any {
	switch {
	case q.Type == Bool && (text == "true" || text == "false"):
		return text == "true"
	case (q.Type == Int || q.Type == Float) && json.Valid([]byte(text)) && strings.Trim(text, "-+.0123456789eE") == "":
		return json.Number(text)
	default:
		return text
	}
}
