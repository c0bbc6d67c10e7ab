package app

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"oasis/internal/access/audit"
	v1 "oasis/internal/api/v1"
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
		s.audit.Record(ctx, audit.Event{Operation: changeOf(key), Object: audit.SettingObject(key), Detail: "now " + next.Value(key)})
	}
}

// changeOf names the change of an option.
func changeOf(key string) string {
	if section, _, _ := strings.Cut(key, "."); section == "auth" || section == "oasis" {
		return audit.PolicyChange
	}
	return audit.SettingsChange
}

// AuditList are the arguments of VerbAuditList; empty members do not restrict.
type AuditList struct {
	Who, Operation, Object, Address, Outcome string
	Since                                    time.Time
	// After is AuditPage.Next of the page before.
	After string
	Limit int
}

// AuditPage is what VerbAuditList gives: rows in the form of GET /audit, newest first.
type AuditPage struct {
	Rows []json.RawMessage
	// Next goes into AuditList.After, "" at the end.
	Next string
}

func (a *admin) auditList(ctx context.Context, in AuditList) (AuditPage, error) {
	place, err := audit.ParseCursor(in.After)
	if err != nil {
		return AuditPage{}, err
	}
	events, next, err := a.audit.List(ctx, audit.Filter{
		Who: in.Who, Operation: in.Operation, Object: in.Object, Address: in.Address, Outcome: audit.Outcome(in.Outcome),
		From: in.Since, Before: place,
	}, min(max(in.Limit, 1), 1000))
	if err != nil {
		return AuditPage{}, err
	}
	page := AuditPage{Next: next.Cursor(), Rows: make([]json.RawMessage, 0, len(events))}
	for i := range events {
		line, err := json.Marshal(v1.AuditRowOf(&events[i]))
		if err != nil {
			return AuditPage{}, fmt.Errorf("encode row of the audit log: %w", err)
		}
		page.Rows = append(page.Rows, line)
	}
	return page, nil
}
