// Package keycloak tests Oasis with a real Keycloak: access tokens, sign-in in
// the browser, the user directory, key rotation, and the Keycloak going away;
// and with another Oasis as the central server.
package keycloak
