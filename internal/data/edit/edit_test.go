package edit_test

import (
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"oasis/internal/access/identity"
	"oasis/internal/data/edit"
	"oasis/internal/data/entry"
	"oasis/internal/data/upload"
	"oasis/internal/problem"
	"oasis/internal/store/searchindex"
	"oasis/internal/store/sqlstore"
	"oasis/internal/work/processing"
)

var now = time.Date(2026, 11, 21, 9, 30, 0, 0, time.UTC)

// lab is an Oasis with four people, a group, and an upload of three entries.
type lab struct {
	*testing.T
	db       *sqlstore.DB
	edits    *edit.Service
	entries  *entry.Service
	reserved bool
}

// people finds accounts in the store.
type people struct{ identity.Store }

func (p people) Find(ctx context.Context, s identity.Search) ([]identity.User, error) {
	return p.FindUsers(ctx, s)
}

// groups are the ids of those that exist.
type groups []string

func (g groups) Missing(_ context.Context, ids []string) ([]string, error) {
	return slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return slices.Contains(g, id) }), nil
}

const id = "w7HvJ0rTSkq3m1P5n2cX8A"

func newLab(t *testing.T) *lab {
	t.Helper()
	db, err := sqlstore.Open(t.Context(), sqlstore.Config{Path: filepath.Join(t.TempDir(), "oasis.db"), Now: func() time.Time { return now }})
	l := &lab{T: t, db: db}
	l.ok(err)
	t.Cleanup(func() { l.ok(db.Close()) })
	for _, name := range []string{"ann", "bob", "cem", "root"} {
		l.ok(db.Identity().InsertUser(t.Context(), identity.User{
			ID: "id-" + name, Username: name, Email: name + "@lab.example", FirstName: strings.ToUpper(name), Created: now,
		}, ""))
	}
	l.entries = &entry.Service{Index: searchindex.New(db.Search(), func() time.Time { return now }), Now: func() time.Time { return now }}
	l.edits = &edit.Service{
		Store: db.Edits(), People: people{db.Identity()}, Groups: groups{"g1", "g2"}, Entries: l.entries,
		Reserved: func() bool { return l.reserved }, Now: func() time.Time { return now },
	}
	l.ok(db.Uploads().InTx(t.Context(), func(tx upload.Tx) error {
		return tx.InsertUpload(t.Context(), upload.Upload{
			ID: id, Name: "old", CreateTime: now.Add(-time.Hour), MainAuthor: "id-ann", Coauthors: []string{"id-bob"}, Reviewers: []string{"id-cem"},
			License: upload.DefaultLicense, Process: upload.Process{Status: upload.Ready},
		})
	}))
	l.process("a.yaml", "b.yaml", "sub/c.yaml")
	return l
}

func (l *lab) ok(err error) {
	l.Helper()
	if err != nil {
		l.Fatal(err)
	}
}

// process makes entries of main files, as processing does.
func (l *lab) process(mainfiles ...string) {
	l.Helper()
	var put []entry.Entry
	for _, name := range mainfiles {
		document := fmt.Sprintf(`{"entry_name":%q,"comment":"of the file","references":["https://file.example"],"text_search_contents":["of the file"]}`, name)
		put = append(put, entry.Entry{
			ID: upload.EntryID(id, name, ""), UploadID: id, Mainfile: name, ParserName: "parsers/archive", CreateTime: now.Add(-time.Hour),
			Process: upload.Process{Status: upload.Success}, Document: json.RawMessage(document),
		})
	}
	l.ok(l.db.Processing().SaveOutcome(l.Context(), id, processing.Outcome{Put: put}))
}

func (l *lab) change(fn func(*upload.Upload)) {
	l.Helper()
	l.ok(l.db.Uploads().InTx(l.Context(), func(tx upload.Tx) error {
		u, err := tx.Upload(l.Context(), id)
		if err != nil {
			return err
		}
		fn(&u)
		if err := tx.SetProcess(l.Context(), id, u.Process); err != nil {
			return err
		}
		return tx.SaveUpload(l.Context(), u)
	}))
}

func (l *lab) upload() upload.Upload {
	l.Helper()
	u, err := l.db.Uploads().Upload(l.Context(), id)
	l.ok(err)
	return u
}

func as(name string) upload.Viewer {
	v := upload.Viewer{UserID: "id-" + name, Admin: name == "root"}
	if name == "" {
		v.UserID = ""
	}
	return v
}

// try edits and gives what was refused, one line for each finding.
func (l *lab) try(who, body string) string {
	l.Helper()
	request, err := edit.Parse([]byte(body))
	if err == nil {
		_, err = l.edits.Upload(l.Context(), as(who), id, request)
	}
	if err == nil {
		return ""
	}
	refused := problem.As(err)
	if refused == nil {
		l.Fatal(err)
	}
	if refused.Fields == nil {
		return refused.Detail
	}
	var lines []string
	for _, f := range refused.Fields {
		var loc []string
		for _, part := range f.Loc {
			loc = append(loc, fmt.Sprint(part))
		}
		lines = append(lines, strings.Join(loc, ".")+": "+f.Msg)
	}
	return strings.Join(lines, "\n")
}

// edit has to succeed.
func (l *lab) edit(who, body string) {
	l.Helper()
	if refused := l.try(who, body); refused != "" {
		l.Fatalf("%s\n%s", body, refused)
	}
}

// found gives what a search tells of the entries, by main file.
func (l *lab) found(quantity string) map[string]string {
	l.Helper()
	body := fmt.Sprintf(`{"owner":"visible","query":{"upload_id":%q},"required":{"include":["mainfile",%q]}}`, id, quantity)
	answer, err := l.entries.Query(l.Context(), as("ann"), []byte(body))
	l.ok(err)
	values := map[string]string{}
	for _, data := range answer.Data {
		var document map[string]json.RawMessage
		l.ok(json.Unmarshal(data, &document))
		values[strings.Trim(string(document["mainfile"]), `"`)] = string(document[quantity])
	}
	return values
}

func (l *lab) same(what string, is, want any) {
	l.Helper()
	if fmt.Sprint(is) != fmt.Sprint(want) {
		l.Errorf("%s: %v, want %v", what, is, want)
	}
}

// The table of spec uploads.md §9: what is refused, where, in which words.
func TestWhatIsWrongIsSaidTogetherWithItsPlace(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	before := l.upload()
	for _, tc := range []struct{ who, body, want string }{
		{"ann", `{}`, "metadata: No fields to update specified"},
		{"ann", `{"metadata":{"upload_name":null}}`, "metadata: No fields to update specified"},
		{"ann", `{"metadata":{},"entries":{}}`, "metadata: No fields to update specified"},
		{"ann", `{"entries":{"a":{"comment":"x"}},"entries_key":null}`, "entries_key: Must specify `entries_key` when specifying `entries`"},
		{"ann", `{"metadata":{"colour":"red","upload_name":3}}`, "metadata.colour: Unknown quantity\nmetadata.upload_name: Expected a string value"},
		{"ann", `{"metadata":{"upload_name":3,"colour":"red"}}`, "metadata.upload_name: Expected a string value\nmetadata.colour: Unknown quantity"},
		{"ann", `{"metadata":{"license":"CC0","main_author":"bob","upload_create_time":"2020-01-01","publish_time":"2020-01-01","entry_create_time":"2020-01-01"}}`,
			"metadata.license: Admin rights required\nmetadata.main_author: Admin rights required\nmetadata.upload_create_time: Admin rights required\n" +
				"metadata.publish_time: Admin rights required\nmetadata.entry_create_time: Admin rights required"},
		{"ann", `{"entries":{"a.yaml":{"upload_name":"x"}},"entries_key":"mainfile"}`, "entries.a.yaml.upload_name: Quantity can only be edited on the upload level"},
		{"ann", `{"metadata":{"coauthors":"bob"},"query":{}}`, "metadata.coauthors: Quantity can only be edited on the upload level"},
		{"ann", `{"metadata":{"embargo_length":"12"}}`, "metadata.embargo_length: Expected an integer value"},
		{"ann", `{"metadata":{"embargo_length":37}}`, "metadata.embargo_length: Value should be between 0 and 36"},
		{"ann", `{"metadata":{"embargo_length":-1}}`, "metadata.embargo_length: Value should be between 0 and 36"},
		{"ann", `{"metadata":{"embargo_length":1.5}}`, "metadata.embargo_length: Expected an integer value"},
		{"ann", `{"metadata":{"external_db":"abc"}}`, "metadata.external_db: Bad enum value abc"},
		{"ann", `{"metadata":{"upload_name":["x"]}}`, "metadata.upload_name: Expected a string value"},
		{"ann", `{"metadata":{"upload_name":"` + strings.Repeat("é", 501) + `"}}`, "metadata.upload_name: The text should have at most 500 characters"},
		{"ann", `{"metadata":{"comment":"a\u0000b"}}`, "metadata.comment: A text must not hold the NUL character"},
		{"ann", `{"metadata":{"references":"nomad-lab.eu"}}`, "metadata.references: Please enter a valid URL ..."},
		{"ann", `{"metadata":{"references":["https://a.example/x","javascript:alert(1)"]}}`, "metadata.references: Please enter a valid URL ..."},
		{"ann", `{"metadata":{"references":"javascript://h/%0aalert(1)"}}`, "metadata.references: Please enter a valid URL ..."},
		{"ann", `{"metadata":{"references":{"add":[7]}}}`, "metadata.references: Expected a string value"},
		{"ann", `{"metadata":{"coauthors":["bob","nobody"]}}`, "metadata.coauthors: User reference not found: `nobody`"},
		{"ann", `{"metadata":{"reviewers":""},"entries":{"x":{"comment":""}}}`, "entries.x: No matching entries found"},
		{"ann", `{"metadata":{"coauthor_groups":["g1","nog"]}}`, "metadata.coauthor_groups: User group 'nog' does not exist."},
		{"ann", `{"metadata":{"coauthor_groups":"all"}}`, "metadata.coauthor_groups: Special group 'all' is invalid for field coauthor_groups."},
		{"ann", `{"metadata":{"datasets":"x"}}`, "metadata.datasets: Dataset reference not found: `x`"},
		{"ann", `{"metadata":{"datasets":{"remove":"x"}}}`, "metadata.datasets: Dataset reference not found: `x`"},
		{"ann", `{"metadata":{"datasets":{"set":[]}}}`, "metadata.datasets: Only `add` and `remove` operations permitted for datasets"},
		{"ann", `{"metadata":{"coauthors":{"foo":"bob"}}}`, "metadata.coauthors: Allowed operations are `set`, `add`, and `remove`, got foo"},
		{"ann", `{"metadata":{"coauthors":{"set":"bob","add":"cem"}}}`, "metadata.coauthors: Cannot specify both `set` and `add`/`remove` operations"},
		{"ann", `{"metadata":{"coauthors":{"add":"bob","remove":["bob@lab.example"]}}}`, "metadata.coauthors: The same value cannot be specified for both `add` and `remove` "},
		{"ann", `{"metadata":{"coauthors":{}}}`, "metadata.coauthors: No operation specified"},
		{"ann", `{"metadata":{"coauthors":{"add":null}}}`, "metadata.coauthors: No operation specified"},
		{"ann", `{"metadata":{"comment":"x"},"query":{"entry_name":"nothing"},"owner":"visible"}`, "query: No matching entries found"},
		{"ann", `{"metadata":{"comment":"x"},"query":{"upload_id":"` + id + `"}}`, "query: No matching entries found"}, // owner public
		{"ann", `{"metadata":{"comment":"x"},"query":{"foo.bar":1},"owner":"visible"}`, "query: Could not evaluate query: foo.bar is not a doc quantity"},
		{"ann", `{"entries":{"nope":{"comment":"x"}}}`, "entries.nope: No matching entries found"},
		{"ann", `{"entries":{"a.yaml":{"comment":"x"}}}`, "entries.a.yaml: No matching entries found"}, // by id
		{"root", `{"metadata":{"publish_time":"2020-01-01"}}`, "metadata.publish_time: Upload " + id + " is not published: publish it first"},
		{"root", `{"metadata":{"upload_create_time":"abc"}}`, "metadata.upload_create_time: Invalid isoformat string: 'abc'"},
		{"root", `{"metadata":{"main_author":""}}`, "metadata.main_author: This cannot be cleared"},
		// Not of the right shape.
		{"ann", `[]`, "body: Input should be a valid dictionary: it is no JSON object"},
		{"ann", `{"metadata":[],"entries":{"a":1},"entries_key":"x","verify_only":"perhaps","owner":3}`,
			"body.metadata: Input should be a valid dictionary\nbody.entries.a: Input should be a valid dictionary\n" +
				"body.entries_key: Input should be 'entry_id' or 'mainfile'\nbody.verify_only: Input should be a valid boolean\n" +
				"body.owner: Input should be the name of an owner, such as 'visible'"},
		// Who may not.
		{"", `{"metadata":{"colour":"red"}}`, "You do not have write access to the specified upload."},
		{"cem", `{"metadata":{"upload_name":"x"}}`, "You do not have write access to the specified upload."},
	} {
		if got := l.try(tc.who, tc.body); got != tc.want {
			t.Errorf("%s by %s:\n got %s\nwant %s", tc.body, tc.who, got, tc.want)
		}
	}
	after := l.upload()
	l.same("what was refused changed nothing", after, before)
	l.same("comments", l.found("comment"), map[string]string{"a.yaml": `"of the file"`, "b.yaml": `"of the file"`, "sub/c.yaml": `"of the file"`})

	request, err := edit.Parse([]byte(`{"metadata":{"upload_name":"x"}}`))
	l.ok(err)
	if _, err := l.edits.Upload(t.Context(), as("ann"), "none", request); !problem.Is(err, problem.Missing) {
		t.Errorf("an unknown upload: %v", err)
	}
}

func TestUploadIsEditedAsAWhole(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.edit("bob", `{"metadata":{"upload_name":"new","description":"d","external_db":"OQMD","embargo_length":12,
		"coauthors":["cem","cem@lab.example","ann","bob"],"reviewers":{"remove":["cem"]},"coauthor_groups":"g1","reviewer_groups":["g2","all"]}}`)
	u := l.upload()
	l.same("name", u.Name+u.Description+u.ExternalDB, "newdOQMD")
	l.same("embargo", u.EmbargoLength, 12)
	l.same("co-authors, each once and never the main author", u.Coauthors, []string{"id-cem", "id-bob"})
	l.same("reviewers", len(u.Reviewers), 0)
	l.same("groups", fmt.Sprint(u.CoauthorGroups, u.ReviewerGroups), "[g1] [g2 all]")
	l.same("edited", u.LastEdit, now)
	l.same("process", u.Process, upload.Process{Status: upload.Success, Current: "_edit_metadata", Message: "Process completed successfully", CompleteTime: now})
	l.same("name in search", l.found("upload_name")["a.yaml"], `"new"`)
	l.same("origin in search", l.found("origin")["a.yaml"], `"OQMD"`)

	l.edit("ann", `{"metadata":{"upload_name":"","description":null,"external_db":"","embargo_length":"","coauthors":{"add":["root","bob"],"remove":"cem"},"reviewer_groups":""}}`)
	u = l.upload()
	l.same("cleared", u.Name+u.ExternalDB, "")
	l.same("null is not mentioned", u.Description, "d")
	l.same("embargo", u.EmbargoLength, 0)
	l.same("co-authors in their order", u.Coauthors, []string{"id-bob", "id-root"})
	l.same("reviewer groups", len(u.ReviewerGroups), 0)

	l.edit("root", `{"metadata":{"main_author":"bob","license":"CC0","upload_create_time":"2020-01-02T03:04:05+01:00"}}`)
	u = l.upload()
	l.same("main author", u.MainAuthor, "id-bob")
	l.same("the new main author is no co-author", u.Coauthors, []string{"id-root"})
	l.same("license", u.License, "CC0")
	l.same("create time", u.CreateTime, time.Date(2020, 1, 2, 2, 4, 5, 0, time.UTC))
	l.edit("root", `{"metadata":{"license":""}}`)
	l.same("license", l.upload().License, upload.DefaultLicense)
	if refused := l.try("ann", `{"metadata":{"upload_name":"mine"}}`); refused == "" {
		t.Error("the former main author can still write")
	}
}

func TestEntriesKeepWhatIsSaidOfThem(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.edit("ann", `{"metadata":{"comment":"all","references":{"add":["https://x.example","https://file.example"]}},
		"entries":{"b.yaml":{"comment":"only b","external_id":"B-1"}},"entries_key":"mainfile"}`)
	want := map[string]string{"a.yaml": `"all"`, "b.yaml": `"only b"`, "sub/c.yaml": `"all"`}
	l.same("comments", l.found("comment"), want)
	l.same("references", l.found("references")["a.yaml"], `["https://file.example","https://x.example"]`)
	l.same("external id", l.found("external_id"), map[string]string{"a.yaml": "", "b.yaml": `"B-1"`, "sub/c.yaml": ""})
	l.same("edited", l.upload().LastEdit, now)
	l.process("a.yaml", "b.yaml", "sub/c.yaml")
	l.same("comments after processing again", l.found("comment"), want)
	search := func(query string) (n int) {
		answer, err := l.entries.Query(t.Context(), as("ann"), []byte(`{"owner":"visible","query":`+query+`}`))
		l.ok(err)
		return answer.Pagination.Total
	}
	l.same("found by comment", search(`{"comment":"only"}`), 1)
	l.same("found as free text", search(`{"text_search_contents":"only"}`), 1)
	l.same("the comment of the file is not found", search(`{"text_search_contents":"file"}`), 0)
	l.same("found by external id", search(`{"external_id":"B-1"}`), 1)

	l.edit("ann", `{"metadata":{"comment":"","references":{"remove":["https://x.example","https://none.example"]}}}`)
	l.same("cleared", l.found("comment"), map[string]string{"a.yaml": "", "b.yaml": "", "sub/c.yaml": ""})
	l.same("references", l.found("references")["b.yaml"], `["https://file.example"]`)
	l.edit("ann", `{"metadata":{"references":[]}}`)
	l.same("no references", l.found("references")["b.yaml"], "")

	// By id, and by a query: the others are left alone.
	b := upload.EntryID(id, "b.yaml", "")
	l.edit("bob", `{"entries":{"`+b+`":{"comment":"by id"}}}`)
	l.edit("bob", `{"metadata":{"external_id":"q"},"query":{"mainfile:any":["a.yaml","sub/c.yaml"]},"owner":"visible"}`)
	l.same("comments", l.found("comment"), map[string]string{"a.yaml": "", "b.yaml": `"by id"`, "sub/c.yaml": ""})
	l.same("external ids", l.found("external_id"), map[string]string{"a.yaml": `"q"`, "b.yaml": `"B-1"`, "sub/c.yaml": `"q"`})
	l.same("not chosen by the query", l.try("bob", `{"entries":{"`+b+`":{"comment":"x"}},"query":{"mainfile":"a.yaml"},"owner":"visible"}`),
		"entries."+b+": No matching entries found")

	l.edit("root", `{"entries":{"`+b+`":{"entry_create_time":"2020-01-01"}}}`)
	l.process("b.yaml")
	l.same("create time after processing again", l.found("entry_create_time")["b.yaml"], `"2020-01-01T00:00:00+00:00"`)
}

func TestVerifyOnlyChangesNothing(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	before := l.upload()
	body := `{"metadata":{"upload_name":"x","comment":"y","coauthors":"cem"},"verify_only":true}`
	l.edit("ann", body)
	l.same("upload", l.upload(), before)
	l.same("comment", l.found("comment")["a.yaml"], `"of the file"`)
	l.change(func(u *upload.Upload) {
		u.Process = upload.Process{Status: upload.Pending, Current: upload.ProcessUpload}
	})
	l.edit("ann", body) // nothing is in the way of only looking
	l.same("refused all the same", l.try("ann", `{"entries":{"none":{"comment":"x"}},"verify_only":true}`), "entries.none: No matching entries found")
}

func TestEditWaitsForNoProcess(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.change(func(u *upload.Upload) {
		u.Process = upload.Process{Status: upload.Running, Current: upload.ProcessUpload}
	})
	l.same("while it is processed", l.try("ann", `{"metadata":{"upload_name":"x"}}`), "Upload "+id+" is blocked by another process")
	failed := upload.Process{Status: upload.Failure, Current: upload.ProcessUpload, Errors: []string{"e"}}
	l.change(func(u *upload.Upload) { u.Process = failed })
	l.edit("ann", `{"metadata":{"upload_name":"x"}}`)
	l.same("that processing failed is still told", l.upload().Process, failed)
	l.same("name", l.upload().Name, "x")
}

func TestPublishedUploads(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		reserved  bool
		who, body string
		want      string
	}{
		"embargo is lifted":              {false, "bob", `{"metadata":{"embargo_length":0}}`, ""},
		"embargo is not made shorter":    {false, "ann", `{"metadata":{"embargo_length":3}}`, "metadata.embargo_length: Upload " + id + " is published, embargo can only be lifted"},
		"except by an administrator":     {false, "root", `{"metadata":{"embargo_length":3,"publish_time":"2021-01-01"}}`, ""},
		"a co-author edits":              {false, "bob", `{"metadata":{"upload_name":"x","coauthors":"cem"}}`, ""},
		"a co-author, reserved":          {true, "bob", `{"metadata":{"upload_name":"x","coauthors":"cem","comment":"c"}}`, "metadata.upload_name: AuthLevel.main_author access required for upload " + id + "\nmetadata.coauthors: AuthLevel.main_author access required for upload " + id},
		"a co-author, other fields":      {true, "bob", `{"metadata":{"reviewers":"root","comment":"c"}}`, ""},
		"the main author, reserved":      {true, "ann", `{"metadata":{"upload_name":"x","description":"y","coauthors":"cem","coauthor_groups":"g1"}}`, ""},
		"an administrator, reserved":     {true, "root", `{"metadata":{"upload_name":"x"}}`, ""},
		"a reviewer":                     {false, "cem", `{"metadata":{"upload_name":"x"}}`, "You do not have write access to the specified upload."},
		"embargo lifted and not allowed": {true, "bob", `{"metadata":{"embargo_length":0,"description":"y"}}`, "metadata.description: AuthLevel.main_author access required for upload " + id},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLab(t)
			l.reserved = tc.reserved
			l.change(func(u *upload.Upload) { u.PublishTime, u.EmbargoLength = now, 6 })
			before := l.upload()
			l.same("answer", l.try(tc.who, tc.body), tc.want)
			if tc.want != "" {
				l.same("upload", l.upload(), before)
			}
		})
	}
}

// A token for other uploads edits none of this one.
func TestTokenForOtherUploadsEditsNothing(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	request, err := edit.Parse([]byte(`{"metadata":{"upload_name":"x"}}`))
	l.ok(err)
	_, err = l.edits.Upload(t.Context(), upload.Viewer{UserID: "id-ann", Uploads: []string{"other"}}, id, request)
	if !problem.Is(err, problem.Forbidden) {
		t.Errorf("got %v", err)
	}
}
