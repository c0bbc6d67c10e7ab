package token_test

import (
	"encoding/json"
	"net/netip"
	"reflect"
	"strings"
	"testing"

	"oasis/internal/access/token"
	"oasis/internal/problem"
)

func TestRestrictionsAreReadAndWritten(t *testing.T) {
	t.Parallel()
	network := netip.MustParsePrefix
	for text, want := range map[string]*token.Restrictions{
		``: nil, `null`: nil, `{}`: nil, `{"uploads": null, "append_only": false}`: nil,
		`{"append_only": true}`:                                              {AppendOnly: true},
		`{"uploads": ["a", " b ", "a"]}`:                                     {Uploads: []string{"a", "b"}},
		`{"networks": ["192.0.2.77/24"]}`:                                    {Networks: []netip.Prefix{network("192.0.2.0/24")}},
		`{"networks": ["192.0.2.7"]}`:                                        {Networks: []netip.Prefix{network("192.0.2.7/32")}},
		`{"networks": ["::ffff:10.1.2.3"]}`:                                  {Networks: []netip.Prefix{network("10.1.2.3/32")}},
		`{"networks": ["::ffff:10.0.0.0/104", "2001:DB8::/32"]}`:             {Networks: []netip.Prefix{network("10.0.0.0/8"), network("2001:db8::/32")}},
		`{"deposit_for": {"default": "ann", "users": "any"}}`:                {DepositFor: &token.Deposit{Default: "ann", Any: true}},
		`{"deposit_for": {"default": "ann", "users": ["bob", "group:Lab"]}}`: {DepositFor: &token.Deposit{Default: "ann", Users: []string{"bob", "group:Lab"}}},
	} {
		got, err := token.ParseRestrictions([]byte(text))
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v, %v", text, got, err)
			continue
		}
		if got == nil {
			continue
		}
		written, err := json.Marshal(got)
		again, readErr := token.ParseRestrictions(written)
		if err != nil || readErr != nil || !reflect.DeepEqual(got, again) {
			t.Errorf("%s is written as %s, %v, %v", text, written, err, readErr)
		}
	}
}

func TestRestrictionsThatAreNotKnownAreNamed(t *testing.T) {
	t.Parallel()
	many := `{"uploads": ["` + strings.Repeat(`a","`, 1001) + `b"]}`
	for text, at := range map[string]string{
		`{"upload": ["a"]}`: "upload", `{"APPEND_ONLY": true}`: "APPEND_ONLY", `[]`: "", `"x"`: "", `{`: "",
		`{"append_only": 1}`: "append_only", `{"uploads": "a"}`: "uploads", `{"uploads": []}`: "uploads", `{"uploads": [1]}`: "uploads,0",
		`{"uploads": [""]}`: "uploads,0", `{"uploads": [null]}`: "uploads,0", many: "uploads",
		`{"networks": ["10.0.0.0/33"]}`: "networks,0", `{"networks": ["fe80::1%eth0"]}`: "networks,0", `{"networks": ["::ffff:0:0/90"]}`: "networks,0",
		`{"uploads": ["a"], "deposit_for": {"default": "a", "users": "any"}}`: "deposit_for",
		`{"deposit_for": true}`: "deposit_for", `{"deposit_for": {"default": "a", "users": "all"}}`: "deposit_for,users",
		`{"deposit_for": {"users": "any"}}`: "deposit_for,default", `{"deposit_for": {"default": "a"}}`: "deposit_for,users",
		`{"deposit_for": {"default": "a", "users": "any", "also": 1}}`: "deposit_for,also",
	} {
		_, err := token.ParseRestrictions([]byte(text), "body")
		e := problem.As(err)
		if e == nil || e.Kind != problem.Unprocessable {
			t.Errorf("%.60s: %v", text, err)
			continue
		}
		found := false
		for _, f := range e.Fields {
			var parts []string
			for _, part := range f.Loc[1:] {
				text, _ := json.Marshal(part)
				parts = append(parts, strings.Trim(string(text), `"`))
			}
			found = found || strings.Join(parts, ",") == at
		}
		if !found || e.Fields[0].Loc[0] != "body" {
			t.Errorf("%.60s: names %v, want %q", text, e.Fields, at)
		}
	}
}

func TestRestrictionsAllowWhatTheyName(t *testing.T) {
	t.Parallel()
	var none *token.Restrictions
	home := &token.Restrictions{Networks: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}, Uploads: []string{"a"}}
	addr := netip.MustParseAddr
	if !none.AllowsFrom(netip.Addr{}) || !none.AllowsUpload("x") || !none.None() {
		t.Error("nothing restricts something")
	}
	if !home.AllowsFrom(addr("192.0.2.255")) || home.AllowsFrom(addr("192.0.3.0")) || home.AllowsFrom(netip.Addr{}) || home.AllowsFrom(addr("::1")) {
		t.Error("networks")
	}
	if !home.AllowsUpload("a") || home.AllowsUpload("A") || home.AllowsUpload("") {
		t.Error("uploads")
	}
}

// What is read is written such that it is read as the same.
func FuzzParseRestrictions(f *testing.F) {
	for _, seed := range []string{
		`{}`, `null`, `{"append_only":true,"uploads":["a"],"networks":["10.0.0.0/8","::1"]}`, `{"deposit_for":{"default":"a","users":["b"]}}`,
		`{"deposit_for":{"default":"a","users":"any"}}`, `{"uploads":[1]}`, `{"x":{}}`, `{"uploads":["a"],"uploads":["b"]}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		got, err := token.ParseRestrictions(text)
		if err != nil {
			if problem.As(err) == nil {
				t.Fatalf("%q: %v", text, err)
			}
			return
		}
		if got == nil {
			return
		}
		written, err := json.Marshal(got)
		if err != nil {
			t.Fatal(err)
		}
		again, err := token.ParseRestrictions(written)
		if err != nil || !reflect.DeepEqual(got, again) {
			t.Errorf("%q is written as %s and read as %+v, %v", text, written, again, err)
		}
	})
}
