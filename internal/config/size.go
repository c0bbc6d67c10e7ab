package config

import (
	"math"
	"strconv"
	"strings"
)

// Size is a number of bytes, written plainly or with a unit: 34359738368, 32GiB, 500MB.
type Size int64

// sizeUnits is ordered so that String finds the largest unit that divides.
func sizeUnits() []struct {
	suffix string
	bytes  int64
} {
	return []struct {
		suffix string
		bytes  int64
	}{
		{"TiB", 1 << 40}, {"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10},
		{"TB", 1e12}, {"GB", 1e9}, {"MB", 1e6}, {"kB", 1e3}, {"B", 1},
	}
}

// String writes the size with the largest binary unit that divides it.
func (s Size) String() string {
	for _, u := range sizeUnits()[:4] {
		if s >= Size(u.bytes) && int64(s)%u.bytes == 0 {
			return strconv.FormatInt(int64(s)/u.bytes, 10) + u.suffix
		}
	}
	return strconv.FormatInt(int64(s), 10)
}

func parseSize(s string) (Size, error) {
	digits, factor := strings.ReplaceAll(strings.TrimSpace(s), "_", ""), int64(1)
	for _, u := range sizeUnits() {
		if len(digits) > len(u.suffix) && strings.EqualFold(digits[len(digits)-len(u.suffix):], u.suffix) {
			digits, factor = strings.TrimSpace(digits[:len(digits)-len(u.suffix)]), u.bytes
			break
		}
	}
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil || n < 0 || n > math.MaxInt64/factor {
		return 0, errExpected
	}
	return Size(n * factor), nil
}
