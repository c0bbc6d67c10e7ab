package access_test

import (
	"net/netip"
	"testing"

	"oasis/internal/access"
	"oasis/internal/access/scope"
	"oasis/internal/access/token"
)

// asked is one question to Decide.
type asked struct {
	name     string
	policy   *access.Policy
	op       *access.Operation
	caller   *access.Caller
	uploadID string
	allowed  bool
}

// questions are typical ones, with a long allow list and all restrictions.
func questions() []asked {
	entries := []string{"*@lab.example", "group:growers"}
	for c := 'a'; c <= 'z'; c++ {
		entries = append(entries, string(c))
	}
	policy := &access.Policy{Authorized: access.NewAllowList(entries), RejectUnauthorized: true, UnauthenticatedScopes: scope.EveryRead()}
	read := &access.Operation{ID: "getUpload", Scopes: scope.Of(scope.UploadsRead), Anonymous: true, Reach: access.ReachUpload}
	add := &access.Operation{ID: "putRawFile", Scopes: scope.Of(scope.UploadsWrite), Adds: true, Reach: access.ReachUpload}
	caller := func(change func(*access.Caller)) *access.Caller {
		c := &access.Caller{
			Kind: access.PersonalToken, State: access.Valid, Granted: scope.Of(scope.UploadsRead, scope.UploadsWrite),
			Address: netip.MustParseAddr("192.0.2.7"),
			User:    access.User{ID: "C0FFEE00-0000-4000-8000-000000000001", Username: "Ada.Lovelace", Email: "Ada.Lovelace@Lab.Example"},
		}
		change(c)
		return c
	}
	return []asked{
		{"visitor", policy, read, &access.Caller{}, "u", true},
		{"member by domain", policy, read, caller(func(*access.Caller) {}), "u", true},
		{"member by group", policy, read, caller(func(c *access.Caller) { c.User.Email, c.User.Groups = "", []string{"x", "growers"} }), "u", true},
		{"restricted", policy, add, caller(func(c *access.Caller) {
			c.Restrictions = &token.Restrictions{AppendOnly: true, Uploads: []string{"t", "u"}, Networks: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}}
		}), "u", true},
		{"visitor refused", policy, add, &access.Caller{}, "u", false},
		{"dead token", policy, read, &access.Caller{Kind: access.PersonalToken, State: access.Invalid, Reason: "Invalid token."}, "u", false},
		{"stranger", policy, read, caller(func(c *access.Caller) { c.User.Email = "ada@elsewhere.example" }), "u", false},
		{"missing scope", policy, add, caller(func(c *access.Caller) { c.Granted = 0 }), "u", false},
		{"another upload", policy, read, caller(func(c *access.Caller) { c.Restrictions = &token.Restrictions{Uploads: []string{"t"}} }), "u", false},
		{"append-only reads", policy, read, caller(func(c *access.Caller) { c.Restrictions = &token.Restrictions{AppendOnly: true} }), "u", false},
	}
}

func TestDecideAllocatesNothing(t *testing.T) {
	for _, q := range questions() {
		var d access.Decision
		got := testing.AllocsPerRun(100, func() { d = access.Decide(q.policy, true, q.op, q.caller, q.uploadID) })
		if d.Allowed != q.allowed {
			t.Fatalf("%s: %+v", q.name, d)
		}
		if got != 0 {
			t.Errorf("%s: %v allocations", q.name, got)
		}
	}
}

func BenchmarkDecide(b *testing.B) {
	for _, q := range questions() {
		b.Run(q.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if d := access.Decide(q.policy, true, q.op, q.caller, q.uploadID); d.Allowed != q.allowed {
					b.Fatal(d)
				}
			}
		})
	}
}
