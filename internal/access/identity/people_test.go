package identity_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/bcrypt"

	"oasis/internal/access/identity"
	"oasis/internal/problem"
)

// post is a mail server that keeps what it is given.
type post struct {
	down  bool
	mails []string
}

func (p *post) Ready() bool { return true }

func (p *post) Send(_ context.Context, to, subject, text string) error {
	if p.down {
		return fmt.Errorf("mail server is down")
	}
	p.mails = append(p.mails, to+"\n"+subject+"\n"+text)
	return nil
}

const publicURL = "https://oasis.example/nomad-oasis"

// settle configures a house; mail may be nil.
func (h *house) settle(rule identity.FactorRule, mail identity.Mailer) {
	h.Configure(identity.Config{
		Settings: func() identity.Settings {
			return identity.Settings{PublicURL: publicURL, LabName: "Laser Lab", SecondFactor: rule}
		},
		Mail: mail, Key: [32]byte{1, 2, 3},
		EndTokens: func(context.Context, string) (int, error) { return 3, nil },
	})
}

// wrong holds an error against a 422 of a type.
func wrong(t *testing.T, err error, typ string) {
	t.Helper()
	if p := problem.As(err); p == nil || len(p.Fields) == 0 || p.Fields[0].Type != typ {
		t.Errorf("got %v, want a 422 of type %s", err, typ)
	}
}

func TestWeakPasswordsAreRefused(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.settle("", nil)
	u := h.add(t, "jdoe", func(n *identity.NewUser) { n.FirstName, n.LastName = "jane", "Doering" })
	for password, typ := range map[string]string{
		"short":                   "too_short",
		strings.Repeat("ab", 600): "too_long",
		"Password2026!":           "common_password",
		"qwertyuiopasdf":          "common_password",
		"my laser lab secret":     "personal_password",
		"jdoe@lab.example":        "personal_password",
		"sweet Doering home":      "personal_password",
	} {
		wrong(t, h.SetPassword(t.Context(), u.ID, password), typ)
	}
	must(t, h.SetPassword(t.Context(), u.ID, "correct horse battery"))
	_, err := h.Add(t.Context(), identity.NewUser{Username: "other", Email: "o@lab.example", Password: "other people's keys"})
	wrong(t, err, "personal_password")
}

func TestNamesBeginWithALargeLetter(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	u := h.add(t, "eva", func(n *identity.NewUser) { n.FirstName, n.LastName = " éva", "van Dyck " })
	if u.FirstName != "Éva" || u.LastName != "Van Dyck" {
		t.Errorf("%q %q", u.FirstName, u.LastName)
	}
	first := "ida"
	u, err := h.Update(t.Context(), u.ID, identity.Change{FirstName: &first})
	must(t, err)
	if u.FirstName != "Ida" {
		t.Errorf("%q", u.FirstName)
	}
}

func TestLastAdministratorKeepsTheRole(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ada, bob := h.add(t, "ada", asAdmin), h.add(t, "bob")
	yes, no := true, false
	for _, c := range []identity.Change{{Admin: &no}, {Disabled: &yes}} {
		_, err := h.Update(t.Context(), ada.ID, c)
		refused(t, err, problem.Conflict, "ada is the only administrator. Make another one first: oasis user make-admin NAME.")
	}
	_, err := h.Update(t.Context(), bob.ID, identity.Change{Admin: &yes, LabManager: &yes})
	must(t, err)
	ada, err = h.Update(t.Context(), ada.ID, identity.Change{Admin: &no})
	must(t, err)
	if ada.Admin || !slices.Contains(h.changed, ada.ID) {
		t.Errorf("%+v; changed %v", ada, h.changed)
	}
}

func TestChangingThePasswordEndsOtherSessions(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ada := h.add(t, "ada", withPassword)
	here, err := h.StartSession(t.Context(), ada, "192.0.2.1", "Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0")
	must(t, err)
	_, err = h.StartSession(t.Context(), ada, "192.0.2.2", "curl/8")
	must(t, err)
	wrong(t, h.ChangePassword(t.Context(), ada.ID, "wrong", "another fine sentence", here, "192.0.2.1"), "wrong_password")
	must(t, h.ChangePassword(t.Context(), ada.ID, password, "another fine sentence", here, "192.0.2.1"))
	left, err := h.Sessions(t.Context(), ada.ID)
	must(t, err)
	if len(left) != 1 || left[0].Digest != identity.SessionDigest(here) || identity.Device(left[0].Agent) != "Firefox on Linux" {
		t.Errorf("sessions left: %+v", left)
	}
	_, err = h.SignIn(t.Context(), "ada", "another fine sentence", "192.0.2.1")
	must(t, err)
}

func TestSessionsAreEndedOneByOneAndAllAtOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.settle("", nil)
	ada, bob := h.add(t, "ada"), h.add(t, "bob")
	for range 3 {
		_, err := h.StartSession(t.Context(), ada, "192.0.2.1", "")
		must(t, err)
	}
	all, err := h.Sessions(t.Context(), ada.ID)
	must(t, err)
	if err := h.EndSessionByID(t.Context(), bob.ID, all[0].ID()); !problem.Is(err, problem.Missing) {
		t.Errorf("somebody else's session: %v", err)
	}
	must(t, h.EndSessionByID(t.Context(), ada.ID, all[0].ID()))
	if left, _ := h.Sessions(t.Context(), ada.ID); len(left) != 2 {
		t.Errorf("%d left", len(left))
	}
	n, err := h.EndAll(t.Context(), ada.ID, "", true)
	must(t, err)
	now, err := h.User(t.Context(), ada.ID)
	must(t, err)
	if left, _ := h.Sessions(t.Context(), ada.ID); len(left) != 0 || n != 3 || now.Generation == ada.Generation {
		t.Errorf("%d left, %d tokens, generation %d", len(left), n, now.Generation)
	}
}

func TestPeopleAreImported(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.add(t, "taken")
	hash, err := bcrypt.GenerateFromPassword([]byte("old sentence of mine"), bcrypt.MinCost)
	must(t, err)
	list := fmt.Sprintf(`[
		{"user_id": "8b1f0b5e-3f0a-4c39-9d4c-0c1b1e1c2a3d", "username": "mscherbela", "email": "m@uni.example", "first_name": "markus",
		 "last_name": "Scherbela", "password": %q, "created": 1571066400123, "affiliation": "HU", "repo_user_id": 7},
		{"id": "8b1f0b5e-3f0a-4c39-9d4c-0c1b1e1c2a3d", "email": "other@uni.example", "lastName": "Zwei"},
		{"email": "TAKEN@lab.example", "last_name": "Zwei"},
		{"email": "x@uni.example", "first_name": "Jörg", "last_name": "Großmann-Łukasz", "username": "Jörg G", "password": ""},
		{"email": "y@uni.example", "username": "taken"},
		{"email": "z@uni.example", "password": "5f4dcc3b5aa765d61d8327deb882cf99"},
		{"id": "17", "email": "id@uni.example"}
	]`, hash)
	var people []identity.ImportUser
	must(t, json.Unmarshal([]byte(list), &people))
	got, err := h.Import(t.Context(), people)
	must(t, err)
	var reasons []string
	for _, x := range got {
		reasons = append(reasons, x.Username+"|"+x.Reason)
	}
	want := []string{
		"mscherbela|", "|User other@uni.example with given id already exists", "|User with email TAKEN@lab.example already exists",
		"jorgg|", "taken1|", "|The password of z@uni.example is not a bcrypt hash.", "|The id \"17\" is not a UUID.",
	}
	if !slices.Equal(reasons, want) {
		t.Errorf("got  %q\nwant %q", reasons, want)
	}
	u, err := h.User(t.Context(), "8b1f0b5e-3f0a-4c39-9d4c-0c1b1e1c2a3d")
	must(t, err)
	if u.FirstName != "Markus" || !u.Created.Equal(time.UnixMilli(1571066400123)) || u.Affiliation != "HU" {
		t.Errorf("%+v", u)
	}
	_, err = h.SignIn(t.Context(), "mscherbela", "another sentence", "192.0.2.1")
	refused(t, err, problem.Unauthenticated, wrongPair)
	_, err = h.SignIn(t.Context(), "m@uni.example", "old sentence of mine", "192.0.2.1")
	must(t, err)
	now, err := h.store.PasswordHash(t.Context(), u.ID)
	must(t, err)
	if !strings.HasPrefix(now, "$argon2id$") {
		t.Errorf("the hash after the first sign-in is %s", now)
	}
	_, err = h.SignIn(t.Context(), "m@uni.example", "old sentence of mine", "192.0.2.1")
	must(t, err)
}

func TestUserNamesAreMade(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for _, c := range []struct{ first, last, email, want string }{
		{"Jane", "Doe", "a1@x.example", "jdoe"},
		{"John", "Doe", "a2@x.example", "jdoe1"},
		{"Jim", "Doe", "a3@x.example", "jdoe12"},
		{"", "Ångström", "a4@x.example", "angstrom"},
		{"Østen", "Æsir", "a5@x.example", "oaesir"},
		{"Мария", "Иванова", "a6@x.example", "mivanova"},
		{"", "", "lab.manager+x@x.example", "lab.managerx"},
		{"", "", "日本@x.example", "user"},
	} {
		u, _, err := h.Invite(t.Context(), identity.NewUser{FirstName: c.first, LastName: c.last, Email: c.email})
		must(t, err)
		if u.Username != c.want {
			t.Errorf("%s %s <%s> is called %s, want %s", c.first, c.last, c.email, u.Username, c.want)
		}
	}
}
