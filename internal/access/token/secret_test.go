package token_test

import (
	"strings"
	"testing"

	"oasis/internal/access/token"
)

func TestDigestVector(t *testing.T) {
	t.Parallel()
	const want = "655f93088b29e0d5a3569156ef939a7c40965c16f72a3cd83d99c91db2bf169b" // spec auth.md §2
	if got := token.Digest("nomad_pat_test"); got != want {
		t.Errorf("got %s", got)
	}
}

func TestNewSecretIsWellFormedAndATypoIsNot(t *testing.T) {
	t.Parallel()
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	for range 50 {
		raw := token.NewSecret()
		if len(raw) != 59 || !strings.HasPrefix(raw, "nomad_pat_") || !token.WellFormed(raw) {
			t.Fatalf("%q is not a token", raw)
		}
		if !token.WellFormed(raw[:53]) {
			t.Fatal("the plain form of 53 characters must be looked up")
		}
		for i := len(token.Prefix); i < len(raw); i++ {
			wrong := alphabet[(strings.IndexByte(alphabet, raw[i])+1)%len(alphabet)]
			if token.WellFormed(raw[:i] + string(wrong) + raw[i+1:]) {
				t.Fatalf("a typo at %d was not noticed", i)
			}
		}
	}
}

func TestWhatIsNoTokenAtAll(t *testing.T) {
	t.Parallel()
	for _, raw := range []string{
		"", "nomad_pat_", "nomad_pat_test", "NOMAD_PAT_" + strings.Repeat("a", 43), "nomad_pat_" + strings.Repeat("a", 42),
		"nomad_pat_" + strings.Repeat("a", 44), "nomad_pat_" + strings.Repeat("=", 43), "nomad_pat_" + strings.Repeat("a", 49),
		"nomad_pat_" + strings.Repeat("a", 5000), "nomad_pat_" + strings.Repeat("\x00", 43),
	} {
		if token.WellFormed(raw) {
			t.Errorf("%.70q passes as a token", raw)
		}
	}
}

func FuzzWellFormed(f *testing.F) {
	f.Add(token.NewSecret())
	f.Add("nomad_pat_" + strings.Repeat("a", 43))
	f.Add("nomad_pat_\xff")
	f.Fuzz(func(t *testing.T, raw string) {
		if token.WellFormed(raw) && len(raw) != 53 && len(raw) != 59 {
			t.Errorf("%q", raw)
		}
	})
}
