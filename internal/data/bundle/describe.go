package bundle

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"oasis/internal/access/identity"
	"oasis/internal/data/entry"
	"oasis/internal/data/upload"
)

// Bounds of texts.
const (
	maxName        = 500
	maxDescription = 100_000
)

// describe makes the upload that the bundle will be here.
func (in *incoming) describe(ctx context.Context) error {
	r, now := in.info.Upload, in.Now().UTC()
	u := upload.Upload{
		ID: r.ID, Name: text(r.Name), Description: text(r.Description), CreateTime: now, EmbargoLength: *r.EmbargoLength,
		License: r.License, FromOasis: r.FromOasis, OasisURL: text(r.OasisURL), LastUpdate: now,
	}
	if len(u.Name) > maxName || len(u.Description) > maxDescription {
		return failed("the name or the description of the upload is too long")
	}
	if in.options.KeepTimes {
		u.CreateTime = time.Time(r.CreateTime)
	}
	if published := time.Time(r.PublishTime); !published.IsZero() {
		u.PublishTime = now
		if in.options.KeepTimes {
			u.PublishTime = published
		}
	}
	if in.options.Embargo != nil {
		u.EmbargoLength = *in.options.Embargo
	}
	if in.options.FromOasis {
		u.FromOasis = true
		if u.OasisURL == "" {
			u.OasisURL = in.info.Source.DeploymentURL
		}
	}
	if in.viewer.Admin {
		u.ExternalDB = text(r.ExternalDB)
	} else if u.License != upload.DefaultLicense { // which only administrators choose
		in.warn("The license %q was not taken over; an administrator can set it.", u.License)
		u.License = upload.DefaultLicense
	}
	if len(in.info.Datasets) > 0 && in.options.Datasets {
		in.warn("%d datasets were not taken over: this server does not keep datasets yet.", len(in.info.Datasets))
	}
	if err := in.membersOf(ctx, r, &u); err != nil {
		return err
	}
	u.Process = upload.Process{
		Status: upload.Success, Current: upload.ProcessImport, Message: done, Warnings: in.warnings, CompleteTime: now,
	}
	if in.options.Trigger || !in.options.ArchiveFiles {
		u.Process = upload.Process{Status: upload.Pending, Current: upload.ProcessUpload, Message: "Waiting to be processed", Warnings: in.warnings}
	}
	in.upload = u
	return nil
}

func (in *incoming) warn(format string, args ...any) {
	in.warnings = append(in.warnings, fmt.Sprintf(format, args...))
}

// membersOf keeps the members that this server knows.
func (in *incoming) membersOf(ctx context.Context, r *uploadRecord, u *upload.Upload) error {
	found, err := in.People.Find(ctx, identity.Search{IDs: slices.Concat([]string{r.MainAuthor}, r.Coauthors, r.Reviewers), Everywhere: true})
	if err != nil {
		return fmt.Errorf("look up members: %w", err)
	}
	known := make(map[string]bool, len(found))
	for i := range found {
		known[found[i].ID] = true
	}
	u.MainAuthor = r.MainAuthor
	var others []string
	if !known[r.MainAuthor] || !in.viewer.Admin && r.MainAuthor != in.viewer.UserID {
		if in.options.Strangers != Importer {
			return failed("Invalid main_author: %s", r.MainAuthor)
		}
		u.MainAuthor = in.viewer.UserID
		others = append(others, in.nameOf(r.MainAuthor))
	}
	keep := func(ids []string, what string) (kept []string, err error) {
		for _, id := range ids {
			switch {
			case known[id] && id != u.MainAuthor && !slices.Contains(kept, id):
				kept = append(kept, id)
			case known[id]:
			case in.options.Strangers != Importer:
				return nil, failed("Invalid %s reference: %s", what, id)
			case what == "coauthor":
				others = append(others, in.nameOf(id))
			default:
				in.warn("The reviewer %s is not known here and was left out.", in.nameOf(id))
			}
		}
		return kept, nil
	}
	if u.Coauthors, err = keep(r.Coauthors, "coauthor"); err != nil {
		return err
	}
	if u.Reviewers, err = keep(r.Reviewers, "reviewers"); err != nil {
		return err
	}
	if others != nil {
		note := "Authors at " + in.info.Source.DeploymentURL + ": " + strings.Join(others, ", ") + "."
		in.warn("Some authors have no account here. %s", note)
		u.Description = strings.TrimLeft(u.Description+"\n\n"+note, "\n")
	}
	return in.teamsOf(ctx, r, u)
}

// teamsOf keeps the groups that exist here under the same id.
func (in *incoming) teamsOf(ctx context.Context, r *uploadRecord, u *upload.Upload) error {
	ids := slices.DeleteFunc(slices.Concat(r.CoauthorGroups, r.ReviewerGroups), func(id string) bool { return id == upload.AllGroup })
	missing, err := in.Groups.Missing(ctx, ids)
	if err != nil {
		return fmt.Errorf("look up groups: %w", err)
	}
	for _, id := range missing {
		name := id
		for _, t := range in.info.Teams {
			if t.ID == id {
				name = fmt.Sprintf("%q", t.Name)
			}
		}
		in.warn("The group %s does not exist here and was left out.", name)
	}
	here := func(ids []string) []string {
		return slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return slices.Contains(missing, id) })
	}
	u.CoauthorGroups, u.ReviewerGroups = here(r.CoauthorGroups), here(r.ReviewerGroups)
	u.CoauthorGroups = slices.DeleteFunc(u.CoauthorGroups, func(id string) bool { return id == upload.AllGroup })
	return nil
}

// nameOf gives what the bundle says somebody is called.
func (in *incoming) nameOf(id string) string {
	for _, p := range in.info.People {
		if p.ID == id && p.Name != "" {
			return fmt.Sprintf("%s (%s)", p.Name, id)
		}
	}
	return id
}

// ofUpload are the fields of a search document that come from the upload when it is
// read; in a bundle they could only be old, or forged.
func ofUpload() []string {
	return []string{
		"upload_name", "upload_create_time", "main_author", "coauthors", "coauthor_groups", "reviewers", "reviewer_groups", "viewers",
		"viewer_groups", "writers", "writer_groups", "authors", "published", "publish_time", "with_embargo", "embargo_length", "license",
		"datasets", "entry_coauthors", "external_db", "origin", "uploader", "last_edit_time", "doi",
	}
}

// trueTo makes a document say of itself what it is.
func (in *incoming) trueTo(id string, document map[string]any) {
	for _, field := range ofUpload() {
		delete(document, field)
	}
	document["entry_id"], document["calc_id"], document["upload_id"] = id, id, in.info.UploadID
}

// entryOf gives the archive of an entry as it is kept, and a search document made of it.
func (in *incoming) entryOf(id string, archive any) (blob []byte, document json.RawMessage, err error) {
	root, ok := archive.(map[string]any)
	if !ok {
		return nil, nil, failed("the archive of entry %s is no section", id)
	}
	metadata, _ := root["metadata"].(map[string]any)
	if metadata == nil {
		metadata = map[string]any{}
		root["metadata"] = metadata
	}
	in.trueTo(id, metadata)
	if blob, err = json.Marshal(root); err != nil {
		return nil, nil, fmt.Errorf("archive of entry %s: %w", id, err)
	}
	made := make(map[string]any, len(metadata)+2)
	for key, value := range metadata {
		made[key] = value
	}
	if results, ok := root["results"].(map[string]any); ok {
		made["results"] = searchable(results)
	}
	made["process_status"] = string(in.entries[id])
	document, err = json.Marshal(made)
	return blob, document, err
}

// searchable gives results as search documents have them: with the list that search
// counts, also when it is empty.
func searchable(results map[string]any) map[string]any {
	out := maps.Clone(results)
	properties, _ := results["properties"].(map[string]any)
	properties = maps.Clone(properties)
	if properties == nil {
		properties = map[string]any{}
	}
	if _, listed := properties["available_properties"]; !listed {
		properties["available_properties"] = []any{}
	}
	out["properties"] = properties
	return out
}

// storedEntry makes the entry of its record.
func (in *incoming) storedEntry(r *entryRecord) entry.Entry {
	e := entry.Entry{
		ID: r.ID, UploadID: r.UploadID, Mainfile: r.Mainfile, MainfileKey: text(r.MainfileKey), ParserName: r.ParserName,
		CreateTime: time.Time(r.CreateTime), LastProcessing: time.Time(r.LastProcessing), LastEdit: time.Time(r.LastEdit), Hash: text(r.Hash),
		Process: upload.Process{
			Status: upload.Status(r.ProcessStatus), Current: "process_entry", Message: text(r.Message),
			Errors: r.Errors, Warnings: r.Warnings, CompleteTime: time.Time(r.CompleteTime),
		},
		Document: in.documents[r.ID], Edits: said(r),
	}
	if r.Oasis != nil && in.options.ArchiveFiles { // without archives it has to be processed
		e.InputKey = r.Oasis.InputKey
		var document map[string]any
		if json.Unmarshal(r.Oasis.Document, &document) == nil && document != nil {
			in.trueTo(r.ID, document)
			e.Document, _ = json.Marshal(document) // was JSON just now
		}
	}
	if e.Document == nil {
		e.Document, _ = json.Marshal(map[string]any{ // texts can be encoded
			"entry_id": r.ID, "calc_id": r.ID, "upload_id": r.UploadID, "mainfile": r.Mainfile, "parser_name": r.ParserName,
			"entry_name": r.Mainfile[strings.LastIndexByte(r.Mainfile, '/')+1:], "process_status": r.ProcessStatus, "processed": false,
		})
	}
	return e
}

// said gives what people said about an entry. Only the fields that the page of an entry
// can set are taken, and addresses only if they are some of the web.
func said(r *entryRecord) json.RawMessage {
	edits := map[string]any{}
	if text(r.Comment) != "" {
		edits["comment"] = *r.Comment
	}
	if text(r.ExternalID) != "" {
		edits["external_id"] = *r.ExternalID
	}
	var references []string
	for _, address := range r.References {
		if strings.HasPrefix(address, "https://") || strings.HasPrefix(address, "http://") {
			references = append(references, address)
		}
	}
	if references != nil {
		edits["references"] = references
	}
	if len(edits) == 0 {
		return nil
	}
	encoded, _ := json.Marshal(edits) // texts can be encoded
	return encoded
}
