package v1

import (
	"oasis/internal/access"
	"oasis/internal/access/scope"
)

// presets are the starting points of the page for the policy. None of them
// touches the allow list: whom it holds is for the lab to say.
func presets(p *access.Policy) []PolicyPreset {
	yes, no := true, false
	read, none := []string{"*:read"}, []string{}
	preset := func(id, title, sentence string, require, reject *bool, visitors, unlisted []string) PolicyPreset {
		return PolicyPreset{ID: id, Title: title, Sentence: sentence, Settings: PolicyChanges{
			RequireAuthentication: require, RejectUnauthorizedUsers: reject,
			UnauthenticatedScopes: &ScopeRuleChanges{Include: &visitors, Exclude: &none},
			UnauthorizedScopes:    &ScopeRuleChanges{Include: &unlisted, Exclude: &none},
		}}
	}
	all := []PolicyPreset{
		preset("closed", "Closed", "Only people on the list come in; nobody else sees anything.", &yes, &yes, none, none),
		preset("members", "Members and public data", "Visitors read what is published; everything else is for people on the list.", &no, &yes, read, none),
		preset("open", "Open", "Visitors read what is published; everybody with an account may look at what is shared with them.", &no, &no, read, read),
	}
	for i := range all {
		all[i].Active = isPreset(p, &all[i].Settings)
	}
	return all
}

// isPreset compares what a policy grants with what a preset would grant.
func isPreset(p *access.Policy, c *PolicyChanges) bool {
	granted := func(r *ScopeRuleChanges) scope.Set {
		set, _ := scope.Expand(r.Include, nil) // the presets are ours
		return set
	}
	same := p.RequireAuthentication == *c.RequireAuthentication && p.RejectUnauthorized == *c.RejectUnauthorizedUsers
	same = same && (p.RequireAuthentication || p.UnauthenticatedScopes == granted(c.UnauthenticatedScopes))
	return same && (p.RejectUnauthorized || p.UnauthorizedScopes == granted(c.UnauthorizedScopes))
}

func examplePolicy() Policy {
	place, line := "nomad.yaml", 3
	read := ScopeRule{Include: []string{"*:read"}, Exclude: []string{}, Granted: []string{"info:read"}}
	return Policy{
		Settings: PolicySettings{
			RequireAuthentication: true, AuthorizedUsers: AllowList{Entries: []string{"jane", "*@lab.example.org", "group:x-ray"}}, RejectUnauthorizedUsers: true,
			UnauthenticatedScopes: read, UnauthorizedScopes: read, InvalidCredentials: "reject", SecondFactor: "optional", PasswordGrant: true,
			AllowUploadTokenInQuery: true, MaintainerEmail: "jane@lab.example.org",
		},
		Origins: map[string]PolicyOrigin{"require_authentication": {From: "file", Place: &place, Line: &line, Locked: true}},
		Presets: []PolicyPreset{},
		Scopes:  []Scope{},
		Reload: PolicyReload{
			OK: true, At: "2026-01-31T12:00:00.000000Z", InForceSince: "2026-01-31T12:00:00.000000Z", Restart: []string{},
		},
	}
}
