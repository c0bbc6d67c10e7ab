package app

import (
	"io/fs"

	"oasis/web"
)

// WebLicenses are the licences of the packages in the web app, in Markdown; none
// when the binary was built without it.
func WebLicenses() []byte {
	text, err := fs.ReadFile(web.Files(), "app/licenses.md")
	if err != nil {
		return nil
	}
	return text
}
