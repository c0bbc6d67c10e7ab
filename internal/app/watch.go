package app

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/fsnotify/fsnotify"
)

// Times of following the configuration files. A change is in force about
// quietFor after its last event (decisions 12: within 150 ms of a rename).
const (
	// quietFor is how long nothing must happen to the files before they are read:
	// programs that write in place do it in several steps.
	quietFor = 40 * time.Millisecond
	// patience is how long a file that is gone or empty may take to come back.
	patience = time.Second
	// lookEvery finds changes that the system did not tell about, as on network file systems.
	lookEvery = 2 * time.Second
)

// follow puts changes of the configuration files in force until ctx ends.
func (s *settings) follow(ctx context.Context) error {
	events, errs, rewatch, closeWatch := s.watch(ctx)
	defer closeWatch()
	look := time.NewTicker(lookEvery)
	defer look.Stop()
	quiet := time.NewTimer(0) // also reads what has changed since the start
	defer quiet.Stop()
	var doubtSince time.Time
	for {
		select {
		case <-ctx.Done():
			return nil
		case e := <-events:
			if e.Op != fsnotify.Chmod && rewatch.about(e.Name) {
				quiet.Reset(quietFor)
			}
			continue
		case err := <-errs:
			s.log.WarnContext(ctx, "following the configuration files", "err", err)
		case <-quiet.C:
		case <-look.C:
		}
		now := time.Now() // measures waiting, not the time of the day
		if s.reread(ctx, doubtSince.IsZero() || now.Sub(doubtSince) < patience) {
			if doubtSince.IsZero() {
				doubtSince = now
			}
			quiet.Reset(patience / 4)
			continue
		}
		doubtSince = time.Time{}
		rewatch.update(s.sources.Paths())
	}
}

// watch asks the system to tell about changes. Where it cannot, looking from time
// to time has to do.
func (s *settings) watch(ctx context.Context) (<-chan fsnotify.Event, <-chan error, *watched, func()) {
	w, err := fsnotify.NewWatcher()
	if err != nil {
		s.log.WarnContext(ctx, "the system does not tell about changed files; the configuration files are looked at every two seconds", "err", err)
		return nil, nil, &watched{log: s.log}, func() {}
	}
	watching := &watched{watcher: w, log: s.log, names: map[string]bool{}, folders: map[string]bool{}}
	watching.update(s.sources.Paths())
	return w.Events, w.Errors, watching, func() { _ = w.Close() } // nothing is lost with it
}

// watched are the names by which the files are reached. Folders are watched, not
// files: a rename puts another file in the place of the first, and folders mounted
// from a cluster exchange a link above the files.
type watched struct {
	watcher *fsnotify.Watcher
	log     *slog.Logger
	names   map[string]bool // whose change matters
	folders map[string]bool
}

// about tells whether an event concerns one of the files, or a link on the way to one.
func (w *watched) about(name string) bool { return w.names[filepath.Clean(name)] }

// update watches the folders of files and of the links that lead to them as they are now.
func (w *watched) update(paths []string) {
	if w.watcher == nil {
		return
	}
	names := map[string]bool{}
	for _, path := range paths {
		if abs, err := filepath.Abs(path); err == nil {
			waypoints(abs, names, maxLinks)
		}
	}
	folders := map[string]bool{}
	for name := range names {
		folders[filepath.Dir(name)] = true
	}
	for folder := range w.folders {
		if !folders[folder] {
			_ = w.watcher.Remove(folder) // it may be gone
		}
	}
	for folder := range folders {
		// Again each time: the same name can be another folder by now.
		if err := w.watcher.Add(folder); err != nil && !w.folders[folder] {
			w.log.Warn("the folder of a configuration file cannot be watched; it is looked at every two seconds", "folder", folder, "err", err)
		}
	}
	w.names, w.folders = names, folders
}

// maxLinks bounds how many links lead to a file, as the system does.
const maxLinks = 40

// waypoints collects the path itself and every link on the way to the file.
func waypoints(path string, into map[string]bool, links int) {
	into[path] = true
	parts := strings.Split(filepath.Clean(path), string(filepath.Separator))
	at := string(filepath.Separator)
	for i, part := range parts {
		at = filepath.Join(at, part)
		info, err := os.Lstat(at)
		if err != nil || info.Mode()&os.ModeSymlink == 0 {
			continue
		}
		target, err := os.Readlink(at)
		if err != nil || links == 0 {
			return
		}
		into[at] = true
		if !filepath.IsAbs(target) {
			target = filepath.Join(filepath.Dir(at), target)
		}
		waypoints(filepath.Join(append([]string{target}, parts[i+1:]...)...), into, links-1)
		return
	}
}
