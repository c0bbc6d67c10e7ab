package config

import (
	"log/slog"
	"net/netip"
	"time"
)

// Config holds every option of the server. Make one with [Load] or [Default];
// the meaning and the default of each field stand in the table of options.
type Config struct {
	Services      Services
	Auth          Auth
	Oasis         Oasis
	Keycloak      Keycloak
	OIDC          OIDC
	Database      Database
	Limits        Limits
	Process       Process
	Reprocess     Reprocess
	FS            FS
	Meta          Meta
	Documentation Documentation
	UI            UI
	Timestamp     Timestamp
	BundleExport  BundleExport
	BundleImport  BundleImport
	Mail          Mail
	DataCite      DataCite
	North         North
	Audit         Audit
	Metrics       Metrics

	// Listen is the address the server listens on, "host:port". It is no option:
	// whoever opens the listener sets it, so that [Config.PublicURL] can fall back on it.
	Listen string

	// old holds deprecated keys until Load has moved them to their new names.
	old struct {
		allowedUsers          *[]string
		requireAuthentication *bool
	}
	origins map[string]Origin
	files   []string
}

// Services is the section `services`: addresses, mode and limits of the server.
type Services struct {
	APIHost                  string
	APIPort                  int
	APIBasePath              string
	HTTPS                    bool
	HTTPSUpload              bool
	PublicURL                string
	TrustedProxies           []netip.Prefix
	CORSOrigins              []string // as browsers write them, or only "*"
	APISecret                string
	Mode                     string
	AdminUserID              string
	UploadLimit              int
	QuotaPerUser             Size
	Quota                    Size
	MinFreeSpace             Size
	ReservePublishedMetadata bool
	MaxEntryDownload         int
	MaxEntryMetadataDownload int
	AppTokenMaxExpiresIn     int
	OptimadeEnabled          bool
	DCATEnabled              bool
	H5groveEnabled           bool
	HTMLMaxAge               int
	ImageMaxAge              int
	GroupSearchEnabled       bool
	GroupMembersToVisitors   bool
	ConsoleLogLevel          slog.Level
	LogAPIQueries            bool
	ForceRawFileDecoding     bool
	UnavailableValue         string
}

// Auth is the section `auth`: who may come in and what a credential may do.
type Auth struct {
	RequireAuthentication     bool
	AuthorizedUsers           *[]string // nil = everybody; trimmed, lower case, without duplicates
	RejectUnauthorizedUsers   bool
	UnauthenticatedUserScopes ScopeRule
	UnauthorizedUserScopes    ScopeRule
	PATMaxLifetime            *float64 // days; nil = no limit
	PATMaxLifetimeAppendOnly  *float64 // days; nil = no limit
	PATPruningTime            float64  // days
	PATMaxActivePerUser       int
	AccessTokenLifetime       time.Duration
	RefreshTokenLifetime      time.Duration
	SigningKeyMaxAge          time.Duration
	PasswordGrant             bool
	Clients                   []Client
	SecondFactor              string    // SecondFactorOptional, SecondFactorAdmins or SecondFactorEveryone
	InvalidCredentials        string    // InvalidCredentialsReject or InvalidCredentialsAnonymous
	PATCreators               *[]string // nil = everybody; else as AuthorizedUsers
	PATForbiddenScopes        []string
	AllowUploadTokens         bool
	AllowUploadTokenInQuery   bool
	AllowSimpleTokens         bool
	AllowAuthorizationCookie  bool
	AllowPasswordInQuery      bool
	LocalAccounts             bool // beside an external provider
}

// Client is an application that signs people in with the built-in identity provider.
type Client struct {
	ID   string
	Name string
	// Secret of a confidential client; a public one has none.
	Secret                 string
	RedirectURIs           []string
	PostLogoutRedirectURIs []string
	// Trusted clients sign people in without asking them for consent.
	Trusted bool
	Devices bool
}

// The values of auth.invalid_credentials.
const (
	InvalidCredentialsReject    = "reject"
	InvalidCredentialsAnonymous = "anonymous"
)

// The values of auth.second_factor.
const (
	SecondFactorOptional = "optional"
	SecondFactorAdmins   = "admins"
	SecondFactorEveryone = "everyone"
)

// The values of services.mode.
const (
	Production  = "production"
	Development = "development"
)

// ScopeRule says which scopes are granted: those that Include matches minus those
// that Exclude matches. After [Load] and [Default] Include is never nil.
type ScopeRule struct {
	Include *[]string
	Exclude []string
}

// Oasis is the section `oasis`: this server's place among other servers.
type Oasis struct {
	IsOasis                   bool
	UsesCentralUserManagement bool
	CentralDeploymentURL      string
	TransferTargets           []string
	TermsOfServiceURL         string
}

// Keycloak is the section `keycloak`: an external identity provider, and the realm
// name under which the embedded one answers the Keycloak-style paths.
type Keycloak struct {
	ServerURL         string // empty = the embedded provider
	PublicServerURL   string // empty = ServerURL
	RealmName         string
	ClientID          string
	ClientSecret      *string
	Username          string
	Password          string
	DirectoryStaleMax time.Duration
}

// OIDC is the section `oidc`: an external identity provider that is no Keycloak, and what holds for both.
type OIDC struct {
	Issuer               string // empty = no such provider
	Name                 string
	ClientID             string
	ClientSecret         string
	AcceptedClients      []string
	Scopes               []string
	UsernameClaim        string
	Algorithms           []string
	TrustUnverifiedEmail bool
}

// Database is the section `database`.
type Database struct {
	URL    string // empty = SQLite in the data directory
	Shared bool   // other servers use it too
}

// Audit is the section `audit`: the record of who did what.
type Audit struct {
	Retention int // days; 0 = for ever
}

// Metrics is the section `metrics`: figures for Prometheus.
type Metrics struct {
	Listen string // empty = not served
}

// Limits is the section `limits`: what an uploaded archive may contain.
type Limits struct {
	ArchiveMembers   int
	ArchiveSize      Size
	ArchiveRatio     int
	ArchivePathBytes int
	ArchivePathDepth int
	Connections      int
	DepositWindow    time.Duration
}

// Process is the section `process`: how uploaded files become entries.
type Process struct {
	MetadataFileName       string
	MetadataFileExtensions []string
	AuxfileCutoff          int
	ParserMatchingSize     int
	MaxUploadSize          Size
	UseEmptyParsers        bool
	ExcludePotcar          bool
	RFC3161SkipPublished   bool
}

// Reprocess is the section `reprocess`: what processing a published upload again may change.
type Reprocess struct {
	RematchPublished                bool
	ReprocessExistingEntries        bool
	UseOriginalParser               bool
	AddMatchedEntriesToPublished    bool
	DeleteUnmatchedPublishedEntries bool
}

// FS is the section `fs`; only object storage is configured there, all else lies in the data directory.
type FS struct {
	PublicFS PublicFS
}

// PublicFS is the section `fs.public_fs`: published uploads in object storage.
type PublicFS struct {
	Protocol string // empty = local files
	Bucket   string
}

// Meta is the section `meta`: how this server describes itself.
type Meta struct {
	Deployment      string
	DeploymentURL   string // empty = made from the public address
	Name            string
	Description     string
	Homepage        string
	MaintainerEmail string
	SourceURL       string
	Service         string
	Label           string
	Beta            bool
	FooterLinks     []Link
}

// Link is a titled address shown in the page.
type Link struct {
	Title string
	URL   string
}

// Documentation is the section `documentation`.
type Documentation struct {
	URL string
}

// UI is the section `ui`: the web page.
type UI struct {
	Theme Theme
}

// Theme is the section `ui.theme`.
type Theme struct {
	Title string
}

// Timestamp is the section `rfc3161_timestamp`: trusted time stamps for entries.
type Timestamp struct {
	Server        string // empty = off
	Cert          string
	HashAlgorithm string
	Username      string
	Password      string
}

// BundleSettings says what a bundle contains.
type BundleSettings struct {
	IncludeRawFiles     bool
	IncludeArchiveFiles bool
	IncludeDatasets     bool
}

// BundleExport is the section `bundle_export`.
type BundleExport struct {
	DefaultSettings BundleSettings
	DefaultCLIPath  string
}

// BundleImport is the section `bundle_import`.
type BundleImport struct {
	RequiredNomadVersion             string
	AllowBundlesFromOasis            bool
	AllowUnpublishedBundlesFromOasis bool
	DefaultCLIPath                   string
}

// Mail is the section `mail`.
type Mail struct {
	Enabled     bool
	WithLogin   bool
	Host        string
	Port        int
	TLS         string
	User        string
	Password    string
	FromAddress string
	CCAddress   *string
}

// DataCite is the section `datacite`: registering DOIs.
type DataCite struct {
	Enabled  bool
	MDSHost  string
	Prefix   string
	User     string
	Password string
}

// North is the section `north`: remote tools.
type North struct {
	Enabled                    bool
	NomadAccessTokenExpiryTime int
}

// Default gives the built-in configuration, as if there were no file and no environment.
func Default() *Config {
	cfg := &Config{origins: map[string]Origin{}}
	for _, o := range theTable().options {
		if o.reset != nil {
			o.reset(cfg)
		}
	}
	return cfg
}

// Files lists the configuration files that were read, in the order of their weight, DATA/settings.yaml first.
func (c *Config) Files() []string { return append([]string(nil), c.files...) }
