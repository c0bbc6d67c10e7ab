// Package api is how one talks to Oasis over HTTP. It holds the pipeline that
// every request passes and the one table of routes from which the router, the
// access check, the OpenAPI document and the structural tests are made.
//
// A request travels: limits and request id → path made canonical → route →
// the one credential that decides (decisions 4) → access.Authenticator →
// access.Decide → parameters and body are read only now → handler → answer, or
// a problem that becomes application/problem+json.
//
// Handlers live in the packages below: v1 (the NOMAD API), signin (sessions,
// first set-up, discovery), gui (the web app).
package api
