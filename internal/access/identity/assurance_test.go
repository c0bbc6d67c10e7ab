package identity_test

import (
	"strings"
	"testing"
	"time"

	"oasis/internal/access/identity"
)

// Sentences in any language are passwords, and none of their characters is dropped.
func TestLongPasswordsCountToTheLastCharacter(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ada := h.add(t, "ada")
	long := strings.Repeat("größe ж 数 🔬 ", 10)
	must(t, h.SetPassword(t.Context(), ada.ID, long+"a"))
	if _, err := h.SignIn(t.Context(), "ada", long+"b", "192.0.2.1"); err == nil {
		t.Error("the last character does not count")
	}
	if _, err := h.SignIn(t.Context(), "ada", long, "192.0.2.1"); err == nil {
		t.Error("a password may be cut")
	}
	if _, err := h.SignIn(t.Context(), "ada", long+"a", "192.0.2.1"); err != nil {
		t.Error(err)
	}
}

func TestOwnersAreToldOfChangesToTheirSignIn(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	mail := &post{}
	h.settle("", mail)
	ada := h.add(t, "ada", withPassword)
	must(t, h.ChangePassword(t.Context(), ada.ID, password, "another fine sentence", "", "192.0.2.1"))
	_, codes := h.withApp(t, ada.ID)
	h.pass(time.Minute)
	in, err := h.BeginSignIn(t.Context(), "ada", "another fine sentence", "192.0.2.1")
	must(t, err)
	_, err = h.CompleteSignIn(t.Context(), in.Secret, identity.Proof{Code: codes[0]}, "192.0.2.1")
	must(t, err)
	must(t, h.RemoveApp(t.Context(), ada.ID))
	all := strings.Join(mail.mails, "\n")
	for _, subject := range []string{
		"Your password was changed", "An authenticator app was set up", "A recovery code was used", "A second factor was removed",
	} {
		if strings.Count(all, "Laser Lab: "+subject+"\n") != 1 {
			t.Errorf("not one mail of %q:\n%s", subject, all)
		}
	}
	for _, secret := range append(codes, password, "another fine sentence") {
		if strings.Contains(all, secret) {
			t.Errorf("a mail holds %q", secret)
		}
	}
}
