// Package servers starts the servers that some tests need: a throw-away
// PostgreSQL, a Keycloak, an nginx, and Oasis itself. It never uses a server that was
// already running, and stops only processes it started, by their id.
//
// A test asks for an empty PostgreSQL database and has nothing to tidy up:
//
//	func TestOnPostgres(t *testing.T) {
//		db, err := sql.Open("pgx", servers.Postgres(t))
//		...
//	}
//
// The first call starts one cluster for the whole test binary, each call makes
// a database of its own and drops it when the test ends, so tests may run in
// parallel. The cluster ends with the test binary, also when that is killed:
// it hangs on a pipe whose other end the test binary holds.
//
// Two settings matter to a reader of results. The cluster sorts by an ICU
// locale where it can, as servers out there do, so a query that forgot to say
// COLLATE "C" fails here and not at a user's. And fsync, synchronous_commit and
// full_page_writes are off: the answers are right and fast, but nothing about
// durability may be measured on it.
//
// Where a program is missing the test is skipped with one line that says how to
// get it. With CI=true in the environment the same line is a failure, so that a
// green run has really run everything.
package servers
