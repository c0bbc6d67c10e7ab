package cli

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"oasis/internal/app"
)

type tokenCommand struct {
	Create tokenCreateCommand `cmd:"" help:"Make a token; prints only the token on standard output."`
	List   tokenListCommand   `cmd:"" help:"List the tokens of a user."`
	Revoke tokenRevokeCommand `cmd:"" help:"End a token for good."`
	Rotate tokenRotateCommand `cmd:"" help:"Replace a token by a new one with the same rights; prints only the new token."`
	Prune  tokenPruneCommand  `cmd:"" help:"Delete tokens that ended longer ago than auth.pat_pruning_time."`
}

type tokenCreateCommand struct {
	place
	User        string   `required:"" help:"User name or e-mail address of the owner." placeholder:"NAME"`
	Name        string   `required:"" help:"What the token is for." placeholder:"N"`
	Description string   `help:"More about it." placeholder:"TEXT"`
	Scope       []string `required:"" help:"Scope the token holds; repeat for several. See: oasis scopes" placeholder:"S"`
	AppendOnly  bool     `help:"The token may create uploads and add new files, and nothing else."`
	Upload      []string `help:"Upload that the token is for; repeat for several. It may touch no other." placeholder:"ID"`
	Network     []string `help:"Network that the token may be used from, such as 192.0.2.0/24; repeat for several." placeholder:"CIDR"`
	DepositFor  string   `help:"Default user of an instrument's token: it makes uploads for others (POST /uploads?main_author=NAME) and adds to those, and nothing else; needs --deposit-to." placeholder:"NAME"`
	DepositTo   []string `help:"For whom such a token may make uploads: a user, group:NAME, or any; repeat for several." placeholder:"NAME"`
	Expires     string   `help:"Life: 90d, 12h, 30s, or never." default:"30d" placeholder:"LIFE"`
}

// Run makes a token.
func (c *tokenCreateCommand) Run(r *run) error {
	life, err := parseLife(c.Expires)
	if err != nil {
		return err
	}
	if (c.DepositFor == "") != (len(c.DepositTo) == 0) {
		return &app.RefusalError{Text: "A token that deposits for others needs both --deposit-for NAME, who gets what nobody else can be given, and --deposit-to, for example --deposit-to any."}
	}
	var made app.TokenInfo
	err = c.call(r, app.VerbTokenCreate, app.TokenCreate{
		Username: c.User, Name: c.Name, Description: c.Description, Scopes: c.Scope, Lifetime: life,
		AppendOnly: c.AppendOnly, Uploads: c.Upload, Networks: c.Network, DepositFor: c.DepositFor, DepositTo: c.DepositTo,
	}, &made)
	if err != nil {
		return err
	}
	fmt.Fprintln(r.streams.Out, made.Raw)
	return nil
}

// parseLife reads 90d, 12h, 30m, 30s; nil is never.
func parseLife(text string) (*time.Duration, error) {
	if text == "never" {
		return nil, nil
	}
	wrong := &app.RefusalError{Text: fmt.Sprintf("%q is not a life of a token. Examples: 90d, 12h, 30s, never.", text)}
	var d time.Duration
	if number, ok := strings.CutSuffix(text, "d"); ok {
		n, err := strconv.Atoi(number)
		if err != nil || n > 36500 || n < 0 {
			return nil, wrong
		}
		d = time.Duration(n) * 24 * time.Hour
	} else {
		var err error
		if d, err = time.ParseDuration(text); err != nil {
			return nil, wrong
		}
	}
	return &d, nil
}

type tokenListCommand struct {
	place
	User string `required:"" help:"User name or e-mail address of the owner." placeholder:"NAME"`
}

// Run lists tokens.
func (c *tokenListCommand) Run(r *run) error {
	var tokens []app.TokenInfo
	if err := c.call(r, app.VerbTokenList, app.UserName{Username: c.User}, &tokens); err != nil {
		return err
	}
	w := tabwriter.NewWriter(r.streams.Out, 0, 4, 2, ' ', 0)
	fmt.Fprintln(w, "ID\tNAME\tSTATE\tEXPIRES\tLAST USED\tSCOPES")
	for _, t := range tokens {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", t.ID, t.Name, t.State, day(t.Expires), day(t.LastUsed), strings.Join(t.Scopes, " "))
	}
	return w.Flush()
}

// day prints a time for people, "never" for none.
func day(t time.Time) string {
	if t.IsZero() {
		return "never"
	}
	return t.Local().Format("2006-01-02 15:04")
}

// tokenOf names one token.
type tokenOf struct {
	place
	User string `required:"" help:"User name or e-mail address of the owner." placeholder:"NAME"`
	ID   string `arg:"" help:"Id of the token; see: oasis token list"`
}

type tokenRevokeCommand struct {
	place
	User string `help:"User name or e-mail address of the owner." placeholder:"NAME"`
	ID   string `arg:"" help:"Id of the token (see: oasis token list), or - to read the token itself from standard input."`
}

// Run revokes a token. One that is known by its secret, because it has turned up
// somewhere, is read from standard input: arguments show in the list of processes.
func (c *tokenRevokeCommand) Run(r *run) error {
	if c.ID == "-" {
		return c.leaked(r)
	}
	if c.User == "" {
		return &app.RefusalError{Text: "Name the owner of the token: --user NAME."}
	}
	if err := c.call(r, app.VerbTokenRevoke, app.TokenID{Username: c.User, ID: c.ID}, nil); err != nil {
		return err
	}
	fmt.Fprintf(r.streams.Out, "Revoked %s.\n", c.ID)
	return nil
}

// mostSecret is how much is read of a token: more than any has.
const mostSecret = 4 << 10

func (c *tokenRevokeCommand) leaked(r *run) error {
	text, err := io.ReadAll(io.LimitReader(r.streams.In, mostSecret))
	if err != nil {
		return fmt.Errorf("read token: %w", err)
	}
	var t app.TokenTouched
	if err := c.call(r, app.VerbTokenLeaked, app.TokenSecret{Raw: string(text)}, &t); err != nil {
		return err
	}
	fmt.Fprintf(r.streams.Out, "Revoked %s (%s) of %s. Last used: %s.\n", t.ID, t.Name, t.Owner, day(t.LastUsed))
	for _, u := range t.Used {
		fmt.Fprintf(r.streams.Out, "  %s %s: %d times, last %s\n", u.Kind, u.Item, u.Times, day(u.Last))
	}
	return nil
}

type tokenRotateCommand struct{ tokenOf }

// Run rotates a token.
func (c *tokenRotateCommand) Run(r *run) error {
	var made app.TokenInfo
	if err := c.call(r, app.VerbTokenRotate, app.TokenID{Username: c.User, ID: c.ID}, &made); err != nil {
		return err
	}
	fmt.Fprintln(r.streams.Out, made.Raw)
	return nil
}

type tokenPruneCommand struct{ place }

// Run prunes tokens.
func (c *tokenPruneCommand) Run(r *run) error {
	var pruned struct{ Deleted int }
	if err := c.call(r, app.VerbTokenPrune, nil, &pruned); err != nil {
		return err
	}
	fmt.Fprintf(r.streams.Out, "Deleted %d tokens.\n", pruned.Deleted)
	return nil
}
