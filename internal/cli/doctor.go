package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"

	"oasis/internal/app"
	"oasis/internal/config"
)

// doctorCommand looks for what is wrong. Its exit statuses are its own: 0 = nothing,
// 1 = warnings, 2 = problems.
type doctorCommand struct {
	place
	Verify bool `help:"Also read every stored file and compare it with its SHA-256."`
	JSON   bool `name:"json" help:"Print the findings as JSON."`
}

// diagnosis is an end that is not 0 because of what was found.
type diagnosis struct{ status int }

func (d *diagnosis) Error() string { return fmt.Sprintf("the doctor ends with status %d", d.status) }

// The exit statuses of the doctor.
const (
	exitWarnings = 1
	exitProblems = 2
)

// Run prints what was found, the worst last.
func (c *doctorCommand) Run(r *run) error {
	found := c.examine(r)
	if c.Verify {
		found = append(found, c.verify(r)...)
	}
	if err := c.print(r.streams.Out, found); err != nil {
		return err
	}
	switch app.Worst(found) {
	case app.FindingProblem:
		return &diagnosis{exitProblems}
	case app.FindingWarning:
		return &diagnosis{exitWarnings}
	}
	return nil
}

func (c *doctorCommand) examine(r *run) []app.Finding {
	sources, err := c.options(r)
	if err != nil {
		return []app.Finding{broken("configuration", err)}
	}
	cfg, notices, err := config.Load(sources)
	if err != nil {
		return []app.Finding{broken("configuration", err)}
	}
	var found []app.Finding
	for _, n := range notices {
		if n.Level >= slog.LevelWarn {
			found = append(found, app.Finding{Check: "configuration", State: app.FindingWarning, Text: n.Text})
		}
	}
	found = append(found, app.Examine(app.Options{Config: cfg, Sources: sources, DataDir: c.Data})...)
	var inside []app.Finding
	if err := c.call(quiet(r), app.VerbDoctor, struct{}{}, &inside); err != nil {
		return append(found, broken("server", err))
	}
	return append(found, inside...)
}

// quiet is a run whose notices go nowhere: they are among the findings.
func quiet(r *run) *run {
	silent := *r
	silent.streams.Err = io.Discard
	return &silent
}

// broken is the finding that something cannot be looked at.
func broken(check string, err error) app.Finding {
	text := err.Error()
	var refusal *app.RefusalError
	if errors.As(err, &refusal) {
		text = refusal.Text
	}
	return app.Finding{Check: check, State: app.FindingProblem, Text: text}
}

// verify goes through all files, a part at a time.
func (c *doctorCommand) verify(r *run) []app.Finding {
	var found []app.Finding
	var files, bytes int64
	from := &app.VerifyFrom{}
	for from != nil {
		var part app.Verified
		if err := c.call(quiet(r), app.VerbDoctorVerify, from, &part); err != nil {
			return append(found, broken("files", err))
		}
		files, bytes, from = files+part.Files, bytes+part.Bytes, part.Next
		found = append(found, part.Damaged...)
		if from != nil && !c.JSON {
			fmt.Fprintf(r.streams.Err, "%d files, %d bytes\n", files, bytes)
		}
	}
	if len(found) == 0 {
		return []app.Finding{{Check: "files", State: app.FindingOK, Text: fmt.Sprintf("%d files, %d bytes, are what was stored.", files, bytes)}}
	}
	return found
}

func (c *doctorCommand) print(w io.Writer, found []app.Finding) error {
	if c.JSON {
		encoder := json.NewEncoder(w)
		encoder.SetIndent("", "  ")
		return encoder.Encode(map[string]any{"state": app.Worst(found), "findings": found})
	}
	marks := map[app.FindingState]string{app.FindingOK: "ok      ", app.FindingWarning: "WARNING ", app.FindingProblem: "PROBLEM "}
	for _, state := range []app.FindingState{app.FindingOK, app.FindingWarning, app.FindingProblem} {
		for _, f := range found {
			if f.State != state {
				continue
			}
			indent := "\n" + strings.Repeat(" ", len(marks[state]))
			text := f.Check + ": " + strings.ReplaceAll(strings.TrimSpace(f.Text), "\n", indent)
			if f.Help != "" {
				text += indent + f.Help
			}
			if _, err := fmt.Fprintf(w, "%s%s\n", marks[state], text); err != nil {
				return err
			}
		}
	}
	return nil
}
