package token_test

import (
	"encoding/base64"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"

	"oasis/internal/access/token"
)

// simple is a token made by another library: header, payload and signature of
// HS256 over {"user":"00000000-0000-0000-0000-000000000001","exp":1772366400}.
const simple = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9." +
	"eyJ1c2VyIjoiMDAwMDAwMDAtMDAwMC0wMDAwLTAwMDAtMDAwMDAwMDAwMDAxIiwiZXhwIjoxNzcyMzY2NDAwfQ." +
	"IMqVFFdwcQxVnP8_Hqu37lvuM3zP-uLNLQvnJ_lKv88"

func end() time.Time { return time.Unix(1772366400, 0) }

func TestSimpleTokenIsThatOfNOMAD(t *testing.T) {
	t.Parallel()
	if raw := token.SimpleToken(apiSecret, someone, end()); raw != simple {
		t.Errorf("got  %s\nwant %s", raw, simple)
	}
	for name, tc := range map[string]struct {
		now  time.Time
		want error
	}{
		"just before the end": {end().Add(-time.Nanosecond), nil},
		"at the end":          {end(), token.ErrSimpleExpired},
		"long after":          {end().Add(time.Hour), token.ErrSimpleExpired},
	} {
		id, expires, err := token.ReadSimple(apiSecret, simple, tc.now)
		if !errors.Is(err, tc.want) || err == nil && (id != someone || !expires.Equal(end())) {
			t.Errorf("%s: %q until %v, %v", name, id, expires, err)
		}
	}
}

// signed makes a JWT of any claims with any algorithm.
func signed(t testing.TB, alg jose.SignatureAlgorithm, key any, claims any) string {
	t.Helper()
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: alg, Key: key}, nil)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := jwt.Signed(signer).Claims(claims).Serialize()
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func TestOnlyGenuineSimpleTokensAreTaken(t *testing.T) {
	t.Parallel()
	key := []byte(apiSecret + apiSecret) // long enough for every algorithm; it is the secret that is checked
	late := end().Add(time.Hour).Unix()
	claims := func(change func(map[string]any)) map[string]any {
		c := map[string]any{"user": someone, "exp": late}
		change(c)
		return c
	}
	none := func(map[string]any) {}
	part := func(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }
	parts := strings.Split(token.SimpleToken(string(key), someone, time.Unix(late, 0)), ".")
	for name, tc := range map[string]struct {
		raw             string
		simple, genuine bool
	}{
		"as it should be":      {signed(t, jose.HS256, key, claims(none)), true, true},
		"another algorithm":    {signed(t, jose.HS512, key, claims(none)), true, false},
		"another key":          {signed(t, jose.HS256, []byte(strings.Repeat("k", 64)), claims(none)), true, false},
		"another claim":        {signed(t, jose.HS256, key, claims(func(c map[string]any) { c["iss"] = "x" })), false, false},
		"no end":               {signed(t, jose.HS256, key, claims(func(c map[string]any) { delete(c, "exp") })), false, false},
		"no user":              {signed(t, jose.HS256, key, claims(func(c map[string]any) { delete(c, "user") })), false, false},
		"the end is a text":    {signed(t, jose.HS256, key, claims(func(c map[string]any) { c["exp"] = "1" })), true, false},
		"the end is no number": {signed(t, jose.HS256, key, claims(func(c map[string]any) { c["exp"] = nil })), true, false},
		"the end is broken":    {signed(t, jose.HS256, key, claims(func(c map[string]any) { c["exp"] = 1e10 + 0.5 })), true, false},
		"the user is a number": {signed(t, jose.HS256, key, claims(func(c map[string]any) { c["user"] = 1 })), true, false},
		"the user is null":     {signed(t, jose.HS256, key, claims(func(c map[string]any) { c["user"] = nil })), true, false},
		"no algorithm":         {part(`{"alg":"none","typ":"JWT"}`) + "." + parts[1] + ".", true, false},
		"a critical header":    {part(`{"alg":"HS256","crit":["x"]}`) + "." + parts[1] + "." + parts[2], true, false},
		"no signature":         {parts[0] + "." + parts[1] + ".", true, false},
		"two parts":            {parts[0] + "." + parts[1], false, false},
		"four parts":           {strings.Join(parts, ".") + ".x", false, false},
		"garbage":              {"garbage", false, false},
	} {
		if got := token.IsSimple(tc.raw); got != tc.simple {
			t.Errorf("%s: has the form %v, want %v", name, got, tc.simple)
		}
		id, _, err := token.ReadSimple(string(key), tc.raw, end())
		if (err == nil) != tc.genuine || tc.genuine && id != someone {
			t.Errorf("%s: %q, %v", name, id, err)
		}
	}
}

// What ReadSimple takes has the form, and was signed with the secret.
func FuzzReadSimple(f *testing.F) {
	f.Add(simple)
	f.Add("e30.e30.")
	f.Add("eyJhbGciOiJub25lIn0.eyJ1c2VyIjoiYSIsImV4cCI6OTk5OTk5OTk5OX0.")
	f.Fuzz(func(t *testing.T, raw string) {
		id, expires, err := token.ReadSimple(apiSecret, raw, end().Add(-time.Hour))
		if err != nil {
			return
		}
		if !token.IsSimple(raw) || id == "" || !expires.After(end().Add(-time.Hour)) {
			t.Errorf("%q is taken for %q until %v", raw, id, expires)
		}
		if _, _, err := token.ReadSimple(apiSecret+"x", raw, end().Add(-time.Hour)); err == nil {
			t.Errorf("%q is genuine under two secrets", raw)
		}
	})
}
