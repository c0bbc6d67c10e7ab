package normalize

import (
	"strings"
	"unicode"

	"oasis/internal/data/archive"
	"oasis/internal/data/metainfo"
)

// identifierNames are the quantities in which a section keeps its readable identifier.
type identifierNames struct{ owner, time, short, id string }

// readableIdentifiers makes an identifier such as FHI_AdLo_20240102_XRD-of-S1 (spec metainfo-archive.md §8.4).
func (r *run) readableIdentifiers(s *archive.Section) {
	r.identify(s, identifierNames{"owner", "datetime", "short_name", "lab_id"})
}

func (r *run) sampleID(s *archive.Section) {
	r.identify(s, identifierNames{"sample_owner", "creation_datetime", "sample_short_name", "sample_id"})
}

func (r *run) identify(s *archive.Section, names identifierNames) {
	initials := ""
	words := strings.Fields(r.src.AuthorName)
	if len(words) > 0 {
		initials = firstLetters(words[0], 2) + firstLetters(words[len(words)-1], 2)
	}
	if s.Text(names.owner) == "" {
		setText(s, names.owner, initials)
	}
	if s.Text("institute") == "" {
		institute := capitals(r.src.AuthorAffiliation)
		if institute == "" && len(words) > 0 {
			institute = firstLetters(words[0], 1) + firstLetters(words[len(words)-1], 1)
		}
		setText(s, "institute", institute)
	}
	if s.Values[names.time] == nil {
		if parent := s.Parent.Text("datetime"); parent != "" {
			s.Values[names.time] = parent
		} else if !r.src.EntryCreateTime.IsZero() {
			s.Values[names.time] = metainfo.FormatTime(r.src.EntryCreateTime)
		}
	}
	if s.Text(names.short) == "" {
		name := s.Parent.Text("name")
		if name == "" {
			name = r.entryName()
		}
		name, _, _ = strings.Cut(name, ".")
		setText(s, names.short, strings.NewReplacer("_", "-", " ", "-").Replace(name))
	}
	at, hasTime := metainfo.ParseTime(s.Text(names.time))
	institute, owner, short := s.Text("institute"), s.Text(names.owner), s.Text(names.short)
	if s.Text(names.id) == "" && hasTime && institute != "" && owner != "" && short != "" {
		s.Values[names.id] = strings.Join([]string{institute, owner, at.Format("20060102"), short}, "_")
	}
	r.note("lab_ids", s.Text(names.id))
	r.note("sections", s.Def.Name)
}

func firstLetters(word string, n int) string {
	r := []rune(word)
	return string(r[:min(n, len(r))])
}

// capitals are the first letters, at most three, of the words of an affiliation that begin with a capital.
func capitals(affiliation string) string {
	var out []rune
	for _, word := range strings.Fields(affiliation) {
		switch word {
		case "zu", "of", "the", "fur", "für":
			continue
		}
		if first := []rune(word)[0]; unicode.IsUpper(first) && len(out) < 3 {
			out = append(out, first)
		}
	}
	return string(out)
}
