package secret_test

import (
	"encoding/hex"
	"testing"

	"oasis/internal/access/secret"
)

// The vector was computed by hand from RFC 5869: extract with a salt of zeros, one block of expand.
func TestDeriveIsHKDF(t *testing.T) {
	t.Parallel()
	const api = "0123456789abcdef0123456789abcdef"
	key := secret.Derive(api, "test")
	if got := hex.EncodeToString(key[:]); got != vector {
		t.Errorf("got %s, want %s", got, vector)
	}
	if key == secret.Derive(api, "test2") || key == secret.Derive(api+"x", "test") {
		t.Error("another purpose or secret gives the same key")
	}
}

const vector = "fad836a7b0107c947e99ec54c924350d7650944b1d3889bb355f2b4c581d19c5"
