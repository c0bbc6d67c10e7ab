package api_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	v1 "oasis/internal/api/v1"
)

func TestUploadIsSentToACentralServer(t *testing.T) {
	t.Parallel()
	here, central := newLab(t), newLab(t)
	target := central.url + "/api"
	id := here.newUpload("jane", map[string]string{"a.archive.yaml": movedFile})
	here.processed("jane", id)
	path := "/api/v1/uploads/" + id + "/action/transfer"
	send := func(as string, change func(*v1.SendOrder)) answer {
		o := v1.SendOrder{AuthToken: central.bearer["admin"], TargetURL: target, UnknownUsers: "importer"}
		if change != nil {
			change(&o)
		}
		return here.do(request{as: as, method: "POST", path: path, body: o})
	}
	send("", nil).want(401)
	send("joe", nil).detail(403, "You do not have write access")
	send("jane", nil).detail(400, "The upload should be published first.")
	here.post("jane", id+"/action/publish", "").want(200)

	// Nothing is called that is not listed (decisions 18).
	called := false
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { called = true }))
	t.Cleanup(elsewhere.Close)
	send("joe", nil).detail(403, "You do not have write access") // reading is not enough
	send("jane", func(o *v1.SendOrder) { o.TargetURL = elsewhere.URL + "/api" }).detail(400, "oasis.transfer_targets")
	send("jane", nil).detail(400, "oasis.transfer_targets")
	for url, want := range map[string]string{
		"ftp://x/api": "URL must start with http:// or https://", "http:///api": "URL must contain a valid host", target + "/v2": "URL path must end with '/api'",
		target + "?x=/api": "URL path must end with '/api'", "http://a:b@x/api": "URL must contain a valid host",
	} {
		send("jane", func(o *v1.SendOrder) { o.TargetURL = url }).detail(422, want)
	}
	send("jane", func(o *v1.SendOrder) { o.AuthToken = "" }).want(422)
	send("jane", func(o *v1.SendOrder) { no := false; o.RawFiles, o.ArchiveFiles = &no, &no }).detail(422, "Include raw files or processed archives")
	if called {
		t.Error("a server was called that is not listed")
	}

	moved := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, elsewhere.URL, http.StatusTemporaryRedirect)
	}))
	t.Cleanup(moved.Close)
	here.setTargets(target, moved.URL+"/api", "http://127.0.0.1:1/api")
	for _, url := range []string{moved.URL + "/api", "http://127.0.0.1:1/api"} { // one answer for all that is wrong with a target
		got := send("jane", func(o *v1.SendOrder) { o.TargetURL = url })
		if got.detail(400, "The target deployment is not available or the URL is incorrectly formatted."); strings.Contains(got.body, "refused") {
			t.Error(got.body)
		}
	}
	if called {
		t.Error("a redirect was followed")
	}
	state := func() answer { return here.get("jane", "/api/v1/uploads/"+id).want(200) }
	if s := state().text("data.process_status"); s != "SUCCESS" {
		t.Errorf("refusals have changed the upload: %s", s)
	}

	send("jane", func(o *v1.SendOrder) { o.AuthToken = "wrong" }).detail(400, "The target deployment answered with status 401")
	if s := state(); s.text("data.process_status") != "FAILURE" || s.text("data.current_process") != "_publish_externally" || s.value("data.published_to.0") != nil {
		t.Error(s.body)
	}
	got := send("jane", nil).want(200)
	if got.text("data.process_status") != "SUCCESS" || got.text("data.published_to.0") != target {
		t.Error(got.body)
	}
	there := central.get("", "/api/v1/uploads/"+id).want(200)
	if there.text("data.main_author") != central.users["admin"].ID || there.text("data.published") != "true" || there.text("data.entries") != "1" {
		t.Error(there.body)
	}
	if central.get("", "/api/v1/uploads/"+id+"/raw/a.archive.yaml").want(200).body != movedFile {
		t.Error("other bytes have arrived")
	}
	send("jane", nil).detail(400, "already exists")
	items, _ := here.listen("jane").list()
	if items[0].Data["process"] != "_publish_externally" || items[0].Data["result"] != "failure" {
		t.Errorf("told: %+v", items[0])
	}
	if strings.Contains(here.log.String(), central.bearer["admin"]) {
		t.Error("the token stands in the log")
	}

	// The older way, for administrators.
	about := *here.about.Load()
	about.CentralURL = target
	here.about.Store(&about)
	id2 := here.newUpload("jane", map[string]string{"a.archive.yaml": movedFile})
	here.processed("jane", id2)
	here.post("jane", id2+"/action/publish", "").want(200)
	central.users["jane"] = here.users["jane"]
	got = here.do(request{as: "admin", method: "POST", path: "/api/v1/uploads/" + id2 + "/action/publish?to_central_nomad=true",
		header: map[string]string{"Central-Token": "Bearer " + central.bearer["admin"]}})
	got.detail(400, "Invalid main_author") // the central server does not know her
}

// A proxy in front of NOMAD lets large bodies through to the older address only.
func TestSendingTriesTheOlderAddress(t *testing.T) {
	t.Parallel()
	here := newLab(t)
	var asked []string
	target := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.URL.Path)
		if strings.HasSuffix(r.URL.Path, "/import") {
			w.WriteHeader(http.StatusRequestEntityTooLarge)
		}
	}))
	t.Cleanup(target.Close)
	here.setTargets(target.URL + "/api")
	id := here.newUpload("jane", map[string]string{"a.archive.yaml": movedFile})
	here.processed("jane", id)
	here.post("jane", id+"/action/publish", "").want(200)
	order := v1.SendOrder{AuthToken: "x", TargetURL: target.URL + "/api/"}
	here.do(request{as: "jane", method: "POST", path: "/api/v1/uploads/" + id + "/action/transfer", body: order}).want(200)
	if got := strings.Join(asked, " "); got != "/-/health /api/v1/uploads/import /api/v1/uploads/bundle" {
		t.Errorf("asked %s", got)
	}
}
