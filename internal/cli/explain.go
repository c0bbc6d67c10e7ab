package cli

import (
	"fmt"
	"strings"
	"text/tabwriter"

	"oasis/internal/app"
)

type explainCommand struct {
	place
	User      string   `help:"User name, e-mail address or id; left out: a visitor." placeholder:"NAME"`
	Token     string   `help:"Id of one of the user's personal access tokens; left out: a browser session." placeholder:"ID"`
	Kind      string   `help:"Kind of credential: session, provider_token, personal_access_token, upload_token, simple_token." placeholder:"KIND"`
	Scope     []string `help:"Scope of a token that does not exist yet; repeat for several." placeholder:"S"`
	Operation string   `help:"What they want to do, see --list." placeholder:"OP"`
	Upload    string   `help:"The upload they want to do it to." placeholder:"ID"`
	Address   string   `help:"Where the request would come from." placeholder:"A"`
	List      bool     `help:"List the operations."`
}

// Run prints the way of a request through the flowchart.
func (c *explainCommand) Run(r *run) error {
	if c.List {
		return c.list(r)
	}
	if c.Operation == "" {
		return &app.RefusalError{Text: "Name what they want to do: --operation OP. The list: oasis explain --list"}
	}
	var a app.Explained
	err := c.call(r, app.VerbExplain, app.ExplainQuestion{
		User: c.User, Token: c.Token, Kind: c.Kind, Scopes: c.Scope, Operation: c.Operation, Upload: c.Upload, Address: c.Address,
	}, &a)
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(r.streams.Out, 0, 4, 2, ' ', 0)
	for _, step := range a.Decision.Steps {
		fmt.Fprintf(w, "%s\t%s\t%s\n", step.Step, strings.ReplaceAll(step.Outcome, "_", " "), step.Text)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if a.Allowed {
		fmt.Fprintln(r.streams.Out, "Allowed.")
		return nil
	}
	fmt.Fprintf(r.streams.Out, "Refused: %d %s\n", a.Status, a.Detail)
	if a.Decision.Help != "" {
		fmt.Fprintln(r.streams.Out, a.Decision.Help)
	}
	return nil
}

func (c *explainCommand) list(r *run) error {
	var operations []app.OperationInfo
	if err := c.call(r, app.VerbExplainList, struct{}{}, &operations); err != nil {
		return err
	}
	w := tabwriter.NewWriter(r.streams.Out, 0, 4, 2, ' ', 0)
	for _, o := range operations {
		fmt.Fprintf(w, "%s\t%s\t%s\n", o.Operation, strings.Join(o.Scopes, " "), o.Summary)
	}
	return w.Flush()
}
