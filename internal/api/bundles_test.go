package api_test

import (
	"strings"
	"testing"
	"time"
)

const movedFile = "data: {m_def: nomad.datamodel.metainfo.eln.ELNSample, name: a sample}\n"

func TestUploadMovesToAnotherServerByTheAPI(t *testing.T) {
	t.Parallel()
	here, there := newLab(t), newLab(t)
	id := here.do(request{as: "jane", method: "POST", path: "/api/v1/uploads?file_name=a.archive.yaml&upload_name=TiO2", body: movedFile}).
		want(200).text("upload_id")
	for here.get("jane", "/api/v1/uploads/"+id).text("data.process_running") == "true" {
		<-time.After(5 * time.Millisecond)
	}
	path := "/api/v1/uploads/" + id + "/export"
	here.get("", path).detail(403, "Missing scopes") // it is no scope for reading
	here.get("joe", path).want(403)
	here.get("jane", path+"?include_schemas=true").want(422)
	here.get("jane", path+"?format=x").want(422)
	here.get("jane", path+"?include_raw_files=false&include_archive_files=false").detail(400, "Could not export due to error")
	packed := here.get("jane", path).want(200)
	if packed.header.Get("Content-Type") != "application/zip" || !strings.Contains(packed.header.Get("Content-Disposition"), id+".zip") {
		t.Errorf("headers %v", packed.header)
	}
	here.get("jane", "/api/v1/uploads/"+id+"/bundle?include_archive_files=false").want(200)

	take := "/api/v1/uploads/import"
	send := func(as, query string, body any) answer {
		return there.do(request{as: as, method: "POST", path: take + query, body: body})
	}
	send("", "", packed.body).want(401)
	send("max", "", "").detail(400, "No bundle file provided")
	send("max", "", "no zip").detail(400, "Failed to import bundle: ")
	send("max", "?embargo_length=37", packed.body).want(422)
	send("max", "?local_path=/x", packed.body).want(422)
	send("max", "?trigger_processing=true", packed.body).detail(403, "Changing the setting trigger_processing requires an admin user")
	send("max", "", packed.body).detail(403, "Only an administrator may import an upload of somebody else.")
	send("admin", "", packed.body).detail(400, "Failed to import bundle: Invalid main_author: ")
	got := send("max", "?unknown_users=importer", packed.body).want(200)
	if got.text("data.main_author") != there.users["max"].ID || got.text("data.upload_name") != "TiO2" || got.text("data.entries") != "1" {
		t.Error(got.body)
	}
	if there.get("max", "/api/v1/uploads/"+id+"/raw/a.archive.yaml").want(200).body != movedFile {
		t.Error("other bytes")
	}
	found := there.do(request{as: "max", method: "POST", path: "/api/v1/entries/query", body: `{"owner": "user"}`}).want(200)
	if found.text("data.0.upload_id") != id || found.text("data.0.entry_name") != "a sample" {
		t.Error(found.body)
	}
	text, kind := form("name=\"file\"; filename=\"b.zip\"\x00" + packed.body)
	there.do(request{as: "max", method: "POST", path: "/api/v1/uploads/bundle?unknown_users=importer", body: text, header: map[string]string{"Content-Type": kind}}).
		detail(400, "Failed to import bundle: Upload with id "+id+" already exists")
}
