package layout

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// secretName is how our code calls what nobody may guess byte by byte.
var secretName = regexp.MustCompile(`(?i)^(.*secret|.*password|.*signature|.*nonce|mac|raw|hash|csrf|verifier|.*code|.*token)$`)

// plainComparisons are the ones that tell an attacker nothing.
func plainComparisons() map[string]string {
	return map[string]string{
		"k.token == token": "internal/access/identity/oidc: our own token of the admin API, twice ours",
	}
}

// An operator == stops at the first byte that differs, and so tells how much of a
// guess was right.
func TestSecretsAreComparedInConstantTime(t *testing.T) {
	t.Parallel()
	used := map[string]bool{}
	files := 0
	for _, dir := range []string{"internal/access", "internal/api", "internal/app"} {
		err := fs.WalkDir(os.DirFS(root), dir, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			files++
			source, err := os.ReadFile(filepath.Join(root, path))
			if err != nil {
				return err
			}
			for _, found := range plainlyCompared(path, source) {
				if _, fine := plainComparisons()[found.text]; fine {
					used[found.text] = true
					continue
				}
				t.Errorf("%s:%d: %s: compare it with crypto/subtle or crypto/hmac", path, found.line, found.text)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if files < 50 {
		t.Fatalf("only %d files seen: the test looks in the wrong place", files)
	}
	for text := range plainComparisons() {
		if !used[text] {
			t.Errorf("%q is nowhere any more: take it out of the list", text)
		}
	}
}

type comparison struct {
	line int
	text string
}

// plainlyCompared finds == and != between two values one of which is called as
// secrets are. What is compared with a constant is no guess.
func plainlyCompared(path string, source []byte) (found []comparison) {
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, path, source, parser.SkipObjectResolution)
	if err != nil {
		return []comparison{{1, err.Error()}}
	}
	ast.Inspect(file, func(n ast.Node) bool {
		b, is := n.(*ast.BinaryExpr)
		if !is || b.Op != token.EQL && b.Op != token.NEQ {
			return true
		}
		x, y := nameOf(b.X), nameOf(b.Y)
		if x == "" || y == "" || !secretName.MatchString(x) && !secretName.MatchString(y) || constant(x) || constant(y) {
			return true
		}
		text := string(source[set.Position(b.Pos()).Offset:set.Position(b.End()).Offset])
		found = append(found, comparison{set.Position(b.Pos()).Line, text})
		return true
	})
	return found
}

// nameOf is the last word of a variable, a field, or what is converted; "" for literals, nil and calls.
func nameOf(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		if e.Name != "nil" && e.Name != "true" && e.Name != "false" {
			return e.Name
		}
	case *ast.SelectorExpr:
		return e.Sel.Name
	case *ast.CallExpr:
		if to, is := e.Fun.(*ast.Ident); is && to.Name == "string" && len(e.Args) == 1 {
			return nameOf(e.Args[0])
		}
	case *ast.ParenExpr:
		return nameOf(e.X)
	}
	return ""
}

var constantName = regexp.MustCompile(`^(Status|Err|code|grant)[A-Z]`)

// constant tells whether a name is that of a constant of a kind or a place, not of a secret's value.
func constant(name string) bool {
	for _, kind := range []string{"InUploadToken", "UploadToken", "SimpleToken", "PersonalToken", "ProviderToken", "InQueryToken", "JobToken"} {
		if name == kind {
			return true
		}
	}
	return constantName.MatchString(name)
}

func TestPlainComparisonsAreFound(t *testing.T) {
	t.Parallel()
	for expression, want := range map[string]int{
		"given.Secret == s.secret": 1, "a != p.Password": 1, "string(signature) == x": 1, "(mac) == other": 1,
		`secret == ""`: 0, "secret == nil": 0, "len(secret) == n": 0, "a == b": 0, "p.Kind == UploadToken": 0,
	} {
		source := fmt.Sprintf("package p\nfunc f() bool { return %s }", expression)
		if got := len(plainlyCompared("x.go", []byte(source))); got != want {
			t.Errorf("%s: found %d, want %d", expression, got, want)
		}
	}
}
