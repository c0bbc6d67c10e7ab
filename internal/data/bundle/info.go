// Package bundle takes whole uploads from one server to another: raw files, archives,
// entries, members and times in one zip, in the form of NOMAD 2.0.0 (spec
// bundles-federation.md). What NOMAD leaves out, and servers like this one want, stands
// under further keys that NOMAD passes over.
package bundle

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"oasis/internal/data/upload"
)

// infoName is the first member of every bundle.
const infoName = "bundle_info.json"

// apiVersion is what bundles say about the version of the server: that of the NOMAD
// whose form they have.
const apiVersion = "2.0.0"

// Source tells who exported.
type Source struct {
	Version       string `json:"version"`
	Commit        string `json:"commit"`
	Deployment    string `json:"deployment"`
	DeploymentURL string `json:"deployment_url"`
	Service       string `json:"service"`
	Name          string `json:"name,omitempty"`
	Homepage      string `json:"homepage,omitempty"`
	Maintainer    string `json:"maintainer_email,omitempty"`
}

// Contents says what is in a bundle.
type Contents struct {
	RawFiles     bool `json:"include_raw_files"`
	ArchiveFiles bool `json:"include_archive_files"`
	Datasets     bool `json:"include_datasets"`
	Schemas      bool `json:"include_schemas"`
}

// instant is a time as bundles write it: {"$datetime": "…"}.
type instant time.Time

// MarshalJSON writes the zero time as null.
func (i instant) MarshalJSON() ([]byte, error) {
	if time.Time(i).IsZero() {
		return []byte("null"), nil
	}
	return json.Marshal(map[string]string{"$datetime": time.Time(i).UTC().Format("2006-01-02T15:04:05.000000")})
}

// UnmarshalJSON reads times with and without a zone; without one they are UTC.
func (i *instant) UnmarshalJSON(b []byte) error {
	var v struct {
		Time string `json:"$datetime"`
	}
	if string(b) == "null" {
		*i = instant{}
		return nil
	}
	if err := json.Unmarshal(b, &v); err != nil {
		if err := json.Unmarshal(b, &v.Time); err != nil {
			return fmt.Errorf("a time is %s", b)
		}
	}
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999", "2006-01-02 15:04:05.999999999"} {
		if t, err := time.Parse(layout, v.Time); err == nil {
			*i = instant(t.UTC())
			return nil
		}
	}
	return fmt.Errorf("%q is no time", v.Time)
}

// uploadRecord is the upload in a bundle.
type uploadRecord struct {
	ID             string   `json:"_id"`
	Name           *string  `json:"upload_name"`
	Description    *string  `json:"description"`
	CreateTime     instant  `json:"upload_create_time"`
	PublishTime    instant  `json:"publish_time"`
	LastUpdate     instant  `json:"last_update"`
	MainAuthor     string   `json:"main_author"`
	Coauthors      []string `json:"coauthors"`
	CoauthorGroups []string `json:"coauthor_groups"`
	Reviewers      []string `json:"reviewers"`
	ReviewerGroups []string `json:"reviewer_groups"`
	EmbargoLength  *int     `json:"embargo_length"`
	License        string   `json:"license"`
	ExternalDB     *string  `json:"external_db"`
	FromOasis      bool     `json:"from_oasis"`
	OasisURL       *string  `json:"oasis_deployment_url"`
	PublishedTo    []string `json:"published_to"`
	ProcessStatus  string   `json:"process_status"`
	CurrentProcess *string  `json:"current_process"`
	Message        *string  `json:"last_status_message"`
	CompleteTime   instant  `json:"complete_time"`
	Errors         []string `json:"errors"`
	Warnings       []string `json:"warnings"`
}

// entryRecord is an entry in a bundle.
type entryRecord struct {
	ID             string          `json:"_id"`
	UploadID       string          `json:"upload_id"`
	Mainfile       string          `json:"mainfile"`
	MainfileKey    *string         `json:"mainfile_key"`
	ParserName     string          `json:"parser_name"`
	ProcessStatus  string          `json:"process_status"`
	CreateTime     instant         `json:"entry_create_time"`
	LastProcessing instant         `json:"last_processing_time"`
	LastEdit       instant         `json:"last_edit_time"`
	Hash           *string         `json:"entry_hash"`
	Comment        *string         `json:"comment,omitempty"`
	References     []string        `json:"references,omitempty"`
	ExternalID     *string         `json:"external_id,omitempty"`
	Datasets       []string        `json:"datasets,omitempty"`
	Errors         []string        `json:"errors"`
	Warnings       []string        `json:"warnings"`
	CurrentProcess *string         `json:"current_process,omitempty"`
	Message        *string         `json:"last_status_message,omitempty"`
	CompleteTime   instant         `json:"complete_time"`
	Oasis          *entryAdditions `json:"oasis,omitempty"`
}

// entryAdditions is what only servers like this one write and read.
type entryAdditions struct {
	Document json.RawMessage `json:"document"`
	Edits    json.RawMessage `json:"edits,omitempty"`
	InputKey string          `json:"input_key"`
}

// datasetRecord is a dataset in a bundle.
type datasetRecord struct {
	ID      string `json:"_id"`
	OtherID string `json:"dataset_id"`
	Name    string `json:"dataset_name"`
	UserID  string `json:"user_id"`
}

// fileRecord lets whoever imports compare each raw file.
type fileRecord struct {
	Path   string `json:"path"`
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
}

// person and team name the members of the upload for servers that do not know their ids.
type person struct {
	ID       string `json:"user_id"`
	Username string `json:"username"`
	Name     string `json:"name"`
}

type team struct {
	ID   string `json:"group_id"`
	Name string `json:"group_name"`
}

// info is bundle_info.json without its entries and files, which may be many.
type info struct {
	UploadID string
	Source   *Source
	Contents *Contents
	Upload   *uploadRecord
	Datasets []datasetRecord
	People   []person
	Teams    []team
	// keys are the keys there were, by object.
	keys map[string]map[string]bool
}

// mostOfOne bounds one value of bundle_info.json: an entry with its search document, for example.
const mostOfOne = 64 << 20

// budget is a reader that gives so many bytes at most until it is filled again.
type budget struct {
	from io.Reader
	left int64
}

var errTooLong = errors.New("a value in bundle_info.json is too long")

// Read fits io.Reader.
func (b *budget) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, errTooLong
	}
	n, err := b.from.Read(p[:min(int64(len(p)), b.left)])
	b.left -= int64(n)
	return n, err
}

// walk reads bundle_info.json, giving entries and files one by one. What of them is
// nil is passed over.
func walk(from io.Reader, onEntry func(raw json.RawMessage) error, onFile func(fileRecord) error) (*info, error) {
	b := &budget{from: from, left: mostOfOne}
	d := json.NewDecoder(b)
	in := &info{keys: map[string]map[string]bool{"": {}}}
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return nil, errors.Join(errors.New("bundle_info.json is no JSON object"), err)
	}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return nil, fmt.Errorf("read bundle_info.json: %w", err)
		}
		name, _ := key.(string)
		in.keys[""][name] = true
		b.left = mostOfOne
		switch name {
		case "entries":
			err = each(d, b, onEntry)
		case "files":
			err = each(d, b, func(raw json.RawMessage) error {
				var f fileRecord
				if err := json.Unmarshal(raw, &f); err != nil || onFile == nil {
					return err
				}
				return onFile(f)
			})
		default:
			var raw json.RawMessage
			if err = d.Decode(&raw); err == nil {
				err = in.set(name, raw)
			}
		}
		if err != nil {
			return nil, fmt.Errorf("%s in bundle_info.json: %w", name, err)
		}
	}
	_, err := d.Token()
	return in, err
}

// each gives the elements of a list.
func each(d *json.Decoder, b *budget, give func(json.RawMessage) error) error {
	if t, err := d.Token(); err != nil || t != json.Delim('[') {
		return errors.Join(errors.New("it is no list"), err)
	}
	for d.More() {
		b.left = mostOfOne
		var raw json.RawMessage
		if err := d.Decode(&raw); err != nil {
			return err
		}
		if give == nil {
			continue
		}
		if err := give(raw); err != nil {
			return err
		}
	}
	_, err := d.Token()
	return err
}

// set reads the value of a key.
func (in *info) set(name string, raw json.RawMessage) error {
	to := map[string]any{
		"upload_id": &in.UploadID, "source": &in.Source, "export_settings": &in.Contents, "upload": &in.Upload,
		"datasets": &in.Datasets, "users": &in.People, "groups": &in.Teams,
	}[name]
	if to == nil {
		return nil
	}
	if strings.HasPrefix(strings.TrimSpace(string(raw)), "{") {
		keys, err := keysOf(raw)
		if err != nil {
			return err
		}
		in.keys[name] = keys
	}
	return json.Unmarshal(raw, to)
}

// keysOf gives the keys of an object whose value is not null.
func keysOf(raw json.RawMessage) (map[string]bool, error) {
	var object map[string]json.RawMessage
	if err := json.Unmarshal(raw, &object); err != nil {
		return nil, err
	}
	keys := make(map[string]bool, len(object))
	for key := range object {
		keys[key] = true
	}
	return keys, nil
}

func some(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

func text(p *string) string {
	if p == nil {
		return ""
	}
	return *p
}

// recordOf writes an upload.
func recordOf(u *upload.Upload) *uploadRecord {
	return &uploadRecord{
		ID: u.ID, Name: some(u.Name), Description: some(u.Description), CreateTime: instant(u.CreateTime), PublishTime: instant(u.PublishTime),
		LastUpdate: instant(u.LastUpdate), MainAuthor: u.MainAuthor, Coauthors: list(u.Coauthors), CoauthorGroups: list(u.CoauthorGroups),
		Reviewers: list(u.Reviewers), ReviewerGroups: list(u.ReviewerGroups), EmbargoLength: &u.EmbargoLength, License: u.License,
		ExternalDB: some(u.ExternalDB), FromOasis: u.FromOasis, OasisURL: some(u.OasisURL), PublishedTo: list(u.PublishedTo),
		ProcessStatus: string(u.Process.Status), CurrentProcess: some(u.Process.Current), Message: some(u.Process.Message),
		CompleteTime: instant(u.Process.CompleteTime), Errors: list(u.Process.Errors), Warnings: list(u.Process.Warnings),
	}
}

func list(values []string) []string {
	if values == nil {
		return []string{}
	}
	return values
}
