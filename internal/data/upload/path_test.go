package upload_test

import (
	"strings"
	"testing"

	"oasis/internal/data/upload"
	"oasis/internal/problem"
)

func TestRefusedPathsSayWhatClientsKnow(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]string{
		"../a":                    "Bad path provided.",
		"/a":                      "Bad path provided.",
		"a//b":                    "Bad path provided.",
		"a\x00":                   "Bad path provided.",
		strings.Repeat("n", 256):  "Bad path provided: it is beyond a limit: one name in it has 256 bytes, at most 255 are possible.",
		strings.Repeat("d/", 65):  "Bad path provided: it is beyond a limit: it is 65 folders deep, at most 64 are possible.",
		strings.Repeat("d/", 513): "Bad path provided: it is beyond a limit: it has 1025 bytes, at most 1024 are possible.",
		"a\xff":                   "Bad path provided: it is not valid UTF-8.",
	} {
		if _, err := upload.SafePath(path); !problem.Is(err, problem.BadRequest) || problem.As(err).Detail != want {
			t.Errorf("%.20q: %v", path, err)
		}
	}
	if clean, err := upload.SafePath("a/./b/"); err != nil || clean != "a/b" {
		t.Errorf("a safe path: %q, %v", clean, err)
	}
	for _, name := range []string{"", ".", "..", "a/b", "a\x00"} {
		if err := upload.SafeBase(name); !problem.Is(err, problem.BadRequest) || problem.As(err).Detail != "Bad file name provided." {
			t.Errorf("%q: %v", name, err)
		}
	}
	if err := upload.SafeBase("a b.txt"); err != nil {
		t.Error(err)
	}
	if upload.ClashKey("A/É") != upload.ClashKey("a/e\u0301") {
		t.Error("names that clash have different keys")
	}
}
