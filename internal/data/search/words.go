package search

import (
	"strings"
	"unicode"
)

// maxWord is the length in runes after which a word is cut into pieces, as the
// standard tokeniser of the original index does.
const maxWord = 255

// words splits a text into lower-cased words: runs of letters, marks, digits and
// underscores. A point or comma between two digits, and a point, colon or
// apostrophe between two letters, do not split (Unicode UAX #29, in short).
func words(text string) []string {
	runes := []rune(strings.ToLower(text))
	var out []string
	start := -1
	flush := func(end int) {
		for ; start >= 0 && start < end; start += maxWord {
			out = append(out, string(runes[start:min(end, start+maxWord)]))
		}
		start = -1
	}
	for i, r := range runes {
		switch {
		case ideograph(r):
			flush(i)
			out = append(out, string(r))
		case inWord(r):
			if start < 0 {
				start = i
			}
		case start >= 0 && i+1 < len(runes) && joins(runes[i-1], r, runes[i+1]):
		default:
			flush(i)
		}
	}
	flush(len(runes))
	return out
}

func inWord(r rune) bool {
	return r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r)
}

// ideograph is a character that is a word of its own.
func ideograph(r rune) bool { return unicode.In(r, unicode.Han, unicode.Hiragana) }

func joins(before, r, after rune) bool {
	letters := unicode.IsLetter(before) && unicode.IsLetter(after) && !ideograph(after)
	digits := unicode.IsDigit(before) && unicode.IsDigit(after)
	switch r {
	case '.', '\'', '’':
		return letters || digits
	case ':', '·':
		return letters
	case ',', ';':
		return digits
	default:
		return false
	}
}
