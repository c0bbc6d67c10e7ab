package identity

import "strings"

// Device names browser and system for people, as far as a User-Agent header tells.
func Device(agent string) string {
	find := func(names ...string) string {
		for i := 0; i < len(names); i += 2 {
			if strings.Contains(agent, names[i]) {
				return names[i+1]
			}
		}
		return ""
	}
	// The order matters: browsers also name those that they want to be taken for.
	browser := find("Edg/", "Edge", "OPR/", "Opera", "Firefox/", "Firefox", "Chrome/", "Chrome", "CriOS/", "Chrome", "FxiOS/", "Firefox",
		"Safari/", "Safari", "curl/", "curl", "python", "Python", "Go-http-client", "Go program")
	system := find("Android", "Android", "iPhone", "iPhone", "iPad", "iPad", "Windows", "Windows", "Mac OS X", "macOS", "CrOS", "ChromeOS", "Linux", "Linux")
	switch {
	case browser != "" && system != "":
		return browser + " on " + system
	case browser+system != "":
		return browser + system
	case agent != "":
		name, _, _ := strings.Cut(agent, " ")
		return name[:min(len(name), 60)]
	default:
		return "Unknown"
	}
}
