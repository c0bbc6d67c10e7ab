package config

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net/netip"
	"strconv"
	"strings"
	"time"
)

// codec reads and shows values of one Go type.
type codec[T any] struct {
	expects string // completes "must be …"
	form    envStyle
	decode  func(value) (T, error)
	format  func(T) string
}

// envStyle is how the text of an environment variable is read.
type envStyle uint8

const (
	plain   envStyle = iota // one word or number; "null" is null
	literal                 // text as it stands, never JSON: passwords keep quotes, 1e5 and "true"
	asJSON                  // a JSON list or object
)

// errExpected says only "this is not what the type wants"; the caller knows the words for that.
var errExpected = errors.New("has a wrong value")

// codecFor gives the codec of T. A type without one is a mistake in the table
// that every test of the package would hit, so decode then refuses all values.
func codecFor[T any]() codec[T] {
	var c any
	switch any(*new(T)).(type) {
	case bool:
		c = codec[bool]{"true or false", plain, scalarOf(parseBool), strconv.FormatBool}
	case int:
		c = codec[int]{"a whole number", plain, scalarOf(parseInt), strconv.Itoa}
	case float64:
		c = codec[float64]{"a number", plain, scalarOf(parseFloat), formatFloat}
	case string:
		c = codec[string]{"text", literal, scalarOf(asText), quoteIfNeeded}
	case Size:
		c = codec[Size]{"a number of bytes such as 34359738368 or 32GiB", plain, scalarOf(parseSize), Size.String}
	case time.Duration:
		c = codec[time.Duration]{"a duration such as 30m, 24h or 7d", plain, scalarOf(parseDuration), formatDuration}
	case slog.Level:
		c = codec[slog.Level]{"debug, info, warning, error, or NOMAD's number (10 to 50)", plain, scalarOf(parseLevel), formatLevel}
	case []string:
		c = codec[[]string]{"a list of text", asJSON, listOf(scalarOf(asText)), formatJSON[[]string]}
	case []netip.Prefix:
		c = codec[[]netip.Prefix]{"a list of addresses or networks such as 10.0.0.0/8", asJSON, listOf(scalarOf(parsePrefix)), formatJSON[[]netip.Prefix]}
	case []Link:
		c = codec[[]Link]{"a list of {title, url}", asJSON, listOf(decodeLink), formatLinks}
	case []Client:
		c = codec[[]Client]{"a list of clients {id, redirect_uris, secret} or {id, redirect_uris, public: true}", asJSON, decodeClients, formatClients}
	case *string:
		c = codec[*string]{"text or null", literal, orNull(scalarOf(asText)), nullOr(quoteIfNeeded)}
	case *bool:
		c = codec[*bool]{"true, false or null", plain, orNull(scalarOf(parseBool)), nullOr(strconv.FormatBool)}
	case *float64:
		c = codec[*float64]{"a number or null", plain, orNull(scalarOf(parseFloat)), nullOr(formatFloat)}
	case *[]string:
		c = codec[*[]string]{"a list of text or null", asJSON, orNull(listOf(scalarOf(asText))), nullOr(formatJSON[[]string])}
	}
	if found, ok := c.(codec[T]); ok {
		return found
	}
	return codec[T]{
		expects: "a value of a type that has no codec",
		decode:  func(value) (T, error) { return *new(T), errExpected },
		format:  func(t T) string { return fmt.Sprint(t) },
	}
}

func scalarOf[T any](parse func(string) (T, error)) func(value) (T, error) {
	return func(v value) (T, error) {
		if v.kind != scalar {
			return *new(T), errExpected
		}
		return parse(v.text)
	}
}

func listOf[T any](item func(value) (T, error)) func(value) ([]T, error) {
	return func(v value) ([]T, error) {
		if v.kind != list {
			return nil, errExpected
		}
		items := make([]T, 0, len(v.items))
		for i, raw := range v.items {
			got, err := item(raw)
			if err != nil {
				return nil, fmt.Errorf("has a wrong value at place %d of its list", i+1)
			}
			items = append(items, got)
		}
		return items, nil
	}
}

func orNull[T any](decode func(value) (T, error)) func(value) (*T, error) {
	return func(v value) (*T, error) {
		if v.kind == null {
			return nil, nil
		}
		got, err := decode(v)
		return &got, err
	}
}

func nullOr[T any](format func(T) string) func(*T) string {
	return func(p *T) string {
		if p == nil {
			return "null"
		}
		return format(*p)
	}
}

func asText(s string) (string, error) { return s, nil }

// parseBool takes what YAML 1.1 and NOMAD take: `require_authentication: yes` must never read as "no".
func parseBool(s string) (bool, error) {
	switch strings.ToLower(s) {
	case "true", "yes", "on", "y", "t", "1":
		return true, nil
	case "false", "no", "off", "n", "f", "0":
		return false, nil
	}
	return false, errExpected
}

func parseInt(s string) (int, error) {
	digits := strings.ReplaceAll(strings.TrimSpace(s), "_", "")
	n, err := strconv.Atoi(digits)
	// 012 is ten in YAML 1.1 and twelve in YAML 1.2: refuse instead of choosing.
	if err != nil || len(strings.TrimLeft(digits, "+-")) > 1 && strings.HasPrefix(strings.TrimLeft(digits, "+-"), "0") {
		return 0, errExpected
	}
	return n, nil
}

func parseFloat(s string) (float64, error) {
	f, err := strconv.ParseFloat(strings.TrimSpace(s), 64)
	if err != nil || math.IsNaN(f) || math.IsInf(f, 0) {
		return 0, errExpected
	}
	return f, nil
}

func formatFloat(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }

// parseDuration wants a unit: NOMAD's plain numbers are days here and seconds there.
func parseDuration(s string) (time.Duration, error) {
	s = strings.TrimSpace(s)
	if days, ok := strings.CutSuffix(s, "d"); ok {
		n, err := strconv.Atoi(days)
		if err != nil || n < 0 || n > 36500 {
			return 0, errExpected
		}
		return time.Duration(n) * 24 * time.Hour, nil
	}
	d, err := time.ParseDuration(s)
	if err != nil || d < 0 {
		return 0, errExpected
	}
	return d, nil
}

func formatDuration(d time.Duration) string {
	switch {
	case d >= 48*time.Hour && d%(24*time.Hour) == 0:
		return strconv.Itoa(int(d/(24*time.Hour))) + "d"
	case d%time.Hour == 0 && d > 0:
		return strconv.Itoa(int(d/time.Hour)) + "h"
	case d%time.Minute == 0 && d > 0:
		return strconv.Itoa(int(d/time.Minute)) + "m"
	}
	return d.String()
}

// parseLevel takes names and the numbers of Python's logging.
func parseLevel(s string) (slog.Level, error) {
	switch strings.ToLower(strings.TrimSpace(s)) {
	case "10", "debug":
		return slog.LevelDebug, nil
	case "20", "info":
		return slog.LevelInfo, nil
	case "30", "warning", "warn":
		return slog.LevelWarn, nil
	case "40", "50", "error", "critical":
		return slog.LevelError, nil
	}
	return 0, errExpected
}

func formatLevel(l slog.Level) string {
	if l == slog.LevelWarn {
		return "warning"
	}
	return strings.ToLower(l.String())
}

func parsePrefix(s string) (netip.Prefix, error) {
	s = strings.TrimSpace(s)
	if addr, err := netip.ParseAddr(s); err == nil && addr.Zone() == "" {
		return netip.PrefixFrom(addr.Unmap(), addr.Unmap().BitLen()), nil
	}
	p, err := netip.ParsePrefix(s)
	if err != nil {
		return netip.Prefix{}, errExpected
	}
	return p.Masked(), nil
}

func decodeLink(v value) (Link, error) {
	var link Link
	if v.kind != mapping {
		return link, errExpected
	}
	for _, f := range v.fields {
		if f.value.kind != scalar {
			return link, errExpected
		}
		switch f.key {
		case "title":
			link.Title = f.value.text
		case "url":
			link.URL = f.value.text
		default:
			return link, errExpected
		}
	}
	return link, nil
}

func formatLinks(links []Link) string {
	out := make([]map[string]string, 0, len(links))
	for _, l := range links {
		out = append(out, map[string]string{"title": l.Title, "url": l.URL})
	}
	return formatJSON(out)
}

// formatJSON writes lists in the flow style that YAML shares with JSON.
func formatJSON[T any](v T) string {
	text, err := json.Marshal(v)
	if err != nil || string(text) == "null" {
		return "[]"
	}
	return strings.ReplaceAll(string(text), `","`, `", "`)
}

// quoteIfNeeded leaves plain words bare and quotes whatever YAML could read as something else.
func quoteIfNeeded(s string) string {
	plain := s != "" && strings.TrimSpace(s) == s && !strings.ContainsAny(s, "\n\r\t\"'#{}[],&*!|>%@`\\") &&
		!strings.Contains(s, ": ") && !strings.HasSuffix(s, ":") && !strings.HasPrefix(s, "-") && !strings.HasPrefix(s, "?")
	if _, err := parseBool(s); err == nil {
		plain = false
	}
	if _, err := strconv.ParseFloat(s, 64); err == nil || s == "null" || s == "~" {
		plain = false
	}
	if plain {
		return s
	}
	return strconv.Quote(s)
}
