package unpack

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"
	"unicode/utf8"

	"oasis/internal/problem"

	"github.com/klauspost/compress/zip"
	"golang.org/x/text/encoding/charmap"
)

const (
	// directoryBytes is the most the names and extra fields of a zip may take:
	// they are held in memory.
	directoryBytes = 128 << 20

	flagEncrypted       = 0x1
	flagStronglyHidden  = 0x40
	flagMaskedDirectory = 0x2000
)

// unpackZip checks the whole directory of a zip before it gives the first member.
func unpackZip(ctx context.Context, src io.ReaderAt, size int64, g *guard) error {
	archive, err := readDirectory(src, size, g.limits)
	if err != nil {
		return err
	}
	paths := make([]string, len(archive.File))
	for i, file := range archive.File {
		if err := ctx.Err(); err != nil {
			return err
		}
		if paths[i], err = zipMember(file); err != nil {
			return err
		}
		if paths[i] == "" {
			continue
		}
		if err := g.enter(paths[i], isFolder(file)); err != nil {
			return err
		}
	}
	if err := checkOverlap(archive.File, size); err != nil {
		return err
	}
	for i, file := range archive.File {
		if paths[i] == "" {
			continue
		}
		if err := giveZip(ctx, src, file, paths[i], g); err != nil {
			return err
		}
	}
	return nil
}

// readDirectory reads the central directory, within bounds of memory.
func readDirectory(src io.ReaderAt, size int64, limits Limits) (*zip.Reader, error) {
	members, bytes := 0, 0
	archive, err := zip.NewReaderWithOptions(src, size, zip.ReaderOptions{
		NameDecoder: func(header *zip.FileHeader) error {
			members++
			bytes += len(header.Name) + len(header.Extra) + len(header.Comment)
			header.Comment = ""
			if members > limits.Members {
				return tooLarge(header.Name, fmt.Sprintf("is beyond %d files and folders, the most an archive may have", limits.Members))
			}
			if bytes > directoryBytes {
				return tooLarge(header.Name, fmt.Sprintf("brings its names above %d bytes, the most that is possible", directoryBytes))
			}
			// Python's zipfile, and so NOMAD, reads names without the UTF-8 flag as
			// code page 437. Many tools write UTF-8 there; what cannot be UTF-8 is decoded.
			if !utf8.ValidString(header.Name) && header.Flags&0x800 == 0 {
				name, err := charmap.CodePage437.NewDecoder().String(header.Name)
				if err != nil {
					return damaged(header.Name, err)
				}
				header.Name = name
			}
			return nil
		},
	})
	switch {
	case err == nil || problem.As(err) != nil:
		return archive, err
	default:
		return nil, problem.Bad(badFormat).Because(err)
	}
}

func isFolder(file *zip.File) bool { return strings.HasSuffix(file.Name, "/") }

// zipMember checks one line of the directory and gives its canonical path, "" for the root.
func zipMember(file *zip.File) (string, error) {
	if file.Flags&(flagEncrypted|flagStronglyHidden|flagMaskedDirectory) != 0 {
		return "", refused(file.Name, "is encrypted; make the archive without a password")
	}
	switch kind := file.Mode().Type(); {
	case kind&fs.ModeSymlink != 0:
		return "", refused(file.Name, "is a symbolic link; archive the file itself")
	case kind&(fs.ModeDevice|fs.ModeCharDevice) != 0:
		return "", refused(file.Name, "is a device")
	case kind&fs.ModeNamedPipe != 0:
		return "", refused(file.Name, "is a pipe")
	case kind&^fs.ModeDir != 0:
		return "", refused(file.Name, "is neither a file nor a folder")
	case kind == fs.ModeDir && !isFolder(file):
		return "", refused(file.Name, "is a folder with the name of a file")
	case isFolder(file) && file.UncompressedSize64 > 0:
		return "", refused(file.Name, "is a folder with content")
	case file.Method != zip.Store && file.Method != zip.Deflate:
		return "", refused(file.Name, fmt.Sprintf("is compressed by method %d, which is not known here; make the archive with the usual one (deflate)", file.Method))
	}
	path, err := memberPath(file.Name)
	if err == nil && path == "" && !isFolder(file) {
		err = refused(file.Name, "has no name")
	}
	return path, err
}

// checkOverlap refuses members that share bytes of the archive: that is how bombs
// are made that unfold again and again from the same bytes.
func checkOverlap(files []*zip.File, size int64) error {
	type span struct {
		file     *zip.File
		from, to int64
	}
	spans := make([]span, 0, len(files))
	for _, file := range files {
		from, err := file.DataOffset()
		if err != nil {
			return damaged(file.Name, err)
		}
		if file.CompressedSize64 > uint64(max(size-from, 0)) { //nolint:gosec // not negative
			return damaged(file.Name, io.ErrUnexpectedEOF)
		}
		if file.CompressedSize64 > 0 {
			spans = append(spans, span{file: file, from: from, to: from + int64(file.CompressedSize64)}) //nolint:gosec // within size
		}
	}
	slices.SortFunc(spans, func(a, b span) int { return cmp.Compare(a.from, b.from) })
	for i := 1; i < len(spans); i++ {
		if before := spans[i-1]; spans[i].from < before.to {
			return refused(spans[i].file.Name, "overlaps with member "+quote(before.file.Name))
		}
	}
	return nil
}

func giveZip(ctx context.Context, src io.ReaderAt, file *zip.File, path string, g *guard) (err error) {
	if isFolder(file) {
		return g.give(ctx, path, nil, nil)
	}
	body, err := file.Open()
	if err != nil {
		return damaged(path, err)
	}
	var at *io.SectionReader
	if offset, err := file.DataOffset(); err == nil && file.Method == zip.Store && file.UncompressedSize64 == file.CompressedSize64 {
		at = io.NewSectionReader(src, offset, int64(file.UncompressedSize64)) //nolint:gosec // bounded by the size of the archive
	}
	err = g.give(ctx, path, body, at)
	return errors.Join(err, body.Close())
}
