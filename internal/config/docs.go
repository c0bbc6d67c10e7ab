package config

import (
	"bytes"
	_ "embed"
	"fmt"
	"strings"
)

//go:embed configure.md.in
var introduction string

// Reference is the page docs/howto/configure.md: an introduction and the table of options.
func Reference() []byte {
	var b bytes.Buffer
	b.WriteString(strings.TrimSpace(introduction))
	b.WriteString("\n")
	last := ""
	for _, o := range theTable().options {
		if o.Status == Ignored {
			continue
		}
		if s := o.Section(); s != last {
			last = s
			fmt.Fprintf(&b, "\n### %s\n\n", s)
			if isSecuritySection(s) {
				b.WriteString("An unknown key or a wrong value here stops the start.\n\n")
			}
			b.WriteString("| key | value | default | meaning |\n| --- | --- | --- | --- |\n")
		}
		fmt.Fprintf(&b, "| `%s`%s | %s | `%s` | %s |\n", o.Key, mark(o), cell(o.Type), cell(o.Default), cell(meaning(o)))
	}
	writeIgnored(&b)
	return b.Bytes()
}

func mark(o *Option) string {
	if o.Status == Coming {
		return " ¹"
	}
	return ""
}

func meaning(o *Option) string {
	text := o.Doc
	if o.Restart {
		text += " Takes effect at the next start."
	}
	switch {
	case o.Status == Deprecated:
		text = "Deprecated, use `" + o.Note + "`. " + text
	case o.Secret:
		text += " Never shown."
	}
	return text
}

// cell keeps a text inside one cell of a Markdown table.
func cell(s string) string { return strings.ReplaceAll(oneLine(s), "|", `\|`) }

func writeIgnored(b *bytes.Buffer) {
	b.WriteString("\n## Keys of NOMAD that are accepted and ignored\n\n")
	b.WriteString("They may stay in a `nomad.yaml` that comes from NOMAD; one line in the log lists those that were found.\n\n")
	b.WriteString("| keys | why |\n| --- | --- |\n")
	var whys []string
	keys := map[string][]string{}
	for _, o := range theTable().options {
		if o.Status != Ignored {
			continue
		}
		if len(keys[o.Note]) == 0 {
			whys = append(whys, o.Note)
		}
		keys[o.Note] = append(keys[o.Note], "`"+o.Key+"`")
	}
	for _, why := range whys {
		fmt.Fprintf(b, "| %s | %s |\n", strings.Join(keys[why], ", "), cell(why))
	}
}
