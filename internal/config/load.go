package config

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Options says where [Load] looks. Nothing else is consulted, so the same
// options over the same files give the same result, as often as one likes.
type Options struct {
	// Files are the files named with --config; they replace NOMAD_CONFIG and the default file.
	Files []string
	// DataDir holds settings.yaml, and nomad.yaml if WorkDir has none.
	DataDir string
	// WorkDir is where relative names begin and where nomad.yaml is looked for.
	WorkDir string
	// Env is the environment as "NAME=value", usually os.Environ().
	Env []string
	// Settings, when not nil, is read instead of DATA/settings.yaml: what a change would make of it.
	Settings []byte
}

// DefaultFile is read from the working directory, else from the data directory, when no file is named.
const DefaultFile = "nomad.yaml"

// SettingsFile is the file in the data directory that the admin page writes.
const SettingsFile = "settings.yaml"

// Load lays defaults, settings, files and environment over each other and checks
// the result. The error is [Problems] and names everything that is wrong at once;
// the notices are worth a log line each, also when there is an error.
func Load(opts Options) (*Config, []Notice, error) {
	l := &loader{cfg: Default(), table: theTable(), lines: map[string][]string{}}
	l.readFile(source{layer: FromSettings, name: opts.SettingsPath(), draft: opts.Settings}, opts.DataDir != "", optional)
	for _, f := range l.chosenFiles(opts) {
		l.readFile(source{layer: FromFile, name: f.name, path: f.path(opts)}, true, f.need)
	}
	l.readEnv(opts.Env)
	l.finish()
	l.summarise()
	if len(l.problems) > 0 {
		return nil, l.notices, l.problems
	}
	return l.cfg, l.notices, nil
}

type loader struct {
	cfg      *Config
	table    *table
	lines    map[string][]string // file name → its lines, for excerpts
	problems Problems
	notices  []Notice
	ignored  mentions
	coming   mentions
}

// source is one file or one environment variable.
type source struct {
	layer Layer
	name  string
	path  string // of a file, if it differs from name
	draft []byte // content of a file, instead of what is on disk
}

func (s source) origin(at position) Origin {
	return Origin{Layer: s.layer, Name: s.name, Line: at.line, Column: at.column}
}

type chosenFile struct {
	name   string
	inData bool
	need   need
}

// path is where the file lies.
func (f *chosenFile) path(opts Options) string {
	if filepath.IsAbs(f.name) || f.inData {
		return f.name
	}
	return filepath.Join(opts.WorkDir, f.name)
}

type need bool

const (
	optional need = false
	required need = true
)

// chosenFiles applies --config over NOMAD_CONFIG over the default file.
func (l *loader) chosenFiles(opts Options) []chosenFile {
	names := opts.Files
	if len(names) == 0 {
		for _, name := range filepath.SplitList(lookup(opts.Env, "NOMAD_CONFIG")) {
			if strings.TrimSpace(name) != "" {
				names = append(names, name)
			}
		}
	}
	var files []chosenFile
	for _, name := range names {
		files = append(files, chosenFile{name: name, need: required})
	}
	if len(files) > 0 {
		return files
	}
	if _, err := os.Stat(filepath.Join(opts.WorkDir, DefaultFile)); err == nil || !errors.Is(err, fs.ErrNotExist) || opts.DataDir == "" {
		return []chosenFile{{name: DefaultFile}}
	}
	return []chosenFile{{name: filepath.Join(opts.DataDir, DefaultFile), inData: true}}
}

// lookup finds a variable; of several the last one counts, as for the shell that set them.
func lookup(env []string, name string) string {
	found := ""
	for _, pair := range env {
		if key, text, ok := strings.Cut(pair, "="); ok && key == name {
			found = text
		}
	}
	return found
}

func (l *loader) readFile(src source, present bool, need need) {
	if !present {
		return
	}
	if src.path == "" {
		src.path = src.name
	}
	data, err := src.draft, error(nil)
	switch {
	case data == nil:
		data, err = readLimited(src.path)
	case len(data) > maxFileSize:
		err = errTooLarge
	}
	switch {
	case errors.Is(err, fs.ErrNotExist) && need == optional:
		return
	case errors.Is(err, fs.ErrNotExist):
		l.problems = append(l.problems, &Problem{Source: src.name, Message: "does not exist, but --config or NOMAD_CONFIG names it"})
		return
	case err != nil:
		l.problems = append(l.problems, &Problem{Source: src.name, Message: "cannot be read: " + reason(err)})
		return
	}
	l.cfg.files = append(l.cfg.files, src.path)
	l.lines[src.name] = strings.Split(strings.TrimPrefix(string(data), "\ufeff"), "\n")
	root, err := parseYAML(data)
	var syntax *syntaxError
	switch {
	case errors.As(err, &syntax):
		l.problems = append(l.problems, &Problem{
			Source: src.name, Line: syntax.at.line, Column: syntax.at.column, Message: syntax.message,
			Accepted: starHint(l.lines[src.name], syntax.at.line), Excerpt: excerpt(l.lines[src.name], syntax.at.line, syntax.at.column, false),
		})
	case err != nil:
		l.problems = append(l.problems, &Problem{Source: src.name, Message: err.Error()})
	case root.kind == null:
	case root.kind != mapping:
		l.problem(src, root.at, "", fmt.Sprintf("must be a mapping of sections at its top level, found %s", root.kind), "lines such as \"services:\" with indented keys below", true)
	default:
		for _, f := range root.fields {
			l.walk(src, f.key, f)
		}
	}
}

var errTooLarge = errors.New("it is larger than 1 MiB")

func readLimited(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	switch {
	case info.IsDir():
		return nil, errors.New("it is a directory")
	case info.Size() > maxFileSize:
		return nil, errTooLarge
	}
	return os.ReadFile(path)
}

func reason(err error) string {
	var pathErr *fs.PathError
	if errors.As(err, &pathErr) {
		return pathErr.Err.Error()
	}
	return err.Error()
}

// starHint helps with `- *@example.org`, which YAML takes for an alias.
func starHint(lines []string, n int) string {
	if n >= 1 && n <= len(lines) && strings.Contains(lines[n-1], "*") {
		return "text that begins with a star only in quotes, as in '*@example.org'"
	}
	return ""
}
