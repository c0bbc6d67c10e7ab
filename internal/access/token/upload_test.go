package token_test

import (
	"strings"
	"testing"

	"oasis/internal/access/token"
)

const (
	apiSecret = "0123456789abcdef0123456789abcdef"
	someone   = "00000000-0000-0000-0000-000000000001"
	// vector is that of the NOMAD 2.0.0 API for the two above.
	vector = "AAAAAAAAAAAAAAAAAAAAAQ.ir3MLtkinVQNB9GZ5IEayakd3RSadIe3QiRVAfL7hLg"
)

func TestUploadTokenIsThatOfNOMAD(t *testing.T) {
	t.Parallel()
	raw, ok := token.UploadToken(apiSecret, someone)
	if !ok || raw != vector {
		t.Errorf("got %q, %v", raw, ok)
	}
	if raw, ok := token.UploadToken(apiSecret, "ada"); ok {
		t.Errorf("a user id that is no UUID has the token %q", raw)
	}
	for _, given := range []string{vector, "AAAAAAAAAAAAAAAAAAAAAQ==.ir3MLtkinVQNB9GZ5IEayakd3RSadIe3QiRVAfL7hLg=", "AAAAAAAAAAAAAAAAAAAAAQ=====." + vector[23:]} {
		if id, ok := token.ReadUploadToken(apiSecret, given); !ok || id != someone {
			t.Errorf("%s: %q, %v", given, id, ok)
		}
	}
}

func TestForgedUploadTokensAreRefused(t *testing.T) {
	t.Parallel()
	payload, signature, _ := strings.Cut(vector, ".")
	other, _ := token.UploadToken(apiSecret, "00000000-0000-0000-0000-000000000002")
	for _, given := range []string{
		"", ".", payload, payload + ".", "." + signature, payload + "." + signature + ".x", payload + "." + signature[:42],
		strings.Replace(other, other[23:], signature, 1), payload + "." + strings.ToLower(signature), payload + "A." + signature,
		"AAAAAAAAAAAAAAAAAAAAAR." + signature, // the same bytes with other spare bits
		payload + "\n." + signature,
	} {
		if id, ok := token.ReadUploadToken(apiSecret, given); ok {
			t.Errorf("%q is taken for %s", given, id)
		}
	}
	if _, ok := token.ReadUploadToken(apiSecret+"x", vector); ok {
		t.Error("another secret signs too")
	}
}

// What ReadUploadToken takes is, but for padding, what UploadToken makes.
func FuzzReadUploadToken(f *testing.F) {
	f.Add(vector)
	f.Add("AAAAAAAAAAAAAAAAAAAAAQ==.ir3MLtkinVQNB9GZ5IEayakd3RSadIe3QiRVAfL7hLg=")
	f.Add("..")
	f.Fuzz(func(t *testing.T, raw string) {
		id, ok := token.ReadUploadToken(apiSecret, raw)
		if !ok {
			return
		}
		made, ok := token.UploadToken(apiSecret, id)
		if !ok || made != strings.ReplaceAll(raw, "=", "") {
			t.Errorf("%q is taken for %s, whose token is %q", raw, id, made)
		}
	})
}
