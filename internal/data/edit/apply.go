package edit

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"oasis/internal/data/upload"
	"oasis/internal/problem"
)

// tooMany refuses a list that has grown beyond its bound.
func (c *change) tooMany() error {
	return problem.Invalid("value_error", fmt.Sprintf(textMany, c.field.most), c.place...)
}

// applyAll writes the changes of the upload level.
func (w *work) applyAll(u *upload.Upload) error {
	for i := range w.plan.upload {
		c := &w.plan.upload[i]
		c.applyTo(u)
		if c.list != nil && max(len(u.Coauthors), len(u.Reviewers), len(u.CoauthorGroups), len(u.ReviewerGroups)) > c.field.most {
			return c.tooMany()
		}
	}
	// The main author has all rights anyway, and a list would outlive a change of owner.
	main := func(id string) bool { return id == u.MainAuthor }
	u.Coauthors = slices.DeleteFunc(u.Coauthors, main)
	u.Reviewers = slices.DeleteFunc(u.Reviewers, main)
	return nil
}

func (c *change) applyTo(u *upload.Upload) {
	switch c.field.name {
	case fieldName:
		u.Name = c.text
	case fieldDescription:
		u.Description = c.text
	case fieldExternalDB:
		u.ExternalDB = c.text
	case fieldEmbargo:
		u.EmbargoLength = c.number
	case fieldCoauthors:
		u.Coauthors = c.list.apply(u.Coauthors)
	case fieldReviewers:
		u.Reviewers = c.list.apply(u.Reviewers)
	case fieldCoauthorGroups:
		u.CoauthorGroups = c.list.apply(u.CoauthorGroups)
	case fieldReviewerGroups:
		u.ReviewerGroups = c.list.apply(u.ReviewerGroups)
	case fieldMainAuthor:
		u.MainAuthor = c.text
	case fieldCreateTime:
		u.CreateTime = time.UnixMicro(c.micros).UTC()
	case fieldPublishTime:
		u.PublishTime = time.UnixMicro(c.micros).UTC()
	case fieldLicense:
		u.License = cmp.Or(c.text, upload.DefaultLicense)
	}
}

// work is an edit under way.
type work struct {
	plan    *plan
	request *Request
	now     time.Time
	// found are the entries that the query chose; nil without one.
	found []string
	// chosen is the same as a set.
	chosen map[string]bool
	// unseen are the keys of entries that have not come up yet.
	unseen map[string]bool
}

// restart is called at the beginning of each try of the transaction.
func (w *work) restart() {
	w.unseen = make(map[string]bool, len(w.plan.keys))
	for _, key := range w.plan.keys {
		w.unseen[key] = true
	}
}

// everything tells whether all entries of the upload are changed.
func (w *work) everything() bool { return len(w.plan.all) > 0 && w.request.query == nil }

// pageSize is how many entries are read and written at a time.
const pageSize = 1000

// selection chooses the entries that something may be said about; ok = there are any.
func (w *work) selection() (sel Selection, ok bool) {
	sel.Limit = pageSize
	switch {
	case len(w.plan.all) > 0:
		sel.IDs = w.found
	case len(w.plan.keys) == 0:
		return sel, false
	case w.request.mainfiles:
		sel.Mainfiles = w.plan.keys
	default:
		sel.IDs = w.plan.keys
	}
	return sel, true
}

// entries edits the entries of the upload, page by page.
func (w *work) entries(ctx context.Context, tx Tx, uploadID string) error {
	sel, some := w.selection()
	if !some {
		return nil
	}
	for {
		page, err := tx.Targets(ctx, uploadID, sel)
		if err != nil {
			return fmt.Errorf("read entries: %w", err)
		}
		if len(page) == 0 {
			break
		}
		sel.After = page[len(page)-1]
		var changed []Target
		for i := range page {
			done, err := w.entry(&page[i])
			if err != nil {
				return err
			}
			if done {
				changed = append(changed, page[i])
			}
		}
		if w.request.VerifyOnly {
			continue
		}
		if err := tx.SaveEdits(ctx, uploadID, changed); err != nil {
			return fmt.Errorf("store edits: %w", err)
		}
	}
	var wrong []problem.Field
	for _, key := range w.plan.keys {
		if w.unseen[key] {
			wrong = append(wrong, problem.Field{Loc: []any{"entries", key}, Type: "value_error", Msg: textNoEntries})
		}
	}
	if wrong != nil {
		return problem.InvalidAll(wrong)
	}
	return nil
}

// entry edits one entry; false = nothing is said about it.
func (w *work) entry(t *Target) (bool, error) {
	if w.chosen != nil && !w.chosen[t.EntryID] {
		return false, nil
	}
	key := t.EntryID
	if w.request.mainfiles {
		key = t.Mainfile
	}
	delete(w.unseen, key)
	own := w.plan.each[key]
	changes := slices.Clone(own)
	for _, c := range w.plan.all {
		if !slices.ContainsFunc(own, func(o change) bool { return o.field.name == c.field.name }) {
			changes = append(changes, c)
		}
	}
	if len(changes) == 0 {
		return false, nil
	}
	said := map[string]any{}
	if len(t.Edits) > 0 {
		if err := json.Unmarshal(t.Edits, &said); err != nil {
			return false, fmt.Errorf("edits of entry %s: %w", t.EntryID, err)
		}
	}
	for i := range changes {
		c := &changes[i]
		switch {
		case c.field.name == fieldEntryTime:
			t.CreateTime = time.UnixMicro(c.micros).UTC()
		case c.list != nil:
			have, err := t.texts(said, c.field.name)
			if err != nil {
				return false, err
			}
			next := c.list.apply(have)
			if len(next) > c.field.most {
				return false, c.tooMany()
			}
			said[c.field.name] = orNull(next)
		default:
			said[c.field.name] = textOrNull(c.text)
		}
	}
	edits, err := json.Marshal(said)
	if err != nil {
		return false, fmt.Errorf("write edits: %w", err)
	}
	t.Edits, t.LastEdit = edits, w.now
	return true, nil
}

// texts gives the values of a list of an entry: as edited, else as processing found them.
func (t *Target) texts(said map[string]any, name string) ([]string, error) {
	values, edited := said[name]
	if !edited {
		var found map[string]json.RawMessage
		if len(t.Document) > 0 {
			if err := json.Unmarshal(t.Document, &found); err != nil {
				return nil, fmt.Errorf("document of entry %s: %w", t.EntryID, err)
			}
		}
		var texts []string
		_ = json.Unmarshal(found[name], &texts) // of any other form there is nothing to keep
		return texts, nil
	}
	if texts, ok := values.([]string); ok {
		return texts, nil
	}
	list, _ := values.([]any)
	var texts []string
	for _, v := range list {
		if text, ok := v.(string); ok {
			texts = append(texts, text)
		}
	}
	return texts, nil
}

func orNull(values []string) any {
	if len(values) == 0 {
		return nil
	}
	return values
}

func textOrNull(text string) any {
	if text == "" {
		return nil
	}
	return text
}
