package access

import "strings"

// AllowList is who may use this Oasis (auth.authorized_users): user names,
// e-mail addresses, user ids, "*@domain" and "group:NAME". Case does not matter.
// An empty list is nobody.
type AllowList struct {
	names   map[string]bool
	domains map[string]bool
	groups  map[string]bool
}

// groupPrefix begins an entry that names a group by its name or id.
const groupPrefix = "group:"

// NewAllowList makes a list of the entries as configured; blanks around them do not count.
func NewAllowList(entries []string) *AllowList {
	l := &AllowList{names: map[string]bool{}, domains: map[string]bool{}, groups: map[string]bool{}}
	for _, e := range entries {
		e = strings.ToLower(strings.TrimSpace(e))
		switch {
		case e == "":
		case strings.HasPrefix(e, "*@"):
			l.domains[e[len("*@"):]] = true
		case strings.HasPrefix(e, groupPrefix):
			l.groups[strings.TrimSpace(e[len(groupPrefix):])] = true
		default:
			l.names[e] = true
		}
	}
	return l
}

// Holds tells whether the user is on the list.
func (l *AllowList) Holds(u *User) bool {
	if holds(l.names, u.Username) || holds(l.names, u.Email) || holds(l.names, u.ID) {
		return true
	}
	at := strings.LastIndexByte(u.Email, '@') // a quoted local part may hold one too
	if at > 0 && holds(l.domains, u.Email[at+1:]) {
		return true
	}
	if len(l.groups) == 0 {
		return false
	}
	for _, g := range u.Groups {
		if holds(l.groups, g) {
			return true
		}
	}
	return false
}

// NamesGroup tells whether the list lets in whoever is in a group of this name or id.
func (l *AllowList) NamesGroup(name string) bool {
	return l != nil && l.groups[strings.ToLower(strings.TrimSpace(name))]
}

// holds looks a text up in lower case; usual ones without allocating.
func holds(set map[string]bool, text string) bool {
	if text == "" || len(set) == 0 {
		return false
	}
	var buffer [128]byte
	if len(text) > len(buffer) {
		return set[strings.ToLower(text)]
	}
	for i := range len(text) {
		c := text[i]
		switch {
		case c >= 0x80:
			return set[strings.ToLower(text)]
		case 'A' <= c && c <= 'Z':
			c += 'a' - 'A'
		}
		buffer[i] = c
	}
	return set[string(buffer[:len(text)])]
}
