package unpack

import (
	"archive/tar"
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"oasis/internal/problem"
)

// unpackTar reads a tar as a stream. What is wrong with a late member is found
// late, when the sink has taken the ones before it.
func unpackTar(ctx context.Context, src io.ReaderAt, size int64, g *guard) error {
	if size == 0 {
		return problem.Bad(badFormat)
	}
	packed, err := decompress(src, size)
	if err != nil {
		return problem.Bad(badFormat).Because(err)
	}
	stream := &unfolding{guard: g, from: packed}
	archive := tar.NewReader(bufio.NewReaderSize(stream, 256<<10))
	for first := true; ; first = false {
		header, err := archive.Next()
		switch {
		case errors.Is(err, io.EOF):
			// Reading on to the end lets the decompressor compare its checksum.
			_, err := io.Copy(io.Discard, stream)
			return tarError(err, stream.path, first)
		case err != nil:
			return tarError(err, stream.path, first)
		}
		stream.path = header.Name
		if err := tarMember(ctx, archive, header, g); err != nil {
			return err
		}
	}
}

// tarError explains an error between members: before the first one it is no tar at all.
func tarError(err error, member string, first bool) error {
	switch {
	case err == nil || problem.As(err) != nil:
		return err
	case first:
		return problem.Bad(badFormat).Because(err)
	}
	return problem.Bad("The archive was refused and nothing of it was stored: it cannot be read after member %s, "+
		"it is damaged or not complete; make it again.", quote(member)).Because(err)
}

func tarMember(ctx context.Context, archive *tar.Reader, header *tar.Header, g *guard) error {
	folder := false
	switch header.Typeflag {
	case tar.TypeReg, tar.TypeGNUSparse, tar.TypeCont:
	case tar.TypeDir:
		folder = true
	case tar.TypeXGlobalHeader: // comments, such as the commit id that git writes
		return nil
	case tar.TypeSymlink:
		return refused(header.Name, fmt.Sprintf("is a symbolic link (to %s); archive the file itself", quote(header.Linkname)))
	case tar.TypeLink:
		return refused(header.Name, fmt.Sprintf("is a hard link (to %s); archive it as a file", quote(header.Linkname)))
	case tar.TypeChar, tar.TypeBlock:
		return refused(header.Name, "is a device")
	case tar.TypeFifo:
		return refused(header.Name, "is a pipe")
	default:
		return refused(header.Name, fmt.Sprintf("is of the unknown type %q", header.Typeflag))
	}
	path, err := memberPath(header.Name)
	if err != nil {
		return err
	}
	if path == "" {
		if folder {
			return nil // "./", the archived folder itself
		}
		return refused(header.Name, "has no name")
	}
	if !folder && strings.HasSuffix(header.Name, "/") {
		return refused(header.Name, "is a file with the name of a folder")
	}
	if err := g.enter(path, folder); err != nil {
		return err
	}
	if folder {
		return g.give(ctx, path, nil, nil)
	}
	return g.give(ctx, path, archive, nil)
}

// unfolding counts what comes out of the decompressor: headers and padding
// unfold as well as members do.
type unfolding struct {
	guard *guard
	from  io.Reader
	path  string
}

func (u *unfolding) Read(p []byte) (int, error) {
	n, err := u.from.Read(p)
	if limit := u.guard.unfold(n, u.path); limit != nil {
		return 0, limit
	}
	return n, err
}
