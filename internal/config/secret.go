package config

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// SecretFile is the file in the data directory that keeps a generated services.api_secret.
const SecretFile = "api_secret"

// EnsureSecret fills in services.api_secret when the configuration has none: it reads
// DATA/api_secret, or makes it on the first start. The file must be readable by its owner
// only. Two processes that start at once end up with the same secret.
func EnsureSecret(dataDir string, cfg *Config) error {
	if cfg.Services.APISecret != "" {
		return nil
	}
	path := filepath.Join(dataDir, SecretFile)
	kept, err := readSecret(path)
	if errors.Is(err, fs.ErrNotExist) {
		if err = createSecret(path); err == nil {
			kept, err = readSecret(path)
		}
	}
	if err != nil {
		return fmt.Errorf("services.api_secret: %w", err)
	}
	cfg.Services.APISecret = kept
	if cfg.origins == nil {
		cfg.origins = map[string]Origin{}
	}
	cfg.origins["services.api_secret"] = Origin{Layer: FromSecret, Name: path}
	return nil
}

func readSecret(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return "", err
	}
	if !info.Mode().IsRegular() {
		return "", fmt.Errorf("%s is not a plain file", path)
	}
	// Windows has no such bits; there the directory's access list guards the file.
	if mode := info.Mode().Perm(); mode&0o077 != 0 && runtime.GOOS != "windows" {
		return "", fmt.Errorf("others may use %s (mode %04o); run: chmod 600 %s", path, mode, path)
	}
	text, err := io.ReadAll(io.LimitReader(f, 4096))
	if err != nil {
		return "", err
	}
	kept := strings.TrimSpace(string(text))
	if len(kept) < 32 {
		return "", fmt.Errorf("%s holds less than 32 characters; remove it and a new one is made (links and tokens signed with it end)", path)
	}
	return kept, nil
}

// createSecret writes a new secret beside its place and links it there, so that the
// file is never seen half written and an existing one is never replaced.
func createSecret(path string) error {
	random := make([]byte, 48)
	if _, err := rand.Read(random); err != nil {
		return err
	}
	err := writeBeside(path, []byte(base64.RawURLEncoding.EncodeToString(random)+"\n"), func(temp, path string) error {
		err := os.Link(temp, path)
		if err != nil && !errors.Is(err, fs.ErrExist) {
			// A file system without links: a rename is atomic too, but two first starts could differ.
			err = os.Rename(temp, path)
		}
		return err
	})
	if errors.Is(err, fs.ErrExist) {
		return nil // another process was faster; its secret is read next
	}
	return err
}
