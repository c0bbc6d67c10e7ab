package crash

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"oasis/test/servers"
)

// mountTmpfs mounts a small disk in memory.
func mountTmpfs(t *testing.T, at, size string) {
	t.Helper()
	if testing.Short() {
		t.Skip("-short: no servers are started")
	}
	if err := os.MkdirAll(at, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := unix.Mount("tmpfs", at, "tmpfs", 0, "mode=0700,size="+size); err != nil {
		servers.Missing(t, "a small disk", "mounting a tmpfs needs root: "+err.Error())
	}
	t.Cleanup(func() {
		if err := unix.Unmount(at, unix.MNT_DETACH); err != nil {
			t.Errorf("unmount %s: %v", at, err)
		}
	})
}

// disk is a server with an upload, and what was acknowledged of it.
type disk struct {
	*servers.Client
	t      *testing.T
	upload string
	files  map[string][]byte
}

func newDisk(t *testing.T, o *servers.Oasis) *disk {
	t.Helper()
	d := &disk{Client: o.Admin("ada"), t: t, files: map[string][]byte{}}
	o.Start()
	var made struct {
		ID string `json:"upload_id"`
	}
	got, err := d.Do(t.Context(), http.MethodPost, "/uploads?upload_name=full", nil)
	if err = errors.Join(err, json.Unmarshal(got.Body, &made)); err != nil {
		t.Fatalf("%v in %s", err, got.Body)
	}
	d.upload = made.ID
	return d
}

// put sends a file of n bytes and remembers it once it was acknowledged.
func (d *disk) put(name string, n int) (status int, detail string) {
	d.t.Helper()
	body := bytes.Repeat([]byte(name+"\n"), n/(len(name)+1)+1)[:n]
	got, err := d.Do(d.t.Context(), http.MethodPut, "/uploads/"+d.upload+"/raw/?file_name="+name, bytes.NewReader(body))
	if err != nil {
		d.t.Fatalf("PUT of %d bytes: %v", n, err)
	}
	if got.Status == http.StatusOK {
		d.files[name] = body
	}
	return got.Status, string(got.Body)
}

// refused sends a file that must be refused in these words.
func (d *disk) refused(name string, n, status int, words string) {
	d.t.Helper()
	if got, detail := d.put(name, n); got != status || !strings.Contains(detail, words) {
		d.t.Errorf("PUT of %d bytes: status %d, want %d with %q: %s", n, got, status, words, detail)
	}
}

func (d *disk) stored(name string, n int) {
	d.t.Helper()
	if got, detail := d.put(name, n); got != http.StatusOK {
		d.t.Errorf("PUT of %d bytes: status %d: %s", n, got, detail)
	}
}

// whole checks that exactly what was acknowledged is there.
func (d *disk) whole() {
	d.t.Helper()
	var dir struct {
		Directory struct {
			Content []struct{ Name string }
		} `json:"directory_metadata"`
	}
	if err := d.Get(d.t.Context(), "/uploads/"+d.upload+"/rawdir/?page_size=1000", &dir); err != nil {
		d.t.Fatal(err)
	}
	if len(dir.Directory.Content) != len(d.files) {
		d.t.Errorf("%d files are listed, %d were acknowledged", len(dir.Directory.Content), len(d.files))
	}
	for name, want := range d.files {
		got, err := d.Do(d.t.Context(), http.MethodGet, "/uploads/"+d.upload+"/raw/"+name, nil)
		if err != nil || got.Status != http.StatusOK || !bytes.Equal(got.Body, want) {
			d.t.Errorf("%s: status %d, %d bytes of %d, %v", name, got.Status, len(got.Body), len(want), err)
		}
	}
}

// settled waits until nothing is left in the staging area and the trash.
func settled(t *testing.T, data string) {
	t.Helper()
	await(t, 20*time.Second, func(context.Context) (bool, string) {
		for _, dir := range []string{"staged", "trash"} {
			left, err := os.ReadDir(filepath.Join(data, "files", dir))
			if err != nil {
				return false, err.Error()
			}
			if len(left) > 0 {
				return false, dir + " is not empty"
			}
		}
		return true, ""
	})
}

// fillUp takes all the room of a disk, as somebody else's program may.
func fillUp(t *testing.T, dir string) (giveBack func()) {
	t.Helper()
	path := filepath.Join(dir, "filler")
	out, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	for _, size := range []int{1 << 20, 1 << 12, 1} {
		for chunk := make([]byte, size); ; {
			if _, err = out.Write(chunk); err != nil {
				break
			}
		}
	}
	if !errors.Is(err, unix.ENOSPC) {
		t.Fatalf("the disk did not become full: %v", err)
	}
	return func() {
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
	}
}

// A disk that comes near its end refuses new bytes, and everything else goes on.
func TestDiskThatFillsUpRefusesNewBytesAndLosesNothing(t *testing.T) {
	t.Parallel()
	o := servers.NewOasis(t, servers.Binary(t), quiet, "NOMAD_SERVICES_MIN_FREE_SPACE=8MiB")
	mountTmpfs(t, o.Data, "48m")
	d := newDisk(t, o)
	d.stored("first", 10<<20)
	d.refused("large", 100<<20, http.StatusInsufficientStorage, "The disk of this server is full")
	d.whole()
	settled(t, o.Data)
	for i := 0; ; i++ { // until the floor is reached
		if status, detail := d.put("more"+string(rune('a'+i)), 4<<20); status != http.StatusOK {
			if status != http.StatusInsufficientStorage || !strings.Contains(detail, "The disk of this server is full") {
				t.Fatalf("status %d: %s", status, detail)
			}
			break
		}
		if i > 15 {
			t.Fatal("the floor was never reached")
		}
	}
	d.refused("small", 10, http.StatusInsufficientStorage, "The disk of this server is full")
	d.whole()
	// Deleting and moving still work below the floor, and make room.
	got, err := d.Do(t.Context(), http.MethodPut, "/uploads/"+d.upload+"/raw/?copy_or_move=move&copy_or_move_source_path=morea&file_name=moved", nil)
	if err != nil || got.Status != http.StatusOK {
		t.Fatalf("move: status %d %s, %v", got.Status, got.Body, err)
	}
	d.files["moved"] = d.files["morea"]
	delete(d.files, "morea")
	got, err = d.Do(t.Context(), http.MethodDelete, "/uploads/"+d.upload+"/raw/first", nil)
	if err != nil || got.Status != http.StatusOK {
		t.Fatalf("delete: status %d %s, %v", got.Status, got.Body, err)
	}
	delete(d.files, "first")
	settled(t, o.Data)
	d.stored("second", 4<<20)
	d.whole()

	// Without any room at all, not even for the database.
	giveBack := fillUp(t, o.Data)
	d.refused("none", 10, http.StatusInsufficientStorage, "The disk of this server is full")
	d.whole()
	giveBack()
	d.stored("third", 1<<20)
	d.whole()
	o.Stop()
	o.Start()
	d.whole()
	settled(t, o.Data)
}

// With no floor the disk fills up in the middle of a transaction or of a rename.
func TestDiskThatIsFullToTheLastByteRecovers(t *testing.T) {
	t.Parallel()
	o := servers.NewOasis(t, servers.Binary(t), quiet, "NOMAD_SERVICES_MIN_FREE_SPACE=0")
	mountTmpfs(t, o.Data, "32m")
	d := newDisk(t, o)
	for round := range 3 {
		d.stored(string(rune('a'+round)), 1<<20)
		giveBack := fillUp(t, o.Data)
		for _, n := range []int{1, 1000, 100_000, 3 << 20} {
			status, detail := d.put("new", n)
			if status == http.StatusOK { // a few pages may have been left
				continue
			}
			if status != http.StatusInsufficientStorage || !strings.Contains(detail, "full") {
				t.Errorf("PUT of %d bytes: status %d: %s", n, status, detail)
			}
		}
		d.whole()
		giveBack()
		d.stored("after", 2<<20)
		d.whole()
		if round == 1 {
			o.Kill()
			o.Start()
			d.whole()
		}
	}
	settled(t, o.Data)
}

// A disk that turns read-only, as Linux makes it after a fault, gives answers that say so.
func TestReadOnlyDiskSaysSoAndRecovers(t *testing.T) {
	t.Parallel()
	o := servers.NewOasis(t, servers.Binary(t), quiet)
	files := filepath.Join(o.Data, "files")
	mountTmpfs(t, files, "512m")
	d := newDisk(t, o)
	d.stored("first", 1<<20)
	d.stored("small", 10)
	settled(t, o.Data)
	remount := func(flags uintptr) {
		t.Helper()
		if err := unix.Mount("tmpfs", files, "tmpfs", unix.MS_REMOUNT|flags, "mode=0700,size=512m"); err != nil {
			t.Fatal(err)
		}
	}
	remount(unix.MS_RDONLY)
	for _, n := range []int{10, 1 << 20} {
		d.refused("second", n, http.StatusServiceUnavailable, "can only be read at the moment")
	}
	d.whole()
	remount(0)
	d.stored("second", 1<<20)
	d.whole()
	settled(t, o.Data)
	if said := o.Said(); !strings.Contains(said, "read-only file system") {
		t.Errorf("the log does not name the reason: %s", said)
	}
}
