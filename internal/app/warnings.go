package app

import (
	"context"
	"errors"
	"fmt"
	"time"

	"oasis/internal/access/identity"
	"oasis/internal/access/token"
)

// Owners of tokens are warned by mail this long before the end, nearest first.
func warningTimes() []time.Duration { return []time.Duration{3 * 24 * time.Hour, 14 * 24 * time.Hour} }

// warnOfEndingTokens mails the owners of tokens that are in use and end soon, once
// for each of the warning times.
func (c *core) warnOfEndingTokens(ctx context.Context) error {
	if !c.mailer().Ready() {
		return nil
	}
	users, err := c.people.List(ctx)
	if err != nil {
		return fmt.Errorf("list users: %w", err)
	}
	var errs []error
	for i := range users {
		if users[i].Disabled {
			continue
		}
		errs = append(errs, c.warnOwner(ctx, &users[i]))
	}
	return errors.Join(errs...)
}

func (c *core) warnOwner(ctx context.Context, user *identity.User) error {
	times := warningTimes()
	now := c.tokens.Now()
	active, last := true, now.Add(times[len(times)-1])
	ending, _, err := c.tokens.List(ctx, user.ID, token.Filter{Active: &active, Now: now, ExpiresAfter: &now, ExpiresBefore: &last, Limit: 1000})
	if err != nil {
		return fmt.Errorf("list ending tokens: %w", err)
	}
	var errs []error
	for i := range ending {
		t := &ending[i]
		if t.LastUsedAt.IsZero() {
			continue // nobody will miss it
		}
		for _, before := range times {
			if t.ExpiredAt.Sub(now) > before {
				continue
			}
			text := fmt.Sprintf("Your access token %q, which was last used on %s, ends on %s. Rotate it in time:\n\n  %s/gui/account/tokens",
				t.Name, t.LastUsedAt.Format("2 January 2006"), t.ExpiredAt.Format("2 January 2006 15:04 MST"), c.settings.publicURL())
			about := fmt.Sprintf("token %s ends in %s", t.ID, before)
			errs = append(errs, c.people.NotifyOnce(ctx, user, about, t.ExpiredAt, "An access token ends soon", text))
			break
		}
	}
	return errors.Join(errs...)
}
