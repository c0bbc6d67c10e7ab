package api

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"oasis/internal/problem"
)

// translate turns what huma found wrong with a request into a problem with the
// list that NOMAD clients read.
func translate(ctx huma.Context, _ string, v any) (any, error) {
	model, ok := v.(*huma.ErrorModel)
	if !ok {
		return v, nil
	}
	c := callOf(ctx.Context())
	refusal := refusalOf(model, c.route)
	if c.body != nil && c.body.refusal != nil {
		refusal = c.body.refusal
	}
	p := c.problemOf(refusal)
	for name, values := range p.headers {
		for _, value := range values {
			ctx.SetHeader(name, value)
		}
	}
	ctx.SetHeader("Content-Type", contentProblem)
	c.w.instead = p.Status
	return p, nil
}

func refusalOf(m *huma.ErrorModel, route *Route) error {
	switch {
	case m.Status == http.StatusRequestEntityTooLarge:
		return problem.New(problem.TooLarge, "The body is larger than %d MiB.", route.maxBody()>>20)
	case m.Status == http.StatusRequestTimeout:
		return problem.Bad("The body did not arrive in time.")
	case m.Status == http.StatusUnsupportedMediaType:
		return problem.Invalid("content_type", "Send the body as application/json", "body")
	case m.Status == http.StatusBadRequest && len(m.Errors) == 0: // huma: request body is required
		return problem.Invalid("missing", "Field required", "body")
	case m.Status >= 500:
		return problem.Bad("The body could not be read.").Because(m)
	}
	fields := make([]problem.Field, 0, len(m.Errors))
	for _, e := range m.Errors {
		fields = append(fields, wrongValue(e))
	}
	return problem.InvalidAll(fields)
}

// wrongValue translates one finding.
func wrongValue(e *huma.ErrorDetail) problem.Field {
	f := problem.Field{Loc: location(e.Location), Msg: upperFirst(e.Message), Type: "value_error"}
	for _, k := range findings() {
		if rest, is := strings.CutPrefix(e.Message, k.begins); is {
			f.Type = k.code
			if k.says != "" {
				f.Msg = k.says
			}
			if k.code == "missing" && k.names {
				name, _, _ := strings.Cut(rest, " ")
				f.Loc = append(f.Loc, name)
			}
			break
		}
	}
	return f
}

// finding maps a message of huma to a stable code.
type finding struct {
	begins, code, says string
	// names: the message goes on with the name of the missing member.
	names bool
}

func findings() []finding {
	return []finding{
		{begins: errJSON.Error(), code: "json_invalid"},
		{begins: "expected required property ", code: "missing", says: "Field required", names: true},
		{begins: "required ", code: "missing", says: "Field required"},
		{begins: "unexpected property", code: "extra_forbidden"},
		{begins: "unknown query parameter", code: "extra_forbidden"},
		{begins: "expected value to be one of ", code: "enum"},
		{begins: "invalid integer", code: "int_parsing", says: "Input should be a valid integer"},
		{begins: "invalid float", code: "float_parsing", says: "Input should be a valid number"},
		{begins: "invalid boolean", code: "bool_parsing", says: "Input should be a valid boolean: true or false"},
		{begins: "invalid date/time", code: "datetime_parsing", says: "Input should be a valid datetime, for example 2026-01-31T12:00:00Z"},
		{begins: "expected string to be RFC 3339 date-time", code: "datetime_parsing"},
		{begins: "expected string to be", code: "string_pattern_mismatch"},
		{begins: "expected string to match pattern", code: "string_pattern_mismatch"},
		{begins: "expected string", code: "string_type", says: "Input should be a valid string"},
		{begins: "expected integer", code: "int_type", says: "Input should be a valid integer"},
		{begins: "expected number >=", code: "greater_than_equal"},
		{begins: "expected number >", code: "greater_than"},
		{begins: "expected number <=", code: "less_than_equal"},
		{begins: "expected number <", code: "less_than"},
		{begins: "expected number", code: "float_type", says: "Input should be a valid number"},
		{begins: "expected boolean", code: "bool_type", says: "Input should be a valid boolean"},
		{begins: "expected array length >=", code: "too_short"},
		{begins: "expected array length <=", code: "too_long"},
		{begins: "expected array", code: "list_type", says: "Input should be a valid list"},
		{begins: "expected object", code: "dict_type", says: "Input should be a valid object"},
		{begins: "expected length >=", code: "string_too_short"},
		{begins: "expected length <=", code: "string_too_long"},
	}
}

// location splits a path such as body.list[3].name into keys and indices.
func location(path string) []any {
	var loc []any
	for _, part := range strings.Split(path, ".") {
		key, rest, indexed := strings.Cut(part, "[")
		if key != "" {
			loc = append(loc, key)
		}
		for indexed {
			var number string
			number, rest, _ = strings.Cut(rest, "]")
			if n, err := strconv.Atoi(number); err == nil {
				loc = append(loc, n)
			} else {
				loc = append(loc, number)
			}
			_, rest, indexed = strings.Cut(rest, "[")
		}
	}
	return loc
}

func upperFirst(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}
