package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"oasis/internal/access"
)

// Row is what the table says about one operation. Everything about access stands
// in the embedded Operation; a row that is neither Open nor has scopes is refused
// when the server starts.
type Row struct {
	access.Operation
	Method string
	// Path is below the base path and may hold {name} segments; a last segment
	// {path...} takes the rest of the address byte by byte, slashes and dots included.
	Path string
	// Outside rows stand at Path itself, not below the base path.
	Outside bool
	Summary string
	// Description is Markdown for the API page.
	Description string
	Tag         string
	// Status of success, 0 = 200, or 204 without a body.
	Status int
	// Errors are the statuses an answer may have besides success, 401, 403, 422 and 500,
	// which follow from the row.
	Errors []int
	// Input and Output are the examples of the API page.
	Input, Output any
	// Undelivered names parameters of the NOMAD API that this server does not honour yet,
	// with the value that asks for nothing; any other value is refused by name, never ignored.
	Undelivered map[string]string
	// Identify makes an Open operation learn who asks, without ever refusing.
	Identify bool
	// Began, where an operation goes on with what a request before has begun, tells whether that was done
	// by the user with the credential: then it counts here even when its time is over.
	Began func(ctx context.Context, r *http.Request, userID, credential string) (bool, error)
	// Headers are sent with every answer, refusals too.
	Headers map[string]string
	// TokenInQuery takes an upload token also as token= in the address (product, difference 9).
	TokenInQuery bool
	// SameOrigin refuses browsers that come from another site; for operations that set cookies.
	SameOrigin bool
	// Streams tells that the body is handed to the handler unread and without a limit.
	Streams bool
	// MaxBody bounds a body that does not stream; 0 = 10 MiB.
	MaxBody int64
	// Heavy rows take much memory or time: only a few of them run at once, others wait.
	Heavy bool
	// Quiet rows are logged at level debug: health checks and assets.
	Quiet bool
	// LooseBody leaves judging the JSON body to the handler; what types say is description only.
	LooseBody bool
	// Describe adds to the operation in the API description what types cannot say.
	Describe func(*huma.Operation, huma.Registry)
}

// Route is a row with its handler. Make one with Handle or Serve.
type Route struct {
	Row
	// mount registers the handler; plain handlers have none.
	mount func(huma.API, huma.Operation)
	plain http.Handler
	// done is called after each request; nil = nobody counts.
	done func(Answered)
}

// Handle makes a route of a typed handler: In's fields are filled from path,
// query and JSON body, Out's Body is sent as JSON. A *problem.Error becomes its
// status; any other error a 500 that shows the request id only.
func Handle[In, Out any](row Row, handle func(context.Context, *In) (*Out, error)) Route {
	return Route{Row: row, mount: func(a huma.API, op huma.Operation) {
		huma.Register(a, op, func(ctx context.Context, in *In) (*Out, error) {
			c := callOf(ctx)
			c.clearDeadline()
			if row.Heavy {
				done, err := c.server.load.turn(ctx)
				if err != nil {
					return nil, c.problemOf(err)
				}
				c.w.made = done
			}
			out, err := handle(ctx, in)
			if err != nil {
				return nil, c.problemOf(err)
			}
			return out, nil
		})
	}}
}

// Serve makes a route of a plain handler, which the API description does not show.
func Serve(row Row, handler http.Handler) Route { return Route{Row: row, plain: handler} }

// described tells whether the route stands in the API description.
func (r *Route) described() bool { return r.mount != nil && strings.HasPrefix(r.Path, PathV1+"/") }

// ofPage tells whether the route is one of those that only our own pages call.
func (r *Route) ofPage() bool { return r.mount != nil && !r.described() }

// PathV1 is where the NOMAD API lies below the base path.
const PathV1 = "/api/v1"

// tailName is the name of a path parameter that takes the rest of an address.
const tailName = "{path...}"

// hasTail tells whether the last segment takes the rest of the address.
func (r *Row) hasTail() bool { return strings.HasSuffix(r.Path, "/"+tailName) }

// check finds rows that must not be served.
func check(routes []Route) error {
	var errs []error
	ids := map[string]bool{}
	for i := range routes {
		r := &routes[i]
		complain := func(format string, args ...any) {
			errs = append(errs, fmt.Errorf("route %s (%s %s): %s", r.ID, r.Method, r.Path, fmt.Sprintf(format, args...)))
		}
		switch {
		case r.ID == "":
			complain("has no id")
		case ids[r.ID]:
			complain("its id is taken")
		}
		ids[r.ID] = true
		if !r.Open && r.Scopes == 0 {
			complain("declares no scope; name its scopes, or mark it Open if nobody has to be asked")
		}
		if r.Open && (r.Scopes != 0 || r.AdminOnly || r.Accepts != 0 || r.Anonymous) {
			complain("is Open and cannot ask for anything")
		}
		if r.TokenInQuery && !r.UploadToken {
			complain("takes a token in the address, but no upload token")
		}
		if (r.Reach == access.ReachUpload) != strings.Contains(r.Path, "{upload_id}") && !r.Open {
			complain("reaches for the upload in its path, or has one there and does not say so")
		}
		if r.AdminOnly && r.Anonymous {
			complain("is for administrators and cannot be anonymous")
		}
		if !slices.Contains([]string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodDelete, http.MethodPatch, http.MethodOptions}, r.Method) {
			complain("has an unknown method")
		}
		if (r.mount == nil) == (r.plain == nil) {
			complain("has no handler")
		}
	}
	return errors.Join(errs...)
}
