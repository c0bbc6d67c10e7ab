package config

import (
	"errors"
	"fmt"
	"log/slog"
	"strings"
)

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
