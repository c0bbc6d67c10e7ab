package api

import (
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"oasis/internal/access"
	"oasis/internal/access/scope"
)

// Names of the security schemes in the API description.
const (
	schemeProvider = "ProviderToken"
	schemePersonal = "PersonalToken"
	schemeHeader   = "OasisToken"
	schemeSession  = "Session"
)

// newDescription makes the API that routes are mounted on, with the parts of the
// OpenAPI document that no row says. Paths in it begin after prefix.
func (s *Server) newDescription(prefix string) huma.API {
	registry := huma.NewMapRegistry("#/components/schemas/", huma.DefaultSchemaNamer)
	config := huma.Config{
		OpenAPI: &huma.OpenAPI{
			OpenAPI: "3.1.0",
			Info: &huma.Info{
				Title: "Oasis", Version: s.opts.Version,
				Description: "The API of this Oasis: a research-data server that speaks the NOMAD 2.0.0 API.\n\n" +
					"Every operation names the scopes it needs. A refusal is `application/problem+json`; on 401 and 403 its `decision` " +
					"tells which step of the access flowchart said no.",
				License: &huma.License{Name: "Apache-2.0", Identifier: "Apache-2.0"},
			},
			Servers:    []*huma.Server{{URL: s.opts.BasePath + prefix}},
			Components: &huma.Components{Schemas: registry, SecuritySchemes: s.schemes()},
			Tags:       tags(),
		},
		Formats:       map[string]huma.Format{"application/json": codec(), "json": codec()},
		DefaultFormat: "application/json",
		Transformers:  []huma.Transformer{translate},
	}
	config.AllowAdditionalPropertiesByDefault = true // unknown keys are ignored where nothing else is said (spec)
	return huma.NewAPI(config, &adapter{server: s})
}

func (s *Server) schemes() map[string]*huma.SecurityScheme {
	return map[string]*huma.SecurityScheme{
		schemeProvider: {
			Type: "oauth2", Description: "An access token of the identity provider. It holds every scope.",
			Flows: &huma.OAuthFlows{Password: &huma.OAuthFlow{
				TokenURL: s.opts.BasePath + PathV1 + "/auth/token", Scopes: scopeSentences(),
			}},
		},
		schemePersonal: {Type: "http", Scheme: "bearer", Description: "A personal access token (`nomad_pat_…`) with the scopes it was made with."},
		schemeHeader: {
			Type: "apiKey", In: "header", Name: "Oasis-Token",
			Description: "Either kind of token, for servers behind a proxy that uses the header Authorization itself.",
		},
		schemeSession: {Type: "apiKey", In: "cookie", Name: s.cookieName(true), Description: "The session of the web app, same origin only."},
	}
}

func tags() []*huma.Tag {
	return []*huma.Tag{
		{Name: "uploads", Description: "Uploads and their raw files"},
		{Name: "entries", Description: "Search entries and read their archives"},
		{Name: "auth", Description: "Sign in and manage access tokens"},
		{Name: "admin", Description: "For administrators"},
		{Name: "groups", Description: "Groups of people, to share uploads with"},
		{Name: "users", Description: "People"},
		{Name: "transfers", Description: "Handing uploads and groups over to other people"},
		{Name: "notifications", Description: "What you are told"},
		{Name: "info", Description: "What this installation is"},
	}
}

// operationOf makes huma's operation of a row.
func operationOf(r *Route) huma.Operation {
	op := huma.Operation{
		OperationID: r.ID, Method: r.Method, Path: strings.Replace(strings.TrimPrefix(r.Path, PathV1), tailName, "{path}", 1),
		Summary: r.Summary, Description: r.Description, Tags: []string{r.Tag}, DefaultStatus: r.Status,
		MaxBodyBytes: r.maxBody() + 1, BodyReadTimeout: jsonPatience, SkipValidateBody: r.LooseBody,
		Extensions: map[string]any{},
	}
	if r.Streams {
		op.MaxBodyBytes, op.BodyReadTimeout = -1, -1
	}
	op.Errors = r.errorStatuses()
	op.Security = r.security()
	if r.Scopes != 0 {
		op.Extensions["x-scopes"] = r.Scopes.Names()
	}
	return op
}

// maxBody gives the limit of a body that is read into memory.
func (r *Row) maxBody() int64 {
	if r.MaxBody > 0 {
		return r.MaxBody
	}
	return maxJSON
}

// errorStatuses lists every refusal a caller may meet.
func (r *Row) errorStatuses() []int {
	all := append([]int{http.StatusInternalServerError, http.StatusServiceUnavailable}, r.Errors...)
	if !r.Open {
		all = append(all, http.StatusUnauthorized, http.StatusForbidden)
	}
	if r.Method == http.MethodPost || r.Method == http.MethodPut || len(r.Undelivered) > 0 {
		all = append(all, http.StatusUnprocessableEntity)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// security says which credentials the operation takes, with the scopes it needs.
func (r *Row) security() []map[string][]string {
	if r.Open {
		return []map[string][]string{}
	}
	accepts := r.Accepts
	if accepts == 0 {
		accepts = access.AnyKind()
	}
	var all []map[string][]string
	if r.Anonymous {
		all = append(all, map[string][]string{}) // an empty requirement: none is needed
	}
	names := r.Scopes.Names()
	if accepts.Has(access.ProviderToken) {
		all = append(all, map[string][]string{schemeProvider: names})
	}
	if accepts.Has(access.PersonalToken) {
		all = append(all, map[string][]string{schemePersonal: names})
	}
	all = append(all, map[string][]string{schemeHeader: names})
	if accepts.Has(access.SessionCookie) {
		all = append(all, map[string][]string{schemeSession: names})
	}
	return all
}

// finishDescription adds examples, says errors as problems, and gives the document as JSON.
func (s *Server) finishDescription(doc *huma.OpenAPI, described func(*Route) bool) ([]byte, error) {
	for i := range s.routes {
		r := &s.routes[i]
		if !described(r) {
			continue
		}
		op := find(doc, r)
		if op == nil {
			return nil, fmt.Errorf("route %s is missing in the description", r.ID)
		}
		problems(op, doc)
		if r.Describe != nil {
			r.Describe(op, doc.Components.Schemas)
		}
		addExamples(op, r)
	}
	for _, schema := range doc.Components.Schemas.Map() {
		tidy(schema)
	}
	for _, item := range doc.Paths {
		for _, op := range []*huma.Operation{item.Get, item.Post, item.Put, item.Delete, item.Patch, item.Options} {
			tidyOperation(op)
		}
	}
	text, err := json.Marshal(doc)
	if err != nil {
		return nil, fmt.Errorf("encode API description: %w", err)
	}
	return withoutUnused(text)
}

func find(doc *huma.OpenAPI, r *Route) *huma.Operation {
	item := doc.Paths[strings.Replace(strings.TrimPrefix(r.Path, PathV1), tailName, "{path}", 1)]
	if item == nil {
		return nil
	}
	return map[string]*huma.Operation{
		http.MethodGet: item.Get, http.MethodPost: item.Post, http.MethodPut: item.Put,
		http.MethodDelete: item.Delete, http.MethodPatch: item.Patch, http.MethodOptions: item.Options,
	}[r.Method]
}

func addExamples(op *huma.Operation, r *Route) {
	if r.Input != nil && op.RequestBody != nil {
		for _, content := range op.RequestBody.Content {
			content.Example = r.Input
		}
	}
	if r.Output == nil {
		return
	}
	if answer := op.Responses[strconv.Itoa(op.DefaultStatus)]; answer != nil {
		_, structured := answer.Content["application/json"]
		for name, content := range answer.Content {
			if !structured || name == "application/json" {
				content.Example = r.Output
			}
		}
	}
}

// scopeSentences says what each scope allows.
func scopeSentences() map[string]string {
	sentences := map[string]string{}
	for _, info := range scope.All() {
		sentences[info.Name] = info.Sentence
	}
	return sentences
}

// problems says that refusals are problems, with the shape they have.
func problems(op *huma.Operation, doc *huma.OpenAPI) {
	schema := doc.Components.Schemas.Schema(reflect.TypeFor[Problem](), true, "")
	for status, answer := range op.Responses {
		if status < "400" && status != "default" {
			continue
		}
		answer.Content = map[string]*huma.MediaType{contentProblem: {Schema: schema}}
		if status == strconv.Itoa(StatusBadChecksum) {
			answer.Description = titleOf(StatusBadChecksum)
		}
	}
	delete(op.Responses, "default")
	known := doc.Components.Schemas.Map()
	delete(known, "ErrorModel") // huma's own shapes, never sent
	delete(known, "ErrorDetail")
}

// Component adds a shape that no Go type says to the description and refers to it.
func Component(schemas huma.Registry, name string, schema *huma.Schema) *huma.Schema {
	schemas.Map()[name] = schema
	return &huma.Schema{Ref: "#/components/schemas/" + name}
}

// Answers says which content a successful answer has, by media type; a nil schema is bytes.
func Answers(op *huma.Operation, content map[string]*huma.Schema) {
	answer := op.Responses[strconv.Itoa(op.DefaultStatus)]
	if answer == nil {
		answer = &huma.Response{Description: http.StatusText(op.DefaultStatus)}
		op.Responses[strconv.Itoa(op.DefaultStatus)] = answer
	}
	answer.Content = media(content)
}

// Takes says which content the body of a request has, by media type; a nil schema is bytes.
func Takes(op *huma.Operation, required bool, content map[string]*huma.Schema) {
	op.RequestBody = &huma.RequestBody{Required: required, Content: media(content)}
}

func media(content map[string]*huma.Schema) map[string]*huma.MediaType {
	all := map[string]*huma.MediaType{}
	for name, schema := range content {
		if schema == nil {
			schema = &huma.Schema{Type: huma.TypeString, Format: "binary"}
		}
		all[name] = &huma.MediaType{Schema: schema}
	}
	return all
}
