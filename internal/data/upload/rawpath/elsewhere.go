package rawpath

import (
	"fmt"
	"slices"
	"strings"
)

// mostNamed is how many examples a complaint names.
const mostNamed = 3

// Elsewhere tells in sentences what would go wrong with these paths, which are in
// order, where upper and lower case or the form of letters make no difference, and on
// Windows; none when nothing would. They are kept as they are: whoever measured on
// Linux has a right to the names.
func Elsewhere(paths []string) []string {
	var clashes, unfit []string
	spelled := map[string]string{}
	seen := ""
	for _, path := range paths {
		for end := 0; end < len(path); {
			next := strings.IndexByte(path[end:], '/')
			if next < 0 {
				next = len(path) - end
			}
			name, whole := path[end:end+next], path[:end+next]
			end += next + 1
			if strings.HasPrefix(seen, whole+"/") { // a folder that came before
				continue
			}
			key := ClashKey(whole)
			switch first, is := spelled[key]; {
			case !is:
				spelled[key] = whole
			case first != whole:
				clashes = append(clashes, fmt.Sprintf("%q and %q", first, whole))
			}
			if why := unfitForWindows(name); why != "" {
				unfit = append(unfit, fmt.Sprintf("%q (%s)", whole, why))
			}
		}
		seen = path
	}
	var complaints []string
	if len(clashes) > 0 {
		complaints = append(complaints, fmt.Sprintf("Names that are one name on Windows and macOS, where one of the two would replace the other: %s. "+
			"Rename one of them before others download both.", examples(clashes)))
	}
	if len(unfit) > 0 {
		complaints = append(complaints, fmt.Sprintf("Names that cannot be on Windows: %s. Rename them if people with Windows are to have them.", examples(unfit)))
	}
	return complaints
}

func examples(all []string) string {
	slices.Sort(all)
	all = slices.Compact(all)
	if len(all) <= mostNamed {
		return strings.Join(all, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(all[:mostNamed], ", "), len(all)-mostNamed)
}

// unfitForWindows tells why a name cannot be on Windows, "" when it can (Microsoft,
// "Naming Files, Paths, and Namespaces").
func unfitForWindows(name string) string {
	if i := strings.IndexAny(name, `<>:"|?*\`); i >= 0 {
		return fmt.Sprintf("has %q in it", name[i:i+1])
	}
	switch last := name[len(name)-1]; last {
	case '.', ' ':
		return fmt.Sprintf("ends in %q", string(last))
	}
	stem, _, _ := strings.Cut(name, ".")
	stem = strings.ToUpper(strings.TrimRight(stem, " "))
	switch stem {
	case "CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$":
		return "is the name of a device"
	}
	if number, is := strings.CutPrefix(stem, "COM"); is && devices(number) {
		return "is the name of a device"
	}
	if number, is := strings.CutPrefix(stem, "LPT"); is && devices(number) {
		return "is the name of a device"
	}
	for i := range len(name) {
		if name[i] < ' ' {
			return "has a control character in it"
		}
	}
	return ""
}

func devices(number string) bool {
	return len(number) == 1 && "0" <= number && number <= "9" || slices.Contains([]string{"¹", "²", "³"}, number)
}
