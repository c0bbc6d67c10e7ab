package api

import (
	"net/http"
	"net/netip"
	"net/url"
	"strings"
)

// seen gives the address of the client and whether it came by HTTPS. What
// proxies add to the request counts only when it comes from a trusted one; the
// client is then the last address in X-Forwarded-For that is no trusted proxy.
func (s *Server) seen(r *http.Request) (address string, secure bool) {
	secure = r.TLS != nil || s.publicHTTPS(r.Host)
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr, secure
	}
	client := peer.Addr().Unmap()
	if !s.trusted(client) {
		return client.String(), secure
	}
	if proto := r.Header.Get("X-Forwarded-Proto"); proto != "" {
		secure = strings.EqualFold(proto, "https")
	}
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(hops) - 1; i >= 0; i-- {
		hop, err := netip.ParseAddr(strings.TrimSpace(hops[i]))
		if err != nil {
			break // from here on to the left nobody we trust has written
		}
		client = hop.Unmap()
		if !s.trusted(client) {
			break
		}
	}
	return client.String(), secure
}

// publicHTTPS tells whether the configured public address is HTTPS and the client asked for it.
func (s *Server) publicHTTPS(host string) bool {
	rest, ok := strings.CutPrefix(s.opts.PublicURL(), "https://")
	return ok && (rest == host || strings.HasPrefix(rest, host+"/"))
}

func (s *Server) trusted(a netip.Addr) bool {
	for _, p := range s.opts.TrustedProxies {
		if p.Contains(a) {
			return true
		}
	}
	return false
}

// selfURL is the address of the request as the client sees it.
func (c *call) selfURL() *url.URL {
	u := *c.r.URL
	if original, err := url.ParseRequestURI(c.r.RequestURI); err == nil {
		u = *original // the path before it was made canonical
	}
	u.Scheme, u.Host = "http", c.r.Host
	if c.secure {
		u.Scheme = "https"
	}
	if peer, err := netip.ParseAddrPort(c.r.RemoteAddr); err == nil && c.server.trusted(peer.Addr().Unmap()) {
		if host := c.r.Header.Get("X-Forwarded-Host"); host != "" {
			u.Host = host
		}
	}
	return &u
}
