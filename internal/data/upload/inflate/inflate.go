// Package inflate reads files that were compressed alone: gzip and xz. What it
// keeps in memory is bounded whatever the file says.
package inflate

import (
	"fmt"
	"io"
	"strings"

	"github.com/klauspost/compress/gzip"
)

// Knows tells whether a name ends like one that Open reads.
func Knows(name string) bool {
	name = strings.ToLower(name)
	return strings.HasSuffix(name, ".gz") || strings.HasSuffix(name, ".xz")
}

// Open reads what is inside of a file; how it is compressed is told by the name
// (spec uploads.md §6). A file that is not what its name says is an error, now or
// at the place where it ends to be.
func Open(name string, file io.Reader) (io.Reader, error) {
	if strings.HasSuffix(strings.ToLower(name), ".xz") {
		return newXZ(file), nil
	}
	inside, err := gzip.NewReader(file)
	if err != nil {
		return nil, fmt.Errorf("no gzip file: %w", err)
	}
	return inside, nil
}
