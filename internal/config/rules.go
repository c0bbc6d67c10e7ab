package config

import (
	"errors"
	"fmt"
	"math"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"oasis/internal/access/scope"
)

const maxInt = math.MaxInt32

func between(low, high int) func(*rowSpec[int]) {
	expects := fmt.Sprintf("a whole number from %d to %d", low, high)
	if high == maxInt {
		expects = fmt.Sprintf("a whole number, at least %d", low)
	}
	return where(expects, func(n int) (int, error) {
		if n < low || n > high {
			return 0, errExpected
		}
		return n, nil
	})
}

func positive() func(*rowSpec[float64]) {
	return where("a number above 0", func(f float64) (float64, error) {
		if f <= 0 {
			return 0, errExpected
		}
		return f, nil
	})
}

func positiveOrNull() func(*rowSpec[*float64]) {
	return where("a number above 0, or null", func(f *float64) (*float64, error) {
		if f != nil && *f <= 0 {
			return nil, errExpected
		}
		return f, nil
	})
}

func durationBetween(low, high time.Duration) func(*rowSpec[time.Duration]) {
	return where("a duration from "+formatDuration(low)+" to "+formatDuration(high)+", such as 30m, 24h or 7d", func(d time.Duration) (time.Duration, error) {
		if d < low || d > high {
			return 0, errExpected
		}
		return d, nil
	})
}

// basePath makes "/x" of "/x/". Only characters that need no escaping in a URL,
// a cookie path or a route pattern are allowed.
func basePath() func(*rowSpec[string]) {
	return where(`a path such as /nomad-oasis (begins with "/", no "//", letters, digits and . _ ~ - only); / is the root`, func(s string) (string, error) {
		s = strings.TrimSpace(s)
		if s == "/" {
			return s, nil
		}
		s = strings.TrimSuffix(s, "/")
		if !strings.HasPrefix(s, "/") {
			return "", errExpected
		}
		for part := range strings.SplitSeq(s[1:], "/") {
			if part == "" || part == "." || part == ".." || !pathPart(part) {
				return "", errExpected
			}
		}
		return s, nil
	})
}

func pathPart(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool {
		return !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || strings.ContainsRune("._~-", r))
	})
}

func realmName() func(*rowSpec[string]) {
	return where("a name of letters, digits and . _ ~ - only", func(s string) (string, error) {
		if s == "" || s == "." || s == ".." || !pathPart(s) {
			return "", errExpected
		}
		return s, nil
	})
}

func hostName() func(*rowSpec[string]) {
	return where("a host name or address without scheme, port or path, such as data.example.org", func(s string) (string, error) {
		s = strings.TrimSpace(s)
		bare := strings.TrimSuffix(strings.TrimPrefix(s, "["), "]")
		u, err := url.Parse("http://" + hostPort(bare, ""))
		if err != nil || bare == "" || u.Hostname() != bare || u.Port() != "" || strings.ContainsAny(bare, " \t\\") {
			return "", errExpected
		}
		return bare, nil
	})
}

const wantsWebAddress = "an address that begins with http:// or https://"

// cleanAddress checks an absolute web address and cuts the slash at its end.
func cleanAddress(s string) (string, error) {
	s = strings.TrimRight(strings.TrimSpace(s), "/")
	if s == "" {
		return "", nil
	}
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || u.User != nil || u.Fragment != "" {
		return "", errExpected
	}
	return s, nil
}

func webAddress() func(*rowSpec[string]) { return where(wantsWebAddress, cleanAddress) }

func webAddresses() func(*rowSpec[[]string]) {
	return where("a list of addresses that begin with http:// or https://", func(list []string) ([]string, error) {
		out := make([]string, 0, len(list))
		for _, s := range list {
			clean, err := cleanAddress(s)
			if err != nil || clean == "" {
				return nil, errExpected
			}
			out = append(out, clean)
		}
		return out, nil
	})
}

// webOrigins takes origins as browsers write them (RFC 6454 §6.1), or the star
// alone: beside a star the other entries would promise a limit that is none.
func webOrigins() func(*rowSpec[[]string]) {
	return where("a list of origins such as ['https://portal.example.org'], or ['*']", func(list []string) ([]string, error) {
		out := make([]string, 0, len(list))
		for _, s := range list {
			if s = strings.ToLower(strings.TrimSpace(s)); s == "*" && len(list) == 1 {
				return []string{"*"}, nil
			}
			clean, err := cleanAddress(s)
			if err != nil || clean == "" {
				return nil, errExpected
			}
			u, err := url.Parse(clean)
			if err != nil || u.Path != "" || u.RawQuery != "" || u.ForceQuery || strings.Contains(u.Host, "*") {
				return nil, errExpected
			}
			if port := u.Port(); port == "443" && u.Scheme == "https" || port == "80" && u.Scheme == "http" {
				u.Host = strings.TrimSuffix(u.Host, ":"+port)
			}
			out = append(out, u.Scheme+"://"+u.Host)
		}
		return out, nil
	})
}

func databaseURL() func(*rowSpec[string]) {
	return where("an address that begins with postgres://, or nothing for SQLite", func(s string) (string, error) {
		s = strings.TrimSpace(s)
		if s == "" {
			return "", nil
		}
		u, err := url.Parse(s)
		if err != nil || u.Scheme != "postgres" && u.Scheme != "postgresql" {
			return "", errExpected
		}
		return s, nil
	})
}

// atLeast32 is NOMAD's rule for services.api_secret (spec auth.md §2).
func atLeast32(s *rowSpec[string]) {
	where("text of at least 32 characters", func(text string) (string, error) {
		if n := utf8.RuneCountInString(text); n < 32 {
			return "", fmt.Errorf("has only %d characters", n)
		}
		return text, nil
	})(s)
}

// nullIsDefault makes an explicit null mean "not set", for keys that NOMAD lets be null.
func nullIsDefault[T any](s *rowSpec[T]) { s.nullable = true }

func deprecated[T any](by string) func(*rowSpec[T]) {
	return func(s *rowSpec[T]) { s.option.Status, s.option.Note = Deprecated, by }
}

// scopeList drops what has no meaning and makes null the default: "all scopes"
// has to be written, it never follows from something left out (spec auth.md §11).
func scopeList() func(*rowSpec[*[]string]) {
	return where("a list of scopes such as ['*:read'], or null for the default", func(list *[]string) (*[]string, error) {
		if list == nil {
			return readScopes(), nil
		}
		return list, nil
	})
}

// scopeNames takes scopes and wildcards; nothing is no scope.
func scopeNames() func(*rowSpec[[]string]) {
	return where("a list of scopes such as ['uploads:publish']", func(list []string) ([]string, error) {
		if _, err := scope.Expand(&list, nil); err != nil {
			return nil, err
		}
		return list, nil
	})
}

var mailDomain = regexp.MustCompile(`^\*@[a-z0-9.-]+$`)

// userList trims, lowers and de-duplicates, for the new and the old key alike.
func userList() func(*rowSpec[*[]string]) {
	return where("a list of user names, e-mail addresses, '*@domain' or 'group:NAME', or null", func(list *[]string) (*[]string, error) {
		if list == nil {
			return nil, nil
		}
		users := make([]string, 0, len(*list))
		for _, entry := range *list {
			user := strings.ToLower(strings.TrimSpace(entry))
			switch {
			case user == "" || slices.Contains(users, user):
				continue
			case user == "*":
				return nil, errors.New(`contains "*"; to let everybody in write null instead of a list`)
			case strings.Contains(user, "*") && !mailDomain.MatchString(user):
				return nil, fmt.Errorf("contains %q; a star is only allowed as in '*@example.org'", entry)
			case user == "group:":
				return nil, errors.New(`contains "group:" without the name of a group`)
			}
			users = append(users, user)
		}
		return &users, nil
	})
}
