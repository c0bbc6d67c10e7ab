package v1

import (
	"encoding/json"
	"errors"
	"reflect"
	"time"

	"github.com/danielgtaylor/huma/v2"
)

// Moment is a time that clients may write in any ISO 8601 form NOMAD takes; one
// without a zone is UTC.
type Moment struct{ time.Time }

// UnmarshalText reads the time.
func (m *Moment) UnmarshalText(text []byte) error {
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999", "2006-01-02 15:04:05.999999999", "2006-01-02T15:04", time.DateOnly} {
		if t, err := time.Parse(layout, string(text)); err == nil {
			m.Time = t
			return nil
		}
	}
	return errors.New("write a time as 2026-01-31T12:00:00Z")
}

// UnmarshalJSON reads the time; null is no time.
func (m *Moment) UnmarshalJSON(text []byte) error {
	var s *string
	if err := json.Unmarshal(text, &s); err != nil || s == nil {
		return err
	}
	return m.UnmarshalText([]byte(*s))
}

// Schema describes it as a date-time.
func (Moment) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeString, Nullable: true, Description: "ISO 8601 time, for example 2026-01-31T12:00:00Z"}
}

// pointer gives nil for the zero time.
func (m Moment) pointer() *time.Time {
	if m.IsZero() {
		return nil
	}
	return &m.Time
}

// Nullable is a member of a body that may be missing, null or a value, three
// different things.
type Nullable[T any] struct {
	Value *T
	Given bool
}

// UnmarshalJSON is only called when the member is there.
func (n *Nullable[T]) UnmarshalJSON(text []byte) error {
	n.Given = true
	return json.Unmarshal(text, &n.Value)
}

// Schema describes the value or null.
func (Nullable[T]) Schema(r huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.SchemaFromType(r, reflect.TypeFor[T]()).Type, Nullable: true}
}

// MarshalJSON writes the value or null.
func (n Nullable[T]) MarshalJSON() ([]byte, error) { return json.Marshal(n.Value) }
