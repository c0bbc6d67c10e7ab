package v1

import (
	"reflect"

	"encoding/json"

	"github.com/danielgtaylor/huma/v2"

	"oasis/internal/api"
)

// The shapes of the search operations, whose members depend on the query and so
// cannot be Go types.

func quote(text string) string {
	quoted, err := json.Marshal(text)
	if err != nil {
		return `""` // a string can always be encoded
	}
	return string(quoted)
}

func object(required []string, properties map[string]*huma.Schema) *huma.Schema {
	return &huma.Schema{Type: huma.TypeObject, Properties: properties, Required: required}
}

func free(text string) *huma.Schema {
	return &huma.Schema{Type: huma.TypeObject, AdditionalProperties: true, Description: text}
}

func text(doc string) *huma.Schema { return &huma.Schema{Type: huma.TypeString, Description: doc} }

func number(doc string) *huma.Schema { return &huma.Schema{Type: huma.TypeInteger, Description: doc} }

func texts(doc string) *huma.Schema {
	return &huma.Schema{Type: huma.TypeArray, Items: &huma.Schema{Type: huma.TypeString}, Description: doc}
}

func order() *huma.Schema { return &huma.Schema{Type: huma.TypeString, Enum: []any{"asc", "desc"}} }

func owner() *huma.Schema {
	return &huma.Schema{
		Type: huma.TypeString, Description: "Whose entries: public by default",
		Enum: []any{"public", "visible", "all", "shared", "user", "staging", "admin"},
	}
}

func searchBodySchema(schemas huma.Registry) *huma.Schema {
	return api.Component(schemas, "EntriesQuery", object(nil, map[string]*huma.Schema{
		"owner": owner(),
		"query": free("Conditions by quantity, and/or/not; see the guide to searching"),
		"pagination": object(nil, map[string]*huma.Schema{
			"page_size": number("Hits per page, 10 by default, at most 10000; 0 gives only total and aggregations"), "order_by": text("Quantity to sort by, entry_id by default"),
			"order": order(), "page_after_value": text("The next_page_after_value of the answer before"),
			"page": number("Number of the page, from 1"), "page_offset": number("Number of hits to leave out"),
		}),
		"required":     requiredSchema(),
		"aggregations": {Type: huma.TypeObject, AdditionalProperties: free("One aggregation by its type, for example terms"), Description: "Counts by value"},
	}))
}

func requiredSchema() *huma.Schema {
	return object(nil, map[string]*huma.Schema{"include": texts("Quantities to give"), "exclude": texts("Quantities to leave out")})
}

func entriesAnswerSchema(schemas huma.Registry) *huma.Schema {
	return object([]string{"owner", "query", "pagination", "data"}, map[string]*huma.Schema{
		"owner": owner(), "query": free("The query in its normal form"), "pagination": paginationRef(schemas), "required": requiredSchema(),
		"aggregations": {Type: huma.TypeObject, AdditionalProperties: free("")},
		"data":         {Type: huma.TypeArray, Items: metadataRef(schemas)},
	})
}

func entryAnswerSchema(schemas huma.Registry) *huma.Schema {
	return object([]string{"entry_id", "data"}, map[string]*huma.Schema{
		"entry_id": text(""), "required": requiredSchema(), "data": metadataRef(schemas),
		"allowed": {
			Type: huma.TypeObject, AdditionalProperties: schemas.Schema(reflect.TypeFor[Allowed](), true, "Allowed"),
			Description: "What you may do with it and its upload, by the id of the operation; only with include=allowed, not part of the NOMAD API",
		},
	})
}

func archiveSchema(huma.Registry) *huma.Schema {
	return object([]string{"entry_id", "required", "data"}, map[string]*huma.Schema{
		"entry_id": text(""), "required": text("What was asked for: * is all"),
		"data": object([]string{"entry_id", "upload_id", "parser_name", "archive"}, map[string]*huma.Schema{
			"entry_id": text(""), "upload_id": text(""), "parser_name": text(""), "archive": free("The archive"),
		}),
	})
}
