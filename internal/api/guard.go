package api

import (
	"net/http"
	"slices"
	"strconv"

	"github.com/danielgtaylor/huma/v2"

	"oasis/internal/access"
	"oasis/internal/problem"
)

// guard lets only those requests through that access.Decide allows. Nothing of
// the body has been read before.
func (s *Server) guard(route *Route, params []*huma.Param, next http.Handler) http.Handler {
	if bare := s.unguarded(route, next); bare != nil { // in the benchmark binary only
		return bare
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c := callOf(r.Context())
		c.r, c.route = r, route
		for name, value := range route.Headers {
			w.Header().Set(name, value)
		}
		policy := s.opts.Policy()
		if route.SameOrigin {
			if err := c.foreign(); err != nil {
				c.fail(w, problem.Denied("Browsers may use this only from a page of this server.").Because(err))
				return
			}
		}
		if !route.Open || route.Identify {
			if err := c.authenticate(policy); err != nil {
				c.fail(w, err)
				return
			}
			c.tellEnd()
		}
		uploadID := r.PathValue("upload_id")
		c.decision = access.Decide(policy, s.opts.SetUp(), &route.Operation, &c.caller, uploadID)
		c.decided = true
		if !c.decision.Allowed {
			if c.decision.Challenge != "" {
				w.Header().Set("WWW-Authenticate", c.decision.Challenge)
			}
			c.fail(w, c.decision.Denial)
			return
		}
		if s.opts.TokenUsed != nil && c.caller.Kind == access.PersonalToken && c.caller.State == access.Valid {
			s.opts.TokenUsed(c.caller.CredentialID, route.Scopes, uploadID, c.address)
		}
		if err := checkQuery(r, &route.Row, params); err != nil {
			c.fail(w, err)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// checkQuery refuses parameters that would otherwise be ignored or read
// differently by different parts: those of the NOMAD API that this server does
// not honour, and a second value for a parameter that takes one.
func checkQuery(r *http.Request, row *Row, params []*huma.Param) error {
	if r.URL.RawQuery == "" {
		return nil
	}
	query := r.URL.Query()
	var fields []problem.Field
	for name, harmless := range row.Undelivered {
		for _, value := range query[name] {
			if !asksNothing(value, harmless) {
				fields = append(fields, problem.Field{
					Loc: []any{"query", name}, Type: "extra_forbidden",
					Msg: "This Oasis does not support " + name + " here: leave it out",
				})
				break
			}
		}
	}
	for _, p := range params {
		if p.In != "query" || p.Schema == nil || p.Schema.Type == huma.TypeArray || len(query[p.Name]) < 2 {
			continue
		}
		if values := slices.Compact(query[p.Name]); len(values) > 1 {
			fields = append(fields, problem.Field{
				Loc: []any{"query", p.Name}, Type: "multiple_values", Msg: "Give this parameter once",
			})
		}
	}
	if fields == nil {
		return nil
	}
	slices.SortFunc(fields, func(a, b problem.Field) int { return compareText(a.Loc[1], b.Loc[1]) })
	return problem.InvalidAll(fields)
}

// asksNothing tells whether the value of a parameter is its harmless one, in any spelling.
func asksNothing(value, harmless string) bool {
	if value == "" || value == harmless {
		return true
	}
	given, err := strconv.ParseBool(value)
	want, wantErr := strconv.ParseBool(harmless)
	return err == nil && wantErr == nil && given == want
}

func compareText(a, b any) int {
	x, _ := a.(string)
	y, _ := b.(string)
	switch {
	case x < y:
		return -1
	case x > y:
		return 1
	}
	return 0
}
