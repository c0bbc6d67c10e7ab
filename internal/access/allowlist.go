package access

import "strings"

// AllowList is who may use this Oasis (auth.authorized_users): user names,
// e-mail addresses, user ids and "*@domain". Case does not matter. An empty list
// is nobody.
type AllowList struct {
	names   map[string]bool
	domains map[string]bool
}

// NewAllowList makes a list of the entries as configured; blanks around them do not count.
func NewAllowList(entries []string) *AllowList {
	l := &AllowList{names: map[string]bool{}, domains: map[string]bool{}}
	for _, e := range entries {
		e = strings.ToLower(strings.TrimSpace(e))
		switch {
		case e == "":
		case strings.HasPrefix(e, "*@"):
			l.domains[e[len("*@"):]] = true
		default:
			l.names[e] = true
		}
	}
	return l
}

// Holds tells whether the user is on the list.
func (l *AllowList) Holds(u *User) bool {
	email := strings.ToLower(u.Email)
	for _, name := range []string{strings.ToLower(u.Username), email, strings.ToLower(u.ID)} {
		if name != "" && l.names[name] {
			return true
		}
	}
	at := strings.LastIndex(email, "@") // a quoted local part may hold one too
	return at > 0 && l.domains[email[at+1:]]
}
