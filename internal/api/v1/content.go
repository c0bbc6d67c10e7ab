package v1

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"path"
	"strconv"
	"strings"

	"oasis/internal/api"
	"oasis/internal/data/upload"
	"oasis/internal/data/upload/inflate"
	"oasis/internal/problem"
)

// Section is which bytes of a file are wanted.
type Section struct {
	Offset         int64               `query:"offset" doc:"First byte"`
	Length         api.Optional[int64] `query:"length" doc:"Number of bytes; -1, the default, is all the rest"`
	IgnoreMimeType bool                `query:"ignore_mime_type" doc:"Say application/octet-stream instead of looking at the content"`
	Decompress     bool                `query:"decompress" doc:"Give what is inside of a file that ends in .gz or .xz; offset and length count in that"`
}

func (s *Section) whole() bool { return s.Offset == 0 && s.Length.Or(-1) == -1 }

// check refuses sections that cannot be (spec uploads.md §6).
func (s *Section) check() error {
	switch n := s.Length.Or(-1); {
	case s.Offset < 0:
		return problem.Bad("Invalid offset provided.")
	case n <= 0 && n != -1:
		return problem.Bad("Invalid length provided. Should be greater than 0, or -1 if the remainder\nof the file should be read.")
	}
	return nil
}

// of gives the asked bytes of a content of this size, as first byte and number.
func (s *Section) of(size int64) (offset, length int64) {
	offset = min(s.Offset, size)
	length = size - offset
	if n := s.Length.Or(-1); n != -1 {
		length = min(length, n)
	}
	return offset, length
}

// send gives a file, or the asked section of it, which is then a thing of its own:
// ranges and its ETag are those of the section.
func send(ctx context.Context, file upload.File, content upload.Content, s *Section) (*api.Stream, error) {
	kind := "application/octet-stream"
	if s.whole() && !s.IgnoreMimeType {
		kind = kindOf(file.Path, content)
	}
	if s.Decompress && inflate.Knows(file.Path) {
		return sendInflated(ctx, file, content, s, kind)
	}
	return api.Write(func(w http.ResponseWriter, r *http.Request) {
		defer content.Close()
		asDownload(w, path.Base(file.Path), kind)
		if s.whole() {
			if sum, err := hex.DecodeString(file.SHA256); err == nil {
				setDigest(w, sum)
			}
			w.Header().Set("Etag", `"`+file.SHA256+`"`)
			http.ServeContent(w, r, "", file.ModTime, content)
			return
		}
		offset, length := s.of(content.Size())
		w.Header().Set("Etag", sectionTag(file.SHA256, offset, length))
		http.ServeContent(w, r, "", file.ModTime, io.NewSectionReader(content, offset, length))
	}), nil
}

func sectionTag(sha256 string, offset, length int64) string {
	return `"` + sha256 + "-" + strconv.FormatInt(offset, 10) + "-" + strconv.FormatInt(length, 10) + `"`
}

// sendInflated gives what is inside of a compressed file. How long that is nobody
// knows before, so there are no ranges: offset takes a download up again. A file
// that is damaged from the start is refused; later the answer can only break off.
func sendInflated(ctx context.Context, file upload.File, content upload.Content, s *Section, kind string) (_ *api.Stream, err error) {
	inside, err := inflate.Open(file.Path, wanted{ctx, content})
	if err == nil {
		_, err = io.CopyN(io.Discard, inside, s.Offset)
	}
	var first [1]byte
	var n int
	if err == nil {
		n, err = io.ReadFull(inside, first[:])
	}
	if ctx.Err() != nil {
		_ = content.Close() // only read from
		return nil, ctx.Err()
	}
	if err != nil && err != io.EOF { //nolint:errorlint // a wrapped EOF is a damaged file
		_ = content.Close() // only read from
		return nil, problem.Bad("The file cannot be decompressed: %s. Download it without `decompress`.", err)
	}
	return api.Write(func(w http.ResponseWriter, r *http.Request) {
		defer content.Close()
		asDownload(w, path.Base(file.Path), kind)
		h := w.Header()
		h.Set("Accept-Ranges", "none")
		tag := sectionTag(file.SHA256+"-inside", s.Offset, s.Length.Or(-1))
		h.Set("Etag", tag)
		h.Set("Last-Modified", file.ModTime.UTC().Format(http.TimeFormat))
		if knows(r.Header.Values("If-None-Match"), tag) {
			h.Del("Content-Type")
			w.WriteHeader(http.StatusNotModified)
			return
		}
		if n == 0 || r.Method == http.MethodHead {
			return
		}
		from := io.MultiReader(bytes.NewReader(first[:]), inside)
		if length := s.Length.Or(-1); length != -1 {
			from = io.LimitReader(from, length)
		}
		if _, err := io.Copy(w, from); err != nil {
			api.Cut()
		}
	}), nil
}

// wanted ends with the request, so that nobody unpacks what nobody waits for.
type wanted struct {
	ctx  context.Context //nolint:containedctx // lives as long as the request
	from io.Reader
}

func (w wanted) Read(p []byte) (int, error) {
	if err := w.ctx.Err(); err != nil {
		return 0, err
	}
	return w.from.Read(p)
}

// knows tells whether a client that sent these If-None-Match has what a tag names (RFC 9110 §13.1.2).
func knows(tags []string, tag string) bool {
	for _, list := range tags {
		for t := range strings.SplitSeq(list, ",") {
			if t = strings.TrimPrefix(strings.TrimSpace(t), "W/"); t == tag || t == "*" {
				return true
			}
		}
	}
	return false
}

// setDigest tells the SHA-256 of the whole of what is sent, also in answers with a part of it (RFC 9530 §3).
func setDigest(w http.ResponseWriter, sum []byte) {
	w.Header().Set("Repr-Digest", "sha-256=:"+base64.StdEncoding.EncodeToString(sum)+":")
}

// asDownload sets the headers under which bytes of users are sent: as a file to
// be saved, of a type that nobody guesses, and without any right in our origin
// should a browser show it all the same.
func asDownload(w http.ResponseWriter, name, kind string) {
	h := w.Header()
	h.Set("Content-Type", kind)
	h.Set("Content-Disposition", disposition(name))
	h.Set("Content-Security-Policy", "sandbox; default-src 'none'; frame-ancestors 'self'")
	h.Set("Cache-Control", "private, no-cache") // may be kept, must be asked for again
}

// disposition names the file for all browsers (RFC 6266): an ASCII form, and the
// true name percent-encoded.
func disposition(name string) string {
	var ascii strings.Builder
	for _, c := range name {
		switch {
		case c < 0x20 || c > 0x7e:
			ascii.WriteByte('_')
		case c == '"' || c == '\\':
			ascii.WriteByte('\\')
			ascii.WriteRune(c)
		default:
			ascii.WriteRune(c)
		}
	}
	return `attachment; filename="` + ascii.String() + `"; filename*=UTF-8''` + strings.ReplaceAll(url.QueryEscape(name), "+", "%20")
}

// sniffed is how much of a file is looked at to tell what it is (spec uploads.md §6).
const sniffed = 2048

// kindOf tells the media type of a file by looking into it.
func kindOf(name string, content io.ReaderAt) string {
	var head [sniffed]byte
	n, err := content.ReadAt(head[:], 0)
	if err != nil && err != io.EOF {
		return "application/octet-stream"
	}
	start := head[:n]
	if n == 0 {
		return "application/x-empty"
	}
	kind := http.DetectContentType(start)
	switch text := bytes.TrimSpace(start); {
	case strings.HasPrefix(kind, "text/plain") && looksLikeJSON(name, text, n < sniffed):
		return "application/json"
	case strings.HasPrefix(kind, "text/") && bytes.Contains(text, []byte("<svg")) && (bytes.HasPrefix(text, []byte("<svg")) || bytes.HasPrefix(text, []byte("<?xml"))):
		return "image/svg+xml"
	}
	return kind
}

func looksLikeJSON(name string, text []byte, complete bool) bool {
	if len(text) == 0 || text[0] != '{' && text[0] != '[' {
		return false
	}
	if complete {
		return json.Valid(text)
	}
	return strings.EqualFold(path.Ext(name), ".json")
}
