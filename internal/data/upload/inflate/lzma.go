package inflate

import (
	"encoding/binary"
	"errors"
	"io"
)

var errLZMA = errors.New("compressed data are not valid")

// lzma2 decodes the chunks of one block.
type lzma2 struct {
	// window is the dictionary, a ring once it has grown to its size.
	window []byte
	most   int
	at     int
	// total counts the bytes since the dictionary was emptied.
	total int64
	// ready tells what the next chunk may rely on.
	hasDictionary, hasProps, hasState bool

	lc, lp, pb uint
	state      uint
	reps       [4]uint32
	probs      probs
	rc         rangeCoder
	packed     []byte
	out        []byte
}

// prob is the chance of a 0, of 2048.
type prob = uint16

type probs struct {
	isMatch                       [12][16]prob
	isRep, isRep0, isRep1, isRep2 [12]prob
	isRep0Long                    [12][16]prob
	slot                          [4][64]prob
	special                       [128]prob
	align                         [16]prob
	matchLength, repLength        lengths
	literal                       [0x300 << 4]prob
}

type lengths struct {
	choice, choice2 prob
	low, mid        [16][8]prob
	high            [256]prob
}

func newLZMA2(dictionary int) *lzma2 {
	return &lzma2{window: make([]byte, min(dictionary, 1<<16)), most: dictionary}
}

// next decodes one chunk; nil at the end of the block. The chunk is valid until the next call.
func (d *lzma2) next(in io.Reader) ([]byte, error) {
	var head [6]byte
	if _, err := io.ReadFull(in, head[:1]); err != nil {
		return nil, fail(err)
	}
	control := head[0]
	if control == 0 {
		return nil, nil
	}
	if control == 1 || control >= 0xe0 {
		d.at, d.total, d.hasDictionary = 0, 0, true
	}
	if !d.hasDictionary || control > 2 && control < 0x80 {
		return nil, errLZMA
	}
	if control < 0x80 {
		return d.plain(in)
	}
	n := 5
	if control >= 0xc0 { // with properties
		n = 6
	}
	if _, err := io.ReadFull(in, head[1:n]); err != nil {
		return nil, fail(err)
	}
	size := int(control&0x1f)<<16 + int(binary.BigEndian.Uint16(head[1:])) + 1
	packed := int(binary.BigEndian.Uint16(head[3:])) + 1
	if control >= 0xc0 {
		if !d.properties(head[5]) {
			return nil, errLZMA
		}
	}
	switch {
	case !d.hasProps:
		return nil, errLZMA
	case control >= 0xa0:
		d.reset()
	case !d.hasState:
		return nil, errLZMA
	}
	d.packed = append(d.packed[:0], make([]byte, packed)...)
	if _, err := io.ReadFull(in, d.packed); err != nil {
		return nil, fail(err)
	}
	return d.decode(size)
}

// plain takes over a chunk that is not compressed.
func (d *lzma2) plain(in io.Reader) ([]byte, error) {
	var size [2]byte
	if _, err := io.ReadFull(in, size[:]); err != nil {
		return nil, fail(err)
	}
	d.out = append(d.out[:0], make([]byte, int(binary.BigEndian.Uint16(size[:]))+1)...)
	if _, err := io.ReadFull(in, d.out); err != nil {
		return nil, fail(err)
	}
	for _, b := range d.out {
		d.keep(b)
	}
	return d.out, nil
}

func (d *lzma2) properties(b byte) bool {
	if b >= 9*5*5 {
		return false
	}
	d.lc, d.lp, d.pb = uint(b%9), uint(b/9%5), uint(b/45)
	d.hasProps = d.lc+d.lp <= 4
	return d.hasProps
}

func (d *lzma2) reset() {
	d.state, d.reps, d.hasState = 0, [4]uint32{}, true
	p := &d.probs
	for _, all := range [][]prob{
		p.isRep[:], p.isRep0[:], p.isRep1[:], p.isRep2[:], p.special[:], p.align[:], p.literal[:], p.matchLength.high[:], p.repLength.high[:],
	} {
		fill(all)
	}
	for i := range p.isMatch {
		fill(p.isMatch[i][:])
		fill(p.isRep0Long[i][:])
	}
	for i := range p.slot {
		fill(p.slot[i][:])
	}
	for _, l := range []*lengths{&p.matchLength, &p.repLength} {
		l.choice, l.choice2 = 1024, 1024
		for i := range l.low {
			fill(l.low[i][:])
			fill(l.mid[i][:])
		}
	}
}

func fill(p []prob) {
	for i := range p {
		p[i] = 1024
	}
}

// keep adds a byte to the dictionary.
func (d *lzma2) keep(b byte) {
	if d.at == len(d.window) {
		if len(d.window) < d.most { // it never went round yet
			grown := make([]byte, min(2*len(d.window), d.most))
			copy(grown, d.window)
			d.window = grown
		} else {
			d.at = 0
		}
	}
	d.window[d.at] = b
	d.at++
	d.total++
}

func (d *lzma2) put(b byte) {
	d.keep(b)
	d.out = append(d.out, b)
}

// back gives the byte that is distance+1 bytes behind.
func (d *lzma2) back(distance uint32) byte {
	i := d.at - 1 - int(distance)
	if i < 0 {
		i += len(d.window)
	}
	return d.window[i]
}

// reaches tells whether there is a byte so far behind.
func (d *lzma2) reaches(distance uint32) bool {
	return int64(distance) < d.total && int64(distance) < int64(d.most)
}

func (d *lzma2) decode(size int) ([]byte, error) {
	if !d.rc.begin(d.packed) {
		return nil, errLZMA
	}
	d.out = d.out[:0]
	for len(d.out) < size {
		length, ok := d.symbol()
		if !ok || d.rc.over || len(d.out)+length > size {
			return nil, errLZMA
		}
		if length > 0 && !d.reaches(d.reps[0]) {
			return nil, errLZMA
		}
		for range length {
			d.put(d.back(d.reps[0]))
		}
	}
	if d.rc.over || d.rc.code != 0 {
		return nil, errLZMA
	}
	return d.out, nil
}

// symbol decodes a literal (length 0, it is put already) or the length of a match.
func (d *lzma2) symbol() (length int, ok bool) {
	p, rc := &d.probs, &d.rc
	place := uint(d.total) & (1<<d.pb - 1)
	if rc.bit(&p.isMatch[d.state][place]) == 0 {
		return 0, d.oneLiteral()
	}
	if rc.bit(&p.isRep[d.state]) == 0 {
		d.reps[3], d.reps[2], d.reps[1] = d.reps[2], d.reps[1], d.reps[0]
		length = rc.length(&p.matchLength, place)
		d.state = after(d.state, 7, 10)
		d.reps[0] = d.distance(length)
		return length, true
	}
	if rc.bit(&p.isRep0[d.state]) == 0 {
		if rc.bit(&p.isRep0Long[d.state][place]) == 0 {
			d.state = after(d.state, 9, 11)
			return 1, true
		}
	} else {
		n := 1
		if rc.bit(&p.isRep1[d.state]) != 0 {
			n = 2 + int(rc.bit(&p.isRep2[d.state]))
		}
		far := d.reps[n]
		copy(d.reps[1:n+1], d.reps[:n])
		d.reps[0] = far
	}
	length = rc.length(&p.repLength, place)
	d.state = after(d.state, 8, 11)
	return length, true
}

func after(state, literal, match uint) uint {
	if state < 7 {
		return literal
	}
	return match
}

func (d *lzma2) oneLiteral() bool {
	var before byte
	if d.total > 0 {
		before = d.back(0)
	}
	where := (uint(d.total)&(1<<d.lp-1))<<d.lc + uint(before)>>(8-d.lc)
	p := d.probs.literal[0x300*where:][:0x300]
	symbol := uint(1)
	if d.state >= 7 {
		if !d.reaches(d.reps[0]) {
			return false
		}
		match := uint(d.back(d.reps[0]))
		for symbol < 0x100 {
			bit := match >> 7 & 1
			match <<= 1
			got := uint(d.rc.bit(&p[(1+bit)<<8+symbol]))
			symbol = symbol<<1 | got
			if got != bit {
				break
			}
		}
	}
	for symbol < 0x100 {
		symbol = symbol<<1 | uint(d.rc.bit(&p[symbol]))
	}
	d.put(byte(symbol))
	switch {
	case d.state < 4:
		d.state = 0
	case d.state < 10:
		d.state -= 3
	default:
		d.state -= 6
	}
	return true
}

func (d *lzma2) distance(length int) uint32 {
	rc := &d.rc
	slot := rc.tree(d.probs.slot[min(length-2, 3)][:], 6)
	if slot < 4 {
		return slot
	}
	direct := slot>>1 - 1
	distance := (2 | slot&1) << direct
	if slot < 14 {
		return distance + rc.reverse(d.probs.special[distance-slot:], direct)
	}
	distance += rc.direct(direct-4) << 4
	return distance + rc.reverse(d.probs.align[:], 4)
}

// rangeCoder reads the bits of one chunk.
type rangeCoder struct {
	in        []byte
	at        int
	rng, code uint32
	// over tells that it was read beyond the chunk.
	over bool
}

func (r *rangeCoder) begin(in []byte) bool {
	if len(in) < 5 || in[0] != 0 {
		return false
	}
	*r = rangeCoder{in: in, at: 5, rng: 1<<32 - 1, code: binary.BigEndian.Uint32(in[1:])}
	return true
}

func (r *rangeCoder) refill() {
	if r.rng >= 1<<24 {
		return
	}
	var b byte
	if r.at < len(r.in) {
		b = r.in[r.at]
	} else {
		r.over = true
	}
	r.at++
	r.rng <<= 8
	r.code = r.code<<8 | uint32(b)
}

func (r *rangeCoder) bit(p *prob) (bit uint32) {
	bound := (r.rng >> 11) * uint32(*p)
	if r.code < bound {
		r.rng = bound
		*p += (2048 - *p) >> 5
	} else {
		r.rng -= bound
		r.code -= bound
		*p -= *p >> 5
		bit = 1
	}
	r.refill()
	return bit
}

func (r *rangeCoder) direct(n uint32) (v uint32) {
	for range n {
		r.rng >>= 1
		v <<= 1
		if r.code >= r.rng {
			r.code -= r.rng
			v |= 1
		}
		r.refill()
	}
	return v
}

func (r *rangeCoder) tree(p []prob, bits int) uint32 {
	v := uint32(1)
	for range bits {
		v = v<<1 | r.bit(&p[v])
	}
	return v - 1<<bits
}

func (r *rangeCoder) reverse(p []prob, bits uint32) (v uint32) {
	at := uint32(1)
	for i := range bits {
		b := r.bit(&p[at])
		at = at<<1 | b
		v |= b << i
	}
	return v
}

func (r *rangeCoder) length(l *lengths, place uint) int {
	switch {
	case r.bit(&l.choice) == 0:
		return 2 + int(r.tree(l.low[place][:], 3))
	case r.bit(&l.choice2) == 0:
		return 10 + int(r.tree(l.mid[place][:], 3))
	default:
		return 18 + int(r.tree(l.high[:], 8))
	}
}
