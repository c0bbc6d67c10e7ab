package crash

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"path"
	"slices"
	"time"

	"oasis/test/servers"
)

// maxUploads is how many uploads a worker keeps, so that checking all stays quick.
const maxUploads = 4

// worker changes uploads of its own, one request after another.
type worker struct {
	client  *servers.Client
	name    string
	random  *rand.ChaCha8
	rng     *rand.Rand // over random
	uploads []*upload
	serial  int
	// stripped are what is left of licensed files, by the digest of the whole ones.
	stripped map[string]content
	// answered counts the changes that were answered.
	answered int
}

// change is a request and what it makes of an upload.
type change struct {
	upload       *upload
	method, path string
	body         []byte
	after        state
	// idle waits for the upload to be processed before.
	idle bool
}

// run sends changes until the server dies. An answer that is no success is an error.
func (w *worker) run(ctx context.Context) error {
	for {
		c, err := w.next()
		if err != nil {
			return err
		}
		if c.idle && !w.awaitIdle(ctx, c.upload.id) {
			return nil
		}
		c.upload.states = append(c.upload.states, c.after)
		answer, whole := w.send(ctx, c)
		if answer.Status == 0 {
			return nil
		}
		if answer.Status != http.StatusOK {
			return fmt.Errorf("%s %s: status %d: %s", c.method, c.path, answer.Status, answer.Body)
		}
		c.upload.states = []state{c.after}
		w.answered++
		if !whole {
			return nil
		}
		if c.upload.id == "" {
			var made struct {
				ID string `json:"upload_id"`
			}
			if err := json.Unmarshal(answer.Body, &made); err != nil || made.ID == "" {
				return fmt.Errorf("POST /uploads: no upload_id (%w) in %s", err, answer.Body)
			}
			c.upload.id = made.ID
		}
	}
}

// send gives what came of the answer; a killed server gives it in part, or none (status 0).
func (w *worker) send(ctx context.Context, c change) (answer servers.Answer, whole bool) {
	answer, err := w.client.Do(ctx, c.method, c.path, bytes.NewReader(c.body))
	return answer, err == nil
}

// awaitIdle waits until an upload is processed; false = the server died before.
func (w *worker) awaitIdle(ctx context.Context, id string) bool {
	for ctx.Err() == nil {
		var got struct{ Data listed }
		if err := w.client.Get(ctx, "/uploads/"+id, &got); err != nil {
			return false
		}
		if !got.Data.Running {
			return true
		}
		<-time.After(5 * time.Millisecond)
	}
	return false
}

// next chooses a change.
func (w *worker) next() (change, error) {
	w.uploads = slices.DeleteFunc(w.uploads, func(u *upload) bool { return !u.now().exists && len(u.states) == 1 })
	if len(w.uploads) == 0 {
		return w.create()
	}
	u := w.uploads[w.rng.IntN(len(w.uploads))]
	if len(w.uploads) > maxUploads {
		return w.drop(u), nil
	}
	if now := u.now(); now.published {
		if now.embargoed && w.rng.IntN(2) == 0 {
			return change{upload: u, method: http.MethodPost, path: "/uploads/" + u.id + "/action/lift-embargo", after: state{exists: true, files: now.files, published: true}}, nil
		}
		return w.drop(u), nil
	}
	switch n := w.rng.IntN(112); {
	case n >= 106:
		return w.publish(u), nil
	case n >= 100:
		return w.put(u, w.licensed()), nil
	case n < 40:
		return w.put(u, w.plain(1+w.rng.IntN(8<<10))), nil
	case n < 62:
		return w.put(u, w.eln()), nil
	case n < 70:
		return w.put(u, w.plain(1<<20+w.rng.IntN(4<<20))), nil
	case n < 78:
		return w.putZip(u)
	case n < 85:
		return w.remove(u, u.now().files.paths()), nil
	case n < 90:
		return w.remove(u, u.now().files.directories()), nil
	case n < 96:
		return w.create()
	default:
		return w.drop(u), nil
	}
}

// plain makes a file that is no entry, under one of few names so that some replace others.
func (w *worker) plain(size int) file {
	body := make([]byte, size)
	w.random.Read(body) //nolint:errcheck // never fails
	return newFile(fmt.Sprintf("f%d.dat", w.rng.IntN(12)), body, "")
}

// eln makes a file that is an entry.
func (w *worker) eln() file {
	w.serial++
	return archive(fmt.Sprintf("e%d.archive.json", w.rng.IntN(12)), fmt.Sprintf("%s sample %d", w.name, w.serial))
}

func (w *worker) directory() string { return fmt.Sprintf("d%d", w.rng.IntN(3)) }

// licensed makes a file of which publishing leaves only a part.
func (w *worker) licensed() file {
	w.serial++
	f := licensed(w.serial)
	if w.stripped == nil {
		w.stripped = map[string]content{}
	}
	w.stripped[f.sum] = f.stripped()
	return f
}

// publish publishes an upload that has an entry, with and without embargo.
func (w *worker) publish(u *upload) change {
	if len(expected(u.id, u.now().files)) == 0 {
		return w.put(u, w.eln())
	}
	embargo := w.rng.IntN(2)
	return change{
		upload: u, method: http.MethodPost, path: fmt.Sprintf("/uploads/%s/action/publish?embargo_length=%d", u.id, embargo), idle: true,
		after: state{exists: true, files: u.now().files.published(w.stripped), published: true, embargoed: embargo > 0},
	}
}

func (w *worker) put(u *upload, f file) change {
	dir := w.directory()
	return change{
		upload: u, method: http.MethodPut, path: "/uploads/" + u.id + "/raw/" + dir + "?file_name=" + url.QueryEscape(f.name), body: f.body,
		after: state{exists: true, files: u.now().files.with(tree{path.Join(dir, f.name): f.content})},
	}
}

// zip makes an archive to be unpacked in dir.
func (w *worker) zip(dir string) ([]byte, tree, error) {
	var files []file
	for i := range 2 + w.rng.IntN(30) {
		f := w.plain(1 + w.rng.IntN(2<<10))
		if w.rng.IntN(2) == 0 {
			f = w.eln()
		}
		f.name = fmt.Sprintf("z/%d%s", i, f.name) // twice the same name is refused
		files = append(files, f)
	}
	return pack(dir, files)
}

func (w *worker) putZip(u *upload) (change, error) {
	dir := w.directory()
	body, added, err := w.zip(dir)
	return change{
		upload: u, method: http.MethodPut, path: "/uploads/" + u.id + "/raw/" + dir + "?file_name=pack.zip", body: body,
		after: state{exists: true, files: u.now().files.with(added)},
	}, err
}

// remove deletes one of the given files or directories; without any it adds one.
func (w *worker) remove(u *upload, from []string) change {
	if len(from) == 0 {
		return w.put(u, w.eln())
	}
	at := from[w.rng.IntN(len(from))]
	return change{
		upload: u, method: http.MethodDelete, path: "/uploads/" + u.id + "/raw/" + at,
		after: state{exists: true, files: u.now().files.without(at)},
	}
}

func (w *worker) create() (change, error) {
	w.serial++
	u := &upload{name: fmt.Sprintf("%s upload %d", w.name, w.serial), states: []state{{}}}
	w.uploads = append(w.uploads, u)
	body, files, err := w.zip("")
	return change{
		upload: u, method: http.MethodPost, path: "/uploads?file_name=first.zip&upload_name=" + url.QueryEscape(u.name), body: body,
		after: state{exists: true, files: files},
	}, err
}

func (w *worker) drop(u *upload) change {
	return change{upload: u, method: http.MethodDelete, path: "/uploads/" + u.id}
}
