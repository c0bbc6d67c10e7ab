package unpack_test

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/flate"
	"compress/gzip"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"strings"
	"testing"

	"oasis/internal/data/upload/unpack"
	"oasis/internal/problem"
)

// sample is an archive that must be refused, or must not.
type sample struct {
	name string // of the fixture, with the extension that decides the kind
	// build makes the bytes.
	build func(t testing.TB) []byte
	// want is a part of the refusal, "" = accepted.
	want string
	kind problem.Kind
	// limits replace the default ones.
	limits *unpack.Limits
}

const (
	bad   = problem.BadRequest
	large = problem.TooLarge
)

// corpus is the hostile corpus, and some odd but honest archives.
func corpus() []sample {
	return append(append(zipCorpus(), tarCorpus()...), boundCorpus()...)
}

func zipCorpus() []sample {
	return []sample{
		{"zip-dotdot.zip", zipOf("ok.txt", "1", "../evil.txt", "2"), `member "../evil.txt" leaves the archive by ".."`, bad, nil},
		{"zip-dotdot-inside.zip", zipOf("a/../b.txt", "1"), `member "a/../b.txt" leaves the archive`, bad, nil},
		{"zip-absolute.zip", zipOf("/etc/passwd", "1"), `member "/etc/passwd" has an absolute path`, bad, nil},
		{"zip-drive.zip", zipOf(`C:/evil.txt`, "1"), `member "C:/evil.txt" has a drive letter`, bad, nil},
		{"zip-backslash.zip", zipOf(`..\evil.txt`, "1"), `has a backslash in its path`, bad, nil},
		{"zip-nul.zip", zipOf("a.txt\x00.png", "1"), `member "a.txt\x00.png" has a NUL byte`, bad, nil},
		{"zip-noname.zip", zipOf("", "1"), `has no name`, bad, nil},
		{"zip-dot.zip", zipOf(".", "1"), `has no name`, bad, nil},
		{"zip-twice.zip", zipOf("a/b", "1", "a/b", "2"), `member "a/b" appears twice`, bad, nil},
		{"zip-twice-normalised.zip", zipOf("a/b", "1", "a/./b", "2"), `member "a/b" appears twice`, bad, nil},
		{"zip-case.zip", zipOf("Data.csv", "1", "data.csv", "2"), `member "data.csv" differs from "Data.csv" only in case`, bad, nil},
		{"zip-case-folder.zip", zipOf("d/X/1", "1", "d/x/2", "2"), `member "d/x/2" differs from "d/X" only in case`, bad, nil},
		{"zip-unicode.zip", zipOf("caf\u00e9", "1", "cafe\u0301", "2"), `only in case or Unicode form`, bad, nil},
		{"zip-file-then-folder.zip", zipOf("a", "1", "a/b", "2"), `member "a" is a file and a folder`, bad, nil},
		{"zip-folder-then-file.zip", zipOf("a/b", "1", "a", "2"), `member "a" is a file and a folder`, bad, nil},
		{"zip-symlink.zip", zipMode("link", fs.ModeSymlink|0o777, "/etc/passwd"), `member "link" is a symbolic link`, bad, nil},
		{"zip-device.zip", zipMode("dev", fs.ModeDevice|fs.ModeCharDevice|0o600, ""), `member "dev" is a device`, bad, nil},
		{"zip-pipe.zip", zipMode("pipe", fs.ModeNamedPipe|0o600, ""), `member "pipe" is a pipe`, bad, nil},
		{"zip-encrypted.zip", patchedZip("secret", func(h *zip.FileHeader) { h.Flags |= 1 }), `member "secret" is encrypted`, bad, nil},
		{"zip-method.zip", patchedZip("lzma", func(h *zip.FileHeader) { h.Method = 14 }), `member "lzma" is compressed by method 14`, bad, nil},
		{"zip-lying-small.zip", patchedZip("lie", func(h *zip.FileHeader) { h.UncompressedSize64 = 1 }), `member "lie" cannot be read`, bad, nil},
		{"zip-lying-large.zip", patchedZip("lie", func(h *zip.FileHeader) { h.UncompressedSize64 = 9999 }), `member "lie" cannot be read`, bad, nil},
		{"zip-wrong-crc.zip", patchedZip("crc", func(h *zip.FileHeader) { h.CRC32++ }), `member "crc" cannot be read`, bad, nil},
		{"zip-beyond-end.zip", patchedZip("far", func(h *zip.FileHeader) { h.CompressedSize64 = 1 << 40 }), `member "far" cannot be read`, bad, nil},
		{"zip-overlap-same.zip", overlapping(false), `overlaps with member "0"`, bad, nil},
		{"zip-overlap-quoted.zip", overlapping(true), `overlaps with member`, bad, nil},
		{"zip-path-long.zip", zipOf(strings.Repeat("abcdefg/", 62)+strings.Repeat("n", 250)+"/"+strings.Repeat("m", 251)+"/"+strings.Repeat("o", 100), "1"), `at most 1024 are possible`, bad, nil},
		{"zip-name-long.zip", zipOf(strings.Repeat("n", 256), "1"), `at most 255 are possible`, bad, nil},
		{"zip-deep.zip", zipOf(strings.Repeat("d/", 64)+"f", "1"), `65 folders deep, at most 64`, bad, nil},
		{"zip-not.zip", raw([]byte("this is not a zip")), `Cannot extract file. Bad file format or file extension?`, bad, nil},
		{"zip-empty-file.zip", raw(nil), `Cannot extract file. Bad file format or file extension?`, bad, nil},
		{"zip-cut.zip", func(t testing.TB) []byte { b := zipOf("a", "1", "b", "2")(t); return b[:len(b)-30] }, `Cannot extract file.`, bad, nil},
		{"zip-honest.zip", zipOf("./a.txt", "1", "d/", "", "d/e/f.txt", "2", "d/", "", "xx:y", "3", "日本/ü", "4"), "", 0, nil},
		{"zip-none.zip", zipOf(), "", 0, nil},
	}
}

func tarCorpus() []sample {
	file := func(name, content string) *tar.Header {
		return &tar.Header{Name: name, Mode: 0o600, Size: int64(len(content)), Typeflag: tar.TypeReg, PAXRecords: map[string]string{"comment": content}}
	}
	special := func(typ byte, link string) *tar.Header {
		return &tar.Header{Name: "special", Linkname: link, Typeflag: typ}
	}
	return []sample{
		{"tar-dotdot.tar", tarOf(file("ok", "1"), file("a/../../evil", "2")), `member "a/../../evil" leaves the archive`, bad, nil},
		{"tar-absolute.tar", tarOf(file("/etc/passwd", "1")), `has an absolute path`, bad, nil},
		{"tar-drive.tar.gz", gz(tarOf(file("c:evil", "1"))), `has a drive letter`, bad, nil},
		{"tar-backslash.tar", tarOf(file(`a\b`, "1")), `has a backslash`, bad, nil},
		{"tar-symlink.tar", tarOf(file("ok", "1"), special(tar.TypeSymlink, "../../x")), `member "special" is a symbolic link (to "../../x")`, bad, nil},
		{"tar-hardlink.tgz", gz(tarOf(special(tar.TypeLink, "/etc/shadow"))), `member "special" is a hard link (to "/etc/shadow")`, bad, nil},
		{"tar-char.tar", tarOf(special(tar.TypeChar, "")), `member "special" is a device`, bad, nil},
		{"tar-block.tar", tarOf(special(tar.TypeBlock, "")), `member "special" is a device`, bad, nil},
		{"tar-fifo.tar", tarOf(special(tar.TypeFifo, "")), `member "special" is a pipe`, bad, nil},
		{"tar-unknown.tar", tarOf(special('Z', "")), `is of the unknown type`, bad, nil},
		{"tar-twice.tar", tarOf(file("a", "1"), file("./a", "2")), `member "a" appears twice`, bad, nil},
		{"tar-case.tar", tarOf(file("A", "1"), file("a", "2")), `member "a" differs from "A"`, bad, nil},
		{"tar-mixed.tar", tarOf(file("a", "1"), file("a/b", "2")), `member "a" is a file and a folder`, bad, nil},
		{"tar-encoding.tar", tarOf(file("caf\xe9", "1")), `not valid UTF-8`, bad, nil},
		{"tar-not.tar", raw(bytes.Repeat([]byte("not a tar "), 100)), `Cannot extract file. Bad file format or file extension?`, bad, nil},
		{"tar-not.tgz", raw([]byte("not gzip")), `Cannot extract file. Bad file format or file extension?`, bad, nil},
		{"tar-gzip-of-text.tar.gz", gz(raw([]byte("text"))), `Cannot extract file. Bad file format or file extension?`, bad, nil},
		{"tar-empty-file.tar", raw(nil), `Cannot extract file. Bad file format or file extension?`, bad, nil},
		{"tar-cut.tar", cut(tarOf(file("a", "1"), file("b", strings.Repeat("2", 700))), 2000), `member "b" cannot be read`, bad, nil},
		{"tar-cut.tar.gz", func(t testing.TB) []byte { b := gz(tarOf(file("a", "1")))(t); return b[:len(b)-4] }, `cannot be read after member "a"`, bad, nil},
		{"tar-wrong-crc.tar.gz", func(t testing.TB) []byte {
			b := gz(tarOf(file("a", "1")))(t)
			b[len(b)-6] ^= 0xff
			return b
		}, `cannot be read after member "a"`, bad, nil},
		{"tar-honest.tar.gz", gz(tarOf(
			&tar.Header{Typeflag: tar.TypeXGlobalHeader, PAXRecords: map[string]string{"comment": "abc"}},
			&tar.Header{Name: "./", Typeflag: tar.TypeDir}, file("./a", "1"), &tar.Header{Name: "d/", Typeflag: tar.TypeDir},
			file("d/"+strings.Repeat("long", 40), "2"), &tar.Header{Name: "d", Typeflag: tar.TypeDir})), "", 0, nil},
		{"tar-compressed-but-called.tar", gz(tarOf(file("a", "1"))), "", 0, nil},
	}
}

// boundCorpus has archives that are refused for their amount.
func boundCorpus() []sample {
	zeros := strings.Repeat("\x00", 200<<10)
	few := func(change func(*unpack.Limits)) *unpack.Limits {
		l := unpack.DefaultLimits()
		change(&l)
		return &l
	}
	slack := few(func(l *unpack.Limits) { l.Slack = 64 << 10 })
	headers := func(t testing.TB) []byte {
		one := tarOf(&tar.Header{Typeflag: tar.TypeXGlobalHeader, PAXRecords: map[string]string{"comment": strings.Repeat("x", 4000)}})(t)
		return bytes.Repeat(one[:len(one)-1024], 100)
	}
	return []sample{
		{"zip-ratio.zip", zipOf("bomb", zeros), `member "bomb" unfolds it to more than 200 times its size`, large, slack},
		{"zip-ratio-in-slack.zip", zipOf("bomb", zeros), "", 0, nil},
		{"zip-bytes.zip", zipOf("a", "12345", "b", "678"), `member "b" brings it above 7 bytes`, large, few(func(l *unpack.Limits) { l.Bytes = 7 })},
		{"zip-members.zip", zipOf("a", "", "b", "", "c", ""), `member "c" is beyond 2 files and folders`, large, few(func(l *unpack.Limits) { l.Members = 2 })},
		{"zip-implied.zip", zipOf("1/2/3/f", ""), `is beyond 3 files and folders`, large, few(func(l *unpack.Limits) { l.Members = 3 })},
		{"tar-members.tar", tarOf(&tar.Header{Name: "a/", Typeflag: tar.TypeDir}, &tar.Header{Name: "b/", Typeflag: tar.TypeDir}), `is beyond 1 files`, large, few(func(l *unpack.Limits) { l.Members = 1 })},
		{"tar-ratio.tar.gz", gz(tarOf(&tar.Header{Name: "bomb", Size: int64(len(zeros)), Typeflag: tar.TypeReg, PAXRecords: map[string]string{"comment": zeros}})), `member "bomb" unfolds it`, large, slack},
		{"tar-header-bomb.tar.gz", gz(headers), `unfolds it to more than 200 times its size`, large, slack},
		{"tar-ratio.tar.bz2", func(t testing.TB) []byte { return bzip2Bomb }, `unfolds it to more than 200 times its size`, large, slack},
		{"tar-sparse.tar", raw(sparseBomb()), `member "sparse" unfolds it to more than 200 times its size`, large, slack},
	}
}

func raw(b []byte) func(testing.TB) []byte { return func(testing.TB) []byte { return b } }

func cut(build func(testing.TB) []byte, n int) func(testing.TB) []byte {
	return func(t testing.TB) []byte { return build(t)[:n] }
}

func gz(build func(testing.TB) []byte) func(testing.TB) []byte {
	return func(t testing.TB) []byte {
		var b bytes.Buffer
		w := gzip.NewWriter(&b)
		_, err := w.Write(build(t))
		ok(t, err, w.Close())
		return b.Bytes()
	}
}

func ok(t testing.TB, errs ...error) {
	t.Helper()
	for _, err := range errs {
		if err != nil {
			t.Fatal(err)
		}
	}
}

// zipOf makes a zip of names and contents in turn.
func zipOf(pairs ...string) func(testing.TB) []byte {
	return func(t testing.TB) []byte {
		var b bytes.Buffer
		w := zip.NewWriter(&b)
		for i := 0; i < len(pairs); i += 2 {
			header := &zip.FileHeader{Name: pairs[i], Method: zip.Deflate}
			f, err := w.CreateHeader(header)
			ok(t, err)
			if pairs[i+1] != "" {
				_, err = io.WriteString(f, pairs[i+1])
				ok(t, err)
			}
		}
		ok(t, w.Close())
		return b.Bytes()
	}
}

func zipMode(name string, mode fs.FileMode, content string) func(testing.TB) []byte {
	return func(t testing.TB) []byte {
		var b bytes.Buffer
		w := zip.NewWriter(&b)
		header := &zip.FileHeader{Name: name}
		header.SetMode(mode)
		f, err := w.CreateHeader(header)
		ok(t, err)
		_, err = io.WriteString(f, content)
		ok(t, err, w.Close())
		return b.Bytes()
	}
}

// patchedZip makes a zip with one member whose header says something else.
func patchedZip(name string, patch func(*zip.FileHeader)) func(testing.TB) []byte {
	return func(t testing.TB) []byte {
		content := []byte("some content that is compressed, some content that is compressed")
		var packed bytes.Buffer
		f, err := flate.NewWriter(&packed, 9)
		ok(t, err)
		_, err = f.Write(content)
		ok(t, err, f.Close())
		header := &zip.FileHeader{
			Name: name, Method: zip.Deflate, CRC32: crc32.ChecksumIEEE(content),
			CompressedSize64: uint64(packed.Len()), UncompressedSize64: uint64(len(content)),
		}
		patch(header)
		var b bytes.Buffer
		w := zip.NewWriter(&b)
		out, err := w.CreateRaw(header)
		ok(t, err)
		_, err = out.Write(packed.Bytes())
		ok(t, err, w.Close())
		return b.Bytes()
	}
}

// overlapping makes a zip whose members share bytes: all of them (the directory
// names one stored member several times), or each the header and content of the
// next, quoted as its own content.
func overlapping(quoted bool) func(testing.TB) []byte {
	return func(testing.TB) []byte {
		const members = 5
		le := binary.LittleEndian
		local := func(name string, content []byte) []byte {
			b := le.AppendUint32(nil, 0x04034b50)
			b = append(b, 20, 0, 0, 0, 0, 0, 0, 0, 33, 0)
			b = le.AppendUint32(b, crc32.ChecksumIEEE(content))
			b = le.AppendUint32(b, uint32(len(content)))
			b = le.AppendUint32(b, uint32(len(content)))
			b = le.AppendUint16(b, uint16(len(name)))
			b = append(b, 0, 0)
			return append(append(b, name...), content...)
		}
		type entry struct {
			name    string
			content []byte
			back    int // of the header, counted from the end of the contents
		}
		content := bytes.Repeat([]byte("kernel"), 50)
		var entries []entry
		body := content
		for i := range members {
			name := fmt.Sprint(members - 1 - i)
			inner := body
			if !quoted {
				inner, name = content, "0"
			}
			body = local(name, inner)
			entries = append(entries, entry{fmt.Sprint(members - 1 - i), inner, len(body)})
			if !quoted {
				body = local(name, content)
			}
		}
		out := bytes.Clone(body)
		start := len(out)
		for i := len(entries) - 1; i >= 0; i-- {
			e := entries[i]
			head := local(e.name, e.content)[4:30]
			out = le.AppendUint32(out, 0x02014b50)
			out = append(out, 20, 0)
			out = append(out, head...)
			out = append(out, make([]byte, 10)...)
			out = append(out, 0, 0)
			out = le.AppendUint32(out[:len(out)-2], 0)
			out = out[:len(out)-4]
			out = le.AppendUint32(out, uint32(start-e.back))
			out = append(out, e.name...)
		}
		length := len(out) - start
		out = le.AppendUint32(out, 0x06054b50)
		out = append(out, 0, 0, 0, 0)
		out = le.AppendUint16(out, members)
		out = le.AppendUint16(out, members)
		out = le.AppendUint32(out, uint32(length))
		out = le.AppendUint32(out, uint32(start))
		return append(out, 0, 0)
	}
}

// tarOf makes a tar of these headers; the PAX comment of a file is its content.
func tarOf(headers ...*tar.Header) func(testing.TB) []byte {
	return func(t testing.TB) []byte {
		var b bytes.Buffer
		w := tar.NewWriter(&b)
		for _, h := range headers {
			header := *h
			content := ""
			if header.Typeflag == tar.TypeReg {
				content = header.PAXRecords["comment"]
				header.PAXRecords = nil
			}
			ok(t, w.WriteHeader(&header))
			_, err := io.WriteString(w, content)
			ok(t, err)
		}
		ok(t, w.Close())
		return b.Bytes()
	}
}

// sparseBomb is a GNU sparse file: one block of header that stands for 1 GiB of holes.
func sparseBomb() []byte {
	b := make([]byte, 512)
	copy(b, "sparse")
	copy(b[100:], "0000600\x000000000\x000000000\x00")
	copy(b[124:], "00000000000\x00") // stored size
	copy(b[136:], "00000000000\x00")
	b[156] = 'S'
	copy(b[257:], "ustar  \x00")
	copy(b[386:], "10000000000\x00") // offset of an empty last stretch
	copy(b[398:], "00000000000\x00")
	copy(b[483:], "10000000000\x00") // real size
	copy(b[148:], "        ")
	sum := 0
	for _, c := range b {
		sum += int(c)
	}
	copy(b[148:], fmt.Sprintf("%06o\x00 ", sum))
	return append(b, make([]byte, 1024)...)
}

// tarHeader is the header of one file without its content.
func tarHeader(t testing.TB, name string, size int64) []byte {
	var b bytes.Buffer
	ok(t, tar.NewWriter(&b).WriteHeader(&tar.Header{Name: name, Size: size, Typeflag: tar.TypeReg}))
	return b.Bytes()
}
