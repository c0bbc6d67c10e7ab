package crash

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
)

// content is what a file holds.
type content struct {
	sum string // SHA-256, hex digits
	// entry is the name of the entry that is made of it, "" for a plain file.
	entry string
}

// tree maps paths to contents. A tree is not changed once it is in a state.
type tree map[string]content

func (t tree) with(added tree) tree {
	made := maps.Clone(t)
	maps.Copy(made, added)
	return made
}

// without leaves out a file, or a directory and all below it.
func (t tree) without(removed string) tree {
	made := maps.Clone(t)
	maps.DeleteFunc(made, func(at string, _ content) bool { return at == removed || strings.HasPrefix(at, removed+"/") })
	return made
}

// sums gives the digest of each file.
func (t tree) sums() map[string]string {
	made := make(map[string]string, len(t))
	for at, c := range t {
		made[at] = c.sum
	}
	return made
}

// paths gives the files in a fixed order, so that a seed chooses the same again.
func (t tree) paths() []string { return slices.Sorted(maps.Keys(t)) }

// directories gives the directories that hold files themselves.
func (t tree) directories() []string {
	found := map[string]bool{}
	for at := range t {
		found[path.Dir(at)] = true
	}
	return slices.Sorted(maps.Keys(found))
}

// state is a form an upload can have.
type state struct {
	exists bool
	files  tree
	// published uploads do not change any more, but for the end of their embargo.
	published, embargoed bool
}

// says how a state differs from another one besides its files, "" = not at all.
func (s state) says(other state) string {
	if s.exists == other.exists && s.published == other.published && s.embargoed == other.embargoed {
		return ""
	}
	word := func(s state) string {
		return fmt.Sprintf("exists: %t, published: %t, embargoed: %t", s.exists, s.published, s.embargoed)
	}
	return word(s) + "; not " + word(other) + "\n"
}

// potcar is the name of files that publishing leaves something else of.
const potcar = "POTCAR"

// licensed is such a file, with its own number in it.
func licensed(serial int) file {
	return newFile(potcar, fmt.Appendf(nil, "TITEL = X%d\n END of PSCTR\n%s\n End of Dataset\n", serial, strings.Repeat("0.5 ", 5000)), "")
}

// published gives what publishing makes of the files: stripped says what is left of a licensed one.
func (t tree) published(stripped map[string]content) tree {
	made := tree{}
	for at, c := range t {
		if path.Base(at) == potcar {
			made[at+".stripped"] = stripped[c.sum]
		} else {
			made[at] = c
		}
	}
	return made
}

// stripped is what has to be left of a licensed file.
func (f file) stripped() content {
	first, _, _ := bytes.Cut(f.body, []byte("0.5 "))
	sum := sha256.Sum224(f.body)
	text := fmt.Sprintf("POTCAR without its tables. SHA-224 of the original: %x\n%s End of Dataset\n", sum, first)
	return newFile(f.name, []byte(text), "").content
}

// upload is what its maker knows of an upload.
type upload struct {
	id   string // "" as long as no answer told it
	name string // nobody else's
	// states are the forms it can have: one, and a second while a change waits for its answer.
	states []state
}

// now is the form that was answered last.
func (u *upload) now() state { return u.states[0] }

// file is a body with the content it stands for.
type file struct {
	name string
	body []byte
	content
}

func newFile(name string, body []byte, entry string) file {
	sum := sha256.Sum256(body)
	return file{name: name, body: body, content: content{sum: hex.EncodeToString(sum[:]), entry: entry}}
}

// archive is a file that becomes an entry of the given name.
func archive(name, entry string) file {
	const text = `{"data": {"m_def": "nomad.datamodel.metainfo.eln.ELNSample", "name": %q, "lab_id": %q, "tags": ["crash"], "description": "<p>A film of TiO2.</p>"}}`
	return newFile(name, fmt.Appendf(nil, text, entry, entry), entry)
}

// pack makes a zip of files, and gives what unpacking it in a directory adds.
func pack(dir string, files []file) ([]byte, tree, error) {
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	added := tree{}
	for _, f := range files {
		part, err := w.Create(f.name)
		if err != nil {
			return nil, nil, err
		}
		if _, err := part.Write(f.body); err != nil {
			return nil, nil, err
		}
		added[path.Join(dir, f.name)] = f.content
	}
	err := w.Close()
	return out.Bytes(), added, err
}
