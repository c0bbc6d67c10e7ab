package normalize

import (
	"errors"
	"fmt"
	"path"
	"slices"
	"sort"
	"strings"
	"time"

	"oasis/internal/data/archive"
	"oasis/internal/data/material"
	"oasis/internal/data/metainfo"
)

// mostErrors bounds the list of processing_errors; the log has them all.
const mostErrors = 100

// result puts archive and search document together.
func (r *run) result() *Result {
	res := &Result{EntryName: r.name, EntryType: r.kind, ParserName: r.parser}
	for _, w := range r.warnings {
		res.Warnings = append(res.Warnings, w.Error())
	}
	now := r.src.Now()
	meta := entryFields(r.src, r.parser, r.name, now)
	meta["processed"] = true
	if r.kind != "" {
		meta["entry_type"] = r.kind
	}
	if r.meta.comment != "" {
		meta["comment"] = r.meta.comment
	}
	if len(r.meta.references) > 0 {
		meta["references"] = r.meta.references
	}
	if len(res.Warnings) > 0 {
		meta["processing_errors"] = bounded(res.Warnings)
	}
	stored := r.archive.Root.Values
	extra := map[string]any{"metadata": meta}
	if r.pkg != nil {
		definitions := r.pkg.Stored()
		stored["definitions"], extra["definitions"] = definitions, definitions
	}
	facts := r.archive.Collect(extra)
	addFacts(meta, facts, r.name, r.meta.comment)
	res.Document = make(map[string]any, len(meta)+2)
	for k, v := range meta {
		res.Document[k] = v
	}
	res.Document["process_status"] = "SUCCESS"
	if results := r.archive.Root.Child("results"); results != nil {
		res.Document["results"] = searchResults(results)
	}
	if r.src.Hash != "" { // in the archive only: nobody searches for it
		meta["entry_hash"] = r.src.Hash
	}
	stored["metadata"] = meta
	stored["processing_logs"] = logs(r.src, r.parser, "WARNING", now, res.Warnings)
	res.Archive = stored
	return res
}

// entryFields are the fields every entry has, failed or not.
func entryFields(src Source, parserName, name string, now time.Time) map[string]any {
	meta := map[string]any{
		"upload_id": src.UploadID, "entry_id": src.EntryID, "calc_id": src.EntryID, "mainfile": src.Mainfile,
		"entry_name": name, "parser_name": parserName, "files": anys(src.Files), "readonly": false,
		"last_processing_time": metainfo.FormatTime(now), "n_quantities": int64(0),
	}
	if src.MainfileKey != "" {
		meta["mainfile_key"] = src.MainfileKey
	}
	if !src.EntryCreateTime.IsZero() {
		meta["entry_create_time"] = metainfo.FormatTime(src.EntryCreateTime)
	}
	return meta
}

func anys(texts []string) []any {
	out := make([]any, len(texts))
	for i, t := range texts {
		out[i] = t
	}
	return out
}

func bounded(texts []string) []any {
	if len(texts) <= mostErrors {
		return anys(texts)
	}
	return append(anys(texts[:mostErrors]), fmt.Sprintf("… and %d more, see the log of the entry", len(texts)-mostErrors))
}

// addFacts adds what was collected; texts are those of the metadata for the free-text bag.
func addFacts(meta map[string]any, f archive.Facts, texts ...string) {
	meta["quantities"], meta["sections"], meta["n_quantities"] = anys(f.Quantities), anys(f.Sections), int64(f.NQuantities)
	for key, list := range map[string][]any{"section_defs": f.SectionDefs, "search_quantities": f.SearchQuantities, "entry_references": f.EntryReferences} {
		if len(list) > 0 {
			meta[key] = list
		}
	}
	bag := anys(f.Texts)
	for _, t := range texts {
		if t = archive.FreeText(t); t != "" && !slices.Contains(f.Texts, t) {
			bag = append(bag, t)
		}
	}
	meta["text_search_contents"] = bag
}

// searchResults are the results as search answers give them: with the derived
// members and defaults, without what is not indexed (spec search-quantities.md §3, §9).
func searchResults(results *archive.Section) map[string]any {
	out := visible(results.Values)
	properties := map[string]any{"available_properties": []any{}}
	if p := results.Child("properties"); p != nil {
		for k, v := range p.Values {
			properties[k] = v
		}
	}
	out["properties"] = properties
	if e := results.Child("eln"); e != nil {
		out["eln"] = visible(e.Values)
	}
	m := results.Child("material")
	if m == nil {
		return out
	}
	found := visible(m.Values)
	elements := m.Texts("elements")
	sorted := append([]string(nil), elements...)
	sort.Strings(sorted)
	found["n_elements"] = int64(len(elements))
	if len(elements) > 0 {
		found["elements_exclusive"] = strings.Join(sorted, " ")
	}
	if _, ok := found["structural_type"]; !ok {
		found["structural_type"] = "not processed"
	}
	if f, err := material.Parse(m.Text("chemical_formula_reduced")); err == nil {
		found["chemical_formula_reduced_fragments"] = anys(f.Fragments())
	}
	if items := m.Items("elemental_composition"); len(items) > 0 {
		list := make([]any, len(items))
		for i, item := range items {
			part := map[string]any{}
			for _, key := range []string{"element", "atomic_fraction", "mass_fraction"} {
				if v, ok := item.Values[key]; ok {
					part[key] = v
				}
			}
			list[i] = part
		}
		found["elemental_composition"] = list
	}
	out["material"] = found
	return out
}

// visible copies the members that are no annotations.
func visible(values map[string]any) map[string]any {
	out := make(map[string]any, len(values)+4)
	for k, v := range values {
		if !strings.HasPrefix(k, "m_") {
			out[k] = v
		}
	}
	return out
}

// logs are the processing_logs of an archive; all values are text (spec metainfo-archive.md §1).
func logs(src Source, parserName, level string, now time.Time, events []string) []any {
	out := make([]any, len(events))
	for i, e := range events {
		out[i] = map[string]any{
			"event": e, "level": level, "logger": "oasis.processing", "timestamp": now.UTC().Format("2006-01-02 15:04.05"),
			"parser": parserName, "upload_id": src.UploadID, "entry_id": src.EntryID, "mainfile": src.Mainfile,
		}
	}
	return out
}

// Failed gives what is kept of an entry whose processing failed with err: an
// archive of metadata and processing_logs, and a document with processed=false,
// both with the reasons in processing_errors (spec processing.md §4.5). The
// dependencies are those read, or missed, before Entry gave up.
func Failed(src Source, parserName string, err error) *Result {
	now := time.Now
	if src.Now != nil {
		now = src.Now
	}
	at := now()
	name := path.Base(src.Mainfile)
	res := &Result{EntryName: name, ParserName: parserName, Errors: messages(err)}
	var f *failure
	if errors.As(err, &f) {
		res.Dependencies = f.needs
	}
	meta := entryFields(src, parserName, name, at)
	meta["processed"] = false
	meta["processing_errors"] = bounded(res.Errors)
	addFacts(meta, archive.Facts{Quantities: []string{"", "metadata"}, NQuantities: 1}, name)
	res.Archive = map[string]any{"metadata": meta, "processing_logs": logs(src, parserName, "ERROR", at, res.Errors)}
	res.Document = make(map[string]any, len(meta)+1)
	for k, v := range meta {
		res.Document[k] = v
	}
	res.Document["process_status"] = "FAILURE"
	return res
}
