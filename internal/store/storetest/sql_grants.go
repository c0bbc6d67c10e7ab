package storetest

import (
	"errors"
	"testing"
	"time"

	"oasis/internal/access/identity"
	"oasis/internal/access/identity/local"
	"oasis/internal/problem"
)

func newGrant(id string) local.Grant {
	return local.Grant{
		ID: id, ClientID: "wiki", UserID: "ann", Generation: 3, Scopes: []string{"openid", "email"},
		Parameters: map[string]string{"nonce": "ä\"", "redirect_uri": "https://wiki.example/cb?a=b&c"},
		SignedIn:   start().Add(-time.Hour), Created: start(), Expires: start().Add(time.Minute),
	}
}

func newSecret(grant, name string, kind local.SecretKind) local.Secret {
	return local.Secret{Digest: digest(name), GrantID: grant, Kind: kind, Created: start(), Expires: start().Add(time.Hour)}
}

func testGrants(t *testing.T, open OpenSQL) {
	stores := open(t, fixed())
	ctx, s := t.Context(), stores.Grants()
	find := func(name string, kind local.SecretKind) (local.Secret, local.Grant) {
		t.Helper()
		secret, grant, err := s.Secret(ctx, kind, digest(name))
		ok(t, err)
		return secret, grant
	}
	grant, code := newGrant("g"), newSecret("g", "code", local.CodeSecret)
	code.Expires = start().Add(30 * time.Second)
	ok(t, s.Issue(ctx, local.Issue{At: start(), Grant: &grant, Secrets: []local.Secret{code}}))
	same(t, "grant", got[local.Grant](t)(s.Grant(ctx, "g")), grant)
	secret, of := find("code", local.CodeSecret)
	same(t, "code", secret, code)
	same(t, "grant of the code", of, grant)
	_, _, err := s.Secret(ctx, local.RefreshSecret, digest("code"))
	refused(t, err, problem.Missing)
	_, err = s.Grant(ctx, "none")
	refused(t, err, problem.Missing)

	// Using the code up and adding a refresh token is one step, and the grant lives as long.
	now := start().Add(time.Second)
	first := newSecret("g", "first", local.RefreshSecret)
	ok(t, s.Issue(ctx, local.Issue{At: now, SpendSecret: digest("code"), Secrets: []local.Secret{first}}))
	secret, of = find("code", local.CodeSecret)
	same(t, "code is used", secret.Used, now)
	same(t, "grant lives on", of.Expires, first.Expires)
	second := newSecret("g", "second", local.RefreshSecret)
	fails(t, s.Issue(ctx, local.Issue{At: now, SpendSecret: digest("code"), Secrets: []local.Secret{second}}), local.ErrSpent)
	_, _, err = s.Secret(ctx, local.RefreshSecret, digest("second"))
	refused(t, err, problem.Missing)
	fails(t, s.Issue(ctx, local.Issue{At: now, SpendSecret: digest("unknown")}), local.ErrSpent)

	// Of many who use one secret, one succeeds.
	won := 0
	for _, err := range together(5, func(i int) error {
		next := newSecret("g", names("next", 5)[i], local.RefreshSecret)
		return s.Issue(ctx, local.Issue{At: now, SpendSecret: digest("first"), Secrets: []local.Secret{next}})
	}) {
		switch {
		case err == nil:
			won++
		case !errors.Is(err, local.ErrSpent):
			t.Error(err)
		}
	}
	same(t, "winners", won, 1)

	same(t, "living", len(got[[]local.Grant](t)(s.GrantsOf(ctx, "ann", "wiki", now))), 1)
	same(t, "of another client", len(got[[]local.Grant](t)(s.GrantsOf(ctx, "ann", "desk", now))), 0)
	same(t, "later", len(got[[]local.Grant](t)(s.GrantsOf(ctx, "ann", "wiki", now.Add(2*time.Hour)))), 0)
	ended := func(tokenID, grantID string) bool {
		t.Helper()
		return got[bool](t)(s.TokenEnded(ctx, tokenID, grantID))
	}
	same(t, "token of a living grant", ended("t", "g"), false)
	same(t, "token without a grant", ended("t", ""), false)
	same(t, "token of an unknown grant", ended("t", "none"), true)
	ok(t, s.EndGrant(ctx, "g", now))
	ok(t, s.EndGrant(ctx, "g", now.Add(time.Hour)))
	ok(t, s.EndGrant(ctx, "none", now))
	same(t, "ended", got[local.Grant](t)(s.Grant(ctx, "g")).Ended, now)
	same(t, "token of an ended grant", ended("t", "g"), true)
	same(t, "none is living", len(got[[]local.Grant](t)(s.GrantsOf(ctx, "ann", "wiki", now))), 0)
	other, unused := newGrant("h"), newSecret("h", "unused", local.RefreshSecret)
	ok(t, s.Issue(ctx, local.Issue{At: now, Grant: &other, Secrets: []local.Secret{unused}}))
	ok(t, s.SpendSecret(ctx, digest("unused"), now))
	fails(t, s.Issue(ctx, local.Issue{At: now, SpendSecret: digest("unused")}), local.ErrSpent)

	ok(t, s.EndToken(ctx, "t", now.Add(time.Hour)))
	ok(t, s.EndToken(ctx, "t", now.Add(time.Hour)))
	same(t, "ended token", ended("t", ""), true)
	ok(t, s.PruneGrants(ctx, now))
	same(t, "grant after early pruning", got[local.Grant](t)(s.Grant(ctx, "g")).ID, "g")
	ok(t, s.PruneGrants(ctx, now.Add(24*time.Hour)))
	_, err = s.Grant(ctx, "g")
	refused(t, err, problem.Missing)
	_, _, err = s.Secret(ctx, local.CodeSecret, digest("code"))
	refused(t, err, problem.Missing)
	same(t, "token after pruning", ended("t", ""), false)

	// With an account go the grants that it gave.
	bob := newUser("bob")
	ok(t, stores.Identity().InsertUser(ctx, bob, ""))
	last := newGrant("bob's")
	last.UserID = bob.ID
	ok(t, s.Issue(ctx, local.Issue{At: now, Grant: &last, Secrets: []local.Secret{newSecret("bob's", "bob's", local.RefreshSecret)}}))
	ok(t, stores.Identity().DeleteUser(ctx, bob.ID))
	_, err = s.Grant(ctx, "bob's")
	refused(t, err, problem.Missing)
}

func testDevices(t *testing.T, open OpenSQL) {
	ctx, s := t.Context(), open(t, fixed()).Grants()
	d := local.Device{
		Digest: digest("device"), UserCode: "code", ClientID: "cli", Scopes: []string{"openid"}, Address: "::1",
		State: local.DevicePending, Pause: 5 * time.Second, Created: start(), Expires: start().Add(time.Minute),
	}
	ok(t, s.InsertDevice(ctx, d))
	same(t, "device", got[local.Device](t)(s.Device(ctx, d.Digest)), d)
	same(t, "by its code", got[local.Device](t)(s.DeviceByUserCode(ctx, "code")), d)
	twin := d
	twin.Digest = digest("twin")
	refused(t, s.InsertDevice(ctx, twin), problem.Conflict)
	_, err := s.DeviceByUserCode(ctx, "other")
	refused(t, err, problem.Missing)
	_, err = s.Device(ctx, "other")
	refused(t, err, problem.Missing)

	ok(t, s.PolledDevice(ctx, d.Digest, start().Add(time.Second), 10*time.Second))
	d.Polled, d.Pause = start().Add(time.Second), 10*time.Second
	same(t, "polled", got[local.Device](t)(s.Device(ctx, d.Digest)), d)

	fails(t, s.Issue(ctx, local.Issue{At: start(), SpendDevice: d.Digest}), local.ErrSpent)
	grant := newGrant("g")
	ok(t, s.DecideDevice(ctx, d.Digest, &grant))
	d.State, d.GrantID = local.DeviceApproved, "g"
	same(t, "approved", got[local.Device](t)(s.Device(ctx, d.Digest)), d)
	same(t, "its grant", got[local.Grant](t)(s.Grant(ctx, "g")), grant)
	refused(t, s.DecideDevice(ctx, d.Digest, nil), problem.Conflict)
	ok(t, s.Issue(ctx, local.Issue{At: start(), SpendDevice: d.Digest, Secrets: []local.Secret{newSecret("g", "r", local.RefreshSecret)}}))
	same(t, "used", got[local.Device](t)(s.Device(ctx, d.Digest)).State, local.DeviceUsed)
	fails(t, s.Issue(ctx, local.Issue{At: start(), SpendDevice: d.Digest}), local.ErrSpent)

	no := d
	no.Digest, no.UserCode, no.State, no.GrantID = digest("no"), "no", local.DevicePending, ""
	ok(t, s.InsertDevice(ctx, no))
	ok(t, s.DecideDevice(ctx, no.Digest, nil))
	same(t, "denied", got[local.Device](t)(s.Device(ctx, no.Digest)).State, local.DeviceDenied)
	ok(t, s.PruneGrants(ctx, start().Add(2*time.Minute)))
	_, err = s.Device(ctx, d.Digest)
	refused(t, err, problem.Missing)
}

func testKeysOfTheProvider(t *testing.T, open OpenSQL) {
	ctx, s := t.Context(), open(t, fixed()).Grants()
	key := identity.SigningKey{ID: "a", Sealed: []byte{0, 1}, Created: start()}
	ok(t, s.InsertSigningKey(ctx, key))
	same(t, "keys", got[[]identity.SigningKey](t)(s.SigningKeys(ctx)), []identity.SigningKey{key})
	ok(t, s.DeleteSigningKey(ctx, "a"))
	same(t, "none", len(got[[]identity.SigningKey](t)(s.SigningKeys(ctx))), 0)
}
