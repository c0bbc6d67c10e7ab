package local_test

import (
	"sync/atomic"
	"testing"
	"time"

	"oasis/internal/access/identity/identitytest"
	"oasis/internal/access/identity/local"
)

func TestProviderKeepsItsPromises(t *testing.T) {
	t.Parallel()
	identitytest.Run(t, func(t *testing.T) identitytest.Subject {
		began, passed := time.Now(), new(atomic.Int64)
		p := provider(t, &keys{}, func(c *local.Config) {
			c.Now = func() time.Time { return began.Add(time.Duration(passed.Load())) }
		})
		return identitytest.Subject{
			Provider: p, UserID: ada.ID, Pass: func(d time.Duration) { passed.Add(int64(d)) }, Life: time.Hour,
			Public: p.JWKS().Keys[0].Key, Token: func(t *testing.T) string { return issue(t, p) },
		}
	})
}
