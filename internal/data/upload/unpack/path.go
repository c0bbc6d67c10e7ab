package unpack

import (
	"errors"
	"strings"

	"oasis/internal/data/upload/rawpath"
)

// memberPath gives the canonical path of a member, "" for the root of the
// archive, or the refusal. It is stricter than rawpath.Clean: an archive has no
// business with "..", and what is a path on Windows only is refused as well.
func memberPath(name string) (string, error) {
	switch {
	case name == "":
		return "", refused(name, "has no name")
	case strings.IndexByte(name, 0) >= 0:
		return "", refused(name, "has a NUL byte in its path")
	case strings.Contains(name, `\`):
		return "", refused(name, `has a backslash in its path; make the archive with a tool that writes "/"`)
	case strings.HasPrefix(name, "/"):
		return "", refused(name, "has an absolute path; make the archive with relative paths")
	case len(name) > 1 && name[1] == ':' && isLetter(name[0]):
		return "", refused(name, "has a drive letter; make the archive with relative paths")
	}
	kept := make([]string, 0, 8)
	for segment := range strings.SplitSeq(name, "/") {
		switch segment {
		case "..":
			return "", refused(name, `leaves the archive by ".."`)
		case "", ".":
		default:
			kept = append(kept, segment)
		}
	}
	path := strings.Join(kept, "/")
	if err := rawpath.New(path); err != nil {
		return "", refused(name, "cannot be stored: "+err.Error()).Because(err)
	}
	if err := rawpath.Limits(path); err != nil {
		reason := strings.TrimPrefix(err.Error(), rawpath.ErrLimit.Error()+": ")
		if errors.Is(err, rawpath.ErrEncoding) {
			reason = "its name is not valid UTF-8"
		}
		return "", refused(name, "cannot be stored: "+reason).Because(err)
	}
	return path, nil
}

func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }
