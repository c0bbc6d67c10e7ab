package matrix

import (
	"slices"
	"strings"
	"testing"

	"oasis/internal/access"
)

// operation is what the tables of the API say about one operation, with a
// request that changes nothing when it is let through.
type operation struct {
	// scopes are all needed, in the order of their names; "" = nobody is asked for anything.
	scopes string
	// visitors may call it without a credential.
	visitors bool
	// early operations answer while no administrator exists.
	early bool
	// sameSite operations refuse browsers that come from another site.
	sameSite bool
	// people operations take only what a person at a keyboard holds: a session or an access token.
	people bool
	// admins operations are for administrators.
	admins bool
	// query, body and form are of the request; unknown ids stand in the path.
	query, body, form string
	// status of the answer once the request is let through.
	status int
}

// unguarded tells whether nobody is asked for anything.
func (o *operation) unguarded() bool { return o.scopes == "" }

// reads tells whether all scopes are some of reading, as visitors have them.
func (o *operation) reads() bool {
	return !slices.ContainsFunc(o.needs(), func(s string) bool { return !strings.HasSuffix(s, ":read") })
}

// needs lists the scopes.
func (o *operation) needs() []string { return strings.Fields(o.scopes) }

// operations is the table, by operation id.
func operations() map[string]operation {
	return map[string]operation{
		"createUpload":      {scopes: "uploads:write", query: "?embargo_length=99", status: 400},
		"listUploads":       {scopes: "uploads:read", status: 200},
		"getUpload":         {scopes: "uploads:read", visitors: true, status: 404},
		"deleteUpload":      {scopes: "uploads:write", status: 404},
		"listReceipts":      {scopes: "uploads:write", status: 200},
		"getReceiptKeys":    {status: 200},
		"sealUpload":        {scopes: "uploads:write", status: 404},
		"editUpload":        {scopes: "uploads:write", body: "{}", status: 404},
		"listUploadEntries": {scopes: "uploads:read", visitors: true, status: 404},
		"getUploadEntry":    {scopes: "uploads:read", status: 404},
		"putRawFile":        {scopes: "uploads:write", query: "?file_name=a", status: 404},
		"createRawDir":      {scopes: "uploads:write", status: 404},
		"deleteRawFile":     {scopes: "uploads:write", status: 404},
		"getRawDir":         {scopes: "uploads:read", visitors: true, status: 404},
		"getRawRoot":        {scopes: "uploads:read", visitors: true, status: 404},
		"getRawFile":        {scopes: "uploads:read", visitors: true, status: 404},
		"getRawZip":         {scopes: "uploads:read", visitors: true, status: 404},

		"publishUpload":           {scopes: "uploads:publish", status: 404},
		"liftEmbargo":             {scopes: "uploads:publish", status: 404},
		"processUpload":           {scopes: "uploads:process", status: 404},
		"stopProcessing":          {scopes: "uploads:process", status: 404},
		"deleteEntryFiles":        {scopes: "uploads:write", body: "{}", status: 400},
		"setIncludedEntries":      {scopes: "uploads:write", body: "{}", status: 422},
		"validateIncludedEntries": {scopes: "uploads:write", body: "{}", status: 404},

		"describeDeliveries": {status: 204},
		"beginDelivery":      {scopes: "uploads:write", status: 404},
		"listDeliveries":     {scopes: "uploads:write", status: 404},
		"getDelivery":        {scopes: "uploads:write", status: 404},
		"addToDelivery":      {scopes: "uploads:write", status: 404},
		"endDelivery":        {scopes: "uploads:write", status: 404},
		"overrideDelivery":   {scopes: "uploads:write", status: 404},

		"queryEntries":         {scopes: "entries:read", visitors: true, body: "{}", status: 200},
		"findEntries":          {scopes: "entries:read", visitors: true, status: 200},
		"getEntry":             {scopes: "entries:read", visitors: true, status: 404},
		"getEntryArchive":      {scopes: "entries:read", visitors: true, status: 404},
		"downloadEntryArchive": {scopes: "entries:read", visitors: true, status: 404},
		"getEntryRawDir":       {scopes: "entries:read", visitors: true, status: 404},
		"getEntryRawFile":      {scopes: "entries:read", visitors: true, status: 404},

		"exportUpload":       {scopes: "uploads:export", visitors: true, status: 404},
		"exportUploadBundle": {scopes: "uploads:export", visitors: true, status: 404},
		"sendUpload":         {scopes: "uploads:export", body: `{"auth_token": "x", "target_deployment_url": "x"}`, status: 404},
		"importUpload":       {scopes: "uploads:import", status: 400},
		"importUploadBundle": {scopes: "uploads:import", status: 400},

		"listTransfers":     {scopes: "uploads:read", status: 200},
		"requestTransfer":   {scopes: "uploads:read uploads:write", body: `{"resource_type": "upload", "resource_id": "none", "target_user": "root"}`, status: 404},
		"getTransfer":       {scopes: "uploads:read", status: 404},
		"respondToTransfer": {scopes: "uploads:read uploads:write", body: `{"action": "accept"}`, status: 404},
		"cancelTransfer":    {scopes: "uploads:read uploads:write", status: 404},

		"streamNotifications": {scopes: "uploads:read", query: "?source=none", status: 422},
		"markNotifications":   {scopes: "uploads:write", body: `{"read": 1}`, status: 422},
		"markNotification":    {scopes: "uploads:write", body: `{"read": true}`, status: 404},
		"deleteNotification":  {scopes: "uploads:write", status: 404},

		"listPATs":  {scopes: "tokens:read", status: 200},
		"createPAT": {scopes: "tokens:create", body: "{}", status: 422},
		"getPAT":    {scopes: "tokens:read", status: 404},
		"revokePAT": {scopes: "tokens:delete", status: 404},
		"rotatePAT": {scopes: "tokens:create tokens:delete", status: 404},

		"previewPAT":             {scopes: "tokens:create", body: "{}", status: 422},
		"getPATUsage":            {scopes: "tokens:read", status: 404},
		"getPATRules":            {scopes: "tokens:create", status: 200},
		"getSignatureToken":      {scopes: "tokens:create", status: 200},
		"getAppToken":            {scopes: "tokens:create", status: 422},
		"getCommandExamples":     {scopes: "tokens:create", status: 200},
		"getLegacyTokens":        {scopes: "tokens:read", people: true, status: 200},
		"setLegacyTokens":        {scopes: "tokens:delete", people: true, body: "{}", status: 422},
		"listAccountPATs":        {scopes: "tokens:read", people: true, admins: true, status: 200},
		"revokeAccountPAT":       {scopes: "tokens:delete", people: true, admins: true, status: 404},
		"revokeLeakedPAT":        {scopes: "tokens:delete", people: true, admins: true, body: `{"token": "x"}`, status: 404},
		"setAccountLegacyTokens": {scopes: "tokens:delete", people: true, admins: true, body: "{}", status: 422},

		"getAccount":         {scopes: "users:read", people: true, status: 200},
		"changeAccount":      {scopes: "tokens:create", people: true, body: "{}", status: 200},
		"changePassword":     {scopes: "tokens:create", people: true, body: "{}", status: 422},
		"beginApp":           {scopes: "tokens:create", people: true, status: 200},
		"confirmApp":         {scopes: "tokens:create", people: true, body: "{}", status: 422},
		"removeApp":          {scopes: "tokens:create", people: true, status: 404},
		"renewRecoveryCodes": {scopes: "tokens:create", people: true, status: 409},
		"listPasskeys":       {scopes: "users:read", people: true, status: 200},
		"beginPasskey":       {scopes: "tokens:create", people: true, status: 409}, // the server has no host name
		"finishPasskey":      {scopes: "tokens:create", people: true, body: "{}", status: 422},
		"removePasskey":      {scopes: "tokens:create", people: true, status: 404},
		"listSessions":       {scopes: "tokens:read", people: true, status: 200},
		"endOneSession":      {scopes: "tokens:delete", people: true, status: 404},
		"endAllSessions":     {scopes: "tokens:delete", people: true, body: `{"tokens": "x"}`, status: 422},
		"secondFactor":       {sameSite: true, body: "{}", status: 401},
		"askPasskey":         {sameSite: true, status: 409},
		"signInWithPasskey":  {sameSite: true, body: "{}", status: 422},
		"checkLink":          {sameSite: true, body: "{}", status: 422},
		"completeLink":       {sameSite: true, body: "{}", status: 422},

		"listAccounts":       {scopes: "users:read", people: true, admins: true, status: 200},
		"getAnyAccount":      {scopes: "users:read", people: true, admins: true, status: 404},
		"inviteAccount":      {scopes: "users:invite", people: true, admins: true, body: "{}", status: 422},
		"changeAnyAccount":   {scopes: "users:invite", people: true, admins: true, body: "{}", status: 404},
		"resetAccount":       {scopes: "users:invite", people: true, admins: true, body: "{}", status: 404},
		"endAccountSessions": {scopes: "users:invite", people: true, admins: true, body: "{}", status: 404},
		"removeAccount":      {scopes: "users:invite", people: true, admins: true, status: 404},
		"inviteUser":         {scopes: "users:invite", body: "{}", status: 400},

		"getMe":     {scopes: "users:read", status: 200},
		"findUsers": {scopes: "users:read", visitors: true, query: "?prefix=zz", status: 200},
		"getUser":   {scopes: "users:read", visitors: true, status: 404},
		"getInfo":   {scopes: "info:read", visitors: true, status: 200},

		"listShares":  {scopes: "uploads:read", status: 200},
		"createShare": {scopes: "uploads:write", body: "{}", status: 422},
		"deleteShare": {scopes: "uploads:write", status: 404},

		"listGroups":  {scopes: "groups:read", visitors: true, status: 200},
		"getGroup":    {scopes: "groups:read", visitors: true, status: 404},
		"createGroup": {scopes: "groups:write", body: `{"group_name": ""}`, status: 422},
		"editGroup":   {scopes: "groups:write", body: "{}", status: 404},
		"leaveGroup":  {scopes: "groups:write", status: 404},
		"deleteGroup": {scopes: "groups:delete", status: 404},

		"listAudit":   {scopes: "users:read", people: true, admins: true, status: 200},
		"exportAudit": {scopes: "users:read", people: true, admins: true, status: 200},

		"getPolicy":      {scopes: "users:read", people: true, admins: true, status: 200},
		"changePolicy":   {scopes: "users:invite", people: true, admins: true, body: "{}", status: 200},
		"previewPolicy":  {scopes: "users:read", people: true, admins: true, body: "{}", status: 200},
		"explainAccess":  {scopes: "users:read", people: true, admins: true, body: `{"operation": "none"}`, status: 404},
		"listOperations": {scopes: "users:read", people: true, admins: true, status: 200},

		"listAccessRequests":   {scopes: "users:read", people: true, admins: true, status: 200},
		"approveAccessRequest": {scopes: "users:invite", people: true, admins: true, status: 404},
		"declineAccessRequest": {scopes: "users:invite", people: true, admins: true, status: 404},
		"getAccessRequest":     {status: 200},
		"askForAccess":         {sameSite: true, body: `{"message": 1}`, status: 422},

		"createAccessToken":        {form: "grant_type=password", status: 422},
		"createAccessTokenByQuery": {status: 405},
		"listScopes":               {status: 200},
		"getOpenAPI":               {status: 200},
		"getAPIPage":               {status: 200},
		"getDiscovery":             {status: 200},
		"getKeys":                  {status: 200},
		"authorize":                {status: 400},
		"authorizeByForm":          {form: "a=b", status: 303},
		"redeem":                   {form: "grant_type=client_credentials", status: 400},
		"startDevice":              {form: "a=b", status: 400},
		"getUserInfo":              {scopes: "users:read", people: true, status: 200},
		"postUserInfo":             {scopes: "users:read", people: true, form: "a=b", status: 200},
		"introspect":               {form: "a=b", status: 400},
		"revoke":                   {form: "a=b", status: 400},
		"signOut":                  {status: 303},
		"signOutByForm":            {form: "a=b", status: 303},
		"getConsent":               {scopes: "tokens:create", people: true, status: 422},
		"decideConsent":            {scopes: "tokens:create", people: true, sameSite: true, body: "{}", status: 422},
		"getDevice":                {scopes: "tokens:create", people: true, status: 422},
		"decideDevice":             {scopes: "tokens:create", people: true, sameSite: true, body: "{}", status: 422},

		// Below a realm of another name than the configured one.
		"realmInfo":            {status: 404},
		"realmGetDiscovery":    {status: 404},
		"realmGetKeys":         {status: 404},
		"realmAuthorize":       {status: 404},
		"realmAuthorizeByForm": {form: "a=b", status: 404},
		"realmRedeem":          {form: "a=b", status: 404},
		"realmStartDevice":     {form: "a=b", status: 404},
		"realmGetUserInfo":     {scopes: "users:read", people: true, status: 404},
		"realmPostUserInfo":    {scopes: "users:read", people: true, form: "a=b", status: 404},
		"realmIntrospect":      {form: "token=a", status: 404},
		"realmRevoke":          {form: "a=b", status: 404},
		"realmSignOut":         {status: 404},
		"realmSignOutByForm":   {form: "a=b", status: 404},

		// Without an external identity provider.
		"getExternalLink":   {scopes: "users:read", people: true, status: 200},
		"beginExternalLink": {scopes: "tokens:create", people: true, sameSite: true, body: "{}", status: 404},
		"endExternalLink":   {scopes: "tokens:create", people: true, status: 404},
		"getExternalLinkOf": {scopes: "users:read", people: true, admins: true, status: 200},
		"setExternalLinkOf": {scopes: "users:invite", people: true, admins: true, body: `{"name": "jane"}`, status: 404},
		"endExternalLinkOf": {scopes: "users:invite", people: true, admins: true, status: 404},

		"startSession": {sameSite: true, body: "{}", status: 422},

		"getSession":    {early: true, status: 200},
		"endSession":    {early: true, sameSite: true, status: 204},
		"getSetUp":      {early: true, status: 200},
		"checkSetUp":    {early: true, sameSite: true, body: "{}", status: 422},
		"completeSetUp": {early: true, sameSite: true, body: "{}", status: 422},
		"getApp":        {early: true, status: 200},
		"getAppFile":    {early: true, status: 200},
		"redirectBase":  {early: true, status: 302},
		"redirectRoot":  {early: true, status: 302},
		"alive":         {early: true, status: 200},
		"ready":         {early: true, status: 200},
		"health":        {early: true, status: 200},
	}
}

// TestEveryOperationHasARow compares the table above with the one the server is made of.
func TestEveryOperationHasARow(t *testing.T) {
	t.Parallel()
	rows, served := operations(), map[string]bool{}
	for _, r := range start(t, policy{}).routes {
		served[r.ID] = true
		row, ok := rows[r.ID]
		if !ok {
			t.Errorf("%s %s (%s) has no row: add one to operations()", r.Method, r.Path, r.ID)
			continue
		}
		if got := r.Scopes.Names(); !slices.Equal(got, row.needs()) {
			t.Errorf("%s declares the scopes %v, want %v", r.ID, got, row.needs())
		}
		if r.Anonymous != row.visitors {
			t.Errorf("%s is for visitors: %v, want %v", r.ID, r.Anonymous, row.visitors)
		}
		if r.AdminOnly != row.admins {
			t.Errorf("%s is for administrators only: %v, want %v", r.ID, r.AdminOnly, row.admins)
		}
		if (r.Accepts == access.People()) != row.people {
			t.Errorf("%s takes the kinds %b; for people only: %v", r.ID, r.Accepts, row.people)
		}
	}
	for id := range rows {
		if !served[id] {
			t.Errorf("%s has a row, but the server has no such operation", id)
		}
	}
}
