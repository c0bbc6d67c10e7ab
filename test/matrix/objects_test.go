package matrix

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	"oasis/internal/data/upload"
)

// object is one operation on an upload or an entry.
type object struct {
	// path fills {path...}.
	path, query, body string
	// statuses has a column for each role and in it a status for each state, or one for all.
	statuses string
	// texts are the details of refusals, by status and state ("" = any state).
	texts map[string]string
}

// Refusals (spec uploads.md §2.1 and §2.2, entries.md).
func hidden() map[string]string {
	return map[string]string{
		"401 staging":   "You need to log in to access the specified upload.",
		"403 staging":   "You do not have access to the specified upload.",
		"403 embargoed": "You do not have access to the specified upload - published with embargo.",
	}
}

func protected() map[string]string {
	return map[string]string{
		"401": signInFirst,
		"400": "Upload is already published, operation not possible.",
		"403": "You do not have write access to the specified upload.",
	}
}

// objectRows is the matrix of spec uploads.md §2.3, and the rule of entries.md §2
// for single entries: what a search with owner "all" finds has metadata, and what
// one with "visible" finds has an archive and files.
func objectRows() map[string]object {
	const (
		//       anonymous    other       reviewer coauthor author root
		read = "401/403/200 403/403/200 200      200      200    200"
		// Visitors have the scopes of reading only.
		export = "403         403/403/200 200      200      200    200"
		// The stored zip of spec uploads.md §6 exists once files cannot change any more.
		zip    = "401/403/200 403/403/200 400/200/200 400/200/200 400/200/200 400/200/200"
		own    = "401         403         200      200      200    200"
		put    = "401         403         403      200/400/400 200/400/400 200/400/400"
		remove = "401         403         403      404/400/400 404/400/400 404/400/400"
		edit   = "401         403         403      200         200         200"
		mkdir  = "401         403         403      400/400/400 400/400/400 400/400/400" // of the root, which is there
		drop   = "401         403         403      403      200/403/403 200"
		seal   = "401         403         403      403      400         400"
		lift   = "401         403         403      400/200/400 400/200/400 400/200/400"
		// Publishing an upload that is published already is a 400, also for administrators.
		publish = "401         403         403      200/400/400 200/400/400 200/400/400"
		process = "401         403         403      200/403/403 200/403/403 200"
		stop    = "401         403         403      400         400         400" // nothing runs
		// What asks for more than the right to write.
		begin    = "401         403         403      412/400/400 412/400/400 412/400/400"
		override = "401         403         403      400         400         400"
		// Metadata of embargoed entries are for everybody, their files and archives are not.
		metadata = "404/200/200 404/200/200 200      200      200    404/200/200"
		visible  = "404/404/200 404/404/200 200      200      200    404/404/200"
	)
	notFound := map[string]string{"404": "The entry with the given id does not exist or is not visible to you."}
	notThere := map[string]string{"404": "The entry does not exist or is not visible to you."}
	onlyOwn := map[string]string{"401": signInFirst, "403": "You do not have access to the specified upload."}
	mkdirTexts := protected()
	mkdirTexts["400 staging"] = "Bad path provided."
	return map[string]object{
		"getUpload":         {statuses: read, texts: hidden()},
		"listUploadEntries": {statuses: read, texts: hidden()},
		"getRawDir":         {path: plain, statuses: read, texts: hidden()},
		"getRawRoot":        {statuses: read, texts: hidden()},
		"getRawFile":        {path: plain, statuses: read, texts: hidden()},
		// Refused for its target, once the upload may be sent.
		"sendUpload": {
			body:     `{"auth_token": "x", "target_deployment_url": "http://127.0.0.1:1/api"}`,
			statuses: "401 403 403 400 400 400",
		},
		"exportUpload":       {statuses: export},
		"exportUploadBundle": {statuses: export},
		"getRawZip":          {statuses: zip, texts: hidden()},
		"getUploadEntry":     {statuses: own, texts: onlyOwn},

		"putRawFile":    {path: "more", query: "?file_name=a.txt&trigger_processing=false", body: "x", statuses: put, texts: protected()},
		"createRawDir":  {path: "", statuses: mkdir, texts: mkdirTexts},
		"deleteRawFile": {path: "nothing", statuses: remove, texts: protected()},
		"sealUpload":    {statuses: seal, texts: map[string]string{"401": signInFirst, "400": "This upload was not deposited by an instrument, so there is nothing to seal."}},
		"deleteUpload":  {statuses: drop, texts: map[string]string{"401": signInFirst}},
		"editUpload": {body: `{"metadata": {"external_db": "OQMD"}}`, statuses: edit, texts: map[string]string{
			"401": signInFirst, "403": "You do not have write access to the specified upload.",
		}},

		"deleteEntryFiles":        {body: `{"query": {"entry_id": "none"}}`, statuses: put, texts: protected()},
		"setIncludedEntries":      {body: `{"query": {}}`, statuses: put, texts: protected()},
		"validateIncludedEntries": {body: `{"query": {"entry_id": "none"}}`, statuses: put, texts: protected()},
		"stopProcessing": {statuses: stop, texts: map[string]string{
			"401": signInFirst, "403": "You do not have write access to the specified upload.", "400 embargoed": "Upload is already published, operation not possible.",
			"400 public":  "Upload is already published, operation not possible.",
			"400 staging": "This functionality is only available when upload process state is pending.",
		}},
		"processUpload": {statuses: process, texts: map[string]string{"401": signInFirst}},
		"publishUpload": {query: "?embargo_length=3", statuses: publish, texts: map[string]string{"401": signInFirst, "403": "You do not have write access to the specified upload."}},
		"liftEmbargo": {statuses: lift, texts: map[string]string{
			"401": signInFirst, "403": "You do not have write access to the specified upload.",
			"400 staging": "Upload is not published, no embargo to lift.", "400 public": "Upload has no embargo.",
		}},
		"beginDelivery":    {statuses: begin, texts: protected()}, // without the headers of tus, for who may
		"listDeliveries":   {statuses: put, texts: protected()},
		"getDelivery":      {statuses: remove, texts: protected()},
		"addToDelivery":    {statuses: begin, texts: protected()},
		"endDelivery":      {statuses: remove, texts: protected()},
		"overrideDelivery": {statuses: override, texts: map[string]string{"401": signInFirst, "403": protected()["403"]}},

		"getEntry":             {statuses: metadata, texts: notFound},
		"getEntryArchive":      {statuses: visible, texts: notThere},
		"downloadEntryArchive": {statuses: visible, texts: notThere},
		"getEntryRawDir":       {statuses: visible, texts: notThere},
		"getEntryRawFile":      {path: plain, statuses: visible, texts: notThere},
	}
}

// status is the one for a column and a state.
func (o *object) status(t *testing.T, role, state int) int {
	t.Helper()
	columns := strings.Fields(o.statuses)
	if len(columns) != len(roles()) {
		t.Fatalf("%q has %d columns", o.statuses, len(columns))
	}
	cell := strings.Split(columns[role], "/")
	if len(cell) == 1 {
		state = 0
	}
	n, err := strconv.Atoi(cell[state])
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// text is the detail of a refusal, "" = any.
func (o *object) text(status int, state string) string {
	key := strconv.Itoa(status)
	if text, ok := o.texts[key+" "+state]; ok {
		return text
	}
	return o.texts[key]
}

// TestEveryOperationOnEveryObjectInEveryRole lets everybody try everything with
// uploads in every state.
func TestEveryOperationOnEveryObjectInEveryRole(t *testing.T) {
	t.Parallel()
	var o objects
	w := start(t, policy{seed: o.seed})
	o.awaitEntries(t, w)
	rows := objectRows()
	for i := range w.routes {
		r := &w.routes[i]
		if r.Open || !strings.Contains(r.Path, "{upload_id}") && !strings.Contains(r.Path, "{entry_id}") {
			continue
		}
		row, ok := rows[r.ID]
		if !ok {
			t.Errorf("%s has no row: add one to objectRows()", r.ID)
			continue
		}
		for _, who := range actors() {
			for stateColumn, state := range states() {
				id := o.uploads[state]
				if of := o.disposable[r.ID]; of != nil {
					id = of[[2]string{state, who.name}]
				}
				address := w.url + addressOf(r.Path, id, row.path) + row.query
				promised := promises(t, w, id, o.as(who.name))[r.ID]
				got := send(t, r.Method, address, row.body, o.as(who.name))
				what := r.ID + " by " + who.name + " on " + state
				promised.keep(t, what, got)
				status := row.status(t, who.column, stateColumn)
				challenge := ""
				if status == http.StatusUnauthorized && !r.Anonymous {
					challenge = "Bearer" // refused before anybody looked at the upload
				}
				agree(t, what, want{status: status, detail: row.text(status, state), challenge: challenge}, got)
				if status >= 400 && (strings.Contains(got.body, secret) || strings.Contains(got.body, w.ids["author"])) {
					t.Errorf("%s: the refusal tells what is hidden: %s", what, got.body)
				}
			}
		}
	}
	for id := range rows {
		if _, ok := operations()[id]; !ok {
			t.Errorf("objectRows() has %s, which is no operation", id)
		}
	}
}

// entryOf gives the id of the entry of an upload.
func entryOf(uploadID string) string { return upload.EntryID(uploadID, mainfile, "") }

// addressOf fills the path of an operation.
func addressOf(path, uploadID, tail string) string {
	return strings.NewReplacer("{upload_id}", uploadID, "{path...}", tail, "{entry_id}", entryOf(uploadID), "{delivery_id}", noDelivery).Replace(path)
}

// as presents the token of a role; visitors have none.
func (o *objects) as(role string) func(*http.Request) {
	if token := o.tokens[role]; token != "" {
		return bearer(token)
	}
	return nil
}

// TestSearchFindsForEachRoleWhatItMayKnow is the table of spec entries.md §2: the
// first letters of the states whose entries are found, or the status.
func TestSearchFindsForEachRoleWhatItMayKnow(t *testing.T) {
	t.Parallel()
	var o objects
	w := start(t, policy{seed: o.seed})
	o.awaitEntries(t, w)
	for owner, line := range map[string]string{
		// anonymous other reviewer coauthor author root
		"public":  "p   p   p   p   p   p",
		"visible": "p   p   sep sep sep p",
		"all":     "ep  ep  sep sep sep ep",
		"shared":  "401 -   sep sep sep -",
		"user":    "401 -   -   -   sep -",
		"staging": "401 -   s   s   s   -",
		"admin":   "401 403 403 403 403 sep",
	} {
		for _, who := range actors() {
			expected := strings.Fields(line)[who.column]
			body := `{"owner": "` + owner + `", "pagination": {"page_size": 100}, "aggregations": {"u": {"terms": {"quantity": "upload_id", "size": 100}}}}`
			for form, got := range map[string]answer{
				"query": send(t, http.MethodPost, w.url+"/api/v1/entries/query", body, o.as(who.name)),
				"get":   send(t, http.MethodGet, w.url+"/api/v1/entries?page_size=100&owner="+owner, "", o.as(who.name)),
			} {
				if found := o.found(t, got, form == "query"); found != expected {
					t.Errorf("%s owner=%s by %s: found %q, want %q\n%.300s", form, owner, who.name, found, expected, got.body)
				}
			}
		}
	}
}

// found gives the first letters of the states of what was found, "-" for nothing,
// or the status of a refusal. Total and buckets must tell the same.
func (o *objects) found(t *testing.T, a answer, buckets bool) string {
	t.Helper()
	if a.status != http.StatusOK {
		return strconv.Itoa(a.status)
	}
	var got struct {
		Pagination struct {
			Total int `json:"total"`
		} `json:"pagination"`
		Data []struct {
			UploadID string `json:"upload_id"`
		} `json:"data"`
		Aggregations struct {
			U struct {
				Terms struct {
					Data []struct {
						Value string `json:"value"`
					} `json:"data"`
				} `json:"terms"`
			} `json:"u"`
		} `json:"aggregations"`
	}
	if err := json.Unmarshal([]byte(a.body), &got); err != nil {
		t.Fatalf("%v\n%s", err, a.body)
	}
	var listed, counted []string
	for _, d := range got.Data {
		listed = append(listed, d.UploadID)
	}
	for _, d := range got.Aggregations.U.Terms.Data {
		counted = append(counted, d.Value)
	}
	slices.Sort(listed)
	slices.Sort(counted)
	if got.Pagination.Total != len(listed) || buckets && !slices.Equal(listed, counted) {
		t.Errorf("listed %v, counted %v, total %d", listed, counted, got.Pagination.Total)
	}
	letters := ""
	for _, state := range states() {
		if slices.Contains(listed, o.uploads[state]) {
			letters += state[:1]
		}
	}
	if letters == "" {
		return "-"
	}
	return letters
}

// TestUploadsAreListedForThoseWithARole is spec uploads.md §6: being an administrator is no role.
func TestUploadsAreListedForThoseWithARole(t *testing.T) {
	t.Parallel()
	var o objects
	w := start(t, policy{seed: o.seed})
	for _, state := range states() {
		for role, total := range map[string]int{"other": 0, "reviewer": 1, "team": 1, "coauthor": 1, "crew": 1, "author": 1, "root": 0} {
			got := send(t, http.MethodGet, w.url+"/api/v1/uploads?upload_id="+o.uploads[state], "", o.as(role))
			var list struct {
				Pagination struct {
					Total int `json:"total"`
				} `json:"pagination"`
				Data []any `json:"data"`
			}
			if err := json.Unmarshal([]byte(got.body), &list); err != nil || got.status != http.StatusOK {
				t.Fatalf("%d %v %s", got.status, err, got.body)
			}
			if list.Pagination.Total != total || len(list.Data) != total {
				t.Errorf("%s sees %d of the %s upload, total %d; want %d", role, len(list.Data), state, list.Pagination.Total, total)
			}
		}
	}
}
