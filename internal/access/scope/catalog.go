// Package scope holds the scopes of the API as data: their names, what each
// allows, and sets of them. It decides nothing; package access does.
package scope

// Scope is one permission of the form resource:action. It is the bit number of
// the scope in a Set, so values are not stable between versions: store names.
type Scope uint8

// The 37 scopes (decisions 1: the 36 of NOMAD 2.0.0 and federation:write).
const (
	ActionsRead Scope = iota
	ActionsRun
	AppsRead
	DatasetsAssignDOI
	DatasetsDelete
	DatasetsRead
	DatasetsWrite
	EntriesRead
	EntriesWrite
	ExternalDCATRead
	ExternalH5groveRead
	ExternalOptimadeRead
	FederationWrite
	GraphRead
	GroupsDelete
	GroupsRead
	GroupsWrite
	InfoRead
	MaterialsRead
	MetainfoRead
	NorthRead
	NorthRun
	SchemasRead
	SuggestionsRead
	SystemsRead
	TokensCreate
	TokensDelete
	TokensRead
	UploadsAssignDOI
	UploadsExport
	UploadsImport
	UploadsProcess
	UploadsPublish
	UploadsRead
	UploadsWrite
	UsersInvite
	UsersRead
	count // how many there are
)

// Info describes one scope.
type Info struct {
	Scope    Scope
	Name     string // resource:action, as written in tokens and configuration
	Resource string
	Action   string
	// Sentence tells a person what the scope allows.
	Sentence string
	// Reserved scopes belong to no wildcard because they guard no route yet.
	Reserved bool
}

// catalog is in the order of the constants; the package test checks that.
var catalog = [count]Info{
	{ActionsRead, "actions:read", "actions", "read", "Look at actions and their results.", false},
	{ActionsRun, "actions:run", "actions", "run", "Start and stop actions.", false},
	{AppsRead, "apps:read", "apps", "read", "Read the configuration of search apps.", false},
	{DatasetsAssignDOI, "datasets:assign_doi", "datasets", "assign_doi", "Register a DOI for a dataset. This cannot be undone.", false},
	{DatasetsDelete, "datasets:delete", "datasets", "delete", "Delete datasets that have no DOI.", false},
	{DatasetsRead, "datasets:read", "datasets", "read", "List and read datasets.", false},
	{DatasetsWrite, "datasets:write", "datasets", "write", "Create datasets.", false},
	{EntriesRead, "entries:read", "entries", "read", "Search entries and read their archives and files.", false},
	{EntriesWrite, "entries:write", "entries", "write", "Edit the metadata and archives of entries.", false},
	{ExternalDCATRead, "external_dcat:read", "external_dcat", "read", "Read the DCAT catalogue.", false},
	{ExternalH5groveRead, "external_h5grove:read", "external_h5grove", "read", "Read inside HDF5 files.", false},
	{ExternalOptimadeRead, "external_optimade:read", "external_optimade", "read", "Use the OPTIMADE API.", false},
	{FederationWrite, "federation:write", "federation", "write", "Reserved for writing to other installations.", true},
	{GraphRead, "graph:read", "graph", "read", "Ask graph queries over uploads, entries and users.", false},
	{GroupsDelete, "groups:delete", "groups", "delete", "Delete groups.", false},
	{GroupsRead, "groups:read", "groups", "read", "List groups and their members.", false},
	{GroupsWrite, "groups:write", "groups", "write", "Create groups and change their members.", false},
	{InfoRead, "info:read", "info", "read", "Read what this installation is and can do.", false},
	{MaterialsRead, "materials:read", "materials", "read", "Search materials.", false},
	{MetainfoRead, "metainfo:read", "metainfo", "read", "Read schema definitions by their id.", false},
	{NorthRead, "north:read", "north", "read", "Look at remote tools.", false},
	{NorthRun, "north:run", "north", "run", "Start and stop remote tools.", false},
	{SchemasRead, "schemas:read", "schemas", "read", "Read schemas as JSON Schema.", false},
	{SuggestionsRead, "suggestions:read", "suggestions", "read", "Get suggestions while typing a search.", false},
	{SystemsRead, "systems:read", "systems", "read", "Download atomic structures of entries.", false},
	{TokensCreate, "tokens:create", "tokens", "create", "Create access tokens.", false},
	{TokensDelete, "tokens:delete", "tokens", "delete", "Revoke access tokens.", false},
	{TokensRead, "tokens:read", "tokens", "read", "List access tokens, never their secrets.", false},
	{UploadsAssignDOI, "uploads:assign_doi", "uploads", "assign_doi", "Register a DOI for an upload. This cannot be undone.", false},
	{UploadsExport, "uploads:export", "uploads", "export", "Export whole uploads as bundles and send them elsewhere.", false},
	{UploadsImport, "uploads:import", "uploads", "import", "Import bundles.", false},
	{UploadsProcess, "uploads:process", "uploads", "process", "Start and stop processing of uploads.", false},
	{UploadsPublish, "uploads:publish", "uploads", "publish", "Publish uploads and lift embargoes.", false},
	{UploadsRead, "uploads:read", "uploads", "read", "List uploads and read their files and entries.", false},
	{UploadsWrite, "uploads:write", "uploads", "write", "Create, change and delete uploads and their files.", false},
	{UsersInvite, "users:invite", "users", "invite", "Invite people.", false},
	{UsersRead, "users:read", "users", "read", "Look up people and read your own account.", false},
}

// aliases are second spellings, accepted wherever a scope may be written and
// always stored and shown under the first name (decisions 1).
var aliases = map[string]Scope{
	"uploads_bundle:read":  UploadsExport,
	"uploads_bundle:write": UploadsImport,
}

// All lists every scope in the order of their names.
func All() []Info { return append([]Info(nil), catalog[:]...) }

// String gives the name.
func (s Scope) String() string {
	if s >= count {
		return "unknown scope"
	}
	return catalog[s].Name
}

// Info describes the scope.
func (s Scope) Info() Info { return catalog[s] }

// Parse finds a scope by its name or alias.
func Parse(name string) (Scope, bool) {
	if s, ok := aliases[name]; ok {
		return s, true
	}
	for i := range catalog {
		if catalog[i].Name == name {
			return catalog[i].Scope, true
		}
	}
	return 0, false
}
