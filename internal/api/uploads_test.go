package api_test

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// zipped packs files.
func zipped(t *testing.T, files map[string]string) string {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for name, text := range files {
		f, err := w.Create(name)
		must(t, err)
		_, err = io.WriteString(f, text)
		must(t, err)
	}
	must(t, w.Close())
	return b.String()
}

func tarred(t *testing.T, name, text string) string {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	must(t, w.WriteHeader(&tar.Header{Name: name, Mode: 0o600, Size: int64(len(text))}))
	_, err := io.WriteString(w, text)
	must(t, err)
	must(t, w.Close())
	return b.String()
}

// form is a multipart form; each file is "name\x00text".
func form(parts ...string) (body, contentType string) {
	var b strings.Builder
	for _, p := range parts {
		name, text, _ := strings.Cut(p, "\x00")
		b.WriteString("--b\r\nContent-Disposition: form-data; " + name + "\r\n\r\n" + text + "\r\n")
	}
	b.WriteString("--b--\r\n")
	return b.String(), "multipart/form-data; boundary=b"
}

// names lists the paths of all raw files of an upload.
func (l *lab) names(as, id string) string {
	l.t.Helper()
	var all []string
	var walk func(dir string)
	walk = func(dir string) {
		got := l.get(as, "/api/v1/uploads/"+id+"/rawdir/"+dir+"?page_size=1000").want(200)
		for _, c := range got.value("directory_metadata.content").([]any) {
			item := c.(map[string]any)
			name := item["name"].(string)
			if dir != "" {
				name = dir + "/" + name
			}
			if item["is_file"] == true {
				all = append(all, name)
			} else {
				walk(name)
			}
		}
	}
	walk("")
	return strings.Join(all, " ")
}

func TestCreateUpload(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	oneForm, kind := form("name=\"note\"\x00ignored", "name=\"file\"; filename=\"a%20b.txt\"\x00hello", "name=\"file\"; filename=\"c.txt\"\x00world")
	tests := []struct {
		name, query, body, kind string
		files, title            string
	}{
		{"nothing", "", "", "", "", ""},
		{"a named file", "?file_name=data.csv", "1,2", "", "data.csv", "data.csv"},
		{"a named upload", "?file_name=data.csv&upload_name=My+data", "1,2", "", "data.csv", "My data"},
		{"a zip by its content", "", zipped(t, map[string]string{"x/a.txt": "a", "b.txt": "b"}), "", "b.txt x/a.txt", ""},
		{"a tar by its content", "", tarred(t, "x/a.txt", "a"), "", "x/a.txt", ""},
		{"a zip by its name", "?file_name=data.zip", zipped(t, map[string]string{"a.txt": "a"}), "", "a.txt", "data.zip"},
		{"a zip that stays one", "?file_name=data.zip&auto_decompress=false", zipped(t, map[string]string{"a.txt": "a"}), "", "data.zip", "data.zip"},
		{"curl -d", "?file_name=data.txt", "a=b", "application/x-www-form-urlencoded", "data.txt", "data.txt"},
		{"JSON is bytes too", "?file_name=data.json", "{}", "application/json", "data.json", "data.json"},
		{"a form of two files", "", oneForm, kind, "a b.txt c.txt", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			l := l.in(t)
			got := l.do(request{as: "admin", method: "POST", path: "/api/v1/uploads" + tt.query, body: tt.body, header: map[string]string{"Content-Type": tt.kind}}).want(200)
			id := got.text("upload_id")
			if len(id) != 22 || got.text("data.upload_id") != id || got.text("data.main_author") != l.users["admin"].ID {
				t.Errorf("answer %s", got.body)
			}
			if !strings.Contains(got.body, `"publish_time":null`) || !strings.Contains(got.body, `"upload_name"`) {
				t.Errorf("nulls are left out: %s", got.body)
			}
			if status := got.text("data.process_status"); (status == "READY") != (tt.files == "") {
				t.Errorf("process_status %s", status)
			}
			done := l.processed("admin", id)
			if done.text("data.upload_name") != tt.title || strings.Contains(done.body, "null") {
				t.Errorf("upload %s, want the name %q and no nulls", done.body, tt.title)
			}
			if files := l.names("admin", id); files != tt.files {
				t.Errorf("files %q, want %q", files, tt.files)
			}
		})
	}
}

func TestUploadsThatCannotBeMade(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	hostile := zipped(t, map[string]string{"../evil.txt": "x"})
	noFile, kind := form("name=\"data\"; filename=\"a.txt\"\x00x")
	folder, _ := form("name=\"file\"; filename=\"../a.txt\"\x00x")
	nameless, _ := form("name=\"file\"\x00x")
	tests := []struct {
		name, query, body, kind string
		status                  int
		detail                  string
	}{
		{"embargo", "?embargo_length=37", "", "", 400, "`embargo_length` must be between 0 and 36 months."},
		{"negative embargo", "?embargo_length=-1", "", "", 400, "`embargo_length`"},
		{"bytes without a name", "", "just text", "", 400, "No file name provided, and the file does not look like a zip or tar file."},
		{"name with a folder", "?file_name=a/b", "x", "", 400, "Bad file name provided."},
		{"name above", "?file_name=..", "x", "", 400, "Bad file name provided."},
		{"no zip", "?file_name=a.zip", "x", "", 400, "Cannot extract file."},
		{"hostile zip", "", hostile, "", 400, "../evil.txt"},
		{"form without file", "", noFile, kind, 400, "no part named `file`"},
		{"form with a folder in the name", "", folder, kind, 400, "Bad file name provided."},
		{"form without a name", "", nameless, kind, 400, "Bad file name provided."},
		{"form that breaks off", "", "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\nxyz", kind, 400, "Some IO went wrong"},
		{"form without boundary", "", "x", "multipart/form-data", 400, "boundary"},
		{"path of the server", "?local_path=/etc/passwd", "", "", 422, "local_path"},
		{"example", "?example_upload_id=x", "", "", 422, "example_upload_id"},
		{"too large", "?file_name=big", strings.Repeat("x", 65<<20), "", 413, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			l.in(t).do(request{as: "jane", method: "POST", path: "/api/v1/uploads" + tt.query, body: tt.body, header: map[string]string{"Content-Type": tt.kind}}).
				detail(tt.status, tt.detail)
		})
	}
	l.do(request{as: "jane", method: "POST", path: "/api/v1/uploads?publish_directly=False&local_path="}).want(200)
	if total := l.get("jane", "/api/v1/uploads").text("pagination.total"); total != "1" {
		t.Errorf("%s uploads: refused ones have left something", total)
	}
	for range 9 {
		l.do(request{as: "jane", method: "POST", path: "/api/v1/uploads"}).want(200)
	}
	l.do(request{as: "jane", method: "POST", path: "/api/v1/uploads"}).detail(400, "Limit of unpublished uploads exceeded for user.")
}

func TestCurlGetsASentenceAndClientsJSON(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	tests := []struct {
		accept string
		json   bool
	}{
		{"", false},
		{"*/*", false},
		{"text/plain", false},
		{"application/json", true},
		{"application/json, */*", true},
		{"application/json;q=0.5, text/plain", false},
		{"text/plain;q=0.5, application/json;q=0.9", true},
		{"application/json;q=0", false},
		{"application/*", true},
		{"text/html, application/vnd.api+json", true},
		{"nonsense", false},
	}
	for _, tt := range tests {
		t.Run(tt.accept, func(t *testing.T) {
			got := l.in(t).do(request{as: "admin", method: "POST", path: "/api/v1/uploads", header: map[string]string{"Accept": tt.accept}}).want(200)
			kind := got.header.Get("Content-Type")
			if tt.json != (kind == "application/json") {
				t.Errorf("Content-Type %s", kind)
			}
			want := "\nThanks for uploading your data to nomad.\nGo back to " + l.url + "/gui and press\nreload to see the progress on your upload\nand publish your data."
			if !tt.json && got.body != want {
				t.Errorf("text %q", got.body)
			}
		})
	}
}

// A body that breaks off must leave nothing, and say so if anybody still listens.
func TestBrokenBodyLeavesNothing(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	id := l.newUpload("jane", nil)
	broken := io.MultiReader(strings.NewReader(strings.Repeat("x", 1<<20)), failing{})
	req, err := http.NewRequestWithContext(t.Context(), "PUT", l.url+"/api/v1/uploads/"+id+"/raw/?file_name=a", broken)
	must(t, err)
	req.Header.Set("Authorization", "Bearer "+l.bearer["jane"])
	if got, err := http.DefaultClient.Do(req); err == nil {
		got.Body.Close()
		t.Errorf("a broken body was answered %d", got.StatusCode)
	}
	if files := l.names("jane", id); files != "" {
		t.Errorf("files %q", files)
	}
}

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, errors.New("the line is cut") }

func TestListUploads(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	for _, name := range []string{"alpha", "Beta", "gamma ray"} {
		l.do(request{as: "jane", method: "POST", path: "/api/v1/uploads?upload_name=" + url.QueryEscape(name)}).want(200)
	}
	other := l.newUpload("joe", nil)
	fuzzy := url.QueryEscape(`{"value": "A", "type": "fuzzy"}`)
	tests := []struct {
		name, query string
		names       string
		total       string
	}{
		{"all of mine", "", "alpha,Beta,gamma ray", "3"},
		{"descending", "?order=desc", "gamma ray,Beta,alpha", "3"},
		{"by name", "?order_by=upload_name&order=desc", "", "3"},
		{"a page", "?page_size=2", "alpha,Beta", "3"},
		{"the next page", "?page_size=2&page=2", "gamma ray", "3"},
		{"the rest", "?page_offset=1", "Beta,gamma ray", "3"},
		{"only the total", "?page_size=0", "", "3"},
		{"exact names", "?upload_name=alpha&upload_name=beta", "alpha", "1"},
		{"part of a name", "?upload_name=" + fuzzy, "alpha,Beta,gamma ray", "3"},
		{"not mine", "?is_owned=false", "", "0"},
		{"published", "?is_published=true", "", "0"},
		{"state", "?process_status=ready&is_processing=true", "alpha,Beta,gamma ray", "3"},
		{"busy", "?is_processing=true", "", "0"},
		{"role", "?roles=coauthor&roles=reviewer", "", "0"},
		{"somebody else's", "?upload_id=" + other, "", "0"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := l.in(t).get("jane", "/api/v1/uploads"+tt.query).want(200)
			var names []string
			for _, u := range got.value("data").([]any) {
				names = append(names, u.(map[string]any)["upload_name"].(string))
			}
			if tt.names != "" && strings.Join(names, ",") != tt.names || got.text("pagination.total") != tt.total || tt.total == "0" && len(names) > 0 {
				t.Errorf("uploads %v of %s, want %s of %s", names, got.text("pagination.total"), tt.names, tt.total)
			}
			if strings.Contains(got.body, "null") {
				t.Errorf("nulls: %s", got.body)
			}
		})
	}
	got := l.get("jane", "/api/v1/uploads?is_published=false&page_size=1").want(200)
	if got.text("query") != "map[is_published:false]" || !strings.HasPrefix(got.text("pagination.next_page_url"), l.url+"/api/v1/uploads?") {
		t.Errorf("answer %s", got.body)
	}
	next := l.do(request{as: "jane", path: got.text("pagination.next_page_url")}).want(200)
	if next.text("data.0.upload_name") != "Beta" || next.text("pagination.prev_page_url") == "" {
		t.Errorf("the next page: %s", next.body)
	}
	l.get("jane", "/api/v1/uploads?order_by=zz").detail(422, "order_by is 'zz', must be one of ('upload_create_time'")
	l.get("jane", "/api/v1/uploads?upload_name="+url.QueryEscape(`{"value": 1}`)).detail(400, "Invalid upload_name query value")
	l.get("jane", "/api/v1/uploads?upload_name="+url.QueryEscape(`{"value": " ", "type": "fuzzy"}`)).detail(400, "at least one non-empty value")
	l.get("jane", "/api/v1/uploads?page=7").detail(400, "Page out of range requested.")
	l.get("", "/api/v1/uploads").detail(401, "Authentication required.")
}

func TestUploadRights(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	id := l.newUpload("jane", map[string]string{"a.txt": "a"})
	at := "/api/v1/uploads/" + id
	tests := []struct {
		as, method, path string
		status           int
		detail           string
	}{
		{"", "GET", at, 401, "You need to log in to access the specified upload."},
		{"joe", "GET", at, 403, "You do not have access to the specified upload."},
		{"jane", "GET", at, 200, ""},
		{"admin", "GET", at, 200, ""},
		{"joe", "GET", "/api/v1/uploads/unknown", 404, "The specified upload_id was not found."},
		{"joe", "GET", at + "/entries", 403, "You do not have access"},
		{"joe", "GET", at + "/rawdir/", 403, "You do not have access"},
		{"joe", "GET", at + "/raw/a.txt", 403, "You do not have access"},
		{"joe", "GET", at + "/raw/?compress=true", 403, "You do not have access"},
		{"", "GET", at + "/raw/a.txt", 401, "You need to log in"},
		{"joe", "PUT", at + "/raw/?file_name=x", 403, "You do not have write access to the specified upload."},
		{"joe", "DELETE", at + "/raw/a.txt", 403, "You do not have write access"},
		{"joe", "DELETE", at, 403, "You do not have write access"},
		{"", "DELETE", at, 401, "Authentication required."},
		{"jane", "DELETE", "/api/v1/uploads/unknown", 404, "was not found"},
		{"jane", "GET", at + "/entries/unknown", 404, "An entry by that id could not be found in the specified upload."},
	}
	for _, tt := range tests {
		t.Run(tt.as+" "+tt.method+" "+strings.TrimPrefix(tt.path, at), func(t *testing.T) {
			t.Parallel()
			got := l.in(t).do(request{as: tt.as, method: tt.method, path: tt.path})
			if tt.status == 200 {
				got.want(200)
			} else {
				got.detail(tt.status, tt.detail)
			}
		})
	}
	mine := l.get("jane", at+"?include=allowed").want(200)
	if mine.text("data.allowed.putRawFile.ok") != "true" || mine.text("data.allowed.deleteUpload.ok") != "true" || mine.text("data.files") != "1" || mine.text("data.bytes") != "1" {
		t.Errorf("upload %s", mine.body)
	}
}

func TestDeleteUpload(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	id := l.newUpload("jane", map[string]string{"a.txt": "a"})
	got := l.do(request{as: "jane", method: "DELETE", path: "/api/v1/uploads/" + id + "?wait_for_processing=true"}).want(200)
	if got.text("data.current_process") != "delete_upload" || got.text("data.process_status") != "PENDING" {
		t.Errorf("answer %s", got.body)
	}
	l.get("jane", "/api/v1/uploads/"+id).want(404)
	l.get("jane", "/api/v1/uploads/"+id+"/raw/a.txt").want(404)
	l.do(request{as: "jane", method: "DELETE", path: "/api/v1/uploads/" + id}).want(404)
}
