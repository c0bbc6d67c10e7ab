package normalize

import (
	"path"
	"strings"
	"time"

	"oasis/internal/data/archive"
	"oasis/internal/data/metainfo"
)

func dotted(s *archive.Section, name string) string {
	return strings.ReplaceAll(s.Path(), "/", ".") + "." + name
}

func isData(s *archive.Section) bool {
	return s.Property == "data" && s.Parent != nil && s.Parent.Parent == nil
}

// note adds texts to a list of results.eln, each once (spec metainfo-archive.md §16.11).
func (r *run) note(list string, texts ...string) {
	e := r.eln
	if e == nil {
		e = r.results.Ensure("eln")
		r.eln, r.noted = e, map[[2]string]bool{}
		for _, p := range e.Def.Properties() {
			for _, t := range e.Texts(p.Name()) {
				r.noted[[2]string{p.Name(), t}] = true
			}
		}
	}
	for _, t := range texts {
		if key := [2]string{list, t}; t != "" && !r.noted[key] {
			r.noted[key] = true
			have, _ := e.Values[list].([]any)
			e.Values[list] = append(have, t)
		}
	}
}

// baseSection fills name, datetime and lab_id and notes what a lab searches by (spec §8.2).
func (r *run) baseSection(s *archive.Section) {
	if isData(s) {
		if name := s.Text("name"); name != "" {
			r.name = name
		} else {
			r.name = r.entryName()
			s.Values["name"] = plainName(r.name)
		}
	}
	if s.Values["datetime"] == nil && !r.src.EntryCreateTime.IsZero() {
		s.Values["datetime"] = metainfo.FormatTime(r.src.EntryCreateTime)
	}
	if s.Text("lab_id") == "" { // only from its own identifiers, not from any other section (§16.7)
		for _, c := range s.Children {
			if c.Def.Is(r.rules.identity) && c.Text("lab_id") != "" {
				s.Values["lab_id"] = c.Text("lab_id")
				break
			}
		}
	}
	r.note("lab_ids", s.Text("lab_id"))
	r.note("names", s.Text("name"))
	r.note("descriptions", s.Text("description"))
	r.note("tags", s.Texts("tags")...)
	r.note("sections", s.Def.Name)
}

// entryName is the name so far: what the file says, else its own name.
func (r *run) entryName() string {
	if r.name != "" {
		return r.name
	}
	return path.Base(r.file)
}

// plainName is a file name up to the first dot, with blanks for '_'.
func plainName(name string) string {
	name, _, _ = strings.Cut(name, ".")
	return strings.ReplaceAll(name, "_", " ")
}

func (r *run) entryData(s *archive.Section) {
	if !isData(s) {
		return
	}
	if r.kind == "" {
		r.kind = s.Def.Name
	}
	if name := s.Text("name"); name != "" && r.name == "" {
		r.name = name
	}
}

// activity notes the method and makes the workflow of the entry, with a task per step.
func (r *run) activity(s *archive.Section) {
	method := s.Text("method")
	if method == "" {
		method = s.Def.Name
	}
	r.note("methods", method)
	if w := r.workflow(s); w != nil {
		for _, step := range s.Items("steps") {
			task := w.Append("tasks")
			setText(task, "name", step.Text("name"))
			r.archive.Refer(task, "section", "#/"+step.Path())
		}
	}
}

func setText(s *archive.Section, name, text string) {
	if text != "" {
		s.Values[name] = text
	}
}

// workflow gives the workflow to fill for an activity that is the entry's data.
// A workflow in the file is the author's and left alone.
func (r *run) workflow(s *archive.Section) *archive.Section {
	if !isData(s) || r.archive.Root.Child("workflow2") != nil {
		return nil
	}
	w := r.archive.Root.Ensure("workflow2")
	setText(w, "name", s.Text("name"))
	r.made = w
	return w
}

// link adds an input or output of the workflow that activity made; without one it does nothing.
func (r *run) link(s *archive.Section, list, name, target string) {
	if r.made == nil || !isData(s) || target == "" {
		return
	}
	l := r.made.Append(list)
	setText(l, "name", name)
	r.archive.Refer(l, "section", target)
}

func (r *run) linkReferenced(s *archive.Section, list string, items []*archive.Section) {
	for _, item := range items {
		r.link(s, list, item.Text("name"), item.Text("reference"))
	}
}

func (r *run) linkOwn(s *archive.Section, list string, items []*archive.Section) {
	for _, item := range items {
		r.link(s, list, item.Text("name"), "#/"+item.Path())
	}
}

// process chains the start times of its steps if all durations are known (spec §7).
func (r *run) process(s *archive.Section) {
	r.linkReferenced(s, "outputs", s.Items("samples"))
	steps := s.Items("steps")
	at, ok := metainfo.ParseTime(s.Text("datetime"))
	if !ok || len(steps) == 0 {
		return
	}
	times := make([]time.Time, 0, len(steps))
	for _, step := range steps {
		seconds, known := step.Number("duration")
		if !known || seconds < 0 || seconds > 1e9 {
			return
		}
		times = append(times, at)
		at = at.Add(time.Duration(seconds * float64(time.Second)))
	}
	for i, step := range steps {
		if step.Values["start_time"] == nil {
			step.Values["start_time"] = metainfo.FormatTime(times[i])
		}
	}
	if s.Values["end_time"] == nil {
		s.Values["end_time"] = metainfo.FormatTime(at)
	}
}

func (r *run) measurement(s *archive.Section) {
	r.linkReferenced(s, "inputs", s.Items("samples"))
	r.linkOwn(s, "outputs", s.Items("results"))
}

func (r *run) analysis(s *archive.Section) {
	r.linkReferenced(s, "inputs", s.Items("inputs"))
	r.linkOwn(s, "outputs", s.Items("outputs"))
}

func (r *run) instrument(s *archive.Section) { r.note("instruments", s.Text("name")) }

// entityReference names a reference by its lab_id if it has no name (spec §8.5).
func (r *run) entityReference(s *archive.Section) {
	if s.Text("name") == "" {
		setText(s, "name", s.Text("lab_id"))
	}
}
