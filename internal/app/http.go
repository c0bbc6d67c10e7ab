package app

import (
	"slices"

	"oasis/internal/api"
	"oasis/internal/api/gui"
	"oasis/internal/api/signin"
	v1 "oasis/internal/api/v1"
	"oasis/web"
)

// newHandler joins the HTTP side: the route table of every chapter of the API.
func (a *App) newHandler() (*api.Server, error) {
	c, cfg := a.core, a.opts.Config
	pages, err := gui.Routes(gui.Options{BasePath: cfg.BasePath(), Files: web.Files()})
	if err != nil {
		return nil, err
	}
	options := api.Options{
		BasePath:       cfg.BasePath(),
		PublicURL:      c.settings.publicURL,
		TrustedProxies: cfg.Services.TrustedProxies,
		CORSOrigins:    func() []string { return c.settings.config().Services.CORSOrigins },
		Policy:         c.settings.policy,
		SetUp:          c.people.SetUp,
		Authenticator:  c.authenticator,
		TokenUsed:      c.usage.Note,
		Audit:          c.audit,
		Routes:         append(a.routes(), pages...),
		Log:            a.opts.Log,
		Version:        a.opts.Version,
	}
	if a.figures != nil { // not a nil *meters in the interface
		options.Meter, options.CountDeprecated = a.figures, a.figures.countDeprecated
	}
	return api.New(options)
}

// routes are the rows of the whole API; the pages are apart.
func (a *App) routes() []api.Route {
	return slices.Concat(a.nomadRoutes(), a.signInRoutes(), a.providerRoutes(), a.externalRoutes(), a.linkRoutes(),
		signin.AdmissionRoutes(a.core.admissionRoutes()))
}

// nomadRoutes are the rows of the NOMAD API.
func (a *App) nomadRoutes() []api.Route {
	c := a.core
	var parsers []string
	for _, p := range c.processing.Parsers {
		parsers = append(parsers, p.Name())
	}
	return v1.Routes(v1.Services{
		People: c.people, Accounts: c.people, Issuer: c.provider, Tokens: c.tokens, Legacy: c.legacy, Uploads: c.uploads, Entries: c.entries, Reader: c.reader,
		Inbox: c.inbox, Receipts: c.receipts, Transfers: c.transfers, Bundles: c.bundles, Sending: c.sending, Audit: c.audit, Elsewhere: c.passwordElsewhere(),
		Groups: c.groups, Shares: c.shares,
		Edits:  c.edits,
		Policy: policyBook{c}, PolicyPeople: policyBook{c}, Explainer: c.explainer(a.Routes), Requests: c.admissions, Operations: a.Routes,
		ProcessFile: c.processing.File,
		About: func() v1.About {
			cfg := c.settings.config()
			return v1.About{
				Version: a.opts.Version, Deployment: cfg.Meta.Deployment, IsOasis: cfg.Oasis.IsOasis,
				GUI: cfg.PublicURL() + "/gui/", API: cfg.APIURL(), CentralURL: cfg.Oasis.CentralDeploymentURL, Parsers: parsers, PasswordInQuery: cfg.Auth.AllowPasswordInQuery,
				GroupMembersToVisitors: cfg.Services.GroupMembersToVisitors,
			}
		},
	})
}

// signInRoutes are the rows of sessions, set-up and the identity provider.
func (a *App) signInRoutes() []api.Route {
	c := a.core
	return signin.Routes(signin.Services{
		People: c.people, Policy: c.settings.policy,
		Facts: func() signin.Facts {
			cfg := c.settings.config()
			return signin.Facts{
				LabName: cfg.Meta.Name, RequireAuthentication: cfg.Auth.RequireAuthentication,
				ContactEmail: cfg.Meta.MaintainerEmail, PublicURL: cfg.PublicURL(),
				NoPasswords: !cfg.LocalSignIn(), Provider: c.providerButton(),
			}
		},
		SaveSettings: c.settings.save,
		SignOut:      a.signOut(),
		Disk: func() (string, int64, error) {
			free, err := c.dir.free()
			return c.dir.Path, free, err
		},
	})
}
