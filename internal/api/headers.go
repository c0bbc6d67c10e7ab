package api

import (
	"errors"
	"net/http"
	"slices"
	"strings"
)

// hstsLife is how long browsers keep to HTTPS, in seconds: a year. Other names
// below ours are not meant: they may belong to somebody else.
const hstsLife = "max-age=31536000"

// fixedHeader is a header whose value never changes. All answers share the slice,
// which is safe: Set replaces it, and Add copies it because it is full.
type fixedHeader struct {
	name  string // in canonical form
	value []string
}

// fixedHeaders gives what makes browsers careful with every answer, and with those
// of the NOMAD API. Answers load nothing and stand in no frame unless their handler
// says otherwise.
func fixedHeaders() (always, inAPI []fixedHeader) {
	return []fixedHeader{
			{"X-Content-Type-Options", []string{"nosniff"}},
			{"Referrer-Policy", []string{"same-origin"}},
			{"Content-Security-Policy", []string{"default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"}},
			{"Cross-Origin-Opener-Policy", []string{"same-origin"}},
			{"Permissions-Policy", []string{"camera=(), geolocation=(), microphone=(), payment=(), usb=()"}},
		}, []fixedHeader{
			{"Cache-Control", []string{"no-store"}},
			{"Vary", []string{"Accept, Authorization, Cookie, Oasis-Token, Upload-Token"}},
		}
}

// setHeaders begins the headers of the answer.
func (c *call) setHeaders(h http.Header, inAPI bool) {
	h["X-Request-Id"] = c.idHeader[:]
	for _, f := range c.server.always {
		h[f.name] = f.value
	}
	if inAPI {
		for _, f := range c.server.alwaysInAPI {
			h[f.name] = f.value
		}
	}
	// RFC 6797 §7.2: never over plain HTTP; and only where the operator has said that HTTPS is the way in.
	if c.secure && strings.HasPrefix(c.server.opts.PublicURL(), "https://") {
		h.Set("Strict-Transport-Security", hstsLife)
	}
}

// crossOrigin lets pages of the configured origins use the API, but never with the
// visitor's cookies (spec auth.md §8 allows credentials and any origin; that would
// open the session to every site). It answers preflight requests and then gives true.
func (s *Server) crossOrigin(w http.ResponseWriter, r *http.Request) bool {
	if s.opts.CORSOrigins == nil {
		return false
	}
	origins, origin, h := s.opts.CORSOrigins(), r.Header.Get("Origin"), w.Header()
	switch {
	case len(origins) == 0:
		return false
	case origins[0] == "*":
		h.Set("Access-Control-Allow-Origin", "*")
	default:
		h.Set("Vary", h.Get("Vary")+", Origin") // also without Origin: a cache may give the answer to anybody
		if !slices.Contains(origins, origin) {
			return false
		}
		h.Set("Access-Control-Allow-Origin", origin)
	}
	h.Set("Access-Control-Expose-Headers", "Content-Disposition, X-Request-Id, WWW-Authenticate, Retry-After, ETag, Repr-Digest, Accept-Ranges, Content-Range, Deprecation, Link, Oasis-Token-Expires, Oasis-Token-Warning, "+
		"Location, Tus-Resumable, Tus-Version, Tus-Extension, Tus-Max-Size, Tus-Checksum-Algorithm, Upload-Offset, Upload-Length, Upload-Metadata, Upload-Expires")
	if origin == "" || r.Method != http.MethodOptions || r.Header.Get("Access-Control-Request-Method") == "" {
		return false
	}
	h.Set("Access-Control-Allow-Methods", "GET, HEAD, POST, PUT, PATCH, DELETE")
	h.Set("Access-Control-Allow-Headers", "*, Authorization") // the star does not cover Authorization (Fetch standard)
	h.Set("Access-Control-Max-Age", "600")
	w.WriteHeader(http.StatusNoContent)
	return true
}

// foreign tells why a request that changes something comes from a page of another
// site; nil = it does not. Go's check compares hosts only where an old browser
// sends no Sec-Fetch-Site: somebody on the line could then use a page of their own
// at http://<our host>.
func (c *call) foreign() error {
	if err := c.server.origin.Check(c.r); err != nil {
		return err
	}
	changes := c.r.Method != http.MethodGet && c.r.Method != http.MethodHead && c.r.Method != http.MethodOptions
	if changes && c.secure && strings.HasPrefix(strings.ToLower(c.r.Header.Get("Origin")), "http://") {
		return errors.New("cross-origin request detected: the page came by plain HTTP")
	}
	return nil
}
