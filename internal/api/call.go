package api

import (
	"context"
	"crypto/rand"
	"net/http"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"oasis/internal/access"
	"oasis/internal/access/audit"
	"oasis/internal/data/upload"
)

// call is what the pipeline knows about one request. There is one in the context
// of each request; only the goroutine of the request touches it.
type call struct {
	server *Server
	w      *recorder
	// answer is what w points to, here so that it takes no memory of its own.
	answer recorder
	r      *http.Request
	body   *bodyWatch

	id string
	// idHeader is id as the value of a header.
	idHeader [1]string
	started  time.Time
	// path as it was asked for; routing rewrites that of r.
	path string
	// address of the client, seen through trusted proxies.
	address string
	// secure tells whether the client came by HTTPS, as far as the proxies in front tell.
	secure bool

	route  *Route
	caller access.Caller
	// presented is the credential that decided, nil = none.
	presented *access.Presented
	// tokenInQuery tells that the credential stood in the address.
	tokenInQuery bool
	decided      bool
	decision     access.Decision
	// cause is what the log says about a failure; the answer does not show it.
	cause error
}

// newCall begins the request.
func newCall(s *Server, w http.ResponseWriter, r *http.Request) *call {
	id := rand.Text()[:16]
	c := &call{server: s, started: time.Now(), id: id, idHeader: [1]string{id}, path: r.URL.EscapedPath()}
	c.answer = recorder{ResponseWriter: w, call: c}
	c.w = &c.answer
	c.r = r.WithContext(audit.WithFacts(r.Context(), c))
	c.address, c.secure = s.seen(r)
	return c
}

// callOf gives the call of a request: it is what the audit log asks about the context.
func callOf(ctx context.Context) *call {
	c, _ := audit.FactsOf(ctx).(*call)
	return c
}

// Caller gives who asks, as the pipeline established it.
func Caller(ctx context.Context) access.Caller { return callOf(ctx).caller }

// UserID gives the id of the user who asks, "" for an anonymous visitor.
func UserID(ctx context.Context) string { return Viewer(ctx).UserID }

// Viewer gives who asks in the form the object rules read.
func Viewer(ctx context.Context) upload.Viewer {
	return ViewerOf(&callOf(ctx).caller)
}

// ViewerOf gives a caller in the form the object rules read.
func ViewerOf(c *access.Caller) upload.Viewer {
	if c.State != access.Valid || c.UserState != access.UserKnown {
		return upload.Viewer{}
	}
	v := upload.Viewer{UserID: c.User.ID, Admin: c.User.Admin, Groups: c.User.GroupIDs}
	if r := c.Restrictions; r != nil {
		v.Uploads, v.AppendOnly, v.DepositFor = r.Uploads, r.AddsOnly(), r.Deposits()
	}
	// A lab's administrator makes a token for a script that adds files: it adds to what is that person's, not
	// to everybody's. To reach another's upload with such a token it has to be named in it.
	if v.AppendOnly && v.Uploads == nil {
		v.Admin = false
	}
	if v.DepositFor != nil { // whoever owns the token: it acts for others, not with the owner's rights
		v.Admin, v.Groups = false, nil
	}
	return v
}

// Address gives the address of the client, as seen through trusted proxies.
func Address(ctx context.Context) string { return callOf(ctx).address }

// MarkDeprecated says in the headers of the answer that the operation is one of old.
func MarkDeprecated(ctx context.Context) {
	c := callOf(ctx)
	c.server.MarkDeprecated(c.w.Header())
}

// Request gives the request itself, for what typed inputs cannot say.
func Request(ctx context.Context) *http.Request { return callOf(ctx).r }

// AskedPath gives the path of the request as it was asked for, escaped.
func AskedPath(ctx context.Context) string { return callOf(ctx).path }

// Secure tells whether the client came by HTTPS.
func Secure(ctx context.Context) bool { return callOf(ctx).secure }

// Body gives the unread body of a row that Streams. It fails when the client
// sends nothing for a while.
func Body(ctx context.Context) *http.Request {
	c := callOf(ctx)
	r := *c.r
	if c.body != nil {
		c.body.patience = streamPatience
		c.body.unbuffered()
	}
	return &r
}

// Form gives the body of a row that Streams but takes a small form only: all of it
// has to come within half a minute.
func Form(ctx context.Context) *http.Request {
	c := callOf(ctx)
	r := *c.r
	if c.body != nil {
		c.body.patience = 0
		c.clearDeadline()
	}
	return &r
}

// Stream is the output of handlers that write their answer themselves.
type Stream struct{ Body func(huma.Context) }

// Write makes a Stream of a plain handler function.
func Write(write func(http.ResponseWriter, *http.Request)) *Stream {
	return &Stream{Body: func(ctx huma.Context) {
		c := callOf(ctx.Context())
		write(c.w, c.r)
	}}
}

// Header gives the headers of the answer.
func Header(ctx context.Context) http.Header { return callOf(ctx).w.Header() }

// WriteJSON sends v as JSON; w is what the handler was given. A value that cannot be
// encoded is a fault of ours and answered as one.
func WriteJSON(w http.ResponseWriter, status int, v any) {
	body, err := encode(v)
	if err != nil {
		failOn(w, err)
		return
	}
	defer free(body)
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Content-Length", strconv.Itoa(body.Len()))
	w.WriteHeader(status)
	_, _ = w.Write(body.Bytes()) // the client may be gone
}

// failOn is Fail for who has only the writer.
func failOn(w http.ResponseWriter, err error) {
	if rec, ok := w.(*recorder); ok && rec.call != nil {
		rec.call.fail(w, err)
		return
	}
	http.Error(w, textInternal, http.StatusInternalServerError)
}

// Fail answers a plain handler's request with the problem that err is.
func Fail(w http.ResponseWriter, r *http.Request, err error) { callOf(r.Context()).fail(w, err) }

// clearDeadline ends the time limit that was set for reading a JSON body: if it
// passed while the handler works, the request would be cancelled.
func (c *call) clearDeadline() {
	if c.body != nil {
		_ = huma.SetReadDeadline(c.w, time.Time{}) // only fails on writers that know no deadline
	}
}
