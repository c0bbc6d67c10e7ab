package cli

import (
	_ "embed"
	"fmt"

	"oasis/internal/app"
)

// goLicenses are the licences of the Go modules inside the binary; the test
// beside it writes it.
//
//go:embed licenses.txt
var goLicenses string

type licensesCommand struct{}

// Run prints the licences of everything inside the binary that is not ours: they
// ask that whoever passes it on passes them on too.
func (licensesCommand) Run(r *run) error {
	fmt.Fprintln(r.streams.Out, goLicenses)
	_, err := r.streams.Out.Write(app.WebLicenses())
	return err
}
