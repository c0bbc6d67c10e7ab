package e2e

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// binDir holds the binary under test; TestMain sets it once, before any test.
var binDir string

var update = flag.Bool("update", false, "rewrite the expected output in the scripts")

func TestMain(m *testing.M) {
	flag.Parse()
	if testing.Short() {
		return // no servers; each script would only say so
	}
	dir, err := os.MkdirTemp("", "oasis-e2e-")
	if err == nil {
		binDir = dir
		err = provide(filepath.Join(dir, "oasis"))
	}
	code := 1
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
	} else {
		code = m.Run()
	}
	os.RemoveAll(dir)
	os.Exit(code)
}

// provide puts the binary under test at path.
func provide(path string) error {
	if given := os.Getenv("OASIS_BIN"); given != "" {
		given, err := filepath.Abs(given)
		if err != nil {
			return err
		}
		return os.Symlink(given, path)
	}
	build := exec.Command("go", "build", "-o", path, "./cmd/oasis")
	build.Dir = "../.."
	if out, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("build the binary under test: %w\n%s", err, out)
	}
	return nil
}

func TestStories(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir:                "testdata",
		Setup:              setup,
		Condition:          condition,
		UpdateScripts:      *update,
		RequireUniqueNames: true,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"serve":    command(serve),
			"stop":     command(stop),
			"kill9":    command(kill9),
			"http":     httpCommand,
			"json":     jsonCommand,
			"await":    command(await),
			"postgres": command(postgres),
			"zip":      command(zipFiles),
			"totp":     command(writeTOTP),
			"fill":     command(fill),
		},
	})
}

// worldKey finds the world of a script among its values.
type worldKey struct{}

// world is what a script has made so far beside files and variables.
type world struct {
	server  *server
	jars    map[string]*jar
	body    []byte // body of the last answer
	address string // host:port that serve listens on
}

func setup(env *testscript.Env) error {
	env.Setenv("PATH", binDir+string(os.PathListSeparator)+env.Getenv("PATH"))
	env.Setenv("HOME", env.WorkDir)
	env.Setenv("DATA", filepath.Join(env.WorkDir, "data"))
	repo, err := filepath.Abs("../..")
	if err != nil {
		return err
	}
	env.Setenv("REPO", repo)
	w := &world{jars: map[string]*jar{}}
	env.Values[worldKey{}] = w
	env.Defer(func() {
		if w.server != nil {
			w.server.kill()
		}
	})
	return nil
}

// here returns the world of a running script.
func here(ts *testscript.TestScript) *world {
	w, ok := ts.Value(worldKey{}).(*world)
	if !ok {
		ts.Fatalf("this script was started without setup")
	}
	return w
}

// command adapts a function that returns an error; `! command` makes no sense for it.
func command(run func(*testscript.TestScript, []string) error) func(*testscript.TestScript, bool, []string) {
	return func(ts *testscript.TestScript, neg bool, args []string) {
		if neg {
			ts.Fatalf("this command cannot be negated")
		}
		ts.Check(run(ts, args))
	}
}
