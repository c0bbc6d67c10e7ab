package signin

import (
	"net/http"

	"oasis/internal/api"
)

// discoveryDocument says what the embedded provider can do, and nothing it cannot
// (OpenID Connect Discovery 1.0 §3; RFC 8414).
type discoveryDocument struct {
	Issuer        string   `json:"issuer"`
	TokenEndpoint string   `json:"token_endpoint"`
	JWKS          string   `json:"jwks_uri"`
	Grants        []string `json:"grant_types_supported"`
	Responses     []string `json:"response_types_supported"`
	Subjects      []string `json:"subject_types_supported"`
	Signing       []string `json:"id_token_signing_alg_values_supported"`
	ClientAuth    []string `json:"token_endpoint_auth_methods_supported"`
	Claims        []string `json:"claims_supported"`
}

func (s Services) discovery(w http.ResponseWriter, _ *http.Request) {
	facts := s.Facts()
	public(w)
	api.WriteJSON(w, http.StatusOK, discoveryDocument{
		Issuer: facts.Issuer, TokenEndpoint: facts.TokenURL, JWKS: facts.Issuer + "/jwks",
		Grants: []string{"password"}, Responses: []string{}, Subjects: []string{"public"}, Signing: []string{"RS256"},
		ClientAuth: []string{"none"},
		Claims:     []string{"sub", "iss", "aud", "exp", "iat", "nbf", "jti", "preferred_username", "email", "given_name", "family_name"},
	})
}

func (s Services) keys(w http.ResponseWriter, _ *http.Request) {
	public(w)
	api.WriteJSON(w, http.StatusOK, s.Keys())
}

// public lets pages of any site read the answer, and everybody keep it for a while.
func public(w http.ResponseWriter) {
	w.Header().Set("Access-Control-Allow-Origin", "*")
	w.Header().Set("Cache-Control", "public, max-age=300")
}
