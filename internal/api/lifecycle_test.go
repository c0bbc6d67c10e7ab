package api_test

import (
	"strings"
	"testing"
)

func (l *lab) post(as, path, body string) answer {
	l.t.Helper()
	r := request{as: as, method: "POST", path: "/api/v1/uploads/" + path, body: body}
	if body != "" {
		r.header = map[string]string{"Content-Type": "application/json"}
	}
	return l.do(r)
}

func TestUploadIsPublishedWithEmbargoLiftedAndFound(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	id := l.newUpload("jane", map[string]string{"a.archive.yaml": sample("Film", "TiO2"), "empty/x.txt": "x"})
	l.processed("jane", id)
	l.post("jane", id+"/action/publish?embargo_length=x", "").want(422)
	l.post("jane", id+"/action/publish?embargo_length=37", "").detail(400, "Invalid embargo_length. Must be between 0 and 36 months.")
	l.post("joe", id+"/action/publish", "").detail(403, "You do not have write access to the specified upload.")
	l.post("", id+"/action/publish", "").want(401)
	found := func(as string) string {
		return l.get(as, "/api/v1/entries?upload_id="+id).want(200).text("pagination.total")
	}
	data := l.post("jane", id+"/action/publish?embargo_length=12&wait_for_processing=false&to_central_nomad=false", "").want(200)
	for path, want := range map[string]string{
		"upload_id": id, "data.published": "true", "data.with_embargo": "true", "data.embargo_length": "12", "data.process_running": "false",
		"data.process_status": "SUCCESS", "data.current_process": "_publish_upload", "data.last_status_message": "Process completed successfully",
	} {
		if got := data.text(path); got != want {
			t.Errorf("%s is %s, want %s", path, got, want)
		}
	}
	if data.value("data.publish_time") != data.value("data.complete_time") {
		t.Errorf("%s", data.body)
	}
	l.get("joe", "/api/v1/uploads/"+id).detail(403, "published with embargo")
	if found("") != "0" {
		t.Error("a visitor finds it")
	}
	l.post("jane", id+"/action/publish", "").detail(400, "Upload already published.")
	lifted := l.post("jane", id+"/action/lift-embargo", "").want(200)
	if lifted.text("data.with_embargo") != "false" || lifted.text("data.current_process") != "_edit_metadata" || lifted.text("data.process_status") != "SUCCESS" {
		t.Errorf("%s", lifted.body)
	}
	if found("") != "1" {
		t.Error("no visitor finds it")
	}
	l.get("", "/api/v1/uploads/"+id+"/raw/a.archive.yaml").want(200)
	l.post("jane", id+"/action/lift-embargo", "").detail(400, "Upload has no embargo.")
	l.post("jane", id+"/action/process", "").detail(403, "Upload is already published, only admins can perform this operation.")
	l.post("admin", id+"/action/process", "").want(200)
	if done := l.processed("jane", id); done.text("data.entries") != "1" || done.text("data.process_status") != "SUCCESS" {
		t.Errorf("%s", done.body)
	}
	must(t, l.audit.Flush(t.Context()))
	for _, operation := range []string{"upload.publish", "upload.embargo", "upload.process"} {
		l.oneRow("?operation="+operation, map[string]any{"object": "upload:" + id, "outcome": "allowed"})
	}
}

func TestPublishToCentralTellsWhatIsMissing(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	id := l.newUpload("jane", map[string]string{"a.archive.yaml": sample("Film", "TiO2")})
	l.processed("jane", id)
	const path = "/action/publish?to_central_nomad=true"
	l.post("joe", id+path, "").detail(403, "You do not have write access to the specified upload.")
	l.post("jane", id+path, "").detail(400, "The upload must be published on the OASIS first.")
	l.post("jane", id+"/action/publish", "").want(200)
	l.post("jane", id+path, "").detail(403, "Only admin of OASIS can publish to the central NOMAD.")
	l.post("admin", id+path, "").detail(400, "header Central-Token")
	about := *l.about.Load()
	about.IsOasis = false
	l.about.Store(&about)
	l.post("admin", id+path, "").detail(400, "Must be on an OASIS to publish to the central NOMAD repository.")
}

func TestPublishDirectlyNeedsTheScopeToPublish(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	post := func(token string) answer {
		return l.do(request{method: "POST", path: "/api/v1/uploads?publish_directly=true&file_name=a.archive.yaml", body: sample("Film", "TiO2"),
			header: map[string]string{"Authorization": "Bearer " + token, "Accept": "application/json"}})
	}
	post(l.pat("jane", "uploads:write")).detail(403, "Missing scopes: ['uploads:publish']")
	id := post(l.pat("jane", "uploads:write", "uploads:publish")).want(200).text("upload_id")
	if done := l.processed("jane", id); done.text("data.published") != "true" || done.text("data.process_status") != "SUCCESS" {
		t.Errorf("%s", done.body)
	}
	l.get("", "/api/v1/uploads/"+id).want(200)
}

func TestStopProcessingNeedsSomethingThatRuns(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	id := l.newUpload("jane", map[string]string{"a.txt": "x"})
	l.processed("jane", id)
	l.post("jane", id+"/action/stop-processing", "").detail(400, "This functionality is only available when upload process state is pending.")
	l.post("joe", id+"/action/stop-processing", "").want(403)
	l.post("jane", "none/action/stop-processing", "").detail(404, "The specified upload_id was not found.")
}

func TestEntryFilesAreDeletedByAQuery(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	id := l.newUpload("jane", map[string]string{"top.archive.yaml": sample("Top", "TiO2"), "d/one.archive.yaml": sample("One", "ZnO"), "d/beside.txt": "x"})
	l.processed("jane", id)
	at := id + "/action/delete-entry-files"
	for _, body := range []string{`{}`, `{"query": null}`} {
		l.post("jane", at, body).detail(400, "A query must be specified.")
	}
	l.post("jane", at, `{"query": {"no_such_thing": 1}}`).want(422)
	l.post("jane", at, `{"query": {}, "owner": "me"}`).want(422)
	l.post("jane", at, `{"query": {}, "include_parent_folders": true}`).detail(400, `"confirm": ["/"]`)
	l.post("jane", at, `{"query": {"entry_name": "nothing"}, "owner": "user"}`).want(200)
	pending := l.post("jane", at, `{"query": {"entry_name": "One"}, "include_parent_folders": true}`).want(200)
	if pending.text("data.process_status") != "PENDING" || pending.text("data.files") != "1" {
		t.Errorf("%s", pending.body)
	}
	if done := l.processed("jane", id); done.text("data.entries") != "1" || l.names("jane", id) != "top.archive.yaml" {
		t.Errorf("%s, %s", l.names("jane", id), done.body)
	}
}

func TestIncludedEntries(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	source := l.newUpload("jane", map[string]string{"a.archive.yaml": sample("Film", "TiO2"), "b.archive.yaml": sample("Film", "ZnO")})
	l.processed("jane", source)
	id := l.do(request{as: "jane", method: "POST", path: "/api/v1/uploads", header: map[string]string{"Accept": "application/json"}}).want(200).text("upload_id")
	query := `{"query": {"upload_id": "` + source + `"}`
	for _, path := range []string{"/included-entries", "/included-entries/validate"} {
		l.post("jane", id+path, `{}`).want(422)
		l.post("jane", id+path, `{"query": null}`).want(422)
		l.post("jane", id+path, `{"query": 1}`).want(422)
		l.post("jane", id+path, `{"query": {"no_such_thing": 1}}`).want(422)
		l.post("joe", id+path, query+`}`).detail(403, "You do not have write access to the specified upload.")
	}
	checked := l.post("jane", id+"/included-entries/validate", query+`, "pagination": {"page_size": 1}}`).want(200)
	if checked.text("pagination.total") != "2" || checked.text("n_unpublished") != "2" || checked.text("entries.0.upload_id") != source ||
		checked.text("entries.0.published") != "false" || checked.value("pagination.next_page_after_value") == nil || checked.text("query.upload_id") != source {
		t.Errorf("%s", checked.body)
	}
	if strings.Contains(l.get("jane", "/api/v1/uploads/"+id).want(200).body, "included_entries") {
		t.Error("checking has changed the upload")
	}
	set := l.post("jane", id+"/included-entries", query+`}`).want(200)
	if set.text("total") != "2" || set.text("query.upload_id") != source || set.text("timestamp") == "" {
		t.Errorf("%s", set.body)
	}
	shown := l.get("jane", "/api/v1/uploads/"+id).want(200)
	if shown.text("data.included_entries.query.upload_id") != source || shown.text("data.included_entries.timestamp") != set.text("timestamp") {
		t.Errorf("%s", shown.body)
	}
	l.post("jane", id+"/action/publish", "").detail(400, "The upload has 2 unpublished included entries. Have those published first.")
	if cleared := l.post("jane", id+"/included-entries", `{"query": {}}`).want(200); strings.Contains(cleared.body, "query") {
		t.Errorf("%s", cleared.body)
	}
	l.post("jane", id+"/action/publish", "").detail(400, "Cannot publish an upload without any resulting entries.")
	l.post("jane", id+"/included-entries", query+`}`).want(200)
	l.post("jane", source+"/action/publish", "").want(200)
	l.post("jane", id+"/action/publish", "").want(200)
}
