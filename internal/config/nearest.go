package config

import (
	"slices"
	"strings"
)

// nearestKey gives the known key most like an unknown one, or "".
func (t *table) nearestKey(key string) string {
	best, score := t.closest(key, func(o *Option) string { return o.Key })
	if best == nil || score > len(key)/3+1 {
		return ""
	}
	return replacement(best)
}

// nearestEnv always gives a name, and whether it is so near that it was probably meant.
func (t *table) nearestEnv(rest string) (name string, near bool) {
	best, score := t.closest(rest, func(o *Option) string { return envForm(o.Key) })
	if best == nil {
		return "", false
	}
	return "NOMAD_" + strings.ToUpper(envForm(replacement(best))), score <= len(rest)/4+1
}

func replacement(o *Option) string {
	if o.Status == Deprecated {
		return o.Note
	}
	return o.Key
}

// closest compares whole names; a name whose last part is right but stands in the
// wrong section counts as nearly right.
func (t *table) closest(name string, form func(*Option) string) (*Option, int) {
	name = strings.ToLower(name)
	var best *Option
	score := 1 << 30
	for _, o := range t.options {
		if o.Status == Ignored {
			continue
		}
		d := distance(squeeze(name), squeeze(form(o)))
		if leaf := lastPart(o.Key); lastPart(name) == leaf && len(leaf) > 3 {
			d = min(d, 1)
		}
		if d < score {
			best, score = o, d
		}
	}
	return best, score
}

// securityTwin names the security section or option that an unknown top-level name
// was probably meant to be: `athu`, `Services`, `auth.x`, or a key that slipped out of its section.
func (t *table) securityTwin(name string) string {
	plain := squeeze(strings.ToLower(name))
	if section, _, dotted := strings.Cut(strings.ToLower(name), "."); dotted && isSecuritySection(section) {
		return section
	}
	for _, section := range []string{"auth", "oasis", "keycloak", "oidc", "services"} {
		if strings.HasPrefix(plain, strings.TrimSuffix(section, "s")) || distance(plain, section) <= max(1, len(section)/4) {
			return section
		}
	}
	for _, o := range t.options {
		if leaf := squeeze(lastPart(o.Key)); isSecuritySection(o.Section()) && o.Status != Ignored && distance(plain, leaf) <= len(leaf)/8 {
			return replacement(o)
		}
	}
	return ""
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
