package secondfactor_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"oasis/internal/access/identity/secondfactor"
)

// The secret and the codes are those of RFC 6238, appendix B, cut to six digits.
func TestCodesAreThoseOfTheStandard(t *testing.T) {
	t.Parallel()
	const secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
	tests := []struct {
		at   int64
		code string
		last int64
		ok   bool
	}{
		{59, "287082", 0, true},
		{1111111109, "081804", 0, true},
		{1111111109, " 081 804 ", 0, true},
		{1111111111, "081804", 0, true}, // of the period before
		{2000000000, "279037", 0, true},
		{2000000000 + 61, "279037", 0, false},
		{59, "287082", 1, false}, // step 1 is spent
		{59, "287081", 0, false},
		{59, "", 0, false},
	}
	for _, c := range tests {
		if _, ok := secondfactor.CheckCode(secret, c.code, time.Unix(c.at, 0), c.last); ok != c.ok {
			t.Errorf("%q at %d after step %d: %t", c.code, c.at, c.last, ok)
		}
	}
}

func TestSealedSecretsCannotBeSwapped(t *testing.T) {
	t.Parallel()
	key := [32]byte{1}
	sealed, err := secondfactor.Seal(key, "ada", "SECRET")
	if err != nil || strings.Contains(string(sealed), "SECRET") {
		t.Fatalf("%q, %v", sealed, err)
	}
	if got, err := secondfactor.Open(key, "ada", sealed); err != nil || got != "SECRET" {
		t.Errorf("%q, %v", got, err)
	}
	for name, open := range map[string]func() (string, error){
		"another user": func() (string, error) { return secondfactor.Open(key, "eve", sealed) },
		"another key":  func() (string, error) { return secondfactor.Open([32]byte{2}, "ada", sealed) },
		"cut off":      func() (string, error) { return secondfactor.Open(key, "ada", sealed[:5]) },
	} {
		if got, err := open(); err == nil {
			t.Errorf("%s: %q", name, got)
		}
	}
}

func TestRecoveryCodesAreKeyedAndPersonal(t *testing.T) {
	t.Parallel()
	codes := secondfactor.NewRecoveryCodes()
	seen := map[string]bool{}
	for _, c := range codes {
		seen[c] = true
		if len(c) != 11 || c[5] != '-' {
			t.Errorf("code %q", c)
		}
	}
	if len(seen) != 10 {
		t.Errorf("%d different codes", len(seen))
	}
	digest := secondfactor.RecoveryDigest([32]byte{1}, "ada", codes[0])
	typed := strings.ToLower(strings.ReplaceAll(codes[0], "-", " "))
	if secondfactor.RecoveryDigest([32]byte{1}, "ada", typed) != digest {
		t.Error("spelling matters")
	}
	if secondfactor.RecoveryDigest([32]byte{1}, "eve", codes[0]) == digest || secondfactor.RecoveryDigest([32]byte{2}, "ada", codes[0]) == digest {
		t.Error("digests do not depend on user and key")
	}
}

func FuzzAnswerOf(f *testing.F) {
	f.Add([]byte(`{"id":"a","response":{"clientDataJSON":"eyJjaGFsbGVuZ2UiOiJ4In0"}}`))
	f.Add([]byte(`{}`))
	f.Add([]byte(`null`))
	f.Fuzz(func(t *testing.T, answer []byte) {
		challenge, id, err := secondfactor.AnswerOf(json.RawMessage(answer))
		if err == nil && (challenge == "" || id == "") {
			t.Errorf("%q, %q", challenge, id)
		}
		if err != nil && !errors.Is(err, secondfactor.ErrPasskey) {
			t.Errorf("error %v", err)
		}
	})
}

// FuzzAnswered holds the library against hostile answers: it must refuse, never panic.
func FuzzAnswered(f *testing.F) {
	site, err := secondfactor.NewSite("https://oasis.example/x", "Lab")
	if err != nil {
		f.Fatal(err)
	}
	c, err := site.Ask(nil)
	if err != nil {
		f.Fatal(err)
	}
	f.Add([]byte(`{"id":"YQ","rawId":"YQ","type":"public-key","response":{"clientDataJSON":"e30","authenticatorData":"YQ","signature":"YQ","userHandle":"YQ"}}`))
	f.Add([]byte(`{"id":"YQ","rawId":"YQ","type":"public-key","response":{"clientDataJSON":"e30","attestationObject":"oA"}}`))
	f.Fuzz(func(t *testing.T, answer []byte) {
		if _, err := site.Answered(c.State, json.RawMessage(answer), secondfactor.Owner{ID: "ada"}); !errors.Is(err, secondfactor.ErrPasskey) {
			t.Errorf("answered: %v", err)
		}
		if _, _, err := site.Registered(secondfactor.Owner{ID: "ada"}, c.State, json.RawMessage(answer)); !errors.Is(err, secondfactor.ErrPasskey) {
			t.Errorf("registered: %v", err)
		}
	})
}
