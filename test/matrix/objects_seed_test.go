package matrix

import (
	"database/sql"
	"encoding/json"
	"io"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"oasis/internal/data/upload"
	"oasis/internal/data/upload/unpack"
	"oasis/internal/store/filestore"
)

// The roles, in the order of the columns of the tables; the first is a visitor.
func roles() []string {
	return []string{"anonymous", "other", "reviewer", "coauthor", "author", "root"}
}

// actor is somebody with a role.
type actor struct {
	name string
	// column of the tables.
	column int
}

// actors come to each role in every way there is: team are reviewers because their
// group is one, crew are co-authors because their group is in one that is.
func actors() []actor {
	return []actor{{"anonymous", 0}, {"other", 1}, {"reviewer", 2}, {"team", 2}, {"coauthor", 3}, {"crew", 3}, {"author", 4}, {"root", 5}}
}

// The states, in the order of a cell of the tables.
func states() []string { return []string{"staging", "embargoed", "public"} }

// secret is in the name of every upload: who may not look must not read it.
const secret = "A title that nobody else may know"

// objects are the uploads in the server.
type objects struct {
	tokens map[string]string // name → token with all scopes
	// uploads by state, each with one entry and one raw file more.
	uploads map[string]string
	// disposable uploads, by operation, state and name, for those operations that change them.
	disposable map[string]map[[2]string]string
	// filled are the uploads that have files.
	filled []string
}

func (o *objects) seed(s *seeder) {
	*o = objects{tokens: map[string]string{}, uploads: map[string]string{}, disposable: map[string]map[[2]string]string{}}
	for _, who := range actors()[1:] {
		s.user(who.name, "")
		o.tokens[who.name] = s.token(who.name, everyScope(), nil)
	}
	s.group("group-of-team", "team", "team")
	s.group("group-of-crew", "crew", "crew")
	s.group("group-of-groups", "crews", "author", "group-of-crew")
	s.group("group-of-others", "others", "other")
	for _, state := range states() {
		o.uploads[state] = s.upload()
		s.files(o.uploads[state])
		o.filled = append(o.filled, o.uploads[state])
		s.publish(o.uploads[state], state)
		for _, operation := range []string{"deleteUpload", "publishUpload", "liftEmbargo", "processUpload"} {
			for _, who := range actors() {
				id := s.upload()
				if operation == "publishUpload" && state == "staging" {
					s.files(id)
					o.filled = append(o.filled, id)
				}
				s.publish(id, state)
				if o.disposable[operation] == nil {
					o.disposable[operation] = map[[2]string]string{}
				}
				o.disposable[operation][[2]string{state, who.name}] = id
			}
		}
	}
}

// upload adds an upload in staging.
func (s *seeder) upload() string {
	s.t.Helper()
	u := upload.Upload{
		ID: upload.NewID(), Name: secret, CreateTime: time.Now().UTC(), MainAuthor: s.ids["author"],
		Coauthors: []string{s.ids["coauthor"]}, Reviewers: []string{s.ids["reviewer"]},
		CoauthorGroups: []string{"group-of-groups"}, ReviewerGroups: []string{"group-of-team"},
		License: upload.DefaultLicense, Process: upload.Process{Status: upload.Ready},
	}
	s.check(s.db.Uploads().InTx(s.ctx, func(tx upload.Tx) error { return tx.InsertUpload(s.ctx, u) }))
	return u.ID
}

// The files of an upload.
const (
	mainfile = "note.archive.yaml"
	plain    = "plain.txt"
)

// files puts files into an upload the way the server does; it processes them when it starts.
func (s *seeder) files(id string) {
	s.t.Helper()
	files, err := filestore.Open(filepath.Join(s.dir, "files"), filestore.Options{})
	s.check(err)
	limits := upload.Limits{Unpublished: 10, FileBytes: 1 << 20, Archive: unpack.DefaultLimits()}
	service := upload.NewService(s.db.Uploads(), files, func() upload.Limits { return limits }, time.Now)
	_, err = service.PutFiles(s.ctx, upload.Viewer{UserID: s.ids["author"]}, id, "", upload.PutOptions{}, &parts{
		{Name: mainfile, Reader: strings.NewReader("data:\n  name: " + secret + "\n")},
		{Name: plain, Reader: strings.NewReader("plain text\n")},
	})
	s.check(err)
	s.check(service.Settle(s.ctx))
	s.check(files.Close())
}

// parts is the body of an upload.
type parts []upload.Part

func (p *parts) Next() (*upload.Part, error) {
	if len(*p) == 0 {
		return nil, io.EOF
	}
	next := &(*p)[0]
	*p = (*p)[1:]
	return next, nil
}

// publish sets what no operation of the API sets yet.
func (s *seeder) publish(id, state string) {
	s.t.Helper()
	if state == "staging" {
		return
	}
	embargo := 0
	if state == "embargoed" {
		embargo = 12
	}
	db, err := sql.Open("sqlite", "file:"+filepath.Join(s.dir, "oasis.db")+"?_pragma=busy_timeout(5000)")
	s.check(err)
	_, err = db.ExecContext(s.ctx, "update uploads set publish_time = ?, embargo_length = ? where id = ?", time.Now().UnixMicro(), embargo, id)
	s.check(err)
	s.check(db.Close())
}

// awaitEntries returns when all uploads are processed.
func (o *objects) awaitEntries(t *testing.T, w *world) {
	t.Helper()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for _, id := range o.filled {
		for {
			a := send(t, "GET", w.url+"/api/v1/uploads/"+id, "", bearer(o.tokens["author"]))
			var got struct {
				Data struct {
					Running bool   `json:"process_running"`
					Status  string `json:"process_status"`
					Entries int    `json:"entries"`
				} `json:"data"`
			}
			if err := json.Unmarshal([]byte(a.body), &got); err != nil {
				t.Fatalf("%s: %v\n%s", id, err, a.body)
			}
			if d := got.Data; !d.Running {
				if d.Status != string(upload.Success) || d.Entries != 1 {
					t.Fatalf("the upload %s was not processed: %s", id, a.body)
				}
				break
			}
			<-tick.C
		}
	}
}
