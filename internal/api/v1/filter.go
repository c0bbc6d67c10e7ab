package v1

import (
	"regexp"
	"slices"
	"strings"

	"oasis/internal/problem"
)

// FileFilter chooses files of a directory by their path below the upload's root;
// include_files wins over re_pattern, which wins over glob_pattern.
type FileFilter struct {
	Glob    string   `query:"glob_pattern" maxLength:"1000" doc:"Shell pattern for the end of the path; * also matches slashes"`
	Regex   string   `query:"re_pattern" maxLength:"1000" doc:"Regular expression (RE2), found anywhere in the path"`
	Include []string `query:"include_files,explode" doc:"Paths, or their last parts; may be repeated"`
}

// compile gives the test for a path, nil when nothing is filtered.
func (f *FileFilter) compile() (func(path string) bool, error) {
	switch {
	case f == nil:
		return nil, nil
	case len(f.Include) > 0:
		return func(path string) bool {
			return slices.ContainsFunc(f.Include, func(name string) bool {
				return path == name || strings.HasSuffix(path, "/"+name)
			})
		}, nil
	case f.Regex != "":
		re, err := regexp.Compile(f.Regex)
		if err != nil {
			return nil, problem.Invalid("invalid_pattern", "could not parse the re pattern: "+err.Error(), "query", "re_pattern")
		}
		return re.MatchString, nil
	case f.Glob != "":
		re, err := regexp.Compile(globPattern(f.Glob))
		if err != nil {
			return nil, problem.Invalid("invalid_pattern", "could not parse the glob pattern", "query", "glob_pattern").Because(err)
		}
		return re.MatchString, nil
	default:
		return nil, nil
	}
}

// globPattern writes a shell pattern as a regular expression that is anchored at
// the end only (spec uploads.md §6). An unclosed bracket stands for itself.
func globPattern(glob string) string {
	var re strings.Builder
	re.WriteString("(?s)")
	for i := 0; i < len(glob); i++ {
		switch glob[i] {
		case '*':
			re.WriteString(".*")
		case '?':
			re.WriteByte('.')
		case '[':
			end := strings.IndexByte(glob[min(i+2, len(glob)):], ']')
			if end < 0 {
				re.WriteString(`\[`)
				continue
			}
			set := glob[i+1 : i+2+end]
			negated := ""
			if strings.HasPrefix(set, "!") {
				negated, set = "^", set[1:]
			}
			re.WriteString("[" + negated + strings.NewReplacer(`\`, `\\`, `[`, `\[`, `^`, `\^`, `]`, `\]`).Replace(set) + "]")
			i += 2 + end
		default:
			end := i + 1
			for end < len(glob) && !strings.ContainsRune("*?[", rune(glob[end])) {
				end++
			}
			re.WriteString(regexp.QuoteMeta(glob[i:end]))
			i = end - 1
		}
	}
	re.WriteByte('$')
	return re.String()
}
