// Package oidc lets the people of another identity provider in: a Keycloak, any
// OpenID Connect issuer, or a central Oasis. It checks their access tokens, takes
// them through sign-in in the browser, and follows the user directory of the
// provider, so that who is disabled there is soon out here.
//
//	Issuer     what the provider publishes: addresses and keys
//	Provider   checks access tokens (identity.Provider)
//	Flow       sign-in in the browser, and with a password for old clients
//	Directory  who the provider knows: Keycloak, Central, or nobody to ask
//	People     our records of those people, kept fresh
//
// An account here belongs to one issuer and subject for ever. It is never joined
// with another account because of an equal name or e-mail address: whoever may
// choose those at the provider could then take the other account over.
package oidc
