// Package searchindex is the embedded search engine: bitmaps and sorted columns
// in memory, derived from the database and never the truth.
//
// A search first asks the source whether something newer was committed and takes
// it in, so everybody reads their own writes. Rights and names of an upload are
// kept once per upload, not per entry: changing them costs the same for one entry
// and for a thousand.
package searchindex

import (
	"context"
	"fmt"
	"sync"
	"time"

	"oasis/internal/data/search"
)

// batch is the number of changes that are made ready outside the lock before
// they become visible together, unless a revision is larger.
const batch = 2000

// Index answers searches over all entries. It is safe for concurrent use.
type Index struct {
	source search.Source
	now    func() time.Time

	// refreshing is held by the one that takes in changes; it guards replacing state.
	refreshing sync.Mutex
	// mu guards the content of state: searches share it.
	mu    sync.RWMutex
	state *state
}

// New makes an empty index that fills itself from source at the first search or Refresh.
// Embargoes end by the clock now.
func New(source search.Source, now func() time.Time) *Index {
	return &Index{source: source, now: now, state: newState()}
}

var _ search.Index = (*Index)(nil)

// Refresh brings the index up to the newest committed revision.
func (x *Index) Refresh(ctx context.Context) error {
	newest, err := x.source.Rev(ctx)
	if err != nil {
		return fmt.Errorf("search index: newest revision: %w", err)
	}
	if x.rev() >= newest {
		return nil
	}
	x.refreshing.Lock()
	defer x.refreshing.Unlock()
	if x.rev() >= newest { // another one did it meanwhile
		return nil
	}
	pending := pendingChanges{index: x, rev: x.state.rev}
	if err := x.source.Changes(ctx, x.state.rev, pending.take); err != nil {
		return fmt.Errorf("search index: changes: %w", err)
	}
	pending.apply(max(newest, pending.rev))
	x.compact()
	return nil
}

func (x *Index) rev() int64 {
	x.mu.RLock()
	defer x.mu.RUnlock()
	return x.state.rev
}

// pendingChanges are changes that are not visible yet.
type pendingChanges struct {
	index *Index
	rev   int64
	todo  []search.Change
}

// take keeps one change. A full batch is applied as soon as its revision is complete.
func (p *pendingChanges) take(c search.Change) error {
	if len(p.todo) >= batch && c.Rev > p.rev {
		p.apply(p.rev)
	}
	p.rev = max(p.rev, c.Rev)
	p.todo = append(p.todo, c)
	return nil
}

// apply makes the pending changes visible as revision rev. Reading the documents,
// which is most of the work, is done before the lock is taken.
func (p *pendingChanges) apply(rev int64) {
	ready := prepareAll(p.todo)
	x := p.index
	x.mu.Lock()
	defer x.mu.Unlock()
	x.state.now = x.now()
	for i, c := range p.todo {
		switch {
		case c.Entry != nil:
			x.state.add(ready[i])
		case c.DeletedEntry != "":
			x.state.deleteEntry(c.DeletedEntry)
		case c.Upload != nil:
			x.state.setUpload(c.Upload)
		case c.DeletedUpload != "":
			x.state.deleteUpload(c.DeletedUpload)
		}
	}
	x.state.rev = rev
	p.todo = p.todo[:0]
}

// compact rebuilds the state without the documents that were replaced or
// deleted, once they are the majority. Searches go on meanwhile.
func (x *Index) compact() {
	old := x.state // only the holder of refreshing changes it
	if dead := len(old.docs) - len(old.byEntry); dead < len(old.byEntry)+batch {
		return
	}
	fresh := newState()
	fresh.rev, fresh.now = old.rev, old.now
	for _, r := range old.uploads {
		if r.known() {
			fresh.setUpload(&r.facts)
		}
	}
	for _, d := range old.docs {
		if d.upload != nil {
			fresh.add(prepare(&search.Entry{ID: d.entryID, UploadID: d.upload.rights.ID, Mainfile: d.mainfile, Document: d.document()}))
		}
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	x.state = fresh
}

// Search answers a query from a state at least as new as the newest revision
// committed before the call.
func (x *Index) Search(ctx context.Context, q *search.Query) (*search.Result, error) {
	if err := x.Refresh(ctx); err != nil {
		return nil, err
	}
	x.endEmbargoes()
	x.mu.RLock()
	defer x.mu.RUnlock()
	return x.state.search(ctx, q)
}

func (s *state) search(ctx context.Context, q *search.Query) (*search.Result, error) {
	e := evaluation{ctx: ctx, state: s, query: q}
	hits, err := e.hits(q.Where)
	if err != nil {
		return nil, err
	}
	result := &search.Result{Total: int(hits.GetCardinality())}
	if q.Page.Size > 0 {
		page, next := e.page(hits)
		result.Next = next
		result.Hits = e.render(page)
	}
	for i := range q.Aggregations {
		buckets, err := e.buckets(&q.Aggregations[i], hits)
		if err != nil {
			return nil, err
		}
		result.Buckets = append(result.Buckets, buckets)
	}
	return result, nil
}

// render joins the documents of a page.
func (e *evaluation) render(page []uint32) []search.Hit {
	r := search.NewRenderer(e.query.Required)
	hits := make([]search.Hit, len(page))
	for i, doc := range page {
		d := &e.state.docs[doc]
		part := d.upload.public
		if e.query.Members.Matches(&d.upload.rights) {
			part = d.upload.members
		}
		hits[i] = search.Hit{EntryID: d.entryID, UploadID: d.upload.rights.ID, Mainfile: d.mainfile,
			Document: r.Document(d.document(), part, e.query.Full.Matches(&d.upload.rights))}
	}
	return hits
}
