package sqlstore

import (
	"errors"

	"github.com/jackc/pgx/v5/pgconn"
)

type postgresDialect struct{}

func (postgresDialect) types() types {
	// The collation of a database may follow a language; "C" compares bytes as SQLite does.
	return types{Text: `text collate "C"`, Bytes: "bytea", Serial: "bigint generated always as identity primary key", PLpgSQL: true}
}

func (postgresDialect) in(placeholder string) string {
	return " in (select json_array_elements_text(" + placeholder + "::text::json))"
}

func (postgresDialect) each(placeholder string) string {
	return "json_array_elements(" + placeholder + "::text::json) as element (value)"
}

func (postgresDialect) forUpdate() string { return " for update" }

func (postgresDialect) forShare() string { return " for share" }

func (postgresDialect) lock(placeholder string) string {
	return "select pg_advisory_xact_lock(hashtextextended(" + placeholder + ", 0))"
}

func (postgresDialect) shared() bool { return true }

// Codes of errors (PostgreSQL manual, appendix A).
const (
	uniqueViolation  = "23505"
	diskFull         = "53100"
	lockNotAvailable = "55P03"
	badCharacter     = "22021" // not UTF-8, or NUL
	badJSONEscape    = "22P05" // the same inside a list
)

func (postgresDialect) taken(err error) bool { return hasCode(err, uniqueViolation) }

// unstorable tells whether an error says that a text has a character that PostgreSQL cannot keep.
func (postgresDialect) unstorable(err error) bool {
	return hasCode(err, badCharacter) || hasCode(err, badJSONEscape)
}

// full tells whether an error says that the disk is full.
func (postgresDialect) full(err error) bool { return hasCode(err, diskFull) }

func hasCode(err error, code string) bool {
	var e *pgconn.PgError
	return errors.As(err, &e) && e.Code == code
}
