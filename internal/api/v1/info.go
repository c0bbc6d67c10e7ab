package v1

import (
	"context"
	"net/http"

	"oasis/internal/access"
	"oasis/internal/access/scope"
	"oasis/internal/api"
)

// Info is what this installation says of itself.
type Info struct {
	Version    string   `json:"version" doc:"Version of this server"`
	NomadAPI   string   `json:"nomad_api" doc:"Version of the NOMAD API it speaks"`
	Deployment string   `json:"deployment" doc:"Name of this installation"`
	Oasis      bool     `json:"oasis" doc:"Whether it is an Oasis, not the central NOMAD"`
	Parsers    []string `json:"parsers" doc:"Parsers that make entries of files"`
}

// nomadAPI is the version of the API the answers follow.
const nomadAPI = "2.0.0"

// Scope describes one scope for people who choose.
type Scope struct {
	Scope    string `json:"scope" doc:"Name, resource:action"`
	Resource string `json:"resource"`
	Action   string `json:"action"`
	Sentence string `json:"sentence" doc:"What it allows"`
	// PATAllowed tells whether a personal access token may hold it.
	PATAllowed bool `json:"pat_allowed" doc:"Whether a personal access token may hold it"`
	// InUse tells whether it guards an operation of this server.
	InUse bool `json:"in_use" doc:"Whether it guards an operation of this server already"`
}

// Scopes is the catalogue.
type Scopes struct {
	Data []Scope `json:"data"`
}

func (s Services) infoRoutes() []api.Route {
	return []api.Route{
		api.Handle(api.Row{
			Operation: access.Operation{ID: "getInfo", Scopes: scope.Of(scope.InfoRead), Anonymous: true, Reach: access.ReachPublic},
			Method:    http.MethodGet, Path: api.PathV1 + "/info", Tag: "info", Summary: "What this installation is",
			Output: Info{Version: "1.0.0", NomadAPI: nomadAPI, Deployment: "lab", Oasis: true, Parsers: []string{"parsers/archive"}},
		}, s.getInfo),
		api.Handle(api.Row{
			Operation: access.Operation{ID: "listScopes", Open: true},
			Method:    http.MethodGet, Path: api.PathV1 + "/scopes", Tag: "info", Summary: "All scopes, with what each allows",
			Description: "Static, public data: what the page for access tokens offers.",
			Output: Scopes{[]Scope{{
				Scope: "uploads:read", Resource: "uploads", Action: "read",
				Sentence: "List uploads and read their files and entries.", PATAllowed: true, InUse: true,
			}}},
		}, listScopes),
	}
}

func (s Services) getInfo(_ context.Context, _ *struct{}) (*struct{ Body Info }, error) {
	about := s.About()
	return &struct{ Body Info }{Info{
		Version: about.Version, NomadAPI: nomadAPI, Deployment: about.Deployment, Oasis: about.IsOasis, Parsers: about.Parsers,
	}}, nil
}

func listScopes(_ context.Context, _ *struct{}) (*struct{ Body Scopes }, error) {
	return &struct{ Body Scopes }{Scopes{scopeCatalogue()}}, nil
}

func scopeCatalogue() []Scope {
	pending := scope.Pending()
	var all []Scope
	for _, info := range scope.All() {
		_, waits := pending[info.Scope]
		all = append(all, Scope{
			Scope: info.Name, Resource: info.Resource, Action: info.Action, Sentence: info.Sentence,
			PATAllowed: !scope.Tokens().Has(info.Scope) && !info.Reserved, InUse: !waits,
		})
	}
	return all
}
