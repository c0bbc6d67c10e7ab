package config

import "fmt"

// Layer is where a value came from; a later layer wins.
type Layer uint8

// The layers in the order of their weight.
const (
	FromDefault  Layer = iota
	FromSettings       // DATA/settings.yaml, written by the admin page
	FromFile           // nomad.yaml and the other files
	FromEnv            // NOMAD_<SECTION>_<FIELD>
	FromSecret         // DATA/api_secret
)

// Origin says where the value of an option came from.
type Origin struct {
	Layer Layer
	// Name is the file or the environment variable.
	Name string
	// Line and Column are 0 unless the value came from a file.
	Line, Column int
}

// String is what `config show` writes behind a value.
func (o Origin) String() string {
	switch o.Layer {
	case FromDefault:
		return "default"
	case FromEnv:
		return "environment " + o.Name
	case FromSecret:
		return o.Name
	}
	return fmt.Sprintf("%s:%d", o.Name, o.Line)
}

// Origin says where the value of an option came from; FromDefault when nothing set it.
func (c *Config) Origin(key string) Origin { return c.origins[key] }

// Locked tells whether a file or the environment sets the option, so that the admin page cannot change it.
func (c *Config) Locked(key string) bool {
	layer := c.origins[key].Layer
	return layer == FromFile || layer == FromEnv
}
