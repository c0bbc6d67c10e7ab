package upload_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"oasis/internal/access/identity"
	"oasis/internal/access/token"
	"oasis/internal/data/upload"
	"oasis/internal/problem"
)

// office is the people of a lab; it can be down, as a directory of elsewhere can.
type office struct {
	*identity.Service
	down   error
	groups map[string][]string
}

func (o *office) Find(ctx context.Context, s identity.Search) ([]identity.User, error) {
	found, err := o.Service.Find(ctx, s)
	return found, errors.Join(err, o.down)
}

func (o *office) User(ctx context.Context, id string) (identity.User, error) {
	u, err := o.Service.User(ctx, id)
	u.Groups = o.groups[u.Username]
	return u, errors.Join(err, o.down)
}

// newOffice adds people to a shelf: ann, bob, the disabled cid, and the default user desk.
func newOffice(t *testing.T) (*shelf, *office, map[string]string) {
	t.Helper()
	s := newShelf(t)
	s.limits.DepositWindow = 14 * 24 * time.Hour
	people, err := identity.NewService(t.Context(), s.db.Identity(), func(string) {}, s.now)
	must(t, err)
	ids := map[string]string{}
	for _, name := range []string{"boss", "ann", "bob", "cid", "desk"} {
		u, err := people.Add(t.Context(), identity.NewUser{Username: name, Email: name + "@example.org", Admin: name == "boss"})
		must(t, err)
		ids[name] = u.ID
	}
	must(t, people.SetDisabled(t.Context(), ids["cid"], true))
	o := &office{Service: people, groups: map[string][]string{}}
	s.DepositTo(o)
	return s, o, ids
}

// scopeOf is the viewer behind a token that deposits.
func scopeOf(d token.Deposit) upload.Viewer {
	return upload.Viewer{UserID: "c0ffee00-0000-4000-8000-0000000000aa", AppendOnly: true, DepositFor: &d}
}

func (s *shelf) deposit(t *testing.T, v upload.Viewer, name string, more ...string) upload.Upload {
	t.Helper()
	u, err := s.Create(t.Context(), v, upload.CreateOptions{MainAuthor: name}, body(more...))
	must(t, err)
	return u
}

func TestDepositGoesToWhomItMayGo(t *testing.T) {
	t.Parallel()
	s, o, ids := newOffice(t)
	o.groups["bob"] = []string{"g7", "growers"}
	const unknown = `This was meant for "%s". There is no active user of that name for whom the token may deposit, so the default user of the token has it.`
	for _, c := range []struct {
		say     string
		deposit token.Deposit
		asked   string
		owner   string
		how     upload.DepositHow
	}{
		{"nobody was asked for", token.Deposit{Default: "desk", Any: true}, "", "desk", upload.DepositDefault},
		{"by user name in any case", token.Deposit{Default: "desk", Any: true}, "ANN", "ann", upload.DepositNamed},
		{"by e-mail address", token.Deposit{Default: "desk", Any: true}, " ann@Example.org ", "ann", upload.DepositNamed},
		{"by id", token.Deposit{Default: "desk", Any: true}, ids["ann"], "ann", upload.DepositNamed},
		{"the default user itself", token.Deposit{Default: "desk", Users: []string{"ann"}}, "desk", "desk", upload.DepositNamed},
		{"unknown", token.Deposit{Default: "desk", Any: true}, "nobody", "desk", upload.DepositInstead},
		{"disabled", token.Deposit{Default: "desk", Any: true}, "cid", "desk", upload.DepositInstead},
		{"not on the list", token.Deposit{Default: "desk", Users: []string{"bob"}}, "ann", "desk", upload.DepositInstead},
		{"on the list by name", token.Deposit{Default: "desk", Users: []string{"Ann"}}, "ann", "ann", upload.DepositNamed},
		{"on the list by id", token.Deposit{Default: "desk", Users: []string{ids["ann"]}}, "ann", "ann", upload.DepositNamed},
		{"in a group by name", token.Deposit{Default: "desk", Users: []string{"group:Growers"}}, "bob", "bob", upload.DepositNamed},
		{"in a group by id", token.Deposit{Default: "desk", Users: []string{"group:g7"}}, "bob", "bob", upload.DepositNamed},
		{"not in the group", token.Deposit{Default: "desk", Users: []string{"group:growers"}}, "ann", "desk", upload.DepositInstead},
		{"a group is nobody", token.Deposit{Default: "desk", Any: true}, "group:growers", "desk", upload.DepositInstead},
		{"the default user is disabled", token.Deposit{Default: "cid", Any: true}, "", "cid", upload.DepositHeld},
		{"nobody is left", token.Deposit{Default: "cid", Any: true}, "nobody", "cid", upload.DepositHeld},
	} {
		u := s.deposit(t, scopeOf(c.deposit), c.asked, "a.txt", "x")
		if u.MainAuthor != ids[c.owner] || u.Deposit.How != c.how || u.Deposit.By != scopeOf(c.deposit).UserID {
			t.Errorf("%s: %s has it, %+v", c.say, u.MainAuthor, u.Deposit)
		}
		plain := c.how == upload.DepositNamed || c.how == upload.DepositDefault
		if note := u.Deposit.Note(); plain != (note == "") {
			t.Errorf("%s: note %q", c.say, note)
		}
	}
	// Unknown, disabled and not permitted read the same: an instrument learns of nobody who is here.
	texts := map[string]bool{}
	for _, name := range []string{"nobody", "cid", "ann"} {
		u := s.deposit(t, scopeOf(token.Deposit{Default: "desk", Users: []string{"bob"}}), name)
		u.Deposit.Asked = "%s"
		texts[u.Deposit.Note()] = true
	}
	if len(texts) != 1 || !texts[`This was meant for "%s"`+unknown[len(`This was meant for "%s"`):]] {
		t.Errorf("notes %v", texts)
	}
	// An account that is gone holds nothing; the instrument's own does, until an administrator comes.
	if u := s.deposit(t, scopeOf(token.Deposit{Default: "gone", Any: true}), "nobody"); u.Deposit.How != upload.DepositHeld || u.MainAuthor != u.Deposit.By {
		t.Errorf("without a default user: %+v", u)
	}
}

func TestDepositIsNotRefusedWhileTheDirectoryIsDown(t *testing.T) {
	t.Parallel()
	s, o, ids := newOffice(t)
	o.down = identity.ErrDirectoryDown
	u := s.deposit(t, scopeOf(token.Deposit{Default: "desk", Any: true}), "ann", "a.txt", "x")
	if u.MainAuthor != ids["ann"] {
		t.Errorf("who was known yesterday is not found: %+v", u)
	}
	if u := s.deposit(t, scopeOf(token.Deposit{Default: "desk", Any: true}), "new"); u.MainAuthor != ids["desk"] {
		t.Errorf("%+v", u)
	}
	o.down = errDisk
	if _, err := s.Create(t.Context(), scopeOf(token.Deposit{Default: "desk", Any: true}), upload.CreateOptions{MainAuthor: "ann"}, body()); err == nil || problem.As(err) != nil {
		t.Errorf("a fault of ours became %v", err)
	}
}

func TestOnlyWhoMayNamesAMainAuthor(t *testing.T) {
	t.Parallel()
	s, _, ids := newOffice(t)
	const only = "Only administrators, and tokens that deposit for others, may name a main_author: leave it out."
	appends := upload.Viewer{UserID: ids["boss"], Admin: true, AppendOnly: true}
	for _, v := range []upload.Viewer{ada, appends} {
		_, err := s.Create(t.Context(), v, upload.CreateOptions{MainAuthor: "ann"}, body("a.txt", "x"))
		refused(t, err, problem.Forbidden, only)
	}
	boss := upload.Viewer{UserID: ids["boss"], Admin: true}
	if u := s.deposit(t, boss, "ann"); u.MainAuthor != ids["ann"] || u.Deposit.By != ids["boss"] {
		t.Errorf("%+v", u)
	}
	for _, name := range []string{"nobody", "cid"} {
		_, err := s.Create(t.Context(), boss, upload.CreateOptions{MainAuthor: name}, body())
		if p := problem.As(err); p == nil || p.Kind != problem.Unprocessable {
			t.Errorf("%s: %v", name, err)
		}
	}
	s.nothingStaged(t)
}

func TestDepositsDoNotCountForTheLimit(t *testing.T) {
	t.Parallel()
	s, _, ids := newOffice(t)
	s.limits.Unpublished = 1
	v := scopeOf(token.Deposit{Default: "desk", Any: true})
	for range 3 {
		s.deposit(t, v, "ann")
	}
	ann := upload.Viewer{UserID: ids["ann"]}
	s.create(t, ann)
	_, err := s.Create(t.Context(), ann, upload.CreateOptions{}, body())
	refused(t, err, problem.BadRequest, "Limit of unpublished uploads exceeded for user.")
	s.limits.Room = upload.Room{User: 1}
	full := s.deposit(t, v, "ann", "big.txt", "more than a byte")
	_, err = s.PutFiles(t.Context(), v, full.ID, "", upload.PutOptions{}, body("more.txt", "and more"))
	must(t, err)
	_, err = s.PutFiles(t.Context(), ann, full.ID, "", upload.PutOptions{}, body("hers.txt", "no"))
	if !problem.Is(err, problem.StorageFull) {
		t.Errorf("her own files are not counted: %v", err)
	}
	s.limits.Room = upload.Room{Whole: 1}
	if _, err = s.Create(t.Context(), v, upload.CreateOptions{}, body("big.txt", "no")); !problem.Is(err, problem.StorageFull) {
		t.Errorf("deposits go beyond the limit of the whole: %v", err)
	}
	s.limits.Room = upload.Room{}
	own := upload.Viewer{UserID: ids["bob"], AppendOnly: true} // a token that adds to its own account is no deposit
	s.create(t, own)
	_, err = s.Create(t.Context(), own, upload.CreateOptions{}, body())
	refused(t, err, problem.BadRequest, "Limit of unpublished uploads exceeded for user.")
}

func TestDepositorAddsToItsDepositsForAWhileAndDoesNothingElse(t *testing.T) {
	t.Parallel()
	s, _, ids := newOffice(t)
	scope := scopeOf(token.Deposit{Default: "desk", Any: true})
	ann := upload.Viewer{UserID: ids["ann"]}
	put := func(v upload.Viewer, id, name string) error {
		_, err := s.PutFiles(t.Context(), v, id, "", upload.PutOptions{}, body(name, "x"))
		return err
	}
	u := s.deposit(t, scope, "ann", "a.txt", "x")
	must(t, put(scope, u.ID, "b.txt"))
	if err := put(scope, u.ID, "a.txt"); !problem.Is(err, problem.Conflict) {
		t.Errorf("replaced a file: %v", err)
	}
	const noWrite, tooLate = "You do not have write access to the specified upload.",
		"This upload takes no more files from tokens that only add: it was sealed, or the time for that is over. Make a new upload."
	others := s.create(t, ann, "c.txt", "x")
	refused(t, put(scope, others.ID, "d.txt"), problem.Forbidden, noWrite)
	other := scope
	other.UserID = "c0ffee00-0000-4000-8000-0000000000bb"
	refused(t, put(other, u.ID, "d.txt"), problem.Forbidden, noWrite)
	for op := upload.Read; op <= upload.SendElsewhere; op++ {
		if denied := upload.May(&u, scope, op); op != upload.ChangeFiles && denied == nil {
			t.Errorf("a depositor may do operation %d", op)
		}
	}
	// Not even when the account behind it is the main author: the token gives no more.
	mine := s.create(t, upload.Viewer{UserID: scope.UserID}, "e.txt", "x")
	refused(t, put(scope, mine.ID, "f.txt"), problem.Forbidden, noWrite)
	_, total, err := s.List(t.Context(), scope, upload.ListQuery{IncludeAll: true, Limit: 10})
	if must(t, err); total != 0 {
		t.Errorf("a depositor sees %d uploads", total)
	}

	x := s.begin(t, scope, u.ID, upload.NewDelivery{Path: "big.raw", Size: 4, SHA256: sumOf("data")})
	_, err = s.AddToDelivery(t.Context(), sender(scope), u.ID, x.ID, piece(0, "data"))
	must(t, err)
	_, err = s.BeginDelivery(t.Context(), sender(scope), others.ID, upload.NewDelivery{Path: "big.raw", Size: 4})
	refused(t, err, problem.Forbidden, noWrite)
	var paths []string
	receipts, _, err := s.Receipts(t.Context(), scope, upload.ReceiptQuery{UploadID: u.ID, Limit: 10})
	must(t, err)
	for _, r := range receipts {
		paths = append(paths, r.Path)
		if r.Owner != ids["ann"] || r.Depositor != scope.UserID {
			t.Errorf("receipt %+v", r)
		}
	}
	if !slices.Equal(paths, []string{"a.txt", "b.txt", "big.raw"}) {
		t.Errorf("receipts for %v", paths)
	}
	x = s.begin(t, scope, u.ID, upload.NewDelivery{Path: "slow.raw", Size: 4})

	s.later(14*24*time.Hour - time.Minute)
	must(t, put(scope, u.ID, "last.txt"))
	s.later(time.Minute)
	refused(t, put(scope, u.ID, "late.txt"), problem.Forbidden, tooLate)
	_, err = s.AddToDelivery(t.Context(), sender(scope), u.ID, x.ID, piece(0, "data"))
	refused(t, err, problem.Forbidden, tooLate)
	must(t, put(ann, u.ID, "hers.txt"))

	sealed := s.deposit(t, scope, "ann", "a.txt", "x")
	_, err = s.Seal(t.Context(), scope, sealed.ID)
	refused(t, err, problem.Forbidden, "You do not have access to the specified upload.")
	_, err = s.Seal(t.Context(), ada, sealed.ID)
	refused(t, err, problem.Forbidden, noWrite)
	for range 2 {
		got, err := s.Seal(t.Context(), ann, sealed.ID)
		if must(t, err); !got.Deposit.Until.IsZero() || got.Deposit.By == "" {
			t.Errorf("sealed: %+v", got.Deposit)
		}
	}
	refused(t, put(scope, sealed.ID, "late.txt"), problem.Forbidden, tooLate)
	must(t, put(ann, sealed.ID, "hers.txt"))
	_, err = s.Seal(t.Context(), ann, others.ID)
	refused(t, err, problem.BadRequest, "This upload was not deposited by an instrument, so there is nothing to seal.")
}

func TestTokenNamesAreChecked(t *testing.T) {
	t.Parallel()
	s, _, ids := newOffice(t)
	d := token.Deposit{Default: "DESK@example.org", Users: []string{ids["bob"], "group:x", " Ann "}}
	must(t, s.NameDeposit(t.Context(), &d))
	if d.Default != "desk" || d.Users[0] != "bob" || d.Users[1] != "group:x" || d.Users[2] != "ann" {
		t.Errorf("names %+v", d)
	}
	err := s.NameDeposit(t.Context(), &token.Deposit{Default: "cid", Users: []string{"nobody"}}, "here")
	if p := problem.As(err); p == nil || len(p.Fields) != 2 || p.Fields[1].Loc[2] != 0 {
		t.Errorf("%v", err)
	}
}
