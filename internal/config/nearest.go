package config

import (
	"slices"
	"strings"
)

// nearestKey gives the known key or section most like an unknown one, or "".
func (t *table) nearestKey(key string) string {
	best, score := "", 1<<30
	for _, known := range t.names {
		if (section(known) == known) != (section(key) == key) {
			continue // sections are compared with sections
		}
		if d := likeness(key, known); d < score {
			best, score = known, d
		}
	}
	if score > len(key)/4+1 {
		return ""
	}
	return t.current(best)
}

// nearestEnv always gives a name, and whether it is so near that it was probably meant.
func (t *table) nearestEnv(rest string) (name string, near bool) {
	best, score := "", 1<<30
	for _, known := range t.names {
		if t.exact[known] == nil {
			continue
		}
		if d := distance(squeeze(rest), squeeze(envForm(known))); d < score {
			best, score = known, d
		}
	}
	return envPrefix + strings.ToUpper(envForm(t.current(best))), score <= len(rest)/6+1
}

// current replaces the old name of an option by its new one.
func (t *table) current(key string) string {
	if o := t.exact[key]; o != nil && o.Status == Deprecated {
		return o.Note
	}
	return key
}

// likeness is the distance of two keys, where the right name in the wrong section is nearly right.
func likeness(key, known string) int {
	key = strings.ToLower(key)
	d := distance(squeeze(key), squeeze(known))
	if leaf := lastPart(known); lastPart(key) == leaf && leaf != known && len(leaf) > 3 {
		d = min(d, 1)
	}
	return d
}

// securityTwin names the security section or option that an unknown top-level name
// was probably meant to be: `athu`, `Services`, or a key that slipped out of its section.
func (t *table) securityTwin(name string) string {
	low := squeeze(strings.ToLower(name))
	for _, section := range securitySections() {
		if strings.HasPrefix(low, strings.TrimSuffix(section, "s")) || distance(low, section) <= max(1, len(section)/4) || sameLetters(low, section) {
			return section
		}
	}
	for _, o := range t.options {
		if leaf := squeeze(lastPart(o.Key)); isSecuritySection(o.Section()) && o.Status != Ignored && distance(low, leaf) <= len(leaf)/8 {
			return t.current(o.Key)
		}
	}
	return ""
}

func sameLetters(a, b string) bool {
	x, y := []byte(a), []byte(b)
	slices.Sort(x)
	slices.Sort(y)
	return string(x) == string(y)
}

// children lists the names directly below a section, for messages that have no nearest name.
func (t *table) children(section string) []string {
	var names []string
	for _, o := range t.options {
		below, ok := strings.CutPrefix(o.Key, section+".")
		if !ok || o.Status == Ignored || o.Status == Deprecated {
			continue
		}
		if name, _, _ := strings.Cut(below, "."); !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

func lastPart(key string) string { return key[strings.LastIndexByte(key, '.')+1:] }

// squeeze makes key_cloak and key-cloak look alike.
func squeeze(s string) string { return strings.NewReplacer("_", "", "-", "", " ", "").Replace(s) }

// distance counts insertions, deletions, replacements and swaps of neighbours
// (optimal string alignment) that turn a into b. Very long names are not worth comparing.
func distance(a, b string) int {
	if len(a) > 100 || len(b) > 100 {
		return 1 << 20
	}
	before, row := make([]int, len(b)+1), make([]int, len(b)+1)
	next := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		next[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			next[j] = min(row[j]+1, next[j-1]+1, row[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				next[j] = min(next[j], before[j-2]+1)
			}
		}
		before, row, next = row, next, before
	}
	return row[len(b)]
}
