package api

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

// tidy takes out of a schema what huma assumes of Go types and what is not so
// here: lists are never null, and objects have the members they name. Other keys
// are still ignored in requests.
func tidy(s *huma.Schema) {
	if s == nil {
		return
	}
	if s.Type == huma.TypeArray {
		s.Nullable = false
	}
	if open, is := s.AdditionalProperties.(bool); is && open && len(s.Properties) > 0 {
		s.AdditionalProperties = nil
	}
	tidy(s.Items)
	for _, member := range s.Properties {
		tidy(member)
	}
	for _, form := range s.OneOf {
		tidy(form)
	}
	if member, is := s.AdditionalProperties.(*huma.Schema); is {
		tidy(member)
	}
}

func tidyOperation(op *huma.Operation) {
	if op == nil {
		return
	}
	for _, p := range op.Parameters {
		tidy(p.Schema)
	}
	if op.RequestBody != nil {
		for _, content := range op.RequestBody.Content {
			tidy(content.Schema)
		}
	}
	for _, answer := range op.Responses {
		for _, content := range answer.Content {
			tidy(content.Schema)
		}
	}
}

// refersTo begins the reference to a schema, as JSON has it.
const refersTo = `"#/components/schemas/`

// withoutUnused removes the schemas of operations that are not described.
func withoutUnused(text []byte) ([]byte, error) {
	var doc map[string]any
	if err := json.Unmarshal(text, &doc); err != nil {
		return nil, fmt.Errorf("read API description: %w", err)
	}
	components, _ := doc["components"].(map[string]any)
	schemas, _ := components["schemas"].(map[string]any)
	used := map[string]bool{}
	todo, err := references(doc["paths"])
	for err == nil && len(todo) > 0 {
		name := todo[0]
		todo = todo[1:]
		if used[name] {
			continue
		}
		used[name] = true
		var more []string
		more, err = references(schemas[name])
		todo = append(todo, more...)
	}
	if err != nil {
		return nil, err
	}
	for name := range schemas {
		if !used[name] {
			delete(schemas, name)
		}
	}
	return json.Marshal(doc)
}

// references lists the schemas that a part of the document refers to.
func references(part any) ([]string, error) {
	text, err := json.Marshal(part)
	if err != nil {
		return nil, fmt.Errorf("encode API description: %w", err)
	}
	var names []string
	for _, after := range strings.Split(string(text), refersTo)[1:] {
		name, _, _ := strings.Cut(after, `"`)
		names = append(names, name)
	}
	return names, nil
}

// OrNull says that members of an object that are objects themselves may be null;
// huma cannot say it of shapes that have a name. Call it in TransformSchema.
func OrNull(s *huma.Schema, members ...string) *huma.Schema {
	for _, name := range members {
		s.Properties[name] = &huma.Schema{OneOf: []*huma.Schema{s.Properties[name], {Type: "null"}}}
	}
	return s
}
