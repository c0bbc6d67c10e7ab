package api_test

import (
	"testing"

	v1 "oasis/internal/api/v1"
)

func TestUploadIsHandedOverByTheAPI(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	const path = "/api/v1/ownership-transfers"
	id := l.do(request{as: "jane", method: "POST", path: "/api/v1/uploads?upload_name=TiO2"}).want(200).text("upload_id")
	offer := v1.TransferRequest{ResourceType: "upload", ResourceID: id, TargetUser: "joe@example.org", TargetUserType: "email", Keep: true}
	l.do(request{method: "POST", path: path, body: offer}).want(401)
	l.do(request{as: "max", method: "POST", path: path, body: offer}).detail(403, "write access")
	l.get("joe", "/api/v1/uploads/"+id).want(403)
	made := l.do(request{as: "jane", method: "POST", path: path, body: offer}).want(200)
	transfer := made.text("transfer_id")
	for key, want := range map[string]string{
		"resource_type": "upload", "resource_id": id, "resource_name": "TiO2", "state": "pending", "source_user_id": l.users["jane"].ID,
		"target_user_id": l.users["joe"].ID, "actor_user_id": l.users["jane"].ID, "keep_former_owner": "true",
	} {
		if got := made.text(key); got != want {
			t.Errorf("%s is %q, want %q", key, got, want)
		}
	}
	l.get("joe", "/api/v1/uploads/"+id).want(200)
	if got := l.get("joe", path+"?direction=incoming&resource_type=upload").want(200); got.text("transfers.0.transfer_id") != transfer {
		t.Error(got.body)
	}
	l.get("joe", path+"?resource_type=x").detail(400, "Unsupported resource_type='x'")
	l.get("joe", path+"/"+transfer).want(200)
	l.get("joe", path+"/"+transfer+"?resource_type=x").detail(400, "Unsupported")
	l.get("max", path+"/"+transfer).detail(403, "You are not authorized to access this transfer.")
	l.get("joe", path+"/none").detail(404, "Transfer does not exist.")
	items, _ := l.listen("joe").list()
	if len(items) != 1 || items[0].ID != "ownership-transfer-request-"+transfer || items[0].Type != "ownership_transfer" || *items[0].ActorUserID != l.users["jane"].ID {
		t.Errorf("told: %+v", items)
	}
	l.do(request{as: "joe", method: "POST", path: path + "/" + transfer + "/respond", body: v1.TransferAnswer{Action: "x"}}).want(422)
	got := l.do(request{as: "joe", method: "POST", path: path + "/" + transfer + "/respond?resource_type=upload", body: v1.TransferAnswer{Action: "accept"}}).want(200)
	if got.text("result.upload_id") != id || got.text("result.data.main_author") != l.users["joe"].ID || got.text("result.data.coauthors.0") != l.users["jane"].ID {
		t.Error(got.body)
	}
	l.do(request{as: "jane", method: "DELETE", path: "/api/v1/uploads/" + id}).detail(403, "Only main author")
	if got := l.do(request{as: "joe", method: "POST", path: "/api/v1/entries/query", body: `{"owner": "user"}`}); got.status != 200 {
		t.Error(got.body)
	}
}
