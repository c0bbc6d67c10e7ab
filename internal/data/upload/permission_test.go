package upload_test

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"oasis/internal/data/upload"
	"oasis/internal/problem"
)

// matrix is the table of spec uploads.md §2.3, written by hand: for each operation
// and state the answer for anonymous, other, reviewer, coauthor, main author, admin;
// "ok", or the status and the letter of the text. Where the table says 401 for
// anonymous because the route refuses them, the rule itself answers 403: it is the
// second gate. Sending elsewhere is ours: who can only read may not (§16).
var matrix = map[upload.Operation]map[upload.State]string{
	//                 anonymous other reviewer coauthor author admin
	upload.Read: {
		upload.Staging:   "401l 403a ok   ok   ok   ok",
		upload.Embargoed: "403e 403e ok   ok   ok   ok",
		upload.Public:    "ok   ok   ok   ok   ok   ok",
	},
	upload.ReadOwn: {
		upload.Staging:   "403a 403a ok   ok   ok   ok",
		upload.Embargoed: "403a 403a ok   ok   ok   ok",
		upload.Public:    "403a 403a ok   ok   ok   ok",
	},
	upload.ReadWhole: {
		upload.Staging:   "401l 403a 400z 400z 400z 400z",
		upload.Embargoed: "403e 403e ok   ok   ok   ok",
		upload.Public:    "ok   ok   ok   ok   ok   ok",
	},
	upload.Export: {
		upload.Staging:   "401l 403a ok   ok   ok   ok",
		upload.Embargoed: "403e 403e ok   ok   ok   ok",
		upload.Public:    "ok   ok   ok   ok   ok   ok",
	},
	upload.ChangeFiles: {
		upload.Staging:   "403w 403w 403w ok   ok   ok",
		upload.Embargoed: "403w 403w 403w 400p 400p 400p",
		upload.Public:    "403w 403w 403w 400p 400p 400p",
	},
	upload.EditMetadata: {
		upload.Staging:   "403w 403w 403w ok   ok   ok",
		upload.Embargoed: "403w 403w 403w ok   ok   ok",
		upload.Public:    "403w 403w 403w ok   ok   ok",
	},
	upload.Reprocess: {
		upload.Staging:   "403w 403w 403w ok   ok   ok",
		upload.Embargoed: "403w 403w 403w 403o 403o ok",
		upload.Public:    "403w 403w 403w 403o 403o ok",
	},
	upload.Publish: {
		upload.Staging:   "403w 403w 403w ok   ok   ok",
		upload.Embargoed: "403w 403w 403w 400g 400g 400h",
		upload.Public:    "403w 403w 403w 400g 400g 400h",
	},
	upload.LiftEmbargo: {
		upload.Staging:   "403w 403w 403w 400n 400n 400n",
		upload.Embargoed: "403w 403w 403w ok   ok   ok",
		upload.Public:    "403w 403w 403w 400b 400b 400b",
	},
	upload.AssignDOI: {
		upload.Staging:   "403w 403w 403w 403m 400d 400d",
		upload.Embargoed: "403w 403w 403w 403m ok   ok",
		upload.Public:    "403w 403w 403w 403m ok   ok",
	},
	upload.TransferOwnership: {
		upload.Staging:   "403w 403w 403w 403m ok   ok",
		upload.Embargoed: "403w 403w 403w 403m ok   ok",
		upload.Public:    "403w 403w 403w 403m ok   ok",
	},
	upload.SendElsewhere: {
		upload.Staging:   "403w 403w 403w 400f 400f 400f",
		upload.Embargoed: "403w 403w 403w ok   ok   ok",
		upload.Public:    "403w 403w 403w ok   ok   ok",
	},
	upload.Delete: {
		upload.Staging:   "403w 403w 403w 403m ok   ok",
		upload.Embargoed: "403w 403w 403w 403m 403o ok",
		upload.Public:    "403w 403w 403w 403m 403o ok",
	},
}

// refusals are the texts of spec uploads.md §2 and §8, by the letters of the matrix.
var refusals = map[byte]string{
	'l': "You need to log in to access the specified upload.",
	'a': "You do not have access to the specified upload.",
	'e': "You do not have access to the specified upload - published with embargo.",
	'w': "You do not have write access to the specified upload.",
	'm': "Only main author has permissions for this operation.",
	'p': "Upload is already published, operation not possible.",
	'o': "Upload is already published, only admins can perform this operation.",
	'z': "Cannot download raw files .zip from non published uploads. Use '/{upload_id}/raw/' instead\n" +
		"to recursively create and download a .zip file with all files.",
	'g': "Upload already published.",
	'h': "The upload is already published.",
	'n': "Upload is not published, no embargo to lift.",
	'b': "Upload has no embargo.",
	'd': "The upload is unpublished. No DOI can be assigned at the moment.\nPublish the upload first.",
	'f': "The upload should be published first.",
}

// answer gives what a cell of the matrix says.
func answer(t *testing.T, op upload.Operation, state upload.State, role upload.Role) (status int, text string) {
	t.Helper()
	cells := strings.Fields(matrix[op][state])
	if len(cells) != int(upload.Admin)+1 {
		t.Fatalf("operation %d in state %d has %d cells", op, state, len(cells))
	}
	cell := cells[role]
	if cell == "ok" {
		return 0, ""
	}
	status, err := strconv.Atoi(cell[:3])
	text, known := refusals[cell[3]]
	if err != nil || !known {
		t.Fatalf("cell %q", cell)
	}
	return status, text
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
	for _, op := range upload.Operations() {
		for state := upload.Staging; state <= upload.Public; state++ {
			for role := upload.Anonymous; role <= upload.Admin; role++ {
				wantStatus, wantText := answer(t, op, state, role)
				for way, become := range ways(role) {
					u := uploadIn(state)
					viewer := become(&u)
					if got := upload.RoleOf(&u, viewer); got != role {
						t.Errorf("%s has role %d, want %d", way, got, role)
					}
					status, text := 0, ""
					if denied := upload.May(&u, viewer, op); denied != nil {
						status, text = statusOf[denied.Kind], denied.Detail
					}
					if status != wantStatus || text != wantText {
						t.Errorf("operation %d, state %d, %s: %d %q, want %d %q", op, state, way, status, text, wantStatus, wantText)
					}
				}
			}
		}
	}
	if len(matrix) != len(upload.Operations()) {
		t.Errorf("%d rows for %d operations", len(matrix), len(upload.Operations()))
	}
}

// An operation or role that nobody has defined is refused, not let through.
func TestUnknownOperationIsRefused(t *testing.T) {
	t.Parallel()
	for state := upload.Staging; state <= upload.Public; state++ {
		if denied := upload.Allows(upload.Admin, state, upload.Delete+1); denied == nil || denied.Kind != problem.Forbidden {
			t.Errorf("state %d: %v", state, denied)
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
