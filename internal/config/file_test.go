package config

import (
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestProblemsInFilesNameThePlace(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		title, text, want string
	}{
		{"syntax", "auth:\n  require_authentication: [true\n", "nomad.yaml:2:27: is not valid YAML"},
		{"tab", "auth:\n\trequire_authentication: true\n", "nomad.yaml:2:1: is not valid YAML"},
		{"list at the top", "- auth\n", "nomad.yaml:1:1: must be a mapping of sections at its top level, found a list"},
		{"text at the top", "auth\n", "found a single value"},
		{"key twice", "auth:\n  require_authentication: true\n  require_authentication: false\n", "nomad.yaml:3:3: is not valid YAML: mapping key \"require_authentication\" already defined"},
		{"key twice in two spellings", "meta:\n  'name': a\n  name: b\n", "nomad.yaml:3:3"},
		{"section twice", "auth: {}\nmeta: {}\nauth: {}\n", "nomad.yaml:3:1"},
		{"second document", "auth: {}\n---\nmeta: {}\n", "second document"},
		{"what follows an empty document", "---\n---\nauth: {require_authentication: true}\n", "nomad.yaml:2:1: begins a second document"},
		{"tab inside a word", "auth:\n  require_authentication: t\true\n", "tab inside unquoted text"},
		{"tab inside a list entry", "auth:\n  authorized_users:\n    - al\tice\n", "nomad.yaml:3:7: has a tab inside unquoted text"},
		{"tab inside a key", "auth:\n  req\tuire: true\n", "tab inside unquoted text"},
		{"no space after the colon", "auth:\n  reject_unauthorized_users: true\n  require_authentication:true\n", "is not valid YAML"},
		{"wrong type", "auth:\n  require_authentication: maybe\n", "nomad.yaml:2:27: auth.require_authentication must be true or false, found \"maybe\""},
		{"nothing where a bool should be", "auth:\n  require_authentication:\n", "auth.require_authentication must be true or false, found nothing"},
		{"out of range", "services: {api_port: 70000}\n", "nomad.yaml:1:22: services.api_port must be a whole number from 1 to 65535, found \"70000\""},
		{"leading zero", "services: {api_port: 0123}\n", "services.api_port must be a whole number"},
		{"not among the accepted", "auth:\n  invalid_credentials: ignore\n", "must be one of reject, anonymous, found \"ignore\""},
		{"scalar for a list", "auth:\n  authorized_users: alice\n", "nomad.yaml:2:21: auth.authorized_users must be a list"},
		{"duration without unit", "auth: {access_token_lifetime: 24}\n", "must be a duration"},
		{"unknown key in auth", "auth:\n  require_authentification: true\n", "nomad.yaml:2:3: auth.require_authentification is not a known option. Did you mean auth.require_authentication?"},
		{"unknown key in services", "services:\n  api_hots: x\n", "Did you mean services.api_host?"},
		{"right key, wrong section", "oasis:\n  authorized_users: [a]\n", "oasis.authorized_users is not a known option. Did you mean auth.authorized_users?"},
		{"unknown key without a near name", "keycloak:\n  zzzzzzzzzzzzzzzzzzzzz: 1\n", "Accepted: in keycloak server_url, "},
		{"provider without client", "oidc:\n  issuer: https://a.example.org\n", "oidc.issuer is set, but oidc.client_id is not"},
		{"two providers", "oidc: {issuer: 'https://a.example.org', client_id: x}\nkeycloak: {server_url: 'https://b.example.org'}\n", "nomad.yaml:1:8: oidc.issuer and keycloak.server_url are both set"},
		{"algorithm with a shared secret", "oidc: {algorithms: [RS256, HS256]}\n", "nomad.yaml:1:8: oidc.algorithms must be a list of RS256, "},
		{"directory account without password", "keycloak: {username: admin}\n", "keycloak.password is not"},
		{"scopes without openid", "oidc: {issuer: 'https://a.example.org', client_id: x, scopes: [email]}\n", "oidc.scopes does not contain openid"},
		{"swapped letters in a section", "athu:\n  x: 1\n", "athu is not a known option. Did you mean auth?"},
		{"capitals", "Auth: {}\n", "Did you mean auth?"},
		{"long name of a section", "authentication: {}\n", "Did you mean auth?"},
		{"plural", "service: {}\n", "Did you mean services?"},
		{"underscore", "key_cloak: {}\n", "Did you mean keycloak?"},
		{"key that slipped out of its section", "auth:\nrequire_authentication: true\n", "nomad.yaml:2:1: require_authentication is not a known option. Did you mean auth.require_authentication?"},
		{"dots", "auth.require_authentication: true\n", "written with a dot"},
		{"dots below a section", "auth:\n  unauthenticated_user_scopes.include: []\n", "written with a dot"},
		{"section that is text", "auth: yes\n", "nomad.yaml:1:1: auth must be a mapping, found a single value"},
		{"scope rule that is null", "auth:\n  unauthenticated_user_scopes: null\n", "auth.unauthenticated_user_scopes must be a mapping, found nothing"},
		{"unknown scope", "auth:\n  unauthorized_user_scopes:\n    include: ['foo:read']\n", "nomad.yaml:3:5: auth.unauthorized_user_scopes.include: Invalid scope configuration. Unknown concrete scopes: ['foo:read']"},
		{"bad exclude", "auth:\n  unauthenticated_user_scopes:\n    exclude: ['upl*:read']\n", "Partial wildcard"},
		{"star without quotes", "auth:\n  authorized_users:\n    - *alice\n", "quote"},
		{"star and domain without quotes", "auth:\n  authorized_users:\n    - *@example.org\n", "in quotes, as in '*@example.org'"},
		{"everybody as a star", "auth: {authorized_users: ['*']}\n", "write null"},
		{"star within a name", "auth: {authorized_users: ['ali*']}\n", "a star is only allowed as in '*@example.org'"},
		{"short secret", "services: {api_secret: tiny}\n", "has only 4 characters"},
		{"published secret", "services:\n  api_secret: insecure-default-secret-do-not-use-it\n", "published default"},
		{"base path without slash", "services: {api_base_path: nomad}\n", "services.api_base_path must be a path"},
		{"base path with two slashes", "services: {api_base_path: /a//b}\n", "services.api_base_path must be a path"},
		{"base path that climbs", "services: {api_base_path: /a/../b}\n", "services.api_base_path must be a path"},
		{"public address with another path", "services: {public_url: 'https://a.example.org/x'}\n", "ends in \"/x\""},
		{"public address without scheme", "services: {public_url: a.example.org}\n", "begins with http://"},
		{"proxy", "services: {trusted_proxies: [proxy]}\n", "nomad.yaml:1:12: services.trusted_proxies has a wrong value at place 1 of its list. Accepted: a list of addresses"},
		{"another database", "database: {url: 'mysql://root:hunter2@db/x'}\n", "database.url must be an address that begins with postgres://"},
		{"self-reference", "auth: &a [*a]\n", "alias"},
		{"unknown tag", "auth: !!binary aGVsbG8=\n", "tag"},
	} {
		t.Run(c.title, func(t *testing.T) {
			t.Parallel()
			got := refused(t, newPlace(t, map[string]string{"work/nomad.yaml": c.text})).Error()
			if !strings.Contains(got, c.want) {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
			if strings.Contains(got, "hunter2") {
				t.Error("a password was shown")
			}
		})
	}
}

func TestAllProblemsComeTogetherWithTheirLines(t *testing.T) {
	t.Parallel()
	got := refused(t, newPlace(t, map[string]string{"work/nomad.yaml": "auth:\n  require_authentication: maybe\nservices:\n  api_port: many\n"})).Error()
	want := `nomad.yaml:2:27: auth.require_authentication must be true or false, found "maybe"
   2 |   require_authentication: maybe
     |                           ^
nomad.yaml:4:13: services.api_port must be a whole number from 1 to 65535, found "many"
   4 |   api_port: many
     |             ^`
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestSecretsAreNeverShown(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"services: {api_secret: hunter2}\n",
		"services:\n  api_secret: hunter2\n",
		"services:\n  api_secert: hunter2\n",
		"services:\n  api_secret: [hunter2]\n",
		"services:\n  api_secret: \"hunter2\n",
		"auth:\n  invalid_credentials: x\n  password: hunter2\n",
		"keycloak: {password: hunter2, password: hunter2}\n",
		"database: {url: 'postgre://u:hunter2@h/d'}\n",
		"keycloak:\n  server_url: https://u:hunter2@h.example.org\n  clientsecret: hunter2",
	} {
		opts := newPlace(t, map[string]string{"work/nomad.yaml": text})
		_, notices, err := Load(opts)
		if err == nil {
			t.Errorf("%q was accepted", text)
			continue
		}
		if all := err.Error() + noticeText(notices); strings.Contains(all, "hunter2") && !strings.Contains(text, "u:hunter2@h.example.org") {
			t.Errorf("%q: %s", text, all)
		}
	}
}

func TestWhatElseIsUnknownIsOneLine(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ title, text, want string }{
		{"key", "ui:\n  them: {title: x}\n", "nomad.yaml:2:3: ui.them is not a known option and is ignored. Did you mean ui.theme?"},
		{"section", "elastik: {host: x}\n", "nomad.yaml:1:1: elastik is not a known option and is ignored. Did you mean elastic?"},
		{"dots", "meta.name: x\n", "meta.name is written with a dot and ignored"},
		{"strange name", "\"a\\nb\": x\n", "a?b is not a known option"},
	} {
		t.Run(c.title, func(t *testing.T) {
			t.Parallel()
			_, notices := mustLoad(t, newPlace(t, map[string]string{"work/nomad.yaml": c.text}))
			if len(notices) != 1 || !strings.HasPrefix(notices[0].Text, strings.SplitN(c.want, ":", 2)[0]) && !strings.Contains(notices[0].Text, c.want) ||
				!strings.Contains(notices[0].Text, c.want) || notices[0].Level != slog.LevelWarn {
				t.Errorf("%+v", notices)
			}
		})
	}
}

func TestKeysOfNomadWithoutMeaningAreOneLine(t *testing.T) {
	t.Parallel()
	text := "mongo: {host: x}\nelastic: {a: 1, b: 2, c: {d: 3}}\nservices: {api_timeout: 5}\nfs: {tmp: /x, public_fs: {extra: {a: 1}}}\nnorth: {tools: {options: {x: {image: y}}}}\nlogstash:\ntemporal: [odd]\n"
	opts := newPlace(t, map[string]string{"work/nomad.yaml": text})
	opts.Env = []string{"NOMAD_MONGO_PORT=tcp://10.0.0.1:27017", "NOMAD_TEMPORAL_PORT_7233_TCP=x"}
	_, notices := mustLoad(t, opts)
	want := "these keys have no meaning in Oasis and are ignored: mongo.host, elastic.*, services.api_timeout, fs.tmp, fs.public_fs.extra.a, " +
		"north.tools.options, logstash, temporal (nomad.yaml); NOMAD_MONGO_PORT, NOMAD_TEMPORAL_PORT_7233_TCP (environment)"
	if len(notices) != 1 || notices[0].Level != slog.LevelInfo || notices[0].Text != want {
		t.Errorf("%+v", notices)
	}
}

// The example that the official distribution ships must be understood from end to end.
func TestOfficialExampleIsUnderstood(t *testing.T) {
	t.Parallel()
	text := `
services:
  api_host: 'localhost'
  api_base_path: '/nomad-oasis'
oasis:
  is_oasis: true
  uses_central_user_management: true
north:
  jupyterhub_crypt_key: 978bfb2e13a8448a253c629d8dd84ff89587f30e635b753153960930cad9d36d
  enable_new_hub_api: true
meta:
  deployment: 'oasis'
  deployment_url: 'https://my-oasis.org/api'
  maintainer_email: 'me@my-oasis.org'
logtransfer:
  enabled: false
mongo:
  db_name: nomad_oasis_v1
elastic:
  entries_index: nomad_oasis_entries_v1
  materials_index: nomad_oasis_materials_v1
`
	_, notices := mustLoad(t, newPlace(t, map[string]string{"work/nomad.yaml": text}))
	for _, n := range notices {
		if strings.Contains(n.Text, "not a known") || strings.Contains(n.Text, "978bfb") {
			t.Error(n.Text)
		}
	}
	if len(notices) != 1 {
		t.Errorf("%+v", notices)
	}
}

func TestYAMLValuesKeepTheirText(t *testing.T) {
	t.Parallel()
	text := `
meta: &m
  name: 1e5
  label: true
  service: "null"
  description: |
    two
    lines
  homepage: null
keycloak:
  password: 0123
auth:
  require_authentication: YES
  authorized_users: [12345, no, Alice, " alice ", '*@Example.org', 'group:Lab']
  pat_max_lifetime: 30.5
process: {max_upload_size: 5 GiB}
`
	cfg, _ := mustLoad(t, newPlace(t, map[string]string{"work/nomad.yaml": "\ufeff" + strings.ReplaceAll(text, "\n", "\r\n")}))
	m := cfg.Meta
	if m.Name != "1e5" || m.Label != "true" || m.Service != "null" || !strings.HasPrefix(m.Description, "two\nlines") || cfg.Keycloak.Password != "0123" {
		t.Errorf("%+v %q", m, cfg.Keycloak.Password)
	}
	if !cfg.Auth.RequireAuthentication || *cfg.Auth.PATMaxLifetime != 30.5 || cfg.Process.MaxUploadSize != 5<<30 {
		t.Errorf("%+v %v", cfg.Auth, cfg.Process.MaxUploadSize)
	}
	if want := []string{"12345", "no", "alice", "*@example.org", "group:lab"}; !slices.Equal(*cfg.Auth.AuthorizedUsers, want) {
		t.Errorf("%v, want %v", *cfg.Auth.AuthorizedUsers, want)
	}
}

func TestTabsBetweenWordsAndDirectivesAreFine(t *testing.T) {
	t.Parallel()
	cfg, _ := mustLoad(t, newPlace(t, map[string]string{"work/nomad.yaml": "%YAML 1.1\n---\nmeta:\t# a\tb\n  name:\tx\t# c\n  label: 'a\tb'\n...\n"}))
	if cfg.Meta.Name != "x" || cfg.Meta.Label != "a\tb" {
		t.Errorf("%+v", cfg.Meta)
	}
}

func TestAnchorsAndMergeKeys(t *testing.T) {
	t.Parallel()
	text := "x-shared: &s {name: shared, label: shared}\nmeta:\n  <<: *s\n  name: own\nui: {theme: {title: &t here}}\ndocumentation: {url: 'https://a.example.org'}\nkeycloak: {realm_name: *t}\n"
	cfg, notices := mustLoad(t, newPlace(t, map[string]string{"work/nomad.yaml": text}))
	if cfg.Meta.Name != "own" || cfg.Meta.Label != "shared" || cfg.Keycloak.RealmName != "here" {
		t.Errorf("%+v %+v", cfg.Meta, notices)
	}
}

func TestAliasesCannotGrowWithoutBound(t *testing.T) {
	t.Parallel()
	text := "a: &a [x,x,x,x,x,x,x,x,x,x]\n"
	for c := 'b'; c < 'k'; c++ {
		text += string(c) + ": &" + string(c) + " [" + strings.Repeat("*"+string(c-1)+",", 9) + "*" + string(c-1) + "]\n"
	}
	if got := refused(t, newPlace(t, map[string]string{"work/nomad.yaml": text})).Error(); !strings.Contains(got, "too large") {
		t.Error(got)
	}
}

func TestDeepNestingIsRefusedQuickly(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		strings.Repeat("[", 900000), strings.Repeat("a: {", 200000), strings.Repeat("- ", 400000), strings.Repeat("? ", 400000),
		"a: " + strings.Repeat("[", 100) + strings.Repeat("]", 100),
	} {
		start := time.Now()
		if got := refused(t, newPlace(t, map[string]string{"work/nomad.yaml": text})).Error(); !strings.Contains(got, "too deeply") {
			t.Errorf("%.200s", got)
		}
		if took := time.Since(start); took > 5*time.Second {
			t.Errorf("took %v", took)
		}
	}
}

func TestEmptyListAdmitsNobodyAndNullEverybody(t *testing.T) {
	t.Parallel()
	cfg, _ := mustLoad(t, newPlace(t, map[string]string{"work/nomad.yaml": "auth: {authorized_users: []}\n"}))
	if cfg.Auth.AuthorizedUsers == nil || len(*cfg.Auth.AuthorizedUsers) != 0 {
		t.Error("an empty list must stay an empty list")
	}
	cfg, _ = mustLoad(t, newPlace(t, map[string]string{"work/nomad.yaml": "auth: {authorized_users: null}\n"}))
	if cfg.Auth.AuthorizedUsers != nil {
		t.Error("null is everybody")
	}
}

func TestScopesThatAreLeftOutAreTheDefaultNeverAll(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"{}", "{include: null}", "{exclude: ['users:read']}", "{exclude: null}"} {
		cfg, _ := mustLoad(t, newPlace(t, map[string]string{"work/nomad.yaml": "auth:\n  unauthorized_user_scopes: " + text + "\n"}))
		if got := *cfg.Auth.UnauthorizedUserScopes.Include; !slices.Equal(got, []string{"*:read"}) {
			t.Errorf("%s grants %v", text, got)
		}
	}
	cfg, _ := mustLoad(t, newPlace(t, map[string]string{"work/nomad.yaml": "auth:\n  unauthorized_user_scopes: {include: []}\n"}))
	if len(*cfg.Auth.UnauthorizedUserScopes.Include) != 0 {
		t.Error("an empty list grants nothing")
	}
}
