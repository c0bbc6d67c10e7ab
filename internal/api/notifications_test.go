package api_test

import (
	"bufio"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	v1 "oasis/internal/api/v1"
	"oasis/internal/data/inbox"
)

// listener reads a stream of events.
type listener struct {
	t    testing.TB
	body *http.Response
	// blocks are what came, split at empty lines; closed at the end of the stream.
	blocks chan string
}

// listen opens the stream; header has pairs of name and value.
func (l *lab) listen(as string, header ...string) *listener {
	l.t.Helper()
	req, err := http.NewRequestWithContext(l.t.Context(), http.MethodGet, l.url+"/api/v1/notifications", nil)
	must(l.t, err)
	req.Header.Set("Authorization", "Bearer "+l.bearer[as])
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	got, err := http.DefaultClient.Do(req)
	must(l.t, err)
	s := &listener{l.t, got, make(chan string, 100)}
	l.t.Cleanup(func() { _ = got.Body.Close() })
	go func() {
		defer close(s.blocks)
		lines, block := bufio.NewScanner(got.Body), ""
		for lines.Scan() {
			if lines.Text() == "" {
				s.blocks <- block
				block = ""
				continue
			}
			block += lines.Text() + "\n"
		}
	}()
	return s
}

// next gives the next block; ok is false at the end of the stream.
func (s *listener) next() (block string, ok bool) {
	s.t.Helper()
	select {
	case block, ok = <-s.blocks:
		return block, ok
	case <-time.After(20 * time.Second):
		s.t.Fatal("nothing came")
		return "", false
	}
}

// list gives the list of the next event and its id.
func (s *listener) list() (items []v1.Notification, id string) {
	s.t.Helper()
	for {
		block, ok := s.next()
		if !ok {
			s.t.Fatal("the stream has ended")
		}
		if block == ": keep-alive\n" {
			continue
		}
		lines := strings.Split(block, "\n")
		if len(lines) != 4 || lines[0] != "event: notifications" || !strings.HasPrefix(lines[1], "id: ") || !strings.HasPrefix(lines[2], "data: ") {
			s.t.Fatalf("no event: %q", block)
		}
		var list v1.NotificationList
		must(s.t, json.Unmarshal([]byte(lines[2][6:]), &list))
		return list.Notifications, lines[1][4:]
	}
}

func TestNotificationsAreToldAsTheyHappen(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	if got := l.get("", "/api/v1/notifications"); got.status != http.StatusUnauthorized {
		t.Fatalf("a visitor gets %d", got.status)
	}
	l.get("jane", "/api/v1/notifications?source=else").want(422)
	s, others := l.listen("jane"), l.listen("joe")
	for name, want := range map[string]string{"Content-Type": "text/event-stream", "Cache-Control": "no-cache", "X-Accel-Buffering": "no"} {
		if got := s.body.Header.Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	if items, _ := s.list(); len(items) != 0 {
		t.Fatalf("before anything has happened: %+v", items)
	}
	others.list()

	id := l.do(request{as: "jane", method: "POST", path: "/api/v1/uploads?file_name=a.archive.yaml&upload_name=TiO2", body: "data: {name: x}\n"}).
		want(200).text("upload_id")
	items, version := s.list()
	if len(items) != 1 {
		t.Fatalf("after processing: %+v", items)
	}
	n := items[0]
	if n.Type != "upload_process" || n.Source != "user" || n.Read || n.Data["resource_id"] != id || n.Data["resource_name"] != "TiO2" ||
		n.Data["process"] != "_process_upload" || n.Data["result"] != "success" || n.Data["resource_type"] != "upload" || n.Data["message"] == "" {
		t.Errorf("told: %+v", n)
	}

	// Who comes back with the list gets it no second time.
	again := l.listen("jane", "Last-Event-ID", version)
	if block, _ := again.next(); block != ": keep-alive\n" {
		t.Errorf("the same list again: %q", block)
	}
	path := "/api/v1/notifications/" + n.ID
	l.do(request{as: "joe", method: "PATCH", path: path, body: v1.NotificationChange{Read: true}}).want(404)
	l.do(request{as: "jane", method: "PATCH", path: path, body: v1.NotificationChange{Read: true}}).want(204)
	for _, listener := range []*listener{s, again} {
		if items, _ := listener.list(); len(items) != 1 || !items[0].Read {
			t.Errorf("after reading: %+v", items)
		}
	}
	l.do(request{as: "jane", method: "PATCH", path: "/api/v1/notifications", body: v1.NotificationChange{}}).want(204)
	if items, _ := s.list(); len(items) != 1 || items[0].Read {
		t.Errorf("after unreading all: %+v", items)
	}
	l.do(request{as: "joe", method: "DELETE", path: path}).want(404)
	l.do(request{as: "jane", method: "DELETE", path: path}).want(204)
	if items, _ := s.list(); len(items) != 0 {
		t.Errorf("after deleting: %+v", items)
	}
	l.do(request{as: "jane", method: "DELETE", path: path}).want(404)

	// A change of files that is not to be processed is no news; a server that stops ends the streams.
	l.do(request{as: "jane", method: "PUT", path: "/api/v1/uploads/" + id + "/raw/?file_name=b.txt&trigger_processing=false", body: "x"}).want(200)
	l.inbox.Stop()
	for name, listener := range map[string]*listener{"jane": s, "joe": others} {
		for block, ok := listener.next(); ok; block, ok = listener.next() {
			if block != ": keep-alive\n" {
				t.Errorf("%s is told: %q", name, block)
			}
		}
	}
}

func TestNotificationStreamEndsWithItsCredential(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	raw := l.do(request{as: "jane", method: "POST", path: "/api/v1/auth/pats", body: pat("bell", 1, "uploads:read")}).want(201)
	s := l.listen("", "Authorization", "Bearer "+raw.text("raw_token"))
	s.list()
	l.do(request{as: "jane", method: "DELETE", path: "/api/v1/auth/pats/" + raw.text("pat.id")}).want(204)
	for block, ok := s.next(); ok; block, ok = s.next() {
		if block != ": keep-alive\n" {
			t.Errorf("told: %q", block)
		}
	}
}

func TestEightNotificationStreamsAreEnough(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	var first *listener
	for i := range inbox.MaxWatches {
		s := l.listen("jane")
		s.list()
		if i == 0 {
			first = s
		}
	}
	got := l.get("jane", "/api/v1/notifications").want(429)
	if got.header.Get("Retry-After") == "" {
		t.Error("a refusal without Retry-After")
	}
	l.listen("joe").list()
	must(t, first.body.Body.Close())
	for l.listen("jane").body.StatusCode == http.StatusTooManyRequests { // the server has to notice
		<-time.After(10 * time.Millisecond)
	}
}
