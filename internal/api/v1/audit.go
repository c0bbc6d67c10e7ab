package v1

import (
	"context"
	"encoding/json"
	"iter"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"oasis/internal/access"
	"oasis/internal/access/audit"
	"oasis/internal/access/scope"
	"oasis/internal/api"
)

// AuditLog is what the operations need of the record of who did what.
type AuditLog interface {
	audit.Recorder
	// List gives rows newest first, and the place where the next page begins, zero at the end.
	List(ctx context.Context, f audit.Filter, limit int) ([]audit.Event, audit.Place, error)
	// All gives every row that the filter selects, newest first.
	All(ctx context.Context, f audit.Filter) iter.Seq2[audit.Event, error]
}

// AuditRow is a row of the audit log.
type AuditRow struct {
	ID             int64   `json:"id"`
	Time           string  `json:"time" format:"date-time"`
	UserID         *string `json:"user_id" doc:"Who did it; console = the command line of the server; null = a visitor"`
	Username       *string `json:"username" doc:"The user name at that time"`
	CredentialID   *string `json:"credential_id" doc:"Which token or session; never its secret"`
	CredentialKind *string `json:"credential_kind" doc:"For example personal_access_token, session or console"`
	Operation      string  `json:"operation" doc:"Changes have names such as token.revoke, refusals the operationId of the API"`
	Object         *string `json:"object" doc:"What it was done to, as kind:id"`
	Outcome        string  `json:"outcome" enum:"allowed,denied,failed"`
	Status         *int    `json:"status" doc:"HTTP status of a refusal"`
	Step           *string `json:"step" doc:"The box of the access flowchart that refused"`
	Detail         *string `json:"detail"`
	Address        *string `json:"address"`
	RequestID      *string `json:"request_id" doc:"Of the first of them, when there are several"`
	Count          int     `json:"count" doc:"How often it happened in that minute"`
}

// AuditPage is one page of the audit log.
type AuditPage struct {
	Pagination AuditPagination `json:"pagination"`
	Data       []AuditRow      `json:"data"`
}

// AuditPagination tells how to get the next page; how many rows there are is not counted.
type AuditPagination struct {
	PageSize           int     `json:"page_size"`
	PageAfterValue     *string `json:"page_after_value"`
	NextPageAfterValue *string `json:"next_page_after_value" doc:"Goes into page_after_value for the next page; null on the last"`
}

// AuditFilter selects rows; what is left out does not restrict.
type AuditFilter struct {
	Who        string `query:"who" maxLength:"400" doc:"Id or user name of who did it; console = the command line"`
	Credential string `query:"credential" maxLength:"400" doc:"Id of a token or session"`
	Kind       string `query:"kind" maxLength:"100" doc:"Kind of credential"`
	Operation  string `query:"operation" maxLength:"100" doc:"Exact name, or a beginning and a star: token.*"`
	Object     string `query:"object" maxLength:"2000" doc:"Exact, or a beginning and a star: raw:UPLOAD/*"`
	Address    string `query:"address" maxLength:"100"`
	Outcome    string `query:"outcome" enum:"allowed,denied,failed"`
	From       Moment `query:"from" doc:"Not before this time"`
	To         Moment `query:"to" doc:"Before this time"`
}

func (f *AuditFilter) filter() audit.Filter {
	return audit.Filter{
		Who: f.Who, Credential: f.Credential, Kind: f.Kind, Operation: f.Operation, Object: f.Object, Address: f.Address,
		Outcome: audit.Outcome(f.Outcome), From: f.From.Time, To: f.To.Time,
	}
}

// defaultAuditPage is how many rows a page has when nobody says.
const defaultAuditPage = 50

func (s Services) auditRoutes() []api.Route {
	row := func(id, path, summary string) api.Row {
		return api.Row{
			Operation: access.Operation{ID: id, Scopes: scope.Of(scope.UsersRead), AdminOnly: true, Accepts: access.People()},
			Method:    http.MethodGet, Path: api.PathV1 + "/audit" + path, Tag: "admin", Summary: summary,
		}
	}
	list := row("listAudit", "", "Who did what, newest first")
	list.Description = "Sign-ins, the life of tokens, changes of accounts and settings, deletions, and what was refused. " +
		"Refusals that repeat within a minute are one row with a count."
	status, example := 403, "denied"
	who, kind, credential, step, detail := "jane", "personal_access_token", "65b7c3f0a1b2c3d4e5f60718", "scopes", "Missing scopes: ['uploads:write']"
	list.Output = AuditPage{Pagination: AuditPagination{PageSize: defaultAuditPage}, Data: []AuditRow{{
		ID: 7, Time: "2026-01-31T12:00:00.000000Z", Username: &who, CredentialID: &credential, CredentialKind: &kind,
		Operation: "createUpload", Outcome: example, Status: &status, Step: &step, Detail: &detail, Count: 3,
	}}}
	export := row("exportAudit", "/export", "The audit log as JSON lines")
	export.Description = "Every row that the filter selects, newest first, one JSON object in each line. The export itself becomes a row."
	export.Output = `{"id":7,"time":"2026-01-31T12:00:00.000000Z","operation":"createUpload","outcome":"denied","count":3}` + "\n"
	export.Describe = func(op *huma.Operation, _ huma.Registry) {
		api.Answers(op, map[string]*huma.Schema{contentLines: {Type: huma.TypeString}})
	}
	return []api.Route{api.Handle(list, s.listAudit), api.Handle(export, s.exportAudit)}
}

// contentLines is the media type of JSON lines.
const contentLines = "application/x-ndjson"

func (s Services) listAudit(ctx context.Context, in *struct {
	AuditFilter
	PageSize       int    `query:"page_size" minimum:"1" maximum:"1000" default:"50" doc:"Rows per page"`
	PageAfterValue string `query:"page_after_value" maxLength:"100" doc:"The next_page_after_value of the answer before"`
}) (*struct{ Body AuditPage }, error) {
	f := in.filter()
	var err error
	if f.Before, err = audit.ParseCursor(in.PageAfterValue); err != nil {
		return nil, err
	}
	rows, next, err := s.Audit.List(ctx, f, in.PageSize)
	if err != nil {
		return nil, err
	}
	page := AuditPage{
		Pagination: AuditPagination{PageSize: in.PageSize, PageAfterValue: some(in.PageAfterValue), NextPageAfterValue: some(next.Cursor())},
		Data:       make([]AuditRow, 0, len(rows)),
	}
	for i := range rows {
		page.Data = append(page.Data, AuditRowOf(&rows[i]))
	}
	return &struct{ Body AuditPage }{page}, nil
}

// AuditRowOf gives a row as the API shows it.
func AuditRowOf(e *audit.Event) AuditRow {
	row := AuditRow{
		ID: e.ID, Time: e.Time.UTC().Format(stampLayout), UserID: some(e.Actor), Username: some(e.ActorName),
		CredentialID: some(e.CredentialID), CredentialKind: some(e.CredentialKind), Operation: e.Operation, Object: some(e.Object),
		Outcome: string(e.Outcome), Step: some(e.Step), Detail: some(e.Detail), Address: some(e.Address),
		RequestID: some(e.RequestID), Count: e.Count,
	}
	if e.Status != 0 {
		row.Status = &e.Status
	}
	return row
}

// exportAudit reads the first row before it answers, so that a fault at the start
// is one of the answer; a later one cuts the connection.
func (s Services) exportAudit(ctx context.Context, in *AuditFilter) (*api.Stream, error) {
	s.Audit.Record(ctx, audit.Event{Operation: audit.AuditExport})
	next, stop := iter.Pull2(s.Audit.All(ctx, in.filter()))
	e, err, more := next()
	if err != nil {
		stop()
		return nil, err
	}
	return api.Write(func(w http.ResponseWriter, _ *http.Request) {
		defer stop()
		asDownload(w, "audit.jsonl", contentLines)
		lines := json.NewEncoder(w)
		for ; more; e, err, more = next() {
			if err != nil {
				api.Cut()
			}
			if lines.Encode(AuditRowOf(&e)) != nil {
				return // the client has gone
			}
		}
	}), nil
}
