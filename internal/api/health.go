package api

import (
	"net/http"

	"oasis/internal/access"
)

// healthRoutes tell whoever watches the server that it answers.
func healthRoutes() []Route {
	fine := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Cache-Control", "no-store")
		_, _ = w.Write([]byte("\"I am, alive!\"\n")) // what NOMAD's deployments are asked for
	})
	row := func(id, path string, outside bool) Row {
		return Row{
			Operation: access.Operation{ID: id, Open: true, BeforeSetUp: true},
			Method:    http.MethodGet, Path: path, Outside: outside, Quiet: true, Summary: "Is the server there?",
		}
	}
	return []Route{
		Serve(row("alive", "/alive", false), fine),
		Serve(row("ready", "/ready", false), fine),
		Serve(row("health", "/-/health", true), fine),
	}
}
