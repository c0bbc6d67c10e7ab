package app

import (
	"context"

	"oasis/internal/access"
	"oasis/internal/access/audit"
	"oasis/internal/access/identity"
	"oasis/internal/access/identity/mail"
	"oasis/internal/access/secret"
	"oasis/internal/access/token"
	"oasis/internal/config"
)

// peopleConfig joins people with the settings, the mail server and the tokens.
func (c *core) peopleConfig(apiSecret string) identity.Config {
	return identity.Config{
		Settings: func() identity.Settings {
			cfg := c.settings.config()
			return identity.Settings{
				PublicURL: cfg.PublicURL(), LabName: cfg.Meta.Name, SecondFactor: identity.FactorRule(cfg.Auth.SecondFactor),
				Elsewhere: c.elsewhere(),
			}
		},
		Mail:      c.mailer(),
		Key:       secret.Derive(apiSecret, "oasis second factors v1"),
		EndTokens: c.endTokens,
		Directory: c.directory(),
	}
}

// reservedGroup tells whether the policy lets people in, or lets them make tokens,
// because they are in a group of this name.
func (c *core) reservedGroup(name string) bool {
	cfg := c.settings.config()
	for _, list := range []*[]string{cfg.Auth.AuthorizedUsers, cfg.Auth.PATCreators} {
		if list != nil && access.NewAllowList(*list).NamesGroup(name) {
			return true
		}
	}
	return false
}

// mailer sends by the mail server of the configuration.
func (c *core) mailer() mail.Sender {
	return mail.Sender{Config: func() (mail.Config, bool) {
		cfg := c.settings.config()
		return mailConfigOf(cfg), cfg.Mail.Enabled
	}}
}

func mailConfigOf(cfg *config.Config) mail.Config {
	m := &cfg.Mail
	out := mail.Config{Host: m.Host, Port: m.Port, TLS: m.TLS, From: m.FromAddress, Name: cfg.Meta.Name}
	if out.Name == "" {
		out.Name = "Oasis"
	}
	if m.WithLogin {
		out.User, out.Password = m.User, m.Password
	}
	if m.CCAddress != nil {
		out.CC = *m.CCAddress
	}
	return out
}

// endTokens revokes all personal access tokens of a user that still work.
func (c *core) endTokens(ctx context.Context, userID string) (int, error) {
	ended, err := c.tokens.RevokeAll(ctx, userID, token.Ending{How: token.EndedAll, By: audit.RequestOf(ctx).Actor})
	return len(ended), err
}
