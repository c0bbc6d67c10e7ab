package app

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"oasis/internal/access/identity"
	"oasis/internal/store/sqlstore"
)

const (
	// skewMost is how far clocks may differ: leases of jobs are 15 seconds.
	skewMost = 5 * time.Second
	// backMost is how far in the future something may have been recorded.
	backMost = 5 * time.Minute
	// asksWithin bounds the question to another server.
	asksWithin = 10 * time.Second
	// endingSoon is how long before their end tokens are told of, and mostEnding how many.
	endingSoon = 14 * 24 * time.Hour
	mostEnding = 20
)

func (c *core) examineSettings(f *findings) {
	const check = "configuration"
	last := c.settings.state.Load().reload
	switch {
	case last.trouble != nil:
		f.problem(check, "Repair the file; the configuration from before is in force until then.", "%s", last.trouble)
	case len(last.restart) > 0:
		f.warn(check, "Start the server anew when it suits.", "%s changed and will hold after the next start.", strings.Join(last.restart, ", "))
	default:
		f.ok(check, "In force since %s.", last.at.Local().Format(time.DateTime))
	}
}

func (c *core) examineDatabase(ctx context.Context, f *findings) error {
	up, err := c.db.CheckUp(ctx)
	if err != nil {
		return err
	}
	if len(up.Damage) > 0 {
		f.problem("database", "Stop the server and restore a backup; do not write to it any more.", "%s is damaged: %s", up.Engine, strings.Join(up.Damage, "; "))
	} else {
		f.ok("database", "%s, tables of version %d, whole.", up.Engine, up.Tables)
	}
	if len(up.Servers) > 1 {
		f.ok("servers", "%d share the database: %s.", len(up.Servers), strings.Join(up.Servers, "; "))
	}
	c.examineClock(f, &up)
	c.examineKeys(f, &up)
	if up.Admins == 0 {
		f.warn("set-up", "Open the link that `oasis serve` prints, or: oasis user add NAME --email E --admin", "There is no administrator; the server is closed to everybody.")
	}
	examineWork(f, &up)
	if stuck := c.uploads.Unfinished(); len(stuck) > 0 {
		f.problem("files", "Look at the disk and the log; it is tried again every second.", "Changes of the uploads %s are stored but the disk refuses them.", strings.Join(stuck, ", "))
	}
	return c.examineTokens(ctx, f)
}

func (c *core) examineClock(f *findings, up *sqlstore.Checkup) {
	const check = "clock"
	now := c.db.Now()
	if skew := now.Sub(up.Clock).Abs(); !up.Clock.IsZero() && skew > skewMost {
		f.problem(check, "Let both machines take the time from the network.", "The clock of the database differs by %s from the one here.", skew.Round(time.Second))
		return
	}
	if ahead := up.Newest.Sub(now); ahead > backMost {
		f.problem(check, "Set the clock of this machine: tokens end and begin by it.", "Something was recorded %s in the future, or the clock went back.", ahead.Round(time.Second))
		return
	}
	f.ok(check, "%s", now.UTC().Format("2006-01-02 15:04:05 MST"))
}

func (c *core) examineKeys(f *findings, up *sqlstore.Checkup) {
	const check = "signing keys"
	age := c.db.Now().Sub(up.NewestKey)
	most := c.settings.config().Auth.SigningKeyMaxAge
	switch {
	case up.Keys == 0:
		f.problem(check, "Start the server: it makes one.", "There is none.")
	case most > 0 && age > most+24*time.Hour:
		f.warn(check, "Run: oasis key rotate", "The key that signs is %d days old, more than auth.signing_key_max_age.", int(age.Hours()/24))
	default:
		f.ok(check, "%d; the one that signs is %d days old.", up.Keys, int(age.Hours()/24))
	}
}

func examineWork(f *findings, up *sqlstore.Checkup) {
	switch {
	case up.FailedJobs > 0:
		f.warn("jobs", "Ask for the work again, for example with \"process\" on the page of an upload.", "%d were given up. The last one: %s", up.FailedJobs, firstLineOf(up.JobError))
	case up.LateJobs > 0:
		f.warn("jobs", "Look at the load and the log of the server. When no server runs, start one.", "%d are due for more than ten minutes and have not begun.", up.LateJobs)
	case up.LostJobs > 0:
		f.warn("jobs", "They are taken up by the next server that starts.", "%d were begun by a server that does not answer any more.", up.LostJobs)
	default:
		f.ok("jobs", "None is late or lost.")
	}
	if up.FailedUploads > 0 {
		f.warn("uploads", "Their pages tell why.", "Processing has failed for %d.", up.FailedUploads)
	} else { // files that no program can read are their owners' business
		f.ok("uploads", "Processing has failed for none; %d entries could not be read.", up.FailedEntries)
	}
}

func firstLineOf(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	return line
}

func (c *core) examineTokens(ctx context.Context, f *findings) error {
	const check = "tokens"
	ending, err := c.db.EndingTokens(ctx, c.db.Now().Add(endingSoon), mostEnding)
	if err != nil {
		return fmt.Errorf("list ending tokens: %w", err)
	}
	for _, t := range ending {
		f.warn(check, fmt.Sprintf("Run: oasis token rotate %s --user %s", t.ID, t.Owner), "%q of %s is in use and ends on %s.", t.Name, t.Owner, t.Expires.Local().Format("2006-01-02 15:04"))
	}
	if len(ending) == 0 {
		f.ok(check, "None that is in use ends within two weeks.")
	}
	return nil
}

// examinePeople asks the other servers that people need.
func (c *core) examinePeople(ctx context.Context, f *findings) {
	if m := c.mailer(); m.Ready() {
		within, cancel := context.WithTimeout(ctx, asksWithin)
		defer cancel()
		if err := m.Check(within); err != nil {
			f.problem("mail", "See the section mail of the configuration. Until then links are shown to whoever makes them.", "%s", err)
		} else {
			f.ok("mail", "The mail server answers.")
		}
	} else {
		f.ok("mail", "Not configured; links are shown to whoever makes them.")
	}
	const check = "identity provider"
	if c.external == nil {
		f.ok(check, "The one inside.")
		return
	}
	within, cancel := context.WithTimeout(ctx, asksWithin)
	defer cancel()
	people := c.external.people
	if err := people.Issuer.Check(within); err != nil {
		f.problem(check, "Until it answers nobody new can sign in; those who are known can for a while.", "%s does not answer: %s.", people.Issuer.ID(), err)
		return
	}
	if people.Directory != nil {
		// A name that nobody has: the answer tells that we may ask.
		if _, err := people.Directory.ByUsername(within, "no-such-user-asked-by-oasis-doctor"); err != nil && !errors.Is(err, identity.ErrUnknownUser) {
			f.problem(check, "Check the account for the user directory (keycloak.username, keycloak.client_secret).", "%s answers, its user directory does not: %s.", people.Issuer.ID(), err)
			return
		}
	}
	f.ok(check, "%s answers.", people.Issuer.ID())
}
