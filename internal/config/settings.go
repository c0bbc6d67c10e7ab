package config

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
)

// EditSettings gives the content of DATA/settings.yaml with some options, by their
// dotted keys, set to other values. It does not judge the values: [Load] with
// Options.Settings does.
func EditSettings(old []byte, options map[string]any) ([]byte, error) {
	tree := map[string]any{}
	if err := yaml.Unmarshal(old, &tree); err != nil {
		return nil, fmt.Errorf("read settings: %w", err)
	}
	if tree == nil { // an empty file decodes to no mapping at all
		tree = map[string]any{}
	}
	for key, value := range options {
		put(tree, strings.Split(key, "."), value)
	}
	text, err := yaml.Marshal(tree)
	if err != nil {
		return nil, fmt.Errorf("encode settings: %w", err)
	}
	return text, nil
}

// put sets a value in nested mappings.
func put(tree map[string]any, path []string, value any) {
	for _, section := range path[:len(path)-1] {
		below, ok := tree[section].(map[string]any)
		if !ok {
			below = map[string]any{}
			tree[section] = below
		}
		tree = below
	}
	tree[path[len(path)-1]] = value
}

// SettingsPath is DATA/settings.yaml, "" without a data directory.
func (o Options) SettingsPath() string {
	if o.DataDir == "" {
		return ""
	}
	return filepath.Join(o.DataDir, SettingsFile)
}

// Paths lists every file that [Load] reads or would read if it were there.
func (o Options) Paths() []string {
	var paths []string
	if p := o.SettingsPath(); p != "" {
		paths = append(paths, p)
	}
	for _, f := range new(loader).chosenFiles(o) {
		paths = append(paths, f.path(o))
		if f.need == optional { // of the two places of the default file the other one can win later
			paths = append(paths, filepath.Join(o.WorkDir, DefaultFile))
			if o.DataDir != "" {
				paths = append(paths, filepath.Join(o.DataDir, DefaultFile))
			}
		}
	}
	slices.Sort(paths)
	return slices.Compact(paths)
}

// KeepUntilRestart gives options that hold for the life of a server the values
// they have in before, and lists those that differ.
func (c *Config) KeepUntilRestart(before *Config) []string {
	var changed []string
	c.Listen = before.Listen
	for _, o := range theTable().options {
		if !o.Restart {
			continue
		}
		_, set := c.origins[o.Key]
		was, known := before.origins[o.Key]
		generated := !set && (!known || was.Layer == FromSecret) // by this server, not by anybody's choice
		if o.show(c) != o.show(before) && !generated {
			changed = append(changed, o.Key)
		}
		o.keep(c, before)
		if delete(c.origins, o.Key); known {
			c.origins[o.Key] = was
		}
	}
	return changed
}

// Changed lists the options that differ in two configurations.
func Changed(before, now *Config) []string {
	var keys []string
	for _, o := range theTable().options {
		if o.show != nil && o.Status != Deprecated && o.show(before) != o.show(now) {
			keys = append(keys, o.Key)
		}
	}
	return keys
}
