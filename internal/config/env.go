package config

import (
	"log/slog"
	"slices"
	"strings"
)

const envPrefix = "NOMAD_"

// readEnv reads NOMAD_<SECTION>_<FIELD>. Other programs use the same prefix:
// HashiCorp's Nomad sets NOMAD_META_*, NOMAD_ALLOC_ID and more, Docker and
// Kubernetes set NOMAD_MONGO_PORT=tcp://… for services of such names. None of
// that may stop the server; only a wrong value for an option that guards it does.
func (l *loader) readEnv(env []string) {
	last := map[string]string{}
	for _, pair := range env {
		name, text, ok := strings.Cut(pair, "=")
		if ok && strings.HasPrefix(name, envPrefix) && name != "NOMAD_CONFIG" {
			last[name] = text
		}
	}
	names := make([]string, 0, len(last))
	for name := range last {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		l.readVariable(name, strings.ToLower(strings.TrimPrefix(name, envPrefix)), last[name])
	}
}

func (l *loader) readVariable(name, rest, text string) {
	src := source{layer: FromEnv, name: printable(name)}
	if o := l.table.byEnv[rest]; o != nil {
		if o.Status == Ignored {
			l.ignored.add(src, o.Key)
			return
		}
		l.setVariable(src, o, text)
		return
	}
	if group := l.table.groupOfEnv(rest); strings.Contains(group, ".") {
		l.readGroupVariable(src, group, text)
		return
	} else if group != "" && l.hasLiveOptions(group) {
		l.notice(slog.LevelError, "%s names the whole section %s and is ignored; name one option of it, such as %s", src.name, group, l.exampleOf(group))
		return
	}
	if strings.HasPrefix(rest, "client_") {
		return // for the client programs, which read it themselves
	}
	if o := l.table.ignoredEnv(rest); o != nil {
		l.ignored.add(src, o.Key)
		return
	}
	nearest, near := l.table.nearestEnv(rest)
	switch {
	case near:
		l.notice(slog.LevelError, "%s is not a known variable and is ignored. Did you mean %s?%s", src.name, nearest, strayHint(name))
	default:
		l.notice(slog.LevelWarn, "%s is not a known variable and is ignored; the nearest known name is %s%s", src.name, nearest, strayHint(name))
	}
}

// setVariable gives text its type: text options take it as it stands, lists are JSON.
func (l *loader) setVariable(src source, o *Option, text string) {
	f := field{key: o.Key, value: value{kind: scalar, text: text}}
	switch {
	case o.form == plain && strings.TrimSpace(text) == "null":
		f.value = value{kind: null}
	case o.form == asJSON:
		parsed, err := parseJSON(text)
		if err != nil {
			l.wrong(src, position{}, o.Key, o.Key+" must be "+o.Type+", written as JSON", `["one", "two"]`, o.StrictEnv, true)
			return
		}
		f.value = parsed
	}
	l.set(src, o, f)
}

// readGroupVariable reads a nested section as JSON, as in NOMAD_AUTH_UNAUTHENTICATED_USER_SCOPES='{"include": []}'.
func (l *loader) readGroupVariable(src source, group, text string) {
	parsed, err := parseJSON(text)
	if err == nil && !l.hasLiveOptions(group) {
		l.ignored.add(src, group)
		return
	}
	if err != nil || parsed.kind != mapping {
		l.wrong(src, position{}, group, group+" must be a JSON object", "the keys "+strings.Join(l.table.children(group), ", "), isSecuritySection(section(group)), true)
		return
	}
	l.walkGroup(src, group, field{key: group, value: parsed})
}

func (t *table) groupOfEnv(rest string) string {
	for group := range t.groups {
		if envForm(group) == rest {
			return group
		}
	}
	return ""
}

// ignoredEnv finds the ignored section that a variable belongs to.
func (t *table) ignoredEnv(rest string) *Option {
	for _, o := range t.wild {
		name := envForm(strings.TrimSuffix(o.Key, ".*"))
		if rest == name || strings.HasPrefix(rest, name+"_") {
			return o
		}
	}
	return nil
}

func (l *loader) exampleOf(group string) string {
	for _, o := range l.table.options {
		if o.Section() == group && o.Status == Active {
			return o.Env()
		}
	}
	return envPrefix + strings.ToUpper(group) + "_…"
}

// strayHint says who else sets variables of this shape.
func strayHint(name string) string {
	rest := strings.TrimPrefix(name, envPrefix)
	for _, ending := range []string{"_SERVICE_HOST", "_SERVICE_PORT", "_TCP", "_TCP_ADDR", "_TCP_PORT", "_TCP_PROTO", "_PORT"} {
		if strings.HasSuffix(rest, ending) {
			return " (Docker and Kubernetes set variables like this one)"
		}
	}
	for _, beginning := range []string{"META_", "ALLOC_", "TASK_", "JOB_", "GROUP_", "ADDR_", "PORT_", "HOST_", "IP_", "CPU_", "MEMORY_", "SECRETS_", "DC", "REGION", "NAMESPACE"} {
		if strings.HasPrefix(rest, beginning) {
			return " (HashiCorp Nomad sets variables like this one)"
		}
	}
	return ""
}
