package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	"oasis/internal/access/identity"
	"oasis/internal/app"
)

// printJSON prints a value for programs.
func printJSON(r *run, v any) error {
	e := json.NewEncoder(r.streams.Out)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(v)
}

type userInviteCommand struct {
	place
	Email      string `arg:"" help:"E-mail address."`
	Username   string `help:"User name; made from the name when left out." placeholder:"NAME"`
	FirstName  string `help:"First name." placeholder:"F"`
	LastName   string `help:"Last name." placeholder:"L"`
	Admin      bool   `help:"Make the account an administrator."`
	LabManager bool   `help:"Let the account manage instruments."`
}

// Run invites somebody; the link alone goes to standard output.
func (c *userInviteCommand) Run(r *run) error {
	var made app.UserLink
	err := c.call(r, app.VerbUserInvite, app.UserInvite{
		Username: c.Username, Email: c.Email, FirstName: c.FirstName, LastName: c.LastName, Admin: c.Admin, LabManager: c.LabManager,
	}, &made)
	if err != nil {
		return err
	}
	fmt.Fprintf(r.streams.Err, "Invited %s (%s).\n", made.User.Username, made.User.ID)
	return printLink(r, &made)
}

func printLink(r *run, made *app.UserLink) error {
	until := made.Expires.Local().Format("2006-01-02 15:04")
	if made.Mailed {
		fmt.Fprintf(r.streams.Err, "A link was mailed to %s. It works once, until %s.\n", made.User.Email, until)
		return nil
	}
	fmt.Fprintf(r.streams.Err, "Give this link to %s. It works once, until %s:\n", made.User.Name, until)
	_, err := fmt.Fprintln(r.streams.Out, made.URL)
	return err
}

type userResetCommand struct {
	place
	Name         string `arg:"" help:"User name or e-mail address."`
	SecondFactor bool   `help:"Also remove the account's second factors and recovery codes."`
}

// Run makes a reset link.
func (c *userResetCommand) Run(r *run) error {
	if c.SecondFactor {
		if err := c.call(r, app.VerbUserResetFactor, app.UserName{Username: c.Name}, nil); err != nil {
			return err
		}
		fmt.Fprintf(r.streams.Err, "Removed the second factors of %s.\n", c.Name)
	}
	var made app.UserLink
	if err := c.call(r, app.VerbUserReset, app.UserName{Username: c.Name}, &made); err != nil {
		return err
	}
	return printLink(r, &made)
}

type userAdminCommand struct {
	place
	Name string `arg:"" help:"User name or e-mail address."`
	Undo bool   `help:"Take the role away again."`
}

// Run gives or takes the role of administrator.
func (c *userAdminCommand) Run(r *run) error {
	admin := !c.Undo
	var changed app.UserInfo
	if err := c.call(r, app.VerbUserChange, app.UserChange{Username: c.Name, Admin: &admin}, &changed); err != nil {
		return err
	}
	verb := "is an administrator now"
	if c.Undo {
		verb = "is no administrator any more"
	}
	fmt.Fprintf(r.streams.Out, "%s %s.\n", changed.Username, verb)
	return nil
}

type userEndAllCommand struct {
	place
	Name   string `arg:"" help:"User name or e-mail address."`
	Tokens bool   `help:"Revoke all personal access tokens too."`
}

// Run ends all sessions of somebody.
func (c *userEndAllCommand) Run(r *run) error {
	var ended struct{ Tokens int }
	if err := c.call(r, app.VerbUserEndAll, app.UserEndAll{Username: c.Name, Tokens: c.Tokens}, &ended); err != nil {
		return err
	}
	fmt.Fprintf(r.streams.Out, "Ended all sessions of %s; revoked %d tokens.\n", c.Name, ended.Tokens)
	return nil
}

type userImportCommand struct {
	place
	File string `arg:"" help:"JSON list of people; - is standard input." type:"path"`
	JSON bool   `name:"json" help:"Print what became of each as a JSON list."`
}

// importBatch is how many people one call brings: hashes are long, and calls are bounded.
const importBatch = 500

// Run imports people. Those that cannot be imported are named; the others are in.
func (c *userImportCommand) Run(r *run) error {
	people, err := c.read(r)
	if err != nil {
		return err
	}
	var all []identity.Imported
	for batch := range slices.Chunk(people, importBatch) {
		var results []identity.Imported
		if err := c.call(r, app.VerbUserImport, batch, &results); err != nil {
			return err
		}
		all = append(all, results...)
	}
	if c.JSON {
		return printJSON(r, all)
	}
	refused := 0
	for _, x := range all {
		if x.Reason != "" {
			refused++
			fmt.Fprintf(r.streams.Err, "%s: %s\n", x.Email, x.Reason)
		}
	}
	fmt.Fprintf(r.streams.Out, "Imported %d of %d accounts.\n", len(all)-refused, len(all))
	if refused > 0 {
		return &app.RefusalError{Text: fmt.Sprintf("%d accounts were not imported, see above.", refused)}
	}
	return nil
}

func (c *userImportCommand) read(r *run) ([]identity.ImportUser, error) {
	in := r.streams.In
	if c.File != "-" {
		file, err := os.Open(c.File)
		if errors.Is(err, os.ErrNotExist) {
			return nil, &app.RefusalError{Text: "There is no file " + c.File + "."}
		}
		if err != nil {
			return nil, fmt.Errorf("open list of people: %w", err)
		}
		defer file.Close()
		in = file
	}
	var people []identity.ImportUser
	if err := json.NewDecoder(io.LimitReader(in, 256<<20)).Decode(&people); err != nil {
		return nil, &app.RefusalError{Text: "The file is not a JSON list of people: " + err.Error()}
	}
	return people, nil
}
