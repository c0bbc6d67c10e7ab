package api_test

import (
	"archive/zip"
	"bytes"
	"io"
	"net/url"
	"slices"
	"strings"
	"testing"
)

func TestPutAndDeleteRawFiles(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	id := l.newUpload("jane", nil)
	at := "/api/v1/uploads/" + id + "/raw/"
	put := func(path, body string) answer {
		return l.do(request{as: "jane", method: "PUT", path: at + path, body: body})
	}
	if got := put("deep/er?file_name=a.txt", "one").want(200); got.text("upload_id") != id || !strings.Contains(got.body, `"processing":null`) {
		t.Errorf("answer %s", got.body)
	}
	put("deep/er/?file_name=a.txt", "two").want(200)
	put("deep/er/?file_name=a.txt&overwrite_if_exists=false", "three").detail(409, "The provided path already exists and overwrite_if_exists is set to False.")
	if got := l.get("jane", at+"deep/er/a.txt").want(200); got.body != "two" {
		t.Errorf("content %q", got.body)
	}
	put("x?file_name=data.zip", zipped(t, map[string]string{"y/z.txt": "z"})).want(200)
	put("?file_name=%3Ca%3E+%22b%22.txt", "odd").want(200)
	if names := l.names("jane", id); names != `<a> "b".txt deep/er/a.txt x/y/z.txt` {
		t.Errorf("files %s", names)
	}
	put("?file_name=a/b", "x").detail(400, "Bad file name provided.")
	put("..?file_name=b", "x").detail(400, "Bad path provided.")
	put("a/../../b?file_name=b", "x").detail(400, "Bad path provided.")
	put("a//b?file_name=b", "x").detail(400, "Bad path provided.")
	put("%2Fetc?file_name=b", "x").detail(400, "Bad path provided.")
	put("deep%2Fer%2Fa.txt?file_name=b", "x").want(400) // below a file
	put("?file_name=deep", "x").want(400)               // where a directory is
	put("", "").detail(400, "Either an upload file or the query parameters for moving/copying a file should be provided.")
	put("?file_name=b&local_path=x", "x").detail(422, "local_path")
	put("?file_name=b&wait_for_processing=false&trigger_processing=false", "x").want(200)

	remove := func(path string) answer { return l.do(request{as: "jane", method: "DELETE", path: at + path}) }
	remove("nothing").detail(404, "No file or folder with that path found.")
	remove("../x").detail(400, "Bad path provided.")
	if got := remove("deep/er/a.txt").want(200); got.text("data.process_status") != "PENDING" {
		t.Errorf("answer %s", got.body)
	}
	remove("x").want(200)
	if names := l.names("jane", id); names != `<a> "b".txt b` {
		t.Errorf("files %s", names)
	}
	remove("").want(200)
	if names := l.names("jane", id); names != "" {
		t.Errorf("files %s", names)
	}
}

func TestRawDir(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	id := l.newUpload("jane", map[string]string{"a.txt": "12345", "dir/b.txt": "123", "dir/sub/c.txt": "1", "s.archive.yaml": "data:\n  m_def: nomad.datamodel.metainfo.basesections.v1.Entity\n"})
	l.processed("jane", id)
	at := "/api/v1/uploads/" + id + "/rawdir"
	for _, path := range []string{"", "/"} {
		got := l.get("jane", at+path+"?include_entry_info=true").want(200)
		if got.text("path") != "" || got.text("access") != "unpublished" || got.text("directory_metadata.name") != "" || got.text("pagination.total") != "3" {
			t.Errorf("root: %s", got.body)
		}
		if got.text("directory_metadata.content.0.name") != "a.txt" || got.text("directory_metadata.content.1.is_file") != "false" || got.text("directory_metadata.content.1.size") != "4" {
			t.Errorf("root: %s", got.body)
		}
		if got.value("directory_metadata.content.0.entry_id") != nil || len(got.text("directory_metadata.content.2.entry_id")) != 28 {
			t.Errorf("entries: %s", got.body)
		}
	}
	if got := l.get("jane", at+"/dir?page_size=1&page=2").want(200); got.text("directory_metadata.name") != "dir" || got.text("directory_metadata.content.0.name") != "sub" ||
		got.text("directory_metadata.size") != "4" || got.text("pagination.page") != "2" || got.value("pagination.order") != nil {
		t.Errorf("dir: %s", got.body)
	}
	if got := l.get("jane", at+"/dir/").want(200); got.text("path") != "dir" || got.text("directory_metadata.name") != "" {
		t.Errorf("dir with slash: %s", got.body)
	}
	if got := l.get("jane", at+"/dir%2Fb.txt").want(200); got.text("file_metadata.name") != "b.txt" || got.text("file_metadata.size") != "3" || got.value("directory_metadata") != nil {
		t.Errorf("file: %s", got.body)
	}
	for _, path := range []string{"/nothing", "/../x", "/a//b", "/%2Fetc", "/dir/../../x", "/%00", "/%ff"} {
		l.get("jane", at+path).detail(404, "Not found. Invalid path?")
	}
	if got := l.get("jane", at+"/dir/../a.txt").want(200); got.text("file_metadata.name") != "a.txt" {
		t.Errorf("dots inside: %s", got.body)
	}
}

func TestDownload(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	id := l.newUpload("jane", map[string]string{"text.txt": "0123456789", "dir/page.html": "<script>alert(1)</script>", "dir/d.json": `{"a": 1}`})
	form, kind := form("name=\"file\"; filename=\"empty\"\x00", "name=\"file\"; filename=\"\xc3\xa4 %22q%22.txt\"\x00umlaut")
	l.do(request{as: "jane", method: "PUT", path: "/api/v1/uploads/" + id + "/raw/", body: form, header: map[string]string{"Content-Type": kind}}).want(200)
	at := "/api/v1/uploads/" + id + "/raw/"
	const sum = `"84d89877f0d4041efb6bf91a16f0248f2fd573e6af05c19f96bedb9f882f7882"`
	tests := []struct {
		name, path string
		send       map[string]string
		status     int
		body       string
		header     map[string]string
	}{
		{"whole", "text.txt", nil, 200, "0123456789", map[string]string{
			"Content-Type": "text/plain; charset=utf-8", "Etag": sum, "Content-Length": "10", "Accept-Ranges": "bytes",
			"Content-Disposition": `attachment; filename="text.txt"; filename*=UTF-8''text.txt`, "Content-Security-Policy": "sandbox; default-src 'none'; frame-ancestors 'self'",
			"X-Content-Type-Options": "nosniff", "Cache-Control": "private, no-cache",
			"Repr-Digest": "sha-256=:hNiYd/DUBB77a/kaFvAkjy/Vc+avBcGflr7bn4gveII=:",
		}},
		{"range", "text.txt", map[string]string{"Range": "bytes=2-4"}, 206, "234", map[string]string{"Content-Range": "bytes 2-4/10"}},
		{"end", "text.txt", map[string]string{"Range": "bytes=-2"}, 206, "89", nil},
		{"beyond", "text.txt", map[string]string{"Range": "bytes=20-"}, 416, "", nil},
		{"known", "text.txt", map[string]string{"If-None-Match": sum}, 304, "", map[string]string{"Etag": sum}},
		{"changed since", "text.txt", map[string]string{"If-Range": `"other"`, "Range": "bytes=2-4"}, 200, "0123456789", nil},
		{"offset and length", "text.txt?offset=3&length=2", nil, 200, "34", map[string]string{"Content-Type": "application/octet-stream", "Content-Length": "2", "Etag": strings.TrimSuffix(sum, `"`) + `-3-2"`, "Repr-Digest": ""}},
		{"offset", "text.txt?offset=8", nil, 200, "89", nil},
		{"offset beyond", "text.txt?offset=80", nil, 200, "", map[string]string{"Content-Length": "0"}},
		{"all the rest", "text.txt?length=-1", nil, 200, "0123456789", map[string]string{"Etag": sum}},
		{"bytes", "text.txt?ignore_mime_type=true", nil, 200, "0123456789", map[string]string{"Content-Type": "application/octet-stream"}},
		{"a page", "dir/page.html", nil, 200, "<script>alert(1)</script>", map[string]string{"Content-Type": "text/html; charset=utf-8", "Content-Security-Policy": "sandbox; default-src 'none'; frame-ancestors 'self'"}},
		{"JSON", "dir/d.json", nil, 200, `{"a": 1}`, map[string]string{"Content-Type": "application/json"}},
		{"empty", "empty", nil, 200, "", map[string]string{"Content-Type": "application/x-empty", "Content-Length": "0"}},
		{"odd name", "%C3%A4%20%22q%22.txt", nil, 200, "umlaut", map[string]string{
			"Content-Disposition": `attachment; filename="_ \"q\".txt"; filename*=UTF-8''%C3%A4%20%22q%22.txt`,
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := l.in(t).do(request{as: "jane", path: at + tt.path, header: tt.send}).want(tt.status)
			if tt.status < 400 && got.body != tt.body {
				t.Errorf("body %q, want %q", got.body, tt.body)
			}
			for name, want := range tt.header {
				if got.header.Get(name) != want {
					t.Errorf("%s: %q, want %q", name, got.header.Get(name), want)
				}
			}
			head := l.in(t).do(request{as: "jane", method: "HEAD", path: at + tt.path, header: tt.send}).want(tt.status)
			if head.body != "" || tt.status == 200 && head.header.Get("Content-Length") != got.header.Get("Content-Length") {
				t.Errorf("HEAD: %v %q", head.header, head.body)
			}
		})
	}
	refusals := []struct {
		path   string
		status int
		detail string
	}{
		{"nothing", 404, "Not found. Invalid path?"},
		{"../../x", 404, "Not found. Invalid path?"},
		{"text.txt/x", 404, "Not found. Invalid path?"},
		{"dir", 400, "Path is a directory, `compress` must be set to true"},
		{"", 400, "Path is a directory, `compress` must be set to true"},
		{"text.txt?offset=-1", 400, "Invalid offset provided."},
		{"text.txt?length=0", 400, "Invalid length provided. Should be greater than 0, or -1 if the remainder\nof the file should be read."},
		{"text.txt?compress=true&offset=1", 400, "Cannot specify `offset` or `length` when `compress` is true"},
		{"?compress=true&re_pattern=(", 422, "could not parse the re pattern"},
	}
	for _, tt := range refusals {
		l.get("jane", at+tt.path).detail(tt.status, tt.detail)
	}
	l.get("jane", strings.TrimSuffix(at, "/")).detail(400, "Cannot download raw files .zip from non published uploads.")
}

func TestDownloadAsZip(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	id := l.newUpload("jane", map[string]string{"top.txt": "t", "dir/a.txt": "a", "dir/sub/b.txt": "bb", "dir/sub/aa.txt": "c"})
	at := "/api/v1/uploads/" + id + "/raw/"
	tests := []struct{ name, path, file, members string }{
		{"root", "?compress=true", id + ".zip", "dir/a.txt dir/sub/aa.txt dir/sub/b.txt top.txt"},
		{"directory", "dir?compress=true", "dir.zip", "a.txt sub/aa.txt sub/b.txt"},
		{"directory with slash", "dir/sub/?compress=1", "sub.zip", "aa.txt b.txt"},
		{"one file", "dir/sub/b.txt?compress=true", "b.txt.zip", "b.txt"},
		{"regular expression", "?compress=true&re_pattern=sub%2Fb", id + ".zip", "dir/sub/b.txt"},
		{"shell pattern", "?compress=true&glob_pattern=sub*a.txt", id + ".zip", "dir/sub/aa.txt"},
		{"shell pattern at the end", "?compress=true&glob_pattern=" + url.QueryEscape("/[ab].txt"), id + ".zip", "dir/a.txt dir/sub/b.txt"},
		{"named files", "?compress=true&include_files=a.txt&include_files=top.txt&re_pattern=x", id + ".zip", "dir/a.txt top.txt"},
		{"nothing left", "?compress=true&re_pattern=nothing", id + ".zip", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			l := l.in(t)
			got := l.get("jane", at+tt.path).want(200)
			if got.header.Get("Content-Type") != "application/zip" || !strings.Contains(got.header.Get("Content-Disposition"), `filename="`+tt.file+`"`) || got.header.Get("Etag") == "" {
				t.Errorf("headers %v", got.header)
			}
			r, err := zip.NewReader(bytes.NewReader([]byte(got.body)), int64(len(got.body)))
			must(t, err)
			var names []string
			for _, f := range r.File {
				names = append(names, f.Name)
				content, err := f.Open()
				must(t, err)
				_, err = io.ReadAll(content) // checks the CRC
				must(t, err)
			}
			slices.Sort(names)
			if strings.Join(names, " ") != tt.members {
				t.Errorf("members %v, want %s", names, tt.members)
			}
			part := l.do(request{as: "jane", path: at + tt.path, header: map[string]string{"Range": "bytes=2-9", "If-Range": got.header.Get("Etag")}}).want(206)
			if part.body != got.body[2:10] {
				t.Error("a range is not that part of the zip")
			}
		})
	}
}
