// Package audit keeps the record of who did what: sign-ins, the life of tokens,
// changes of accounts and of the policy, publications and deletions, and what was
// refused. Rows are only ever added, and never hold a secret.
//
// There are two ways into it. Who changes something in the database puts the event
// into the context of that one call of a store:
//
//	err = s.store.DeleteUser(audit.Note(ctx, audit.Event{Operation: audit.AccountRemove, Object: audit.UserObject(id)}), id)
//
// The row is then part of the same transaction: there is no change without its
// row, and no row without its change. Everything else (refusals, failed sign-ins,
// changes outside of the database) goes to a Recorder, which never blocks.
//
// Who, with which credential, from where and in which request need not be said:
// package api puts it into the context (WithFacts), and so does the admin socket.
package audit

import (
	"context"
	"time"
)

// Outcome is how it ended.
type Outcome string

// The outcomes.
const (
	// Allowed: it was done.
	Allowed Outcome = "allowed"
	// Denied: access refused it (401 or 403).
	Denied Outcome = "denied"
	// Failed: it was tried and did not succeed, for example a wrong password.
	Failed Outcome = "failed"
)

// Event is a row of the record. Members that are left empty are filled from the
// request (see Facts); Outcome is then Allowed and Count 1.
type Event struct {
	// ID numbers the rows; the store sets it.
	ID   int64
	Time time.Time
	// Actor is the id of the user who acted, Console for the command line, "" for a visitor.
	Actor     string
	ActorName string
	// CredentialID names the credential (token id, start of a session's digest), never its secret.
	CredentialID   string
	CredentialKind string
	// Operation is one of the constants for changes (token.create), and the
	// operationId of the API for refusals.
	Operation string
	// Object is what it was done to, as kind:id, see UploadObject and its sisters.
	Object  string
	Outcome Outcome
	// Status is the HTTP status of a refusal, 0 = none.
	Status int
	// Step is the box of the flowchart that refused.
	Step string
	// Detail is a sentence for people. Never put anything into it that a caller has typed
	// into a field for secrets, such as an unknown user name.
	Detail    string
	Address   string
	RequestID string
	// Count is how often it happened within the minute of Time; rows made by Note have 1.
	Count int
}

// Console is the Actor of what was done on the command line of the server.
const Console = "console"

// Server is the Actor of what this server did by itself because the time had come.
const Server = "server"

// Operations of changes. They are stable: filters and scripts name them.
const (
	SignIn  = "sign_in"
	SignOut = "sign_out"
	SetUp   = "set_up"

	AccountCreate = "account.create"
	AccountChange = "account.change"
	// AccountConnect and AccountDisconnect tie an account to a person of an external provider.
	AccountConnect    = "account.connect"
	AccountDisconnect = "account.disconnect"
	AccountEnable     = "account.enable"
	AccountDisable    = "account.disable"
	AccountPassword   = "account.password"
	AccountFactor     = "account.second_factor"
	AccountLink       = "account.link"
	AccountInvite     = "account.invite"
	AccountReset      = "account.reset"
	AccountRemove     = "account.remove"
	SessionsEnd       = "sessions.end"

	TokenCreate = "token.create"
	TokenRotate = "token.rotate"
	TokenRevoke = "token.revoke"
	TokenLeaked = "token.leaked"
	GrantCreate = "grant.create"
	GrantRevoke = "grant.revoke"

	PolicyChange   = "policy.change"
	SettingsChange = "settings.change"
	AccessRequest  = "access.request"
	AccessApprove  = "access.approve"
	AccessDecline  = "access.decline"
	GroupCreate    = "group.create"
	GroupChange    = "group.change"
	GroupRemove    = "group.remove"
	ShareCreate    = "share.create"
	ShareRemove    = "share.remove"

	UploadPublish = "upload.publish"
	UploadEdit    = "upload.edit"
	UploadEmbargo = "upload.embargo"
	UploadProcess = "upload.process"
	UploadStop    = "upload.stop"
	UploadInclude = "upload.include"
	UploadDelete  = "upload.delete"
	UploadDeposit = "upload.deposit"
	UploadSeal    = "upload.seal"
	RawDelete     = "raw.delete"
	RawMove       = "raw.move"
	MembersChange = "upload.members"

	UploadImport = "upload.import"
	UploadExport = "upload.export"
	UploadSend   = "upload.send"

	OwnershipOffer  = "ownership.offer"
	OwnershipAccept = "ownership.accept"
	OwnershipRefuse = "ownership.refuse"
	OwnershipCancel = "ownership.cancel"

	AuditExport = "audit.export"
)

// UserObject names an account as Object.
func UserObject(id string) string { return "user:" + id }

// TokenObject names a personal access token as Object.
func TokenObject(id string) string { return "token:" + id }

// SessionObject names a session by the start of its digest as Object.
func SessionObject(digest string) string { return "session:" + digest[:min(len(digest), 12)] }

// GroupObject names a group as Object.
func GroupObject(id string) string { return "group:" + id }

// UploadObject names an upload as Object.
func UploadObject(id string) string { return "upload:" + id }

// RawObject names a raw file or folder as Object.
func RawObject(uploadID, path string) string { return "raw:" + uploadID + "/" + path }

// SettingObject names an option of the configuration by its dotted key as Object.
func SettingObject(key string) string { return "setting:" + key }

// Recorder takes what is not written in the transaction of a change.
type Recorder interface {
	// Record never blocks and cannot fail: what does not fit is counted (see Log.Dropped).
	// Events that differ only in time are one row per minute with a count; refusals and
	// failures are also one row when only their object differs.
	Record(ctx context.Context, e Event)
}

// Nowhere is a Recorder that forgets, for tests that are about something else.
type Nowhere struct{}

// Record does nothing.
func (Nowhere) Record(context.Context, Event) {}
