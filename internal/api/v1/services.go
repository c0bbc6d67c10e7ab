// Package v1 holds the operations of the NOMAD API: for each resource the rows
// of the route table and the handlers, which translate between HTTP and the
// services of access and data and decide nothing themselves.
package v1

import (
	"context"
	"slices"
	"time"

	"oasis/internal/access/group"
	"oasis/internal/access/identity"
	"oasis/internal/access/identity/local"
	"oasis/internal/access/identity/oidc"
	"oasis/internal/access/token"
	"oasis/internal/api"
	"oasis/internal/data/bundle"
	"oasis/internal/data/edit"
	"oasis/internal/data/entry"
	"oasis/internal/data/inbox"
	"oasis/internal/data/share"
	"oasis/internal/data/transfer"
	"oasis/internal/data/upload"
	"oasis/internal/work/sending"
)

// People is what the operations need of the directory.
type People interface {
	User(ctx context.Context, id string) (identity.User, error)
	Find(ctx context.Context, s identity.Search) ([]identity.User, error)
	SignIn(ctx context.Context, login, password, address string) (identity.User, error)
}

// Issuer signs access tokens.
type Issuer interface {
	Issue(user identity.User) (local.AccessToken, error)
	// PasswordGrant tells whether tokens are given for passwords at all.
	PasswordGrant() bool
}

// About is what /info tells and what links are made of.
type About struct {
	// Version of this server.
	Version string
	// Deployment is a name the operator gave (meta.deployment).
	Deployment string
	IsOasis    bool
	// GUI is the address of the web app.
	GUI string
	// API is the public address of the NOMAD API.
	API string
	// CentralURL is the API of the central server (oasis.central_nomad_deployment_url).
	CentralURL string
	// PasswordInQuery is auth.allow_password_in_query.
	PasswordInQuery bool
	// GroupMembersToVisitors is services.group_members_to_visitors.
	GroupMembersToVisitors bool
	// Parsers are the names of the parsers.
	Parsers []string
}

// Services are what the operations call.
type Services struct {
	People People
	// Accounts is what people do with their accounts.
	Accounts Accounts
	Issuer   Issuer
	Groups   *group.Service
	Shares   *share.Service
	Tokens   *token.Service
	Legacy   *token.Legacy
	Uploads  *upload.Service
	Edits    *edit.Service
	Entries  *entry.Service
	Reader   *entry.Reader
	// Receipts signs what instruments have sent.
	Receipts Receipts
	// Inbox is what people are told.
	Inbox *inbox.Service
	// Bundles takes uploads in and out whole.
	Bundles *bundle.Service
	// Sending takes uploads to other servers.
	Sending *sending.Service
	// Transfers hands uploads and groups over.
	Transfers *transfer.Service
	Audit     AuditLog
	// ProcessFile makes the entry of one file at once and gives its id, "" = no parser takes it.
	ProcessFile func(ctx context.Context, uploadID, path string) (entryID string, err error)
	// Policy, PolicyPeople, Explainer and Requests serve the administrator's page for the policy.
	Policy       PolicyBook
	PolicyPeople PolicyPeopleSource
	Explainer    Explainer
	Requests     AccessRequests
	// Operations gives the whole route table.
	Operations func() []api.Route
	// Elsewhere gives the tokens of an external provider for a password; ok is false when the account
	// is ours, nil = there is no such provider.
	Elsewhere func(ctx context.Context, login, password, address string) (t oidc.PasswordTokens, ok bool, err error)
	// About is asked at every use.
	About func() About
}

// Routes gives the rows of the NOMAD API.
func Routes(s Services) []api.Route {
	return slices.Concat(
		s.uploadRoutes(), s.lifecycleRoutes(), s.rawRoutes(), s.depositRoutes(), s.receiptRoutes(), s.entryRoutes(), s.tokenRoutes(), s.signInRoutes(), s.userRoutes(), s.infoRoutes(),
		s.accountRoutes(), s.factorRoutes(), s.sessionRoutes(), s.accountsRoutes(), s.inviteRoutes(),
		s.auditRoutes(), s.policyRoutes(), s.requestRoutes(), s.notificationRoutes(), s.transferRoutes(), s.bundleRoutes(), s.sendRoutes(),
		s.groupRoutes(), s.shareRoutes(), s.tusRoutes(),
	)
}

// stampLayout is how NOMAD writes times: UTC, microseconds, Z.
const stampLayout = "2006-01-02T15:04:05.000000Z"

// stamp writes a time, nil for the zero one.
func stamp(t time.Time) *string {
	if t.IsZero() {
		return nil
	}
	text := t.UTC().Format(stampLayout)
	return &text
}

// Stamp writes a time as NOMAD does.
func Stamp(t time.Time) string { return t.UTC().Format(stampLayout) }

// some gives nil for "".
func some(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}
