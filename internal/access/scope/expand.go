package scope

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Expand makes the set that a configuration gives: the expansion of include
// without that of exclude (auth.md §4). A nil include means *:read: leaving the
// key out must not open the server, so "all" has to be written *:*.
//
// Items may hold a wildcard for a whole segment. Errors name the item that is
// wrong and all unknown scopes of a list at once.
func Expand(include *[]string, exclude []string) (Set, error) {
	granted := EveryRead()
	if include != nil {
		var err error
		if granted, err = expandList(*include); err != nil {
			return 0, err
		}
	}
	denied, err := expandList(exclude)
	if err != nil {
		return 0, err
	}
	return granted.Without(denied), nil
}

func expandList(items []string) (Set, error) {
	var set Set
	var unknown, unmatched []string
	for _, item := range items {
		item = strings.TrimSpace(item)
		if item == "" {
			continue
		}
		if sc, ok := Parse(item); ok {
			set |= 1 << sc
			continue
		}
		resource, action, ok := strings.Cut(item, ":")
		if !ok || resource == "" || action == "" || strings.Contains(action, ":") {
			return 0, fmt.Errorf("Illegal scope %s; expected format is 'resource:action'.", item) //nolint:staticcheck // the sentence is part of the API
		}
		for _, segment := range []string{resource, action} {
			if strings.Contains(segment, "*") && segment != "*" {
				return 0, fmt.Errorf("Partial wildcard in %s is not allowed.", item) //nolint:staticcheck // the sentence is part of the API
			}
		}
		if resource != "*" && action != "*" {
			unknown = append(unknown, item)
			continue
		}
		found := matching(func(i Info) bool {
			if i.Reserved && resource == "*" {
				return false
			}
			return (resource == "*" || i.Resource == resource) && (action == "*" || i.Action == action)
		})
		if found == 0 {
			unmatched = append(unmatched, item)
		}
		set |= found
	}
	return set, expansionError(unknown, unmatched)
}

func expansionError(unknown, unmatched []string) error {
	if len(unknown) == 0 && len(unmatched) == 0 {
		return nil
	}
	text := "Invalid scope configuration."
	if len(unknown) > 0 {
		text += " Unknown concrete scopes: " + quoted(unknown)
	}
	if len(unmatched) > 0 {
		text += " Wildcards matched nothing: " + quoted(unmatched)
	}
	return errors.New(text)
}

// quoted prints names as NOMAD does: sorted, in single quotes, in brackets.
func quoted(names []string) string {
	names = slices.Clone(names)
	slices.Sort(names)
	return "['" + strings.Join(names, "', '") + "']"
}

// Quoted prints the names of a set the way the text "Missing scopes: [...]" wants them.
func (s Set) Quoted() string {
	if s == 0 {
		return "[]"
	}
	return quoted(s.Names())
}
