package api_test

import (
	"strings"
	"testing"
)

// sample is an archive that becomes an entry.
func sample(name, formula string) string {
	return "data:\n  m_def: nomad.datamodel.metainfo.eln.ELNSample\n  name: " + name + "\n  components:\n" +
		"    - m_def: nomad.datamodel.metainfo.basesections.v1.PureSubstanceComponent\n      pure_substance:\n        molecular_formula: " + formula + "\n"
}

func TestFilesBecomeEntriesThatAreFound(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	id := l.do(request{as: "jane", method: "POST", path: "/api/v1/uploads?upload_name=samples", body: zipped(t, map[string]string{
		"a/one.archive.yaml": sample("Film one", "TiO2"), "a/notes.txt": "n", "a/sub/deep.txt": "d", "b/two.archive.yaml": sample("Film two", "ZnO"),
		"broken.archive.yaml": "data: [",
	})}).want(200).text("upload_id")
	done := l.processed("jane", id)
	if done.text("data.entries") != "3" || done.text("data.entries_failed") != "1" || done.text("data.process_status") != "SUCCESS" {
		t.Fatalf("upload %s", done.body)
	}
	list := l.get("jane", "/api/v1/uploads/"+id+"/entries?order_by=mainfile").want(200)
	if list.text("processing_successful") != "2" || list.text("processing_failed") != "1" || list.text("pagination.total") != "3" ||
		list.text("data.0.mainfile") != "a/one.archive.yaml" || list.text("data.2.process_status") != "FAILURE" {
		t.Errorf("entries %s", list.body)
	}
	if list.text("data.0.entry_metadata.entry_name") != "Film one" || list.text("upload.upload_id") != id {
		t.Errorf("metadata %s", list.body)
	}
	if errors := list.text("data.2.errors"); !strings.Contains(errors, "broken.archive.yaml") {
		t.Errorf("errors %s do not name the file", errors)
	}
	l.get("jane", "/api/v1/uploads/"+id+"/entries?order_by=size").detail(422, "must be one of ('mainfile'")
	entry := list.text("data.0.entry_id")

	query := func(as, body string) answer {
		return l.do(request{as: as, method: "POST", path: "/api/v1/entries/query", body: body, header: map[string]string{"Content-Type": "application/json"}})
	}
	found := query("jane", `{"owner": "user", "query": {"results.material.elements:all": ["Ti", "O"]}, "required": {"include": ["entry_name"]}}`).want(200)
	if found.text("pagination.total") != "1" || found.text("data.0.entry_id") != entry || found.text("data.0.entry_name") != "Film one" || found.text("owner") != "user" {
		t.Errorf("found %s", found.body)
	}
	counted := query("jane", `{"owner": "user", "pagination": {"page_size": 0}, "aggregations": {"e": {"terms": {"quantity": "results.material.elements"}}}}`).want(200)
	if !strings.Contains(counted.text("aggregations.e.terms.data"), "Ti") || counted.text("data") != "[]" {
		t.Errorf("counted %s", counted.body)
	}
	for _, who := range []string{"", "joe", "admin"} {
		if got := query(who, `{"owner": "visible", "aggregations": {"e": {"terms": {"quantity": "results.material.elements"}}}}`).want(200); got.text("pagination.total") != "0" || strings.Contains(got.body, "Ti") {
			t.Errorf("%q sees %s", who, got.body)
		}
		for _, path := range []string{"", "/archive", "/rawdir", "/raw/notes.txt", "/archive/download"} {
			l.get(who, "/api/v1/entries/"+entry+path).detail(404, "")
		}
	}
	if got := query("admin", `{"owner": "admin"}`).want(200); got.text("pagination.total") != "3" {
		t.Errorf("the administrator sees %s", got.body)
	}
	query("", `{"owner": "user"}`).detail(401, "Authentication required for owner='user'.")
	query("joe", `{"owner": "admin"}`).detail(403, "This can only be used by the admin user.")
	query("joe", `{"owner": "everyone"}`).detail(422, "Input should be 'public', 'all', 'visible'")
	query("joe", `{"colour": 1}`).detail(422, "colour")
	query("joe", `{"query": {"foo.bar": 1}}`).detail(422, "foo.bar is not a doc quantity")
	query("joe", `{"query": `).detail(422, "json_invalid")
	query("joe", ``).detail(422, "required")

	byGet := l.get("jane", "/api/v1/entries?owner=user&page_size=1&order_by=entry_name").want(200)
	if byGet.text("pagination.total") != "3" || !strings.HasPrefix(byGet.text("pagination.next_page_url"), l.url+"/api/v1/entries?") {
		t.Errorf("GET %s", byGet.body)
	}
	next := l.do(request{as: "jane", path: byGet.text("pagination.next_page_url")}).want(200)
	if next.text("data.0.entry_id") == byGet.text("data.0.entry_id") {
		t.Error("the next page is the same page")
	}

	one := l.get("jane", "/api/v1/entries/"+entry+"?include=entry_name").want(200)
	if one.text("entry_id") != entry || one.text("data.entry_name") != "Film one" || one.value("data.upload_id") != nil {
		t.Errorf("entry %s", one.body)
	}
	archive := l.get("jane", "/api/v1/entries/"+entry+"/archive").want(200)
	if archive.text("required") != "*" || archive.text("data.upload_id") != id || archive.text("data.archive.data.name") != "Film one" || archive.text("data.archive.m_ref_archives") != "map[]" {
		t.Errorf("archive %s", archive.body)
	}
	bare := l.get("jane", "/api/v1/entries/"+entry+"/archive/download").want(200)
	if bare.text("data.name") != "Film one" || !strings.Contains(bare.header.Get("Content-Disposition"), entry+".archive.json") {
		t.Errorf("archive %v %s", bare.header, bare.body)
	}
	files := l.get("jane", "/api/v1/entries/"+entry+"/rawdir").want(200)
	if got := files.text("data.files"); got != "[map[path:a/notes.txt size:1] map[path:a/one.archive.yaml size:"+files.text("data.files.1.size")+"]]" || files.text("data.mainfile") != "a/one.archive.yaml" {
		t.Errorf("files %s", files.body)
	}
	for path, want := range map[string]string{"notes.txt": "n", "sub/deep.txt": "d", "sub%2Fdeep.txt": "d", "../b/two.archive.yaml": sample("Film two", "ZnO")} {
		if got := l.get("jane", "/api/v1/entries/"+entry+"/raw/"+path).want(200); got.body != want {
			t.Errorf("%s: %q", path, got.body)
		}
	}
	for _, path := range []string{"nothing", "../../x", "sub", ""} {
		l.get("jane", "/api/v1/entries/"+entry+"/raw/"+path).detail(404, "The requested file does not exist.")
	}
	if got := l.get("jane", "/api/v1/entries/"+entry+"/raw/notes.txt?offset=1").want(200); got.body != "" {
		t.Errorf("offset: %q", got.body)
	}
	if got := l.get("jane", "/api/v1/uploads/"+id+"/entries/"+entry).want(200); got.text("data.parser_name") == "" {
		t.Errorf("entry %s", got.body)
	}
	l.get("jane", "/api/v1/uploads/"+id+"/entries/unknown").want(404)
}
