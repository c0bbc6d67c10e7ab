package config

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"
)

// minClientSecret keeps secrets of clients from being guessed.
const minClientSecret = 16

// decodeClients reads auth.clients. Its errors say which client is wrong and never hold a secret.
func decodeClients(v value) ([]Client, error) {
	if v.kind != list {
		return nil, errExpected
	}
	clients := make([]Client, 0, len(v.items))
	for i, item := range v.items {
		c, err := decodeClient(item)
		if err != nil {
			return nil, fmt.Errorf("has a wrong client at place %d: %w", i+1, err)
		}
		if slices.ContainsFunc(clients, func(other Client) bool { return other.ID == c.ID }) {
			return nil, fmt.Errorf("has the client %s twice", c.ID)
		}
		clients = append(clients, c)
	}
	return clients, nil
}

func decodeClient(v value) (c Client, err error) {
	if v.kind != mapping {
		return c, errors.New("it must be a mapping {id, redirect_uris, …}")
	}
	public := false
	for _, f := range v.fields {
		switch f.key {
		case "id":
			c.ID, err = scalarOf(asText)(f.value)
		case "name":
			c.Name, err = scalarOf(asText)(f.value)
		case "secret":
			c.Secret, err = scalarOf(asText)(f.value)
		case "public":
			public, err = scalarOf(parseBool)(f.value)
		case "trusted":
			c.Trusted, err = scalarOf(parseBool)(f.value)
		case "devices":
			c.Devices, err = scalarOf(parseBool)(f.value)
		case "redirect_uris":
			c.RedirectURIs, err = listOf(scalarOf(redirectAddress))(f.value)
		case "post_logout_redirect_uris":
			c.PostLogoutRedirectURIs, err = listOf(scalarOf(redirectAddress))(f.value)
		default:
			return c, fmt.Errorf("it has the unknown key %s", printable(f.key))
		}
		if err != nil {
			return c, errors.New("its " + f.key + " " + err.Error()) // not wrapped: the sentence about a wrong value is ours
		}
	}
	switch {
	case c.ID == "" || strings.ContainsFunc(c.ID, func(r rune) bool { return r <= ' ' || r > '~' || r == ':' }):
		return c, errors.New("its id must be a text of letters and digits without blanks and colons")
	case public == (c.Secret != ""):
		return c, errors.New("it must have either a secret or public: true")
	case c.Secret != "" && utf8.RuneCountInString(c.Secret) < minClientSecret:
		return c, fmt.Errorf("its secret must have at least %d characters", minClientSecret)
	case len(c.RedirectURIs) == 0 && !c.Devices && public:
		return c, errors.New("it has neither redirect_uris nor devices: true")
	}
	return c, nil
}

// redirectAddress accepts an absolute address without fragment (RFC 6749 §3.1.2).
func redirectAddress(s string) (string, error) {
	u, err := url.Parse(s)
	if err != nil || u.Scheme == "" || u.Fragment != "" || u.User != nil || u.Opaque != "" ||
		(u.Scheme == "http" || u.Scheme == "https") && u.Hostname() == "" || strings.Contains(s, "*") ||
		slices.Contains([]string{"javascript", "data", "file"}, u.Scheme) {
		return "", errExpected
	}
	return s, nil
}

// formatClients leaves the secrets out.
func formatClients(clients []Client) string {
	out := make([]map[string]any, 0, len(clients))
	for _, c := range clients {
		shown := map[string]any{"id": c.ID, "redirect_uris": c.RedirectURIs}
		if c.Secret == "" {
			shown["public"] = true
		}
		out = append(out, shown)
	}
	return formatJSON(out)
}
