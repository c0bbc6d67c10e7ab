package zipstream

import (
	"errors"
	"fmt"
	"hash/crc32"
	"io"
)

// part is a stretch of the zip: bytes that were made, or the content of a member.
// The zero value holds nothing.
type part struct {
	from  int64
	bytes []byte

	member   Member
	file     io.ReadSeekCloser
	position int64 // of file
	// whole tells that all of the content up to position was read, and crc is its sum.
	whole bool
	crc   uint32
}

// holds tells whether the byte at this offset of the zip is in the part.
func (p *part) holds(at int64) bool {
	length := int64(len(p.bytes))
	if p.file != nil {
		length = p.member.Size
	}
	return p.from <= at && at < p.from+length
}

func (p *part) readAt(to []byte, at int64) (int, error) {
	offset := at - p.from
	if p.file == nil {
		return copy(to, p.bytes[offset:]), nil
	}
	if offset != p.position {
		if _, err := p.file.Seek(offset, io.SeekStart); err != nil {
			return 0, fmt.Errorf("zip: read %q: %w", p.member.Name, err)
		}
		p.position, p.whole, p.crc = offset, offset == 0, 0
	}
	n, err := p.file.Read(to[:min(int64(len(to)), p.member.Size-offset)])
	p.position += int64(n)
	if p.whole {
		p.crc = crc32.Update(p.crc, crc32.IEEETable, to[:n])
	}
	switch {
	case p.whole && p.position == p.member.Size && p.crc != p.member.CRC32:
		return 0, fmt.Errorf("zip: read %q: its checksum is wrong, it was changed or is damaged", p.member.Name)
	case n > 0:
		return n, nil
	case err == nil || errors.Is(err, io.EOF):
		err = io.ErrUnexpectedEOF
	}
	return 0, fmt.Errorf("zip: read %q: %w", p.member.Name, err)
}

func (p *part) close() error {
	if p.file == nil {
		return nil
	}
	return p.file.Close()
}
