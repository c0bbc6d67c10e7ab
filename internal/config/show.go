package config

import (
	"bytes"
	"fmt"
	"io"
	"net/url"
	"slices"
)

// Show writes every option that has a meaning, its value and where it came from,
// one line each: `services.api_port: 8000   # default`. Secrets are hidden. With
// names of sections or options only those are written.
func (c *Config) Show(w io.Writer, only ...string) error {
	var b bytes.Buffer
	for _, o := range theTable().options {
		if o.Status == Ignored || o.Status == Deprecated || !chosen(o, only) {
			continue
		}
		line := fmt.Sprintf("%s: %s", o.Key, c.shownValue(o))
		from := "default"
		if origin := c.origins[o.Key]; origin.Layer != FromDefault {
			from = "from " + origin.String()
		}
		fmt.Fprintf(&b, "%-60s # %s\n", line, from)
	}
	_, err := w.Write(b.Bytes())
	return err
}

func chosen(o *Option, only []string) bool {
	return len(only) == 0 || slices.ContainsFunc(only, func(name string) bool {
		return o.Key == name || o.Section() == name || len(o.Key) > len(name) && o.Key[:len(name)+1] == name+"."
	})
}

func (c *Config) shownValue(o *Option) string {
	text := o.show(c)
	switch {
	case !o.Secret || text == `""` || text == "null":
		return text
	case o.Key == "database.url":
		if u, err := url.Parse(c.Database.URL); err == nil {
			u.RawQuery = "" // may hold a password too
			return quoteIfNeeded(u.Redacted())
		}
	}
	return "(hidden)"
}

// Value gives an option as Show prints it, secrets hidden; "" for a key that is no option.
func (c *Config) Value(key string) string {
	if o := theTable().exact[key]; o != nil && o.show != nil {
		return c.shownValue(o)
	}
	return ""
}

// Check loads a configuration and writes what an operator wants to know: the notices, the
// problems, and whether the server would start. The error is that of [Load].
func Check(w io.Writer, opts Options) error {
	cfg, notices, err := Load(opts)
	var b bytes.Buffer
	for _, n := range notices {
		fmt.Fprintf(&b, "%s: %s\n", formatLevel(n.Level), n.Text)
	}
	if err != nil {
		fmt.Fprintf(&b, "%s\nThe server would not start with this configuration.\n", err)
	} else {
		fmt.Fprintf(&b, "The configuration is fine. Files read: %s.\n", filesText(cfg.files))
	}
	if _, werr := w.Write(b.Bytes()); werr != nil && err == nil {
		return werr
	}
	return err
}

func filesText(files []string) string {
	if len(files) == 0 {
		return "none, built-in defaults hold"
	}
	text := files[0]
	for _, f := range files[1:] {
		text += ", " + f
	}
	return text
}
