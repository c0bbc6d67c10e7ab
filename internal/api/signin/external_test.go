package signin

import "testing"

func TestSignInElsewhereComesBackToAPageOfOurs(t *testing.T) {
	t.Parallel()
	for base, cases := range map[string]map[string]string{
		"https://oasis.example/nomad-oasis": {
			"/nomad-oasis/gui/uploads?page=2": "https://oasis.example/nomad-oasis/gui/uploads?page=2",
			"/nomad-oasis/gui/":               "https://oasis.example/nomad-oasis/gui/",
			"":                                "", "/": "", "gui/": "", "/other/gui/": "", "/nomad-oasis/api/v1/uploads": "",
			"https://evil.example/nomad-oasis/gui/": "", "//evil.example/nomad-oasis/gui/": "", `/\evil.example/nomad-oasis/gui/`: "",
			"/nomad-oasis/gui/../auth/external/start": "", "/nomad-oasis/gui/%2e%2e/x": "", "javascript:alert(1)": "",
			"https://user@oasis.example/nomad-oasis/gui/": "", "/nomad-oasis/gui/\r\nSet-Cookie: a=b": "",
		},
		"http://localhost:8000": {
			"/gui/entries/1": "http://localhost:8000/gui/entries/1", "//evil.example/gui/": "",
		},
	} {
		e := External{PublicURL: func() string { return base }}
		for asked, want := range cases {
			if want == "" {
				want = base + "/gui/"
			}
			if got := e.local(asked); got != want {
				t.Errorf("%q: %q, want %q", asked, got, want)
			}
		}
	}
}
