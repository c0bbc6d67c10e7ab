package config

import (
	"net"
	"strconv"
	"strings"
)

// BasePath is the path before every route: "/nomad-oasis", or "" when everything is served at the root.
func (c *Config) BasePath() string { return strings.TrimSuffix(c.Services.APIBasePath, "/") }

// PublicURL is the address of the server as people see it, base path included, without slash at the end.
// services.public_url decides; else https, api_host, api_port and base path; what of host and port nobody set is
// taken from Listen.
func (c *Config) PublicURL() string {
	if c.Services.PublicURL != "" {
		return c.Services.PublicURL
	}
	scheme, host, port := "http", c.Services.APIHost, strconv.Itoa(c.Services.APIPort)
	if c.Services.HTTPS {
		scheme = "https"
	}
	if listenHost, listenPort, err := net.SplitHostPort(c.Listen); err == nil {
		if c.unset("services.api_host") {
			host = reachable(listenHost)
		}
		if c.unset("services.api_port") && listenPort != "" && listenPort != "0" {
			port = listenPort
		}
	}
	// NOMAD leaves out both, whatever the scheme: configurations behind a proxy rely on it.
	if port == "80" || port == "443" {
		port = ""
	}
	return scheme + "://" + hostPort(host, port) + c.BasePath()
}

// Issuer is the issuer of the built-in identity provider, the same in every discovery document.
func (c *Config) Issuer() string { return c.PublicURL() + "/auth" }

// APIURL is the public address of the NOMAD API, below which its operations lie.
func (c *Config) APIURL() string { return c.PublicURL() + "/api/v1" }

func (c *Config) unset(key string) bool { return c.origins[key].Layer == FromDefault }

// reachable replaces addresses that one can listen on but not visit.
func reachable(host string) string {
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		return "localhost"
	}
	return host
}

func hostPort(host, port string) string {
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	if port == "" {
		return host
	}
	return host + ":" + port
}
