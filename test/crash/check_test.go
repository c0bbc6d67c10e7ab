package crash

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"oasis/test/servers"
)

// page is enough for all that a test makes.
const page = 5000

// finding is what the server and its disk show.
type finding struct {
	client *servers.Client
	files  string // the folder of the file store
}

// listed is an upload as the API lists it.
type listed struct {
	ID        string `json:"upload_id"`
	Name      string `json:"upload_name"`
	Running   bool   `json:"process_running"`
	Status    string `json:"process_status"`
	Message   string `json:"last_status_message"`
	Published bool   `json:"published"`
	Embargoed bool   `json:"with_embargo"`
}

func (f *finding) uploads(ctx context.Context) ([]listed, error) {
	var got struct {
		Pagination struct{ Total int }
		Data       []listed
	}
	err := f.client.Get(ctx, fmt.Sprintf("/uploads?page_size=%d", page), &got)
	if err == nil && got.Pagination.Total != len(got.Data) {
		err = fmt.Errorf("%d uploads are listed of %d", len(got.Data), got.Pagination.Total)
	}
	return got.Data, err
}

// raw reads every file of an upload that the API lists and gives their digests.
func (f *finding) raw(ctx context.Context, id string) (map[string]string, error) {
	sums := map[string]string{}
	return sums, f.rawBelow(ctx, id, "", sums)
}

func (f *finding) rawBelow(ctx context.Context, id, dir string, sums map[string]string) error {
	var got struct {
		Directory struct {
			Content []struct {
				Name   string `json:"name"`
				IsFile bool   `json:"is_file"`
				Size   int    `json:"size"`
			}
		} `json:"directory_metadata"`
	}
	if err := f.client.Get(ctx, fmt.Sprintf("/uploads/%s/rawdir/%s?page_size=%d", id, dir, page), &got); err != nil {
		return err
	}
	for _, child := range got.Directory.Content {
		at := path.Join(dir, child.Name)
		if !child.IsFile {
			if err := f.rawBelow(ctx, id, at, sums); err != nil {
				return err
			}
			continue
		}
		answer, err := f.client.Do(ctx, http.MethodGet, "/uploads/"+id+"/raw/"+at, nil)
		if err == nil && (answer.Status != http.StatusOK || len(answer.Body) != child.Size) {
			err = fmt.Errorf("%s is listed with %d bytes; reading it gave status %d and %d bytes", at, child.Size, answer.Status, len(answer.Body))
		}
		if err != nil {
			return err
		}
		sum := sha256.Sum256(answer.Body)
		sums[at] = hex.EncodeToString(sum[:])
	}
	return nil
}

// disk reads the raw files that lie on the disk for an upload.
func (f *finding) disk(id string) (map[string]string, error) {
	sums := map[string]string{}
	root := filepath.Join(f.files, "uploads", id[:2], id, "raw")
	err := filepath.WalkDir(root, func(at string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) && at == root {
			return nil
		}
		if err != nil || d.IsDir() {
			return err
		}
		body, err := os.ReadFile(at)
		if err != nil {
			return err
		}
		sum := sha256.Sum256(body)
		name, err := filepath.Rel(root, at)
		sums[filepath.ToSlash(name)] = hex.EncodeToString(sum[:])
		return err
	})
	return sums, err
}

// archives lists the entries that have an archive on the disk.
func (f *finding) archives(id string) (map[string]string, error) {
	files, err := filepath.Glob(filepath.Join(f.files, "uploads", id[:2], id, "archive", "*"))
	found := map[string]string{}
	for _, file := range files {
		entryID, _, _ := strings.Cut(filepath.Base(file), ".")
		found[entryID] = ""
	}
	return found, err
}

// empty lists the folders of an upload on the disk without anything in them.
func (f *finding) empty(id string) (found []string) {
	root := filepath.Join(f.files, "uploads", id[:2], id, "raw")
	err := filepath.WalkDir(root, func(at string, d fs.DirEntry, err error) error {
		if err != nil || !d.IsDir() || at == root {
			return err
		}
		in, err := os.ReadDir(at)
		if len(in) == 0 {
			found = append(found, at)
		}
		return err
	})
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		found = append(found, err.Error())
	}
	return found
}

// onDisk lists the uploads that have a folder.
func (f *finding) onDisk() ([]string, error) {
	dirs, err := filepath.Glob(filepath.Join(f.files, "uploads", "*", "*"))
	var ids []string
	for _, dir := range dirs {
		ids = append(ids, filepath.Base(dir))
	}
	return ids, err
}

// within lists what lies in the folder of an upload.
func (f *finding) within(id string) []string {
	var all []string
	root := filepath.Join(f.files, "uploads", id[:2], id)
	err := filepath.WalkDir(root, func(at string, _ fs.DirEntry, err error) error {
		all = append(all, strings.TrimPrefix(at, root))
		return err
	})
	if err != nil {
		all = append(all, err.Error())
	}
	return all
}

// leftovers lists what lies in the staging area and in the trash.
func (f *finding) leftovers() ([]string, error) {
	staged, err := filepath.Glob(filepath.Join(f.files, "staged", "*"))
	trash, err2 := filepath.Glob(filepath.Join(f.files, "trash", "*"))
	return append(staged, trash...), errors.Join(err, err2)
}

// entry is an entry as search or the list of an upload shows it.
type entry struct{ id, upload, mainfile, name string }

// searchable gives all entries of the user that search finds.
func (f *finding) searchable(ctx context.Context) ([]entry, error) {
	var all []entry
	for after := ""; ; {
		paging := map[string]any{"page_size": 500}
		if after != "" {
			paging["page_after_value"] = after
		}
		var got struct {
			Pagination struct {
				Total int
				Next  string `json:"next_page_after_value"`
			}
			Data []struct {
				EntryID  string `json:"entry_id"`
				UploadID string `json:"upload_id"`
				Mainfile string `json:"mainfile"`
				Name     string `json:"entry_name"`
			}
		}
		if err := f.client.Query(ctx, "/entries/query", map[string]any{"owner": "user", "pagination": paging}, &got); err != nil {
			return nil, err
		}
		for _, e := range got.Data {
			all = append(all, entry{e.EntryID, e.UploadID, e.Mainfile, e.Name})
		}
		if after = got.Pagination.Next; after == "" {
			if len(all) != got.Pagination.Total {
				return nil, fmt.Errorf("search gave %d entries of %d", len(all), got.Pagination.Total)
			}
			return all, nil
		}
	}
}

// processed gives the entries that an upload lists; each must have succeeded.
func (f *finding) processed(ctx context.Context, id string) ([]entry, error) {
	var got struct {
		Data []struct {
			EntryID  string   `json:"entry_id"`
			Mainfile string   `json:"mainfile"`
			Status   string   `json:"process_status"`
			Errors   []string `json:"errors"`
			Metadata struct {
				Name string `json:"entry_name"`
			} `json:"entry_metadata"`
		}
	}
	if err := f.client.Get(ctx, fmt.Sprintf("/uploads/%s/entries?page_size=%d", id, page), &got); err != nil {
		return nil, err
	}
	var all []entry
	for _, e := range got.Data {
		if e.Status != "SUCCESS" {
			return nil, fmt.Errorf("entry of %s is %s: %q", e.Mainfile, e.Status, e.Errors)
		}
		all = append(all, entry{e.EntryID, id, e.Mainfile, e.Metadata.Name})
	}
	return all, nil
}

// expected gives the entries that the files of an upload make, without their ids.
func expected(uploadID string, files tree) []entry {
	var all []entry
	for at, c := range files {
		if c.entry != "" {
			all = append(all, entry{"", uploadID, at, c.entry})
		}
	}
	return all
}

// sameEntries tells how two lists of entries differ but for ids and order, "" = not at all.
func sameEntries(got, want []entry) string {
	left := map[entry]int{}
	for _, e := range want {
		left[e]++
	}
	for _, e := range got {
		e.id = ""
		left[e]--
	}
	maps.DeleteFunc(left, func(_ entry, n int) bool { return n == 0 })
	var lines []string
	for e, n := range left {
		word := "missing"
		if n < 0 {
			word = "too many"
		}
		lines = append(lines, fmt.Sprintf("%s: %+v", word, e))
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

// differences tells how two sets of files differ.
func differences(got, want map[string]string) string {
	var lines []string
	for at, sum := range want {
		switch has, ok := got[at]; {
		case !ok:
			lines = append(lines, "missing: "+at)
		case has != sum:
			lines = append(lines, "other bytes: "+at)
		}
	}
	for at := range got {
		if _, ok := want[at]; !ok {
			lines = append(lines, "too many: "+at)
		}
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}
