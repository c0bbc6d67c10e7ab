package api

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"oasis/internal/access"
	"oasis/internal/access/audit"
	"oasis/internal/access/scope"
)

// Limits of requests.
const (
	// maxJSON bounds bodies that are read into memory.
	maxJSON = 10 << 20
	// jsonPatience is how long such a body may take to arrive.
	jsonPatience = 30 * time.Second
)

// Authenticator establishes who presents a credential.
type Authenticator interface {
	Authenticate(ctx context.Context, p *access.Presented) (access.Caller, error)
	// Check is Authenticate for a request that is still going on; it does not count as use.
	Check(ctx context.Context, p *access.Presented) (access.Caller, error)
	// Standing asks again, for a request that takes long and began as was.
	Standing(ctx context.Context, p *access.Presented, was *access.Caller) (access.Caller, error)
}

// Options are what the pipeline needs. Functions are asked at every request, so
// that changed settings hold for the next one.
type Options struct {
	// BasePath is what stands before every route: "/nomad-oasis", or "" for the root.
	BasePath string
	// PublicURL is the address of the base path as people see it, without slash at the end.
	PublicURL func() string
	// TrustedProxies may say who the client is.
	TrustedProxies []netip.Prefix
	// CORSOrigins are the origins whose pages may read the API, or only "*"; nil = none but ours.
	CORSOrigins func() []string
	Policy      func() *access.Policy
	// SetUp tells whether an administrator exists.
	SetUp         func() bool
	Authenticator Authenticator
	// Meter counts requests; nil = nobody does.
	Meter Meter
	// Audit takes refusals; nil = they are not recorded.
	Audit audit.Recorder
	// TokenUsed notes what a personal access token is used for; nil = nobody wants to know.
	TokenUsed func(patID string, needed scope.Set, uploadID, address string)
	// CountDeprecated counts credentials of old that were good; nil = nobody wants to know.
	CountDeprecated func(Deprecated)
	Routes          []Route
	Log             *slog.Logger
	// Version of this server, shown in the API description.
	Version string
}

// Server is the HTTP side of Oasis. Make one with New.
type Server struct {
	opts  Options
	mux   *http.ServeMux
	tails []tail
	load  *load
	// inAPI is what the addresses of the NOMAD API begin with.
	inAPI string
	// always and alwaysInAPI are headers of every answer, and of those of the NOMAD API.
	always, alwaysInAPI []fixedHeader
	routes              []Route
	origin              *http.CrossOriginProtection
	openAPI             []byte
	pageAPI             []byte
	page                []byte
	// pagePolicy is what the page of the API may load.
	pagePolicy string
	// astray is the done of requests that no route has.
	astray func(Answered)
}

// New checks the table, adds the routes of the API description and health, and
// builds the router. It refuses a row that declares no scope and is not Open.
func New(opts Options) (_ *Server, err error) {
	s := &Server{opts: opts, mux: http.NewServeMux(), load: newLoad(), origin: http.NewCrossOriginProtection()}
	s.inAPI = opts.BasePath + PathV1 + "/"
	s.always, s.alwaysInAPI = fixedHeaders()
	if u, err := url.Parse(opts.PublicURL()); err == nil && u.Host != "" {
		if err := s.origin.AddTrustedOrigin(u.Scheme + "://" + u.Host); err != nil {
			return nil, fmt.Errorf("public address: %w", err)
		}
	}
	s.routes = slices.Concat(opts.Routes, unguardedRoutes(opts.Routes), healthRoutes(), s.descriptionRoutes())
	if err := check(s.routes); err != nil {
		return nil, err
	}
	s.meter()
	s.tails = tailsOf(s.routes)
	mounting := ""
	defer func() {
		if p := recover(); p != nil { // huma and ServeMux panic for rows they cannot mount
			err = fmt.Errorf("mount route %s: %v", mounting, p)
		}
	}()
	public, page := s.newDescription(PathV1), s.newDescription("")
	for i := range s.routes {
		r := &s.routes[i]
		mounting = r.ID
		if r.plain != nil {
			s.mux.Handle(s.pattern(&r.Row), s.guard(r, nil, r.plain))
			continue
		}
		description := page
		if r.described() {
			description = public
		}
		r.mount(humaAPI{description, &adapter{s, r}}, operationOf(r))
	}
	mounting = "description"
	s.mux.HandleFunc(everything, s.fallback)
	if s.openAPI, err = s.finishDescription(public.OpenAPI(), (*Route).described); err != nil {
		return nil, err
	}
	if s.pageAPI, err = s.finishDescription(page.OpenAPI(), (*Route).ofPage); err != nil {
		return nil, err
	}
	return s, s.renderDocs(public.OpenAPI())
}

// PageDescription is the OpenAPI document of what our own pages call besides the
// API: sign-in, set-up and the like. It is not served; their types are made from it.
func (s *Server) PageDescription() []byte { return s.pageAPI }

// Routes gives the table, for tests that go through all of it.
func (s *Server) Routes() []Route { return slices.Clone(s.routes) }

// ServeHTTP takes a request through the pipeline.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c := newCall(s, w, r)
	r = c.r
	if r.Body != nil && r.Body != http.NoBody {
		c.body = &bodyWatch{ReadCloser: r.Body, w: c.w, load: s.load}
		r.Body = c.body
		defer c.body.release()
	}
	defer turnEnds(c.w)
	defer c.measure()
	defer c.w.arm() // for what is left to be sent
	defer c.log(r.Context())
	defer c.rescue()
	inAPI := strings.HasPrefix(r.URL.Path, s.inAPI)
	c.setHeaders(w.Header(), inAPI)
	if inAPI && s.crossOrigin(c.w, r) {
		return
	}
	u, ok := s.canonical(r.URL)
	if !ok {
		c.fail(c.w, errAddress())
		return
	}
	r.URL = u
	s.mux.ServeHTTP(c.w, r)
}

// rescue turns a panic into a 500, or cuts the connection when the answer has begun.
func (c *call) rescue() {
	p := recover()
	if p == nil {
		return
	}
	err, isError := p.(error)
	if !isError {
		err = fmt.Errorf("%v", p)
	}
	if errors.Is(err, http.ErrAbortHandler) {
		Cut()
	}
	c.cause = err
	c.server.opts.Log.Error("handler panicked", "request_id", c.id, "err", err, "stack", string(debug.Stack()))
	if c.w.status != 0 {
		Cut()
	}
	c.fail(c.w, fmt.Errorf("panic: %w", err))
}

// humaAPI mounts operations with an adapter of their own.
type humaAPI struct {
	huma.API
	adapter *adapter
}

// Adapter gives the adapter of the row.
func (a humaAPI) Adapter() huma.Adapter { return a.adapter }

// adapter puts huma's handler of one row behind the guard.
type adapter struct {
	server *Server
	route  *Route
}

// Handle mounts the handler.
func (a *adapter) Handle(op *huma.Operation, handler func(huma.Context)) {
	a.server.mux.Handle(a.server.pattern(&a.route.Row), a.server.guard(a.route, op.Parameters,
		http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { handler(humago.NewContext(op, r, w)) })))
}

// ServeHTTP is never asked: requests come in through Server.
func (a *adapter) ServeHTTP(w http.ResponseWriter, r *http.Request) { a.server.ServeHTTP(w, r) }
