package api_test

import (
	"strings"
	"testing"
)

const sampleYAML = "data:\n  m_def: nomad.datamodel.metainfo.basesections.v1.Entity\n  name: "

func TestCopyMoveAndRename(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	id := l.newUpload("jane", map[string]string{
		"a.txt": "a", "dir/b.txt": "bb", "dir/sub/c.txt": "ccc", "s.archive.yaml": sampleYAML + "one\n", "star*.txt": "s",
	})
	at := "/api/v1/uploads/" + id + "/raw/"
	create := func(dir string) answer {
		return l.do(request{as: "jane", method: "POST", path: "/api/v1/uploads/" + id + "/raw-create-dir/" + dir})
	}
	put := func(query string) answer { return l.do(request{as: "jane", method: "PUT", path: at + query}) }
	move := func(how, source, dir, name string) answer {
		return put(dir + "?copy_or_move=" + how + "&copy_or_move_source_path=" + source + "&file_name=" + name)
	}
	create("dir/empty/inside").want(200)
	steps := []struct{ how, source, dir, name, names string }{
		{"move", "a.txt", "", "A.txt", "A.txt dir/b.txt dir/sub/c.txt s.archive.yaml star*.txt"},
		{"copy", "A.txt", "dir", "a2.txt", "A.txt dir/a2.txt dir/b.txt dir/sub/c.txt s.archive.yaml star*.txt"},
		{"copy", "dir", "", "twin", "A.txt dir/a2.txt dir/b.txt dir/sub/c.txt s.archive.yaml star*.txt twin/a2.txt twin/b.txt twin/sub/c.txt"},
		{"move", "dir/sub", "twin/sub", "deep", "A.txt dir/a2.txt dir/b.txt s.archive.yaml star*.txt twin/a2.txt twin/b.txt twin/sub/c.txt twin/sub/deep/c.txt"},
		{"move", "twin", "", "Twin", "A.txt Twin/a2.txt Twin/b.txt Twin/sub/c.txt Twin/sub/deep/c.txt dir/a2.txt dir/b.txt s.archive.yaml star*.txt"},
		{"move", "s.archive.yaml", "dir", "t.archive.yaml", "A.txt Twin/a2.txt Twin/b.txt Twin/sub/c.txt Twin/sub/deep/c.txt dir/a2.txt dir/b.txt dir/t.archive.yaml star*.txt"},
	}
	for _, s := range steps {
		got := move(s.how, s.source, s.dir, s.name).want(200)
		if !strings.Contains(got.body, `"processing":null`) || got.text("data.upload_id") != id {
			t.Errorf("answer %s", got.body)
		}
		if names := l.names("jane", id); names != s.names {
			t.Fatalf("%s %s to %s/%s:\n%s, want\n%s", s.how, s.source, s.dir, s.name, names, s.names)
		}
	}
	for path, want := range map[string]string{"A.txt": "a", "dir/a2.txt": "a", "Twin/sub/deep/c.txt": "ccc", "Twin/sub/c.txt": "ccc", "dir/t.archive.yaml": sampleYAML + "one\n"} {
		if got := l.get("jane", at+path).want(200); got.body != want {
			t.Errorf("%s: %q, want %q", path, got.body, want)
		}
	}
	// A changed copy leaves the other alone, though both were one file.
	l.do(request{as: "jane", method: "PUT", path: at + "dir?file_name=a2.txt", body: "changed"}).want(200)
	if got := l.get("jane", at+"A.txt").body + l.get("jane", at+"Twin/a2.txt").body + l.get("jane", at+"dir/a2.txt").body; got != "aachanged" {
		t.Errorf("contents %q", got)
	}
	// Empty folders come along, and sizes follow.
	l.get("jane", "/api/v1/uploads/"+id+"/rawdir/Twin/empty/inside").want(200)
	if got := l.get("jane", "/api/v1/uploads/"+id+"/rawdir/Twin"); got.text("directory_metadata.size") != "9" {
		t.Errorf("size %s", got.body)
	}
	got := l.processed("jane", id)
	if got.text("data.entries") != "1" || got.text("data.files") != "9" {
		t.Errorf("counts %s", got.body)
	}
	if got := l.get("jane", "/api/v1/uploads/"+id+"/entries"); got.text("data.0.mainfile") != "dir/t.archive.yaml" {
		t.Errorf("entry %s", got.body)
	}

	refusals := []struct {
		query  string
		status int
		detail string
	}{
		{"?copy_or_move=rename&copy_or_move_source_path=A.txt&file_name=b", 400, "The copy_or_move query parameter should be one of 'copy' or 'move' options."},
		{"?copy_or_move=copy&file_name=b", 400, "For a successful copy/move operation, all three query parameters: file_name, copy_or_move and copy_or_move_source_path are required."},
		{"?copy_or_move_source_path=A.txt&file_name=b", 400, "For a successful copy/move operation"},
		{"?copy_or_move=move&copy_or_move_source_path=A.txt", 400, "For a successful copy/move operation"},
		{"..?copy_or_move=copy&copy_or_move_source_path=A.txt&file_name=b", 400, "Bad path provided."},
		{"?copy_or_move=copy&copy_or_move_source_path=A.txt&file_name=a/b", 400, "Bad file name provided"},
		{"?copy_or_move=copy&copy_or_move_source_path=../A.txt&file_name=b", 400, "Bad source path provided."},
		{"?copy_or_move=copy&copy_or_move_source_path=.&file_name=b", 400, "Bad source path provided."},
		{"?copy_or_move=copy&copy_or_move_source_path=star*.txt&file_name=b", 400, "File and folder names must not contain the wildcard characters '*', '?', '[' or ']'."},
		{"?copy_or_move=copy&copy_or_move_source_path=A.txt&file_name=b%5B1%5D", 400, "File and folder names must not contain the wildcard characters"},
		{"?copy_or_move=copy&copy_or_move_source_path=A.txt&file_name=a%5Cb", 400, "Bad file name provided: it contains a backslash"},
		{"?copy_or_move=copy&copy_or_move_source_path=A.txt&file_name=dir", 409, "The provided path already exists."},
		{"?copy_or_move=move&copy_or_move_source_path=A.txt&file_name=A.txt", 409, "The provided path already exists."},
		{"new?copy_or_move=copy&copy_or_move_source_path=A.txt&file_name=b", 404, "No file or folder with that path found."},
		{"A.txt?copy_or_move=copy&copy_or_move_source_path=dir&file_name=b", 404, "No file or folder with that path found."},
		{"?copy_or_move=move&copy_or_move_source_path=nothing&file_name=b", 409, "No file or folder with that source path: nothing"},
		{"Twin/sub?copy_or_move=move&copy_or_move_source_path=Twin&file_name=b", 409, "Cannot move 'Twin' into itself or one of its own subfolders ('Twin/sub/b')."},
		{"Twin?copy_or_move=copy&copy_or_move_source_path=Twin&file_name=b", 409, "Cannot copy 'Twin' into itself"},
		{"?copy_or_move=copy&copy_or_move_source_path=A.txt&file_name=b&wait_for_processing=true", 400, "Cannot move/copy the file with wait_for_processing set to true."},
	}
	before := l.names("jane", id)
	for _, r := range refusals {
		put(r.query).detail(r.status, r.detail)
	}
	l.do(request{as: "joe", method: "PUT", path: at + "?copy_or_move=move&copy_or_move_source_path=A.txt&file_name=b"}).detail(403, "You do not have write access to the specified upload.")
	if names := l.names("jane", id); names != before {
		t.Errorf("a refusal changed the files: %s", names)
	}
	l.oneRow("?operation=raw.move&object=raw:"+id+"/s.archive.yaml", map[string]any{"username": "jane"})
}

func TestCreateDir(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	id := l.newUpload("jane", map[string]string{"a.txt": "a"})
	l.processed("jane", id)
	create := func(as, dir string) answer {
		return l.do(request{as: as, method: "POST", path: "/api/v1/uploads/" + id + "/raw-create-dir/" + dir})
	}
	if got := create("jane", "n/e").want(200); got.text("upload_id") != id || got.text("data.process_running") != "false" || got.text("data.complete_time") == "" {
		t.Errorf("answer %s", got.body)
	}
	if got := l.get("jane", "/api/v1/uploads/"+id+"/rawdir/n").want(200); got.text("directory_metadata.content.0.name") != "e" || got.text("directory_metadata.content.0.is_file") != "false" {
		t.Errorf("listing %s", got.body)
	}
	create("jane", "n/e").detail(400, "Path `n/e` already exists.")
	create("jane", "a.txt").detail(400, "Path `a.txt` already exists.")
	create("jane", "a.txt/b").want(400)
	for _, path := range []string{"", ".", "..", "a//b", "%2Fetc", "x/../.."} {
		create("jane", path).detail(400, "Bad path provided.")
	}
	create("joe", "x").detail(403, "You do not have write access to the specified upload.")
	raw, _ := l.restricted("jane", map[string]any{"append_only": true}, "uploads:write")
	got := l.do(request{method: "POST", path: "/api/v1/uploads/" + id + "/raw-create-dir/by-token", header: map[string]string{"Oasis-Token": raw}}).want(200)
	if got.value("data.coauthors") != nil || got.text("data.upload_id") != id {
		t.Errorf("an append-only token learns %s", got.body)
	}
}

func TestPutAndWait(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	id := l.newUpload("jane", map[string]string{"other.archive.yaml": sampleYAML + "other\n"})
	l.processed("jane", id)
	at := "/api/v1/uploads/" + id + "/raw/"
	put := func(query, body string) answer {
		return l.do(request{as: "jane", method: "PUT", path: at + query, body: body, header: map[string]string{"Accept": "*/*"}})
	}
	first := put("dir?file_name=e.archive.yaml&wait_for_processing=true&include_archive=true", sampleYAML+"first\n").want(200)
	entry, hash := first.text("processing.entry_id"), first.text("processing.archive.metadata.entry_hash")
	if first.text("processing.path") != "dir/e.archive.yaml" || first.text("processing.upload_id") != id || len(entry) != 28 || len(hash) != 28 ||
		first.text("processing.entry.process_status") != "SUCCESS" || first.text("processing.archive.data.name") != "first" ||
		first.text("processing.parser_name") == "" || first.value("processing.entry.entry_metadata") != nil || first.text("upload_id") != id {
		t.Fatalf("answer %s", first.body)
	}
	if got := l.get("jane", "/api/v1/entries/"+entry+"/archive").want(200); got.text("data.archive.data.name") != "first" || got.text("data.archive.metadata.entry_hash") != hash {
		t.Errorf("archive %s", got.body)
	}
	// The hash lets one change what one has read, once.
	change := "dir?file_name=e.archive.yaml&wait_for_processing=true&include_archive=true&entry_hash="
	second := put(change+hash, sampleYAML+"second\n").want(200)
	if second.text("processing.archive.data.name") != "second" || second.text("processing.archive.metadata.entry_hash") == hash {
		t.Errorf("answer %s", second.body)
	}
	put(change+hash, sampleYAML+"third\n").detail(409, "The provided hash did not match the current file.")
	put("dir?file_name=none.archive.yaml&entry_hash="+hash, sampleYAML+"x\n").detail(409, "The provided hash did not match the current file.")
	if got := l.get("jane", at+"dir/e.archive.yaml"); got.body != sampleYAML+"second\n" {
		t.Errorf("content %q", got.body)
	}
	// Without the archive, without a parser, and with a fault in the file.
	if got := put("?file_name=o.archive.yaml&wait_for_processing=true", sampleYAML+"o\n").want(200); got.value("processing.archive") != nil || got.text("processing.entry_id") == "" {
		t.Errorf("answer %s", got.body)
	}
	if got := put("?file_name=notes.txt&wait_for_processing=true", "x").want(200); got.value("processing.entry") != nil || got.value("processing.entry_id") != nil || got.text("processing.path") != "notes.txt" {
		t.Errorf("answer %s", got.body)
	}
	if got := put("dir?file_name=e.archive.yaml&wait_for_processing=true&include_archive=true", "data: [\n").want(200); got.text("processing.entry.process_status") != "FAILURE" || got.value("processing.archive") != nil {
		t.Errorf("answer %s", got.body)
	}
	refusals := []struct {
		query, body, detail string
	}{
		{"?file_name=b.txt&include_archive=true", "x", "`include_archive` requires `wait_for_processing`."},
		{"?file_name=b.txt&wait_for_processing=true&trigger_processing=false", "x", "`trigger_processing` must be true when `wait_for_processing` is set."},
		{"?file_name=b.zip&wait_for_processing=true", zipped(t, map[string]string{"x.txt": "x"}), "`wait_for_processing` can only be used with single files, and not with compressed files."},
		{"?wait_for_processing=true", "", "Either an upload file or the query parameters for moving/copying a file should be provided."},
	}
	for _, r := range refusals {
		put(r.query, r.body).detail(400, r.detail)
	}
	two, kind := form("name=\"file\"; filename=\"1\"\x00x", "name=\"file\"; filename=\"2\"\x00x")
	l.do(request{as: "jane", method: "PUT", path: at + "?wait_for_processing=true", body: two, header: map[string]string{"Content-Type": kind}}).
		detail(400, "can only be used with single files")
	got := l.processed("jane", id)
	if got.text("data.entries") != "3" || got.text("data.entries_failed") != "1" {
		t.Errorf("upload %s", got.body)
	}
	if names := l.names("jane", id); names != "dir/e.archive.yaml notes.txt o.archive.yaml other.archive.yaml" {
		t.Errorf("files %s", names)
	}
}

// An append-only token puts files and nothing else (decisions 22).
func TestAppendOnlyTokenNeitherMovesNorReads(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	id := l.newUpload("jane", map[string]string{"a.txt": "a", "e.archive.yaml": sampleYAML + "e\n"})
	raw, _ := l.restricted("jane", map[string]any{"append_only": true}, "uploads:write")
	put := func(query, body string) answer {
		return l.do(request{method: "PUT", path: "/api/v1/uploads/" + id + "/raw/" + query, body: body, header: map[string]string{"Oasis-Token": raw}})
	}
	put("?copy_or_move=move&copy_or_move_source_path=a.txt&file_name=b.txt", "").detail(403, "This token may only add new files")
	put("?copy_or_move=copy&copy_or_move_source_path=a.txt&file_name=b.txt", "").detail(403, "This token may only add new files")
	put("?file_name=e.archive.yaml&entry_hash=x", "x").detail(403, "This token may only add new files")
	put("?file_name=n.archive.yaml&wait_for_processing=true&include_archive=true", "x").detail(403, "This token may only add new files")
	if got := put("?file_name=n.archive.yaml&wait_for_processing=true", sampleYAML+"n\n").want(200); strings.Contains(got.body, "processing") {
		t.Errorf("answer %s", got.body)
	}
	put("?file_name=a.txt", "other").detail(409, "There is a file")
	if names := l.names("jane", id); names != "a.txt e.archive.yaml n.archive.yaml" {
		t.Errorf("files %s", names)
	}
}

// Names are kept byte for byte; what they would be elsewhere is told.
func TestNamesThatClashElsewhereAreTold(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	id := l.newUpload("jane", map[string]string{"Data.csv": "1", "data.csv": "2", "aux.txt": "3"})
	got := l.processed("jane", id)
	for i, want := range []string{`"Data.csv" and "data.csv"`, `"aux.txt" (is the name of a device)`} {
		if text := got.text("data.warnings." + string(rune('0'+i))); !strings.Contains(text, want) {
			t.Errorf("warning %d: %q does not say %s", i, text, want)
		}
	}
	if names := l.names("jane", id); names != "Data.csv aux.txt data.csv" {
		t.Errorf("files %s", names)
	}
	at := "/api/v1/uploads/" + id + "/raw/"
	l.do(request{as: "jane", method: "PUT", path: at + "?copy_or_move=move&copy_or_move_source_path=data.csv&file_name=more.csv"}).want(200)
	l.do(request{as: "jane", method: "DELETE", path: at + "aux.txt"}).want(200)
	if got := l.processed("jane", id); got.value("data.warnings.0") != nil {
		t.Errorf("warnings remain: %s", got.body)
	}
}
