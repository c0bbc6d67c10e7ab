package servers

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
)

// Python gives the interpreter of a virtual environment that holds one package of
// PyPI, such as "tuspy==1.1.0". The environment is kept in the cache outside of the
// clone; a machine without Python, or without the package and a way to get it, skips.
func Python(t testing.TB, pinned string) string {
	t.Helper()
	const hint = "install python3 and python3-venv, and let pip reach a package index"
	if _, err := exec.LookPath("python3"); err != nil {
		Missing(t, "python3", hint)
	}
	interpreter, err := pythonWith(pinned)
	if err != nil {
		Missing(t, pinned, hint+": "+err.Error())
	}
	return interpreter
}

func pythonWith(pinned string) (string, error) {
	cache, err := cacheDir()
	if err != nil {
		return "", err
	}
	home := filepath.Join(cache, "python-"+pinned)
	lock, err := os.OpenFile(home+".lock", os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return "", err
	}
	defer lock.Close()
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX); err != nil {
		return "", err
	}
	// It names its own folder, so it is made in its place, and marked when it is whole.
	interpreter, whole := filepath.Join(home, "bin", "python"), filepath.Join(home, "whole")
	if _, err := os.Stat(whole); err == nil {
		return interpreter, nil
	}
	if err := os.RemoveAll(home); err != nil {
		return "", err
	}
	for _, args := range [][]string{
		{"python3", "-m", "venv", home},
		{interpreter, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", pinned},
	} {
		out, err := exec.CommandContext(context.Background(), args[0], args[1:]...).CombinedOutput()
		if err != nil {
			return "", errors.Join(fmt.Errorf("%v: %w: %.300s", args, err, out), os.RemoveAll(home))
		}
	}
	return interpreter, os.WriteFile(whole, nil, 0o600)
}
