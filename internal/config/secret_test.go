package config

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
)

func TestSecretIsMadeOnceAndKept(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	first, second := Default(), Default()
	if err := EnsureSecret(dir, first); err != nil {
		t.Fatal(err)
	}
	if err := EnsureSecret(dir, second); err != nil {
		t.Fatal(err)
	}
	if first.Services.APISecret != second.Services.APISecret || len(first.Services.APISecret) < 32 || wellKnown(first.Services.APISecret) {
		t.Error("two loads, two secrets")
	}
	info, err := os.Stat(filepath.Join(dir, SecretFile))
	if err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("%v %v", info.Mode(), err)
	}
	if entries, _ := os.ReadDir(dir); len(entries) != 1 {
		t.Errorf("left behind: %v", entries)
	}
	if first.Origin("services.api_secret").String() != filepath.Join(dir, SecretFile) {
		t.Error(first.Origin("services.api_secret"))
	}
	other := Default()
	if err := EnsureSecret(t.TempDir(), other); err != nil || other.Services.APISecret == first.Services.APISecret {
		t.Error("two servers share a secret")
	}
}

func TestConfiguredSecretIsLeftAlone(t *testing.T) {
	t.Parallel()
	cfg, dir := Default(), t.TempDir()
	cfg.Services.APISecret = "configured"
	if err := EnsureSecret(dir, cfg); err != nil || cfg.Services.APISecret != "configured" {
		t.Error(err, cfg.Services.APISecret)
	}
	if entries, _ := os.ReadDir(dir); len(entries) != 0 {
		t.Errorf("made %v", entries)
	}
}

func TestSecretsMadeAtTheSameTimeAgree(t *testing.T) {
	t.Parallel()
	dir, secrets := t.TempDir(), make([]string, 16)
	var all sync.WaitGroup
	for i := range secrets {
		all.Go(func() {
			cfg := &Config{}
			if err := EnsureSecret(dir, cfg); err != nil {
				t.Error(err)
			}
			secrets[i] = cfg.Services.APISecret
		})
	}
	all.Wait()
	for _, s := range secrets {
		if s != secrets[0] {
			t.Fatal("processes disagree about the secret")
		}
	}
}

func TestSecretThatOthersMayReadIsRefused(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no such bits")
	}
	dir := t.TempDir()
	path := filepath.Join(dir, SecretFile)
	if err := os.WriteFile(path, []byte(strings.Repeat("abcdefgh", 5)), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, mode := range []os.FileMode{0o644, 0o640, 0o602} {
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		if err := EnsureSecret(dir, Default()); err == nil || !strings.Contains(err.Error(), "chmod 600") {
			t.Errorf("mode %o: %v", mode, err)
		}
	}
	if err := os.Chmod(path, 0o400); err != nil {
		t.Fatal(err)
	}
	if err := EnsureSecret(dir, Default()); err != nil {
		t.Error(err)
	}
}

func TestBrokenSecretFileIsRefusedNotReplaced(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, SecretFile)
	if err := os.WriteFile(path, []byte("cut off\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := EnsureSecret(dir, Default()); err == nil || !strings.Contains(err.Error(), "less than 32 characters") {
		t.Error(err)
	}
	if text, _ := os.ReadFile(path); string(text) != "cut off\n" {
		t.Error("the file was changed")
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(path, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := EnsureSecret(dir, Default()); err == nil || !strings.Contains(err.Error(), "not a plain file") {
		t.Error(err)
	}
	if err := EnsureSecret(filepath.Join(dir, "missing"), Default()); err == nil {
		t.Error("a data directory that is missing was accepted")
	}
}
