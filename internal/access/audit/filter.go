package audit

import (
	"cmp"
	"context"
	"encoding/base64"
	"fmt"
	"iter"
	"slices"
	"strconv"
	"strings"
	"time"

	"oasis/internal/problem"
)

// Filter selects rows. Empty members do not restrict.
type Filter struct {
	// Who is the id or, without regard to case, the name of the actor.
	Who string
	// Credential is the id of a credential, Kind its kind.
	Credential, Kind string
	// Operation and Object are exact, or a beginning followed by a star: "token.*".
	Operation, Object string
	Address           string
	Outcome           Outcome
	// From is inclusive, To exclusive.
	From, To time.Time
	// Before gives only rows that come after this place in the list.
	Before Place
}

// Place is where a row stands in the list; the zero one is before the first row.
type Place struct {
	Time time.Time
	ID   int64
}

// Cursor is a place as clients carry it; they must not read anything into it.
func (p Place) Cursor() string {
	if p == (Place{}) {
		return ""
	}
	return base64.RawURLEncoding.EncodeToString([]byte(strconv.FormatInt(p.Time.UnixMicro(), 10) + "." + strconv.FormatInt(p.ID, 10)))
}

// ParseCursor reads what Cursor has made; "" is the zero place.
func ParseCursor(cursor string) (Place, error) {
	if cursor == "" {
		return Place{}, nil
	}
	raw, err := base64.RawURLEncoding.DecodeString(cursor)
	micros, id, found := strings.Cut(string(raw), ".")
	at, timeErr := strconv.ParseInt(micros, 10, 64)
	n, idErr := strconv.ParseInt(id, 10, 64)
	if err != nil || !found || timeErr != nil || idErr != nil || n <= 0 {
		return Place{}, problem.Invalid("value_error", "This is not a cursor that the list has given", "query", "page_after_value")
	}
	return Place{time.UnixMicro(at).UTC(), n}, nil
}

// PlaceOf gives the place of a row.
func PlaceOf(e *Event) Place { return Place{e.Time, e.ID} }

// List gives rows newest first, at most limit, and the place where the next page
// begins, zero at the end. What waits to be written is written first.
func (l *Log) List(ctx context.Context, f Filter, limit int) ([]Event, Place, error) {
	if err := l.Flush(ctx); err != nil {
		return nil, Place{}, err
	}
	return l.page(ctx, f, limit)
}

func (l *Log) page(ctx context.Context, f Filter, limit int) ([]Event, Place, error) {
	rows, err := l.store.ListAudit(ctx, f, limit+1)
	if err != nil {
		return nil, Place{}, fmt.Errorf("read the audit log: %w", err)
	}
	if len(rows) <= limit {
		return rows, Place{}, nil
	}
	rows = rows[:limit]
	return rows, PlaceOf(&rows[limit-1]), nil
}

// exportPage is how many rows All reads at once.
const exportPage = 1000

// All gives every row that the filter selects, newest first, read page by page.
// Rows added while it runs are not in it.
func (l *Log) All(ctx context.Context, f Filter) iter.Seq2[Event, error] {
	return func(yield func(Event, error) bool) {
		if err := l.Flush(ctx); err != nil {
			yield(Event{}, err)
			return
		}
		for {
			rows, next, err := l.page(ctx, f, exportPage)
			if err != nil {
				yield(Event{}, err)
				return
			}
			for _, e := range rows {
				if !yield(e, nil) {
					return
				}
			}
			if next == (Place{}) {
				return
			}
			f.Before = next
		}
	}
}

// sortRows puts rows into one order for all writers: by key, so that two
// transactions never wait for each other.
func sortRows(rows []Folded) {
	slices.SortFunc(rows, func(a, b Folded) int { return cmp.Compare(a.Fold, b.Fold) })
}
