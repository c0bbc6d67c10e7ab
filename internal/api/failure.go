package api

import (
	"encoding/json"
	"errors"
	"net/http"
	"reflect"
	"strconv"

	"github.com/danielgtaylor/huma/v2"

	"oasis/internal/problem"
)

// Problem is the body of every refusal (RFC 9457, with the members NOMAD clients read).
type Problem struct { //nolint:errname // the name of the schema; that it is an error is only for huma
	Type     string       `json:"type" doc:"Kind of problem as a URI; about:blank = the title says it"`
	Title    string       `json:"title" doc:"Name of the HTTP status"`
	Status   int          `json:"status" doc:"HTTP status"`
	Detail   Detail       `json:"detail" doc:"What went wrong: a sentence, or for 422 a list of values"`
	Instance string       `json:"instance" doc:"Path of the request"`
	Request  string       `json:"request_id" doc:"Id of the request, also in the header X-Request-Id; quote it when you report a fault"`
	Decision *Explanation `json:"decision,omitempty" doc:"On 401 and 403: the way through the access flowchart"`
	headers  http.Header  // sent with it
}

// Detail is a sentence or a list of wrong values.
type Detail struct {
	Text   string
	Fields []problem.Field
}

// MarshalJSON writes the list when there is one, else the sentence.
func (d Detail) MarshalJSON() ([]byte, error) {
	if d.Fields != nil {
		return json.Marshal(d.Fields)
	}
	return json.Marshal(d.Text)
}

// Schema describes both forms.
func (Detail) Schema(r huma.Registry) *huma.Schema {
	return &huma.Schema{OneOf: []*huma.Schema{
		{Type: huma.TypeString},
		{Type: huma.TypeArray, Items: r.Schema(reflect.TypeFor[WrongValue](), true, "")},
	}}
}

// WrongValue describes one item of the list in a 422 answer.
type WrongValue struct {
	Loc  []any  `json:"loc" doc:"Where: \"query\" or \"body\", then keys and indices"`
	Msg  string `json:"msg" doc:"What is wrong"`
	Type string `json:"type" doc:"Stable code, for example missing or enum"`
}

// Error makes a Problem an error that huma sends.
func (p *Problem) Error() string { return p.Title }

// GetStatus gives the HTTP status.
func (p *Problem) GetStatus() int { return p.Status }

// GetHeaders gives headers to be sent with it.
func (p *Problem) GetHeaders() http.Header { return p.headers }

// ContentType is that of RFC 9457.
func (p *Problem) ContentType(string) string { return contentProblem }

const contentProblem = "application/problem+json"

// statusOf translates kinds into statuses; it is the only place that does.
func statusOf(k problem.Kind) int {
	switch k {
	case problem.BadRequest:
		return http.StatusBadRequest
	case problem.Unauthenticated:
		return http.StatusUnauthorized
	case problem.Forbidden:
		return http.StatusForbidden
	case problem.Missing:
		return http.StatusNotFound
	case problem.MethodNotAllowed:
		return http.StatusMethodNotAllowed
	case problem.Conflict:
		return http.StatusConflict
	case problem.Gone:
		return http.StatusGone
	case problem.TooLarge:
		return http.StatusRequestEntityTooLarge
	case problem.Unprocessable:
		return http.StatusUnprocessableEntity
	case problem.TooMany:
		return http.StatusTooManyRequests
	case problem.Unavailable:
		return http.StatusServiceUnavailable
	case problem.StorageFull:
		return http.StatusInsufficientStorage
	case problem.Locked:
		return http.StatusLocked
	case problem.Precondition:
		return http.StatusPreconditionFailed
	case problem.WrongMedia:
		return http.StatusUnsupportedMediaType
	case problem.BadChecksum:
		return StatusBadChecksum
	default:
		return http.StatusInternalServerError
	}
}

// StatusBadChecksum says that other bytes arrived than were sent (tus 1.0, extension
// checksum); HTTP has no status of its own for that.
const StatusBadChecksum = 460

// titleOf names a status.
func titleOf(status int) string {
	if status == StatusBadChecksum {
		return "Checksum Mismatch"
	}
	return http.StatusText(status)
}

// StatusOf gives the HTTP status that a refusal becomes.
func StatusOf(e *problem.Error) int { return statusOf(e.Kind) }

// textInternal is all that callers learn of a fault of ours.
const textInternal = "The server could not do this. The fault was logged under the request id; please report it."

func errAddress() error { return problem.NotFound("Not Found") }

func errMethod(allowed string) error {
	return problem.New(problem.MethodNotAllowed, "Method Not Allowed. This address takes: %s.", allowed)
}

// problemOf makes the answer of an error and keeps the cause for the log.
func (c *call) problemOf(err error) *Problem {
	e := problem.As(err)
	switch {
	case e == nil || e.Kind == problem.Internal:
		c.cause = err
		e = problem.New(problem.Internal, textInternal)
	case e.Unwrap() != nil:
		c.cause = err
	}
	status := statusOf(e.Kind)
	p := &Problem{
		Type: "about:blank", Title: titleOf(status), Status: status, Instance: c.path,
		Request: c.id, Detail: Detail{Text: e.Detail, Fields: e.Fields}, headers: http.Header{},
	}
	if e.RetryAfter > 0 {
		p.headers.Set("Retry-After", strconv.Itoa(e.RetryAfter))
	}
	if c.decided && (status == http.StatusUnauthorized || status == http.StatusForbidden) && !c.route.Open {
		p.Decision = c.explain(e)
	}
	c.recordDenial(status, e)
	c.hangUp(p.headers)
	return p
}

// hangUp makes the server answer at once when the body of the request was not
// read: net/http would otherwise wait for a part of it before it answers.
func (c *call) hangUp(h http.Header) {
	if c.body == nil || c.body.ended || c.r.ProtoMajor != 1 {
		return
	}
	_ = http.NewResponseController(c.w).EnableFullDuplex() // only fails on writers that need no such thing
	h.Set("Connection", "close")
}

// fail answers with the problem that err is. After the first byte of another
// answer nothing can be said any more, so the connection is cut.
func (c *call) fail(w http.ResponseWriter, err error) {
	p := c.problemOf(err)
	if c.w.status != 0 {
		Cut()
	}
	body, err := encode(p)
	if err != nil { // one of the wrong values; the sentence alone can always be encoded
		c.cause = errors.Join(c.cause, err)
		p.Detail.Fields, p.Decision = nil, nil
		if body, err = encode(p); err != nil {
			Cut()
		}
	}
	defer free(body)
	h := w.Header()
	for _, name := range []string{"Content-Length", "Content-Disposition", "Content-Encoding", "Etag", "Last-Modified", "Accept-Ranges"} {
		h.Del(name)
	}
	for name, values := range p.headers {
		h[name] = values
	}
	h.Set("Content-Type", contentProblem)
	h.Set("Content-Length", strconv.Itoa(body.Len()))
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(p.Status)
	_, _ = w.Write(body.Bytes()) // the client may be gone
}

// Cut breaks the connection off in the middle of an answer, the only way to tell
// the client that the rest is missing. It does not return.
func Cut() {
	panic(http.ErrAbortHandler) //nolint:forbidigo // what net/http offers for this; it catches it
}

// CutOff is Cut for an answer whose making failed after it began: the log says why.
func CutOff(r *http.Request, cause error) {
	callOf(r.Context()).cause = cause
	Cut()
}
