package api_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"oasis/internal/access/scope"
	"oasis/internal/api"
)

var update = flag.Bool("update", false, "write the golden files again")

// The golden files are what the types of the web app are generated from.
func TestOpenAPIDocumentsAreTheGoldenOnes(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	compare(t, "testdata/openapi.golden.json", []byte(l.get("", "/api/v1/openapi.json").want(200).body))
	compare(t, "testdata/page.golden.json", l.api.PageDescription())
}

func compare(t *testing.T, golden string, got []byte) {
	t.Helper()
	var pretty bytes.Buffer
	must(t, json.Indent(&pretty, got, "", "  "))
	pretty.WriteByte('\n')
	if *update {
		must(t, os.WriteFile(golden, pretty.Bytes(), 0o600))
	}
	want, err := os.ReadFile(golden)
	must(t, err)
	if !bytes.Equal(want, pretty.Bytes()) {
		t.Errorf("the API description has changed; look at the difference after\n\tgo test ./internal/api -run TestOpenAPI -update && git diff %s", golden)
	}
}

// document is what the lint reads of the description.
type document struct {
	OpenAPI string
	Servers []struct{ URL string }
	Tags    []struct{ Name, Description string }
	Paths   map[string]map[string]struct {
		OperationID string
		Summary     string
		Tags        []string
		Security    []map[string][]string
		Scopes      []string `json:"x-scopes"`
		Parameters  []struct{ Name, In, Description string }
		Responses   map[string]struct {
			Description string
			Content     map[string]struct {
				Example any
				Schema  map[string]any
			}
		}
	}
	Components struct {
		Schemas         map[string]any
		SecuritySchemes map[string]any
	}
}

func TestOpenAPIDocumentIsComplete(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	text := l.get("", "/api/v1/openapi.json").want(200).body
	var doc document
	must(t, json.Unmarshal([]byte(text), &doc))
	if doc.OpenAPI != "3.1.0" || len(doc.Servers) != 1 || doc.Servers[0].URL != base+"/api/v1" {
		t.Errorf("OpenAPI %s, servers %v", doc.OpenAPI, doc.Servers)
	}
	var tags []string
	for _, tag := range doc.Tags {
		tags = append(tags, tag.Name)
	}
	ids := map[string]bool{}
	for path, item := range doc.Paths {
		if strings.Contains(path, "...") {
			t.Errorf("%s: the router's form of the path is shown", path)
		}
		for method, op := range item {
			complain := func(format string, args ...any) {
				t.Errorf(method+" "+path+": "+format, args...)
			}
			ids[op.OperationID] = true
			if op.Summary == "" {
				complain("no summary")
			}
			if len(op.Tags) != 1 || !slices.Contains(tags, op.Tags[0]) {
				complain("tags %v", op.Tags)
			}
			for _, part := range strings.Split(path, "{")[1:] {
				name, _, _ := strings.Cut(part, "}")
				if !slices.ContainsFunc(op.Parameters, func(p struct{ Name, In, Description string }) bool { return p.Name == name && p.In == "path" }) {
					complain("no parameter %s", name)
				}
			}
			example, refusals := false, 0
			for status, response := range op.Responses {
				n, err := strconv.Atoi(status)
				if err != nil {
					complain("response %q", status)
				}
				for kind, content := range response.Content {
					if n < 300 && content.Example != nil {
						example = true
					}
					if n >= 400 && (kind != "application/problem+json" || content.Schema["$ref"] != "#/components/schemas/Problem") {
						complain("%s is no problem", status)
					}
				}
				if n >= 400 {
					refusals++
				}
				if n == 204 {
					example = true
				}
			}
			if !example {
				complain("no example")
			}
			if refusals == 0 {
				complain("no documented refusals")
			}
			for _, requirement := range op.Security {
				for scheme, scopes := range requirement {
					if doc.Components.SecuritySchemes[scheme] == nil {
						complain("unknown security scheme %s", scheme)
					}
					if !slices.Equal(scopes, op.Scopes) {
						complain("scheme %s asks for %v, x-scopes are %v", scheme, scopes, op.Scopes)
					}
				}
			}
		}
	}
	for _, r := range l.api.Routes() {
		if strings.HasPrefix(r.Path, api.PathV1+"/") && !ids[r.ID] && !slices.Contains([]string{"getOpenAPI", "getAPIPage", "createAccessTokenByQuery"}, r.ID) {
			t.Errorf("route %s is not described", r.ID)
		}
	}
	for _, name := range refs(text) {
		if doc.Components.Schemas[name] == nil {
			t.Errorf("#/components/schemas/%s does not exist", name)
		}
	}
}

// refs lists the schemas a document refers to.
func refs(text string) []string {
	var names []string
	for _, part := range strings.Split(text, `"#/components/schemas/`)[1:] {
		name, _, _ := strings.Cut(part, `"`)
		names = append(names, name)
	}
	return names
}

func TestEveryScopeGuardsARouteOrIsPending(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	pending := scope.Pending()
	guards := map[scope.Scope]string{}
	for _, r := range l.api.Routes() {
		for _, info := range scope.All() {
			if r.Scopes.Has(info.Scope) {
				guards[info.Scope] = r.ID
			}
		}
	}
	for _, info := range scope.All() {
		reason, waits := pending[info.Scope]
		switch {
		case guards[info.Scope] == "" && !waits:
			t.Errorf("%s guards no route and stands not in pending.go", info.Name)
		case guards[info.Scope] != "" && waits:
			t.Errorf("%s guards %s and still stands in pending.go", info.Name, guards[info.Scope])
		case waits && reason == "":
			t.Errorf("%s is pending without a reason", info.Name)
		}
	}
}

func TestAPIPageShowsEveryOperation(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	page := l.get("", "/api/v1/extensions/docs").want(200)
	for _, r := range l.api.Routes() {
		if strings.HasPrefix(r.Path, api.PathV1+"/") && r.Output != nil && !strings.Contains(page.body, `id="`+r.ID+`"`) {
			t.Errorf("%s is not on the page", r.ID)
		}
	}
	for _, foreign := range []string{"<script", "src=", "cdn"} {
		if strings.Contains(page.body, foreign) {
			t.Errorf("the page holds %q", foreign)
		}
	}
}
