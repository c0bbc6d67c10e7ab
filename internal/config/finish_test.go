package config

import (
	"slices"
	"strings"
	"testing"
)

func TestOldAllowListIsTidiedAndClosesTheServer(t *testing.T) {
	t.Parallel()
	cfg, notices := mustLoad(t, newPlace(t, map[string]string{"work/nomad.yaml": "oasis:\n  allowed_users: ['Alice ', BOB@example.org, alice]\n"}))
	if want := []string{"alice", "bob@example.org"}; !slices.Equal(*cfg.Auth.AuthorizedUsers, want) || !cfg.Auth.RequireAuthentication {
		t.Errorf("%v %v", *cfg.Auth.AuthorizedUsers, cfg.Auth.RequireAuthentication)
	}
	if len(notices) != 1 || notices[0].Text != "nomad.yaml:2: oasis.allowed_users is deprecated, write auth.authorized_users instead" {
		t.Error(noticeText(notices))
	}
	if !cfg.Locked("auth.authorized_users") || cfg.Origin("auth.require_authentication").String() != "nomad.yaml:2" {
		t.Error("the new keys come from the old one")
	}
}

func TestOldAllowListLeavesAnExplicitChoiceAlone(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"oasis: {allowed_users: [a]}\nauth: {require_authentication: false}\n",
		"oasis: {allowed_users: [a], require_authentication: false}\n",
	} {
		cfg, _ := mustLoad(t, newPlace(t, map[string]string{"work/nomad.yaml": text}))
		if cfg.Auth.RequireAuthentication || cfg.Auth.AuthorizedUsers == nil {
			t.Errorf("%s: %+v", text, cfg.Auth)
		}
	}
}

func TestOldKeysOfNullAreNotSet(t *testing.T) {
	t.Parallel()
	cfg, notices := mustLoad(t, newPlace(t, map[string]string{"work/nomad.yaml": "oasis: {allowed_users: null, require_authentication: null}\nauth: {authorized_users: [a], require_authentication: true}\n"}))
	if !cfg.Auth.RequireAuthentication || len(*cfg.Auth.AuthorizedUsers) != 1 || len(notices) != 0 {
		t.Errorf("%+v %v", cfg.Auth, notices)
	}
}

func TestOldAndNewKeyTogetherAreRefused(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ text, env, want string }{
		{"oasis:\n  allowed_users: [a]\nauth:\n  authorized_users: [b]\n", "", "nomad.yaml:2:3: oasis.allowed_users is the old name of auth.authorized_users, which is also set (nomad.yaml:4)"},
		{"oasis:\n  require_authentication: true\nauth:\n  require_authentication: true\n", "", "nomad.yaml:2:3: oasis.require_authentication is the old name"},
		{"auth:\n  authorized_users: [b]\n", `NOMAD_OASIS_ALLOWED_USERS=["a"]`, "NOMAD_OASIS_ALLOWED_USERS: oasis.allowed_users is the old name of auth.authorized_users, which is also set (nomad.yaml:2)"},
	} {
		opts := newPlace(t, map[string]string{"work/nomad.yaml": c.text})
		opts.Env = []string{c.env}
		if got := refused(t, opts).Error(); !strings.Contains(got, c.want) {
			t.Errorf("got %s\nwant %s", got, c.want)
		}
	}
}

func TestOldKeyInAFileOutweighsTheAdminPage(t *testing.T) {
	t.Parallel()
	cfg, _ := mustLoad(t, newPlace(t, map[string]string{
		"data/settings.yaml": "auth: {authorized_users: [page]}\n", "work/nomad.yaml": "oasis: {allowed_users: [file]}\n",
	}))
	if (*cfg.Auth.AuthorizedUsers)[0] != "file" {
		t.Error(*cfg.Auth.AuthorizedUsers)
	}
}

func TestPublishedSecretIsAllowedInDevelopmentOnly(t *testing.T) {
	t.Parallel()
	text := "services:\n  api_secret: insecure-default-secret-do-not-use-it\n  mode: development\n"
	if cfg, _ := mustLoad(t, newPlace(t, map[string]string{"work/nomad.yaml": text})); cfg.Services.APISecret == "" {
		t.Error("lost")
	}
	_ = refused(t, newPlace(t, map[string]string{"work/nomad.yaml": strings.Replace(text, "development", "production", 1)}))
	_ = refused(t, newPlace(t, map[string]string{"work/nomad.yaml": "services: {api_secret: " + strings.Repeat("x", 40) + "}\n"}))
}

func TestTrustingEverybodyIsSaid(t *testing.T) {
	t.Parallel()
	_, notices := mustLoad(t, newPlace(t, map[string]string{"work/nomad.yaml": "services: {trusted_proxies: [0.0.0.0/0]}\n"}))
	if len(notices) != 1 || !strings.Contains(notices[0].Text, "any address") {
		t.Error(noticeText(notices))
	}
}
