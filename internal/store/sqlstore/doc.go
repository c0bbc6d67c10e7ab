// Package sqlstore keeps everything that is not a file in SQLite or PostgreSQL.
// It is the only place with SQL.
//
// Both databases run the same statements over the same tables; what differs is
// in dialect_sqlite.go and dialect_postgres.go. Each aggregate has a file with
// a store that fits the interface its package declares; DB hands the stores out.
//
// Rules for statements: placeholders $1, $2, … appear in rising order, times
// are bound with micros and scanned with stamp, lists of values go in as one
// JSON array (dialect.in). Text compares by bytes on both databases.
//
// A transaction is a closure. On SQLite all of them run one after another in
// one goroutine, and those that wait together are committed together (see
// writer.go), so nothing inside a closure may start another transaction: that
// gives ErrNested. Reading outside of it is fine, but sees the state before.
package sqlstore
