package identity

import (
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// capitalised is a name as it is stored: trimmed, its first letter large (spec auth.md §7).
func capitalised(name string) string {
	name = strings.TrimSpace(name)
	for i, r := range name {
		return string(unicode.ToUpper(r)) + name[i+len(string(r)):]
	}
	return name
}

// userNameFor makes a user name out of what is known of somebody: first letter of
// the first name and the last name, or the last name, or what stands before the @
// (spec auth.md §7). taken tells whether a name is in use; 1, 2, 3 … are appended
// one after the other until a name is free.
func userNameFor(u *User, taken func(name string) (bool, error)) (string, error) {
	name := u.Username
	if !userNamePattern.MatchString(name) {
		first, last := plainName(u.FirstName), plainName(u.LastName)
		mailbox, _, _ := strings.Cut(u.Email, "@")
		switch {
		case name != "":
			mailbox, _, _ = strings.Cut(name, "@")
			name = plainName(mailbox)
		case first != "" && last != "":
			name = first[:1] + last
		case last != "":
			name = last
		default:
			name = plainName(mailbox)
		}
	}
	if name == "" {
		name = "user"
	}
	name = name[:min(len(name), 48)]
	for n := 1; ; n++ {
		used, err := taken(name)
		if err != nil || !used {
			return name, err
		}
		if len(name) > 60 { // after some thirty people of one name: start the numbers over
			name = name[:40]
		}
		name += strconv.Itoa(n)
	}
}

// plainName transliterates to lower-case ASCII and drops what no user name may hold.
func plainName(text string) string {
	var b strings.Builder
	for _, r := range norm.NFKD.String(text) {
		r = unicode.ToLower(r)
		if latin, ok := transliteration[r]; ok {
			b.WriteString(latin)
			continue
		}
		if r < 0x80 && (unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune("_.-", r)) {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// transliteration holds letters that decomposing does not turn into ASCII.
//
//nolint:gochecknoglobals // a table that never changes
var transliteration = func() map[rune]string {
	table := map[rune]string{'ß': "ss", 'æ': "ae", 'œ': "oe", 'ø': "o", 'đ': "d", 'ð': "d", 'þ': "th", 'ł': "l", 'ı': "i", 'ħ': "h"}
	latin := strings.Fields("a b v g d e zh z i y k l m n o p r s t u f kh ts ch sh shch - y - e yu ya")
	for i, r := range []rune("абвгдежзийклмнопрстуфхцчшщъыьэюя") {
		table[r] = strings.Trim(latin[i], "-")
	}
	greek := strings.Fields("a v g d e z i th i k l m n x o p r s s t y f ch ps o")
	for i, r := range []rune("αβγδεζηθικλμνξοπρςστυφχψω") {
		table[r] = greek[i]
	}
	return table
}()
