package access_test

import (
	"testing"
	"time"

	"oasis/internal/access"
	"oasis/internal/access/scope"
	"oasis/internal/access/token"
)

func (g *gate) uploadToken(t *testing.T) *access.Presented {
	t.Helper()
	raw, ok := token.UploadToken(apiSecret, g.ada.ID)
	if !ok {
		t.Fatal("no upload token")
	}
	return &access.Presented{Place: access.InUploadToken, Secret: raw, Address: home()}
}

func (g *gate) simpleToken(life time.Duration) *access.Presented {
	return &access.Presented{Secret: token.SimpleToken(apiSecret, g.ada.ID, g.now().Add(life))}
}

func TestTokensOfOldSayWhoAsksAndAreCached(t *testing.T) {
	t.Parallel()
	g := newGate(t)
	uploads := scope.Of(scope.UploadsRead, scope.UploadsWrite, scope.UploadsPublish, scope.UploadsProcess,
		scope.UploadsAssignDOI, scope.UploadsExport, scope.UploadsImport)
	for kind, tc := range map[access.Kind]struct {
		presented *access.Presented
		granted   scope.Set
	}{
		access.UploadToken: {g.uploadToken(t), uploads},
		access.SimpleToken: {g.simpleToken(time.Hour), scope.Every().Without(scope.Tokens())},
	} {
		c := g.ask(t, tc.presented)
		if c.Kind != kind || c.State != access.Valid || c.User.ID != g.ada.ID || c.Granted != tc.granted || c.CredentialID == "" {
			t.Errorf("%s: %+v", kind, c)
		}
		before := g.watch.asked.Load()
		g.alive(t, tc.presented)
		if n := g.watch.asked.Load() - before; n != 0 {
			t.Errorf("%s: %d look-ups for the second request", kind, n)
		}
	}
	// What is good in one place is nothing in another.
	g.dead(t, &access.Presented{Secret: g.uploadToken(t).Secret}, invalidJWT)
	g.dead(t, &access.Presented{Place: access.InUploadToken, Secret: g.simpleToken(time.Hour).Secret}, "An invalid upload token was supplied.")
	g.dead(t, &access.Presented{Place: access.InAuthorizationCookie, Secret: g.simpleToken(time.Hour).Secret}, invalidToken)
	g.alive(t, &access.Presented{Place: access.InAuthorizationCookie, Secret: g.access(t).Secret})
}

func TestSimpleTokenEndsByTimeAlsoInTheCache(t *testing.T) {
	t.Parallel()
	g := newGate(t)
	p := g.simpleToken(time.Minute)
	g.alive(t, p)
	g.pass(time.Minute)
	g.dead(t, p, "Expired token.")
}

func TestSwitchingTokensOfOldOffHoldsForTheNextRequest(t *testing.T) {
	t.Parallel()
	g := newGate(t)
	all := []*access.Presented{g.uploadToken(t), g.simpleToken(time.Hour)}
	pat, _ := g.pat(t, day)
	for _, off := range []bool{false, true, false} {
		must(t, g.tokens.SwitchLegacy(t.Context(), g.ada.ID, off))
		for _, p := range all {
			if off {
				g.dead(t, p, "Upload tokens and simple tokens of this account are switched off. Use a personal access token.")
			} else {
				g.alive(t, p)
			}
		}
		g.alive(t, pat)
	}
	_, err := g.tokens.RevokeAll(t.Context(), g.ada.ID, token.Ending{How: token.EndedAll})
	must(t, err)
	g.dead(t, all[0], "Upload tokens and simple tokens of this account are switched off. Use a personal access token.")
	g.dead(t, pat, invalidToken)
}

func TestRestrictionsComeWithTheCallerAndTheAddressOfTheRequest(t *testing.T) {
	t.Parallel()
	g := newGate(t)
	_, raw, err := g.tokens.Create(t.Context(), g.ada.ID, token.New{
		Name: "t", Scopes: []string{"uploads:write"}, Restrictions: &token.Restrictions{AppendOnly: true},
	})
	must(t, err)
	p := &access.Presented{Secret: raw, Address: home()}
	for range 2 { // looked up, then cached
		if c := g.ask(t, p); c.Restrictions == nil || !c.Restrictions.AppendOnly || c.Address != home() {
			t.Errorf("%+v", c)
		}
		p = &access.Presented{Secret: raw, Address: home()}
	}
	if c := g.ask(t, &access.Presented{Secret: raw}); c.Address.IsValid() {
		t.Errorf("the address of another request: %v", c.Address)
	}
}
