package cli

import (
	"fmt"

	"oasis/internal/app"
)

type keyCommand struct {
	Rotate keyRotateCommand `cmd:"" help:"Make a new signing key for access tokens; tokens signed before stay valid until they end."`
}

type keyRotateCommand struct{ place }

// Run makes a new key.
func (c *keyRotateCommand) Run(r *run) error {
	var made app.KeyInfo
	if err := c.call(r, app.VerbKeyRotate, struct{}{}, &made); err != nil {
		return err
	}
	fmt.Fprintf(r.streams.Out, "The new signing key is %s.\n", made.ID)
	return nil
}
