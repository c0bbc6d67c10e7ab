package upload

import (
	"errors"

	"oasis/internal/data/upload/rawpath"
	"oasis/internal/problem"
)

// SafePath gives the canonical form of the path of a raw file or folder, "" for
// the root, or a 400 in the words NOMAD clients know (spec uploads.md §3.2, §7);
// the reason is its cause. Reading operations answer 404 instead.
func SafePath(path string) (string, error) {
	clean, err := rawpath.Clean(path)
	if err != nil {
		return "", badPath("Bad path provided", err)
	}
	return clean, nil
}

// SafeBase checks the name of one file, without folders, and gives a 400 in the
// words NOMAD clients know (spec uploads.md §3.2, §3.3).
func SafeBase(name string) error {
	if err := rawpath.Name(name); err != nil {
		return badPath("Bad file name provided", err)
	}
	return nil
}

// newPath checks the path of a folder that files are put into, or the name of one
// of them: neither may be something else on the machine of whoever downloads it.
func newPath(sentence, path string) error {
	if err := rawpath.New(path); err != nil {
		return badPath(sentence, err)
	}
	return nil
}

// badPath keeps the exact sentence of NOMAD for what NOMAD refuses too, and
// adds the reason where only our limits say no.
func badPath(sentence string, reason error) error {
	if errors.Is(reason, rawpath.ErrLimit) || errors.Is(reason, rawpath.ErrEncoding) || errors.Is(reason, rawpath.ErrBackslash) ||
		errors.Is(reason, rawpath.ErrDrive) || errors.Is(reason, rawpath.ErrControl) {
		return problem.Bad("%s: %s.", sentence, reason).Because(reason)
	}
	return problem.Bad("%s.", sentence).Because(reason)
}

// ClashKey gives the same key for two paths that differ only in case or in
// Unicode form. It detects clashes; names are stored as they were sent.
func ClashKey(path string) string { return rawpath.ClashKey(path) }
