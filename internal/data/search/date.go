package search

import (
	"encoding/json"
	"errors"
	"math"
	"strconv"
	"strings"
	"time"
)

var errDate = errors.New("not a date: use ISO 8601 such as 2024-01-31 or 2024-01-31T12:00:00Z, milliseconds since 1970, or date math such as now-7d/d")

// dateInterval reads a date of a query as the interval it names, in milliseconds
// since 1970 (spec entries.md §3.4): 2020-01-01 is that whole day.
func dateInterval(given any, now time.Time) (low, high float64, err error) {
	switch given := given.(type) {
	case json.Number:
		ms, err := given.Float64()
		if err != nil || math.IsInf(ms, 0) {
			return 0, 0, errDate
		}
		return math.Floor(ms), math.Floor(ms), nil
	case string:
		from, err := dateMath(given, now, false)
		if err != nil {
			return 0, 0, err
		}
		to, err := dateMath(given, now, true)
		return float64(from.UnixMilli()), float64(to.UnixMilli()), err
	default:
		return 0, 0, errDate
	}
}

// dateMath evaluates "<date>", "now<math>" and "<date>||<math>". With roundUp the
// result is the last millisecond of what is meant, else the first.
func dateMath(text string, now time.Time, roundUp bool) (time.Time, error) {
	math, isNow := strings.CutPrefix(text, "now")
	if isNow {
		return applyMath(now.UTC(), math, roundUp)
	}
	date, math, found := strings.Cut(text, "||")
	at, unit, err := parseDate(date)
	if err != nil {
		return time.Time{}, err
	}
	// With math behind it the date itself is exact: only its own /unit rounds.
	if roundUp && !found {
		at = endOf(at, unit)
	}
	return applyMath(at, math, roundUp)
}

// ParseDate reads a date of a document: ISO 8601 or milliseconds. It gives
// milliseconds since 1970.
func ParseDate(text string) (float64, bool) {
	at, _, err := parseDate(text)
	return float64(at.UnixMilli()), err == nil
}

// parseDate gives the earliest instant of an ISO 8601 text and the unit up to
// which it was given: d, h, m, s, or 0 for an exact instant.
func parseDate(text string) (time.Time, byte, error) {
	if digits := strings.TrimPrefix(text, "-"); len(text) != 4 && digits != "" && strings.Trim(digits, "0123456789") == "" {
		ms, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return time.Time{}, 0, errDate
		}
		return time.UnixMilli(ms).UTC(), 0, nil
	}
	layouts := [...]struct {
		layout string
		unit   byte
	}{
		{"2006-01-02T15:04:05.999999999", 0}, {"2006-01-02T15:04", 'm'}, {"2006-01-02T15", 'h'},
		{"2006-01-02", 'd'}, {"2006-01", 'd'}, {"2006", 'd'},
	}
	text = strings.TrimSuffix(strings.Replace(text, " ", "T", 1), "T")
	for _, l := range layouts {
		zones := [...]string{l.layout, l.layout + "Z07:00", l.layout + "Z0700"}
		withZone := zones[:]
		if !strings.Contains(l.layout, "T") {
			withZone = zones[:1]
		}
		for _, layout := range withZone {
			at, err := time.Parse(layout, text)
			if err != nil {
				continue
			}
			unit := l.unit
			if unit == 0 && !strings.ContainsAny(text, ".,") {
				unit = 's'
			}
			return at.UTC(), unit, nil
		}
	}
	return time.Time{}, 0, errDate
}

// applyMath applies steps such as +1M, -7d and /d from left to right.
func applyMath(at time.Time, steps string, roundUp bool) (time.Time, error) {
	for steps != "" {
		op := steps[0]
		rest := strings.TrimLeft(steps[1:], "0123456789")
		digits := steps[1 : len(steps)-len(rest)]
		if rest == "" || !strings.ContainsRune("yMwdhHms", rune(rest[0])) {
			return at, errDate
		}
		unit := rest[0]
		if unit == 'H' {
			unit = 'h'
		}
		n := 1
		if digits != "" {
			var err error
			if n, err = strconv.Atoi(digits); err != nil || n > 1_000_000 {
				return at, errDate
			}
		}
		switch {
		case op == '+':
			at = shift(at, n, unit)
		case op == '-':
			at = shift(at, -n, unit)
		case op == '/' && digits == "" && roundUp:
			at = endOf(startOf(at, unit), unit)
		case op == '/' && digits == "":
			at = startOf(at, unit)
		default:
			return at, errDate
		}
		steps = rest[1:]
	}
	if at.Year() < -9999 || at.Year() > 99999 {
		return at, errDate
	}
	return at, nil
}

// shift moves by n units; a month later the day is cut to the month's last.
func shift(at time.Time, n int, unit byte) time.Time {
	switch unit {
	case 'y':
		return shift(at, 12*n, 'M')
	case 'M':
		first := time.Date(at.Year(), at.Month()+time.Month(n), 1, at.Hour(), at.Minute(), at.Second(), at.Nanosecond(), time.UTC)
		last := first.AddDate(0, 1, -1).Day()
		return first.AddDate(0, 0, min(at.Day(), last)-1)
	case 'w':
		return at.AddDate(0, 0, 7*n)
	case 'd':
		return at.AddDate(0, 0, n)
	case 'h':
		return at.Add(time.Duration(n) * time.Hour)
	case 'm':
		return at.Add(time.Duration(n) * time.Minute)
	default:
		return at.Add(time.Duration(n) * time.Second)
	}
}

// startOf gives the first instant of the unit that at lies in; weeks start on Monday.
func startOf(at time.Time, unit byte) time.Time {
	y, m, d := at.Date()
	switch unit {
	case 'y':
		return time.Date(y, 1, 1, 0, 0, 0, 0, time.UTC)
	case 'M':
		return time.Date(y, m, 1, 0, 0, 0, 0, time.UTC)
	case 'w':
		return time.Date(y, m, d-(int(at.Weekday())+6)%7, 0, 0, 0, 0, time.UTC)
	case 'd':
		return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
	case 'h':
		return at.Truncate(time.Hour)
	case 'm':
		return at.Truncate(time.Minute)
	default:
		return at.Truncate(time.Second)
	}
}

// endOf gives the last millisecond of the unit that starts at at; unit 0 is the instant itself.
func endOf(at time.Time, unit byte) time.Time {
	if unit == 0 {
		return at
	}
	return shift(at, 1, unit).Add(-time.Millisecond)
}
