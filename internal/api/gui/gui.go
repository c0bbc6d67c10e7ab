// Package gui serves the embedded web app below <base>/gui/, and sends addresses
// of NOMAD's own pages to ours.
package gui

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"html"
	"io"
	"io/fs"
	"net/http"
	"path"
	"strings"
	"time"

	"oasis/internal/access"
	"oasis/internal/api"
	"oasis/internal/problem"
)

// Options say what is served.
type Options struct {
	// BasePath is what stands before every route, "" for the root.
	BasePath string
	// Files holds the built app below app/, or only the placeholder index.html.
	Files fs.FS
}

// app is the embedded web app.
type app struct {
	base  string // <base>/gui/
	files fs.FS  // of the app, or with nothing but the placeholder
	index []byte // with the markers
	built bool
}

// Markers in index.html that are replaced for each answer.
const (
	markerBase  = "/__BASE__/"
	markerNonce = "__NONCE__"
)

// Routes gives the rows of the web app. It fails when the files hold no page.
func Routes(o Options) ([]api.Route, error) {
	a := &app{base: o.BasePath + "/gui/", files: o.Files}
	index, err := fs.ReadFile(o.Files, "app/index.html")
	if errors.Is(err, fs.ErrNotExist) {
		index, err = fs.ReadFile(o.Files, "index.html")
	} else if err == nil {
		a.built = true
		a.files, err = fs.Sub(o.Files, "app")
	}
	if err != nil {
		return nil, fmt.Errorf("read the page of the web app: %w", err)
	}
	a.index = index
	row := func(id, path string) api.Row {
		return api.Row{
			Operation: access.Operation{ID: id, Open: true, BeforeSetUp: true},
			Method:    http.MethodGet, Path: path, Quiet: true, Summary: "The web app",
		}
	}
	toApp := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, a.base, http.StatusFound)
	})
	routes := []api.Route{
		api.Serve(row("getApp", "/gui"), http.HandlerFunc(a.page)),
		api.Serve(row("getAppFile", "/gui/{path...}"), a),
		api.Serve(row("redirectBase", ""), toApp),
	}
	if o.BasePath != "" {
		root := row("redirectRoot", "/")
		root.Outside = true
		routes = append(routes, api.Serve(root, toApp))
	}
	return routes, nil
}

// ServeHTTP gives an asset, a redirect from an address of NOMAD, or the page: the
// app itself knows what to show for its addresses.
func (a *app) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var at api.FilePath
	_ = at.UnmarshalText([]byte(r.PathValue("path"))) // never fails
	name := strings.TrimSuffix(at.String(), "/")
	if to, moved := legacy(name); moved {
		http.Redirect(w, r, a.base+to, http.StatusFound)
		return
	}
	if name == "" || name == "index.html" || !fs.ValidPath(name) {
		a.page(w, r)
		return
	}
	if a.built && a.asset(w, r, name) {
		return
	}
	if strings.HasPrefix(name, "assets/") || path.Ext(name) != "" && !strings.Contains(name, "/") {
		api.Fail(w, r, problem.NotFound("The web app has no such file. It may be that of an older version: load the page again."))
		return
	}
	a.page(w, r)
}

// page sends index.html with the base path and a fresh nonce for styles.
func (a *app) page(w http.ResponseWriter, r *http.Request) {
	nonce := rand.Text()
	text := bytes.ReplaceAll(a.index, []byte(markerBase), []byte(html.EscapeString(a.base)))
	text = bytes.ReplaceAll(text, []byte(markerNonce), []byte(nonce))
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Security-Policy", policy(nonce))
	h.Set("X-Frame-Options", "DENY")
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(text))
}

// policy is what the page may load: its own files, and styles that carry the nonce.
func policy(nonce string) string {
	return "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-" + nonce + "'; img-src 'self' data: blob:; font-src 'self'; " +
		"connect-src 'self'; worker-src 'self' blob:; frame-src 'self'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
}

// asset sends a file of the app, precompressed if the browser takes it, and tells
// whether there is one. Names of assets hold a hash of their content.
func (a *app) asset(w http.ResponseWriter, r *http.Request, name string) bool {
	if strings.HasSuffix(name, ".br") || strings.HasSuffix(name, ".gz") {
		return false
	}
	f, info, err := open(a.files, name)
	if err != nil {
		return false
	}
	defer func() { _ = f.Close() }() // embedded: nothing can be lost
	h := w.Header()
	h.Set("Content-Type", kindOf(name))
	h.Set("Vary", "Accept-Encoding")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	// A worker keeps to the policy of its own file, not to that of the page.
	h.Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; connect-src 'self'; frame-ancestors 'none'")
	if strings.HasPrefix(name, "assets/") {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	} else {
		h.Set("Cache-Control", "no-cache")
	}
	for _, c := range []struct{ encoding, suffix string }{{"br", ".br"}, {"gzip", ".gz"}} {
		if !accepts(r, c.encoding) {
			continue
		}
		packed, packedInfo, err := open(a.files, name+c.suffix)
		if err != nil {
			continue
		}
		defer func() { _ = packed.Close() }()
		h.Set("Content-Encoding", c.encoding)
		f, info = packed, packedInfo
		break
	}
	content, ok := f.(io.ReadSeeker)
	if !ok {
		return false
	}
	http.ServeContent(w, r, "", info.ModTime(), content)
	return true
}

func open(files fs.FS, name string) (fs.File, fs.FileInfo, error) {
	f, err := files.Open(name)
	if err != nil {
		return nil, nil, err
	}
	info, err := f.Stat()
	if err != nil || info.IsDir() {
		return nil, nil, errors.Join(err, f.Close(), fs.ErrNotExist)
	}
	return f, info, nil
}

// accepts tells whether the browser takes an encoding; q=0 means it does not.
func accepts(r *http.Request, encoding string) bool {
	for _, item := range strings.Split(r.Header.Get("Accept-Encoding"), ",") {
		name, params, _ := strings.Cut(strings.TrimSpace(item), ";")
		if strings.EqualFold(strings.TrimSpace(name), encoding) {
			q := strings.ReplaceAll(params, " ", "")
			return q != "q=0" && q != "q=0.0"
		}
	}
	return false
}

// kindOf gives the media type by the name; the table is ours because that of the
// machine differs from one to the next.
func kindOf(name string) string {
	kinds := map[string]string{
		".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".html": "text/html; charset=utf-8",
		".json": "application/json", ".svg": "image/svg+xml", ".png": "image/png", ".ico": "image/x-icon", ".webp": "image/webp",
		".woff2": "font/woff2", ".woff": "font/woff", ".wasm": "application/wasm", ".txt": "text/plain; charset=utf-8", ".map": "application/json",
	}
	if kind, ok := kinds[path.Ext(name)]; ok {
		return kind
	}
	return "application/octet-stream"
}

// legacy gives where an address of NOMAD's pages lies in ours (spec external.md
// §1.2 and §2 have the forms of entry links).
func legacy(name string) (string, bool) {
	before, entry, found := strings.Cut("/"+name, "/entry/id/")
	if found && (before == "" || strings.HasPrefix(before, "/search") || strings.HasPrefix(before, "/user/uploads/upload/id/")) {
		return entryID(entry)
	}
	if rest, below := strings.CutPrefix(name, "user/uploads/upload/id/"); below {
		first, _, _ := strings.Cut(rest, "/") // what follows are tabs of NOMAD's page
		return "uploads/" + escape(first), first != ""
	}
	switch name {
	case "user/uploads", "user", "user/datasets":
		return "uploads", true
	}
	if strings.HasPrefix(name, "search/") || strings.HasPrefix(name, "dataset/id/") {
		return "search", true
	}
	return "", false
}

// entryID finds the entry in what follows "entry/id/": the id of its upload may
// stand before it, and tabs of NOMAD's page behind it.
func entryID(rest string) (string, bool) {
	first, rest, _ := strings.Cut(rest, "/")
	second, _, _ := strings.Cut(rest, "/")
	id := second
	switch second {
	case "", "overview", "files", "data", "logs", "workflow":
		id = first
	}
	return "entries/" + escape(id), id != ""
}

// escape keeps letters, digits, - and _, of which ids consist; anything else is percent-encoded.
func escape(s string) string {
	var b strings.Builder
	for i := range len(s) {
		c := s[i]
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_' {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}
