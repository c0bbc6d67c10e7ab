package oidc_test

import (
	"testing"
	"time"

	"oasis/internal/access/identity/identitytest"
)

func TestProviderKeepsItsPromises(t *testing.T) {
	t.Parallel()
	identitytest.Run(t, func(t *testing.T) identitytest.Subject {
		w := newWorld(t, nil, nil)
		return identitytest.Subject{
			Provider: w.provider, UserID: sheldon, Pass: w.pass, Life: 5 * time.Minute, Leeway: time.Minute, Public: w.published[0].Key,
			Token: func(*testing.T) string { return w.sign("first", nil, w.claims()) },
		}
	})
}
