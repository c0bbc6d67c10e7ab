// Package unpack takes zip and tar archives apart that nobody vouches for.
//
// The first thing wrong with an archive refuses all of it, with a *problem.Error
// that names the member and the reason (decisions 21). Nothing here touches a
// disk: members go to a Sink one by one, and the caller discards what its sink
// took when Unpack fails.
package unpack

import (
	"context"
	"io"
)

// Limits bound what an archive may unfold to.
type Limits struct {
	// Members is the most files and folders, implied folders counted.
	Members int
	// Bytes is the most bytes of all files together.
	Bytes int64
	// Ratio is how many times its own size an archive may unfold to; it counts
	// from Slack bytes on, because small text compresses very well.
	Ratio int64
	Slack int64
}

// DefaultLimits gives the limits of decisions 21.
func DefaultLimits() Limits {
	return Limits{Members: 200_000, Bytes: 100 << 30, Ratio: 200, Slack: 16 << 20}
}

// Member is one file or folder of an archive.
type Member struct {
	// Path is canonical (see package rawpath) and relative to the archive.
	Path string
	// Folder tells that it has no content.
	Folder bool
	// Body is the content of a file, valid until the sink returns. Only what was
	// read from it counts, whatever the archive says about sizes.
	Body io.Reader
}

// Sink takes one member. Its own errors end Unpack and are passed on.
type Sink func(ctx context.Context, m Member) error
