package unpack

import (
	"fmt"
	"strings"

	"oasis/internal/data/upload/rawpath"
)

// tree holds the members seen so far, to find those that are in each other's
// way. Its memory is bounded by the limit on members.
type tree struct {
	root  node
	nodes int
}

type node struct {
	name     string
	folder   bool
	children map[string]*node // by clash key
}

// add notes a path, and the folders above it.
func (t *tree) add(path string, folder bool, most int) error {
	at := &t.root
	for rest, end := path, 0; rest != ""; {
		segment, below, isAbove := strings.Cut(rest, "/")
		end += len(segment)
		key := rawpath.ClashKey(segment)
		next := at.children[key]
		switch {
		case next == nil:
			if t.nodes++; t.nodes > most {
				return tooLarge(path, fmt.Sprintf("is beyond %d files and folders, the most an archive may have", most))
			}
			// The copy lets go of the long path that segment is a part of.
			next = &node{name: strings.Clone(segment), folder: isAbove || folder}
			if at.children == nil {
				at.children = map[string]*node{}
			}
			at.children[key] = next
		case next.name != segment:
			other := path[:end-len(segment)] + next.name
			return refused(path, fmt.Sprintf("differs from %s only in case or Unicode form; rename one of them", quote(other)))
		case next.folder != (isAbove || folder):
			return refused(path[:end], "is a file and a folder at the same time")
		case !isAbove && !folder:
			return refused(path, "appears twice")
		}
		at, rest = next, below
		end++
	}
	return nil
}
