package config

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// place is a working directory and a data directory for one test.
func newPlace(t *testing.T, files map[string]string) Options {
	t.Helper()
	root := t.TempDir()
	opts := Options{WorkDir: filepath.Join(root, "work"), DataDir: filepath.Join(root, "data")}
	for _, dir := range []string{opts.WorkDir, opts.DataDir} {
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(root, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return opts
}

func mustLoad(t *testing.T, opts Options) (*Config, []Notice) {
	t.Helper()
	cfg, notices, err := Load(opts)
	if err != nil {
		t.Fatal(err)
	}
	return cfg, notices
}

// refused loads what must not load and gives the problems.
func refused(t *testing.T, opts Options) Problems {
	t.Helper()
	cfg, _, err := Load(opts)
	var problems Problems
	if !errors.As(err, &problems) || len(problems) == 0 {
		t.Fatalf("want problems, got config %v and error %v", cfg != nil, err)
	}
	if cfg != nil {
		t.Error("a configuration came back although it was refused")
	}
	return problems
}

func TestWithoutFilesTheDefaultsHold(t *testing.T) {
	t.Parallel()
	cfg, notices := mustLoad(t, newPlace(t, nil))
	if len(notices) != 0 || len(cfg.Files()) != 0 {
		t.Errorf("notices %v, files %v", notices, cfg.Files())
	}
	if cfg.Services.APIBasePath != "/nomad-oasis" || !cfg.Oasis.IsOasis || cfg.Auth.AuthorizedUsers != nil ||
		*cfg.Auth.PATMaxLifetime != 365 || cfg.Auth.AccessTokenLifetime != 24*time.Hour || cfg.Limits.ArchiveSize != 100<<30 ||
		(*cfg.Auth.UnauthenticatedUserScopes.Include)[0] != "*:read" || cfg.Auth.RequireAuthentication {
		t.Errorf("%+v", cfg)
	}
}

func TestLaterLayersWin(t *testing.T) {
	t.Parallel()
	opts := newPlace(t, map[string]string{
		"data/settings.yaml": "meta: {name: settings, label: settings, service: settings, homepage: 'https://settings.example.org'}\n",
		"work/a.yaml":        "meta:\n  name: a\n  label: a\n  service: a\nauth:\n  authorized_users: [one, two]\n",
		"work/b.yaml":        "meta:\n  name: b\n  label: b\nauth:\n  authorized_users: [three]\n",
	})
	opts.Env = []string{"NOMAD_CONFIG=a.yaml" + string(os.PathListSeparator) + "b.yaml", "NOMAD_META_NAME=env"}
	cfg, _ := mustLoad(t, opts)
	m := cfg.Meta
	if m.Name != "env" || m.Label != "b" || m.Service != "a" || m.Homepage != "https://settings.example.org" || m.Deployment != "oasis" {
		t.Errorf("%+v", m)
	}
	if got := *cfg.Auth.AuthorizedUsers; !slices.Equal(got, []string{"three"}) {
		t.Errorf("lists must be replaced, got %v", got)
	}
	for key, want := range map[string]string{
		"meta.name": "environment NOMAD_META_NAME", "meta.label": "b.yaml:3", "meta.service": "a.yaml:4",
		"meta.homepage": filepath.Join(opts.DataDir, "settings.yaml") + ":1", "meta.deployment": "default",
	} {
		if got := cfg.Origin(key).String(); got != want {
			t.Errorf("origin of %s is %q, want %q", key, got, want)
		}
	}
	if !cfg.Locked("meta.name") || !cfg.Locked("meta.label") || cfg.Locked("meta.homepage") || cfg.Locked("meta.deployment") {
		t.Error("exactly what files and environment set is locked")
	}
}

func TestMappingsAreMergedAcrossFiles(t *testing.T) {
	t.Parallel()
	opts := newPlace(t, map[string]string{
		"work/a.yaml": "auth:\n  unauthenticated_user_scopes:\n    include: ['info:read']\n",
		"work/b.yaml": "auth:\n  unauthenticated_user_scopes:\n    exclude: ['users:read']\n",
	})
	opts.Files = []string{"a.yaml", "b.yaml"}
	cfg, _ := mustLoad(t, opts)
	rule := cfg.Auth.UnauthenticatedUserScopes
	if !slices.Equal(*rule.Include, []string{"info:read"}) || !slices.Equal(rule.Exclude, []string{"users:read"}) {
		t.Errorf("%v %v", *rule.Include, rule.Exclude)
	}
}

func TestWhichFileIsRead(t *testing.T) {
	t.Parallel()
	name := func(s string) string { return "meta: {name: " + s + "}\n" }
	for _, c := range []struct {
		title string
		files map[string]string
		named []string
		env   []string
		want  string
	}{
		{"the working directory", map[string]string{"work/nomad.yaml": name("work"), "data/nomad.yaml": name("data")}, nil, nil, "work"},
		{"else the data directory", map[string]string{"data/nomad.yaml": name("data")}, nil, nil, "data"},
		{"NOMAD_CONFIG instead", map[string]string{"work/nomad.yaml": name("work"), "work/x.yaml": name("x")}, nil, []string{"NOMAD_CONFIG=x.yaml"}, "x"},
		{"--config instead of NOMAD_CONFIG", map[string]string{"work/y.yaml": name("y"), "work/x.yaml": name("x")}, []string{"y.yaml"}, []string{"NOMAD_CONFIG=x.yaml"}, "y"},
		{"an empty NOMAD_CONFIG is none", map[string]string{"work/nomad.yaml": name("work")}, nil, []string{"NOMAD_CONFIG="}, "work"},
	} {
		t.Run(c.title, func(t *testing.T) {
			t.Parallel()
			opts := newPlace(t, c.files)
			opts.Files, opts.Env = c.named, c.env
			if cfg, _ := mustLoad(t, opts); cfg.Meta.Name != c.want {
				t.Errorf("read %q, want %q", cfg.Meta.Name, c.want)
			}
		})
	}
}

func TestNamedFileThatIsMissingStopsTheStart(t *testing.T) {
	t.Parallel()
	opts := newPlace(t, nil)
	opts.Env = []string{"NOMAD_CONFIG=gone.yaml"}
	if got := refused(t, opts).Error(); !strings.Contains(got, "gone.yaml: does not exist") {
		t.Error(got)
	}
	opts.Env, opts.Files = nil, []string{"gone-too.yaml"}
	if got := refused(t, opts).Error(); !strings.Contains(got, "gone-too.yaml: does not exist") {
		t.Error(got)
	}
	opts.Files = []string{"."}
	if got := refused(t, opts).Error(); !strings.Contains(got, "directory") {
		t.Error(got)
	}
}

func TestUnreadableSettingsStopTheStart(t *testing.T) {
	t.Parallel()
	opts := newPlace(t, map[string]string{"data/settings.yaml": "auth: [\n"})
	if got := refused(t, opts); got[0].Line == 0 || !strings.Contains(got[0].Source, "settings.yaml") {
		t.Errorf("%+v", got[0])
	}
}

func TestLoadCanBeRepeated(t *testing.T) {
	t.Parallel()
	opts := newPlace(t, map[string]string{"work/nomad.yaml": "auth: {authorized_users: [one]}\n"})
	first, _ := mustLoad(t, opts)
	(*first.Auth.UnauthenticatedUserScopes.Include)[0] = "*:*"
	*first.Auth.PATMaxLifetime = 1
	first.Process.MetadataFileExtensions[0] = "exe"
	second, _ := mustLoad(t, opts)
	if (*second.Auth.UnauthenticatedUserScopes.Include)[0] != "*:read" || *second.Auth.PATMaxLifetime != 365 || second.Process.MetadataFileExtensions[0] != "json" {
		t.Error("a change of one configuration reached the next one")
	}
}
