package servers

import (
	"os"
	"testing"
)

// Missing ends the test because a program it needs is not there: a skip on a
// developer's machine, a failure where CI=true. The hint is one line that says
// how to get the program.
func Missing(t testing.TB, program, hint string) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatalf("%s is missing: %s", program, hint)
	}
	t.Skipf("%s is missing: %s", program, hint)
}
