package cli

import (
	"bytes"
	"os"
	"regexp"
	"slices"
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

// Whoever is on the machine may read the command line of every process, so
// secrets come by standard input or in the environment.
func TestNoCommandTakesASecretAsArgument(t *testing.T) {
	t.Parallel()
	parser, err := kong.New(&commands{}, kong.Name("oasis"))
	if err != nil {
		t.Fatal(err)
	}
	secret := regexp.MustCompile(`(?i)password|secret|token|passphrase|code$|api-?key`)
	harmless := []string{
		"--token-file", // a path
		"--token",      // of explain: the id of the token
	}
	seen := 0
	for _, leaf := range parser.Model.Leaves(false) {
		for _, group := range leaf.AllFlags(false) {
			for _, flag := range group {
				if seen++; secret.MatchString(flag.Name) && !flag.IsBool() && !slices.Contains(harmless, "--"+flag.Name) {
					t.Errorf("%s takes --%s with a value", leaf.FullPath(), flag.Name)
				}
			}
		}
		for _, argument := range leaf.Positional {
			if secret.MatchString(argument.Name) {
				t.Errorf("%s takes %s as an argument", leaf.FullPath(), argument.Name)
			}
		}
	}
	if seen < 20 {
		t.Fatalf("only %d flags seen: the test looks in the wrong place", seen)
	}
}
