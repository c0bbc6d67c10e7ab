package search

import (
	"cmp"
	"encoding/json"
	"slices"
	"strconv"
	"time"
)

// facts is the upload's part of a document.
type facts struct {
	UploadName       string        `json:"upload_name,omitempty"`
	Description      string        `json:"description,omitempty"`
	UploadCreateTime string        `json:"upload_create_time,omitempty"`
	Published        bool          `json:"published"`
	PublishTime      string        `json:"publish_time,omitempty"`
	WithEmbargo      bool          `json:"with_embargo"`
	License          string        `json:"license,omitempty"`
	ExternalDB       string        `json:"external_db,omitempty"`
	Origin           string        `json:"origin,omitempty"`
	MainAuthor       factsPerson   `json:"main_author"`
	Authors          []factsPerson `json:"authors"`
	Writers          []factsPerson `json:"writers,omitempty"`
	Viewers          []factsPerson `json:"viewers,omitempty"`
	WriterGroups     []string      `json:"writer_groups,omitempty"`
	ViewerGroups     []string      `json:"viewer_groups,omitempty"`
}

type factsPerson struct {
	UserID string `json:"user_id"`
	Name   string `json:"name"`
}

// JSON gives the upload's part of a document; who is a member shows only with members.
func (f *UploadFacts) JSON(members bool) json.RawMessage {
	part := facts{
		UploadName: f.Name, Description: f.Description, UploadCreateTime: isoTime(f.CreateTime),
		Published: f.published(), PublishTime: isoTime(f.PublishTime), WithEmbargo: f.EmbargoLength > 0,
		License: f.License, ExternalDB: f.ExternalDB, Origin: f.origin(),
		MainAuthor: factsPerson(f.MainAuthor), Authors: people(f.writers()),
	}
	if members {
		part.Writers, part.Viewers = people(f.writers()), people(f.viewers())
		part.WriterGroups, part.ViewerGroups = f.CoauthorGroups, f.viewerGroups()
	}
	text, _ := json.Marshal(part) // strings and bools: cannot fail
	return text
}

func isoTime(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(timeFormat)
}

func people(list []Person) []factsPerson {
	out := make([]factsPerson, len(list))
	for i, p := range list {
		out[i] = factsPerson(p)
	}
	return out
}

func (f *UploadFacts) published() bool { return !f.PublishTime.IsZero() }

// origin is where the data come from (spec search-quantities.md §2).
func (f *UploadFacts) origin() string { return cmp.Or(f.ExternalDB, f.MainAuthor.Name) }

// writers are main author and coauthors; they are the authors as well.
func (f *UploadFacts) writers() []Person {
	return slices.Concat([]Person{f.MainAuthor}, f.Coauthors)
}

func (f *UploadFacts) viewers() []Person { return slices.Concat(f.writers(), f.Reviewers) }

func (f *UploadFacts) viewerGroups() []string {
	return slices.Concat(f.CoauthorGroups, f.ReviewerGroups)
}

// Texts gives the values of a keyword or boolean quantity of the upload.
func (f *UploadFacts) Texts(path string) []string {
	one := func(text string) []string {
		if text == "" {
			return nil
		}
		return []string{text}
	}
	names := func(list []Person) (out []string) {
		for _, p := range list {
			out = append(out, p.Name)
		}
		return out
	}
	ids := func(list []Person) (out []string) {
		for _, p := range list {
			out = append(out, p.UserID)
		}
		return out
	}
	switch path {
	case "upload_name":
		return one(f.Name)
	case "description":
		return one(f.Description)
	case "license":
		return one(f.License)
	case "external_db":
		return one(f.ExternalDB)
	case "origin":
		return one(f.origin())
	case "main_author.name":
		return one(f.MainAuthor.Name)
	case "main_author.user_id":
		return one(f.MainAuthor.UserID)
	case "authors.name", "writers.name":
		return names(f.writers())
	case "writers.user_id":
		return ids(f.writers())
	case "viewers.name":
		return names(f.viewers())
	case "viewers.user_id":
		return ids(f.viewers())
	case "writer_groups":
		return f.CoauthorGroups
	case "viewer_groups":
		return f.viewerGroups()
	case "published":
		return []string{strconv.FormatBool(f.published())}
	case "with_embargo":
		return []string{strconv.FormatBool(f.EmbargoLength > 0)}
	default:
		return nil
	}
}

// Time gives the value of a date quantity of the upload in milliseconds since 1970.
func (f *UploadFacts) Time(path string) (float64, bool) {
	at := f.CreateTime
	if path == "publish_time" {
		at = f.PublishTime
	}
	return float64(at.UnixMilli()), !at.IsZero()
}

// FreeText is what the free-text box finds in the entries of the upload. Reviewers
// are not in it: who reviews is for members only.
func (f *UploadFacts) FreeText() []string {
	return slices.Concat([]string{f.Name, f.Description}, f.Texts("authors.name"))
}

// Authors gives the user ids of the authors.
func (f *UploadFacts) Authors() []string { return f.Texts("writers.user_id") }
