package metainfo

import (
	"fmt"
	"math"
	"strings"
	"time"

	"oasis/internal/data/archive/source"
)

// layouts are the ways of writing a time that are understood, the usual ones first.
var layouts = []string{
	time.RFC3339Nano, "2006-01-02T15:04:05.999999999", "2006-01-02", "2006-01-02 15:04:05.999999999", "2006-01-02T15:04",
	"2006-01-02 15:04", "2006-01-02 15:04:05Z07:00", "2006-01-02T15:04:05-0700", "2006-01-02 15:04:05 -0700", "2006-01-02 15:04:05 MST",
	"2006-01-02T15:04Z07:00", "20060102T150405Z", "20060102", "2006/01/02", "2006/01/02 15:04:05", "2006-01", "2.1.2006", "2.1.2006 15:04",
	"2.1.2006 15:04:05", "2 Jan 2006", "2 January 2006", "Jan 2, 2006", "January 2, 2006", "2 Jan 2006 15:04:05", "Jan 2, 2006 15:04:05",
	time.RFC1123, time.RFC1123Z, time.ANSIC, time.UnixDate, time.RFC850,
}

// ParseTime reads a point in time; without a zone it is UTC.
func ParseTime(s string) (time.Time, bool) {
	s = strings.TrimSpace(s)
	for _, l := range layouts {
		if t, err := time.Parse(l, s); err == nil {
			return t.UTC(), t.Year() >= 1 && t.Year() <= 9999
		}
	}
	return time.Time{}, false
}

// FormatTime writes a point in time in the stored form: 2024-05-01T10:00:00+00:00, microseconds only if there are any.
func FormatTime(t time.Time) string {
	t = t.UTC()
	if t.Nanosecond()/1000 != 0 {
		return t.Format("2006-01-02T15:04:05.000000") + "+00:00"
	}
	return t.Format("2006-01-02T15:04:05") + "+00:00"
}

func datetime(n *source.Node) (any, string) {
	switch v := n.Value.(type) {
	case string:
		if t, ok := ParseTime(v); ok {
			return FormatTime(t), ""
		}
	case int64, float64:
		seconds, _ := number(n)
		if math.Abs(seconds) < 253402300800 { // until the year 9999
			whole, part := math.Modf(seconds)
			if t := time.Unix(int64(whole), int64(part*1e9)); t.UTC().Year() >= 1 {
				return FormatTime(t), ""
			}
		}
	}
	return nil, fmt.Sprintf("%s is not a date or time; write 2024-05-01 or 2024-05-01T10:00:00+02:00", n.Describe())
}
