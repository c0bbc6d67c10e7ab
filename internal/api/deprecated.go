package api

import (
	"net/http"
	"strconv"
	"time"

	"oasis/internal/access"
)

// Deprecated names a way to present a credential that is kept for clients of
// old, for the counters of the operator.
type Deprecated string

// The ways.
const (
	DeprecatedUploadToken  Deprecated = "upload_token"
	DeprecatedTokenInQuery Deprecated = "upload_token_in_query"
	DeprecatedSimpleToken  Deprecated = "simple_token"
	DeprecatedCookie       Deprecated = "authorization_cookie"
)

// deprecatedSince is 2026-01-01 in the form of RFC 9745.
const deprecatedSince = "@1767225600"

// deprecate tells the client that its way in is one of old (RFC 9745), and counts it.
func (c *call) deprecate(p *access.Presented) {
	if p == nil {
		return
	}
	var way Deprecated
	switch {
	case c.tokenInQuery:
		way = DeprecatedTokenInQuery
	case p.Place == access.InUploadToken:
		way = DeprecatedUploadToken
	case p.Place == access.InAuthorizationCookie:
		way = DeprecatedCookie
	case c.caller.Kind == access.SimpleToken:
		way = DeprecatedSimpleToken
	default:
		return
	}
	c.server.MarkDeprecated(c.w.Header())
	if count := c.server.opts.CountDeprecated; count != nil && c.caller.State == access.Valid {
		count(way)
	}
}

// MarkDeprecated says in the headers of an answer that what was asked for, or the
// way it was asked, is deprecated, and where to read what to do instead.
func (s *Server) MarkDeprecated(h http.Header) {
	h.Set("Deprecation", deprecatedSince)
	h.Add("Link", "<"+s.opts.BasePath+PathV1+`/extensions/docs#deprecated-credentials>; rel="deprecation"; type="text/html"`)
}

// warnDays is how long before its end a token says so in every answer.
const warnDays = 14

// tellEnd says in the headers when the personal access token of the request ends.
func (c *call) tellEnd() {
	end := c.caller.Expires
	if c.caller.Kind != access.PersonalToken || c.caller.State != access.Valid || end.IsZero() {
		return
	}
	h := c.w.Header()
	h.Set("Oasis-Token-Expires", end.UTC().Format(time.RFC3339))
	left := end.Sub(c.started)
	if left >= warnDays*24*time.Hour {
		return
	}
	days := int(left.Hours() / 24)
	text := "This token ends in " + strconv.Itoa(days) + " days"
	switch {
	case left < 0:
		text = "This token has ended; it only finishes what was begun with it"
	case days == 0:
		text = "This token ends within a day"
	case days == 1:
		text = "This token ends in one day"
	}
	h.Set("Oasis-Token-Warning", text+"; rotate it on the page Access tokens")
}
