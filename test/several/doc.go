// Package several tests server processes that share one PostgreSQL database and
// one data directory, as docs/howto/several-servers.md sets them up.
package several
