package searchindex

import (
	"encoding/json"
	"slices"
	"time"

	"github.com/RoaringBitmap/roaring/v2"
	"github.com/klauspost/compress/s2"

	"oasis/internal/data/search"
	"oasis/internal/data/upload"
)

// state is all that is searched. It changes only under the write lock of Index.
type state struct {
	rev     int64
	version uint64 // counts all changes, content only added documents; what is derived remembers what it was made from
	content uint64
	docs    []document
	live    *roaring.Bitmap
	byEntry map[string]uint32
	uploads map[string]*record
	spaces  map[string]*space
	columns map[columnKey]*column
	derived derived
	// now is when embargoes were last compared with the clock, nextEnd when the next one ends (zero = none).
	now, nextEnd time.Time
}

// document is an entry; a changed entry becomes a new document.
type document struct {
	entryID  string
	mainfile string
	packed   []byte // the entry's part of the document, compressed
	upload   *record
}

// document gives the entry's part of the document.
func (d *document) document() json.RawMessage {
	text, err := s2.Decode(nil, d.packed)
	if err != nil { // memory of this process is broken, or this package is
		return json.RawMessage("{}")
	}
	return text
}

// record is an upload: its facts, kept once, and which documents they belong to.
type record struct {
	facts search.UploadFacts
	// rights is the same as the object rules read it.
	rights upload.Upload
	docs   *roaring.Bitmap
	// free are the sorted words that the free-text box finds.
	free []string
	// public and members are the upload's part of a document for others and for members.
	public, members json.RawMessage
}

// known tells whether the facts of the upload have come.
func (r *record) known() bool { return r.facts.ID != "" }

// column holds the values of one path.
type column struct {
	space   *space
	terms   *terms
	numbers *numbers
	// phrases are the words of texts in their order, by document; "" = none.
	phrases []string
}

// space numbers the items of a nested section over all documents; the space
// with the empty path numbers the documents themselves.
type space struct {
	path   string
	parent *space
	// parentOf gives the item or document around an item; it ascends.
	parentOf []uint32
	guard    search.Guard
}

func newState() *state {
	s := &state{
		live: roaring.New(), byEntry: map[string]uint32{}, uploads: map[string]*record{},
		spaces: map[string]*space{"": {}}, columns: map[columnKey]*column{},
	}
	for _, path := range search.NestedPaths() {
		s.spaces[path] = &space{path: path, parent: s.spaces[search.ParentSection(path)], guard: search.SectionGuard(path)}
	}
	return s
}

// size gives the number of ids given out in a space.
func (s *state) size(sp *space) uint64 {
	if sp.parent == nil {
		return uint64(len(s.docs))
	}
	return uint64(len(sp.parentOf))
}

func (s *state) setUpload(f *search.UploadFacts) {
	r := s.record(f.ID)
	r.facts = *f // the length of the embargo is put right below
	ids := func(people []search.Person) (out []string) {
		for _, p := range people {
			out = append(out, p.UserID)
		}
		return out
	}
	r.rights = upload.Upload{ID: f.ID, MainAuthor: f.MainAuthor.UserID, Coauthors: ids(f.Coauthors), Reviewers: ids(f.Reviewers),
		CoauthorGroups: f.CoauthorGroups, ReviewerGroups: f.ReviewerGroups, PublishTime: f.PublishTime, EmbargoLength: f.EmbargoLength}
	r.rights.EndEmbargo(s.now)
	r.facts.EmbargoLength = r.rights.EmbargoLength
	s.awaitEnd(r.rights.EmbargoEnd())
	r.public, r.members = r.facts.JSON(false), r.facts.JSON(true)
	r.free = nil
	for _, text := range f.FreeText() {
		r.free = append(r.free, search.Words.Tokens(text)...)
	}
	slices.Sort(r.free)
	r.free = slices.Compact(r.free)
	s.version++
}

// record finds an upload. One whose facts have not come yet belongs to nobody, so nobody sees it.
func (s *state) record(id string) *record {
	r := s.uploads[id]
	if r == nil {
		r = &record{docs: roaring.New(), rights: upload.Upload{ID: id}, public: json.RawMessage("{}"), members: json.RawMessage("{}")}
		s.uploads[id] = r
	}
	return r
}

func (s *state) deleteUpload(id string) {
	r := s.uploads[id]
	if r == nil {
		return
	}
	for _, doc := range r.docs.ToArray() {
		s.deleteEntry(s.docs[doc].entryID)
	}
	delete(s.uploads, id)
	s.version++
}

func (s *state) deleteEntry(id string) {
	doc, ok := s.byEntry[id]
	if !ok {
		return
	}
	delete(s.byEntry, id)
	s.live.Remove(doc)
	s.docs[doc].upload.docs.Remove(doc)
	s.docs[doc] = document{entryID: id}
	s.version++
}

func (s *state) add(x *extract) {
	s.deleteEntry(x.entryID)
	doc := uint32(len(s.docs))
	r := s.record(x.uploadID)
	s.docs = append(s.docs, document{entryID: x.entryID, mainfile: x.mainfile, packed: slices.Clone(x.packed), upload: r})
	s.byEntry[x.entryID] = doc
	s.live.Add(doc)
	r.docs.Add(doc)
	items := make([]uint32, len(x.items))
	for i, it := range x.items {
		sp := s.spaces[it.section]
		around := doc
		if sp.parent.path != "" {
			around = items[it.parent]
		}
		items[i] = uint32(len(sp.parentOf))
		sp.parentOf = append(sp.parentOf, around)
	}
	for _, v := range x.values {
		section, id := "", doc
		if v.item != whole {
			section, id = x.items[v.item].section, items[v.item]
		}
		c := s.column(v.column, section)
		if v.column.kind == numeric {
			c.numbers.add(v.number, id)
		} else {
			c.terms.add(v.text, id)
		}
	}
	for _, p := range x.phrases {
		c := s.column(p.column, "")
		for len(c.phrases) <= int(doc) {
			c.phrases = append(c.phrases, "")
		}
		c.phrases[doc] += "\n " + p.words
	}
	s.version++
	s.content++
}

func (s *state) column(key columnKey, section string) *column {
	c := s.columns[key]
	if c == nil {
		c = &column{space: s.spaces[section]}
		if key.kind == numeric {
			c.numbers = &numbers{}
		} else {
			c.terms = newTerms()
		}
		s.columns[key] = c
	}
	return c
}
