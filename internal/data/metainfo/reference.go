package metainfo

import (
	"strconv"
	"strings"
)

// Link is a parsed reference to a place in an archive (spec metainfo-archive.md
// §2.3). A Link with only a Fragment points into the same entry.
type Link struct {
	// Host is the address of another installation, up to and without "/uploads/…".
	Host string
	// UploadID is empty for the same upload.
	UploadID string
	// EntryID or Mainfile names the entry; both are empty for the same entry.
	EntryID, Mainfile string
	// Fragment is what follows '#', without leading slashes, such as "data/steps/0" or "MySample".
	Fragment string
}

// ParseLink reads a reference; ok is false for text that is none. Text without
// a fragment is no reference, and neither is archive/a/b other than archive/mainfile/….
func ParseLink(text string) (l Link, ok bool) {
	address, fragment, found := strings.Cut(text, "#")
	if !found {
		if !strings.HasPrefix(text, "/") || strings.HasPrefix(text, "/upload") || strings.HasPrefix(text, "/entries/") {
			return Link{}, false
		}
		address, fragment = "", text
	}
	l.Fragment = strings.Trim(strings.ReplaceAll(fragment, "//", "/"), "/")
	if address == "" {
		return l, l.Fragment != ""
	}
	if at := strings.Index(address, "/uploads/"); strings.HasPrefix(address, "http") && strings.Contains(address, "://") {
		if at < 0 {
			return Link{}, false
		}
		l.Host, address = address[:at], address[at:]
	}
	address = strings.TrimPrefix(strings.TrimPrefix(address, ".."), "/")
	kind, rest, _ := strings.Cut(address, "/")
	switch kind {
	case "entries":
		entry, tail, _ := strings.Cut(rest, "/")
		l.EntryID = entry
		return l, entry != "" && tail == "archive"
	case "uploads":
		if l.UploadID, rest, _ = strings.Cut(rest, "/"); l.UploadID == "" {
			return Link{}, false
		}
	case "upload":
	default:
		return Link{}, false
	}
	kind, rest, _ = strings.Cut(rest, "/")
	switch {
	case rest == "":
		return Link{}, false
	case kind == "raw":
		l.Mainfile = rest
	case kind != "archive":
		return Link{}, false
	case strings.HasPrefix(rest, "mainfile/"):
		l.Mainfile = strings.TrimPrefix(rest, "mainfile/")
	case strings.Contains(rest, "/"):
		return Link{}, false
	default:
		l.EntryID = rest
	}
	return l, l.EntryID != "" || l.Mainfile != ""
}

// Local tells whether the link points into the same entry.
func (l Link) Local() bool {
	return l.Host == "" && l.UploadID == "" && l.EntryID == "" && l.Mainfile == ""
}

// String writes the link in its stored form; a link by main file keeps that
// form, because only the caller knows entry ids.
func (l Link) String() string {
	fragment := "#/" + l.Fragment
	if l.Local() {
		return fragment
	}
	entry := l.EntryID
	if entry == "" {
		entry = "mainfile/" + l.Mainfile
	}
	switch {
	case l.Host != "":
		return l.Host + "/uploads/" + l.UploadID + "/archive/" + entry + fragment
	case l.UploadID != "":
		return "../uploads/" + l.UploadID + "/archive/" + entry + fragment
	}
	return "../upload/archive/" + entry + fragment
}

// Within finds the section a fragment names: a name path such as MySample/Layer
// or a property path such as definitions/section_definitions/0 or
// definitions/sections/MySample; nil if there is none.
func (p *Package) Within(fragment string) *Section {
	fragment = strings.Trim(fragment, "/")
	if s := p.Find(strings.ReplaceAll(fragment, "/", ".")); s != nil {
		return s
	}
	parts := strings.FieldsFunc(fragment, func(r rune) bool { return r == '/' })
	if len(parts) > 0 && parts[0] == "definitions" {
		parts = parts[1:]
	}
	level := p.Sections
	var at *Section
	for i := 0; i+1 < len(parts); i += 2 {
		switch parts[i] {
		case "section_definitions", "section_defs", "sections", "inner_section_definitions", "inner_section_defs", "inner_sections":
		default:
			return nil
		}
		at = nil
		if n, err := strconv.Atoi(parts[i+1]); err == nil {
			if n >= 0 && n < len(level) {
				at = level[n]
			}
		} else {
			for _, s := range level {
				if s.Name == parts[i+1] {
					at = s
				}
			}
		}
		if at == nil {
			return nil
		}
		level = at.Inner
	}
	if len(parts)%2 != 0 {
		return nil
	}
	return at
}
