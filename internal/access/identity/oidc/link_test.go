package oidc_test

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"oasis/internal/access/identity"
	"oasis/internal/access/identity/oidc"
	"oasis/internal/data/upload"
	"oasis/internal/problem"
)

// local makes an account of this Oasis; it has the e-mail address that sheldon has at the provider.
func (w *world) local(t *testing.T, name string) identity.User {
	t.Helper()
	u := identity.User{ID: "c0ffee00-0000-4000-8000-00000000000" + name[:1], Username: name, Email: name + "@lab.example", Created: w.now().UTC()}
	must(t, w.db.Identity().InsertUser(t.Context(), u, "hash"))
	return u
}

// link takes an account through linking, as the browser does.
func (w *world) link(t *testing.T, userID string) error {
	t.Helper()
	address, cookie, err := w.flow.StartLink(t.Context(), callback, "/gui/account", userID)
	must(t, err)
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	answer, err := client.Get(address)
	must(t, err)
	answer.Body.Close()
	back, err := url.Parse(answer.Header.Get("Location"))
	must(t, err)
	done, err := w.flow.Finish(t.Context(), callback, cookie, back.Query())
	must(t, err)
	if done.Link != userID || done.User.ID != "" || done.Return != "/gui/account" {
		t.Fatalf("finished with %+v", done)
	}
	return w.people.Link(t.Context(), done.Link, done.Person)
}

func (w *world) signIn(t *testing.T) identity.User {
	t.Helper()
	query, cookie := w.begin(t)
	done, err := w.flow.Finish(t.Context(), callback, cookie, query)
	must(t, err)
	return done.User
}

func (w *world) bearerID(t *testing.T) (string, error) {
	t.Helper()
	c, err := w.provider.Verify(t.Context(), w.sign("first", nil, w.claims()))
	return c.UserID, err
}

func TestALinkedPersonIsTheAccountOfThisOasis(t *testing.T) {
	t.Parallel()
	d := newTown(oidc.Person{Subject: sheldon, Username: "sheldon", Email: "sheldon@lab.example", FirstName: "Sheldon"})
	w := newWorld(t, d, nil)
	a := w.local(t, "a")
	if u := w.signIn(t); u.ID != sheldon {
		t.Fatalf("before the link signed in as %+v", u)
	}
	must(t, w.link(t, a.ID)) // the account from before owns nothing, and goes
	if _, err := w.db.Identity().User(t.Context(), sheldon); !problem.Is(err, problem.Missing) {
		t.Errorf("the account from before: %v", err)
	}
	for range 2 {
		u := w.signIn(t)
		if u.ID != a.ID || u.Username != "a" || u.Email != "a@lab.example" || u.Origin != "" || u.FirstName != "" {
			t.Errorf("signed in as %+v", u)
		}
		if id, err := w.bearerID(t); err != nil || id != a.ID {
			t.Errorf("the access token is that of %s, %v", id, err)
		}
		w.pass(time.Minute) // the record is looked up anew
	}
	l, ok, err := w.people.Linked(t.Context(), a.ID)
	if err != nil || !ok || l.Name != "sheldon" || l.State != oidc.Active {
		t.Errorf("linked with %+v, %v, %v", l, ok, err)
	}
}

func TestSomebodyDisabledAtTheProviderComesInByNoLink(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(d *town){
		"disabled": func(d *town) { d.change(sheldon, func(p *oidc.Person) { p.Disabled = true }) },
		"removed":  func(d *town) { d.remove(sheldon) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newTown(oidc.Person{Subject: sheldon, Username: "sheldon"})
			w := newWorld(t, d, nil)
			a := w.local(t, "a")
			must(t, w.link(t, a.ID))
			if _, err := w.bearerID(t); err != nil {
				t.Fatal(err)
			}
			end(d)
			before := w.changes(a.ID)
			w.pass(time.Minute)
			must(t, w.people.Refresh(t.Context()))
			if w.changes(a.ID) == before {
				t.Error("cached credentials of the account go on")
			}
			if id, err := w.bearerID(t); !errors.Is(err, identity.ErrUnknownUser) {
				t.Errorf("the access token is good for %q: %v", id, err)
			}
			u, err := w.people.User(t.Context(), a.ID) // with its own password the account is what it was
			if err != nil || u.Disabled {
				t.Errorf("the account itself: %+v, %v", u, err)
			}
		})
	}
}

func TestLinksThatAreRefused(t *testing.T) {
	t.Parallel()
	refused := func(t *testing.T, err error, text string) {
		t.Helper()
		if !problem.Is(err, problem.Conflict) || !strings.Contains(err.Error(), text) {
			t.Errorf("got %v, want %q", err, text)
		}
	}
	t.Run("a second one", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, nil, nil)
		a, b := w.local(t, "a"), w.local(t, "b")
		must(t, w.link(t, a.ID))
		refused(t, w.link(t, b.ID), "Another account here is linked to the same person")
		refused(t, w.people.Link(t.Context(), a.ID, oidc.Person{Subject: "another"}), "linked already")
	})
	t.Run("an account of the provider", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, nil, nil)
		w.signIn(t)
		refused(t, w.people.Link(t.Context(), sheldon, oidc.Person{Subject: "another"}), "is itself one of the identity provider")
	})
	t.Run("a person with uploads", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, nil, nil)
		a := w.local(t, "a")
		w.signIn(t)
		must(t, w.db.Uploads().InTx(t.Context(), func(tx upload.Tx) error {
			return tx.InsertUpload(t.Context(), upload.Upload{ID: upload.NewID(), MainAuthor: sheldon, CreateTime: w.now()})
		}))
		refused(t, w.link(t, a.ID), "with a part in 1 uploads. Hand them over")
		if u := w.signIn(t); u.ID != sheldon {
			t.Errorf("signed in as %+v", u)
		}
	})
	t.Run("somebody disabled", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, newTown(oidc.Person{Subject: sheldon, Username: "sheldon", Disabled: true}), nil)
		refused(t, w.people.LinkByName(t.Context(), w.local(t, "a").ID, "sheldon"), "sheldon is disabled")
	})
}

func TestAnAdministratorLinksByNameAndLinksEnd(t *testing.T) {
	t.Parallel()
	w := newWorld(t, newTown(oidc.Person{Subject: sheldon, Username: "sheldon"}), nil)
	a := w.local(t, "a")
	if err := w.people.LinkByName(t.Context(), a.ID, "nobody"); !problem.Is(err, problem.Missing) {
		t.Errorf("linked with nobody: %v", err)
	}
	must(t, w.people.LinkByName(t.Context(), a.ID, "sheldon"))
	if u := w.signIn(t); u.ID != a.ID {
		t.Errorf("signed in as %+v", u)
	}
	must(t, w.people.Unlink(t.Context(), a.ID))
	if u := w.signIn(t); u.ID != sheldon {
		t.Errorf("after the end signed in as %+v", u)
	}
	if err := w.people.Unlink(t.Context(), a.ID); !problem.Is(err, problem.Missing) {
		t.Errorf("ended twice: %v", err)
	}
}
