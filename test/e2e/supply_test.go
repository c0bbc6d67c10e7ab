package e2e

import (
	"archive/zip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"

	"github.com/rogpeppe/go-internal/testscript"

	"oasis/test/servers"
)

// condition knows [postgres]. Where CI=true its absence is a failure, because
// every script must run there.
func condition(name string) (bool, error) {
	if name != "postgres" {
		return false, fmt.Errorf("unknown condition %s", name)
	}
	if servers.HasPostgres() {
		return true, nil
	}
	if os.Getenv("CI") == "true" {
		return false, servers.ErrMissing
	}
	return false, nil
}

func postgres(ts *testscript.TestScript, args []string) error {
	if len(args) != 1 {
		return errors.New("usage: postgres VAR")
	}
	url, drop, err := servers.Database(context.Background())
	if err != nil {
		return err
	}
	ts.Setenv(args[0], url)
	ts.Defer(func() { ts.Check(drop()) })
	return nil
}

func zipFiles(ts *testscript.TestScript, args []string) error {
	if len(args) < 2 {
		return errors.New("usage: zip FILE PATH…")
	}
	out, err := os.Create(ts.MkAbs(args[0]))
	if err != nil {
		return err
	}
	defer out.Close()
	w := zip.NewWriter(out)
	base := ts.MkAbs(".")
	for _, path := range args[1:] {
		err := filepath.WalkDir(ts.MkAbs(path), func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			return pack(w, base, path)
		})
		if err != nil {
			return err
		}
	}
	return errors.Join(w.Close(), out.Close())
}

// pack adds one file under its path below base.
func pack(w *zip.Writer, base, path string) error {
	name, err := filepath.Rel(base, path)
	if err != nil {
		return err
	}
	in, err := os.Open(path)
	if err != nil {
		return err
	}
	defer in.Close()
	part, err := w.Create(filepath.ToSlash(name))
	if err != nil {
		return err
	}
	_, err = io.Copy(part, in)
	return err
}

func fill(ts *testscript.TestScript, args []string) error {
	if len(args) != 2 {
		return errors.New("usage: fill FILE BYTES")
	}
	size, err := strconv.ParseInt(args[1], 10, 64)
	if err != nil {
		return err
	}
	out, err := os.Create(ts.MkAbs(args[0]))
	if err != nil {
		return err
	}
	defer out.Close()
	// The same bytes in every run, so that a failure can be looked into.
	_, err = io.CopyN(out, rand.NewChaCha8([32]byte{}), size)
	return errors.Join(err, out.Close())
}
