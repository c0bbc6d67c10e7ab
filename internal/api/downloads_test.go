package api_test

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"
)

// packed compresses a text.
func packed(t testing.TB, text string) string {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, err := io.WriteString(w, text)
	must(t, err)
	must(t, w.Close())
	return b.String()
}

func TestDownloadDecompressed(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	inside := strings.Repeat("0123456789", 5000)
	xz, err := os.ReadFile("../data/upload/inflate/testdata/window-lp2.xz")
	must(t, err)
	id := l.newUpload("jane", map[string]string{"plain.txt": "plain", "data.archive.yaml": "data:\n  m_def: nomad.datamodel.metainfo.basesections.v1.Entity\n"})
	put := func(name string, body string) {
		l.do(request{as: "jane", method: "PUT", path: "/api/v1/uploads/" + id + "/raw/?auto_decompress=false&file_name=" + name, body: body}).want(200)
	}
	put("text.gz", packed(t, inside))
	put("TEXT.XZ", string(xz))
	put("wrong.gz", "this was never compressed")
	put("cut.gz", packed(t, inside)[:60])
	put("empty.gz", packed(t, ""))
	at := "/api/v1/uploads/" + id + "/raw/"
	tests := []struct {
		path   string
		status int
		body   string
	}{
		{"text.gz?decompress=true", 200, inside},
		{"text.gz?decompress=true&offset=49995", 200, "56789"},
		{"text.gz?decompress=true&offset=7&length=5", 200, "78901"},
		{"text.gz?decompress=true&offset=50000", 200, ""},
		{"text.gz?decompress=true&offset=60000", 200, ""},
		{"empty.gz?decompress=true", 200, ""},
		{"TEXT.XZ?decompress=true&offset=5&length=12", 200, "0\t  20.327\ts"},
		{"plain.txt?decompress=true", 200, "plain"},
		{"text.gz?decompress=false&length=2", 200, "\x1f\x8b"},
		{"wrong.gz?decompress=true", 400, "The file cannot be decompressed"},
		{"cut.gz?decompress=true&offset=49990", 400, "The file cannot be decompressed"},
	}
	for _, tt := range tests {
		t.Run(tt.path, func(t *testing.T) {
			t.Parallel()
			l := l.in(t)
			got := l.get("jane", at+tt.path)
			if tt.status != 200 {
				got.detail(tt.status, tt.body)
				return
			}
			if got.want(200); got.body != tt.body {
				t.Errorf("%d bytes %.40q, want %d %.40q", len(got.body), got.body, len(tt.body), tt.body)
			}
			if got.header.Get("X-Content-Type-Options") != "nosniff" || !strings.HasPrefix(got.header.Get("Content-Security-Policy"), "sandbox;") {
				t.Errorf("headers %v", got.header)
			}
			tag := got.header.Get("Etag")
			l.do(request{as: "jane", path: at + tt.path, header: map[string]string{"If-None-Match": `"other", ` + tag}}).want(304)
			l.do(request{as: "jane", method: "HEAD", path: at + tt.path}).want(200)
		})
	}
	// What is inside of a part has another tag than the whole.
	if a, b := l.get("jane", at+tests[0].path).header.Get("Etag"), l.get("jane", at+tests[1].path).header.Get("Etag"); a == b || a == "" {
		t.Errorf("tags %s and %s", a, b)
	}
	l.processed("jane", id)
	entry := l.get("jane", "/api/v1/uploads/"+id+"/entries").want(200).text("data.0.entry_id")
	if got := l.get("jane", "/api/v1/entries/"+entry+"/raw/text.gz?decompress=true&length=3").want(200); got.body != "012" {
		t.Errorf("by entry: %q", got.body)
	}
}

// A download that breaks off in the answer must not look whole.
func TestDamagedFileBreaksTheDownloadOff(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	id := l.newUpload("jane", nil)
	text := packed(t, strings.Repeat("0123456789", 100_000))
	damaged := text[:len(text)-8] + "12345678" // the checksum at the end
	at := "/api/v1/uploads/" + id + "/raw/"
	l.do(request{as: "jane", method: "PUT", path: at + "?auto_decompress=false&file_name=a.gz", body: damaged}).want(200)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, l.url+at+"a.gz?decompress=true", http.NoBody)
	must(t, err)
	req.Header.Set("Authorization", "Bearer "+l.bearer["jane"])
	got, err := http.DefaultClient.Do(req)
	must(t, err)
	defer got.Body.Close()
	if n, err := io.Copy(io.Discard, got.Body); err == nil {
		t.Errorf("%d bytes and no error", n)
	}
}

func TestConditionalDownloads(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	id := l.newUpload("jane", map[string]string{"a.txt": "0123456789", "b.txt": "b"})
	at := "/api/v1/uploads/" + id + "/raw/"
	later := time.Now().Add(time.Hour).UTC().Format(http.TimeFormat)
	const long = "Mon, 02 Jan 2006 15:04:05 GMT"
	for _, path := range []string{"a.txt", "a.txt?offset=2&length=6", "?compress=true", "?checksums=sha256"} {
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			l := l.in(t)
			first := l.get("jane", at+path).want(200)
			tag, modified := first.header.Get("Etag"), first.header.Get("Last-Modified")
			if tag == "" || modified == "" || strings.HasPrefix(tag, "W/") {
				t.Fatalf("tag %s, modified %s", tag, modified)
			}
			conditions := []struct {
				header map[string]string
				status int
				body   string
			}{
				{map[string]string{"If-None-Match": tag}, 304, ""},
				{map[string]string{"If-None-Match": "W/" + tag}, 304, ""},
				{map[string]string{"If-None-Match": "*"}, 304, ""},
				{map[string]string{"If-None-Match": `"other"`, "If-Modified-Since": later}, 200, first.body}, // the tag decides
				{map[string]string{"If-Modified-Since": modified}, 304, ""},
				{map[string]string{"If-Modified-Since": long}, 200, first.body},
				{map[string]string{"If-Match": tag}, 200, first.body},
				{map[string]string{"If-Match": `"other"`}, 412, ""},
				{map[string]string{"If-Unmodified-Since": long}, 412, ""},
				{map[string]string{"Range": "bytes=3-5", "If-Range": tag}, 206, first.body[3:6]},
				{map[string]string{"Range": "bytes=3-5", "If-Range": `"other"`}, 200, first.body},
				{map[string]string{"Range": "bytes=3-5", "If-Range": modified}, 206, first.body[3:6]},
				{map[string]string{"Range": "bytes=3-5", "If-Range": long}, 200, first.body},
				{map[string]string{"Range": "bytes=3-"}, 206, first.body[3:]},
				{map[string]string{"Range": "bytes=-2"}, 206, first.body[len(first.body)-2:]},
				{map[string]string{"Range": "bytes=9999-"}, 416, ""},
			}
			for _, c := range conditions {
				got := l.do(request{as: "jane", path: at + path, header: c.header}).want(c.status)
				if c.status < 300 && got.body != c.body {
					t.Errorf("%v: body %q, want %q", c.header, got.body, c.body)
				}
			}
		})
	}
	// The zip of changed files has another tag, so that no download mixes the two.
	before := l.get("jane", at+"?compress=true").header.Get("Etag")
	l.do(request{as: "jane", method: "PUT", path: at + "?file_name=b.txt", body: "c"}).want(200)
	l.do(request{as: "jane", path: at + "?compress=true", header: map[string]string{"Range": "bytes=3-", "If-Range": before}}).want(200)
}

func TestChecksums(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	texts := map[string]string{"top.txt": "t", "dir/a.txt": "a", "dir/sub/b.txt": "bb"}
	id := l.newUpload("jane", texts)
	at := "/api/v1/uploads/" + id
	sum := func(text string) string { return fmt.Sprintf("%x", sha256.Sum256([]byte(text))) }
	tests := []struct{ path, want string }{
		{"?checksums=sha256", sum("a") + "  dir/a.txt\n" + sum("bb") + "  dir/sub/b.txt\n" + sum("t") + "  top.txt\n"},
		{"dir?checksums=sha256", sum("a") + "  a.txt\n" + sum("bb") + "  sub/b.txt\n"},
		{"dir/a.txt?checksums=sha256", sum("a") + "  a.txt\n"},
		{"?checksums=sha256&glob_pattern=*b.txt", sum("bb") + "  dir/sub/b.txt\n"},
	}
	for _, tt := range tests {
		got := l.get("jane", at+"/raw/"+tt.path).want(200)
		if got.body != tt.want || !strings.Contains(got.header.Get("Content-Disposition"), "SHA256SUMS") {
			t.Errorf("%s: %s", tt.path, got.body)
		}
		digest := sha256.Sum256([]byte(tt.want))
		if want := "sha-256=:" + base64.StdEncoding.EncodeToString(digest[:]) + ":"; got.header.Get("Repr-Digest") != want {
			t.Errorf("%s: digest %s, want %s", tt.path, got.header.Get("Repr-Digest"), want)
		}
	}
	l.get("jane", at+"/raw/?checksums=md5").want(422)
	l.get("joe", at+"/raw/?checksums=sha256").want(403)
	l.get("jane", at+"/raw/nothing?checksums=sha256").detail(404, "Not found. Invalid path?")
	// The directory listing tells them too.
	if got := l.get("jane", at+"/rawdir/dir").want(200); got.text("directory_metadata.content.0.sha256") != sum("a") || got.value("directory_metadata.content.1.sha256") != nil {
		t.Errorf("listing %s", got.body)
	}
	if got := l.get("jane", at+"/rawdir/top.txt").want(200); got.text("file_metadata.sha256") != sum("t") || got.text("file_metadata.stored") == "" {
		t.Errorf("file %s", got.body)
	}
}

// Whatever a file is called, its name comes out whole and breaks out of no header.
func TestDownloadNamesAreSafe(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	id := l.newUpload("jane", nil)
	at := "/api/v1/uploads/" + id + "/raw/"
	for _, name := range []string{
		`a"b.txt`, "a;b=c.txt", "a'b%20c.txt", "%2e%2e", "größe µm.csv", "日本語", "a\u0301.txt", "..a", " a ", "a,b", "a*b?", "-rf", "filename=x", "e\U0001F600.svg",
		strings.Repeat("ü", 127),
	} {
		l.do(request{as: "jane", method: "PUT", path: at + "?file_name=" + url.QueryEscape(name), body: "x"}).want(200)
		got := l.get("jane", at+url.PathEscape(name)).want(200)
		line := got.header.Get("Content-Disposition")
		kind, params, err := mime.ParseMediaType(line)
		if err != nil || kind != "attachment" || params["filename"] != name { // the decoded filename* wins
			t.Errorf("%q became %q: %v", name, line, err)
		}
		for i := range len(line) {
			if line[i] < 0x20 || line[i] > 0x7e {
				t.Errorf("%q: byte %x in the header", name, line[i])
			}
		}
	}
	whole := l.get("jane", at+"?compress=true").want(200)
	r, err := zip.NewReader(strings.NewReader(whole.body), int64(len(whole.body)))
	must(t, err)
	if len(r.File) != 15 {
		t.Errorf("%d members", len(r.File))
	}
}
