package config

import "testing"

func TestPublicAddress(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ title, text, listen, want string }{
		{"nothing set", "", "", "http://localhost:8000/nomad-oasis"},
		{"the listener", "", "192.0.2.7:9000", "http://192.0.2.7:9000/nomad-oasis"},
		{"a listener on all addresses", "", "[::]:9000", "http://localhost:9000/nomad-oasis"},
		{"host set, port of the listener", "{api_host: a.example.org}", "0.0.0.0:9000", "http://a.example.org:9000/nomad-oasis"},
		{"host and port set", "{api_host: a.example.org, api_port: 8080}", ":9000", "http://a.example.org:8080/nomad-oasis"},
		{"usual port", "{api_host: a.example.org, api_port: 443, https: true}", ":9000", "https://a.example.org/nomad-oasis"},
		{"port 80 behind a proxy with https", "{api_host: a.example.org, api_port: 80, https: true}", "", "https://a.example.org/nomad-oasis"},
		{"at the root", "{api_base_path: /}", "", "http://localhost:8000"},
		{"slash at the end", "{api_base_path: /a/b/}", "", "http://localhost:8000/a/b"},
		{"IPv6", "{api_host: '::1'}", "", "http://[::1]:8000/nomad-oasis"},
		{"IPv6 in brackets", "{api_host: '[::1]'}", "", "http://[::1]:8000/nomad-oasis"},
		{"public address", "{public_url: 'https://a.example.org/nomad-oasis/', api_host: b}", ":9000", "https://a.example.org/nomad-oasis"},
		{"public address without path", "{public_url: 'https://a.example.org'}", ":9000", "https://a.example.org/nomad-oasis"},
		{"public address at the root", "{public_url: 'https://a.example.org', api_base_path: /}", "", "https://a.example.org"},
	} {
		t.Run(c.title, func(t *testing.T) {
			t.Parallel()
			files := map[string]string{}
			if c.text != "" {
				files["work/nomad.yaml"] = "services: " + c.text + "\n"
			}
			cfg, _ := mustLoad(t, newPlace(t, files))
			cfg.Listen = c.listen
			if got := cfg.PublicURL(); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
			if cfg.Issuer() != c.want+"/auth" || cfg.APIURL() != c.want+"/api/v1" {
				t.Error(cfg.Issuer(), cfg.APIURL())
			}
		})
	}
}
