package config

import (
	"reflect"
	"strings"
	"testing"
)

func TestClientsAreRead(t *testing.T) {
	t.Parallel()
	cfg, _ := mustLoad(t, newPlace(t, map[string]string{"work/nomad.yaml": `
auth:
  clients:
    - id: wiki
      name: The wiki
      secret: 0123456789abcdef
      redirect_uris: [https://wiki.example/cb]
      post_logout_redirect_uris: [https://wiki.example/]
    - {id: desktop, public: true, redirect_uris: ['http://127.0.0.1/cb', 'org.example.app:/cb'], trusted: true}
    - {id: tv, public: yes, devices: true}
`}))
	want := []Client{
		{ID: "wiki", Name: "The wiki", Secret: "0123456789abcdef", RedirectURIs: []string{"https://wiki.example/cb"}, PostLogoutRedirectURIs: []string{"https://wiki.example/"}},
		{ID: "desktop", RedirectURIs: []string{"http://127.0.0.1/cb", "org.example.app:/cb"}, Trusted: true},
		{ID: "tv", Devices: true},
	}
	if !reflect.DeepEqual(cfg.Auth.Clients, want) {
		t.Errorf("clients\n %+v, want\n %+v", cfg.Auth.Clients, want)
	}
	var shown strings.Builder
	if err := cfg.Show(&shown, "auth.clients"); err != nil || strings.Contains(shown.String(), "0123456789abcdef") {
		t.Errorf("shown %q, %v", shown.String(), err)
	}
}

func TestWrongClientsStopTheStart(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ list, says string }{
		"no list":         {`{}`, "must be a list of clients"},
		"no mapping":      {`[x]`, "place 1"},
		"no id":           {`[{public: true, devices: true}]`, "its id must be"},
		"blank in id":     {`[{id: "a b", public: true, devices: true}]`, "its id must be"},
		"twice":           {`[{id: a, public: true, devices: true}, {id: a, public: true, devices: true}]`, "the client a twice"},
		"typo":            {`[{id: a, public: true, redirect_uri: [https://x.example/]}]`, "unknown key"},
		"both kinds":      {`[{id: a, public: true, secret: 0123456789abcdef, redirect_uris: [https://x.example/]}]`, "either a secret or public"},
		"neither kind":    {`[{id: a, redirect_uris: [https://x.example/]}]`, "either a secret or public"},
		"short secret":    {`[{id: a, secret: hunter2, redirect_uris: [https://x.example/]}]`, "at least 16 characters"},
		"wildcard":        {`[{id: a, public: true, redirect_uris: ['https://x.example/*']}]`, "its redirect_uris has a wrong value at place 1"},
		"fragment":        {`[{id: a, public: true, redirect_uris: ['https://x.example/#a']}]`, "its redirect_uris"},
		"script":          {`[{id: a, public: true, redirect_uris: ['javascript:alert(1)']}]`, "its redirect_uris"},
		"relative":        {`[{id: a, public: true, redirect_uris: [/gui/]}]`, "its redirect_uris"},
		"nowhere to go":   {`[{id: a, public: true}]`, "neither redirect_uris nor devices"},
		"public no truth": {`[{id: a, public: perhaps, devices: true}]`, "its public"},
	} {
		_, _, err := Load(newPlace(t, map[string]string{"work/nomad.yaml": "auth:\n  clients: " + c.list + "\n"}))
		if err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: error %v, want %q", name, err, c.says)
		}
		if err != nil && strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: the error shows a secret: %v", name, err)
		}
	}
}
