//go:build !bench

package api

import "net/http"

// Only the benchmark binary serves anything without guard; see bench_on.go.

func unguardedRoutes([]Route) []Route { return nil }

func (s *Server) unguarded(*Route, http.Handler) http.Handler { return nil }
