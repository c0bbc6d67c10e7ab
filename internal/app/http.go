package app

import (
	"net/http"

	"oasis/internal/api"
)

// newHandler joins the HTTP side: the route table of every chapter of the API.
func (a *App) newHandler() (http.Handler, error) {
	c, cfg := a.core, a.opts.Config
	return api.New(api.Options{
		BasePath:       cfg.BasePath(),
		PublicURL:      func() string { return c.settings.config().PublicURL() },
		TrustedProxies: cfg.Services.TrustedProxies,
		Policy:         c.settings.policy,
		SetUp:          c.people.SetUp,
		Authenticator:  c.authenticator,
		Routes:         nil,
		Log:            a.opts.Log,
		Version:        a.opts.Version,
	})
}
