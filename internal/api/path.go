package api

import (
	"net/http"
	"net/url"
	"path"
	"strings"
)

// tail is the beginning of addresses whose rest is data: the name of a raw file.
type tail struct {
	// segments of the address below the base path; "" stands for any one segment.
	segments []string
}

// tailsOf collects the beginnings from the table.
func tailsOf(routes []Route) []tail {
	var tails []tail
	seen := map[string]bool{}
	for i := range routes {
		r := &routes[i]
		if !r.hasTail() || seen[r.Path] {
			continue
		}
		seen[r.Path] = true
		segments := strings.Split(strings.TrimPrefix(strings.TrimSuffix(r.Path, "/"+tailName), "/"), "/")
		for j, s := range segments {
			if strings.HasPrefix(s, "{") {
				segments[j] = ""
			}
		}
		tails = append(tails, tail{segments})
	}
	return tails
}

// cut splits an escaped address below the base path behind the beginning; ok is
// false when it does not begin so. The rest follows a slash and may be empty.
func (t *tail) cut(escaped string) (before, rest string, ok bool) {
	at := 0
	for _, want := range t.segments {
		if at >= len(escaped) || escaped[at] != '/' {
			return "", "", false
		}
		segment := escaped[at+1:]
		if i := strings.IndexByte(segment, '/'); i >= 0 {
			segment = segment[:i]
		}
		if segment == "" || want != "" && segment != want {
			return "", "", false
		}
		at += 1 + len(segment)
	}
	if at >= len(escaped) || escaped[at] != '/' {
		return "", "", false
	}
	return escaped[:at], escaped[at+1:], true
}

// canonical gives the URL as the router wants it: the rest of an address that
// names a raw file becomes one segment, whatever it holds, and elsewhere one
// slash at the end is dropped (decisions 15). ok is false for addresses that are
// nothing of ours, with doubled slashes or dots for example.
func (s *Server) canonical(u *url.URL) (_ *url.URL, ok bool) {
	escaped := u.EscapedPath()
	below, isOurs := strings.CutPrefix(escaped, s.opts.BasePath)
	if isOurs {
		for i := range s.tails {
			before, rest, is := s.tails[i].cut(below)
			if !is {
				continue
			}
			name, err := url.PathUnescape(rest)
			if err != nil {
				return nil, false
			}
			c := *u
			c.RawPath = s.opts.BasePath + before + "/" + tailMark + url.PathEscape(name)
			c.Path, err = url.PathUnescape(c.RawPath)
			return &c, err == nil && path.Clean(s.opts.BasePath+before) == s.opts.BasePath+before
		}
	}
	trimmed := escaped
	if len(trimmed) > 1 {
		trimmed = strings.TrimSuffix(trimmed, "/")
	}
	if !strings.HasPrefix(trimmed, "/") || path.Clean(trimmed) != trimmed {
		return nil, false
	}
	if trimmed == escaped {
		return u, true
	}
	c := *u
	c.RawPath, c.Path = trimmed, strings.TrimSuffix(u.Path, "/")
	return &c, true
}

// pattern is the row in the language of http.ServeMux.
func (s *Server) pattern(r *Row) string {
	p := r.Path
	if r.hasTail() {
		p = strings.TrimSuffix(p, tailName) + "{path}"
	}
	if !r.Outside {
		p = s.opts.BasePath + p
	}
	if p == "" || p == "/" {
		p = "/{$}"
	}
	return r.Method + " " + p
}

// fallback answers what no route takes: 405 when only the method is wrong, else 404.
func (s *Server) fallback(w http.ResponseWriter, r *http.Request) {
	c := callOf(r.Context())
	var allowed []string
	for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete} {
		other := *r
		other.Method = method
		if _, pattern := s.mux.Handler(&other); pattern != everything {
			allowed = append(allowed, method)
		}
	}
	if allowed == nil {
		c.fail(w, errAddress())
		return
	}
	list := strings.Join(allowed, ", ")
	w.Header().Set("Allow", list)
	c.fail(w, errMethod(list))
}

// everything is the pattern of the fallback.
const everything = "/"
