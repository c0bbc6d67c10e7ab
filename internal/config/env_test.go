package config

import (
	"log/slog"
	"slices"
	"strings"
	"testing"
)

func noticeText(notices []Notice) string {
	var texts []string
	for _, n := range notices {
		texts = append(texts, n.Text)
	}
	return strings.Join(texts, "\n")
}

// What stopped NOMAD, or was silently misread by it, is one line here.
func TestStrayVariablesAreOneLineAndNeverACrash(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ variable, want string }{
		{"NOMAD_SERVICES=abc", "names the whole section services and is ignored; name one option of it, such as NOMAD_SERVICES_API_HOST"},
		{"NOMAD_META=5", "names the whole section meta"},
		{"NOMAD_NORTH=x", "names the whole section north"},
		{"NOMAD_AUTH={\"require_authentication\": true}", "names the whole section auth"},
		{"NOMAD_NORTH_ENABLED=maybe", "NOMAD_NORTH_ENABLED: north.enabled must be true or false, found \"maybe\"; the variable is ignored"},
		{"NOMAD_SERVICES_UPLOAD_LIMIT=abc", "services.upload_limit must be a whole number, at least 0, found \"abc\"; the variable is ignored"},
		{"NOMAD_SERVICES_API_PORT=tcp://10.0.0.7:80", "the variable is ignored (Docker and Kubernetes"},
		{"NOMAD_MONGO_PORT=tcp://10.0.0.1:27017", "have no meaning in Oasis and are ignored: NOMAD_MONGO_PORT (environment)"},
		{"NOMAD_TEMPORAL_PORT=tcp://10.0.0.1:7233", "NOMAD_TEMPORAL_PORT (environment)"},
		{"NOMAD_OASIS_PORT=tcp://10.0.0.1:80", "NOMAD_OASIS_PORT is not a known variable and is ignored; the nearest known name is NOMAD_"},
		{"NOMAD_UID=1000", "NOMAD_UID is not a known variable"},
		{"NOMAD_METADATA_X=1", "NOMAD_METADATA_X is not a known variable"},
		{"NOMAD_META_X=1", "(HashiCorp Nomad sets variables like this one)"},
		{"NOMAD_ALLOC_ID=1", "(HashiCorp Nomad sets variables like this one)"},
		{"NOMAD_FOO=bar", "NOMAD_FOO is not a known variable and is ignored; the nearest known name is NOMAD_"},
		{"NOMAD_=x", "is not a known variable"},
		{"NOMAD__=x", "is not a known variable"},
		{"NOMAD_X\nY=x", "NOMAD_X?Y is not a known variable"},
		{"NOMAD_SERVICES_API_HOTS=x", "Did you mean NOMAD_SERVICES_API_HOST?"},
		{"NOMAD_AUTH_REQUIRE_AUTHENTIFICATION=true", "Did you mean NOMAD_AUTH_REQUIRE_AUTHENTICATION?"},
		{"NOMAD_OASIS_AUTHORISED_USERS=[]", "NOMAD_OASIS_AUTHORISED_USERS is not a known variable"},
		{"NOMAD_PLUGINS_ENTRY_POINTS=x", "NOMAD_PLUGINS_ENTRY_POINTS (environment)"},
		{"NOMAD_PROCESS_METADATA_FILE_EXTENSIONS=json", "must be a list of text, written as JSON"},
		{"NOMAD_UI_THEME=title", "ui.theme must be a JSON object"},
		{"NOMAD_UI_THEME={\"titel\": \"x\"}", "ui.theme"},
		{"NOMAD_META_FOOTER_LINKS=[{\"title\": \"a\", \"title\": \"b\"}]", "written as JSON"},
		{"NOMAD_SERVICES_TRUSTED_PROXIES=10.0.0.0/8", "the variable is ignored"},
		{"NOMAD_SERVICES_MODE=test", "must be one of production, development"},
	} {
		t.Run(c.variable, func(t *testing.T) {
			t.Parallel()
			opts := newPlace(t, nil)
			opts.Env = []string{c.variable}
			cfg, notices := mustLoad(t, opts)
			if len(notices) != 1 || strings.Contains(notices[0].Text, "\n") || !strings.Contains(notices[0].Text, c.want) {
				t.Errorf("got %q, want one line with %q", noticeText(notices), c.want)
			}
			var got, want strings.Builder
			if cfg.Show(&got) != nil || Default().Show(&want) != nil || got.String() != want.String() {
				t.Error("the variable changed the configuration")
			}
		})
	}
}

func TestWrongValuesOfSecurityVariablesStopTheStart(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ variable, want string }{
		{"NOMAD_AUTH_REQUIRE_AUTHENTICATION=maybe", "NOMAD_AUTH_REQUIRE_AUTHENTICATION: auth.require_authentication must be true or false, found \"maybe\""},
		{"NOMAD_AUTH_REQUIRE_AUTHENTICATION=", "must be true or false, found \"\""},
		{"NOMAD_AUTH_REQUIRE_AUTHENTICATION=null", "must be true or false, found nothing"},
		{"NOMAD_AUTH_AUTHORIZED_USERS=alice,bob", "written as JSON. Accepted: [\"one\", \"two\"]"},
		{"NOMAD_AUTH_AUTHORIZED_USERS=\"alice\"", "must be a list"},
		{"NOMAD_AUTH_AUTHORIZED_USERS=[[\"alice\"]]", "place 1"},
		{"NOMAD_AUTH_UNAUTHENTICATED_USER_SCOPES={\"inclde\": []}", "Did you mean auth.unauthenticated_user_scopes.include?"},
		{"NOMAD_AUTH_UNAUTHENTICATED_USER_SCOPES=null", "must be a JSON object"},
		{"NOMAD_AUTH_UNAUTHENTICATED_USER_SCOPES={\"include\": [\"foo\"]}", "Illegal scope foo"},
		{"NOMAD_KEYCLOAK_SERVER_URL=not an address", "keycloak.server_url must be an address"},
		{"NOMAD_KEYCLOAK_DIRECTORY_STALE_MAX=1e5", "keycloak.directory_stale_max must be a duration"},
		{"NOMAD_SERVICES_API_SECRET=short", "services.api_secret has only 5 characters"},
		{"NOMAD_SERVICES_API_SECRET=", "services.api_secret has only 0 characters"},
		{"NOMAD_SERVICES_API_SECRET=insecure-default-secret-for-everybody", "published default"},
		{"NOMAD_OASIS_REQUIRE_AUTHENTICATION=maybe", "oasis.require_authentication must be"},
		{"NOMAD_OASIS_ALLOWED_USERS=alice", "oasis.allowed_users must be"},
		{"NOMAD_DATABASE_URL=mysql://u:hunter2@h/d", "database.url must be"},
	} {
		t.Run(c.variable, func(t *testing.T) {
			t.Parallel()
			opts := newPlace(t, nil)
			opts.Env = []string{c.variable}
			problems := refused(t, opts)
			got := problems.Error()
			if !strings.Contains(got, c.want) || strings.Contains(got, "hunter2") || strings.Contains(got, "short") || len(problems) != 1 {
				t.Errorf("got %s\nwant %s", got, c.want)
			}
		})
	}
}

func TestTextVariablesAreTakenLiterally(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"true", "null", "1e5", `"quoted"`, "[1]", "{}", " x ", "a=b", ""} {
		opts := newPlace(t, nil)
		opts.Env = []string{"NOMAD_KEYCLOAK_PASSWORD=" + text, "NOMAD_KEYCLOAK_CLIENT_SECRET=" + text}
		cfg, _ := mustLoad(t, opts)
		if cfg.Keycloak.Password != text || cfg.Keycloak.ClientSecret == nil || *cfg.Keycloak.ClientSecret != text {
			t.Errorf("%q became %q", text, cfg.Keycloak.Password)
		}
	}
}

func TestVariablesAreParsedByType(t *testing.T) {
	t.Parallel()
	opts := newPlace(t, nil)
	opts.Env = []string{
		"NOMAD_services_Api_HOST=data.example.org", "NOMAD_SERVICES_API_PORT=443", "NOMAD_SERVICES_HTTPS=1",
		`NOMAD_AUTH_AUTHORIZED_USERS=["Alice ", "bob", "ALICE"]`, "NOMAD_AUTH_PAT_MAX_LIFETIME=null", "NOMAD_AUTH_ACCESS_TOKEN_LIFETIME=7d",
		`NOMAD_AUTH_UNAUTHENTICATED_USER_SCOPES={"include": ["info:read"]}`, `NOMAD_FS_PUBLIC_FS={"bucket":"b"}`, "NOMAD_UI_THEME_TITLE=Lab",
		`NOMAD_SERVICES_TRUSTED_PROXIES=["10.1.2.3/8", "::1"]`, "NOMAD_SERVICES_CONSOLE_LOG_LEVEL=30", "NOMAD_LIMITS_ARCHIVE_SIZE=1GiB",
		"NOMAD_CLIENT_ACCESS_TOKEN=x", "OASIS_TOKEN=x", "PATH=/bin", "malformed",
	}
	cfg, notices := mustLoad(t, opts)
	if cfg.PublicURL() != "https://data.example.org/nomad-oasis" || !slices.Equal(*cfg.Auth.AuthorizedUsers, []string{"alice", "bob"}) ||
		cfg.Auth.PATMaxLifetime != nil || cfg.Auth.AccessTokenLifetime.Hours() != 168 || (*cfg.Auth.UnauthenticatedUserScopes.Include)[0] != "info:read" ||
		cfg.FS.PublicFS.Bucket != "b" || cfg.UI.Theme.Title != "Lab" || cfg.Services.TrustedProxies[0].String() != "10.0.0.0/8" ||
		cfg.Services.TrustedProxies[1].String() != "::1/128" || cfg.Services.ConsoleLogLevel != slog.LevelWarn || cfg.Limits.ArchiveSize != 1<<30 {
		t.Errorf("%+v", cfg)
	}
	if len(notices) != 1 || !strings.Contains(notices[0].Text, "no effect in this version: NOMAD_FS_PUBLIC_FS, NOMAD_UI_THEME_TITLE (environment)") {
		t.Error(noticeText(notices))
	}
}
