// Package config turns nomad.yaml and the NOMAD_* environment into one checked
// struct. Nothing is guessed: a file that cannot be read, an unknown key in a
// security section and a wrong value all come back as [Problems] that name
// file, line, column, key and what would be accepted. A stray environment
// variable is a [Notice], never a failure.
//
// Values are laid over each other in this order, later wins: built-in defaults,
// DATA/settings.yaml (written by the admin page), the configuration files, the
// environment. Mappings are merged, lists are replaced.
//
// Every option is one row of the table in options_*.go; loading, [Config.Show],
// the documentation page and "did you mean" all read that table.
package config
