package storetest

import (
	"net/netip"
	"testing"
	"time"

	"oasis/internal/access/token"
)

func testTokenRestrictions(t *testing.T, open OpenSQL) {
	ctx, s := t.Context(), open(t, fixed()).Tokens()
	for id, r := range map[string]*token.Restrictions{
		"none":     nil,
		"uploads":  {Uploads: []string{"w7HvJ0rTSkq3m1P5n2cX8A", "x"}},
		"append":   {AppendOnly: true},
		"networks": {Networks: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24"), netip.MustParsePrefix("2001:db8::/32")}},
		"deposit":  {AppendOnly: true, DepositFor: &token.Deposit{Default: "ann", Users: []string{"bob", "group:Growers"}}},
		"anybody":  {DepositFor: &token.Deposit{Default: "ann", Any: true}},
	} {
		p := newPAT(id)
		p.Restrictions = r
		ok(t, s.InsertPAT(ctx, p, 100, start()))
		same(t, "token restricted by "+id, got[token.PAT](t)(s.PATByDigest(ctx, p.Digest)), p)
	}
}

func testAllTokensOfAUser(t *testing.T, open OpenSQL) {
	ctx, s := t.Context(), open(t, fixed()).Tokens()
	now := start().Add(time.Hour)
	for _, id := range []string{"1", "2", "over", "dead", "foreign"} {
		p := newPAT(id)
		switch id {
		case "over":
			p.ExpiredAt = start().Add(time.Minute)
		case "dead":
			p.RevokedAt = start()
		case "foreign":
			p.UserID = "other"
		}
		ok(t, s.InsertPAT(ctx, p, 100, start()))
	}
	how := token.Ending{How: token.EndedAll, By: "u"}
	ended := got[[]token.PAT](t)(s.RevokeAllPATs(ctx, "u", now, how))
	same(t, "tokens that were ended", len(ended), 2)
	for _, p := range ended {
		same(t, "token that was ended", got[token.PAT](t)(s.PATByID(ctx, p.ID)), p)
		same(t, "how", p.Ended, how)
		same(t, "when", p.RevokedAt, now)
	}
	same(t, "expired token", got[token.PAT](t)(s.PATByID(ctx, "over")).RevokedAt, time.Time{})
	same(t, "revoked token", got[token.PAT](t)(s.PATByID(ctx, "dead")).RevokedAt, start())
	same(t, "token of somebody else", got[token.PAT](t)(s.PATByID(ctx, "foreign")).RevokedAt, time.Time{})
	same(t, "the second time", len(got[[]token.PAT](t)(s.RevokeAllPATs(ctx, "u", now, how))), 0)
}

func testTokenUsage(t *testing.T, open OpenSQL) {
	ctx, s := t.Context(), open(t, fixed()).Tokens()
	for _, id := range []string{"1", "2"} {
		ok(t, s.InsertPAT(ctx, newPAT(id), 100, start()))
	}
	use := func(id string, kind token.UsedKind, item string, times int64, minutes int) token.Used {
		return token.Used{PATID: id, Kind: kind, Item: item, Times: times, Last: start().Add(time.Duration(minutes) * time.Minute)}
	}
	none := time.Time{}
	ok(t, s.AddUsage(ctx, []token.Used{
		use("1", token.UsedScope, "uploads:read", 3, 5), use("1", token.UsedScope, "uploads:write", 1, 1),
		use("1", token.UsedUpload, "a", 2, 5), use("1", token.UsedAddress, "192.0.2.1", 4, 5), use("2", token.UsedUpload, "b", 1, 1),
	}, none))
	ok(t, s.AddUsage(ctx, []token.Used{use("1", token.UsedScope, "uploads:read", 2, 9), use("1", token.UsedUpload, "a", 1, 3)}, none))
	same(t, "usage", got[[]token.Used](t)(s.Usage(ctx, "1", start(), 10)), []token.Used{
		use("1", token.UsedScope, "uploads:read", 5, 9), use("1", token.UsedScope, "uploads:write", 1, 1),
		use("1", token.UsedUpload, "a", 3, 5), use("1", token.UsedAddress, "192.0.2.1", 4, 5),
	})
	same(t, "recent usage, one of each", got[[]token.Used](t)(s.Usage(ctx, "1", start().Add(2*time.Minute), 1)), []token.Used{
		use("1", token.UsedScope, "uploads:read", 5, 9), use("1", token.UsedUpload, "a", 3, 5), use("1", token.UsedAddress, "192.0.2.1", 4, 5),
	})
	ok(t, s.AddUsage(ctx, nil, start().Add(2*time.Minute)))
	same(t, "usage that was forgotten", len(got[[]token.Used](t)(s.Usage(ctx, "2", none, 10))), 0)
	same(t, "usage that was not", len(got[[]token.Used](t)(s.Usage(ctx, "1", none, 10))), 3)
	same(t, "pruned", got[int](t)(s.PrunePATs(ctx, start().AddDate(9, 0, 0))), 2)
	same(t, "usage of a pruned token", len(got[[]token.Used](t)(s.Usage(ctx, "1", none, 10))), 0)
}

func testLegacyTokens(t *testing.T, open OpenSQL) {
	ctx, s := t.Context(), open(t, fixed()).Tokens()
	off := func(want bool) {
		t.Helper()
		same(t, "off", got[bool](t)(s.LegacyTokensOff(ctx, "u")), want)
		same(t, "off for others", got[bool](t)(s.LegacyTokensOff(ctx, "other")), false)
	}
	off(false)
	for range 2 {
		ok(t, s.SetLegacyTokensOff(ctx, "u", true, start()))
		off(true)
	}
	for range 2 {
		ok(t, s.SetLegacyTokensOff(ctx, "u", false, start()))
		off(false)
	}
}
