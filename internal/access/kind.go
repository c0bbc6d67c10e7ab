package access

// Kind is a kind of credential.
type Kind uint8

// The kinds of credentials.
const (
	// NoCredential is the anonymous visitor.
	NoCredential Kind = iota
	// ProviderToken is an access token (JWT) of the identity provider.
	ProviderToken
	// PersonalToken is a personal access token.
	PersonalToken
	// SessionCookie is a browser session.
	SessionCookie
	// UploadToken is NOMAD's lasting token for adding files (deprecated).
	UploadToken
	// SimpleToken is NOMAD's signed token without revocation: signature and app tokens (deprecated).
	SimpleToken
	kinds
)

// String names the kind for logs and explanations.
func (k Kind) String() string {
	return [...]string{"none", "provider token", "personal access token", "session", "upload token", "simple token"}[k]
}

// Kinds is a set of kinds.
type Kinds uint8

// KindsOf makes a set.
func KindsOf(kk ...Kind) Kinds {
	var s Kinds
	for _, k := range kk {
		s |= 1 << k
	}
	return s
}

// Has tells whether k is in the set.
func (s Kinds) Has(k Kind) bool { return s&(1<<k) != 0 }

// People is the set of credentials only a person at a keyboard holds; operations that
// manage people and tokens of others take no other (decisions 2).
func People() Kinds { return KindsOf(ProviderToken, SessionCookie) }

// AnyKind is the set of all kinds.
func AnyKind() Kinds { return 1<<kinds - 1 }
