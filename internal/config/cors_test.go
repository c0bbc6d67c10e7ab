package config

import (
	"slices"
	"testing"
)

func TestOriginsOfOtherSites(t *testing.T) {
	t.Parallel()
	tests := []struct {
		list string
		want []string // nil = refused
	}{
		{`["https://portal.example.org"]`, []string{"https://portal.example.org"}},
		{`[" HTTPS://Portal.Example.org/ ", "http://localhost:3000"]`, []string{"https://portal.example.org", "http://localhost:3000"}},
		{`["https://a.example:443", "http://b.example:80", "http://c.example:443"]`, []string{"https://a.example", "http://b.example", "http://c.example:443"}},
		{`["*"]`, []string{"*"}},
		{`["*", "https://portal.example.org"]`, nil},
		{`["null"]`, nil},
		{`["https://portal.example.org/x#y"]`, nil},
		{`["https://portal.example.org/page"]`, nil},
		{`["https://portal.example.org?x"]`, nil},
		{`["https://*.example.org"]`, nil},
		{`["portal.example.org"]`, nil},
		{`[""]`, nil},
	}
	for _, tt := range tests {
		t.Run(tt.list, func(t *testing.T) {
			t.Parallel()
			place := newPlace(t, map[string]string{"work/nomad.yaml": "services: {cors_origins: " + tt.list + "}\n"})
			if tt.want == nil {
				_ = refused(t, place)
				return
			}
			cfg, _ := mustLoad(t, place)
			if !slices.Equal(cfg.Services.CORSOrigins, tt.want) {
				t.Errorf("got %q, want %q", cfg.Services.CORSOrigins, tt.want)
			}
		})
	}
	if cfg, _ := mustLoad(t, newPlace(t, nil)); len(cfg.Services.CORSOrigins) != 0 {
		t.Errorf("without the option: %q", cfg.Services.CORSOrigins)
	}
}
