package sqlstore

// dialect is where the databases differ.
type dialect interface {
	// types are the words that migrations use for {{.Name}}.
	types() types
	// in gives the part of a condition that tests for membership in the JSON array of strings
	// that the placeholder stands for: " in (…)".
	in(placeholder string) string
	// each gives a table with one row for each element of the JSON array that the placeholder
	// stands for, in its order and in the column value.
	each(placeholder string) string
	// forUpdate ends a select that locks the rows it reads.
	forUpdate() string
	// forShare is forUpdate for rows that others may read in the same way.
	forShare() string
	// lock gives a statement that takes a lock, until the transaction ends, on the name
	// that the placeholder stands for; "" when transactions do not overlap.
	lock(placeholder string) string
	// shared tells whether other processes may use the database at the same time.
	shared() bool
	// taken tells whether an error says that a unique value exists already.
	taken(err error) bool
}

// types are the words of a database for use in migrations.
type types struct {
	// Text is a string that compares by bytes.
	Text string
	// Bytes is a string of bytes.
	Bytes string
	// Serial is a primary key that numbers its rows.
	Serial string
	// Clustered ends the definition of a table that is kept in the order of its primary key.
	Clustered string
	// PLpgSQL tells that triggers are written in that language.
	PLpgSQL bool
}
