package signin

import (
	"encoding/base64"
	"net/http"

	"oasis/internal/access/identity/local"
	"oasis/internal/api"
)

// discoveryDocument says what the embedded provider can do, and nothing it cannot
// (OpenID Connect Discovery 1.0 §3; RFC 8414).
type discoveryDocument struct {
	Issuer           string   `json:"issuer"`
	Authorization    string   `json:"authorization_endpoint"`
	Token            string   `json:"token_endpoint"`
	UserInfo         string   `json:"userinfo_endpoint"`
	JWKS             string   `json:"jwks_uri"`
	EndSession       string   `json:"end_session_endpoint"`
	Device           string   `json:"device_authorization_endpoint"`
	Introspection    string   `json:"introspection_endpoint"`
	Revocation       string   `json:"revocation_endpoint"`
	Scopes           []string `json:"scopes_supported"`
	Grants           []string `json:"grant_types_supported"`
	Responses        []string `json:"response_types_supported"`
	Modes            []string `json:"response_modes_supported"`
	Subjects         []string `json:"subject_types_supported"`
	Signing          []string `json:"id_token_signing_alg_values_supported"`
	ClientAuth       []string `json:"token_endpoint_auth_methods_supported"`
	Introspect       []string `json:"introspection_endpoint_auth_methods_supported"`
	Challenges       []string `json:"code_challenge_methods_supported"`
	Prompts          []string `json:"prompt_values_supported"`
	Claims           []string `json:"claims_supported"`
	RequestParameter bool     `json:"request_parameter_supported"`
	RequestURI       bool     `json:"request_uri_parameter_supported"`
	IssuerInAnswer   bool     `json:"authorization_response_iss_parameter_supported"`
}

// discovery is the same document at every address: there is one issuer (decisions 15).
func (s OAuth) discovery(w http.ResponseWriter, _ *http.Request) {
	issuer := s.Issuer()
	public(w)
	api.WriteJSON(w, http.StatusOK, discoveryDocument{
		Issuer: issuer, Authorization: issuer + "/authorize", Token: issuer + "/token", UserInfo: issuer + "/userinfo", JWKS: issuer + "/jwks",
		EndSession: issuer + "/end-session", Device: issuer + "/device", Introspection: issuer + "/introspect", Revocation: issuer + "/revoke",
		Scopes: s.OAuth.Scopes(), Grants: s.OAuth.Grants(), Responses: []string{"code"}, Modes: []string{"query", "fragment"},
		Subjects: []string{"public"}, Signing: []string{"RS256"},
		ClientAuth: []string{"none", "client_secret_basic", "client_secret_post"}, Introspect: []string{"client_secret_basic", "client_secret_post"},
		Challenges: []string{"S256"}, Prompts: []string{"none", "login", "consent", "select_account"},
		Claims: local.SupportedClaims(), IssuerInAnswer: true,
	})
}

// realm is what Keycloak says at the address of a realm; old clients take the public key from it.
func (s OAuth) realm(w http.ResponseWriter, r *http.Request) {
	key, err := s.Provider.PublicKey()
	if err != nil {
		api.Fail(w, r, err)
		return
	}
	below := s.Issuer() + "/realms/" + s.Realm()
	public(w)
	api.WriteJSON(w, http.StatusOK, map[string]any{
		"realm": s.Realm(), "public_key": base64.StdEncoding.EncodeToString(key),
		"token-service": below + "/protocol/openid-connect", "account-service": below + "/account", "tokens-not-before": 0,
	})
}

func (s OAuth) keys(w http.ResponseWriter, _ *http.Request) {
	public(w)
	api.WriteJSON(w, http.StatusOK, s.Provider.JWKS())
}

// public lets pages of any site read the answer, and everybody keep it for a while.
func public(w http.ResponseWriter) {
	w.Header().Set("Access-Control-Allow-Origin", "*")
	w.Header().Set("Cache-Control", "public, max-age=300")
}
