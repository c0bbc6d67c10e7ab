package config

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"
)

// Whatever a file says, Load gives either a configuration or problems, one line per notice, and never panics.
func FuzzLoadFile(f *testing.F) {
	f.Add("auth:\n  require_authentication: true\n")
	f.Add("auth: &a {authorized_users: ['*@x.org', 1, null]}\noasis: {<<: *a}\n")
	f.Add("{services: {api_port: 0x10}, ? [x] : y}\n---\n")
	f.Add("a: !!str |2\n   x\n\t- b: \"\\u0000\"")
	f.Add("meta: {footer_links: [{title: a, url: b}]}\nservices.api_port: 1\n<<: [1]")
	f.Fuzz(func(t *testing.T, text string) {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "nomad.yaml"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		checkLoad(t, Options{WorkDir: dir})
	})
}

// No environment can make Load panic or write a notice of two lines.
func FuzzLoadEnv(f *testing.F) {
	f.Add("SERVICES", "abc")
	f.Add("AUTH_UNAUTHENTICATED_USER_SCOPES", `{"include": ["*:read"], "exclude": null}`)
	f.Add("AUTH_AUTHORIZED_USERS", `["a", ["b"]]`)
	f.Add("MONGO_PORT", "tcp://10.0.0.1:27017")
	f.Add("SERVICES_API_PORT", "1e5")
	f.Add("UI_THEME", `{"title": {"a": [[[[]]]]}}`)
	f.Add("\n\x00=", "\xff")
	f.Fuzz(func(t *testing.T, name, text string) {
		checkLoad(t, Options{WorkDir: t.TempDir(), Env: []string{"NOMAD_" + name + "=" + text}})
	})
}

func checkLoad(t *testing.T, opts Options) {
	t.Helper()
	cfg, notices, err := Load(opts)
	if (cfg == nil) == (err == nil) {
		t.Fatalf("config %v, error %v", cfg, err)
	}
	for _, n := range notices {
		if strings.ContainsAny(n.Text, "\n\r\x1b") || !utf8.ValidString(n.Text) {
			t.Fatalf("%q", n.Text)
		}
	}
	if err != nil {
		if strings.ContainsAny(err.Error(), "\r\x1b") {
			t.Fatalf("%q", err.Error())
		}
		return
	}
	if cfg.Auth.UnauthenticatedUserScopes.Include == nil || cfg.Auth.UnauthorizedUserScopes.Include == nil || cfg.PublicURL() == "" {
		t.Fatalf("%+v", cfg)
	}
	if err := cfg.Show(&strings.Builder{}); err != nil {
		t.Fatal(err)
	}
}

// The parser is another project's: no text may make it, or what we do with its result, panic or go on for ever.
func FuzzParseYAML(f *testing.F) {
	f.Add([]byte("a: &x [1, {b: *x}]\n<<: *x\n"))
	f.Add([]byte("? - a\n: |2-\n    b\n...\n%YAML 1.2\n---\n!!map {a: !!str 5}"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if v, err := parseYAML(data); err == nil && v.kind > mapping {
			t.Fatal(v.kind)
		}
	})
}

// JSON that we read is JSON that the standard library reads.
func FuzzParseJSON(f *testing.F) {
	f.Add(`{"a": [1, null, "x", {"b": 1e5}]}`)
	f.Add(`[1] 2`)
	f.Fuzz(func(t *testing.T, text string) {
		if _, err := parseJSON(text); err == nil && !json.Valid([]byte(text)) {
			t.Fatalf("%q was read", text)
		}
	})
}
