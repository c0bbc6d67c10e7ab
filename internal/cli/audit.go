package cli

import (
	"cmp"
	"encoding/json"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"oasis/internal/app"
)

// auditCommand shows the audit log.
type auditCommand struct {
	place
	Since     string `help:"Not older than: 90d, 12h, 30m, or a day such as 2026-01-31." placeholder:"TIME"`
	User      string `help:"User name or id of who did it; console for the command line." placeholder:"NAME"`
	Operation string `help:"Such as token.revoke, or token.* for all that begin so." placeholder:"NAME"`
	Object    string `help:"Such as upload:ID, or upload:* for all that begin so." placeholder:"KIND:ID"`
	Address   string `help:"Address it came from." placeholder:"ADDR"`
	Outcome   string `help:"Only allowed, denied or failed." enum:",allowed,denied,failed" default:"" placeholder:"O"`
	Limit     int    `help:"Most rows to show; 0 = all." default:"100" placeholder:"N"`
	JSON      bool   `name:"json" help:"Print JSON lines, as the API exports them."`
}

// auditPage is how many rows one call gets.
const auditPage = 500

// auditRow is the part of a row that the table shows.
type auditRow struct {
	Time      time.Time
	Username  *string
	UserID    *string `json:"user_id"`
	Operation string
	Object    *string
	Outcome   string
	Step      *string
	Address   *string
	Detail    *string
	Count     int
}

// Run prints the rows.
func (c *auditCommand) Run(r *run) error {
	since, err := parseSince(c.Since, time.Now())
	if err != nil {
		return err
	}
	if c.Limit < 0 {
		return &app.RefusalError{Text: "--limit is a number of rows, or 0 for all."}
	}
	ask := app.AuditList{Who: c.User, Operation: c.Operation, Object: c.Object, Address: c.Address, Outcome: c.Outcome, Since: since}
	table := tabwriter.NewWriter(r.streams.Out, 0, 4, 2, ' ', 0)
	if !c.JSON {
		fmt.Fprintln(table, "TIME\tWHO\tOPERATION\tOBJECT\tOUTCOME\tTIMES\tFROM\tDETAIL")
	}
	for shown := 0; c.Limit == 0 || shown < c.Limit; {
		ask.Limit = auditPage
		if c.Limit > 0 {
			ask.Limit = min(auditPage, c.Limit-shown)
		}
		var page app.AuditPage
		if err := c.call(r, app.VerbAuditList, ask, &page); err != nil {
			return err
		}
		for _, line := range page.Rows {
			if err := c.print(r, table, line); err != nil {
				return err
			}
		}
		shown += len(page.Rows)
		if ask.After = page.Next; page.Next == "" {
			break
		}
	}
	return table.Flush()
}

func (c *auditCommand) print(r *run, table *tabwriter.Writer, line json.RawMessage) error {
	if c.JSON {
		_, err := fmt.Fprintf(r.streams.Out, "%s\n", line)
		return err
	}
	var row auditRow
	if err := json.Unmarshal(line, &row); err != nil {
		return fmt.Errorf("read row of the audit log: %w", err)
	}
	outcome := row.Outcome
	if step := text(row.Step); step != "" {
		outcome += " (" + step + ")"
	}
	who := cmp.Or(text(row.Username), text(row.UserID), "a visitor")
	_, err := fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%d\t%s\t%s\n", row.Time.Local().Format("2006-01-02 15:04:05"), who,
		row.Operation, text(row.Object), outcome, row.Count, text(row.Address), text(row.Detail))
	return err
}

func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// parseSince reads a length of time back from now, or a day; "" is the beginning.
func parseSince(since string, now time.Time) (time.Time, error) {
	if since == "" {
		return time.Time{}, nil
	}
	for _, layout := range []string{time.DateOnly, "2006-01-02 15:04", "2006-01-02T15:04", time.RFC3339} {
		if t, err := time.ParseInLocation(layout, since, time.Local); err == nil {
			return t, nil
		}
	}
	life, err := parseLife(strings.ToLower(since))
	if err != nil || life == nil {
		return time.Time{}, &app.RefusalError{Text: fmt.Sprintf("%q is no time. Examples: 7d, 12h, 2026-01-31.", since)}
	}
	return now.Add(-*life), nil
}
