package v1

import (
	"encoding/json"

	"github.com/danielgtaylor/huma/v2"

	"oasis/internal/api"
)

// Policy is who may come in and do what, as it is in force.
type Policy struct {
	Settings PolicySettings `json:"settings"`
	// Origins has an item for each member of settings; those of the scope rules are written with a dot.
	Origins map[string]PolicyOrigin `json:"origins" doc:"Where each setting comes from, by its key: require_authentication, unauthenticated_user_scopes.include, …"`
	Presets []PolicyPreset          `json:"presets" nullable:"false" doc:"Starting points"`
	Scopes  []Scope                 `json:"scopes" nullable:"false" doc:"The catalogue to choose from"`
	Reload  PolicyReload            `json:"reload" doc:"How the last reading of the configuration files went"`
}

// PolicySettings are the options of the policy and of sign-in, under the names
// they have in the section auth of nomad.yaml.
type PolicySettings struct {
	RequireAuthentication    bool      `json:"require_authentication"`
	AuthorizedUsers          AllowList `json:"authorized_users" doc:"User names, e-mail addresses, *@domain or group:NAME; null = everybody with an account, [] = nobody"`
	RejectUnauthorizedUsers  bool      `json:"reject_unauthorized_users" doc:"Refuse people who are not on the list; false = they hold unauthorized_user_scopes"`
	UnauthenticatedScopes    ScopeRule `json:"unauthenticated_user_scopes" doc:"What visitors hold"`
	UnauthorizedScopes       ScopeRule `json:"unauthorized_user_scopes" doc:"What people hold who are not on the list and not refused"`
	InvalidCredentials       string    `json:"invalid_credentials" enum:"reject,anonymous"`
	SecondFactor             string    `json:"second_factor" enum:"optional,admins,everyone"`
	LocalAccounts            bool      `json:"local_accounts" doc:"Beside an external identity provider: accounts of this server can sign in too"`
	PasswordGrant            bool      `json:"password_grant"`
	AllowUploadTokenInQuery  bool      `json:"allow_upload_token_in_query"`
	AllowPasswordInQuery     bool      `json:"allow_password_in_query"`
	AllowUploadTokens        bool      `json:"allow_upload_tokens" doc:"Accept NOMAD's upload tokens"`
	AllowSimpleTokens        bool      `json:"allow_simple_tokens" doc:"Accept NOMAD's signature and app tokens"`
	AllowAuthorizationCookie bool      `json:"allow_authorization_cookie" doc:"Accept NOMAD's cookie"`
	PATCreators              AllowList `json:"pat_creators" doc:"Who may make personal access tokens; null = everybody"`
	PATForbiddenScopes       []string  `json:"pat_forbidden_scopes" nullable:"false" doc:"No personal access token holds them"`
	PATMaxLifetime           Days      `json:"pat_max_lifetime" doc:"Days; null = no limit"`
	PATMaxLifetimeAppendOnly Days      `json:"pat_max_lifetime_append_only" doc:"Days, of tokens that only add files; null = no limit"`
	MaintainerEmail          string    `json:"maintainer_email" doc:"Whom refused people are told to ask (meta.maintainer_email)"`
}

// ScopeRule says which scopes are granted: those that include matches minus those
// that exclude matches. A star stands for a whole side.
type ScopeRule struct {
	Include []string `json:"include" nullable:"false"`
	Exclude []string `json:"exclude" nullable:"false"`
	// Granted is what comes out of it.
	Granted []string `json:"granted" nullable:"false" doc:"The scopes that come out of it"`
}

// PolicyOrigin says where a setting comes from.
type PolicyOrigin struct {
	From string `json:"from" enum:"default,page,file,environment"`
	// Place is the file or the environment variable.
	Place *string `json:"place" doc:"The file or the environment variable"`
	Line  *int    `json:"line"`
	// Locked settings can only be changed at their place.
	Locked bool `json:"locked" doc:"Set in a file or the environment: change it there"`
}

// PolicyPreset is a starting point: what it would change.
type PolicyPreset struct {
	ID       string        `json:"id" enum:"closed,members,open"`
	Title    string        `json:"title"`
	Sentence string        `json:"sentence"`
	Settings PolicyChanges `json:"settings"`
	// Active tells whether the policy in force is this one.
	Active bool `json:"active"`
}

// PolicyReload says how the last reading of the configuration files went.
type PolicyReload struct {
	OK bool   `json:"ok"`
	At string `json:"at" format:"date-time" doc:"When the files were read the last time"`
	// InForceSince is when the configuration in force was read.
	InForceSince string  `json:"in_force_since" format:"date-time"`
	Error        *string `json:"error" doc:"What is wrong, with file, line, column and key; the configuration of in_force_since stays in force"`
	// Restart names options that have changed in a file and hold from the next start on.
	Restart []string `json:"restart" nullable:"false" doc:"Options that have changed and hold from the next start on"`
}

// PolicyChanges are the settings to change; what is left out stays as it is.
type PolicyChanges struct {
	RequireAuthentication    *bool             `json:"require_authentication,omitempty"`
	AuthorizedUsers          AllowList         `json:"authorized_users,omitempty,omitzero" doc:"null = everybody with an account, [] = nobody"`
	RejectUnauthorizedUsers  *bool             `json:"reject_unauthorized_users,omitempty"`
	UnauthenticatedScopes    *ScopeRuleChanges `json:"unauthenticated_user_scopes,omitempty"`
	UnauthorizedScopes       *ScopeRuleChanges `json:"unauthorized_user_scopes,omitempty"`
	InvalidCredentials       *string           `json:"invalid_credentials,omitempty" enum:"reject,anonymous"`
	SecondFactor             *string           `json:"second_factor,omitempty" enum:"optional,admins,everyone"`
	LocalAccounts            *bool             `json:"local_accounts,omitempty"`
	PasswordGrant            *bool             `json:"password_grant,omitempty"`
	AllowUploadTokenInQuery  *bool             `json:"allow_upload_token_in_query,omitempty"`
	AllowPasswordInQuery     *bool             `json:"allow_password_in_query,omitempty"`
	AllowUploadTokens        *bool             `json:"allow_upload_tokens,omitempty"`
	AllowSimpleTokens        *bool             `json:"allow_simple_tokens,omitempty"`
	AllowAuthorizationCookie *bool             `json:"allow_authorization_cookie,omitempty"`
	PATCreators              AllowList         `json:"pat_creators,omitempty,omitzero"`
	PATForbiddenScopes       *[]string         `json:"pat_forbidden_scopes,omitempty" nullable:"false" maxItems:"100"`
	PATMaxLifetime           Days              `json:"pat_max_lifetime,omitempty,omitzero"`
	PATMaxLifetimeAppendOnly Days              `json:"pat_max_lifetime_append_only,omitempty,omitzero"`
	MaintainerEmail          *string           `json:"maintainer_email,omitempty" maxLength:"500"`
}

// ScopeRuleChanges changes one or both sides of a scope rule.
type ScopeRuleChanges struct {
	Include *[]string `json:"include,omitempty" nullable:"false" maxItems:"100"`
	Exclude *[]string `json:"exclude,omitempty" nullable:"false" maxItems:"100"`
}

// AllowList is a list of people, or null for everybody.
type AllowList struct {
	// Given tells that the body of a request has this member.
	Given bool
	// Everybody tells that there is no list.
	Everybody bool
	Entries   []string
}

// UnmarshalJSON reads null or a list; it is only called when the member is there.
func (a *AllowList) UnmarshalJSON(text []byte) error {
	a.Given, a.Everybody = true, string(text) == "null"
	return json.Unmarshal(text, &a.Entries)
}

// MarshalJSON writes null or a list.
func (a AllowList) MarshalJSON() ([]byte, error) {
	if !a.Everybody && a.Entries == nil {
		return []byte("[]"), nil
	}
	return json.Marshal(a.Entries)
}

// Schema describes a list or null.
func (AllowList) Schema(huma.Registry) *huma.Schema {
	most := 10_000
	return &huma.Schema{AnyOf: []*huma.Schema{ // not OneOf: huma takes everything for null
		{Type: huma.TypeArray, MaxItems: &most, Items: &huma.Schema{Type: huma.TypeString}}, {Type: "null"},
	}}
}

// Days is a number of days, or null for no limit.
type Days struct {
	// Given tells that the body of a request has this member.
	Given bool
	Value *float64
}

// UnmarshalJSON reads null or a number; it is only called when the member is there.
func (d *Days) UnmarshalJSON(text []byte) error {
	d.Given = true
	return json.Unmarshal(text, &d.Value)
}

// MarshalJSON writes null or a number.
func (d Days) MarshalJSON() ([]byte, error) { return json.Marshal(d.Value) }

// Schema describes a number or null.
func (Days) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeNumber, Nullable: true}
}

// PolicyPreview is what a draft would mean.
type PolicyPreview struct {
	Matrix []PolicyRow  `json:"matrix" nullable:"false" doc:"Who may do what; computed by the function that decides about requests"`
	People PolicyPeople `json:"people"`
	// Uploads that visitors could read with the draft and cannot now, and the other way round.
	UploadsOpened int `json:"uploads_opened" doc:"Uploads that visitors can read with the draft and cannot now"`
	UploadsClosed int `json:"uploads_closed" doc:"Uploads that visitors can read now and cannot with the draft"`
	// LocksYouOut drafts cannot be saved.
	LocksYouOut bool `json:"locks_you_out" doc:"You could not undo it: it cannot be saved"`
}

// PolicyRow is what one sort of caller may do.
type PolicyRow struct {
	Who   string       `json:"who" enum:"visitor,unlisted,listed,instrument"`
	Cells []PolicyCell `json:"cells" nullable:"false"`
}

// PolicyCell is whether somebody may do something.
type PolicyCell struct {
	Deed    string `json:"deed" enum:"read_published,read_shared,upload,publish,make_tokens"`
	Allowed bool   `json:"allowed" doc:"With the draft"`
	Now     bool   `json:"now" doc:"With the policy in force"`
	Changed bool   `json:"changed"`
	// Step and Detail are those of the refusal by the draft.
	Step          *string  `json:"step" doc:"The box of the flowchart at which the draft refuses"`
	Detail        *string  `json:"detail"`
	MissingScopes []string `json:"missing_scopes" nullable:"false"`
}

// PolicyPeople is what a draft means for the accounts.
type PolicyPeople struct {
	Accounts int `json:"accounts" doc:"Accounts that are not disabled"`
	Inside   int `json:"inside" doc:"How many of them the draft lets in"`
	// The groups name at most 100 people each; count is the whole number.
	LockedOut   PolicyGroup `json:"locked_out" doc:"Let in now, refused by the draft"`
	LetIn       PolicyGroup `json:"let_in" doc:"Refused now, let in by the draft"`
	Narrowed    PolicyGroup `json:"narrowed" doc:"Would keep only what people hold who are not on the list"`
	Widened     PolicyGroup `json:"widened" doc:"Hold only that now, and would hold all"`
	NeedFactor  PolicyGroup `json:"need_factor" doc:"Would have to set up a second factor first"`
	StayOutside PolicyGroup `json:"stay_outside" doc:"All whom the draft does not let in"`
}

// PolicyGroup is some people, at most 100 of them by name.
type PolicyGroup struct {
	Count int    `json:"count"`
	Users []User `json:"users" nullable:"false" doc:"At most 100 of them"`
}

// ExplainQuestion asks whether somebody may do something.
type ExplainQuestion struct {
	User       *string            `json:"user,omitempty" nullable:"true" maxLength:"500" doc:"User name, e-mail address or id; null = a visitor"`
	Credential *ExplainCredential `json:"credential,omitempty" doc:"Left out: a browser session"`
	Operation  string             `json:"operation" maxLength:"200" doc:"operationId of the API"`
	UploadID   *string            `json:"upload_id,omitempty" nullable:"true" maxLength:"200" doc:"The upload it is done to"`
	Address    *string            `json:"address,omitempty" nullable:"true" maxLength:"100" doc:"Where the request comes from; left out: your address"`
}

// ExplainCredential is what the request would carry.
type ExplainCredential struct {
	Kind         string    `json:"kind" enum:"session,provider_token,personal_access_token,upload_token,simple_token"`
	Scopes       *[]string `json:"scopes,omitempty" maxItems:"100" doc:"Of a personal access token; left out: all it can hold"`
	Restrictions Anything  `json:"restrictions,omitempty" doc:"Of a personal access token"`
	PATID        *string   `json:"pat_id,omitempty" nullable:"true" maxLength:"200" doc:"A token that exists, instead of scopes and restrictions"`
}

// ExplainAnswer tells whether somebody may do something, and why.
type ExplainAnswer struct {
	Allowed bool `json:"allowed"`
	// Status and Detail are those of the refusal.
	Status   *int            `json:"status" doc:"HTTP status of the refusal"`
	Detail   *string         `json:"detail"`
	Decision api.Explanation `json:"decision" doc:"The way through the flowchart; help says which change would let the request pass"`
}

// ExplainOperations lists what can be asked about.
type ExplainOperations struct {
	Data []ExplainOperation `json:"data" nullable:"false"`
}

// ExplainOperation is one operation of the API.
type ExplainOperation struct {
	Operation string   `json:"operation"`
	Summary   string   `json:"summary"`
	Scopes    []string `json:"scopes" nullable:"false"`
	Upload    bool     `json:"upload" doc:"It is done to an upload: name one to have its rules asked"`
}
