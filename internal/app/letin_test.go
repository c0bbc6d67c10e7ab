package app

import (
	"slices"
	"strings"
	"testing"

	"oasis/internal/problem"
)

func TestApprovedPeopleAreOnTheListInForce(t *testing.T) {
	t.Parallel()
	s := openSettings(t, "")
	if err := s.letIn(t.Context(), "mia"); err != nil || s.config().Auth.AuthorizedUsers != nil {
		t.Errorf("a list was made where everybody may come in: %v, %v", s.config().Auth.AuthorizedUsers, err)
	}
	if err := s.save(t.Context(), map[string]any{allowList: []string{"root"}}); err != nil {
		t.Fatal(err)
	}
	for range 2 { // the second time changes nothing
		if err := s.letIn(t.Context(), "Mia"); err != nil {
			t.Fatal(err)
		}
	}
	if got := *s.config().Auth.AuthorizedUsers; !slices.Equal(got, []string{"root", "mia"}) {
		t.Errorf("the list is %v", got)
	}
}

func TestLockedListShowsTheLineToAdd(t *testing.T) {
	t.Parallel()
	for want, s := range map[string]*settings{
		"nomad.yaml:2. Add this line to it there, it holds at once:\n  - mia": openSettings(t, "auth:\n  authorized_users: [root]\n"),
		`NOMAD_AUTH_AUTHORIZED_USERS; change it there to: ["root", "mia"]`:    openSettings(t, "", `NOMAD_AUTH_AUTHORIZED_USERS=["root"]`),
	} {
		err := s.letIn(t.Context(), "mia")
		if p := problem.As(err); p == nil || p.Kind != problem.Conflict || !strings.HasSuffix(p.Detail, want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}
