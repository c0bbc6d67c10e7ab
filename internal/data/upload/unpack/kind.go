package unpack

import (
	"bytes"
	"compress/bzip2"
	"errors"
	"io"
	"strings"

	"github.com/klauspost/compress/gzip"
)

// Kind is what sort of archive a file is treated as.
type Kind uint8

// The kinds. Tar covers tar files compressed with gzip and bzip2.
const (
	None Kind = iota
	Zip
	Tar
)

// Extension is what is appended to the name of an archive that came without one.
func (k Kind) Extension() string {
	switch k {
	case Zip:
		return ".zip"
	case Tar:
		return ".tar"
	default:
		return ""
	}
}

// Content is a file as Detect reads it.
type Content interface {
	io.ReaderAt
	Size() int64
}

// Detect tells how a file is to be treated: by its name (spec uploads.md §3.4),
// or by its content when name is empty (§3.3). A name ending in .gz promises a
// tar only if there is one inside; other names are taken at their word, and
// Unpack refuses what is something else. Errors are those of reading.
func Detect(name string, content Content) (Kind, error) {
	lower := strings.ToLower(name)
	ends := func(suffixes ...string) bool {
		for _, suffix := range suffixes {
			if strings.HasSuffix(lower, suffix) {
				return true
			}
		}
		return false
	}
	switch {
	case name == "", ends(".gz") && !ends(".tar.gz"):
		kind, err := sniff(content)
		if kind == Zip && name != "" {
			kind = None
		}
		return kind, err
	case ends(".zip", ".eln"):
		return Zip, nil
	case ends(".tar", ".tgz", ".tar.gz", ".tar.bz2"):
		return Tar, nil
	default:
		return None, nil
	}
}

// sniff tells by content whether something is an archive.
func sniff(content Content) (Kind, error) {
	in := &faults{src: content}
	head := make([]byte, 4)
	n, err := in.ReadAt(head, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return None, err
	}
	head = head[:n]
	if bytes.Equal(head, []byte("PK\x03\x04")) || bytes.Equal(head, []byte("PK\x05\x06")) {
		return Zip, nil
	}
	block := make([]byte, 512)
	stream, err := decompress(in, content.Size())
	if err == nil {
		_, err = io.ReadFull(stream, block)
	}
	switch {
	case in.err != nil:
		return None, in.err
	case err == nil && isTarHeader(block):
		return Tar, nil
	}
	return None, nil // what cannot be read as an archive is none
}

// decompress gives the bytes of a tar file that may be compressed; which way is
// told by its first bytes, not by its name.
func decompress(src io.ReaderAt, size int64) (io.Reader, error) {
	var head [3]byte
	if _, err := src.ReadAt(head[:], 0); err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	stream := io.NewSectionReader(src, 0, size)
	switch {
	case head[0] == 0x1f && head[1] == 0x8b:
		return gzip.NewReader(stream)
	case string(head[:]) == "BZh":
		return bzip2.NewReader(stream), nil
	default:
		return stream, nil
	}
}

// isTarHeader checks the sum in the header of the first member, as file(1) does.
func isTarHeader(block []byte) bool {
	const from, to = 148, 156
	var want int64
	for _, c := range bytes.Trim(block[from:to], " \x00") {
		if c < '0' || c > '7' {
			return false
		}
		want = want*8 + int64(c-'0')
	}
	var unsigned, signed int64
	for i, c := range block {
		if from <= i && i < to {
			c = ' '
		}
		unsigned += int64(c)
		signed += int64(int8(c)) //nolint:gosec // old tars sum signed bytes
	}
	return block[0] != 0 && (want == unsigned || want == signed)
}
