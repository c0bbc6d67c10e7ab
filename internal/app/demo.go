package app

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io/fs"
)

// zipOf packs a folder, so that it takes the way of any archive a person sends.
func zipOf(files fs.FS, folder string) ([]byte, error) {
	sub, err := fs.Sub(files, folder)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", folder, err)
	}
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	if err := z.AddFS(sub); err != nil {
		return nil, fmt.Errorf("pack %s: %w", folder, err)
	}
	if err := z.Close(); err != nil {
		return nil, fmt.Errorf("pack %s: %w", folder, err)
	}
	return b.Bytes(), nil
}
