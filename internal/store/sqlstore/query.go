package sqlstore

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// querier runs statements; *sql.DB and *sql.Tx are some.
type querier interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// pipeline is a querier that sends many runs of one statement at once.
type pipeline interface {
	execEach(ctx context.Context, query string, rows [][]any) error
}

// execEach runs one statement for each row of arguments.
func execEach(ctx context.Context, q querier, query string, rows [][]any) error {
	if p, ok := q.(pipeline); ok {
		return p.execEach(ctx, query, rows)
	}
	for _, args := range rows {
		if _, err := q.ExecContext(ctx, query, args...); err != nil {
			return err
		}
	}
	return nil
}

// row is what a scan function reads from.
type row interface{ Scan(dest ...any) error }

// each calls f for each row of a result.
func each(ctx context.Context, q querier, f func(row) error, query string, args ...any) (err error) {
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := f(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// list gives all rows of a result.
func list[T any](ctx context.Context, q querier, scan func(row) (T, error), query string, args ...any) ([]T, error) {
	var all []T
	err := each(ctx, q, func(r row) error {
		v, err := scan(r)
		if err == nil {
			all = append(all, v)
		}
		return err
	}, query, args...)
	if err != nil {
		return nil, err
	}
	return all, nil
}

// one gives the first row of a result, or sql.ErrNoRows.
func one[T any](ctx context.Context, q querier, scan func(row) (T, error), query string, args ...any) (T, error) {
	var zero T
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return zero, err
	}
	defer rows.Close()
	if !rows.Next() {
		if err := rows.Err(); err != nil {
			return zero, err
		}
		return zero, sql.ErrNoRows
	}
	v, err := scan(rows)
	if err != nil {
		return zero, err
	}
	// Only a result that was read to its end tells whether the statement has succeeded.
	for rows.Next() {
	}
	return v, rows.Err()
}

// micros is a time as it is stored: microseconds since 1970, the zero time as 0.
func micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

// stamp scans what micros has made.
type stamp struct{ to *time.Time }

func (s stamp) Scan(v any) error {
	n, ok := v.(int64)
	if !ok {
		return fmt.Errorf("a time is stored as %T", v)
	}
	*s.to = time.Time{}
	if n != 0 {
		*s.to = time.UnixMicro(n).UTC()
	}
	return nil
}

// array is a list of strings as it is stored: JSON.
func array(s []string) string {
	if len(s) == 0 {
		return "[]"
	}
	b, err := json.Marshal(s)
	if err != nil { // cannot be: strings
		return "[]"
	}
	return string(b)
}

// elements scans a list that array has made.
type elements struct{ to *[]string }

func (e elements) Scan(v any) error {
	var text string
	switch v := v.(type) {
	case string:
		text = v
	case []byte:
		text = string(v)
	default:
		return fmt.Errorf("a list is stored as %T", v)
	}
	*e.to = nil
	if text == "[]" || text == "" {
		return nil
	}
	return json.Unmarshal([]byte(text), e.to)
}

// document scans JSON, nil for none.
type document struct{ to *json.RawMessage }

func (d document) Scan(v any) error {
	*d.to = nil
	switch v := v.(type) {
	case string:
		if v != "" {
			*d.to = json.RawMessage(v)
		}
	case []byte:
		if len(v) > 0 {
			*d.to = bytes.Clone(v)
		}
	default:
		return fmt.Errorf("JSON is stored as %T", v)
	}
	return nil
}

// statement is SQL under construction, with its arguments.
type statement struct {
	strings.Builder
	args []any
}

// add appends SQL; each ? in it takes the next argument.
func (s *statement) add(sql string, args ...any) {
	for _, a := range args {
		before, after, _ := strings.Cut(sql, "?")
		s.WriteString(before)
		s.WriteString(s.bind(a))
		sql = after
	}
	s.WriteString(sql)
}

// bind adds an argument and gives its placeholder.
func (s *statement) bind(arg any) string {
	s.args = append(s.args, arg)
	return "$" + strconv.Itoa(len(s.args))
}

// contains is a LIKE pattern (escape character !) for a substring.
func contains(s string) string {
	return "%" + strings.NewReplacer("!", "!!", "%", "!%", "_", "!_").Replace(s) + "%"
}

// desc is the SQL of a direction.
func desc(yes bool) string {
	if yes {
		return " desc"
	}
	return ""
}
