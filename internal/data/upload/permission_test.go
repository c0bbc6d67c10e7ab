package upload_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"oasis/internal/data/upload"
	"oasis/internal/problem"
)

// matrix is the table of spec uploads.md §2.3, written by hand: for each operation
// and state the status for anonymous, other, reviewer, coauthor, main author, admin.
// 0 is yes. Where the table says 401 for anonymous because the route refuses them,
// the rule itself answers 403: it is the second gate.
var matrix = map[upload.Operation]map[upload.State][6]int{
	upload.Read: {
		upload.Staging:   {401, 403, 0, 0, 0, 0},
		upload.Embargoed: {403, 403, 0, 0, 0, 0},
		upload.Public:    {0, 0, 0, 0, 0, 0},
	},
	upload.ReadOwn: {
		upload.Staging:   {403, 403, 0, 0, 0, 0},
		upload.Embargoed: {403, 403, 0, 0, 0, 0},
		upload.Public:    {403, 403, 0, 0, 0, 0},
	},
	upload.ChangeFiles: {
		upload.Staging:   {403, 403, 403, 0, 0, 0},
		upload.Embargoed: {403, 403, 403, 400, 400, 400},
		upload.Public:    {403, 403, 403, 400, 400, 400},
	},
	upload.Delete: {
		upload.Staging:   {403, 403, 403, 403, 0, 0},
		upload.Embargoed: {403, 403, 403, 403, 403, 0},
		upload.Public:    {403, 403, 403, 403, 403, 0},
	},
	upload.ReadWhole: {
		upload.Staging:   {401, 403, 400, 400, 400, 400},
		upload.Embargoed: {403, 403, 0, 0, 0, 0},
		upload.Public:    {0, 0, 0, 0, 0, 0},
	},
}

var statusOf = map[problem.Kind]int{
	problem.Unauthenticated: 401, problem.Forbidden: 403, problem.BadRequest: 400, problem.Missing: 404,
}

const me = "me"

var published = time.Date(2026, 5, 3, 0, 0, 0, 0, time.UTC)

func uploadIn(state upload.State) upload.Upload {
	u := upload.Upload{ID: "U", MainAuthor: "somebody"}
	if state != upload.Staging {
		u.PublishTime = published
	}
	if state == upload.Embargoed {
		u.EmbargoLength = 12
	}
	return u
}

// ways lists every way to come to a role.
func ways(role upload.Role) map[string]func(*upload.Upload) upload.Viewer {
	user := upload.Viewer{UserID: me, Groups: []string{"g1", "g2"}}
	as := func(v upload.Viewer, change func(*upload.Upload)) func(*upload.Upload) upload.Viewer {
		return func(u *upload.Upload) upload.Viewer {
			change(u)
			return v
		}
	}
	return map[upload.Role]map[string]func(*upload.Upload) upload.Viewer{
		upload.Anonymous: {"anonymous": as(upload.Viewer{}, func(*upload.Upload) {})},
		upload.Other: {
			"somebody else": as(user, func(u *upload.Upload) { u.Reviewers = []string{"x"}; u.CoauthorGroups = []string{"g9"} }),
		},
		upload.Reviewer: {
			"reviewer":               as(user, func(u *upload.Upload) { u.Reviewers = []string{"x", me} }),
			"reviewer by group":      as(user, func(u *upload.Upload) { u.ReviewerGroups = []string{"g2"} }),
			"reviewer by all":        as(user, func(u *upload.Upload) { u.ReviewerGroups = []string{"all"} }),
			"anonymous, open to all": as(upload.Viewer{}, func(u *upload.Upload) { u.ReviewerGroups = []string{"all"} }),
		},
		upload.Coauthor: {
			"coauthor":                 as(user, func(u *upload.Upload) { u.Coauthors = []string{me} }),
			"coauthor by group":        as(user, func(u *upload.Upload) { u.CoauthorGroups = []string{"g1"} }),
			"coauthor and reviewer":    as(user, func(u *upload.Upload) { u.Coauthors, u.Reviewers = []string{me}, []string{me} }),
			"coauthor and open to all": as(user, func(u *upload.Upload) { u.Coauthors, u.ReviewerGroups = []string{me}, []string{"all"} }),
		},
		upload.MainAuthor: {
			"main author": as(user, func(u *upload.Upload) { u.MainAuthor = me }),
		},
		upload.Admin: {
			"admin":              as(upload.Viewer{UserID: me, Admin: true}, func(*upload.Upload) {}),
			"admin and reviewer": as(upload.Viewer{UserID: me, Admin: true}, func(u *upload.Upload) { u.Reviewers = []string{me} }),
		},
	}[role]
}

func TestWhoMayDoWhatInWhichState(t *testing.T) {
	t.Parallel()
	for op := upload.Read; op <= upload.ReadWhole; op++ {
		for state := upload.Staging; state <= upload.Public; state++ {
			row, ok := matrix[op][state]
			if !ok {
				t.Fatalf("operation %d in state %d has no row", op, state)
			}
			for role := upload.Anonymous; role <= upload.Admin; role++ {
				for way, become := range ways(role) {
					u := uploadIn(state)
					viewer := become(&u)
					if got := upload.RoleOf(&u, viewer); got != role {
						t.Errorf("%s has role %d, want %d", way, got, role)
					}
					status := 0
					if denied := upload.May(&u, viewer, op); denied != nil {
						status = statusOf[denied.Kind]
					}
					if status != row[role] {
						t.Errorf("operation %d, state %d, %s: %d, want %d", op, state, way, status, row[role])
					}
				}
			}
		}
	}
}

func TestTokenForCertainUploadsReachesNoOthers(t *testing.T) {
	t.Parallel()
	u := uploadIn(upload.Public)
	for name, tc := range map[string]struct {
		uploads []string
		allowed bool
	}{
		"no restriction": {nil, true}, "this upload": {[]string{"U"}, true}, "another": {[]string{"V"}, false}, "none": {[]string{}, false},
	} {
		viewer := upload.Viewer{UserID: me, Admin: true, Uploads: tc.uploads}
		if got := upload.May(&u, viewer, upload.Read) == nil; got != tc.allowed {
			t.Errorf("%s: allowed %v", name, got)
		}
		filter, denied := upload.Visible(viewer, upload.OwnerAdmin)
		if denied != nil || filter.Matches(&u) != tc.allowed {
			t.Errorf("%s: filter lets it through: %v, %v", name, filter.Matches(&u), denied)
		}
	}
}

func TestOwnersThatMeanMineNeedSomebody(t *testing.T) {
	t.Parallel()
	for owner, want := range map[upload.Owner][3]int{ // anonymous, user, admin
		upload.OwnerPublic: {0, 0, 0}, "": {0, 0, 0}, upload.OwnerVisible: {0, 0, 0}, upload.OwnerAll: {0, 0, 0},
		upload.OwnerShared: {401, 0, 0}, upload.OwnerUser: {401, 0, 0}, upload.OwnerStaging: {401, 0, 0},
		upload.OwnerAdmin: {401, 403, 0}, "nobody": {422, 422, 422},
	} {
		for i, viewer := range []upload.Viewer{{}, {UserID: me}, {UserID: me, Admin: true}} {
			status := 0
			if _, denied := upload.Visible(viewer, owner); denied != nil {
				status = statusOf[denied.Kind]
				if denied.Kind == problem.Unprocessable {
					status = 422
				}
			}
			if status != want[i] {
				t.Errorf("owner %q, viewer %d: %d, want %d", owner, i, status, want[i])
			}
		}
	}
}

// The list form must agree with the single form: a search with owner "visible"
// shows an upload exactly when reading it is allowed to somebody who is no
// administrator, and every owner but "admin" and "all" stays within that.
func TestListFormAgreesWithSingleForm(t *testing.T) {
	t.Parallel()
	people := []string{me, "a", "b"}
	groups := []string{"g1", "g2", upload.AllGroup}
	rapid.Check(t, func(t *rapid.T) {
		some := func(from []string, name string) []string {
			return rapid.SliceOfDistinct(rapid.SampledFrom(from), func(s string) string { return s }).Draw(t, name)
		}
		u := uploadIn(rapid.SampledFrom([]upload.State{upload.Staging, upload.Embargoed, upload.Public}).Draw(t, "state"))
		u.MainAuthor = rapid.SampledFrom(people).Draw(t, "main author")
		u.Coauthors, u.Reviewers = some(people, "coauthors"), some(people, "reviewers")
		u.CoauthorGroups, u.ReviewerGroups = some(groups[:2], "coauthor groups"), some(groups, "reviewer groups")
		v := upload.Viewer{UserID: rapid.SampledFrom([]string{"", me}).Draw(t, "viewer"), Groups: some(groups[:2], "groups")}
		if v.UserID == "" {
			v.Groups = nil
		}
		readable := upload.May(&u, v, upload.Read) == nil
		for _, owner := range []upload.Owner{upload.OwnerPublic, upload.OwnerVisible, upload.OwnerAll, upload.OwnerShared, upload.OwnerUser, upload.OwnerStaging} {
			filter, denied := upload.Visible(v, owner)
			if denied != nil {
				continue
			}
			shown := filter.Matches(&u)
			if owner == upload.OwnerVisible && shown != readable {
				t.Fatalf("shown %v, readable %v", shown, readable)
			}
			if shown && !readable && owner != upload.OwnerAll {
				t.Fatalf("owner %s shows what cannot be read", owner)
			}
			if owner == upload.OwnerStaging && shown && u.Published() {
				t.Fatal("staging shows a published upload")
			}
		}
	})
}

func TestIdentifiers(t *testing.T) {
	t.Parallel()
	for i, tc := range []struct{ upload, mainfile, key, want string }{ // vectors of spec uploads.md §1.1 and processing.md §1
		{"abc", "dir/file.json", "", "tUNivi2x_RmArL_hsW_AY-E4_kGT"},
		{"abc", "dir/file.json", "k", "r7vuqLYCuxjlXEWnxqEx2EFDZ_dn"},
		{"GT-C2GqYTzWCqE7Ig4Wwtg", "simple.archive.yaml", "", "siJKWhLZZIiDphoj_NsaVpy5aPGL"},
		{"GT-C2GqYTzWCqE7Ig4Wwtg", "data.archive.csv", "0", "L3wXhnPdtLeiPRp7JJVNeN7VSbT2"},
		{"GT-C2GqYTzWCqE7Ig4Wwtg", "ä/ü.archive.yaml", "", "KAlpFRR2lQyvhjvmPYWEVvRZi-0r"},
		{"GT-C2GqYTzWCqE7Ig4Wwtg", "a b.archive.yaml", "", "XPW5VofoMPQ6glxBbYGZ5rr1xL4W"},
	} {
		if got := upload.EntryID(tc.upload, tc.mainfile, tc.key); got != tc.want {
			t.Errorf("%d: %s, want %s", i, got, tc.want)
		}
	}
	seen := map[string]bool{}
	for range 1000 {
		id := upload.NewID()
		if len(id) != 22 || seen[id] {
			t.Fatalf("id %q", id)
		}
		seen[id] = true
	}
}
