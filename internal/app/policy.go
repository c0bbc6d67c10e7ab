package app

import (
	"fmt"
	"time"

	"oasis/internal/access"
	"oasis/internal/access/identity"
	"oasis/internal/access/scope"
	"oasis/internal/access/token"
	"oasis/internal/config"
	"oasis/internal/data/upload"
	"oasis/internal/data/upload/unpack"
	"oasis/internal/work/processing"
)

// policyOf makes the policy snapshot of a configuration.
func policyOf(c *config.Config) (*access.Policy, error) {
	p := &access.Policy{
		RequireAuthentication: c.Auth.RequireAuthentication,
		RejectUnauthorized:    c.Auth.RejectUnauthorizedUsers,
		InvalidAsAnonymous:    c.Auth.InvalidCredentials == config.InvalidCredentialsAnonymous,
		Contact:               c.Meta.MaintainerEmail,
		SecondFactor:          identity.FactorRule(c.Auth.SecondFactor),
		NoAuthorizationCookie: !c.Auth.AllowAuthorizationCookie,
		NoTokenInQuery:        !c.Auth.AllowUploadTokenInQuery,
	}
	if !c.Auth.AllowUploadTokens {
		p.RefusedKinds |= access.KindsOf(access.UploadToken)
	}
	if !c.Auth.AllowSimpleTokens {
		p.RefusedKinds |= access.KindsOf(access.SimpleToken)
	}
	if c.Auth.AuthorizedUsers != nil {
		p.Authorized = access.NewAllowList(*c.Auth.AuthorizedUsers)
	}
	var err error
	if p.UnauthenticatedScopes, err = expand(c.Auth.UnauthenticatedUserScopes); err != nil {
		return nil, fmt.Errorf("auth.unauthenticated_user_scopes: %w", err)
	}
	if p.UnauthorizedScopes, err = expand(c.Auth.UnauthorizedUserScopes); err != nil {
		return nil, fmt.Errorf("auth.unauthorized_user_scopes: %w", err)
	}
	if p.ForbiddenPATScopes, err = scope.Expand(&c.Auth.PATForbiddenScopes, nil); err != nil {
		return nil, fmt.Errorf("auth.pat_forbidden_scopes: %w", err)
	}
	return p, nil
}

func expand(r config.ScopeRule) (scope.Set, error) { return scope.Expand(r.Include, r.Exclude) }

// tokenLimitsOf gives the rules for personal access tokens.
func tokenLimitsOf(c *config.Config) token.Limits {
	l := token.Limits{MaxActive: c.Auth.PATMaxActivePerUser, PruneAfter: days(c.Auth.PATPruningTime)}
	if c.Auth.PATMaxLifetime != nil {
		l.MaxLifetime = days(*c.Auth.PATMaxLifetime)
	}
	if c.Auth.PATMaxLifetimeAppendOnly != nil {
		l.MaxLifetimeAppendOnly = days(*c.Auth.PATMaxLifetimeAppendOnly)
	}
	if c.Auth.PATCreators != nil {
		l.MayCreate = access.NewAllowList(*c.Auth.PATCreators).Holds
	}
	l.Forbidden, _ = scope.Expand(&c.Auth.PATForbiddenScopes, nil) // was checked when the configuration was read
	return l
}

func days(n float64) time.Duration { return time.Duration(n * 24 * float64(time.Hour)) }

// uploadLimitsOf gives the rules for uploads.
func uploadLimitsOf(c *config.Config) upload.Limits {
	archive := unpack.DefaultLimits()
	archive.Members = c.Limits.ArchiveMembers
	archive.Bytes = int64(c.Limits.ArchiveSize)
	archive.Ratio = int64(c.Limits.ArchiveRatio)
	return upload.Limits{
		Unpublished: c.Services.UploadLimit, FileBytes: int64(c.Process.MaxUploadSize), Archive: archive, DepositWindow: c.Limits.DepositWindow,
		Room:          upload.Room{User: int64(c.Services.QuotaPerUser), Whole: int64(c.Services.Quota)},
		ShareLicensed: !c.Process.ExcludePotcar,
	}
}

// rulesOf gives what processing a published upload again may change.
func rulesOf(c *config.Config) processing.Rules {
	r := c.Reprocess
	return processing.Rules{
		Rematch: r.RematchPublished, Existing: r.ReprocessExistingEntries, OriginalParser: r.UseOriginalParser,
		Add: r.AddMatchedEntriesToPublished, Delete: r.DeleteUnmatchedPublishedEntries,
	}
}
