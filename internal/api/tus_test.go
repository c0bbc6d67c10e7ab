package api_test

import (
	"bytes"
	"crypto/sha256"
	"database/sql"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// tusTo is where the deliveries of an upload are.
func tusTo(id string) string { return "/api/v1/uploads/" + id + "/tus" }

// told is an Upload-Metadata header; keys and values alternate.
func told(keysAndValues ...string) string {
	var pairs []string
	for i := 0; i < len(keysAndValues); i += 2 {
		pairs = append(pairs, keysAndValues[i]+" "+base64.StdEncoding.EncodeToString([]byte(keysAndValues[i+1])))
	}
	return strings.Join(pairs, ",")
}

// tus sends a request with the headers of tus and those given as name and value.
func (l *lab) tus(as, method, path string, body any, header ...string) answer {
	l.t.Helper()
	h := map[string]string{"Tus-Resumable": "1.0.0"}
	if body != nil {
		h["Content-Type"] = "application/offset+octet-stream"
	}
	for i := 0; i < len(header); i += 2 {
		h[header[i]] = header[i+1]
	}
	return l.do(request{as: as, method: method, path: path, body: body, header: h})
}

// began announces a file and gives the address of the delivery below the base path.
func (l *lab) began(as, id string, size int, metadata string, header ...string) string {
	l.t.Helper()
	got := l.tus(as, "POST", tusTo(id), nil, append([]string{"Upload-Length", fmt.Sprint(size), "Upload-Metadata", metadata}, header...)...).want(201)
	location, ok := strings.CutPrefix(got.header.Get("Location"), base)
	if !ok || got.header.Get("Upload-Expires") == "" {
		l.t.Fatalf("headers %v", got.header)
	}
	return location
}

func TestTusIsDescribedToEverybody(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	got := l.do(request{method: "OPTIONS", path: tusTo("any")}).want(204)
	for name, want := range map[string]string{
		"Tus-Version": "1.0.0", "Tus-Extension": "creation,creation-with-upload,checksum,expiration,termination",
		"Tus-Max-Size": "67108864", "Tus-Checksum-Algorithm": "sha256,sha1", "Tus-Resumable": "1.0.0",
	} {
		if is := got.header.Get(name); is != want {
			t.Errorf("%s: %q, want %q", name, is, want)
		}
	}
}

func TestTusDeliveryInPieces(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	id := l.newUpload("jane", nil)
	sum := sha256.Sum256([]byte("hello world"))
	at := l.began("jane", id, 11, told("path", "deep/er/", "filename", "hello.txt", "sha256", hex.EncodeToString(sum[:])))
	head := l.tus("jane", "HEAD", at, nil).want(200)
	if head.header.Get("Upload-Offset") != "0" || head.header.Get("Upload-Length") != "11" || head.header.Get("Cache-Control") != "no-store" {
		t.Errorf("%v", head.header)
	}
	add := func(offset, body string, header ...string) answer {
		return l.tus("jane", "PATCH", at, body, append([]string{"Upload-Offset", offset}, header...)...)
	}
	if got := add("0", "hello").want(204); got.header.Get("Upload-Offset") != "5" || got.header.Get("Tus-Resumable") != "1.0.0" {
		t.Errorf("%v", got.header)
	}
	add("0", "hello").detail(409, "The delivery has 5 bytes")
	add("5", " world and more").want(413)
	add("x", "y").detail(400, "Upload-Offset")
	add("5", " world", "Content-Type", "text/plain").want(415)
	add("5", " world", "Upload-Checksum", "md5 AAAA").detail(400, "sha256,sha1")
	add("5", " worlx", "Upload-Checksum", "sha1 "+"Kq5sNclPz7QV2+lfQIuc6R7oRu0=").detail(460, "was not kept")
	if got := add("5", " world", "Tus-Resumable", "0.2.2").want(412); got.header.Get("Tus-Version") != "1.0.0" {
		t.Errorf("%v", got.header)
	}
	if got := l.do(request{as: "jane", path: at}).want(200); got.text("offset") != "5" || got.text("size") != "11" || got.text("path") != "deep/er/hello.txt" || got.value("finish_time") != nil {
		t.Errorf("%s", got.body)
	}
	list := l.get("jane", tusTo(id)).want(200)
	if list.text("data.0.offset") != "5" || list.text("data.0.user_id") != l.users["jane"].ID || list.value("data.1") != nil {
		t.Errorf("%s", list.body)
	}
	l.get("joe", tusTo(id)).want(403)
	l.tus("joe", "PATCH", at, " world", "Upload-Offset", "5").want(403)

	// A client that cannot PATCH, and does not tell the length of the body.
	l.tus("jane", "POST", at, io.MultiReader(strings.NewReader(" world")), "X-HTTP-Method-Override", "PATCH", "Upload-Offset", "5").want(204)
	if got := l.tus("jane", "HEAD", at, nil).want(200); got.header.Get("Upload-Offset") != "11" {
		t.Errorf("%v", got.header)
	}
	if got := l.get("jane", "/api/v1/uploads/"+id+"/raw/deep/er/hello.txt").want(200); got.body != "hello world" {
		t.Errorf("stored %q", got.body)
	}
	if got := l.get("jane", tusTo(id)).want(200); got.value("data.0") != nil {
		t.Errorf("%s", got.body)
	}
}

func TestTusDeliveryThatIsWhole(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	id := l.newUpload("jane", nil)
	raw := func(name string) string { return l.get("jane", "/api/v1/uploads/"+id+"/raw/"+name).want(200).body }
	got := l.tus("jane", "POST", tusTo(id)+"/", "abc", "Upload-Length", "3", "Upload-Metadata", told("filename", "a.txt")).want(201)
	if got.header.Get("Upload-Offset") != "3" || got.text("finish_time") == "" || raw("a.txt") != "abc" {
		t.Errorf("%v %s", got.header, got.body)
	}
	l.tus("jane", "HEAD", strings.TrimPrefix(got.header.Get("Location"), base), nil).want(200)
	l.began("jane", id, 0, told("relativePath", "x/empty", "name", "empty"))
	if raw("x/empty") != "" {
		t.Error("not empty")
	}
	zip := zipOf(t, "m.txt", "n/o.txt")
	l.tus("jane", "POST", tusTo(id), zip, "Upload-Length", fmt.Sprint(len(zip)), "Upload-Metadata", told("filename", "in/z.zip", "auto_decompress", "true")).want(201)
	if raw("in/n/o.txt") != "x" {
		t.Error("not unpacked")
	}
	// The first piece with the announcement, the rest after it.
	half := l.tus("jane", "POST", tusTo(id), "abc", "Upload-Length", "6", "Upload-Metadata", told("filename", "b.txt")).want(201)
	if half.header.Get("Upload-Offset") != "3" {
		t.Errorf("%v", half.header)
	}
	l.tus("jane", "PATCH", strings.TrimPrefix(half.header.Get("Location"), base), "def", "Upload-Offset", "3").want(204)
	if raw("b.txt") != "abcdef" {
		t.Error("not whole")
	}
}

func TestTusAnnouncementsThatAreRefused(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	id := l.newUpload("jane", map[string]string{"a.txt": "x"})
	for _, c := range []struct {
		length, metadata string
		status           int
		says             string
	}{
		{"", told("filename", "b"), 400, "Upload-Length"},
		{"-1", told("filename", "b"), 400, "Upload-Length"},
		{"5", "", 400, "needs the path"},
		{"5", "filename ???", 400, "base64"},
		{"5", told("filename", "b", "filename", "c"), 400, "no key twice"},
		{"5", told("filename", "../b"), 400, "Bad path provided."},
		{"5", told("path", "/etc/", "filename", "b"), 400, "Bad path provided."},
		{"5", told("filename", "b", "sha256", "zz"), 400, "SHA-256"},
		{"5", told("filename", "b", "auto_decompress", "maybe"), 400, "true or false"},
		{"5", told("filename", "a.txt", "overwrite_if_exists", "false"), 409, "already exists"},
		{"99999999999", told("filename", "b"), 413, "more than"},
	} {
		l.tus("jane", "POST", tusTo(id), nil, "Upload-Length", c.length, "Upload-Metadata", c.metadata).detail(c.status, c.says)
	}
	l.tus("jane", "POST", tusTo(id), nil, "Upload-Length", "5", "Upload-Metadata", told("filename", "b"), "Tus-Resumable", "").want(412)
	l.tus("joe", "POST", tusTo(id), nil, "Upload-Length", "5", "Upload-Metadata", told("filename", "b")).want(403)
	at := l.began("jane", id, 5, told("filename", "b"))
	l.tus("jane", "POST", at, nil).detail(400, "X-HTTP-Method-Override")
	l.tus("jane", "DELETE", at, nil).want(204)
	l.tus("jane", "HEAD", at, nil).want(404)
	l.tus("jane", "DELETE", at, nil).want(404)
}

func TestTusWithATokenThatOnlyAdds(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	id := l.newUpload("jane", map[string]string{"a.txt": "x"})
	raw, _ := l.restricted("jane", map[string]any{"append_only": true}, "uploads:write")
	bearer := "Bearer " + raw
	l.tus("", "POST", tusTo(id), nil, "Upload-Length", "5", "Upload-Metadata", told("filename", "a.txt"), "Authorization", bearer).
		detail(409, `There is a file "a.txt" already.`)
	at := l.began("", id, 3, told("filename", "new"), "Authorization", bearer)
	l.tus("", "PATCH", at, "abc", "Upload-Offset", "0", "Authorization", bearer).want(204)
	l.tus("", "GET", tusTo(id), nil, "Authorization", bearer).detail(403, onlyAdds)
	l.tus("", "HEAD", at, nil, "Authorization", bearer).want(200)
}

// TestDeliveryOutlivesItsTokenButNotItsRevocation moves the end of a token into the past.
func TestDeliveryOutlivesItsTokenButNotItsRevocation(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	id := l.newUpload("jane", nil)
	raw, pat := l.restricted("jane", nil, "uploads:write", "uploads:read")
	other, _ := l.restricted("jane", nil, "uploads:write")
	bearer := "Bearer " + raw
	at := l.began("", id, 6, told("filename", "a"), "Authorization", bearer)
	elsewhere := l.began("", id, 6, told("filename", "b"), "Authorization", "Bearer "+other)
	l.tus("", "PATCH", at, "ab", "Upload-Offset", "0", "Authorization", bearer).want(204)

	l.expire(pat)
	l.tus("", "GET", "/api/v1/uploads/"+id, nil, "Authorization", bearer).want(401)
	l.tus("", "POST", tusTo(id), nil, "Upload-Length", "5", "Upload-Metadata", told("filename", "c"), "Authorization", bearer).want(401)
	l.tus("", "PATCH", elsewhere, "ab", "Upload-Offset", "0", "Authorization", bearer).want(401)
	if got := l.tus("", "PATCH", at, "cd", "Upload-Offset", "2", "Authorization", bearer).want(204); got.header.Get("Upload-Offset") != "4" {
		t.Errorf("%v", got.header)
	}
	l.tus("", "HEAD", at, nil, "Authorization", bearer).want(200)
	l.tus("", "GET", "/api/v1/uploads/"+id, nil, "Authorization", bearer).want(401) // nothing was remembered as good

	l.do(request{as: "jane", method: "DELETE", path: "/api/v1/auth/pats/" + pat}).want(204)
	l.tus("", "PATCH", at, "ef", "Upload-Offset", "4", "Authorization", bearer).want(401)
	// The person is still there, and goes on with another credential.
	l.tus("jane", "PATCH", at, "ef", "Upload-Offset", "4").want(204)
	if got := l.get("jane", "/api/v1/uploads/"+id+"/raw/a").want(200); got.body != "abcdef" {
		t.Errorf("stored %q", got.body)
	}
}

// expire lets a token end a minute ago.
func (l *lab) expire(patID string) {
	l.t.Helper()
	db, err := sql.Open("sqlite", "file:"+l.database+"?_pragma=busy_timeout(5000)")
	must(l.t, err)
	_, err = db.ExecContext(l.t.Context(), "update pats set expired_at = ? where id = ?", time.Now().Add(-time.Minute).UnixMicro(), patID)
	must(l.t, err)
	must(l.t, db.Close())
	l.forget(l.users["jane"].ID)
}

// slowBody gives its parts one after another when it is told to.
type slowBody struct{ parts chan string }

func (b *slowBody) Read(p []byte) (int, error) {
	part, more := <-b.parts
	if !more {
		return 0, io.EOF
	}
	return copy(p, part), nil
}

func TestRevokedTokenEndsADeliveryUnderWay(t *testing.T) {
	t.Parallel()
	for _, revoke := range []bool{false, true} {
		l := newLab(t)
		id := l.newUpload("jane", nil)
		raw, pat := l.restricted("jane", nil, "uploads:write")
		at := l.began("", id, 6, told("filename", "a"), "Authorization", "Bearer "+raw)
		slow := &slowBody{make(chan string)}
		got := make(chan answer, 1)
		go func() {
			got <- l.tus("", "PATCH", at, slow, "Upload-Offset", "0", "Authorization", "Bearer "+raw)
		}()
		slow.parts <- "abc"
		if revoke {
			l.do(request{as: "jane", method: "DELETE", path: "/api/v1/auth/pats/" + pat}).want(204)
		} else {
			l.expire(pat)
		}
		slow.parts <- "def"
		close(slow.parts)
		want, stored := 204, 200
		if revoke {
			want, stored = 401, 404
		}
		(<-got).want(want)
		l.get("jane", "/api/v1/uploads/"+id+"/raw/a").want(stored)
	}
}

// TestRevokedTokenEndsAPut is the same for a file that comes in one request.
func TestRevokedTokenEndsAPut(t *testing.T) {
	t.Parallel()
	for _, revoke := range []bool{false, true} {
		l := newLab(t)
		id := l.newUpload("jane", nil)
		raw, pat := l.restricted("jane", nil, "uploads:write")
		slow := &slowBody{make(chan string)}
		got := make(chan answer, 1)
		go func() {
			got <- l.do(request{method: "PUT", path: "/api/v1/uploads/" + id + "/raw/?file_name=a", body: slow, header: with(raw)})
		}()
		slow.parts <- "abc"
		l.awaitStaged()
		if revoke {
			l.do(request{as: "jane", method: "DELETE", path: "/api/v1/auth/pats/" + pat}).want(204)
		} else {
			l.expire(pat)
		}
		slow.parts <- "def"
		close(slow.parts)
		want, stored := 200, 200
		if revoke {
			want, stored = 401, 404
		}
		(<-got).want(want)
		l.get("jane", "/api/v1/uploads/"+id+"/raw/a").want(stored)
	}
}

// awaitStaged returns when a body is being stored: its sender was let in.
func (l *lab) awaitStaged() {
	l.t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		staged, err := os.ReadDir(filepath.Join(filepath.Dir(l.database), "files", "staged"))
		must(l.t, err)
		if len(staged) > 0 {
			return
		}
		<-tick.C
	}
}

// TestCutPieceIsKept breaks the connection in the middle of a piece, and comes back.
func TestCutPieceIsKept(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	id := l.newUpload("jane", nil)
	content := bytes.Repeat([]byte("0123456789"), 300_000)
	at := l.began("jane", id, len(content), told("filename", "a"))
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPatch, l.url+at, io.MultiReader(bytes.NewReader(content[:2_000_000]), brokenLine{}))
	must(t, err)
	req.ContentLength = int64(len(content))
	for name, value := range map[string]string{
		"Tus-Resumable": "1.0.0", "Content-Type": "application/offset+octet-stream", "Upload-Offset": "0", "Authorization": "Bearer " + l.bearer["jane"],
	} {
		req.Header.Set(name, value)
	}
	if resp, err := http.DefaultClient.Do(req); err == nil {
		t.Errorf("answered %s", resp.Status)
		must(t, resp.Body.Close())
	}
	// The server notices at its own time; meanwhile the delivery is locked, or less of it is there.
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for l.tus("jane", "HEAD", at, nil).want(200).header.Get("Upload-Offset") != "2000000" {
		<-tick.C
	}
	l.tus("jane", "PATCH", at, content[2_000_000:], "Upload-Offset", "2000000").want(204)
	if got := l.get("jane", "/api/v1/uploads/"+id+"/raw/a").want(200); got.body != string(content) {
		t.Error("other bytes were stored")
	}
}

type brokenLine struct{}

func (brokenLine) Read([]byte) (int, error) { return 0, io.ErrClosedPipe }
