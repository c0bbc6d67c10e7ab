package sqlstore

import (
	"context"
	"fmt"

	"oasis/internal/access/identity"
	"oasis/internal/data/search"
	"oasis/internal/data/upload"
)

// feed is the history that search indexes follow. Each transaction that changes
// something they keep takes the next revision and writes it into the rows of
// uploads, entries and tombstones it touches; the history is those rows in order.
type feed struct{ *DB }

func (f feed) Rev(ctx context.Context) (int64, error) { return f.engine.rev(ctx) }

func (f feed) Changes(ctx context.Context, after int64, yield func(search.Change) error) error {
	return f.engine.snapshot(ctx, func(q querier) error {
		m := merger{yield: yield, told: map[string]bool{}, facts: map[string]*search.UploadFacts{}}
		var err error
		if m.uploads, err = changedUploads(ctx, q, after, m.facts); err != nil {
			return fmt.Errorf("read changed uploads: %w", err)
		}
		if after > 0 { // a new index has nothing to forget
			if m.buried, err = buried(ctx, q, after); err != nil {
				return fmt.Errorf("read deletions: %w", err)
			}
		}
		err = each(ctx, q, func(r row) error {
			var e search.Entry
			var rev int64
			err := r.Scan(&e.ID, &e.UploadID, &e.Mainfile, stamp{&e.CreateTime}, &e.ProcessStatus, (*[]byte)(&e.Document), document{&e.Edits}, &rev)
			if err != nil {
				return err
			}
			return m.entry(rev, &e)
		}, `select id, upload_id, mainfile, create_time, process_status, document, edits, rev from entries where rev > $1 order by rev`, after)
		if err != nil {
			return err
		}
		return m.rest()
	})
}

// numbered is something with its revision.
type numbered struct {
	rev    int64
	change search.Change
}

// merger joins uploads, entries and deletions into one history. The facts of an
// upload are told before its first entry, even when they are newer than that.
type merger struct {
	yield   func(search.Change) error
	uploads []numbered
	buried  []numbered
	facts   map[string]*search.UploadFacts
	told    map[string]bool
}

func (m *merger) entry(rev int64, e *search.Entry) error {
	if err := m.until(rev); err != nil {
		return err
	}
	if facts := m.facts[e.UploadID]; facts != nil && !m.told[e.UploadID] {
		m.told[e.UploadID] = true
		if err := m.yield(search.Change{Rev: rev, Upload: facts}); err != nil {
			return err
		}
	}
	return m.yield(search.Change{Rev: rev, Entry: e})
}

// until tells uploads and deletions up to a revision, that one included.
func (m *merger) until(rev int64) error {
	for {
		from := &m.uploads
		if len(m.uploads) == 0 || len(m.buried) > 0 && m.buried[0].rev < m.uploads[0].rev {
			from = &m.buried
		}
		if len(*from) == 0 || (*from)[0].rev > rev {
			return nil
		}
		next := (*from)[0]
		*from = (*from)[1:]
		if u := next.change.Upload; u != nil {
			if m.told[u.ID] {
				continue
			}
			m.told[u.ID] = true
		}
		if err := m.yield(next.change); err != nil {
			return err
		}
	}
}

func (m *merger) rest() error { return m.until(1<<63 - 1) }

func buried(ctx context.Context, q querier, after int64) ([]numbered, error) {
	scan := func(r row) (n numbered, err error) {
		var kind, id string
		err = r.Scan(&kind, &id, &n.rev)
		n.change.Rev = n.rev
		if kind == "upload" {
			n.change.DeletedUpload = id
		} else {
			n.change.DeletedEntry = id
		}
		return n, err
	}
	return list(ctx, q, scan, `select kind, id, rev from tombstones where rev > $1 order by rev`, after)
}

// changedUploads reads the facts of uploads, by id and in order of their revisions.
func changedUploads(ctx context.Context, q querier, after int64, facts map[string]*search.UploadFacts) ([]numbered, error) {
	people, err := namesAfter(ctx, q, after)
	if err != nil {
		return nil, fmt.Errorf("read names: %w", err)
	}
	person := func(id string) search.Person { return search.Person{UserID: id, Name: people[id]} }
	uploads, err := list(ctx, q, func(r row) (numbered, error) {
		var u search.UploadFacts
		var rev int64
		err := r.Scan(&u.ID, &u.Name, &u.Description, stamp{&u.CreateTime}, stamp{&u.PublishTime}, &u.EmbargoLength, &u.License, &u.ExternalDB, &u.MainAuthor.UserID, &rev)
		u.MainAuthor = person(u.MainAuthor.UserID)
		facts[u.ID] = &u
		return numbered{rev, search.Change{Rev: rev, Upload: &u}}, err
	}, `select id, name, description, create_time, publish_time, embargo_length, license, external_db, main_author, rev
		from uploads where rev > $1 order by rev, id`, after)
	if err != nil {
		return nil, err
	}
	return uploads, each(ctx, q, func(r row) error {
		var m member
		if err := m.scan(r); err != nil {
			return err
		}
		var u upload.Upload
		m.join(&u)
		f := facts[m.uploadID]
		for _, id := range u.Coauthors {
			f.Coauthors = append(f.Coauthors, person(id))
		}
		for _, id := range u.Reviewers {
			f.Reviewers = append(f.Reviewers, person(id))
		}
		f.CoauthorGroups = append(f.CoauthorGroups, u.CoauthorGroups...)
		f.ReviewerGroups = append(f.ReviewerGroups, u.ReviewerGroups...)
		return nil
	}, `select upload_id, role, member from upload_members where upload_id in (select id from uploads where rev > $1)
		order by upload_id, role, position`, after)
}

// namesAfter gives the names of the people in uploads that changed.
func namesAfter(ctx context.Context, q querier, after int64) (map[string]string, error) {
	names := map[string]string{}
	return names, each(ctx, q, func(r row) error {
		var u identity.User
		if err := r.Scan(&u.ID, &u.Username, &u.FirstName, &u.LastName); err != nil {
			return err
		}
		names[u.ID] = u.Name()
		return nil
	}, `select id, username, first_name, last_name from users where id in (
		select main_author from uploads where rev > $1 union
		select member from upload_members where upload_id in (select id from uploads where rev > $2))`, after, after)
}
