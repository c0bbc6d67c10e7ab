// Package zipstream makes a stored (not compressed) zip out of files without
// ever writing it anywhere (decisions 20).
//
// The zip is deterministic: the same files under the same names give the same
// bytes, so it has a length, an ETag, and any range of it can be read on its own.
// That is possible because sizes and checksums of the files are known beforehand;
// no file is opened until its bytes are wanted. Memory grows with the number of
// members only, by about 16 bytes each beside their names.
package zipstream

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math"
	"sort"
)

// Member is one file of the zip.
type Member struct {
	// Name is the path in the zip, UTF-8 with slashes.
	Name string
	Size int64
	// CRC32 is the IEEE checksum of the content.
	CRC32 uint32
	// SHA256 is the digest of the content in hex; it goes into the ETag only.
	SHA256 string
}

// Open opens the content of the member with this index.
type Open func(ctx context.Context, index int) (io.ReadSeekCloser, error)

// Archive is a zip that exists only while it is read. It is immutable and safe
// for concurrent use; each Reader is for one goroutine.
type Archive struct {
	members []Member
	open    Open
	// starts is where the header of each member begins, with the start of the
	// central directory at the end.
	starts []int64
	// lines is where the line of each member begins in the central directory,
	// counted from its start, with its length at the end.
	lines []int64
	end   []byte
	etag  string
}

// New lays out a zip. The names must be sorted, different and no longer than
// 65,535 bytes, else it fails: they come from a list that has these properties.
func New(members []Member, open Open) (*Archive, error) {
	a := &Archive{
		members: members, open: open,
		starts: make([]int64, len(members)+1), lines: make([]int64, len(members)+1),
	}
	sum := sha256.New()
	var at int64
	for i, m := range members {
		switch {
		case m.Name == "" || len(m.Name) > math.MaxUint16:
			return nil, fmt.Errorf("zip: a name of %d bytes is not possible", len(m.Name))
		case m.Size < 0:
			return nil, fmt.Errorf("zip: size %d of %q is not possible", m.Size, m.Name)
		case i > 0 && members[i-1].Name >= m.Name:
			return nil, fmt.Errorf("zip: %q and %q are not in order", members[i-1].Name, m.Name)
		}
		a.starts[i] = at
		at += headerLength(m) + m.Size
		if at < 0 {
			return nil, errors.New("zip: too large")
		}
		sum.Write(binary.AppendUvarint(nil, uint64(len(m.Name))))
		sum.Write([]byte(m.Name))
		sum.Write(binary.AppendUvarint(nil, uint64(m.Size)))
		sum.Write(binary.LittleEndian.AppendUint32(nil, m.CRC32))
		sum.Write([]byte(m.SHA256 + "\n"))
	}
	a.starts[len(members)] = at
	for i, m := range members {
		a.lines[i+1] = a.lines[i] + lineLength(m, a.starts[i])
	}
	a.end = endOfDirectory(len(members), at, a.lines[len(members)])
	a.etag = `"` + hex.EncodeToString(sum.Sum(nil)[:16]) + `"`
	return a, nil
}

// Size is the length of the zip in bytes.
func (a *Archive) Size() int64 {
	return a.starts[len(a.members)] + a.lines[len(a.members)] + int64(len(a.end))
}

// ETag is a strong entity tag, quotes included (RFC 9110 §8.8.3).
func (a *Archive) ETag() string { return a.etag }

// Reader reads the zip, from any place of it. It keeps at most one file open.
// When a file is not what its member says, reading fails rather than giving a zip
// that is broken without a word; a checksum is known to be wrong only when a
// member was read from its beginning to its end.
func (a *Archive) Reader(ctx context.Context) *Reader {
	return &Reader{archive: a, ctx: ctx}
}

// Reader is an io.ReadSeekCloser over an Archive, fit for http.ServeContent.
type Reader struct {
	archive *Archive
	//nolint:containedctx // a Reader lives as long as one request, and io.Reader has no other way in
	ctx context.Context
	at  int64
	// part is what at lies in: made from memory, or a member's content.
	part part
}

// Read fits io.Reader.
func (r *Reader) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	if r.at >= r.archive.Size() {
		return 0, io.EOF
	}
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	if !r.part.holds(r.at) {
		next, err := r.archive.partAt(r.ctx, r.at)
		if err = errors.Join(r.part.close(), err); err != nil {
			r.part = part{}
			return 0, err
		}
		r.part = next
	}
	n, err := r.part.readAt(p, r.at)
	r.at += int64(n)
	return n, err
}

// Seek fits io.Seeker.
func (r *Reader) Seek(offset int64, whence int) (int64, error) {
	switch whence {
	case io.SeekCurrent:
		offset += r.at
	case io.SeekEnd:
		offset += r.archive.Size()
	}
	if offset < 0 {
		return 0, errors.New("zip: seek before the start")
	}
	r.at = offset
	return offset, nil
}

// Close closes the file that is open. The Reader must not be used after it.
func (r *Reader) Close() error {
	err := r.part.close()
	r.part = part{}
	return err
}

// partAt finds what lies at an offset below Size.
func (a *Archive) partAt(ctx context.Context, at int64) (part, error) {
	n := len(a.members)
	directory := a.starts[n]
	if at >= directory {
		at -= directory
		if at >= a.lines[n] {
			return part{from: directory + a.lines[n], bytes: a.end}, nil
		}
		i := sort.Search(n, func(i int) bool { return a.lines[i+1] > at })
		return part{from: directory + a.lines[i], bytes: line(a.members[i], a.starts[i])}, nil
	}
	i := sort.Search(n, func(i int) bool { return a.starts[i+1] > at })
	m := a.members[i]
	content := a.starts[i] + headerLength(m)
	if at < content {
		return part{from: a.starts[i], bytes: header(m)}, nil
	}
	file, err := a.open(ctx, i)
	if err != nil {
		return part{}, fmt.Errorf("zip: open %q: %w", m.Name, err)
	}
	size, err := file.Seek(0, io.SeekEnd)
	if err == nil && size != m.Size {
		err = fmt.Errorf("it has %d bytes, not %d: it was changed", size, m.Size)
	}
	if err == nil {
		_, err = file.Seek(at-content, io.SeekStart)
	}
	if err != nil {
		return part{}, errors.Join(fmt.Errorf("zip: read %q: %w", m.Name, err), file.Close())
	}
	return part{from: content, member: m, file: file, position: at - content, whole: at == content}, nil
}
