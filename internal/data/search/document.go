package search

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"oasis/internal/data/archive"
)

// timeFormat is ISO 8601 with microseconds and offset, the form of times in answers.
const timeFormat = "2006-01-02T15:04:05.999999-07:00"

// uploadKeys are members of a document that come from UploadFacts; processing has no say in them.
var uploadKeys = []string{"upload_name", "description", "upload_create_time", "published", "publish_time", "with_embargo",
	"embargo_length", "license", "external_db", "origin", "main_author", "coauthors", "reviewers", "coauthor_groups", "reviewer_groups",
	"authors", "writers", "viewers", "writer_groups", "viewer_groups"}

// Part is the entry's part of a document in canonical form.
type Part struct {
	// Tree is the decoded document: map[string]any, []any, string, json.Number, bool.
	Tree map[string]any
	// JSON is the same as compact text without nulls.
	JSON json.RawMessage
}

// Canonical makes the entry's part of a document: what processing made, without
// nulls and without what belongs to the upload, plus what the record says
// (ids, times, state) and what is derived. A Document that is no JSON object is an error.
func Canonical(e *Entry) (*Part, error) {
	tree := map[string]any{}
	if len(e.Document) > 0 {
		d := json.NewDecoder(bytes.NewReader(e.Document))
		d.UseNumber()
		if err := d.Decode(&tree); err != nil {
			return nil, fmt.Errorf("document of entry %s: %w", e.ID, err)
		}
		if tree == nil {
			tree = map[string]any{}
		}
	}
	for _, key := range uploadKeys {
		delete(tree, key)
	}
	dropNulls(tree)
	if err := applyEdits(tree, e.Edits); err != nil {
		return nil, fmt.Errorf("edits of entry %s: %w", e.ID, err)
	}
	tree["entry_id"], tree["calc_id"], tree["upload_id"], tree["mainfile"] = e.ID, e.ID, e.UploadID, e.Mainfile
	if !e.CreateTime.IsZero() {
		tree["entry_create_time"] = e.CreateTime.UTC().Format(timeFormat)
	}
	if e.ProcessStatus != "" {
		tree["process_status"] = e.ProcessStatus
		tree["processed"] = e.ProcessStatus == "SUCCESS"
	}
	for key, value := range map[string]any{"processed": false, "readonly": false, "n_quantities": json.Number("0")} {
		if _, ok := tree[key]; !ok {
			tree[key] = value
		}
	}
	if _, ok := tree["data"]; !ok {
		if data := dataTree(tree["search_quantities"]); data != nil {
			tree["data"] = data
		}
	}
	if texts := freeText(tree); len(texts) > 0 {
		tree["text_search_contents"] = texts
	}
	text, err := json.Marshal(tree)
	if err != nil {
		return nil, fmt.Errorf("document of entry %s: %w", e.ID, err)
	}
	return &Part{Tree: tree, JSON: text}, nil
}

// applyEdits puts what people said in place of what processing found. A comment
// that was replaced is not found as free text any more.
func applyEdits(tree map[string]any, edits json.RawMessage) error {
	if len(edits) == 0 {
		return nil
	}
	var said map[string]any
	if err := json.Unmarshal(edits, &said); err != nil {
		return err
	}
	if _, ok := said["comment"]; ok {
		if old, ok := tree["comment"].(string); ok {
			dropText(tree, archive.FreeText(old))
		}
	}
	for key, value := range said {
		if value == nil {
			delete(tree, key)
			continue
		}
		tree[key] = value
	}
	return nil
}

// dropText takes a text out of those that processing collected.
func dropText(tree map[string]any, text string) {
	if list, ok := tree["text_search_contents"].([]any); ok {
		tree["text_search_contents"] = slices.DeleteFunc(list, func(v any) bool {
			have, ok := v.(string)
			return ok && have == text
		})
	}
}

// dropNulls removes null members at every level; null items of lists stay, they hold a place.
func dropNulls(v any) {
	switch v := v.(type) {
	case map[string]any:
		for key, child := range v {
			if child == nil {
				delete(v, key)
				continue
			}
			dropNulls(child)
		}
	case []any:
		for _, child := range v {
			dropNulls(child)
		}
	}
}

var tag = regexp.MustCompile(`</?[a-zA-Z!][^<>]*>`)

// plain is a text without HTML tags.
func plain(text string) string { return strings.TrimSpace(tag.ReplaceAllString(text, " ")) }

// freeText gathers what the free-text box finds: the strings that processing
// collected and those of the entry's metadata, without HTML tags (spec search-quantities.md §5).
func freeText(tree map[string]any) []any {
	var texts []any
	seen := map[string]bool{}
	add := func(v any) {
		text, ok := v.(string)
		if text = plain(text); ok && text != "" && !seen[text] {
			seen[text] = true
			texts = append(texts, text)
		}
	}
	if list, ok := tree["text_search_contents"].([]any); ok {
		for _, v := range list {
			add(v)
		}
	} else {
		add(tree["text_search_contents"])
	}
	for _, key := range []string{"entry_name", "comment", "domain"} {
		add(tree[key])
	}
	if list, ok := tree["datasets"].([]any); ok && len(list) <= 20 {
		for _, item := range list {
			if set, ok := item.(map[string]any); ok {
				add(set["dataset_name"])
				add(set["doi"])
			}
		}
	}
	return texts
}

// maxDataIndex bounds the list positions that dataTree restores: a gap is filled
// with null, so a single large index must not cost memory.
const maxDataIndex = 10_000

// dataTree rebuilds the data section from the stored custom-schema quantities:
// lists by their index, gaps null (spec search-quantities.md §3).
func dataTree(stored any) map[string]any {
	items, _ := stored.([]any)
	root := map[string]any{}
	for _, item := range items {
		quantity, ok := item.(map[string]any)
		if !ok {
			continue
		}
		path, _ := quantity["path_archive"].(string)
		_, value := DynamicValue(quantity)
		if value == nil || !strings.HasPrefix(path, "data.") {
			continue
		}
		place(root, strings.Split(path, "."), value)
	}
	data, _ := root["data"].(map[string]any)
	return data
}

// DynamicValue gives the value of a stored custom-schema quantity and the name
// of its type; nil when it has none.
func DynamicValue(quantity map[string]any) (kind string, value any) {
	for _, kind := range []string{"str", "float", "int", "bool", "datetime"} {
		if v := quantity[kind+"_value"]; v != nil {
			return kind, v
		}
	}
	return "", nil
}

// place sets a value in a tree of objects and lists; a number in the path is a list position.
func place(into any, path []string, value any) any {
	if len(path) == 0 {
		return value
	}
	if i, err := strconv.Atoi(path[0]); err == nil && i >= 0 && i < maxDataIndex {
		list, _ := into.([]any)
		for len(list) <= i {
			list = append(list, nil)
		}
		list[i] = place(list[i], path[1:], value)
		return list
	}
	m, ok := into.(map[string]any)
	if !ok {
		m = map[string]any{}
	}
	m[path[0]] = place(m[path[0]], path[1:], value)
	return m
}
