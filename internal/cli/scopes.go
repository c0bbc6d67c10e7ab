package cli

import (
	"fmt"
	"runtime/debug"
	"text/tabwriter"

	"oasis/internal/access/scope"
)

type scopesCommand struct{}

// Run lists the scopes.
func (scopesCommand) Run(r *run) error {
	w := tabwriter.NewWriter(r.streams.Out, 0, 4, 2, ' ', 0)
	for _, s := range scope.All() {
		fmt.Fprintf(w, "%s\t%s\n", s.Name, s.Sentence)
	}
	return w.Flush()
}

type versionCommand struct{}

// Run prints the version.
func (versionCommand) Run(r *run) error {
	fmt.Fprintln(r.streams.Out, "oasis "+version())
	return nil
}

// version is that of the module, or the commit it was built from.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	if v := info.Main.Version; v != "" && v != "(devel)" {
		return v
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			return "devel-" + s.Value[:min(12, len(s.Value))]
		}
	}
	return "devel"
}
