// Package unpack takes zip and tar archives apart that nobody vouches for.
//
// The first thing wrong with an archive refuses all of it, with a *problem.Error
// that names the member and the reason (decisions 21). Nothing here touches a
// disk: members go to a Sink one by one, and the caller discards what its sink
// took when Unpack fails.
package unpack

import (
	"context"
	"errors"
	"fmt"
	"io"

	"oasis/internal/problem"
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
	// At reads the content of a member that is stored without compression from any place,
	// without checking its checksum; nil for others. What is read of it counts for no limit.
	At *io.SectionReader
}

// Sink takes one member and reads its body to the end. Its own errors end
// Unpack and are passed on.
type Sink func(ctx context.Context, m Member) error

// Unpack gives every member of the archive in src to the sink. A refusal is a
// *problem.Error: 413 for an archive beyond the limits, 400 for all else that is
// wrong with it. Other errors are those of src, sink and ctx.
func Unpack(ctx context.Context, kind Kind, src io.ReaderAt, size int64, limits Limits, sink Sink) error {
	in := &faults{src: src}
	g := &guard{limits: limits, size: size, sink: sink}
	var err error
	switch kind {
	case Zip:
		err = unpackZip(ctx, in, size, g)
	case Tar:
		err = unpackTar(ctx, in, size, g)
	default:
		return fmt.Errorf("archives of kind %d cannot be unpacked", kind)
	}
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return fmt.Errorf("unpack: %w", ctx.Err())
	case in.err != nil: // the disk, not the archive
		return fmt.Errorf("read the archive: %w", in.err)
	default:
		return err
	}
}

// faults remembers an error of the source, so that it is not taken for a fault of the archive.
type faults struct {
	src io.ReaderAt
	err error
}

func (f *faults) ReadAt(p []byte, off int64) (int, error) {
	if off < 0 { // an offset out of a header
		return 0, io.ErrUnexpectedEOF
	}
	n, err := f.src.ReadAt(p, off)
	if err != nil && !errors.Is(err, io.EOF) {
		f.err = err
	}
	return n, err
}

// guard watches the limits while members go to the sink.
type guard struct {
	limits   Limits
	size     int64
	sink     Sink
	tree     tree
	written  int64
	unfolded int64
}

// enter notes a member and checks it against those before it.
func (g *guard) enter(path string, folder bool) error {
	return g.tree.add(path, folder, g.limits.Members)
}

// give hands a member to the sink.
func (g *guard) give(ctx context.Context, path string, body io.Reader, at *io.SectionReader) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if body == nil {
		return g.sink(ctx, Member{Path: path, Folder: true})
	}
	reader := &memberReader{guard: g, path: path, body: body}
	err := g.sink(ctx, Member{Path: path, Body: reader, At: at})
	if reader.err != nil { // before err: the sink can only guess why its reading failed
		return reader.err
	}
	return err
}

// room is how many bytes the archive may unfold to by its own size.
func (g *guard) room() int64 {
	return max(g.limits.Slack, min(g.size, 1<<62/max(g.limits.Ratio, 1))*g.limits.Ratio)
}

// write counts bytes of members.
func (g *guard) write(n int, path string) error {
	g.written += int64(n)
	if g.written > g.limits.Bytes {
		return tooLarge(path, fmt.Sprintf("brings it above %d bytes, the most an archive may contain", g.limits.Bytes))
	}
	return g.ratio(g.written, path)
}

// unfold counts bytes that came out of the decompressor of a tar.
func (g *guard) unfold(n int, path string) error {
	g.unfolded += int64(n)
	return g.ratio(g.unfolded, path)
}

func (g *guard) ratio(bytes int64, path string) error {
	if bytes > g.room() {
		return tooLarge(path, fmt.Sprintf("unfolds it to more than %d times its size; upload the files one by one or in a less compressed archive", g.limits.Ratio))
	}
	return nil
}

// memberReader counts what is read of a member and explains why reading ended early.
type memberReader struct {
	guard *guard
	path  string
	body  io.Reader
	err   error
}

func (r *memberReader) Read(p []byte) (int, error) {
	if r.err != nil {
		return 0, r.err
	}
	n, err := r.body.Read(p)
	if limit := r.guard.write(n, r.path); limit != nil {
		err = limit
	}
	if err == nil || err == io.EOF { //nolint:errorlint // a wrapped EOF is damage
		return n, err
	}
	if problem.As(err) == nil {
		err = damaged(r.path, err)
	}
	r.err = err
	return n, err
}
