package cli

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"

	"golang.org/x/term"

	"oasis/internal/app"
)

type userCommand struct {
	Add         userAddCommand      `cmd:"" help:"Add an account."`
	List        userListCommand     `cmd:"" help:"List the accounts."`
	Disable     userDisableCommand  `cmd:"" help:"Switch an account off; its sessions and tokens stop working at once."`
	Enable      userEnableCommand   `cmd:"" help:"Switch an account on again."`
	SetPassword userPasswordCommand `cmd:"" help:"Set a new password; ends the account's sessions and access tokens."`
	Remove      userRemoveCommand   `cmd:"" help:"Remove an account with its tokens. Its uploads stay."`
	Invite      userInviteCommand   `cmd:"" help:"Make an account and a link with which its owner chooses a password."`
	Reset       userResetCommand    `cmd:"" help:"Make a link that sets a new password; with --second-factor remove lost factors too."`
	MakeAdmin   userAdminCommand    `cmd:"" help:"Make an account an administrator."`
	EndAll      userEndAllCommand   `cmd:"" help:"Sign somebody out everywhere."`
	Import      userImportCommand   `cmd:"" help:"Make accounts of a list of people from NOMAD or Keycloak (JSON, bcrypt passwords)."`
}

// passwordFlag is shared by the commands that take a password.
type passwordFlag struct {
	PasswordStdin bool `help:"Read the password from standard input (its first line) instead of asking for it."`
}

type userAddCommand struct {
	place
	passwordFlag
	Name      string `arg:"" help:"User name: letters, digits, and _ . -"`
	Email     string `required:"" help:"E-mail address." placeholder:"E"`
	FirstName string `help:"First name." placeholder:"F"`
	LastName  string `help:"Last name." placeholder:"L"`
	Admin     bool   `help:"Make the account an administrator."`
}

// Run adds an account.
func (c *userAddCommand) Run(r *run) error {
	password, err := c.read(r, "Password for "+c.Name)
	if err != nil {
		return err
	}
	var added app.UserInfo
	err = c.call(r, app.VerbUserAdd, app.UserAdd{
		Username: c.Name, Email: c.Email, FirstName: c.FirstName, LastName: c.LastName, Password: password, Admin: c.Admin,
	}, &added)
	if err != nil {
		return err
	}
	fmt.Fprintf(r.streams.Out, "Added %s (%s).\n", added.Username, added.ID)
	return nil
}

type userListCommand struct {
	place
	JSON bool `name:"json" help:"Print a JSON list."`
}

// Run lists the accounts.
func (c *userListCommand) Run(r *run) error {
	var users []app.UserInfo
	if err := c.call(r, app.VerbUserList, nil, &users); err != nil {
		return err
	}
	if c.JSON {
		return printJSON(r, users)
	}
	w := tabwriter.NewWriter(r.streams.Out, 0, 4, 2, ' ', 0)
	fmt.Fprintln(w, "USER NAME\tNAME\tE-MAIL\tROLE\tSTATE\tUSER ID")
	for _, u := range users {
		role := "user"
		switch {
		case u.Admin:
			role = "admin"
		case u.LabManager:
			role = "lab manager"
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", u.Username, u.Name, u.Email, role, u.State, u.ID)
	}
	return w.Flush()
}

type userDisableCommand struct {
	place
	Name string `arg:"" help:"User name or e-mail address."`
}

// Run switches an account off.
func (c *userDisableCommand) Run(r *run) error {
	if err := c.call(r, app.VerbUserDisable, app.UserName{Username: c.Name}, nil); err != nil {
		return err
	}
	fmt.Fprintf(r.streams.Out, "Disabled %s.\n", c.Name)
	return nil
}

type userEnableCommand struct {
	place
	Name string `arg:"" help:"User name or e-mail address."`
}

// Run switches an account on.
func (c *userEnableCommand) Run(r *run) error {
	if err := c.call(r, app.VerbUserEnable, app.UserName{Username: c.Name}, nil); err != nil {
		return err
	}
	fmt.Fprintf(r.streams.Out, "Enabled %s.\n", c.Name)
	return nil
}

type userPasswordCommand struct {
	place
	passwordFlag
	Name string `arg:"" help:"User name or e-mail address."`
}

// Run sets a password.
func (c *userPasswordCommand) Run(r *run) error {
	password, err := c.read(r, "New password for "+c.Name)
	if err != nil {
		return err
	}
	if err := c.call(r, app.VerbUserSetPassword, app.SetPassword{Username: c.Name, Password: password}, nil); err != nil {
		return err
	}
	fmt.Fprintf(r.streams.Out, "Changed the password of %s.\n", c.Name)
	return nil
}

type userRemoveCommand struct {
	place
	Name string `arg:"" help:"User name or e-mail address."`
}

// Run removes an account.
func (c *userRemoveCommand) Run(r *run) error {
	var left app.UserRemoved
	if err := c.call(r, app.VerbUserRemove, app.UserName{Username: c.Name}, &left); err != nil {
		return err
	}
	switch left.Uploads {
	case 0:
		fmt.Fprintf(r.streams.Out, "Removed %s, who had no uploads.\n", c.Name)
	case 1:
		fmt.Fprintf(r.streams.Out, "Removed %s. One upload stays; administrators see it.\n", c.Name)
	default:
		fmt.Fprintf(r.streams.Out, "Removed %s. %d uploads stay; administrators see them.\n", c.Name, left.Uploads)
	}
	return nil
}

// read gives the password: the first line of standard input, or what a person
// types at a terminal, twice and unseen.
func (f *passwordFlag) read(r *run, prompt string) (string, error) {
	if f.PasswordStdin {
		line, err := bufio.NewReader(io.LimitReader(r.streams.In, 8<<10)).ReadString('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			return "", fmt.Errorf("read password: %w", err)
		}
		return strings.TrimRight(line, "\r\n"), nil
	}
	in, ok := r.streams.In.(*os.File)
	if !ok || !term.IsTerminal(int(in.Fd())) {
		return "", &app.RefusalError{Text: "There is no terminal to ask for a password. Use --password-stdin and send it on standard input."}
	}
	first, err := f.ask(r, in, prompt)
	if err != nil {
		return "", err
	}
	second, err := f.ask(r, in, "Once more")
	if err != nil {
		return "", err
	}
	if first != second {
		return "", &app.RefusalError{Text: "The two passwords differ. Nothing was changed."}
	}
	return first, nil
}

func (f *passwordFlag) ask(r *run, in *os.File, prompt string) (string, error) {
	fmt.Fprintf(r.streams.Err, "%s: ", prompt)
	typed, err := term.ReadPassword(int(in.Fd()))
	fmt.Fprintln(r.streams.Err)
	if err != nil {
		return "", fmt.Errorf("read password: %w", err)
	}
	return string(typed), nil
}
