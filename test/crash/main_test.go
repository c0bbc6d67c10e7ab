package crash

import (
	"context"
	"flag"
	"math/rand/v2"
	"os"
	"testing"
	"time"

	"oasis/test/servers"
)

var seed = flag.Uint64("seed", 0, "seed of the random choices; 0 takes a new one")

// quiet keeps the many requests out of the log that a failure shows.
const quiet = "NOMAD_SERVICES_CONSOLE_LOG_LEVEL=WARNING"

func TestMain(m *testing.M) { os.Exit(servers.Main(m)) }

// choices gives the source of a test's random choices.
func choices(t *testing.T) *rand.ChaCha8 {
	t.Helper()
	if testing.Short() {
		t.Skip("-short: no servers are started")
	}
	n := *seed
	if n == 0 {
		n = rand.Uint64()
	}
	t.Logf("repeat with: go test ./test/crash -run '^%s$' -args -seed=%d", t.Name(), n)
	return source(n, 0)
}

// source gives the n-th independent source of a seed.
func source(seed, n uint64) *rand.ChaCha8 {
	var key [32]byte
	for i := range 8 {
		key[i], key[8+i] = byte(seed>>(8*i)), byte(n>>(8*i))
	}
	return rand.NewChaCha8(key)
}

// between gives a random duration.
func between(rng *rand.Rand, low, high time.Duration) time.Duration {
	return low + time.Duration(rng.Int64N(int64(high-low)))
}

// await returns when done tells so, and fails the test with its last reason after a while.
func await(t *testing.T, limit time.Duration, done func(ctx context.Context) (ok bool, reason string)) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		ok, reason := done(ctx)
		if ok {
			return
		}
		select {
		case <-ctx.Done():
			t.Fatalf("not within %s: %s", limit, reason)
		case <-tick.C:
		}
	}
}
