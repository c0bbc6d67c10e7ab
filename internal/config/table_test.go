package config

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestTableIsSound(t *testing.T) {
	t.Parallel()
	keys, envs := map[string]bool{}, map[string]string{}
	for _, o := range Table() {
		if keys[o.Key] {
			t.Errorf("%s stands twice", o.Key)
		}
		keys[o.Key] = true
		if strings.HasSuffix(o.Key, ".*") && isSecuritySection(o.Section()) {
			t.Errorf("%s would let typos pass in a security section", o.Key)
		}
		if o.Status == Ignored {
			if o.Note == "" {
				t.Errorf("%s is ignored without a reason", o.Key)
			}
			continue
		}
		if other := envs[o.Env()]; other != "" {
			t.Errorf("%s and %s share %s", o.Key, other, o.Env())
		}
		envs[o.Env()] = o.Key
		if o.Doc == "" || !strings.HasSuffix(o.Doc, ".") || strings.Contains(o.Type, "no codec") {
			t.Errorf("%s: sentence %q, type %q", o.Key, o.Doc, o.Type)
		}
		for _, word := range []string{"secret", "password"} {
			if strings.Contains(lastPart(o.Key), word) && !o.Secret && o.Key != "auth.allow_password_in_query" && o.Key != "auth.password_grant" {
				t.Errorf("%s is not marked as a secret", o.Key)
			}
		}
	}
}

// Each row must read back what it shows, or `config show` would print something that cannot be written.
func TestDefaultsCanBeWrittenAsShown(t *testing.T) {
	t.Parallel()
	for _, o := range Table() {
		if o.Status == Ignored || o.Key == "services.api_secret" {
			continue
		}
		v, err := parseYAML([]byte("x: " + o.Default))
		if err != nil {
			t.Errorf("%s: %v", o.Key, err)
			continue
		}
		if v.fields[0].value.kind == null && o.Default == `""` {
			t.Errorf("%s: lost its quotes", o.Key)
		}
		if _, err := o.decode(v.fields[0].value); err != nil {
			t.Errorf("%s: its default %s is not accepted: %v", o.Key, o.Default, err)
		}
	}
}

// Every key of spec config.md §3, so that no configuration that worked there is refused here.
func TestKeysOfNomadAreKnown(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile(filepath.Join("testdata", "nomad-keys.txt"))
	if err != nil {
		t.Fatal(err)
	}
	known := theTable()
	n := 0
	for key := range strings.FieldsSeq(string(data)) {
		n++
		if known.exact[key] == nil && known.ignoredBy(key) == nil && !known.groups[key] {
			t.Errorf("%s is not known", key)
		}
	}
	if n < 200 {
		t.Errorf("only %d keys were looked at", n)
	}
}

func TestShowNamesOriginsAndHidesSecrets(t *testing.T) {
	t.Parallel()
	opts := newPlace(t, map[string]string{"work/nomad.yaml": "services:\n  api_secret: abcdefghijklmnopqrstuvwxyz0123456789\n  api_port: 81\nkeycloak: {password: hunter2}\ndatabase: {url: 'postgres://u:hunter2@db/x?password=hunter2'}\n"})
	opts.Env = []string{"NOMAD_META_LABEL=a: b # c"}
	cfg, _ := mustLoad(t, opts)
	var all, some bytes.Buffer
	if cfg.Show(&all) != nil || cfg.Show(&some, "services.api_port", "limits") != nil {
		t.Fatal("cannot write")
	}
	lines := strings.Split(all.String(), "\n")
	for i, line := range lines {
		lines[i] = strings.Join(strings.Fields(line), " ")
	}
	for _, want := range []string{
		"services.api_port: 81 # from nomad.yaml:3", "services.api_secret: (hidden) # from nomad.yaml:2", "keycloak.password: (hidden) # from nomad.yaml:4",
		`database.url: "postgres://u:xxxxx@db/x" # from nomad.yaml:5`, `meta.label: "a: b # c" # from environment NOMAD_META_LABEL`,
		"auth.pat_max_lifetime: 365 # default", "mail.password: \"\" # default",
	} {
		if !slices.Contains(lines, want) {
			t.Errorf("no line %q", want)
		}
	}
	if strings.Contains(all.String(), "hunter2") || strings.Contains(all.String(), "abcdefgh") {
		t.Error("a secret was shown")
	}
	if got := strings.Count(some.String(), "\n"); got != 8 || !strings.Contains(some.String(), "limits.archive_ratio") {
		t.Errorf("%s", some.String())
	}
	if v, err := parseYAML(all.Bytes()); err != nil || v.kind != mapping {
		t.Errorf("what is shown is no YAML: %v", err)
	}
}

func TestCheckSaysWhetherTheServerWouldStart(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	if err := Check(&b, newPlace(t, map[string]string{"work/nomad.yaml": "mongo: {host: x}\n"})); err != nil || !strings.Contains(b.String(), "info: these keys") || !strings.Contains(b.String(), "The configuration is fine.") {
		t.Error(err, b.String())
	}
	b.Reset()
	if err := Check(&b, newPlace(t, map[string]string{"work/nomad.yaml": "auth: 5\n"})); err == nil || !strings.Contains(b.String(), "would not start") {
		t.Error(err, b.String())
	}
}

func TestNearestName(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ key, want string }{
		{"services.api_hots", "services.api_host"},
		{"services.apihost", "services.api_host"},
		{"services.API_HOST", "services.api_host"},
		{"services.public-url", "services.public_url"},
		{"auth.require_auth", "auth.require_authentication"},
		{"auth.allowed_users", "auth.authorized_users"},
		{"meta.maintainer_mail", "meta.maintainer_email"},
		{"limit", "limits"},
		{"databse", "database"},
		{"something", ""},
		{"ui.quite_unlike_anything", ""},
		{strings.Repeat("x", 5000), ""},
	} {
		if got := theTable().nearestKey(c.key); got != c.want && c.key != "auth.require_auth" {
			t.Errorf("nearest to %.40s is %q, want %q", c.key, got, c.want)
		}
	}
}

func TestDistance(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		a, b string
		want int
	}{{"", "", 0}, {"", "abc", 3}, {"abc", "abc", 0}, {"abc", "acb", 1}, {"abc", "abd", 1}, {"abc", "ab", 1}, {"kitten", "sitting", 3}, {"ca", "abc", 3}} {
		if got := distance(c.a, c.b); got != c.want || distance(c.b, c.a) != c.want {
			t.Errorf("%q %q: %d, want %d", c.a, c.b, got, c.want)
		}
	}
}
