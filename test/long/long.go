// Package long lets one test run in two sizes: small in `make test`, large in
// `make test-long`, which sets OASIS_TEST_LONG. The code of the test is the
// same; only its numbers differ.
package long

import "os"

// Pick returns normal, or long in a long run: kills := long.Pick(20, 1000).
func Pick(normal, long int) int {
	if os.Getenv("OASIS_TEST_LONG") != "" {
		return long
	}
	return normal
}
