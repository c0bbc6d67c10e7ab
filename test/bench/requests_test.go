package bench

import (
	"net/http"
	"testing"
	"time"

	"oasis/test/servers"
)

// requests measures what signing in, deciding and all else around a handler cost:
// GET /users/me with a personal access token at 8 connections, against the same
// handler mounted without authenticate and decide, and against the cheapest answer.
func (t *table) requests(b *testing.B) {
	const (
		connections = 8
		rounds      = 9
		round       = time.Second
	)
	server := servers.NewOasis(b, servers.BenchBinary(b))
	client := server.Admin("ada")
	server.Start()
	variants := []*request{
		newRequest(b, http.MethodGet, client.API+"/users/me", client.Token, ""),
		newRequest(b, http.MethodGet, client.API+"/unguarded/users/me", client.Token, ""),
		newRequest(b, http.MethodGet, server.URL+"/alive", client.Token, ""),
	}
	rates := make([][]float64, len(variants))
	for _, r := range variants {
		r.rate(b, connections, round) // warm
	}
	for range rounds {
		for i, r := range variants {
			rates[i] = append(rates[i], r.rate(b, connections, round))
		}
	}
	ratio := func(to int) float64 {
		var ratios []float64
		for n := range rounds {
			ratios = append(ratios, rates[0][n]/rates[to][n])
		}
		return median(ratios)
	}
	t.add(b, figure{
		what: "GET /users/me with a token, 8 connections", key: "guarded", unit: "req/s", ours: median(rates[0]),
		limit: median(rates[1]), of: "same handler, unguarded", ratio: ratio(1), wanted: 0.9, nomad: "196 req/s",
	})
	t.add(b, figure{
		what: "the same against the cheapest answer", key: "alive", unit: "req/s", ours: median(rates[0]),
		limit: median(rates[2]), of: "/alive", ratio: ratio(2), wanted: 0.7,
	})
}
