package api_test

import (
	"strings"
	"sync"
	"testing"

	"oasis/internal/data/upload"
)

func TestQuotas(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	const ofUser, ofAll = "The uploads of one main author may hold 1000 bytes together", "All uploads of this Oasis may hold 1.465 KiB together"
	l.room.Store(&upload.Room{User: 1000, Whole: 1500})
	id := l.newUpload("jane", map[string]string{"a": strings.Repeat("a", 600)})
	put := func(as, id, query, body string) answer {
		return l.do(request{as: as, method: "PUT", path: "/api/v1/uploads/" + id + "/raw/" + query, body: body})
	}
	text := func(n int) string { return strings.Repeat("x", n) }
	put("jane", id, "?file_name=b", text(401)).detail(507, ofUser)
	put("jane", id, "?file_name=b", text(5000)).detail(507, ofUser)
	l.do(request{as: "jane", method: "POST", path: "/api/v1/uploads?file_name=b", body: text(401)}).detail(507, ofUser)
	put("jane", id, "?file_name=b.zip", zipped(t, map[string]string{"1": text(300), "2": text(300)})).detail(507, ofUser)
	if names := l.names("jane", id); names != "a" {
		t.Errorf("files %s", names)
	}
	put("jane", id, "?file_name=b", text(400)).want(200)
	put("jane", id, "?file_name=b", text(399)).want(200) // replaced, not added
	put("jane", id, "?file_name=a", text(601)).want(200) // exactly full
	put("jane", id, "?file_name=c", "x").detail(507, ofUser)
	put("jane", id, "?file_name=empty&wait_for_processing=true", "").want(400)
	put("jane", id, "?copy_or_move=copy&copy_or_move_source_path=a&file_name=twin", "").detail(507, ofUser)
	put("jane", id, "?copy_or_move=move&copy_or_move_source_path=a&file_name=A", "").want(200)
	// Others have their own room, as far as there is any.
	other := l.newUpload("joe", map[string]string{"a": text(400)})
	put("joe", other, "?file_name=b", text(101)).detail(507, ofAll)
	put("joe", other, "?file_name=b", text(100)).want(200)
	// A limit that was lowered takes nothing away, and lets one make room.
	l.room.Store(&upload.Room{User: 10})
	put("jane", id, "?copy_or_move=move&copy_or_move_source_path=A&file_name=a", "").want(200)
	put("jane", id, "?file_name=a", text(500)).want(200)
	put("jane", id, "?file_name=a", text(501)).detail(507, "may hold 10 bytes together")
	l.do(request{as: "jane", method: "DELETE", path: "/api/v1/uploads/" + id + "/raw/a"}).want(200)
	if got := l.get("jane", "/api/v1/uploads/"+id+"/raw/b").want(200); got.body != text(399) {
		t.Errorf("b has %d bytes", len(got.body))
	}
	l.room.Store(nil)
	put("jane", id, "?file_name=c", text(5000)).want(200)
}

// Many who add at the same time do not get past the limit together.
func TestQuotaHoldsForManyAtOnce(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.room.Store(&upload.Room{User: 1000})
	one, two := l.newUpload("jane", nil), l.newUpload("jane", nil)
	var group sync.WaitGroup
	for i := range 20 {
		group.Go(func() {
			id := []string{one, two}[i%2]
			got := l.do(request{as: "jane", method: "PUT", path: "/api/v1/uploads/" + id + "/raw/?file_name=" + string(rune('a'+i)), body: strings.Repeat("x", 100)})
			if got.status != 200 && got.status != 507 {
				t.Errorf("status %d: %s", got.status, got.body)
			}
		})
	}
	group.Wait()
	sum := len(strings.Fields(l.names("jane", one))) + len(strings.Fields(l.names("jane", two)))
	if sum != 10 {
		t.Errorf("%d files of 100 bytes were stored, want 10", sum)
	}
}
