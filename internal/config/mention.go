package config

import (
	"log/slog"
	"slices"
	"strings"
)

// mentions collects keys for the one line that tells about all of them.
type mentions []mention

type mention struct {
	key, source string
}

func (m *mentions) add(src source, key string) {
	name := src.name
	if src.layer == FromEnv {
		key, name = src.name, "environment"
	}
	*m = append(*m, mention{key, name})
}

// summarise adds the lines about keys that have no meaning, and about those that have none yet.
func (l *loader) summarise() {
	if len(l.ignored) > 0 {
		l.notice(slog.LevelInfo, "these keys have no meaning in Oasis and are ignored: %s", l.ignored.text())
	}
	if len(l.coming) > 0 {
		l.notice(slog.LevelWarn, "these keys are understood but have no effect in this version: %s", l.coming.text())
	}
}

// text groups the keys by source, "mongo.host, elastic.* (nomad.yaml); NOMAD_MONGO_PORT (environment)".
// From three keys on a section is written as one.
func (m mentions) text() string {
	var sources, groups []string
	for _, one := range m {
		if !slices.Contains(sources, one.source) {
			sources = append(sources, one.source)
		}
	}
	for _, source := range sources {
		var keys []string
		perSection := map[string]int{}
		for _, one := range m {
			if one.source == source {
				perSection[section(one.key)]++
			}
		}
		for _, one := range m {
			key := printable(one.key)
			if s := section(one.key); s != one.key && perSection[s] > 2 {
				key = s + ".*"
			}
			if one.source == source && !slices.Contains(keys, key) {
				keys = append(keys, key)
			}
		}
		groups = append(groups, strings.Join(keys, ", ")+" ("+source+")")
	}
	return strings.Join(groups, "; ")
}
