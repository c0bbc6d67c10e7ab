// Package rawpath holds the rules for the paths of raw files: what is safe,
// what a disk can hold, and which two names would be one on other machines.
//
// It is a package of its own so that upload and the packages below it can share
// the rules. It is pure, and every refusal says what would be right.
package rawpath

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// The limits every path keeps (decisions 21). MaxName is what common file systems hold.
const (
	MaxBytes = 1024
	MaxDepth = 64
	MaxName  = 255
)

// The reasons a path is refused; Clean, Name and Limits return one of them or wrap it.
var (
	ErrAbsolute = errors.New("it is absolute; name it relative to the upload")
	ErrAbove    = errors.New(`it leaves the upload; remove ".."`)
	ErrEmptyDir = errors.New("it has an empty folder name; remove the doubled slash")
	ErrNUL      = errors.New("it contains a NUL byte")
	ErrEncoding = errors.New("it is not valid UTF-8")
	ErrBase     = errors.New(`it is not the name of a file; give a name without "/" that is not empty, "." or ".."`)
	ErrLimit    = errors.New("it is beyond a limit")
	// The next ones are reasons of New only.
	ErrBackslash = errors.New(`it contains a backslash, which parts folders on Windows; use "/" or another character`)
	ErrDrive     = errors.New("it begins like a Windows drive; leave out the colon")
	ErrControl   = errors.New("it contains a control character, or one that turns the direction of text; leave it out")
)

// New checks a canonical path for something that is not there yet. What it
// refuses besides Clean would be another path, or look like another name, for
// those who download it. Names from before this rule keep all they have.
func New(path string) error {
	for segment := range strings.SplitSeq(path, "/") {
		if hasDrive(segment) {
			return ErrDrive
		}
	}
	for _, r := range path {
		switch {
		case r == '\\':
			return ErrBackslash
		case misleads(r):
			return ErrControl
		}
	}
	return nil
}

// Harmless gives path with "_" in place of all that New refuses.
func Harmless(path string) string {
	if New(path) == nil {
		return path
	}
	segments := strings.Split(path, "/")
	for i, s := range segments {
		if hasDrive(s) {
			s = s[:1] + "_" + s[2:]
		}
		segments[i] = strings.Map(func(r rune) rune {
			if r == '\\' || misleads(r) {
				return '_'
			}
			return r
		}, s)
	}
	return strings.Join(segments, "/")
}

func hasDrive(segment string) bool {
	return len(segment) > 1 && segment[1] == ':' && 'a' <= segment[0]|0x20 && segment[0]|0x20 <= 'z'
}

// misleads tells control characters and those that order text from right to left (Unicode Bidi_Control).
func misleads(r rune) bool {
	return unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || r == '\u2028' || r == '\u2029'
}

// Clean gives path in its one canonical form, "" for the root: "." and ".."
// are resolved and one trailing slash is dropped. Control characters and all
// else are kept byte for byte, because entry ids depend on them (decisions 21).
// It refuses what spec uploads.md §3.2 calls unsafe, and paths beyond the limits.
func Clean(path string) (string, error) {
	switch {
	case strings.HasPrefix(path, "/"):
		return "", ErrAbsolute
	case strings.Contains(path, "//"):
		return "", ErrEmptyDir
	}
	var kept []string
	for segment := range strings.SplitSeq(path, "/") {
		switch segment {
		case "", ".": // only the last segment can be empty here
		case "..":
			if len(kept) == 0 {
				return "", ErrAbove
			}
			kept = kept[:len(kept)-1]
		default:
			kept = append(kept, segment)
		}
	}
	clean := strings.Join(kept, "/")
	if err := Limits(clean); err != nil {
		return "", err
	}
	return clean, nil
}

// Name checks a safe base name (spec uploads.md §3.2).
func Name(name string) error {
	if name == "" || name == "." || name == ".." || strings.Contains(name, "/") {
		return ErrBase
	}
	return Limits(name)
}

// Limits checks that a path without "." and ".." can be stored: its bytes,
// its depth, the length of each name, no NUL, and UTF-8, which JSON and the
// database need.
func Limits(path string) error {
	switch {
	case strings.IndexByte(path, 0) >= 0:
		return ErrNUL
	case !utf8.ValidString(path):
		return ErrEncoding
	case len(path) > MaxBytes:
		return fmt.Errorf("%w: it has %d bytes, at most %d are possible", ErrLimit, len(path), MaxBytes)
	}
	depth := 0
	for segment := range strings.SplitSeq(path, "/") {
		depth++
		if len(segment) > MaxName {
			return fmt.Errorf("%w: one name in it has %d bytes, at most %d are possible", ErrLimit, len(segment), MaxName)
		}
	}
	if depth > MaxDepth {
		return fmt.Errorf("%w: it is %d folders deep, at most %d are possible", ErrLimit, depth, MaxDepth)
	}
	return nil
}

// ClashKey gives the same key for two paths that are one path on a file system
// that ignores case or Unicode form (NFC and full case folding). It only
// detects clashes; nothing is ever stored under a key.
func ClashKey(path string) string {
	ascii := true
	for i := range len(path) {
		if path[i] >= utf8.RuneSelf {
			ascii = false
			break
		}
	}
	if ascii {
		return strings.ToLower(path)
	}
	// Folding can undo composition (and the other way round), hence NFC again.
	return norm.NFC.String(cases.Fold().String(norm.NFC.String(path)))
}
