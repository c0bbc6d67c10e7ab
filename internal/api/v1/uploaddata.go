package v1

import (
	"reflect"
	"slices"
	"strings"

	"oasis/internal/data/entry"
	"oasis/internal/data/upload"
)

// ProcessData is what an answer tells of the last process of an upload or entry.
type ProcessData struct {
	ProcessRunning bool     `json:"process_running" doc:"Whether a process waits or runs"`
	CurrentProcess *string  `json:"current_process,omitempty" doc:"Name of the last or current process"`
	ProcessStatus  string   `json:"process_status" enum:"READY,PENDING,RUNNING,WAITING_FOR_RESULT,SUCCESS,FAILURE"`
	LastMessage    *string  `json:"last_status_message,omitempty"`
	Errors         []string `json:"errors"`
	Warnings       []string `json:"warnings"`
	CompleteTime   *string  `json:"complete_time,omitempty" format:"date-time"`
}

func processOf(p *upload.Process) ProcessData {
	return ProcessData{
		ProcessRunning: p.Status.Busy(), CurrentProcess: some(p.Current), ProcessStatus: string(p.Status), LastMessage: some(p.Message),
		Errors: list(p.Errors), Warnings: list(p.Warnings), CompleteTime: stamp(p.CompleteTime),
	}
}

// UploadProcData is an upload in answers (spec uploads.md §1.3); from files on, ours.
type UploadProcData struct {
	ProcessData
	UploadID         string             `json:"upload_id"`
	UploadName       *string            `json:"upload_name,omitempty"`
	UploadCreateTime *string            `json:"upload_create_time" format:"date-time" nullable:"false"`
	Description      *string            `json:"description,omitempty"`
	MainAuthor       string             `json:"main_author" doc:"User id of the owner"`
	Coauthors        []string           `json:"coauthors"`
	CoauthorGroups   []string           `json:"coauthor_groups"`
	Reviewers        []string           `json:"reviewers"`
	ReviewerGroups   []string           `json:"reviewer_groups"`
	Writers          []string           `json:"writers"`
	WriterGroups     []string           `json:"writer_groups"`
	Viewers          []string           `json:"viewers"`
	ViewerGroups     []string           `json:"viewer_groups"`
	Published        bool               `json:"published"`
	PublishedTo      []string           `json:"published_to"`
	PublishTime      *string            `json:"publish_time,omitempty" format:"date-time"`
	WithEmbargo      bool               `json:"with_embargo"`
	EmbargoLength    int                `json:"embargo_length" doc:"Months"`
	License          string             `json:"license"`
	ExternalDB       *string            `json:"external_db,omitempty" doc:"The database that the data were taken from; not part of the NOMAD API"`
	DOI              *DOI               `json:"doi,omitempty"`
	IncludedEntries  *IncludedEntries   `json:"included_entries,omitempty"`
	Entries          int                `json:"entries" doc:"Number of entries"`
	EntriesProcessed int                `json:"entries_processed" doc:"Entries whose processing has ended"`
	EntriesFailed    int                `json:"entries_failed"`
	EntriesWarned    int                `json:"entries_with_warnings" doc:"Entries that were read only in part"`
	Files            int                `json:"files" doc:"Number of raw files"`
	Bytes            int64              `json:"bytes" doc:"Size of the raw files together"`
	Allowed          map[string]Allowed `json:"allowed,omitempty" doc:"What you may do with it and its entries, by the id of the operation; only with include=allowed, not part of the NOMAD API"`
	Deposit          *Deposit           `json:"deposit,omitempty" doc:"Who made it, when that was not its main author or a token that only adds"`
}

// Deposit tells how an upload came to its main author.
type Deposit struct {
	Depositor string  `json:"depositor" doc:"User id of the account that made the upload"`
	How       string  `json:"how" enum:"own,named,default,instead,held" doc:"Whom it was made for: the depositor, whoever was named, the default user of the token, the default user instead of whoever was named, or nobody yet because that user cannot sign in"`
	Until     *string `json:"until" format:"date-time" doc:"Until when the depositor may add files; null = it is sealed"`
	Note      *string `json:"note,omitempty" doc:"What went otherwise than asked; for those who may change the upload"`
}

func depositDataOf(u *upload.Upload, v upload.Viewer) *Deposit {
	d := &u.Deposit
	if d.By == "" {
		return nil
	}
	out := &Deposit{Depositor: d.By, How: string(d.How), Until: stamp(d.Until)}
	if upload.May(u, v, upload.EditMetadata) == nil { // it names somebody who may have nothing to do with it
		out.Note = some(d.Note())
	}
	return out
}

// DOI is a registered identifier.
type DOI struct {
	ID string `json:"id"`
}

// IncludedEntries are entries of other uploads shown as part of this one.
type IncludedEntries struct {
	Query     SearchQuery `json:"query"`
	Timestamp string      `json:"timestamp"`
}

// uploadOf makes the answer for one viewer.
func uploadOf(u *upload.Upload, v upload.Viewer) UploadProcData {
	writers := unique([]string{u.MainAuthor}, u.Coauthors)
	allowed := map[string]Allowed{}
	for name, op := range map[string]upload.Operation{"change_files": upload.ChangeFiles, "delete": upload.Delete} {
		denied := upload.May(u, v, op)
		a := Allowed{OK: denied == nil}
		if denied != nil {
			a.Why = denied.Detail
		}
		allowed[name] = a
	}
	var included *IncludedEntries
	if u.Included != nil {
		included = &IncludedEntries{SearchQuery(u.Included.Query), Stamp(u.Included.At)}
	}
	return UploadProcData{
		IncludedEntries: included,
		ProcessData:     processOf(&u.Process), UploadID: u.ID, UploadName: some(u.Name), UploadCreateTime: stamp(u.CreateTime),
		Description: some(u.Description), MainAuthor: u.MainAuthor,
		Coauthors: list(u.Coauthors), CoauthorGroups: list(u.CoauthorGroups),
		Reviewers: list(u.Reviewers), ReviewerGroups: list(u.ReviewerGroups),
		Writers: writers, WriterGroups: list(u.CoauthorGroups),
		Viewers: unique(writers, u.Reviewers), ViewerGroups: unique(u.CoauthorGroups, u.ReviewerGroups),
		Published: u.Published(), PublishedTo: list(u.PublishedTo), PublishTime: stamp(u.PublishTime),
		WithEmbargo: u.EmbargoLength > 0, EmbargoLength: u.EmbargoLength, License: u.License, ExternalDB: some(u.ExternalDB),
		Entries: u.Entries, EntriesProcessed: u.Processed, EntriesFailed: u.Failed, EntriesWarned: u.Warned, Files: u.Files, Bytes: u.Bytes,
		Deposit: depositDataOf(u, v),
	}
}

// EntryProcData is an entry among those of its upload (spec uploads.md §1.4).
type EntryProcData struct {
	ProcessData
	EntryID         string        `json:"entry_id"`
	EntryCreateTime *string       `json:"entry_create_time,omitempty" format:"date-time"`
	Mainfile        string        `json:"mainfile"`
	MainfileKey     *string       `json:"mainfile_key,omitempty"`
	UploadID        string        `json:"upload_id"`
	ParserName      *string       `json:"parser_name,omitempty"`
	EntryMetadata   EntryMetadata `json:"entry_metadata,omitempty"`
	// Allowed is set by include=allowed.
	Allowed map[string]Allowed `json:"allowed,omitempty" doc:"What you may do with it and its upload, by the id of the operation; only with include=allowed, not part of the NOMAD API"`
}

func entryOf(e *entry.Entry) EntryProcData {
	return EntryProcData{
		ProcessData: processOf(&e.Process), EntryID: e.ID, EntryCreateTime: stamp(e.CreateTime), Mainfile: e.Mainfile,
		MainfileKey: some(e.MainfileKey), UploadID: e.UploadID, ParserName: some(e.ParserName),
	}
}

// list gives an empty list for nil, because clients expect one.
func list(values []string) []string {
	if values == nil {
		return []string{}
	}
	return values
}

// unique joins lists without repeating a value.
func unique(lists ...[]string) []string {
	all := []string{}
	for _, values := range lists {
		for _, v := range values {
			if !slices.Contains(all, v) {
				all = append(all, v)
			}
		}
	}
	return all
}

// withNulls gives a struct as a map in which members without value are null:
// the answers of POST /uploads and PUT raw show them, all others leave them out
// (spec uploads.md §1.3).
func withNulls(v any) map[string]any {
	all := map[string]any{}
	fillNulls(all, reflect.ValueOf(v))
	return all
}

func fillNulls(all map[string]any, v reflect.Value) {
	for i := range v.NumField() {
		field := v.Type().Field(i)
		if field.Anonymous {
			fillNulls(all, v.Field(i))
			continue
		}
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		if name == "allowed" { // ours, and there only when it is asked for
			continue
		}
		all[name] = v.Field(i).Interface()
	}
}
