package config

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
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
	l.readFile(source{layer: FromSettings, name: filepath.Join(opts.DataDir, SettingsFile)}, opts.DataDir != "", optional)
	for _, f := range l.chosenFiles(opts) {
		path := f.name
		if !filepath.IsAbs(path) && !f.inData {
			path = filepath.Join(opts.WorkDir, path)
		}
		l.readFile(source{layer: FromFile, name: f.name, path: path}, true, f.need)
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
}

func (s source) origin(at position) Origin {
	return Origin{Layer: s.layer, Name: s.name, Line: at.line, Column: at.column}
}

type chosenFile struct {
	name   string
	inData bool
	need   need
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
	data, err := readLimited(src.path)
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

func readLimited(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	switch {
	case info.IsDir():
		return nil, errors.New("it is a directory")
	case info.Size() > maxFileSize:
		return nil, errors.New("it is larger than 1 MiB")
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

// walk follows one key of a file, or of a JSON object in the environment, into the table.
func (l *loader) walk(src source, key string, f field) {
	o := l.table.exact[key]
	switch {
	case strings.Contains(f.key, ".") && l.table.ignoredBy(key) == nil:
		l.dotted(src, key, f.at)
	case o != nil && o.Status == Ignored:
		l.ignored.add(src, key)
	case o != nil:
		l.set(src, o, f)
	case l.table.groups[key]:
		l.walkGroup(src, key, f)
	case l.table.ignoredBy(key) != nil:
		l.ignored.add(src, key)
	default:
		l.unknown(src, key, f.at)
	}
}

func (l *loader) walkGroup(src source, key string, f field) {
	nested := strings.Contains(key, ".")
	switch {
	case f.value.kind == mapping:
		for _, child := range f.value.fields {
			l.walk(src, key+"."+child.key, child)
		}
	case !l.hasLiveOptions(key):
		l.ignored.add(src, key)
	// "auth:" with nothing below is an empty section. One level deeper null would
	// have to mean "no rule", and a missing rule must not open the server.
	case f.value.kind == null && (!nested || !isSecuritySection(section(key))):
	default:
		l.wrong(src, f.at, key, fmt.Sprintf("%s must be a mapping, found %s", key, f.value.kind),
			"the keys "+strings.Join(l.table.children(key), ", "), isSecuritySection(section(key)), false)
	}
}

// dotted is for `services.api_host: x` in one line, which NOMAD does not read either.
func (l *loader) dotted(src source, key string, at position) {
	const hint = "the name after the dot on a line of its own, indented below the name before it"
	if isSecuritySection(section(key)) {
		l.problem(src, at, key, printable(key)+" is written with a dot", hint, true)
		return
	}
	p := &Problem{Source: src.name, Line: at.line, Column: at.column, Message: printable(key) + " is written with a dot and ignored", Accepted: hint}
	l.notice(slog.LevelWarn, "%s", p)
}

func (l *loader) hasLiveOptions(group string) bool {
	return isSecuritySection(group) || len(l.table.children(group)) > 0
}

func section(key string) string {
	s, _, _ := strings.Cut(key, ".")
	return s
}

// set gives an option the value of a file or of the environment.
func (l *loader) set(src source, o *Option, f field) {
	apply, err := o.decode(f.value)
	if err != nil {
		l.wrongValue(src, o, f, err)
		return
	}
	apply(l.cfg)
	l.cfg.origins[o.Key] = src.origin(f.at)
	if o.Status == Coming {
		l.coming.add(src, o.Key)
	}
}

func (l *loader) wrongValue(src source, o *Option, f field, err error) {
	message := o.Key + " " + err.Error()
	accepted := o.Type
	if errors.Is(err, errExpected) {
		message = fmt.Sprintf("%s must be %s", o.Key, o.Type)
		accepted = ""
		switch {
		case f.value.kind == scalar && !o.Secret:
			message += ", found " + shown(f.value.text)
		case f.value.kind != scalar:
			message += ", found " + f.value.kind.String()
		}
	}
	at := f.at
	if f.value.kind == scalar && f.value.at.line > 0 {
		at = f.value.at
	}
	l.wrong(src, at, o.Key, message, accepted, o.StrictEnv, o.Secret)
}

// wrong is a problem in a file; in the environment only where strict says so, else one line.
func (l *loader) wrong(src source, at position, key, message, accepted string, strict, hide bool) {
	if src.layer != FromEnv || strict {
		l.problem(src, at, key, message, accepted, hide)
		return
	}
	text := src.name + ": " + message
	if accepted != "" {
		text += "; accepted: " + accepted
	}
	l.notice(slog.LevelError, "%s; the variable is ignored%s", text, strayHint(src.name))
}

func (l *loader) problem(src source, at position, key, message, accepted string, hide bool) {
	l.problems = append(l.problems, &Problem{
		Source: src.name, Line: at.line, Column: at.column, Key: key, Message: message, Accepted: accepted,
		Excerpt: excerpt(l.lines[src.name], at.line, at.column, hide),
	})
}

func (l *loader) notice(level slog.Level, format string, args ...any) {
	l.notices = append(l.notices, Notice{level, fmt.Sprintf(format, args...)})
}

// unknown refuses a key where a typo could open the server, and mentions it elsewhere.
func (l *loader) unknown(src source, key string, at position) {
	nearest, fatal := l.table.nearestKey(key), isSecuritySection(section(key))
	if !strings.Contains(key, ".") {
		if twin := l.table.securityTwin(key); twin != "" {
			nearest, fatal = twin, true
		}
	}
	p := &Problem{
		Source: src.name, Line: at.line, Column: at.column, Key: key, Message: printable(key) + " is not a known option", Nearest: nearest,
	}
	if !fatal {
		p.Message += " and is ignored"
		l.notice(slog.LevelWarn, "%s", p)
		return
	}
	p.Excerpt = excerpt(l.lines[src.name], at.line, at.column, true)
	if names := l.table.children(section(key)); nearest == "" && len(names) > 0 {
		p.Accepted = "in " + section(key) + " " + strings.Join(names, ", ")
	}
	l.problems = append(l.problems, p)
}
