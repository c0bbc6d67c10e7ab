package cli

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestGatherKeepsFoldersAndLeavesOutLitter(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, name := range []string{"runs/1/a.txt", "runs/b.txt", "runs/.DS_Store", "runs/1/._a.txt", "runs/Thumbs.db", "c.txt"} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink("/etc", filepath.Join(dir, "runs", "link")); err != nil {
		t.Fatal(err)
	}
	for given, want := range map[string]string{
		"runs": "runs/1/a.txt runs/b.txt", "runs/": "1/a.txt b.txt", "c.txt": "c.txt", "runs/1 c.txt": "1/a.txt c.txt", "runs/1/a.txt": "a.txt",
	} {
		var paths []string
		for _, p := range strings.Fields(given) {
			paths = append(paths, dir+"/"+p)
		}
		files, skipped, err := gather(paths)
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, f := range files {
			names = append(names, f.name)
		}
		slices.Sort(names)
		if got := strings.Join(names, " "); got != want {
			t.Errorf("%s: %s, want %s", given, got, want)
		}
		if links := strings.HasPrefix(given, "runs") && !strings.Contains(given, "1"); links != (len(skipped) == 1) {
			t.Errorf("%s: skipped %v", given, skipped)
		}
	}
	if _, _, err := gather([]string{dir + "/c.txt", dir + "/runs/../c.txt"}); err == nil {
		t.Error("two files of one name are sent")
	}
	if _, _, err := gather([]string{dir + "/none"}); err == nil {
		t.Error("nothing is sent")
	}
}

func TestJournalGoesOnAfterACutLine(t *testing.T) {
	t.Parallel()
	r := &run{env: []string{"XDG_CONFIG_HOME=" + t.TempDir()}}
	open := func() *journal {
		j, err := r.openJournal("https://x", "", "name", []string{"a", "b/"})
		if err != nil {
			t.Fatal(err)
		}
		return j
	}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	a, b := &outgoing{name: "a", size: 1, changed: 2}, &outgoing{name: "b", size: 1, changed: 2}
	j := open()
	must(j.note(record{UploadID: "u"}))
	done := recordOf(a, "s", "https://x/1")
	done.Done = true
	must(j.note(done))
	must(j.note(recordOf(b, "s", "https://x/2")))
	_, err := j.file.WriteString("\n{\"name\": \"b\", \"addr")
	must(err)
	must(j.close())

	j = open()
	if j.uploadID != "u" || !j.done(a) || j.done(b) || j.address(b, "s") != "https://x/2" || j.address(b, "other") != "" {
		t.Errorf("%+v", j.files)
	}
	a.changed, b.size = 3, 2
	if j.done(a) || j.address(b, "s") != "" {
		t.Error("files that changed count as sent")
	}
	must(j.remove())
	if j = open(); j.uploadID != "" || len(j.files) > 0 {
		t.Errorf("remembered: %+v", j.files)
	}
	must(j.remove())
}

func TestBarSaysHowFarItIs(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	b := newBar(&out, 4, 3<<20)
	b.add(3 << 19)
	b.file()
	line := b.line(b.began.Add(2 * time.Second))
	for _, part := range []string{"[===============               ]", " 50%", "1 of 4 files", "1.5 MiB of 3.0 MiB", "768.0 KiB/s"} {
		if !strings.Contains(line, part) {
			t.Errorf("%q lacks %q", line, part)
		}
	}
	b.stop()
	b.stop()
	if out.Len() > 0 {
		t.Errorf("drawn where there is no terminal: %q", out.String())
	}
}
