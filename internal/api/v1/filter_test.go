package v1

import (
	"regexp"
	"strings"
	"testing"
)

func TestGlobPattern(t *testing.T) {
	t.Parallel()
	tests := []struct {
		glob, path string
		want       bool
	}{
		{"*.txt", "a/b.txt", true},
		{"b.txt", "a/b.txt", true},
		{"a/b", "a/b.txt", false},
		{"vasp*", "x/vasp/run.xml", true},
		{"?.txt", "b.txt", true},
		{"?.txt", ".txt", false},
		{"[ab].txt", "b.txt", true},
		{"[!ab].txt", "b.txt", false},
		{"[!ab].txt", "c.txt", true},
		{"[.txt", "a[.txt", true},
		{"[]].txt", "].txt", true},
		{"[\\].txt", "\\.txt", true},
		{"a.c", "abc", false},
		{"(a|b)", "a", false},
		{"ä*", "ä/x", true},
		{"", "anything", true},
	}
	for _, tt := range tests {
		re, err := regexp.Compile(globPattern(tt.glob))
		if err != nil {
			t.Errorf("%s: %v", tt.glob, err)
			continue
		}
		if got := re.MatchString(tt.path); got != tt.want {
			t.Errorf("%s matches %s: %v, want %v (%s)", tt.glob, tt.path, got, tt.want, re)
		}
	}
}

// A pattern of a user becomes a valid expression or a refusal, and a path without
// special characters always matches itself.
func FuzzGlobPattern(f *testing.F) {
	for _, seed := range []string{"*", "[a-z]", "[z-a]", "[", "[]", "[!]", "[[:x:]]", "\\", "a.b", "**?", "\xff"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, glob string) {
		keep, err := (&FileFilter{Glob: glob}).compile()
		if err != nil || keep == nil {
			return
		}
		if !strings.ContainsAny(glob, "*?[") && !keep("dir/"+glob) {
			t.Errorf("%q does not match itself", glob)
		}
	})
}

func TestDisposition(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, want string }{
		{"a.txt", `attachment; filename="a.txt"; filename*=UTF-8''a.txt`},
		{"a b.txt", `attachment; filename="a b.txt"; filename*=UTF-8''a%20b.txt`},
		{"ä.txt", `attachment; filename="_.txt"; filename*=UTF-8''%C3%A4.txt`},
		{`a"\.txt`, `attachment; filename="a\"\\.txt"; filename*=UTF-8''a%22%5C.txt`},
		{"a\r\nX: y", `attachment; filename="a__X: y"; filename*=UTF-8''a%0D%0AX%3A%20y`},
	}
	for _, tt := range tests {
		if got := disposition(tt.name); got != tt.want {
			t.Errorf("%q: %s", tt.name, got)
		}
	}
}

func TestMediaTypes(t *testing.T) {
	t.Parallel()
	long := strings.Repeat(" ", sniffed)
	tests := []struct{ name, content, want string }{
		{"a.txt", "hello", "text/plain; charset=utf-8"},
		{"a.json", `{"a": 1}`, "application/json"},
		{"a.txt", `[1]`, "application/json"},
		{"a.json", `{"a": ` + long, "application/json"},
		{"a.txt", `{"a": ` + long, "text/plain; charset=utf-8"},
		{"a.json", "{broken", "text/plain; charset=utf-8"},
		{"a.svg", `<svg xmlns="x"></svg>`, "image/svg+xml"},
		{"a.svg", `<?xml version="1.0"?><svg></svg>`, "image/svg+xml"},
		{"a.html", `<html><svg></svg></html>`, "text/html; charset=utf-8"},
		{"a", "", "application/x-empty"},
		{"a.png", "\x89PNG\r\n\x1a\n", "image/png"},
		{"a.bin", "\x00\x01\x02\xff", "application/octet-stream"},
	}
	for _, tt := range tests {
		if got := kindOf(tt.name, strings.NewReader(tt.content)); got != tt.want {
			t.Errorf("%s %.20q: %s, want %s", tt.name, tt.content, got, tt.want)
		}
	}
}
