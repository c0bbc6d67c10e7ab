package config

import (
	"fmt"
	"log/slog"
	"strings"
	"unicode"
)

// Problem is one reason not to start with this configuration.
type Problem struct {
	// Source is the file as it was named, or the environment variable.
	Source string
	// Line and Column count from 1; both are 0 when Source is no file.
	Line, Column int
	// Key is the dotted name of the option, if one is concerned.
	Key string
	// Message is a sentence without its full stop; it names the key and what was found.
	Message string
	// Accepted says what would be right, if the message does not.
	Accepted string
	// Nearest is the known name most like an unknown one.
	Nearest string
	// Excerpt shows the line with a mark under the place; values that may be secret are cut off.
	Excerpt string
}

// Error tells where, what, what would be right, and shows the line.
func (p *Problem) Error() string {
	var b strings.Builder
	b.WriteString(p.place())
	b.WriteString(strings.TrimSuffix(p.Message, "."))
	if p.Nearest != "" {
		fmt.Fprintf(&b, ". Did you mean %s?", p.Nearest)
	} else if p.Accepted != "" {
		fmt.Fprintf(&b, ". Accepted: %s", p.Accepted)
	}
	if p.Excerpt != "" {
		b.WriteString("\n" + p.Excerpt)
	}
	return b.String()
}

func (p *Problem) place() string {
	switch {
	case p.Source == "":
		return ""
	case p.Line == 0:
		return p.Source + ": "
	case p.Column == 0:
		return fmt.Sprintf("%s:%d: ", p.Source, p.Line)
	}
	return fmt.Sprintf("%s:%d:%d: ", p.Source, p.Line, p.Column)
}

// Problems are all reasons found in one load, in the order of the sources. It is the
// error of [Load]; the command line ends with status 2 on it.
type Problems []*Problem

// Error joins the problems, one paragraph each.
func (ps Problems) Error() string {
	texts := make([]string, 0, len(ps))
	for _, p := range ps {
		texts = append(texts, p.Error())
	}
	return strings.Join(texts, "\n")
}

// Notice is one log line about a configuration that can be used.
type Notice struct {
	// Level is Info for what is merely good to know, Warn and Error for what has no effect though somebody wanted it.
	Level slog.Level
	// Text is one line.
	Text string
}

// excerpt shows line number n of a file with a mark under column. With hide, and whenever
// the line looks as if it held a secret, only the part up to the first colon is shown.
func excerpt(lines []string, n, column int, hide bool) string {
	if n < 1 || n > len(lines) {
		return ""
	}
	text := []rune(strings.TrimRightFunc(oneLine(lines[n-1]), unicode.IsSpace))
	if hide || looksSecret(string(text)) {
		text = cutValue(text)
	}
	if len(text) > maxShown*2 {
		text = append(text[:maxShown*2], '…')
	}
	if len(text) == 0 {
		return ""
	}
	number := fmt.Sprintf("%4d | ", n)
	shown := number + string(text)
	if column > 0 && column <= len(text) {
		shown += "\n" + strings.Repeat(" ", len(number)-2) + "| " + strings.Repeat(" ", column-1) + "^"
	}
	return shown
}

func cutValue(text []rune) []rune {
	for i, r := range text {
		if r == ':' {
			if i == len(text)-1 {
				return text
			}
			return append(text[:i+1:i+1], []rune(" (hidden)")...)
		}
	}
	// No key in sight: the line may be the value itself.
	return []rune("(hidden)")
}

func looksSecret(line string) bool {
	line = strings.ToLower(line)
	for _, word := range []string{"secret", "password", "passwd", "token", "api_key", "private", "crypt", "://"} {
		if strings.Contains(line, word) {
			return true
		}
	}
	return false
}

// maxShown is how much of a value or name a message repeats.
const maxShown = 60

// shown quotes a value for a message, on one line and not too long.
func shown(s string) string {
	if r := []rune(s); len(r) > maxShown {
		s = string(r[:maxShown]) + "…"
	}
	return fmt.Sprintf("%q", s)
}

// printable makes a name from outside fit for a log line.
func printable(s string) string {
	if r := []rune(s); len(r) > 2*maxShown {
		s = string(r[:2*maxShown]) + "…"
	}
	return oneLine(s)
}

func oneLine(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\t':
			return ' '
		case !unicode.IsPrint(r):
			return '?'
		}
		return r
	}, strings.TrimSuffix(s, "\r"))
}
