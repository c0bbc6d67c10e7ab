package cli

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
)

// journal remembers what was sent, one line of JSON for each step, so that the same
// command goes on after a break.
type journal struct {
	path     string
	uploadID string

	mu    sync.Mutex
	file  *os.File
	files map[string]record
}

// record is a line of a journal.
type record struct {
	UploadID string `json:"upload_id,omitempty"`
	Name     string `json:"name,omitempty"`
	Size     int64  `json:"size,omitempty"`
	Changed  int64  `json:"changed,omitempty"`
	SHA256   string `json:"sha256,omitempty"`
	Address  string `json:"address,omitempty"`
	Done     bool   `json:"done,omitempty"`
}

func recordOf(f *outgoing, sum, address string) record {
	return record{Name: f.name, Size: f.size, Changed: f.changed, SHA256: sum, Address: address}
}

// openJournal opens that of a command: of a server, a target and paths.
func (r *run) openJournal(server, to, name string, paths []string) (*journal, error) {
	l, err := r.openLogins() // journals lie beside the sign-ins
	if err != nil {
		return nil, err
	}
	about := []string{server, to, name}
	for _, p := range paths {
		whole, err := filepath.Abs(p)
		if err != nil {
			return nil, err
		}
		about = append(about, whole+strings.Repeat("/", len(p)-len(strings.TrimRight(p, "/"))))
	}
	sum := sha256.Sum256([]byte(strings.Join(about, "\x00")))
	dir := filepath.Join(filepath.Dir(l.path), "uploads")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the folder for what was sent: %w", err)
	}
	j := &journal{path: filepath.Join(dir, hex.EncodeToString(sum[:8])+".jsonl"), files: map[string]record{}}
	if err := j.read(); err != nil {
		return nil, err
	}
	if j.file, err = os.OpenFile(j.path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600); err != nil {
		return nil, fmt.Errorf("open the list of what was sent: %w", err)
	}
	return j, nil
}

// read takes what an earlier run has noted; a line that was cut by its end does not count.
func (j *journal) read() error {
	file, err := os.Open(j.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read the list of what was sent: %w", err)
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		var r record
		if json.Unmarshal(lines.Bytes(), &r) != nil {
			continue
		}
		if r.UploadID != "" {
			j.uploadID = r.UploadID
		} else {
			j.files[r.Name] = r
		}
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("read %s (remove it to begin anew): %w", j.path, err)
	}
	return nil
}

// note adds a line.
func (j *journal) note(r record) error {
	line, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("note what was sent: %w", err)
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	if r.Name != "" {
		j.files[r.Name] = r
	} else {
		j.uploadID = r.UploadID
	}
	// A line break first: an earlier run may have been cut in the middle of a line.
	if _, err := j.file.Write(append([]byte{'\n'}, line...)); err != nil {
		return fmt.Errorf("note what was sent: %w", err)
	}
	return nil
}

func (j *journal) get(f *outgoing) (record, bool) {
	j.mu.Lock()
	defer j.mu.Unlock()
	r, known := j.files[f.name]
	return r, known && r.Size == f.size && r.Changed == f.changed
}

// done tells whether a file is there as it is now.
func (j *journal) done(f *outgoing) bool {
	r, known := j.get(f)
	return known && r.Done
}

// address is where a file goes on, "" = it was not begun.
func (j *journal) address(f *outgoing, sum string) string {
	if r, known := j.get(f); known && r.SHA256 == sum && !r.Done {
		return r.Address
	}
	return ""
}

func (j *journal) close() error { return j.file.Close() }

// remove ends the journal: all is there.
func (j *journal) remove() error { return errors.Join(j.file.Close(), os.Remove(j.path)) }
