package v1

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"oasis/internal/access"
	"oasis/internal/access/scope"
	"oasis/internal/api"
	"oasis/internal/data/inbox"
)

// Notification is one thing somebody is told (spec datasets-groups.md §6); read is ours.
type Notification struct {
	ID          string            `json:"id"`
	Source      string            `json:"source" enum:"user,system"`
	Type        string            `json:"type" enum:"ownership_transfer,upload_process,upload_deposit" doc:"upload_deposit is not part of the NOMAD API: an instrument made an upload for you, or several today"`
	CreatedAt   string            `json:"created_at" format:"date-time"`
	ActorUserID *string           `json:"actor_user_id,omitempty" doc:"Who caused it"`
	Data        map[string]string `json:"data" doc:"resource_type, resource_id, resource_name, and process, result and message, or event"`
	Read        bool              `json:"read" doc:"Whether you have marked it as read; not part of the NOMAD API"`
}

// NotificationList is the data of each event of the stream: always the whole list.
type NotificationList struct {
	Notifications []Notification `json:"notifications" nullable:"false"`
}

// NotificationChange says what to change.
type NotificationChange struct {
	Read bool `json:"read" doc:"Mark as read, or as not read"`
}

func (s Services) notificationRoutes() []api.Route {
	row := func(id, method, path, summary string, sc scope.Scope) api.Row {
		r := api.Row{
			Operation: access.Operation{ID: id, Scopes: scope.Of(sc)},
			Method:    method, Path: api.PathV1 + "/notifications" + path, Tag: "notifications", Summary: summary,
		}
		if method != http.MethodGet {
			r.Status = http.StatusNoContent
		}
		return r
	}
	stream := row("streamNotifications", http.MethodGet, "", "What you are told, as server-sent events", scope.UploadsRead)
	stream.Description = "Each event `notifications` carries the whole list, the newest 50 first: at once, and again whenever it changes. " +
		"While nothing changes there is a comment `: keep-alive` every 5 seconds. A client that comes again with the `Last-Event-ID` " +
		"of a list that still holds is not sent it once more. The stream ends with the session or token that opened it."
	stream.Errors = []int{http.StatusTooManyRequests}
	stream.Output = "event: notifications\nid: 5f2a9c01b3d4e6f7\ndata: {\"notifications\": []}\n\n"
	stream.Describe = func(op *huma.Operation, schemas huma.Registry) {
		schemas.Schema(reflect.TypeFor[NotificationList](), true, "")
		api.Answers(op, map[string]*huma.Schema{"text/event-stream": {Type: huma.TypeString}})
	}
	all := row("markNotifications", http.MethodPatch, "", "Mark all as read or not read", scope.UploadsWrite)
	all.Input = NotificationChange{Read: true}
	one := row("markNotification", http.MethodPatch, "/{notification_id}", "Mark one as read or not read", scope.UploadsWrite)
	one.Input, one.Errors = NotificationChange{Read: true}, []int{http.StatusNotFound}
	remove := row("deleteNotification", http.MethodDelete, "/{notification_id}", "Delete one", scope.UploadsWrite)
	remove.Errors = []int{http.StatusNotFound}
	return []api.Route{
		api.Handle(stream, s.streamNotifications), api.Handle(all, s.markNotifications),
		api.Handle(one, s.markNotification), api.Handle(remove, s.deleteNotification),
	}
}

// Times of the stream.
const (
	// keepAlive is how often a quiet stream says that it is there (spec datasets-groups.md §6).
	keepAlive = 5 * time.Second
	// pushPace is how long after a list the next one comes at the earliest.
	pushPace = 250 * time.Millisecond
)

type streamInput struct {
	Source      string `query:"source" enum:"all,user,system" default:"all" doc:"Only what concerns users and their uploads, or only words of the server itself"`
	LastEventID string `header:"Last-Event-ID" doc:"The id of the last event you have seen"`
}

func (s Services) streamNotifications(ctx context.Context, in *streamInput) (*api.Stream, error) {
	return api.Write(func(w http.ResponseWriter, r *http.Request) {
		watch, err := s.Inbox.Watch(api.UserID(ctx))
		if err != nil {
			api.Fail(w, r, err)
			return
		}
		defer watch.Close()
		n := notifying{s: s, w: w, r: r, source: inbox.Source(in.Source), last: in.LastEventID}
		event, err := n.event()
		if err != nil {
			api.Fail(w, r, err)
			return
		}
		h := w.Header()
		h.Set("Content-Type", "text/event-stream")
		h.Set("Cache-Control", "no-cache")
		h.Set("X-Accel-Buffering", "no")
		n.follow(watch, event)
	}), nil
}

// notifying is one open stream.
type notifying struct {
	s      Services
	w      http.ResponseWriter
	r      *http.Request
	source inbox.Source
	// last is the id of the list that the client has.
	last string
}

// event gives the list as an event, or a comment when the client has it already.
func (n *notifying) event() ([]byte, error) {
	items, err := n.s.Inbox.List(n.r.Context(), api.UserID(n.r.Context()), n.source)
	if err != nil {
		return nil, err
	}
	list := NotificationList{[]Notification{}}
	for i := range items {
		list.Notifications = append(list.Notifications, notificationOf(&items[i]))
	}
	data, err := json.Marshal(list)
	if err != nil {
		return nil, fmt.Errorf("encode notifications: %w", err)
	}
	sum := sha256.Sum256(data)
	id := hex.EncodeToString(sum[:8])
	if id == n.last {
		return []byte(": keep-alive\n\n"), nil
	}
	n.last = id
	var b bytes.Buffer
	fmt.Fprintf(&b, "event: notifications\nid: %s\ndata: %s\n\n", id, data)
	return b.Bytes(), nil
}

// follow sends a first event and then each change, until the client goes, its
// credential ends or the server stops.
func (n *notifying) follow(watch *inbox.Watch, event []byte) {
	quiet := time.NewTicker(keepAlive)
	defer quiet.Stop()
	pace := time.NewTicker(pushPace)
	defer pace.Stop()
	changed := false
	for {
		if event != nil && !n.send(event) {
			return
		}
		event = nil
		ready := pace.C
		if !changed {
			ready = nil
		}
		select {
		case <-n.r.Context().Done():
			return
		case <-watch.Stopped():
			return
		case <-watch.Changed():
			changed = true
		case <-ready:
			changed = false
			var err error
			if event, err = n.event(); err != nil {
				return // the client comes again, and is told then
			}
		case <-quiet.C:
			if !api.StillAllowed(n.r.Context()) {
				return
			}
			event = []byte(": keep-alive\n\n")
		}
	}
}

func (n *notifying) send(event []byte) bool {
	_, err := n.w.Write(event)
	return err == nil && http.NewResponseController(n.w).Flush() == nil
}

func notificationOf(i *inbox.Item) Notification {
	return Notification{
		ID: i.ID, Source: string(i.Source), Type: string(i.Type), CreatedAt: Stamp(i.Created), ActorUserID: some(i.Actor),
		Data: i.Data, Read: !i.Read.IsZero(),
	}
}

func (s Services) markNotifications(ctx context.Context, in *struct{ Body NotificationChange }) (*struct{}, error) {
	return nil, s.Inbox.MarkRead(ctx, api.UserID(ctx), "", in.Body.Read)
}

// NotificationInput names a notification.
type NotificationInput struct {
	ID string `path:"notification_id" maxLength:"200"`
}

func (s Services) markNotification(ctx context.Context, in *struct {
	NotificationInput
	Body NotificationChange
},
) (*struct{}, error) {
	return nil, s.Inbox.MarkRead(ctx, api.UserID(ctx), in.ID, in.Body.Read)
}

func (s Services) deleteNotification(ctx context.Context, in *NotificationInput) (*struct{}, error) {
	return nil, s.Inbox.Delete(ctx, api.UserID(ctx), in.ID)
}
