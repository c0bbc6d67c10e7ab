package api

import (
	"encoding/base64"
	"strings"
	"testing"

	"oasis/internal/access"
	"oasis/internal/access/token"
)

// Authorization headers come from anybody. Whatever they hold, a credential is
// taken only where decisions 4 says so, and it is a part of what was sent.
func FuzzAuthorization(f *testing.F) {
	pat := token.NewSecret()
	for _, seed := range []string{
		"", "Bearer", "Bearer ", "Bearer x", "bearer  x ", "Basic", "Basic !", "Digest x", "Bearerx", "\x00",
		"Basic " + base64.StdEncoding.EncodeToString([]byte("joe:"+pat)), "Basic " + base64.StdEncoding.EncodeToString([]byte("joe:secret")),
		"Basic " + base64.StdEncoding.EncodeToString([]byte("a:b:"+pat)), "Basic " + base64.StdEncoding.EncodeToString([]byte(pat)),
	} {
		f.Add(seed, "")
		f.Add("Basic eDp5", seed)
	}
	f.Fuzz(func(t *testing.T, first, second string) {
		p := authorization([]string{first, second})
		bearer := func(value string) bool {
			scheme, _, _ := strings.Cut(strings.TrimSpace(value), " ")
			return strings.EqualFold(scheme, "bearer")
		}
		switch {
		case bearer(first) || bearer(second):
			if p == nil || p.Owner != "" {
				t.Fatalf("a Bearer token was not taken: %+v", p)
			}
			if !strings.Contains(first, p.Secret) && !strings.Contains(second, p.Secret) {
				t.Errorf("secret %q was not sent", p.Secret)
			}
		case p != nil && !strings.HasPrefix(p.Secret, token.Prefix):
			t.Errorf("a password that is no token of ours was taken: %+v", p)
		}
		if p != nil && p.Place == access.InSession {
			t.Error("a header became a session")
		}
	})
}

func TestLocation(t *testing.T) {
	t.Parallel()
	tests := []struct {
		path string
		want []any
	}{
		{"body", []any{"body"}},
		{"query.page_size", []any{"query", "page_size"}},
		{"body.metadata.scopes[1]", []any{"body", "metadata", "scopes", 1}},
		{"body[0][12].x", []any{"body", 0, 12, "x"}},
		{"body.a[b]", []any{"body", "a", "b"}},
		{"", nil},
	}
	for _, tt := range tests {
		got := location(tt.path)
		if len(got) != len(tt.want) {
			t.Errorf("%s: %v", tt.path, got)
			continue
		}
		for i := range got {
			if got[i] != tt.want[i] {
				t.Errorf("%s: %v, want %v", tt.path, got, tt.want)
			}
		}
	}
}
