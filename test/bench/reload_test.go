package bench

import (
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"oasis/test/servers"
)

// reload measures how long after the rename of nomad.yaml the next request meets
// another policy.
func (t *table) reload(b *testing.B) {
	const rounds, limit = 21, 5 * time.Second
	server := servers.NewOasis(b, servers.Binary(b))
	server.Admin("ada") // before the set-up everything is closed
	server.Start()
	path := filepath.Join(server.Data, "nomad.yaml")
	var took []time.Duration
	for n := range rounds {
		text, want := "auth: {require_authentication: true}\n", http.StatusUnauthorized
		if n%2 == 1 {
			text, want = "auth: {require_authentication: false}\n", http.StatusOK
		}
		if err := os.WriteFile(path+".new", []byte(text), 0o600); err != nil {
			b.Fatal(err)
		}
		if err := os.Rename(path+".new", path); err != nil {
			b.Fatal(err)
		}
		renamed := time.Now()
		for status := 0; status != want; {
			if time.Since(renamed) > limit {
				b.Fatalf("round %d: still %d after %s", n, status, limit)
			}
			req, err := http.NewRequestWithContext(b.Context(), http.MethodGet, server.URL+"/api/v1/info", nil)
			if err != nil {
				b.Fatal(err)
			}
			got, err := http.DefaultClient.Do(req)
			if err != nil {
				b.Fatal(err)
			}
			if err := got.Body.Close(); err != nil {
				b.Fatal(err)
			}
			status = got.StatusCode
		}
		took = append(took, time.Since(renamed))
	}
	t.add(b, figure{
		what: "nomad.yaml renamed to policy in force", key: "reload", unit: "ms", ours: ms(median(took)),
		less: true, wanted: 150, goalIsFigure: true,
	})
}
