package config

import (
	"slices"
	"strings"
	"sync"
)

// Status says how much an option means to this version of the server.
type Status uint8

// The states of an option.
const (
	// Active options have an effect.
	Active Status = iota
	// Coming options are read and checked, but the feature they belong to has not arrived.
	Coming
	// Deprecated options still work; Option.Note names the option to use.
	Deprecated
	// Ignored options are known from NOMAD and mean nothing here; Option.Note says why.
	Ignored
)

// Option is one row of the table of options. A key that ends in ".*" stands for
// a whole section that is accepted and ignored.
type Option struct {
	// Key is the dotted name, "services.api_port".
	Key string
	// Doc is the sentence for the documentation page.
	Doc string
	// Default is the built-in value as it would be written in nomad.yaml.
	Default string
	// Type says in words what a value looks like.
	Type string
	// Accepts lists the only accepted values, if there are few.
	Accepts []string
	// Secret values are never printed.
	Secret bool
	// StrictEnv options refuse the start when their environment variable is wrong.
	StrictEnv bool
	// Restart options hold for the life of a server: a change waits for the next start.
	Restart bool
	// Status says whether the option has an effect.
	Status Status
	// Note is the reason of an Ignored option, or the replacement of a Deprecated one.
	Note string

	form   envStyle
	reset  func(*Config)
	decode func(value) (func(*Config), error)
	show   func(*Config) string
	keep   func(to, from *Config)
}

// Section is the part of the key before the first dot.
func (o *Option) Section() string {
	section, _, _ := strings.Cut(o.Key, ".")
	return section
}

// Env is the name of the environment variable that sets the option.
func (o *Option) Env() string { return "NOMAD_" + strings.ToUpper(envForm(o.Key)) }

func envForm(key string) string { return strings.ReplaceAll(key, ".", "_") }

// securitySections are those in which a mistake could open the server.
func securitySections() []string { return []string{"auth", "oasis", "keycloak", "oidc", "services"} }

func isSecuritySection(section string) bool { return slices.Contains(securitySections(), section) }

// row makes an option from the address of its field. T fixes how the value is
// written, read and shown, so a row cannot disagree with its field.
func row[T any](key string, at func(*Config) *T, def T, doc string, more ...func(*rowSpec[T])) *Option {
	spec := rowSpec[T]{option: &Option{Key: key, Doc: doc}, codec: codecFor[T]()}
	for _, m := range more {
		m(&spec)
	}
	o, c := spec.option, spec.codec
	o.Type, o.form = c.expects, c.form
	if len(o.Accepts) > 0 {
		o.Type = "one of " + strings.Join(o.Accepts, ", ")
	}
	if spec.expects != "" {
		o.Type = spec.expects
	}
	if o.Section() == "auth" || o.Section() == "keycloak" || o.Section() == "oidc" {
		o.StrictEnv = true
	}
	o.Default = c.format(def)
	o.reset = func(cfg *Config) { *at(cfg) = fresh(def) }
	o.show = func(cfg *Config) string { return c.format(*at(cfg)) }
	o.keep = func(to, from *Config) { *at(to) = *at(from) }
	o.decode = func(v value) (func(*Config), error) {
		if v.kind == null && spec.nullable {
			return o.reset, nil
		}
		got, err := c.decode(v)
		if err != nil {
			return nil, err
		}
		if len(o.Accepts) > 0 && !slices.Contains(o.Accepts, c.format(got)) {
			return nil, errExpected
		}
		for _, check := range spec.checks {
			if got, err = check(got); err != nil {
				return nil, err
			}
		}
		return func(cfg *Config) { *at(cfg) = got }, nil
	}
	return o
}

// fresh copies a default, so that no Config shares memory with the table.
func fresh[T any](v T) T {
	switch x := any(&v).(type) {
	case *[]string:
		*x = slices.Clone(*x)
	case **[]string:
		if *x != nil {
			list := slices.Clone(**x)
			*x = &list
		}
	case **float64:
		if *x != nil {
			*x = new(**x)
		}
	}
	return v
}

type rowSpec[T any] struct {
	option   *Option
	codec    codec[T]
	expects  string
	nullable bool // null means the default
	checks   []func(T) (T, error)
}

// where adds a rule that may also tidy the value; its error completes the sentence "KEY …".
func where[T any](expects string, check func(T) (T, error)) func(*rowSpec[T]) {
	return func(s *rowSpec[T]) {
		if expects != "" {
			s.expects = expects
		}
		s.checks = append(s.checks, check)
	}
}

func oneOf[T any](values ...string) func(*rowSpec[T]) {
	return func(s *rowSpec[T]) { s.option.Accepts = values }
}

func secret[T any](s *rowSpec[T]) { s.option.Secret = true }

func coming[T any](s *rowSpec[T]) { s.option.Status = Coming }

// restart marks options that are read once, when the server starts.
func restart[T any](s *rowSpec[T]) { s.option.Restart = true }

func strictEnv[T any](s *rowSpec[T]) { s.option.StrictEnv = true }

// ignored makes rows for keys of NOMAD that have no meaning here.
func ignored(why string, keys ...string) []*Option {
	rows := make([]*Option, 0, len(keys))
	for _, key := range keys {
		rows = append(rows, &Option{Key: key, Status: Ignored, Note: why})
	}
	return rows
}

// table is the indexed list of options; it is built once and never changed.
type table struct {
	options []*Option
	exact   map[string]*Option
	groups  map[string]bool // "services", "ui.theme": prefixes of keys
	byEnv   map[string]*Option
	wild    []*Option // keys ending in ".*"
	names   []string  // what an unknown name is compared with: live keys, and all sections
}

var theTable = sync.OnceValue(func() *table {
	t := &table{exact: map[string]*Option{}, groups: map[string]bool{}, byEnv: map[string]*Option{}}
	t.options = slices.Concat(serviceOptions(), authOptions(), oasisOptions(), keycloakOptions(), oidcOptions(), storageOptions(),
		processOptions(), metaOptions(), exchangeOptions(), watchOptions(), ignoredOptions())
	for _, o := range t.options {
		parts := strings.Split(o.Key, ".")
		for i := 1; i < len(parts); i++ {
			t.addGroup(strings.Join(parts[:i], "."))
		}
		if strings.HasSuffix(o.Key, ".*") {
			t.wild = append(t.wild, o)
			continue
		}
		if o.Status != Ignored {
			t.names = append(t.names, o.Key)
		}
		t.exact[o.Key] = o
		t.byEnv[envForm(o.Key)] = o
	}
	return t
})

func (t *table) addGroup(name string) {
	if !t.groups[name] {
		t.groups[name] = true
		t.names = append(t.names, name)
	}
}

// Table gives a copy of every row, in the order of the documentation.
func Table() []Option {
	rows := make([]Option, 0, len(theTable().options))
	for _, o := range theTable().options {
		rows = append(rows, *o)
	}
	return rows
}

// ignoredBy gives the ignored section that a key lies in, or nil.
func (t *table) ignoredBy(key string) *Option {
	for _, o := range t.wild {
		if strings.HasPrefix(key, strings.TrimSuffix(o.Key, "*")) {
			return o
		}
	}
	return nil
}
