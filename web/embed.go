// Package web carries the built web app inside the binary. Without a build it
// carries a placeholder page, so that `go build ./...` needs no Node.
package web

import (
	"embed"
	"io/fs"
)

//go:embed all:dist
var dist embed.FS

// Files gives the embedded files: app/… is the built web app (app/index.html
// holds the markers /__BASE__/ and __NONCE__ that the server replaces per
// request; hashed files below app/assets/ may have .br and .gz twins), and
// index.html is the placeholder to serve when there is no app/index.html.
func Files() fs.FS {
	files, err := fs.Sub(dist, "dist")
	if err != nil {
		// fs.Sub only fails for an invalid path, and this one is a valid constant.
		return dist
	}
	return files
}
