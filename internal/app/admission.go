package app

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"oasis/internal/access/admission"
	"oasis/internal/access/identity"
	"oasis/internal/access/identity/mail"
	"oasis/internal/api/signin"
	"oasis/internal/config"
	"oasis/internal/problem"
)

// admissionService joins the requests to be let in with the allow list and the mail.
func (c *core) admissionService(log *slog.Logger, now func() time.Time) *admission.Service {
	return &admission.Service{
		Store: c.db.Admissions(), LetIn: c.settings.letIn, User: c.people.User, Now: now,
		Tell: func(ctx context.Context, user identity.User, message string) { c.tellAdmin(ctx, log, user, message) },
	}
}

// admissionRoutes are the rows with which refused people ask to be let in.
func (c *core) admissionRoutes() signin.Admissions {
	return signin.Admissions{Ask: c.admissions.Ask, Last: c.admissions.Last, Policy: c.settings.policy}
}

// allowList is the option that approvals change.
const allowList = "auth.authorized_users"

// letIn puts a user name on the allow list in the settings file. A list that a
// file sets is the operator's: the 409 then shows the line to add.
func (s *settings) letIn(ctx context.Context, username string) error {
	err := s.saveIf(ctx, func(now *settingsState) (map[string]any, error) {
		list := now.config.Auth.AuthorizedUsers
		if list == nil || slices.ContainsFunc(*list, func(e string) bool { return strings.EqualFold(e, username) }) {
			return nil, nil
		}
		if now.config.Locked(allowList) {
			return nil, lockedList(now.config, username)
		}
		return map[string]any{allowList: append(slices.Clone(*list), username)}, nil
	}, nil)
	if err != nil {
		return fmt.Errorf("put %s on the allow list: %w", username, err)
	}
	return nil
}

// lockedList is the refusal to change a list that stands in a file or the environment.
func lockedList(cfg *config.Config, username string) error {
	origin := cfg.Origin(allowList)
	if origin.Layer == config.FromEnv {
		list := append(slices.Clone(*cfg.Auth.AuthorizedUsers), username)
		return problem.Clash("The list is set in the environment variable %s; change it there to: [\"%s\"]", origin.Name, strings.Join(list, `", "`))
	}
	return problem.Clash("The list is set in %s. Add this line to it there, it holds at once:\n  - %s", origin, username)
}

// tellTimeout bounds how long the mail server may take; nobody waits for it.
const tellTimeout = 10 * time.Second

// tellAdmin mails a request to the maintainer, if mail and an address are
// configured. The request stands on the administrator's page in any case.
func (c *core) tellAdmin(ctx context.Context, log *slog.Logger, user identity.User, message string) {
	cfg := c.settings.config()
	to, sender := cfg.Meta.MaintainerEmail, c.mailer()
	if to == "" || !sender.Ready() {
		return
	}
	ctx = context.WithoutCancel(ctx)
	c.telling.Go(func() {
		ctx, cancel := context.WithTimeout(ctx, tellTimeout)
		defer cancel()
		if err := sendRequest(ctx, sender, cfg, to, user, message); err != nil {
			log.WarnContext(ctx, "a request for access could not be mailed; it stands on the page for people", "to", to, "err", err)
		}
	})
}

func sendRequest(ctx context.Context, sender mail.Sender, cfg *config.Config, to string, user identity.User, message string) error {
	if message == "" {
		message = "(no message)"
	}
	lab := cfg.Meta.Name
	if lab == "" {
		lab = "Oasis"
	}
	text := fmt.Sprintf("%s (user name %s, %s) asks for access to %s and writes:\n\n%s\n\nApprove or decline: %s/gui/admin/users\n",
		user.Name(), user.Username, user.Email, lab, message, cfg.PublicURL())
	return sender.Send(ctx, to, lab+": "+user.Username+" asks for access", text)
}
