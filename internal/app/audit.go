package app

import (
	"context"
	"strings"
	"time"

	"oasis/internal/access/audit"
	"oasis/internal/config"
)

// auditEvery is how long a refusal may wait before it stands in the audit log.
const auditEvery = time.Second

// byConsole makes what is done with the context the deed of whoever has the
// command line of this server: only the owner of the data directory.
func byConsole(ctx context.Context, verb string) context.Context {
	return audit.WithFacts(ctx, audit.Request{
		Actor: audit.Console, ActorName: audit.Console, CredentialKind: audit.Console, Operation: verb,
	})
}

// pruneAudit deletes what is older than audit.retention.
func (c *core) pruneAudit(ctx context.Context) error {
	return c.audit.Prune(ctx, days(float64(c.settings.config().Audit.Retention)))
}

// recordChange puts each option that was saved into the audit log, with its value
// as "oasis config show" prints it, where secrets are hidden.
func (s *settings) recordChange(ctx context.Context, next *config.Config, options map[string]any) {
	for key := range options {
		operation := audit.SettingsChange
		if section, _, _ := strings.Cut(key, "."); section == "auth" || section == "oasis" {
			operation = audit.PolicyChange
		}
		s.audit.Record(ctx, audit.Event{Operation: operation, Object: audit.SettingObject(key), Detail: "now " + next.Value(key)})
	}
}
