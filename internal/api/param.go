package api

import (
	"reflect"
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

// Optional is a parameter that may be left out; Set tells whether it was given.
type Optional[T any] struct {
	Value T
	Set   bool
}

// Schema describes the parameter as its value.
func (o Optional[T]) Schema(r huma.Registry) *huma.Schema {
	return huma.SchemaFromType(r, reflect.TypeOf(o.Value))
}

// Receiver tells huma where the value goes.
func (o *Optional[T]) Receiver() reflect.Value { return reflect.ValueOf(o).Elem().Field(0) }

// OnParamSet is told by huma whether the parameter was given.
func (o *Optional[T]) OnParamSet(isSet bool, _ any) { o.Set = isSet }

// Or gives the value, or another one when the parameter was left out.
func (o Optional[T]) Or(other T) T {
	if o.Set {
		return o.Value
	}
	return other
}

// Pointer gives the value, or nil when the parameter was left out.
func (o Optional[T]) Pointer() *T {
	if o.Set {
		return &o.Value
	}
	return nil
}

// FilePath is the rest of an address that names a raw file or folder, decoded
// once and otherwise untouched: whether it is safe is decided by package upload.
type FilePath struct{ text string }

// tailMark begins the one segment into which the rest of an address is put
// before routing, so that it is never empty, "." or "..".
const tailMark = "="

// UnmarshalText takes the segment apart again.
func (p *FilePath) UnmarshalText(text []byte) error {
	p.text = strings.TrimPrefix(string(text), tailMark)
	return nil
}

// Schema describes the parameter as a string.
func (FilePath) Schema(huma.Registry) *huma.Schema { return &huma.Schema{Type: huma.TypeString} }

func (p FilePath) String() string { return p.text }
