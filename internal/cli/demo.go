package cli

import (
	"fmt"

	"oasis/internal/app"
)

type demoCommand struct {
	place
	User string `help:"Owner of the uploads. Default: the first administrator." placeholder:"NAME"`
}

// Run loads the example data.
func (c *demoCommand) Run(r *run) error {
	var made []app.DemoUpload
	if err := c.call(r, app.VerbDemo, app.UserName{Username: c.User}, &made); err != nil {
		return err
	}
	n := 0
	for _, u := range made {
		fmt.Fprintf(r.streams.Out, "%s  %s\n", u.ID, u.Name)
		if u.Made {
			n++
		}
	}
	if n == 0 {
		fmt.Fprintln(r.streams.Out, "The examples are there already; nothing was loaded.")
		return nil
	}
	fmt.Fprintf(r.streams.Out, "Loaded %d example uploads. A running server processes them at once.\n", n)
	return nil
}
