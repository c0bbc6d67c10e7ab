package cli

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
)

// What --help says of each command is part of the contract with scripts and
// documents; a change of it is seen in its golden file.
func TestHelpOfEachCommand(t *testing.T) {
	t.Parallel()
	parser, err := kong.New(&commands{}, kong.Name("oasis"))
	if err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	ask := func(args ...string) {
		var out bytes.Buffer
		if status := Main(t.Context(), append(args, "--help"), nil, Streams{Out: &out, Err: &out}); status != exitOK {
			t.Errorf("oasis %s --help ends with %d", strings.Join(args, " "), status)
		}
		all.WriteString("$ " + strings.Join(append(append([]string{"oasis"}, args...), "--help"), " ") + "\n" + out.String() + "\n")
	}
	ask()
	for _, leaf := range parser.Model.Leaves(true) {
		ask(strings.Fields(leaf.FullPath())[1:]...)
	}
	const file = "testdata/help.txt"
	if *update {
		if err := os.WriteFile(file, []byte(all.String()), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	golden, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if all.String() != string(golden) {
		t.Errorf("help differs from %s; if it should, write it again: make generate. Now:\n%s", file, all.String())
	}
}
