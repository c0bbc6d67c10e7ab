package transfer_test

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"oasis/internal/access/group"
	"oasis/internal/access/identity"
	"oasis/internal/data/inbox"
	"oasis/internal/data/transfer"
	"oasis/internal/data/upload"
	"oasis/internal/problem"
	"oasis/internal/store/sqlstore"
)

// desk is a Service over a real database with ann, bob, cid and root; ann owns the
// upload "u" and the group "g".
type desk struct {
	*transfer.Service
	t       *testing.T
	db      *sqlstore.DB
	inbox   *inbox.Service
	clock   time.Time
	ids     map[string]string
	changed []string
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	d := &desk{t: t, ids: map[string]string{}, clock: time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)}
	now := func() time.Time { return d.clock }
	db, err := sqlstore.Open(t.Context(), sqlstore.Config{Path: filepath.Join(t.TempDir(), "oasis.db"), Now: now})
	must(t, err)
	t.Cleanup(func() { must(t, db.Close()) })
	d.db, d.inbox = db, inbox.NewService(db.Inbox(), now)
	people, err := identity.NewService(t.Context(), db.Identity(), func(string) {}, now)
	must(t, err)
	for _, name := range []string{"ann", "bob", "cid", "root"} {
		u, err := people.Add(t.Context(), identity.NewUser{Username: name, Email: name + "@example.org", Admin: name == "root"})
		must(t, err)
		d.ids[name] = u.ID
	}
	d.Service = &transfer.Service{Store: db.Transfers(), People: people, Now: now, Changed: func(ids []string) { d.changed = append(d.changed, ids...) }}
	u := upload.Upload{
		ID: "u", Name: "TiO2", CreateTime: d.clock, MainAuthor: d.ids["ann"], License: upload.DefaultLicense, Process: upload.Process{Status: upload.Ready},
	}
	must(t, db.Uploads().InTx(t.Context(), func(tx upload.Tx) error { return tx.InsertUpload(t.Context(), u) }))
	g := group.Group{ID: "g", Name: "furnace", Created: d.clock, Members: []group.Member{{UserID: d.ids["ann"], Role: group.Owner}, {UserID: d.ids["cid"], Role: group.Plain}}}
	must(t, db.Groups().GroupTx(t.Context(), func(tx group.Tx) error { return tx.InsertGroup(t.Context(), g) }))
	return d
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (d *desk) viewer(name string) upload.Viewer {
	return upload.Viewer{UserID: d.ids[name], Admin: name == "root"}
}

// name gives the names for ids.
func (d *desk) names(ids ...string) string {
	var all []string
	for _, id := range ids {
		for name, is := range d.ids {
			if is == id {
				all = append(all, name)
			}
		}
	}
	return strings.Join(all, " ")
}

// roles tells who has which role in the upload.
func (d *desk) roles() string {
	d.t.Helper()
	u, err := d.db.Uploads().Upload(d.t.Context(), "u")
	must(d.t, err)
	return "author " + d.names(u.MainAuthor) + "; coauthors " + d.names(u.Coauthors...) + "; reviewers " + d.names(u.Reviewers...)
}

func (d *desk) members() string {
	d.t.Helper()
	g, err := d.db.Groups().Group(d.t.Context(), "g")
	must(d.t, err)
	var all []string
	for _, m := range g.Members {
		all = append(all, d.names(m.UserID)+" "+string(m.Role))
	}
	slices.Sort(all)
	return strings.Join(all, ", ")
}

// told gives what somebody is told, newest first.
func (d *desk) told(name string) string {
	d.t.Helper()
	items, err := d.inbox.List(d.t.Context(), d.ids[name], inbox.All)
	must(d.t, err)
	var all []string
	for _, i := range items {
		all = append(all, i.Data["event"]+" "+i.Data["resource_type"]+" "+i.Data["resource_name"])
	}
	return strings.Join(all, ", ")
}

func (d *desk) offer(as, to string, kind transfer.Kind, keep bool) transfer.View {
	d.t.Helper()
	view, err := d.Request(d.t.Context(), d.viewer(as), transfer.Offer{
		Kind: kind, ResourceID: map[transfer.Kind]string{transfer.Upload: "u", transfer.Group: "g"}[kind], Target: to, TargetType: "username", Keep: keep,
	})
	must(d.t, err)
	return view
}

func (d *desk) equal(what, got, want string) {
	d.t.Helper()
	if got != want {
		d.t.Errorf("%s: %q, want %q", what, got, want)
	}
}

func (d *desk) refused(err error, kind problem.Kind, text string) {
	d.t.Helper()
	var p *problem.Error
	if !errors.As(err, &p) || p.Kind != kind || p.Detail != text {
		d.t.Errorf("%v, want kind %d: %s", err, kind, text)
	}
}

const notPending = "No pending transfer request for this transfer id. The request may have expired or already been handled."

func TestUploadIsHandedOver(t *testing.T) {
	t.Parallel()
	for keep, after := range map[bool]string{
		false: "author bob; coauthors ; reviewers ", true: "author bob; coauthors ann; reviewers ",
	} {
		d := newDesk(t)
		v := d.offer("ann", "bob", transfer.Upload, keep)
		if len(v.ID) != 24 || v.Name != "TiO2" || v.State != transfer.Pending {
			t.Errorf("%+v", v)
		}
		d.equal("while it is pending", d.roles(), "author ann; coauthors ; reviewers bob")
		d.equal("bob is told", d.told("bob"), "request upload TiO2")
		_, err := d.Respond(t.Context(), d.viewer("ann"), v.ID, true)
		d.refused(err, problem.Forbidden, "You are not authorized to respond to this transfer request.")
		_, err = d.Cancel(t.Context(), d.viewer("bob"), v.ID)
		d.refused(err, problem.Forbidden, "You are not authorized to cancel this transfer request.")
		r, err := d.Respond(t.Context(), d.viewer("bob"), v.ID, true)
		must(t, err)
		d.equal("result", d.names(r.Upload.MainAuthor), "bob")
		d.equal("after", d.roles(), after)
		d.equal("bob is told no more", d.told("bob"), "")
		_, err = d.Respond(t.Context(), d.viewer("bob"), v.ID, true)
		d.refused(err, problem.Missing, "Transfer does not exist.")
	}
}

func TestRefusedAndCancelledOffersTakeTheirRightsBack(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	v := d.offer("ann", "bob", transfer.Upload, false)
	_, err := d.Respond(t.Context(), d.viewer("bob"), v.ID, false)
	must(t, err)
	d.equal("refused", d.roles(), "author ann; coauthors ; reviewers ")
	d.equal("ann is told", d.told("ann"), "refused upload TiO2")
	d.equal("bob is told no more", d.told("bob"), "")
	_, err = d.Respond(t.Context(), d.viewer("bob"), v.ID, true)
	d.refused(err, problem.BadRequest, notPending)
	_, err = d.Cancel(t.Context(), d.viewer("ann"), v.ID)
	d.refused(err, problem.BadRequest, notPending)

	v2 := d.offer("root", "bob", transfer.Upload, false)
	if v2.ID == v.ID || d.names(v2.Actor, v2.Source) != "root ann" {
		t.Errorf("a new offer: %+v", v2)
	}
	_, err = d.Cancel(t.Context(), d.viewer("root"), v2.ID)
	d.refused(err, problem.Forbidden, "You are not authorized to cancel this transfer request.")
	_, err = d.Cancel(t.Context(), d.viewer("ann"), v2.ID)
	must(t, err)
	d.equal("cancelled", d.roles(), "author ann; coauthors ; reviewers ")
	views, err := d.List(t.Context(), transfer.Query{UserID: d.ids["ann"], Direction: transfer.Both, Kind: transfer.Upload})
	must(t, err)
	if len(views) != 0 { // cancelling forgets the refused one as well
		t.Errorf("left: %+v", views)
	}
}

// In NOMAD the earlier target stays a reviewer for ever.
func TestReplacedOfferTakesItsRightsBack(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	first := d.offer("ann", "bob", transfer.Upload, false)
	second := d.offer("ann", "cid", transfer.Upload, false)
	if first.ID != second.ID {
		t.Errorf("another id: %s, %s", first.ID, second.ID)
	}
	d.equal("roles", d.roles(), "author ann; coauthors ; reviewers cid")
	d.equal("bob is told", d.told("bob"), "")
	d.equal("cid is told", d.told("cid"), "request upload TiO2")
	_, err := d.Respond(t.Context(), d.viewer("bob"), first.ID, true)
	d.refused(err, problem.Forbidden, "You are not authorized to respond to this transfer request.")
}

// Whoever could look at the upload before still can when the offer ends.
func TestOfferLeavesReviewersAndCoauthorsTheirRoles(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	must(t, d.db.Uploads().InTx(t.Context(), func(tx upload.Tx) error {
		u, err := tx.Upload(t.Context(), "u")
		if err != nil {
			return err
		}
		u.Reviewers, u.Coauthors = []string{d.ids["bob"]}, []string{d.ids["cid"]}
		return tx.SaveUpload(t.Context(), u)
	}))
	v := d.offer("ann", "bob", transfer.Upload, false)
	_, err := d.Respond(t.Context(), d.viewer("bob"), v.ID, false)
	must(t, err)
	d.equal("after a refusal", d.roles(), "author ann; coauthors cid; reviewers bob")
	v = d.offer("ann", "cid", transfer.Upload, false)
	d.equal("a coauthor needs no other role", d.roles(), "author ann; coauthors cid; reviewers bob")
	_, err = d.Respond(t.Context(), d.viewer("cid"), v.ID, true)
	must(t, err)
	d.equal("accepted by a coauthor", d.roles(), "author cid; coauthors cid; reviewers bob")
}

func TestGroupIsHandedOver(t *testing.T) {
	t.Parallel()
	for keep, after := range map[bool]string{false: "bob owner, cid member", true: "ann maintainer, bob owner, cid member"} {
		d := newDesk(t)
		v := d.offer("ann", "bob", transfer.Group, keep)
		d.equal("while it is pending", d.members(), "ann owner, cid member")
		d.equal("bob is told", d.told("bob"), "request group furnace")
		r, err := d.Respond(t.Context(), d.viewer("bob"), v.ID, true)
		must(t, err)
		d.equal("result", d.names(r.Group.Owner()), "bob")
		d.equal("after", d.members(), after)
		for _, name := range []string{"ann", "bob"} {
			if !slices.Contains(d.changed, d.ids[name]) {
				t.Errorf("nobody heard that the groups of %s changed", name)
			}
		}
	}
}

func TestOffersThatAreRefused(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	for _, tt := range []struct {
		as     string
		offer  transfer.Offer
		kind   problem.Kind
		detail string
	}{
		{"ann", transfer.Offer{Kind: "x", ResourceID: "u"}, problem.BadRequest, `Unsupported resource_type='x'. Currently only "upload", "group" are supported.`},
		{"ann", transfer.Offer{Kind: transfer.Upload, ResourceID: "v"}, problem.Missing, "Upload does not exist."},
		{"ann", transfer.Offer{Kind: transfer.Group, ResourceID: "v"}, problem.Missing, "User Group does not exist."},
		{"bob", transfer.Offer{Kind: transfer.Upload, ResourceID: "u"}, problem.Forbidden, "You do not have write access to the specified upload."},
		{"cid", transfer.Offer{Kind: transfer.Group, ResourceID: "g"}, problem.Forbidden, "You are not authorized to transfer user group 'g'. Only group owners and admins are allowed to transfer group ownership."},
		{"ann", transfer.Offer{Kind: transfer.Upload, ResourceID: "u", Target: "nobody", TargetType: "username"}, problem.BadRequest, "Could not resolve target user by username. Provide a valid username."},
		{"ann", transfer.Offer{Kind: transfer.Upload, ResourceID: "u", Target: "ann@example.org", TargetType: "email"}, problem.BadRequest, "The specified user is already the owner of this upload."},
		{"root", transfer.Offer{Kind: transfer.Group, ResourceID: "g", Target: d.ids["ann"], TargetType: "user_id"}, problem.BadRequest, "The specified user is already the owner of this group."},
	} {
		_, err := d.Request(t.Context(), d.viewer(tt.as), tt.offer)
		d.refused(err, tt.kind, tt.detail)
	}
	v := d.offer("ann", "bob", transfer.Upload, false)
	must(t, d.db.Uploads().InTx(t.Context(), func(tx upload.Tx) error {
		return tx.SetProcess(t.Context(), "u", upload.Process{Status: upload.Pending, Current: upload.ProcessUpload})
	}))
	_, err := d.Respond(t.Context(), d.viewer("bob"), v.ID, true)
	d.refused(err, problem.BadRequest, "The upload is currently being processed, operation not allowed.")
	d.equal("nothing has happened", d.roles(), "author ann; coauthors ; reviewers bob")
}

// An offer ends after its time, when the owner changes, and when the upload goes; its
// rights go with it at the next pruning.
func TestStaleOffersCountForNothing(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(*desk){
		"time": func(d *desk) { d.clock = d.clock.Add(transfer.Lifetime) },
		"owner": func(d *desk) {
			must(d.t, d.db.Uploads().InTx(d.t.Context(), func(tx upload.Tx) error {
				u, err := tx.Upload(d.t.Context(), "u")
				if err != nil {
					return err
				}
				u.MainAuthor = d.ids["root"]
				return tx.SaveUpload(d.t.Context(), u)
			}))
		},
		"deleted": func(d *desk) {
			must(d.t, d.db.Uploads().InTx(d.t.Context(), func(tx upload.Tx) error { return tx.DeleteUpload(d.t.Context(), "u") }))
		},
	} {
		d := newDesk(t)
		v := d.offer("ann", "bob", transfer.Upload, false)
		end(d)
		if _, err := d.Get(t.Context(), d.viewer("bob"), v.ID); !problem.Is(err, problem.Missing) {
			t.Errorf("%s: %v", name, err)
		}
		views, err := d.List(t.Context(), transfer.Query{UserID: d.ids["bob"], Direction: transfer.Incoming, Kind: transfer.Upload})
		must(t, err)
		if len(views) != 0 {
			t.Errorf("%s: listed %+v", name, views)
		}
		if name != "deleted" {
			_, err = d.Respond(t.Context(), d.viewer("bob"), v.ID, true)
			d.refused(err, problem.BadRequest, notPending)
		}
		must(t, d.Prune(t.Context()))
		if _, err := d.db.Transfers().Transfer(t.Context(), v.ID); !problem.Is(err, problem.Missing) {
			t.Errorf("%s: not pruned: %v", name, err)
		}
		d.equal(name+": bob is told no more", d.told("bob"), "")
		if name != "deleted" && strings.Contains(d.roles(), "reviewers bob") {
			t.Errorf("%s: %s", name, d.roles())
		}
	}
}

func TestTransfersAreListedForBothSides(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	v := d.offer("ann", "bob", transfer.Upload, false)
	for _, tt := range []struct {
		who  string
		q    transfer.Query
		want int
	}{
		{"ann", transfer.Query{Direction: transfer.Outgoing, Kind: transfer.Upload}, 1},
		{"ann", transfer.Query{Direction: transfer.Incoming, Kind: transfer.Upload}, 0},
		{"bob", transfer.Query{Direction: transfer.Incoming, Kind: transfer.Upload, ResourceID: "u", State: transfer.Pending}, 1},
		{"bob", transfer.Query{Direction: transfer.Both, Kind: transfer.Upload, State: transfer.Refused}, 0},
		{"bob", transfer.Query{Direction: transfer.Both, Kind: transfer.Group}, 0},
		{"root", transfer.Query{Direction: transfer.Both, Kind: transfer.Upload}, 0},
	} {
		tt.q.UserID = d.ids[tt.who]
		views, err := d.List(t.Context(), tt.q)
		must(t, err)
		if len(views) != tt.want {
			t.Errorf("%s %+v: %d", tt.who, tt.q, len(views))
		}
	}
	for _, name := range []string{"ann", "bob", "root"} {
		_, err := d.Get(t.Context(), d.viewer(name), v.ID)
		must(t, err)
	}
	_, err := d.Get(t.Context(), d.viewer("cid"), v.ID)
	d.refused(err, problem.Forbidden, "You are not authorized to access this transfer.")
}

// Of many who answer at once one does.
func TestOfferIsAnsweredOnce(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	v := d.offer("ann", "bob", transfer.Upload, true)
	errs := make(chan error)
	for i := range 6 {
		go func() {
			var err error
			switch i % 3 {
			case 0:
				_, err = d.Respond(context.WithoutCancel(t.Context()), d.viewer("bob"), v.ID, true)
			case 1:
				_, err = d.Respond(context.WithoutCancel(t.Context()), d.viewer("bob"), v.ID, false)
			default:
				_, err = d.Cancel(context.WithoutCancel(t.Context()), d.viewer("ann"), v.ID)
			}
			errs <- err
		}()
	}
	won := 0
	for range 6 {
		if err := <-errs; err == nil {
			won++
		} else if problem.As(err) == nil {
			t.Error(err)
		}
	}
	if won != 1 {
		t.Errorf("%d answers counted", won)
	}
	if roles := d.roles(); strings.Contains(roles, "reviewers bob") {
		t.Error(roles)
	}
}
