package cli

import (
	_ "embed"
	"fmt"
	"io/fs"

	"oasis/web"
)

// goLicenses are the licences of the Go modules inside the binary; the test
// beside it writes it.
//
//go:embed licenses.txt
var goLicenses string

// webLicenses is where the build of the web app leaves the licences of its packages.
const webLicenses = "app/licenses.md"

type licensesCommand struct{}

// Run prints the licences of everything inside the binary that is not ours: they
// ask that whoever passes it on passes them on too.
func (licensesCommand) Run(r *run) error {
	fmt.Fprintln(r.streams.Out, goLicenses)
	pages, err := fs.ReadFile(web.Files(), webLicenses)
	if err != nil { // built without the web app
		return nil //nolint:nilerr // there is nothing of others to name then
	}
	_, err = r.streams.Out.Write(pages)
	return err
}
