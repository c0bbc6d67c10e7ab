package config

import (
	"fmt"
	"log/slog"
	"net/url"
	"strings"

	"oasis/internal/access/scope"
)

// finish applies the rules that concern more than one option.
func (l *loader) finish() {
	l.moveAllowedUsers()
	l.moveRequireAuthentication()
	l.checkScopes("auth.unauthenticated_user_scopes", l.cfg.Auth.UnauthenticatedUserScopes)
	l.checkScopes("auth.unauthorized_user_scopes", l.cfg.Auth.UnauthorizedUserScopes)
	l.checkSecret()
	l.checkPublicURL()
	l.checkProvider()
	l.checkShared()
	for _, p := range l.cfg.Services.TrustedProxies {
		if p.Bits() == 0 {
			l.notice(slog.LevelWarn, "services.trusted_proxies contains %s: every caller may then claim any address", p)
		}
	}
}

const (
	keyUsers      = "auth.authorized_users"
	keyOldUsers   = "oasis.allowed_users"
	keyRequire    = "auth.require_authentication"
	keyOldRequire = "oasis.require_authentication"
)

// moveAllowedUsers follows spec auth.md §9: the old list becomes the new one and
// closes the server, unless one of the require_authentication keys says otherwise.
func (l *loader) moveAllowedUsers() {
	users := l.cfg.old.allowedUsers
	l.cfg.old.allowedUsers = nil
	old := l.forget(keyOldUsers)
	if users == nil {
		return
	}
	if l.cfg.Auth.AuthorizedUsers != nil && l.together(keyOldUsers, old, keyUsers) {
		return
	}
	l.cfg.Auth.AuthorizedUsers = users
	l.cfg.origins[keyUsers] = old
	l.deprecatedKey(keyOldUsers, old, keyUsers)
	_, set := l.cfg.origins[keyRequire]
	if !set && l.cfg.old.requireAuthentication == nil {
		l.cfg.Auth.RequireAuthentication = true
		l.cfg.origins[keyRequire] = old
	}
}

func (l *loader) moveRequireAuthentication() {
	require := l.cfg.old.requireAuthentication
	l.cfg.old.requireAuthentication = nil
	old := l.forget(keyOldRequire)
	if require == nil || l.together(keyOldRequire, old, keyRequire) {
		return
	}
	l.cfg.Auth.RequireAuthentication = *require
	l.cfg.origins[keyRequire] = old
	l.deprecatedKey(keyOldRequire, old, keyRequire)
}

func (l *loader) forget(key string) Origin {
	o := l.cfg.origins[key]
	delete(l.cfg.origins, key)
	return o
}

// together refuses an old and a new key at once. A new key from the admin page is
// no conflict: what the operator wrote outweighs it.
func (l *loader) together(oldKey string, old Origin, newKey string) bool {
	other, set := l.cfg.origins[newKey]
	if !set || other.Layer == FromSettings && old.Layer != FromSettings {
		return false
	}
	l.problemAt(old, oldKey, fmt.Sprintf("%s is the old name of %s, which is also set (%s)", oldKey, newKey, other), "one of them; keep "+newKey)
	return true
}

func (l *loader) deprecatedKey(oldKey string, old Origin, newKey string) {
	l.notice(slog.LevelWarn, "%s: %s is deprecated, write %s instead", old, oldKey, newKey)
}

func (l *loader) problemAt(o Origin, key, message, accepted string) {
	l.problem(source{layer: o.Layer, name: o.Name}, position{o.Line, o.Column}, key, message, accepted, false)
}

// checkScopes expands a rule now, so that a wrong pattern stops the start and not the first request.
func (l *loader) checkScopes(key string, rule ScopeRule) {
	if _, err := scope.Expand(nil, rule.Exclude); err != nil {
		l.problemAt(l.cfg.origins[key+".exclude"], key+".exclude", key+".exclude: "+err.Error(), "scopes as listed by `oasis scopes`, '*' for one side")
	}
	if _, err := scope.Expand(rule.Include, nil); err != nil {
		l.problemAt(l.cfg.origins[key+".include"], key+".include", key+".include: "+err.Error(), "scopes as listed by `oasis scopes`, '*' for one side")
	}
}

// checkSecret refuses secrets that stand in documentation. What NOMAD is shipped
// with is known to everybody, so whoever reads it could sign tokens.
func (l *loader) checkSecret() {
	if l.cfg.Services.Mode != Production || !wellKnown(l.cfg.Services.APISecret) {
		return
	}
	l.problemAt(l.cfg.origins["services.api_secret"], "services.api_secret",
		"services.api_secret looks like a published default, which anybody could sign tokens with",
		"a random text of 32 characters or more, or no services.api_secret at all: one is then made")
}

func wellKnown(secret string) bool {
	if secret == "" {
		return false
	}
	lower, letters := strings.ToLower(secret), map[rune]bool{}
	for _, r := range lower {
		letters[r] = true
	}
	for _, word := range []string{"default", "insecure", "changeme", "change-me", "change_me", "placeholder", "example"} {
		if strings.Contains(lower, word) {
			return true
		}
	}
	return len(letters) < 6
}

// checkPublicURL makes services.public_url end in the base path: cookies, links and
// the issuer are made from both.
func (l *loader) checkPublicURL() {
	if l.cfg.Services.PublicURL == "" {
		return
	}
	u, err := url.Parse(l.cfg.Services.PublicURL)
	base := l.cfg.BasePath()
	switch {
	case err != nil || u.RawQuery != "":
		l.problemAt(l.cfg.origins["services.public_url"], "services.public_url", "services.public_url must be a plain address without query", "https://data.example.org"+base)
	case u.Path == "":
		l.cfg.Services.PublicURL += base
	case u.Path != base:
		l.problemAt(l.cfg.origins["services.public_url"], "services.public_url",
			fmt.Sprintf("services.public_url ends in %s, but services.api_base_path is %s", shown(u.Path), shown(l.cfg.Services.APIBasePath)),
			"the same path in both, or an address without path")
	}
}

// checkShared refuses several servers on a database that belongs to one.
func (l *loader) checkShared() {
	if l.cfg.Database.Shared && l.cfg.Database.URL == "" {
		l.problemAt(l.cfg.origins["database.shared"], "database.shared",
			"database.shared needs PostgreSQL: an SQLite database belongs to one server", "false, or a postgres:// address as database.url")
	}
}
