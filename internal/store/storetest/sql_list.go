package storetest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"oasis/internal/data/entry"
	"oasis/internal/data/upload"
	"oasis/internal/work/processing"
)

func uploadIDs(uploads []upload.Upload) []string {
	ids := []string{}
	for _, u := range uploads {
		ids = append(ids, u.ID)
	}
	return ids
}

func testListUploads(t *testing.T, open OpenSQL) {
	ctx, s := t.Context(), open(t, fixed())
	add := func(id, name string, minute int, change func(*upload.Upload)) {
		u := newUpload(id, "other")
		u.Name, u.CreateTime = name, start().Add(time.Duration(minute)*time.Minute)
		change(&u)
		insert(t, s, u)
	}
	add("1", "Über 100%", 1, func(u *upload.Upload) { u.MainAuthor = "me" })
	add("2", "b", 2, func(u *upload.Upload) {
		u.Coauthors, u.PublishTime, u.Process.Status = []string{"x", "me"}, start(), upload.Pending
	})
	add("3", "B", 3, func(u *upload.Upload) { u.ReviewerGroups, u.Process.Message = []string{"g1"}, "z" })
	add("4", "a", 3, func(u *upload.Upload) { u.ReviewerGroups, u.Process.Status = []string{upload.AllGroup}, upload.Running })
	add("5", "hidden", 5, func(*upload.Upload) {})
	add("6", "c", 6, func(u *upload.Upload) { u.CoauthorGroups, u.PublishTime = []string{"g2"}, start().Add(time.Hour) })
	ok(t, s.Processing().SaveOutcome(ctx, "6", processing.Outcome{Put: []entry.Entry{newEntry("6", "in part", upload.Success)}}))
	ok(t, s.Processing().SaveOutcome(ctx, "2", processing.Outcome{Put: []entry.Entry{newEntry("2", "broken", upload.Failure)}}))
	me := upload.Viewer{UserID: "me", Groups: []string{"g1", "g2"}}
	visible, denied := upload.Visible(me, upload.OwnerShared)
	if denied != nil {
		t.Fatal(denied)
	}
	yes, no := true, false
	tests := map[string]struct {
		query upload.ListQuery
		want  string
	}{
		"everything":           {upload.ListQuery{}, "1 2 3 4 6"},
		"backwards":            {upload.ListQuery{Desc: true}, "6 4 3 2 1"},
		"by publish time":      {upload.ListQuery{OrderBy: upload.OrderPublishTime}, "1 3 4 2 6"},
		"by name":              {upload.ListQuery{OrderBy: upload.OrderName}, "3 4 2 6 1"},
		"by message":           {upload.ListQuery{OrderBy: upload.OrderMessage, Desc: true}, "3 6 4 2 1"},
		"by status":            {upload.ListQuery{OrderBy: upload.OrderStatus}, "2 1 3 6 4"},
		"page":                 {upload.ListQuery{Offset: 1, Limit: 2}, "2 3"},
		"beyond the end":       {upload.ListQuery{Offset: 9}, ""},
		"main author":          {upload.ListQuery{Roles: []upload.Role{upload.MainAuthor}}, "1"},
		"coauthor":             {upload.ListQuery{Roles: []upload.Role{upload.Coauthor}}, "2 6"},
		"reviewer":             {upload.ListQuery{Roles: []upload.Role{upload.Reviewer}}, "3"},
		"reviewer or everyone": {upload.ListQuery{Roles: []upload.Role{upload.Reviewer}, IncludeAll: true}, "3 4"},
		"ids":                  {upload.ListQuery{IDs: []string{"5", "2", "nope"}}, "2"},
		"exact name":           {upload.ListQuery{Names: []upload.NameMatch{{Value: "b"}}}, "2"},
		"fuzzy names":          {upload.ListQuery{Names: []upload.NameMatch{{Value: "ÜBER", Fuzzy: true}, {Value: "a"}}}, "1 4"},
		"a percent sign":       {upload.ListQuery{Names: []upload.NameMatch{{Value: "%", Fuzzy: true}}}, "1"},
		"busy":                 {upload.ListQuery{Busy: &yes}, "2 4"},
		"not busy":             {upload.ListQuery{Busy: &no}, "1 3 6"},
		"status":               {upload.ListQuery{Status: upload.Running}, "4"},
		"needs attention":      {upload.ListQuery{Attention: &yes}, "2 6"},
		"needs none":           {upload.ListQuery{Attention: &no}, "1 3 4"},
		"published":            {upload.ListQuery{IsPublished: &yes}, "2 6"},
		"not published":        {upload.ListQuery{IsPublished: &no}, "1 3 4"},
		"owned":                {upload.ListQuery{IsOwned: &yes}, "1"},
		"not owned":            {upload.ListQuery{IsOwned: &no}, "2 3 4 6"},
	}
	for name, c := range tests {
		c.query.Visible, c.query.Viewer = visible, me
		paged := c.query.Limit > 0
		if !paged {
			c.query.Limit = 10
		}
		page, total, err := s.Uploads().ListUploads(ctx, c.query)
		ok(t, err)
		want := strings.Fields(c.want)
		same(t, name, strings.Join(uploadIDs(page), " "), c.want)
		if !paged && c.query.Offset == 0 {
			same(t, name+", total", total, len(want))
		}
		for i := range page {
			same(t, name, page[i], got[upload.Upload](t)(s.Uploads().Upload(ctx, page[i].ID)))
		}
	}
	page, total, err := s.Uploads().ListUploads(ctx, upload.ListQuery{Visible: visible})
	ok(t, err)
	same(t, "without limit", len(page), 0)
	same(t, "total without limit", total, 5)
}

// testListLikeFilter compares SQL with upload.Filter.Matches on random uploads,
// viewers and filters, valid ones and odd ones.
func testListLikeFilter(t *testing.T, open OpenSQL) {
	ctx, s := t.Context(), open(t, fixed())
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 1))
	people, groups := []string{"", "ann", "bob", "cleo", "all"}, []string{"", "g1", "g2", "all"}
	some := func(from []string) (picked []string) {
		for _, v := range from {
			if r.IntN(3) == 0 && v != "" {
				picked = append(picked, v)
			}
		}
		return picked
	}
	uploads := make([]upload.Upload, 120)
	for i := range uploads {
		u := newUpload(fmt.Sprintf("%03d", i), people[1+r.IntN(len(people)-1)])
		u.Coauthors, u.Reviewers, u.CoauthorGroups, u.ReviewerGroups = some(people), some(people), some(groups), some(groups)
		u.EmbargoLength = max(0, r.IntN(5)-2)
		if r.IntN(2) == 0 {
			u.PublishTime = start()
		}
		uploads[i] = u
	}
	insert(t, s, uploads...)
	owners := []upload.Owner{upload.OwnerPublic, upload.OwnerVisible, upload.OwnerAll, upload.OwnerShared, upload.OwnerUser, upload.OwnerStaging, upload.OwnerAdmin}
	for range 150 {
		v := upload.Viewer{UserID: people[r.IntN(len(people))], Groups: some(groups), Admin: r.IntN(4) == 0}
		if r.IntN(3) == 0 {
			v.Uploads = []string{}
			for range r.IntN(4) {
				v.Uploads = append(v.Uploads, uploads[r.IntN(len(uploads))].ID)
			}
		}
		filter, denied := upload.Visible(v, owners[r.IntN(len(owners))])
		if denied != nil || r.IntN(3) == 0 {
			filter = randomFilter(r, v)
		}
		var want []string
		for i := range uploads {
			if filter.Matches(&uploads[i]) {
				want = append(want, uploads[i].ID)
			}
		}
		page, total, err := s.Uploads().ListUploads(ctx, upload.ListQuery{Visible: filter, Limit: 1000})
		ok(t, err)
		if found := uploadIDs(page); !slices.Equal(found, want) || total != len(want) {
			t.Fatalf("filter %+v of viewer %+v\n got: %v (%d)\nwant: %v", filter, v, found, total, want)
		}
	}
}

// randomFilter makes filters that Visible does not make.
func randomFilter(r *rand.Rand, v upload.Viewer) upload.Filter {
	maybe := func() *bool {
		if n := r.IntN(3); n > 0 {
			yes := n == 1
			return &yes
		}
		return nil
	}
	f := upload.Filter{Uploads: v.Uploads}
	for range r.IntN(3) {
		c := upload.Condition{Published: maybe(), Embargoed: maybe()}
		if r.IntN(3) == 0 {
			c.MainAuthor = "ann"
		}
		if r.IntN(3) == 0 {
			c.Viewer = &v
		}
		f.AnyOf = append(f.AnyOf, c)
	}
	return f
}
