package zipstream

import (
	"encoding/binary"
	"math"
)

// The records of a zip file, as in APPNOTE.TXT 6.3.10 §4.3.
const (
	signatureHeader = 0x04034b50
	signatureLine   = 0x02014b50
	signatureEnd    = 0x06054b50
	signatureEnd64  = 0x06064b50
	signatureFind64 = 0x07064b50

	version   = 20 // 2.0, what stored files need
	version64 = 45 // 4.5, what Zip64 needs
	madeOn    = 3 << 8
	flagUTF8  = 0x800
	firstDay  = 1<<5 | 1 // 1980-01-01
	extra64   = 1
	fileMode  = 0o100600 << 16

	headerFixed = 30
	lineFixed   = 46
)

// large tells whether a number needs Zip64; the largest 32-bit number is the sign for that.
func large(n int64) bool { return n >= math.MaxUint32 }

func low32(n int64) uint32 { return uint32(min(n, math.MaxUint32)) } //nolint:gosec // capped, never negative

// headerLength is that of the record before the content of a member.
func headerLength(m Member) int64 {
	length := int64(headerFixed + len(m.Name))
	if large(m.Size) {
		length += 20
	}
	return length
}

func header(m Member) []byte {
	b := make([]byte, 0, headerLength(m))
	b = binary.LittleEndian.AppendUint32(b, signatureHeader)
	b = appendCommon(b, m, large(m.Size))
	extra := 0
	if large(m.Size) {
		extra = 20
	}
	b = binary.LittleEndian.AppendUint16(b, uint16(extra))
	b = append(b, m.Name...)
	if extra > 0 { // in this record both sizes must be there
		b = binary.LittleEndian.AppendUint16(b, extra64)
		b = binary.LittleEndian.AppendUint16(b, 16)
		b = binary.LittleEndian.AppendUint64(b, uint64(m.Size))
		b = binary.LittleEndian.AppendUint64(b, uint64(m.Size))
	}
	return b
}

// appendCommon adds what the record before the content and the line of the
// directory share, up to the length of the name.
func appendCommon(b []byte, m Member, is64 bool) []byte {
	needs := uint16(version)
	if is64 {
		needs = version64
	}
	b = binary.LittleEndian.AppendUint16(b, needs)
	b = binary.LittleEndian.AppendUint16(b, flagUTF8)
	b = binary.LittleEndian.AppendUint16(b, 0) // stored
	b = binary.LittleEndian.AppendUint16(b, 0) // midnight
	b = binary.LittleEndian.AppendUint16(b, firstDay)
	b = binary.LittleEndian.AppendUint32(b, m.CRC32)
	b = binary.LittleEndian.AppendUint32(b, low32(m.Size))
	b = binary.LittleEndian.AppendUint32(b, low32(m.Size))
	return binary.LittleEndian.AppendUint16(b, uint16(len(m.Name)))
}

// lineExtra is the length of the Zip64 values of a line in the directory, without their head.
func lineExtra(m Member, start int64) int {
	extra := 0
	if large(m.Size) {
		extra += 16
	}
	if large(start) {
		extra += 8
	}
	return extra
}

func lineLength(m Member, start int64) int64 {
	length := int64(lineFixed + len(m.Name))
	if extra := lineExtra(m, start); extra > 0 {
		length += 4 + int64(extra)
	}
	return length
}

// line is that of a member in the central directory.
func line(m Member, start int64) []byte {
	extra := lineExtra(m, start)
	needs, field := uint16(version), 0
	if extra > 0 {
		needs, field = version64, 4+extra
	}
	b := make([]byte, 0, lineLength(m, start))
	b = binary.LittleEndian.AppendUint32(b, signatureLine)
	b = binary.LittleEndian.AppendUint16(b, madeOn|needs)
	b = appendCommon(b, m, extra > 0)
	b = binary.LittleEndian.AppendUint16(b, uint16(field))
	b = append(b, 0, 0, 0, 0, 0, 0) // no comment, first disk, no inner attributes
	b = binary.LittleEndian.AppendUint32(b, fileMode)
	b = binary.LittleEndian.AppendUint32(b, low32(start))
	b = append(b, m.Name...)
	if extra > 0 {
		b = binary.LittleEndian.AppendUint16(b, extra64)
		b = binary.LittleEndian.AppendUint16(b, uint16(extra))
	}
	if large(m.Size) {
		b = binary.LittleEndian.AppendUint64(b, uint64(m.Size))
		b = binary.LittleEndian.AppendUint64(b, uint64(m.Size))
	}
	if large(start) {
		b = binary.LittleEndian.AppendUint64(b, uint64(start))
	}
	return b
}

// endOfDirectory closes a zip whose directory has this start and length.
func endOfDirectory(members int, start, length int64) []byte {
	var b []byte
	if members >= math.MaxUint16 || large(start) || large(length) {
		b = binary.LittleEndian.AppendUint32(b, signatureEnd64)
		b = binary.LittleEndian.AppendUint64(b, 44) // the rest of this record
		b = binary.LittleEndian.AppendUint16(b, madeOn|version64)
		b = binary.LittleEndian.AppendUint16(b, version64)
		b = append(b, 0, 0, 0, 0, 0, 0, 0, 0) // one disk
		b = binary.LittleEndian.AppendUint64(b, uint64(members))
		b = binary.LittleEndian.AppendUint64(b, uint64(members))
		b = binary.LittleEndian.AppendUint64(b, uint64(length))
		b = binary.LittleEndian.AppendUint64(b, uint64(start))

		b = binary.LittleEndian.AppendUint32(b, signatureFind64)
		b = append(b, 0, 0, 0, 0)
		b = binary.LittleEndian.AppendUint64(b, uint64(start+length))
		b = binary.LittleEndian.AppendUint32(b, 1)
	}
	count := uint16(min(members, math.MaxUint16))
	b = binary.LittleEndian.AppendUint32(b, signatureEnd)
	b = append(b, 0, 0, 0, 0)
	b = binary.LittleEndian.AppendUint16(b, count)
	b = binary.LittleEndian.AppendUint16(b, count)
	b = binary.LittleEndian.AppendUint32(b, low32(length))
	b = binary.LittleEndian.AppendUint32(b, low32(start))
	return append(b, 0, 0)
}
