package metainfo

import (
	"sort"
	"strings"

	"oasis/internal/data/archive/source"
)

// TypeKind is what sort of value a quantity holds.
type TypeKind uint8

// The kinds of type (spec metainfo-archive.md §4).
const (
	Text TypeKind = iota
	Int
	Float
	Bool
	Complex
	Datetime
	Enum
	JSON
	Any
	Bytes
	User
	Author
	Query
	HDF5Reference
	HDF5Dataset
	Reference
	QuantityReference
)

// Type is the type of a quantity.
type Type struct {
	Kind TypeKind
	// stored is the type_kind and type_data of the stored form; data of references is made from Target.
	storedKind string
	storedData any
	// Bits and Unsigned bound whole numbers; Bits is 0 for numbers of any size.
	Bits     int
	Unsigned bool
	// Values are those of an enum, sorted.
	Values []string
	// Target is the section a reference points to; nil for any section.
	Target *Section
	// Raw holds further members of the type object, such as type_descriptions.
	Raw map[string]any
	// NoShapeCheck and NoTypeCheck are the switches of the type object.
	NoShapeCheck, NoTypeCheck bool
}

func primitive(kind TypeKind, storedKind, data string, bits int, unsigned bool) Type {
	return Type{Kind: kind, storedKind: storedKind, storedData: data, Bits: bits, Unsigned: unsigned}
}

const (
	customDatetime = "nomad.metainfo.data_type.Datetime"
	dataTypePath   = "nomad.metainfo.data_type."
)

// primitives are the type names in lower case.
var primitives = map[string]Type{
	"str": primitive(Text, "python", "str", 0, false), "string": primitive(Text, "python", "str", 0, false),
	"int": primitive(Int, "python", "int", 0, false), "float": primitive(Float, "python", "float", 0, false),
	"bool": primitive(Bool, "python", "bool", 0, false), "boolean": primitive(Bool, "python", "bool", 0, false),
	"complex": primitive(Complex, "python", "complex", 0, false),
	"np.str_": primitive(Text, "numpy", "str", 0, false), "np.bool_": primitive(Bool, "numpy", "bool", 0, false),
	"np.int8": primitive(Int, "numpy", "int8", 8, false), "np.int16": primitive(Int, "numpy", "int16", 16, false),
	"np.int32": primitive(Int, "numpy", "int32", 32, false), "np.int64": primitive(Int, "numpy", "int64", 64, false),
	"np.uint8": primitive(Int, "numpy", "uint8", 8, true), "np.uint16": primitive(Int, "numpy", "uint16", 16, true),
	"np.uint32": primitive(Int, "numpy", "uint32", 32, true), "np.uint64": primitive(Int, "numpy", "uint64", 64, true),
	"np.float16": primitive(Float, "numpy", "float16", 16, false), "np.float32": primitive(Float, "numpy", "float32", 32, false),
	"np.float64": primitive(Float, "numpy", "float64", 64, false), "np.complex64": primitive(Complex, "numpy", "complex64", 64, false),
	"np.complex128": primitive(Complex, "numpy", "complex128", 128, false),
	"datetime":      primitive(Datetime, "custom", customDatetime, 0, false), "np.datetime64": primitive(Datetime, "custom", customDatetime, 0, false),
	"json": primitive(JSON, "custom", dataTypePath+"JSON", 0, false), "url": primitive(Text, "custom", dataTypePath+"URL", 0, false),
	"file": primitive(Text, "custom", dataTypePath+"File", 0, false), "capitalized": primitive(Text, "custom", dataTypePath+"Capitalized", 0, false),
	"any": primitive(Any, "custom", dataTypePath+"Any", 0, false), "bytes": primitive(Bytes, "custom", dataTypePath+"Bytes", 0, false),
	"user": primitive(User, "user", "User", 0, false), "author": primitive(Author, "author", "Author", 0, false),
	"query":         primitive(Query, "custom", "nomad.datamodel.data.Query", 0, false),
	"hdf5reference": primitive(HDF5Reference, "custom", "nomad.datamodel.hdf5.HDF5Reference", 0, false),
	"hdf5dataset":   primitive(HDF5Dataset, "custom", "nomad.datamodel.hdf5.HDF5Dataset", 0, false),
}

// otherSpelling tells what to write instead of names one could expect to work.
var otherSpelling = map[string]string{
	"enum": "{type_kind: enum, type_data: [a, b]}", "list": "an element type with shape: ['*']", "dict": "JSON", "object": "JSON",
	"float64": "np.float64", "float32": "np.float32", "int32": "np.int32", "int64": "np.int64", "integer": "int", "number": "float", "double": "float",
	"text": "str", "date": "Datetime",
}

// primitiveType finds a primitive by any of its spellings.
func primitiveType(name string) (*Type, bool) {
	t, ok := primitives[strings.ToLower(name)]
	if !ok {
		if at := strings.LastIndexByte(name, '.'); at > 0 && (strings.HasPrefix(name, "nomad.metainfo.") || strings.HasPrefix(name, "nomad.datamodel.")) {
			t, ok = primitives[strings.ToLower(name[at+1:])]
			ok = ok && t.storedKind != "python"
		} else if rest, isNumpy := strings.CutPrefix(name, "numpy."); isNumpy {
			t, ok = primitives["np."+rest]
		}
	}
	if !ok {
		return nil, false
	}
	return &t, true
}

// objectType reads {type_kind: …, type_data: …}; references are left to the caller (ok is false).
func objectType(n *source.Node) (t *Type, ok bool, problem string) {
	kind, _ := n.Get("type_kind").Text()
	data := n.Get("type_data")
	name, isText := data.Text()
	switch strings.ToLower(kind) {
	case "enum":
		if data == nil || data.Kind != source.List || len(data.Items) == 0 {
			return nil, false, "an enum needs type_data with a list of texts"
		}
		t = &Type{Kind: Enum, storedKind: "enum"}
		seen := map[string]bool{}
		for _, item := range data.Items {
			text, ok := scalarText(item)
			if !ok {
				return nil, false, "the values of an enum must be texts, not " + item.Describe()
			}
			if !seen[text] {
				seen[text] = true
				t.Values = append(t.Values, text)
			}
		}
		sort.Strings(t.Values)
	case "python":
		t, _ = primitiveType(name)
	case "numpy":
		var plain bool
		if t, plain = primitiveType("np." + strings.TrimPrefix(name, "np.")); !plain {
			t, _ = primitiveType("np." + name + "_") // np.str_ and np.bool_
		}
	case "custom":
		t, _ = primitiveType(name)
	case "user", "author":
		t, _ = primitiveType(kind)
	case "reference", "section", "quantity_reference":
		return nil, false, ""
	case "":
		return nil, false, "a type object needs type_kind"
	default:
		return nil, false, "the type_kind " + source.Quote(kind) + " is not known"
	}
	if t == nil {
		if !isText {
			return nil, false, "type_data must be the name of a type"
		}
		return nil, false, "the type " + source.Quote(name) + " is not known"
	}
	for _, f := range n.Fields {
		switch f.Key {
		case "type_kind", "type_data":
		case "disable_shape_check":
			t.NoShapeCheck = f.Value.Value == true
		case "disable_type_check":
			t.NoTypeCheck = f.Value.Value == true
		}
		if f.Key != "type_kind" && f.Key != "type_data" {
			if t.Raw == nil {
				t.Raw = map[string]any{}
			}
			t.Raw[f.Key] = f.Value.Plain()
		}
	}
	return t, true, ""
}

// Stored is the type as it stands in a stored definition.
func (t *Type) Stored(uploadID, entryID string) map[string]any {
	out := map[string]any{"type_kind": t.storedKind, "type_data": t.storedData}
	switch t.Kind {
	case Enum:
		out["type_data"] = t.Values
	case Reference:
		out["type_data"] = anySection
		if t.Target != nil {
			out["type_data"] = t.Target.Reference(uploadID, entryID)
		}
	}
	for k, v := range t.Raw {
		out[k] = v
	}
	return out
}

// anySection is the type_data of a reference to whatever section.
const anySection = "nomad.datamodel.data.ArchiveSection"

// SearchType is the type name a dynamic search quantity of this type carries
// (spec search-quantities.md §6); "" for types that are not searchable.
func (t *Type) SearchType() string {
	switch t.Kind {
	case Text, Enum:
		return "str"
	case Int:
		return "int"
	case Float:
		return "float"
	case Bool:
		return "bool"
	case Datetime:
		return "datetime"
	}
	return ""
}
