package sqlstore

import (
	"errors"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

type sqliteDialect struct{}

func (sqliteDialect) types() types {
	return types{
		Text: "text", Bytes: "blob", Clustered: " without rowid",
		// Without autoincrement the number of a deleted last row would be given again.
		Serial: "integer primary key autoincrement",
	}
}

func (sqliteDialect) in(placeholder string) string {
	return " in (select value from json_each(" + placeholder + "))"
}

func (sqliteDialect) each(placeholder string) string { return "json_each(" + placeholder + ")" }

func (sqliteDialect) forUpdate() string { return "" }

func (sqliteDialect) forShare() string { return "" }

func (sqliteDialect) lock(string) string { return "" }

func (sqliteDialect) shared() bool { return false }

func (sqliteDialect) taken(err error) bool {
	var e *sqlite.Error
	return errors.As(err, &e) &&
		(e.Code() == sqlite3.SQLITE_CONSTRAINT_UNIQUE || e.Code() == sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY)
}

// full tells whether an error says that the disk is full.
func (sqliteDialect) full(err error) bool {
	var e *sqlite.Error
	return errors.As(err, &e) && e.Code() == sqlite3.SQLITE_FULL
}
