package keycloak

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"oasis/test/servers"
)

// One Oasis is the central server of another: its people and its tokens count there.
func TestCentralOasis(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("-short: no servers are started")
	}
	central := servers.NewOasis(t, servers.Binary(t))
	central.Start()
	const phrase = "a long enough passphrase"
	for _, name := range []string{"ada", "bob"} {
		central.Run(phrase+"\n", "user", "add", name, "--email", name+"@lab.example", "--first-name", strings.ToUpper(name), "--admin", "--password-stdin")
	}
	member := servers.NewOasis(t, servers.Binary(t),
		"NOMAD_OASIS_USES_CENTRAL_USER_MANAGEMENT=true", "NOMAD_OASIS_CENTRAL_NOMAD_DEPLOYMENT_URL="+central.URL+"/api")
	member.Start()
	as := func(name string) *servers.Client {
		t.Helper()
		answer, err := http.PostForm(central.URL+"/api/v1/auth/token", url.Values{"grant_type": {"password"}, "username": {name}, "password": {phrase}})
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		var got struct {
			AccessToken string `json:"access_token"`
		}
		if err := json.NewDecoder(answer.Body).Decode(&got); err != nil || got.AccessToken == "" {
			t.Fatalf("status %d, %v", answer.StatusCode, err)
		}
		return &servers.Client{API: member.URL + "/api/v1", Token: got.AccessToken}
	}

	ada := as("ada")
	var mine, theirs me
	if err := ada.Get(t.Context(), "/users/me", &mine); err != nil {
		t.Fatal(err)
	}
	if err := (&servers.Client{API: central.URL + "/api/v1", Token: ada.Token}).Get(t.Context(), "/users/me", &theirs); err != nil {
		t.Fatal(err)
	}
	// The directory gives no e-mail address, and whoever administers there does not do so here.
	if mine.UserID != theirs.UserID || mine.Username != "ada" || mine.Email != "" || mine.IsAdmin {
		t.Errorf("%+v, there %+v", mine, theirs)
	}
	var found struct{ Data []me }
	if err := ada.Get(t.Context(), "/users?prefix=bo", &found); err != nil || len(found.Data) != 1 || found.Data[0].Username != "bob" {
		t.Errorf("%+v, %v", found, err)
	}

	// Removed there: unknown here (spec auth.md §3 7b), for every credential.
	bob := as("bob")
	status(t, bob, http.StatusOK, http.MethodGet, "/users/me", "")
	token := pat(t, bob)
	central.Run("", "user", "remove", "bob")
	within(t, bob, http.StatusForbidden)
	if answer := status(t, bob, http.StatusForbidden, http.MethodGet, "/users/me", ""); !strings.Contains(string(answer.Body), "You are logged in with an unknown user") {
		t.Errorf("%s", answer.Body)
	}
	within(t, token, http.StatusForbidden)

	// While it is away, who was here goes on; it comes back by itself.
	central.Stop()
	status(t, ada, http.StatusOK, http.MethodGet, "/users/me", "")
	central.Start()
	status(t, ada, http.StatusOK, http.MethodGet, "/users/me", "")
}
