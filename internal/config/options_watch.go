package config

import (
	"net"
	"strconv"
	"strings"
)

// watchOptions are the sections `audit` and `metrics`: what the server tells about its work.
func watchOptions() []*Option {
	return []*Option{
		row("audit.retention", func(c *Config) *int { return &c.Audit.Retention }, 400,
			"Days that rows of the audit log are kept; 0 keeps them for ever.", between(0, 36500)),
		row("metrics.listen", func(c *Config) *string { return &c.Metrics.Listen }, "",
			"Address on which `/metrics` is served for Prometheus, such as `127.0.0.1:9464`; empty means nowhere. Nobody is asked who they are there.",
			listenAddress(), nullIsDefault, restart),
	}
}

// listenAddress wants host:port or :port, because a port alone or a host alone is a typing mistake.
func listenAddress() func(*rowSpec[string]) {
	return where("host:port such as 127.0.0.1:9464, or nothing", func(s string) (string, error) {
		s = strings.TrimSpace(s)
		if s == "" {
			return "", nil
		}
		_, port, err := net.SplitHostPort(s)
		if err != nil {
			return "", errExpected
		}
		if n, err := strconv.Atoi(port); err != nil || n < 0 || n > 65535 {
			return "", errExpected
		}
		return s, nil
	})
}
