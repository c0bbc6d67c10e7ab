// Package weak knows passwords that are guessed first: those of published
// breaches, their usual disguises, rows and repetitions, and the words that
// everybody knows about an account. It asks nobody: the list is in the program.
//
// The list is that of @zxcvbn-ts/language-common 4.1.3 (MIT, LICENSE-common.txt):
// the 49,000 passwords that turn up most often in published breaches.
package weak

import (
	"bytes"
	"compress/gzip"
	_ "embed" // for the list
	"io"
	"slices"
	"strings"
	"sync"
	"unicode"
)

//go:embed common.txt.gz
var packed []byte

// list gives the passwords, sorted. It is unpacked at the first use.
var list = sync.OnceValue(func() []string {
	r, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil // cannot be: it is part of the program, and a test reads it
	}
	text, err := io.ReadAll(r)
	if err != nil {
		return nil
	}
	return strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
})

func common(s string) bool {
	_, found := slices.BinarySearch(list(), s)
	return found
}

// Reason is why a password is weak, "" = it is not.
type Reason string

// The reasons.
const (
	// Common passwords stand in lists that attackers try first, maybe in disguise.
	Common Reason = "common"
	// Pattern is a row or a repetition: 123456789012, abcabcabcabc.
	Pattern Reason = "pattern"
	// Personal is a word that is known about the account or this Oasis.
	Personal Reason = "personal"
)

// shortestWord is the length from which a word about an account counts: in
// shorter ones any sentence would have them by chance.
const shortestWord = 4

// Check tells why the password is weak. known are words about the account: user
// name, e-mail address, names, the name of the lab.
func Check(password string, known ...string) Reason {
	plain := strings.ToLower(strings.TrimSpace(password))
	for _, word := range words(known) {
		if strings.Contains(plain, word) || strings.Contains(undisguised(plain), word) {
			return Personal
		}
	}
	if patterned(plain) {
		return Pattern
	}
	core := strings.TrimRightFunc(plain, notLetter) // of password2026!! the digits are an ending, not a disguise
	inner := strings.TrimLeftFunc(core, notLetter)
	for _, form := range []string{plain, undisguised(plain), undisguised(core), undisguised(inner)} {
		if len(plain)-len(inner) > longestEnding && form != plain {
			continue
		}
		if common(form) || commonCore(form) {
			return Common
		}
	}
	return ""
}

// longestEnding is how many digits and signs around a common password do not save it.
const longestEnding = 8

func notLetter(r rune) bool { return !unicode.IsLetter(r) }

// words gives the parts of what is known that are long enough to count.
func words(known []string) []string {
	var all []string
	for _, k := range known {
		k = strings.ToLower(k)
		parts := strings.FieldsFunc(k, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
		if name, domain, ok := strings.Cut(k, "@"); ok { // of an address the name and the whole, not "example" or "com"
			parts = append(strings.FieldsFunc(name, func(r rune) bool { return !unicode.IsLetter(r) }), name, name+"@"+domain)
		}
		for _, p := range append(parts, k) {
			if len([]rune(p)) >= shortestWord {
				all = append(all, p)
			}
		}
	}
	return all
}

// undisguised takes back what people do to words: p4$$w0rd is password.
func undisguised(s string) string {
	return strings.NewReplacer("0", "o", "1", "i", "3", "e", "4", "a", "5", "s", "7", "t", "8", "b", "9", "g", "@", "a", "$", "s", "!", "i").Replace(s)
}

// commonCore tells whether one or two common passwords, with digits and signs
// around them, are all there is: Password2026!!, sunshine-dragon7.
func commonCore(s string) bool {
	parts := strings.FieldsFunc(s, notLetter)
	rest := 0
	for _, r := range s {
		if notLetter(r) {
			rest++
		}
	}
	switch len(parts) {
	case 0: // nothing but digits and signs: as good as they are many
		return rest < 16
	case 1:
		return rest <= longestEnding && pieces(parts[0], 2)
	case 2:
		return rest <= 6 && common(parts[0]) && common(parts[1])
	}
	return false
}

// pieces tells whether the text is at most n common passwords put together.
func pieces(s string, n int) bool {
	if common(s) {
		return true
	}
	if n < 2 {
		return false
	}
	for i := shortestWord; i <= len(s)-shortestWord; i++ {
		if common(s[:i]) && pieces(s[i:], n-1) {
			return true
		}
	}
	return false
}

// rows are what fingers and heads run along.
const rows = "abcdefghijklmnopqrstuvwxyz 01234567890123456789 qwertyuiop asdfghjkl zxcvbnm qwertzuiop yxcvbnm azertyuiop"

// patterned tells whether a text is few characters again and again, or made of rows.
func patterned(s string) bool {
	letters := []rune(s)
	if len(letters) == 0 {
		return true
	}
	for period := 1; period <= min(4, len(letters)/2); period++ {
		same := true
		for i := period; i < len(letters) && same; i++ {
			same = letters[i] == letters[i-period]
		}
		if same {
			return true
		}
	}
	different := map[rune]bool{}
	for _, r := range letters {
		different[r] = true
	}
	return len(different) <= 3 || inRows(s)
}

// inRows tells whether the text is made of at most three stretches of rows, forwards or backwards.
func inRows(s string) bool {
	for range 3 {
		n := 0
		for n < len(s) && (strings.Contains(rows, s[:n+1]) || strings.Contains(rows, reversed(s[:n+1]))) {
			n++
		}
		if n < 3 {
			return false
		}
		if s = s[n:]; s == "" {
			return true
		}
	}
	return false
}

func reversed(s string) string {
	b := []byte(s)
	slices.Reverse(b)
	return string(b)
}
