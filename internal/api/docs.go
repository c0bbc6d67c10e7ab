package api

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"oasis/internal/access"
)

//go:embed docs.html
var docsPage string

// descriptionRoutes serve the API description as JSON and as a page that needs
// nothing from the internet.
func (s *Server) descriptionRoutes() []Route {
	row := func(id, path, summary string) Row {
		return Row{
			Operation: access.Operation{ID: id, Open: true}, Method: http.MethodGet, Path: PathV1 + path,
			Summary: summary, Tag: "info", Quiet: true,
		}
	}
	return []Route{
		Serve(row("getOpenAPI", "/openapi.json", "The description of the API"), http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(s.openAPI))
		})),
		Serve(row("getAPIPage", "/extensions/docs", "The description of the API as a page"), http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			w.Header().Set("Content-Security-Policy", s.pagePolicy)
			http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(s.page))
		})),
	}
}

// docsOperation is one operation as the page shows it.
type docsOperation struct {
	ID, Method, Path, Summary, Description string
	Scopes                                 []string
	Open, Anonymous                        bool
	Parameters                             []docsParameter
	Curl, Input, Output                    string
	Answers                                []docsAnswer
}

type docsParameter struct {
	Name, In, Type, Text string
	Required             bool
}

type docsAnswer struct{ Status, Text string }

type docsTag struct {
	Name, Text string
	Operations []docsOperation
}

// renderDocs makes the page from the document.
func (s *Server) renderDocs(doc *huma.OpenAPI) error {
	page, err := template.New("docs").Parse(docsPage)
	if err != nil {
		return fmt.Errorf("read page template: %w", err)
	}
	var all []docsTag
	for _, tag := range doc.Tags {
		t := docsTag{Name: tag.Name, Text: tag.Description}
		for i := range s.routes {
			r := &s.routes[i]
			if r.described() && r.Tag == tag.Name {
				t.Operations = append(t.Operations, s.docsOperation(r, find(doc, r), doc.Components.Schemas))
			}
		}
		all = append(all, t)
	}
	var out bytes.Buffer
	err = page.Execute(&out, map[string]any{
		"Title": doc.Info.Title, "Version": doc.Info.Version, "Base": s.opts.BasePath, "Server": doc.Servers[0].URL,
		"Text": strings.Split(doc.Info.Description, "\n\n"), "Tags": all,
	})
	if err != nil {
		return fmt.Errorf("make API page: %w", err)
	}
	s.page = out.Bytes()
	_, rest, _ := bytes.Cut(s.page, []byte("<style>"))
	style, _, found := bytes.Cut(rest, []byte("</style>"))
	if !found {
		return errors.New("make API page: it has no style")
	}
	sum := sha256.Sum256(style)
	s.pagePolicy = "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) +
		"'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
	return nil
}

func (s *Server) docsOperation(r *Route, op *huma.Operation, schemas huma.Registry) docsOperation {
	d := docsOperation{
		ID: r.ID, Method: r.Method, Path: op.Path, Summary: r.Summary, Description: r.Description,
		Scopes: r.Scopes.Names(), Open: r.Open, Anonymous: r.Anonymous, Curl: s.curl(r, op),
		Input: pretty(r.Input), Output: pretty(r.Output),
	}
	for _, p := range op.Parameters {
		d.Parameters = append(d.Parameters, docsParameter{p.Name, p.In, typeName(p.Schema, schemas), p.Description, p.Required})
	}
	for status, answer := range op.Responses {
		d.Answers = append(d.Answers, docsAnswer{status, answer.Description})
	}
	slices.SortFunc(d.Answers, func(a, b docsAnswer) int { return cmp.Compare(a.Status, b.Status) })
	return d
}

// typeName is a short name of a parameter's type.
func typeName(schema *huma.Schema, _ huma.Registry) string {
	switch {
	case schema == nil:
		return ""
	case len(schema.Enum) > 0:
		names := make([]string, len(schema.Enum))
		for i, v := range schema.Enum {
			names[i] = fmt.Sprint(v)
		}
		return strings.Join(names, " | ")
	case schema.Type == huma.TypeArray && schema.Items != nil:
		return "list of " + typeName(schema.Items, nil)
	case schema.Format == "date-time":
		return "date and time"
	default:
		return schema.Type
	}
}

// curl is an example call.
func (s *Server) curl(r *Route, op *huma.Operation) string {
	var b strings.Builder
	b.WriteString("curl")
	if r.Method != http.MethodGet {
		b.WriteString(" -X " + r.Method)
	}
	if !r.Open {
		b.WriteString(` -H "Authorization: Bearer $TOKEN"`)
	}
	fmt.Fprintf(&b, " '%s%s'", strings.TrimSuffix(s.opts.PublicURL(), "/")+PathV1, op.Path)
	switch {
	case r.Streams:
		b.WriteString(" -T measurement.zip")
	case r.Input != nil:
		text, err := json.Marshal(r.Input)
		if err == nil {
			fmt.Fprintf(&b, " -H 'Content-Type: application/json' -d '%s'", text)
		}
	}
	return b.String()
}

func pretty(v any) string {
	if v == nil {
		return ""
	}
	text, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return ""
	}
	return string(text)
}
