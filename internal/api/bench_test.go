package api_test

import (
	"net/http"
	"testing"
)

// BenchmarkPipeline shows what the pipeline costs without the network.
func BenchmarkPipeline(b *testing.B) {
	l := newLab(b)
	for name, path := range map[string]string{"alive": "/alive", "me": "/api/v1/users/me", "info": "/api/v1/info"} {
		b.Run(name, func(b *testing.B) {
			r, err := http.NewRequestWithContext(b.Context(), "GET", base+path, nil)
			if err != nil {
				b.Fatal(err)
			}
			r.RemoteAddr = "127.0.0.1:1"
			r.Header.Set("Authorization", "Bearer "+l.pat("jane", "users:read", "info:read"))
			b.ReportAllocs()
			for b.Loop() {
				w := &memory{header: http.Header{}}
				l.api.ServeHTTP(w, r)
			}
		})
	}
}
