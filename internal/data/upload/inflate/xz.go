package inflate

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"hash/crc32"
	"hash/crc64"
	"io"
)

// The .xz file format 1.2.1 (tukaani.org/xz/xz-file-format.txt), with LZMA2 as the
// only filter, which is all that xz makes unless told otherwise.

// mostDictionary bounds the memory for one file; 64 MiB is what xz -9 asks for.
const mostDictionary = 64 << 20

var (
	errXZ      = errors.New("the xz file is damaged")
	errNoXZ    = errors.New("no xz file")
	errFilter  = errors.New("the xz file uses a filter other than LZMA2")
	errXZLarge = fmt.Errorf("the xz file needs a dictionary of more than %d MiB", mostDictionary>>20)
)

var xzMagic = []byte{0xfd, '7', 'z', 'X', 'Z', 0} //nolint:gochecknoglobals // a constant

// counted counts what is read, because fields are padded to four bytes, and sums up
// single bytes: those of the index.
type counted struct {
	from *bufio.Reader
	n    int64
	sum  hash.Hash32
}

func (c *counted) ReadByte() (byte, error) {
	b, err := c.from.ReadByte()
	if err == nil {
		c.n++
		c.sum.Write([]byte{b})
	}
	return b, err
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.from.Read(p)
	c.n += int64(n)
	return n, err
}

// xz reads one stream after another.
type xz struct {
	in    *counted
	out   []byte // decoded and not read yet
	err   error
	begun bool // inside of a stream
	block *lzma2
	check hash.Hash // nil = there is none
	// newCheck makes the check of the next block.
	newCheck func() hash.Hash
	start    int64 // of the data of the block
	blocks   uint64
	any      bool // a stream was seen
}

func newXZ(file io.Reader) *xz {
	return &xz{in: &counted{from: bufio.NewReaderSize(file, 1<<16), sum: crc32.NewIEEE()}}
}

// Read fits io.Reader.
func (x *xz) Read(p []byte) (int, error) {
	for len(x.out) == 0 {
		if x.err != nil {
			return 0, x.err
		}
		if x.err = x.step(); x.err != nil && x.err != io.EOF { //nolint:errorlint // set by step as it is
			if errors.Is(x.err, io.EOF) || errors.Is(x.err, io.ErrUnexpectedEOF) {
				x.err = fmt.Errorf("%w: it ends too early", errXZ)
			}
		}
	}
	n := copy(p, x.out)
	x.out = x.out[n:]
	return n, nil
}

// step goes on by one part of the file; io.EOF at its end.
func (x *xz) step() error {
	switch {
	case !x.begun:
		return x.header()
	case x.block == nil:
		return x.nextBlock()
	}
	chunk, err := x.block.next(x.in)
	if err != nil {
		return errors.Join(errXZ, err)
	}
	if chunk != nil {
		if x.check != nil {
			x.check.Write(chunk)
		}
		x.out = chunk
		return nil
	}
	return x.endBlock()
}

// fail makes an end of the file in the middle of something an error of its own.
func fail(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

func (x *xz) full(p []byte) error {
	_, err := io.ReadFull(x.in, p)
	return fail(err)
}

// header begins the next stream, over the zeros that may be between two.
func (x *xz) header() error {
	var h [12]byte
	for {
		_, err := io.ReadFull(x.in, h[:4])
		switch {
		case errors.Is(err, io.EOF) && x.any:
			return io.EOF
		case err != nil:
			return errNoXZ
		}
		if !x.any || h[0] != 0 || h[1] != 0 || h[2] != 0 || h[3] != 0 {
			break
		}
	}
	if err := x.full(h[4:]); err != nil || !bytes.Equal(h[:6], xzMagic) {
		return errNoXZ
	}
	if h[6] != 0 || h[7] > 15 || binary.LittleEndian.Uint32(h[8:]) != crc32.ChecksumIEEE(h[6:8]) {
		return errXZ
	}
	switch h[7] {
	case 0:
		x.newCheck = func() hash.Hash { return nil }
	case 1:
		x.newCheck = func() hash.Hash { return crc32.NewIEEE() }
	case 4:
		x.newCheck = func() hash.Hash { return crc64.New(crc64.MakeTable(crc64.ECMA)) }
	case 10:
		x.newCheck = sha256.New
	default:
		return fmt.Errorf("the xz file has a check of the unknown kind %d", h[7])
	}
	x.begun, x.any, x.blocks = true, true, 0
	return nil
}

// nextBlock reads the header of a block, or the index behind the last one.
func (x *xz) nextBlock() error {
	x.in.sum.Reset()
	size, err := x.in.ReadByte()
	if err != nil {
		return fail(err)
	}
	if size == 0 {
		return x.index()
	}
	h := make([]byte, (int(size)+1)*4)
	h[0] = size
	if err := x.full(h[1:]); err != nil {
		return err
	}
	body := h[:len(h)-4]
	if binary.LittleEndian.Uint32(h[len(body):]) != crc32.ChecksumIEEE(body) {
		return errXZ
	}
	flags := body[1]
	if flags&3 != 0 || flags&0x3c != 0 {
		return errFilter
	}
	r := bytes.NewReader(body[2:])
	for _, present := range []byte{0x40, 0x80} { // sizes, which the data tell themselves
		if flags&present != 0 {
			if _, err := number(r); err != nil {
				return errXZ
			}
		}
	}
	filter, err := number(r)
	if err != nil {
		return errXZ
	}
	if filter != 0x21 {
		return errFilter
	}
	length, err := number(r)
	property, err2 := r.ReadByte()
	if err != nil || err2 != nil || length != 1 || property > 40 {
		return errXZ
	}
	dictionary := int64(2|property&1) << (property/2 + 11)
	if property == 40 || dictionary > mostDictionary {
		return errXZLarge
	}
	x.block, x.check, x.start = newLZMA2(int(dictionary)), x.newCheck(), x.in.n
	x.blocks++
	return nil
}

// number reads a number of up to 63 bits, seven in a byte.
func number(r io.ByteReader) (n uint64, err error) {
	for shift := 0; shift < 63; shift += 7 {
		b, err := r.ReadByte()
		if err != nil {
			return 0, fail(err)
		}
		n |= uint64(b&0x7f) << shift
		if b < 0x80 {
			if b == 0 && shift > 0 {
				return 0, errXZ
			}
			return n, nil
		}
	}
	return 0, errXZ
}

// padding reads zeros up to a multiple of four bytes since start.
func (x *xz) padding(start int64) error {
	for (x.in.n-start)%4 != 0 {
		if b, err := x.in.ReadByte(); err != nil || b != 0 {
			return errors.Join(errXZ, fail(err))
		}
	}
	return nil
}

func (x *xz) endBlock() error {
	if err := x.padding(x.start); err != nil {
		return err
	}
	x.block = nil
	if x.check == nil {
		return nil
	}
	want := make([]byte, x.check.Size())
	if err := x.full(want); err != nil {
		return err
	}
	got := x.check.Sum(nil)
	if x.check.Size() < sha256.Size { // CRCs stand with the low byte first
		for i, j := 0, len(got)-1; i < j; i, j = i+1, j-1 {
			got[i], got[j] = got[j], got[i]
		}
	}
	if !bytes.Equal(got, want) {
		return fmt.Errorf("%w: the checksum of its content is another", errXZ)
	}
	return nil
}

// index reads over the list of blocks and the end of the stream.
func (x *xz) index() error {
	start := x.in.n - 1
	records, err := number(x.in)
	if err != nil || records != x.blocks {
		return errors.Join(errXZ, err)
	}
	for range 2 * records {
		if _, err := number(x.in); err != nil {
			return errors.Join(errXZ, err)
		}
	}
	if err := x.padding(start); err != nil {
		return err
	}
	sum := x.in.sum.Sum32()
	var end [16]byte // checksum of the index, then the footer
	if err := x.full(end[:]); err != nil {
		return err
	}
	if binary.LittleEndian.Uint32(end[:]) != sum || string(end[14:]) != "YZ" || binary.LittleEndian.Uint32(end[4:]) != crc32.ChecksumIEEE(end[8:14]) {
		return errXZ
	}
	x.begun = false
	return nil
}
